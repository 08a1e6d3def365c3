"""The report on screen: the same words, figures and tables as in the PDF, drawn from the same value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

from ui.widgets.details_fold import DetailsFold
from ui.widgets.range_bars import RangeBars
from ui.widgets.text import label, listed
from ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from advisor.advice import Report, Section

# What an owner reads first, in this order; everything else is one press away.
FIRST: Final = ("why", "relax", "changes", "cautions", "compare", "risks", "first-steps")


def ordered(report: Report) -> tuple[tuple[Section, ...], tuple[Section, ...]]:
    """The sections shown at once and the folded ones."""
    by_id = {s.id: s for s in report.sections}
    first = tuple(by_id[i] for i in FIRST if i in by_id)
    return first, tuple(s for s in report.sections if s.id not in FIRST)


class _Facts(QFrame):
    """The three large figures: beside each other where there is room, else in rows."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.setProperty("card", "true")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        chip = label(report.confidence, "chip")
        chip.setWordWrap(False)
        chip.setProperty("tone", "good" if report.confidence.lower() in ("sure", "fairly sure") else "caution")
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(chip, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(label(report.confidence_why, "hint"), 1)
        column.addLayout(top)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(10)
        column.addLayout(self._grid)
        self._rows = [(label(f.label, "strong"), label(f.value, "figure"), label(f.note, "hint")) for f in report.facts]
        self._narrow: bool | None = None
        self._place(False)

    def _place(self, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for i, row in enumerate(self._rows):
            for j, part in enumerate(row):
                self._grid.removeWidget(part)
                if narrow:
                    self._grid.addWidget(part, 4 * i + j, 0)
                else:
                    part.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
                    self._grid.addWidget(part, i, j)
        # In one column the three parts of a figure keep together.
        self._grid.setVerticalSpacing(2 if narrow else 10)
        for i in range(len(self._rows) - 1):
            self._grid.setRowMinimumHeight(4 * i + 3, 12 if narrow else 0)
        for column, stretch in enumerate((3, 3, 4)):
            self._grid.setColumnStretch(column, stretch if not narrow or column == 0 else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(event.size().width() < self.fontMetrics().averageCharWidth() * 54)


class ReportView(QWidget):
    """All of a report below its verdict."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(24)
        column.addWidget(_Facts(report))
        self._sections = {s.id: s for s in report.sections}
        self._filled: dict[str, QVBoxLayout] = {}
        first, rest = ordered(report)
        for section in first:
            column.addWidget(self._caution(section) if section.id == "changes" else self._open(section))
        if rest:
            details = QVBoxLayout()
            details.setSpacing(4)
            details.addWidget(label("Details", "section"))
            for section in rest:
                details.addWidget(self._folded(section))
            column.addLayout(details)
        column.addWidget(label(report.footer, "small"))

    def take(self, report: Report) -> bool:
        """Show a later form of the same report: sections that say something else are filled again, all else stays as it is.

        Folds stay open or closed. `False` if the sections are others, so that the report has to be drawn anew.
        """
        if [s.id for s in report.sections] != list(self._sections):
            return False
        for section in report.sections:
            if section != self._sections[section.id]:
                self._sections[section.id] = section
                if section.id in self._filled:
                    _empty(self._filled[section.id])
                    self._draw(section.id)
        return True

    def _draw(self, id: str) -> None:
        column, section = self._filled[id], self._sections[id]
        if section.id in FIRST:
            column.addWidget(label(section.title, "section"))
        _fill(column, section)

    def _open(self, section: Section) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._filled[section.id] = column
        self._draw(section.id)
        return made

    def _caution(self, section: Section) -> QWidget:
        made = QFrame()
        made.setProperty("box", "caution")
        column = QVBoxLayout(made)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        self._filled[section.id] = column
        self._draw(section.id)
        return made

    def _folded(self, section: Section) -> QWidget:
        fold, id = DetailsFold(section.title, gap=8), section.id

        def fill(is_open: bool) -> None:
            # A ledger has hundreds of rows: it is drawn when it is asked for.
            if is_open and id not in self._filled:
                self._filled[id] = fold.body
                self._draw(id)

        fold.button.toggled.connect(fill)
        return fold


def _empty(column: QLayout) -> None:
    while (item := column.takeAt(0)) is not None:
        part = item.widget()
        if part is not None:
            part.hide()
            part.deleteLater()


def _fill(column: QLayout, section: Section) -> None:
    for words in section.paragraphs:
        column.addWidget(label(words))
    for words in section.bullets:
        column.addWidget(listed("•", words))
    for i, words in enumerate(section.steps, start=1):
        column.addWidget(listed(f"{i}.", words))
    if section.chart is not None:
        column.addWidget(_above(label(section.chart.title, "strong")))
        column.addWidget(RangeBars(section.chart))
    if section.table is not None:
        if section.table.title:
            column.addWidget(_above(label(section.table.title, "strong")))
        column.addWidget(TextTable(section.table))
        if section.table.note:
            column.addWidget(label(section.table.note, "small"))


def _above(title: QLabel) -> QLabel:
    """A title with air above it, so that it belongs to what follows."""
    title.setContentsMargins(0, 8, 0, 0)
    return title
