"""Every answer once more, each with a way to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from advisor.need import Need
from advisor.session import to_need
from ui import wording, words
from ui.page import Answer, Page
from ui.widgets.text import label, line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.session import Session
    from ui.outside import Outside

# What the fold of the money page asks beside the tax.
_BILL = (
    "lost_hour", "line_down_hours_per_year", "retrainings_per_year", "labels_per_retraining", "people_using", "fittings_per_site",
    "it_firm_per_month", "care_contract", "second_line_per_month", "discount_percent",
)  # fmt: skip
_YES_NO = ((True, "Yes"), (False, "No"), (words.NOT_SURE, "Not sure"))


class CheckPage(Page):
    """A list of the answers in groups."""

    id = "check"
    title = "Check your answers"
    hint = "Nothing is worked out yet. Change what is not right."
    main_words = "Work out the answer"

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._groups: list[QWidget] = []
        self._buttons: list[QPushButton] = []

    def show_answers(self) -> None:
        for group in self._groups:
            self.body.removeWidget(group)
            group.hide()
            group.deleteLater()
        self._groups, self._buttons = [], []
        for title, rows in answers(self.session, self.outside.locale):
            self._groups.append(self._group(title, rows))
            self.body.addWidget(self._groups[-1])

    def _group(self, title: str, rows: list[tuple[str, str, str]]) -> QWidget:
        card = QFrame()
        card.setProperty("card", "true")
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(6)
        column.addWidget(label(title, "section"))
        for i, (question, told, page) in enumerate(rows):
            if i:
                column.addWidget(line())
            row = QHBoxLayout()
            row.setSpacing(12)
            row.addWidget(label(question, "hint"), 2)
            row.addWidget(label(told), 3)
            button = QPushButton("Change")
            button.setProperty("quiet", "true")
            button.setAutoDefault(True)
            button.setAccessibleName(f"Change: {question}")
            button.clicked.connect(lambda _=False, p=page: self.change_wanted.emit(p))
            self._buttons.append(button)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
            column.addLayout(row)
        return card

    def answer(self) -> Answer:
        need = to_need(self.session)
        return self.session if isinstance(need, Need) else need

    def first_focus(self) -> QWidget | None:
        return None


def answers(s: Session, locale: str) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Groups of (question, answer in words, page that asks it)."""

    def number(value: float | None, unit: str = "", empty: str = "we work it out") -> str:
        return f"{wording.number(value, locale)} {unit}".strip() if value is not None else empty

    def said(value: object, *lists: object, empty: str = "not asked") -> str:
        return words.words_for(value, *lists) or empty

    unit = words.plural(s.unit or "piece")
    yield (
        "Your need",
        [
            ("The work", words.task_words(s.task) or "not chosen yet", "task"),
            ("How much", f"{number(s.units_per_day)} {unit} a day" if s.units_per_day is not None else "not given yet", "volume"),
            ("In the busiest hour", number(s.busiest_hour_units), "volume"),
            ("Days a week", number(s.days_per_week, empty="6, our choice"), "volume"),
            ("An answer must come", said(s.limit_ms, words.SPEEDS), "speed"),
            ("Something simpler could do it", said(s.simple_rule_could_do, _YES_NO), "plain_way"),
        ],
    )
    yield "Your model", [("The model", said(s.model_choice, words.MODELS), "model"), *_model(s, locale)]
    people = [
        ("It recognises people", said(s.identifies_people, _YES_NO), "people"),
        ("It helps decide about people", said(s.decision_about_people, _YES_NO), "people"),
    ]
    if s.legal_basis_confirmed is not None:
        people.append(
            (
                "Somebody confirmed you may",
                said(s.legal_basis_confirmed, ((True, "Yes"), (False, "Not yet"), (words.NOT_SURE, "Not sure"))),
                "people",
            )
        )
    yield (
        "Your data and rules",
        [
            ("What is in the data", said(s.data, words.DATA), "data"),
            ("Where it may go", said(s.data_must_stay, words.STAY), "data"),
            *people,
            ("It may stand still for", said(s.longest_outage_minutes, words.OUTAGES), "bad_days"),
            ("It must work without internet", said(s.must_work_without_internet, _YES_NO), "bad_days"),
        ],
    )
    country = dict(wording.countries(locale, (s.country,))).get(s.country, s.country) if s.country else "not chosen yet"
    owned = "; ".join(f"{o.what} ({said(o.free, words.FREE).removeprefix('Yes, ')})" for o in s.owned) or "none that may be used"
    limits = [
        f"to buy {wording.money(s.upfront_max, s.currency or '', locale)}" if s.upfront_max is not None else "",
        f"each month {wording.money(s.monthly_max, s.currency or '', locale)}" if s.monthly_max is not None else "",
    ]
    more = sum(getattr(s, name) is not None for name in _BILL)
    yield (
        "Your place",
        [
            ("Country", str(country), "firm"),
            ("Firm", s.firm or "no name given", "firm"),
            ("Who looks after computers", said(s.it_skill, words.IT_SKILL[1:], empty="a little, our choice"), "firm"),
            ("Internet", said(s.internet, words.INTERNET), "site"),
            ("Your computers", owned, "computers"),
            ("It may cost at most", ", ".join(part for part in limits if part) or "no limit", "money"),
            ("Years we reckon with", number(s.horizon_years, empty="3, our choice"), "money"),
            ("Tax", said(s.with_tax, words.TAX[1:], empty="left out, our choice"), "money"),
            ("More about the bill", f"{more} told" if more else "nothing told", "money"),
            ("Prices of your own", f"{len(s.quotes)} typed" if s.quotes else "none, we take ours", "prices"),
        ],
    )
    if s.model_choice == "file":
        told = "done" if s.measurement else "left out, so the ranges are wider"
        yield "Test run", [("The test on this computer", told, "test_run")]


def _model(s: Session, locale: str) -> list[tuple[str, str, str]]:
    match s.model_choice:
        case "file":
            name = s.profile.name if s.profile else (s.model_path or "no file yet").replace("\\", "/").rsplit("/", 1)[-1]
            sizes = ", ".join(f"{n} {wording.number(v, locale)}" for n, v in s.sizes)
            about = ", ".join(part for part in (sizes, "with samples of your own" if s.samples_path else "") if part)
            return [("Its file", f"{name} ({about})" if about else name, "model_file")]
        case "service":
            return [("The service", s.service or "not chosen yet", "model_service")]
        case "size" if s.params_billions is not None:
            return [("Its size", f"{wording.number(s.params_billions, locale)} billion weights", "model_size")]
        case "size" if s.params_millions is not None:
            return [("Its size", f"{wording.number(s.params_millions, locale)} million weights", "model_size")]
        case _:
            return []


PAGE = CheckPage
