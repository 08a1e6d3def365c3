"""The test run: the owner's model timed on this computer, in a process of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QElapsedTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from advisor.measurement import inputs_in_words
from advisor.problems import Problem
from advisor.slimmer import in_words
from ui import wording
from ui.page import Answer, Page
from ui.widgets.choice_cards import Choice, ChoiceCards
from ui.widgets.text import label, listed
from ui.widgets.wrapping_row import WrappingRow

if TYPE_CHECKING:
    from advisor.measurement import Measurement
    from ui.child import Child
    from ui.outside import Outside

# A guess of the time left is not worth showing before this share is done.
_SHARE_TO_GUESS: Final = 0.08
_LONGER_WITH_COPIES: Final = 3
_WHAT: Final = (
    Choice(False, "The model as it is", "This is enough for most."),
    Choice(
        True,
        "The model and slimmer copies of it",
        "A copy with smaller numbers inside may be faster, but its answers may change. We time it and compare the answers.",
    ),
)


class TestRunPage(Page):
    """One bar, words above it, the time left, Stop. Skipping is possible, with a word on what is lost."""

    __test__ = False  # not a test, whatever its name says to pytest

    id = "test_run"
    title = "Shall we time your model on this computer?"

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._child: Child | None = None
        self._skip = False
        self._warnings: list[str] = []
        self._clock = QElapsedTimer()
        self._said = 0
        self.before = QFrame()
        self.before.setProperty("card", "true")
        steps = QVBoxLayout(self.before)
        steps.setContentsMargins(16, 12, 16, 16)
        steps.setSpacing(8)
        steps.addWidget(label("Before you start", "section"))
        for words in ("Plug in the laptop.", "Close big programs.", "Leave the computer alone while the test runs."):
            steps.addWidget(listed("•", words))
        self.body.addWidget(self.before)
        self.what = ChoiceCards("job.model.copies", "What shall we time?", _WHAT, needed=False)
        self.what.changed.connect(lambda: self._choose())
        self.body.addWidget(self.what)
        self.panel = QFrame()
        self.panel.setProperty("card", "true")
        inside = QVBoxLayout(self.panel)
        inside.setContentsMargins(16, 16, 16, 16)
        inside.setSpacing(8)
        self.words = label("Getting ready…", "strong")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the test run")
        self.left = label("", "hint")
        self.stop = QPushButton("Stop the test")
        self.stop.setAutoDefault(True)
        self.stop.clicked.connect(lambda _=False: self._stop_pressed())
        row = QHBoxLayout()
        row.addWidget(self.left, 1)
        row.addWidget(self.stop)
        inside.addWidget(self.words)
        inside.addWidget(self.bar)
        inside.addLayout(row)
        self.body.addWidget(self.panel)
        self.outcome = QFrame()
        self.outcome.setProperty("box", "good")
        out = QVBoxLayout(self.outcome)
        out.setContentsMargins(16, 12, 16, 12)
        out.setSpacing(6)
        self.outcome_title = label("", "section")
        self.outcome_words = label("")
        out.addWidget(self.outcome_title)
        out.addWidget(self.outcome_words)
        self.body.addWidget(self.outcome)
        self.again = QPushButton("Run it again")
        self.again.setAutoDefault(True)
        self.again.clicked.connect(lambda _=False: self._start())
        self.skip = QPushButton("Go on without the test")
        self.skip.setAutoDefault(True)
        self.skip.clicked.connect(lambda _=False: self._skip_pressed())
        self.others = QPushButton("Add a test run from another computer")
        self.others.setAutoDefault(True)
        self.others.clicked.connect(lambda _=False: self._pick_other())
        self.drop = QPushButton("Leave those out")
        self.drop.setAutoDefault(True)
        self.drop.clicked.connect(lambda _=False: self._drop_others())
        self.added = label("", "hint")
        self.lost = label("Without it we reckon from timings of like computers, and the ranges get wider.", "hint")
        self.body.addWidget(WrappingRow(self.again, self.skip))
        self.body.addWidget(self.lost)
        self.body.addWidget(self.added)
        self.body.addWidget(WrappingRow(self.others, self.drop))

    @property
    def running(self) -> bool:
        """Whether the test runs just now."""
        return self._child is not None

    @property
    def child(self) -> Child | None:
        """The process that runs, if any."""
        return self._child

    def show_answers(self) -> None:
        self._skip = False
        self.what.set_value(bool(self.session.try_copies))
        self._draw()

    def _draw(self) -> None:
        measured = self.session.measurement
        running = self.running
        self.before.setVisible(not running and measured is None)
        self.what.setVisible(not running and measured is None)
        self.panel.setVisible(running)
        self.outcome.setVisible(not running and measured is not None)
        self.again.setVisible(not running and measured is not None)
        self.skip.setVisible(not running and measured is None)
        self.lost.setVisible(not running and measured is None)
        self.others.setVisible(not running)
        self.drop.setVisible(not running and bool(self.session.elsewhere))
        self.added.setVisible(not running and bool(self.session.elsewhere))
        self.added.setText(" ".join(self._told_of(m) for m in self.session.elsewhere))
        if measured is not None:
            self._show_outcome("caution" if measured.warnings else "good", *self._told(measured))
        self.title = "We are timing your model" if running else "Your model was timed" if measured else TestRunPage.title
        self.hint = "" if running or measured else f"{self._takes()} Your own computer tells more than any table."
        self.main_words = "Continue" if running or measured else "Run the test"
        self.words_changed.emit()

    def _told_of(self, measured: Measurement) -> str:
        half = next(r.median_ms for r in measured.runs if r.scenario == "single-stream")
        return f"On {measured.machine.name}: half of the answers came within {_time(half, self.outside.locale)}."

    def _pick_other(self) -> None:
        from advisor import measurement
        from advisor.problems import AdvisorError

        path = self.outside.pick_file(self, "Choose the test run (M.json)", "Test runs (*.json)")
        if path is None:
            return
        try:
            self.session = self.session.with_elsewhere(measurement.read(path))
        except AdvisorError as error:
            self.problems_found.emit(error.problems)
            return
        self._others_changed()

    def _drop_others(self) -> None:
        self.session = replace(self.session, elsewhere=())
        self._others_changed()

    def _others_changed(self) -> None:
        self.problems_found.emit(())
        self.answered.emit(self.session)
        self._draw()
        self.others.setFocus()

    def _takes(self) -> str:
        seconds = self.outside.benchmark_seconds * (_LONGER_WITH_COPIES if self.session.try_copies else 1)
        words = "half a minute" if seconds == 30 else f"{wording.number(seconds, self.outside.locale)} seconds"
        return f"It takes about {words}."

    def _show_outcome(self, box: str, title: str, words: str) -> None:
        from ui.widgets.text import restyle

        self.outcome.setProperty("box", box)
        restyle(self.outcome)
        self.outcome_title.setText(title)
        self.outcome_words.setText(words)

    def _told(self, measured: Measurement) -> tuple[str, str]:
        n = self.outside.locale
        half = measured.as_is.median_ms
        words = f"Half of the answers came within {_time(half, n)}. Over several tries it was {_span(*measured.range_ms, n)}."
        trust = {"good": "You can rely on this.", "fair": "This is fairly reliable.", "poor": "Take this with care."}[measured.trust]
        fed = f"We fed it {inputs_in_words(measured.model.inputs)}. {_how(measured)}"

        def share(x: float) -> str:
            return wording.number(round(x, 2), n)

        copies = " ".join(in_words(c, measured.agreement.get(c.precision), share) for c in measured.copies)
        warned = " ".join(f"{w.text} {w.advice}" for w in measured.warnings)
        return f"{_time(half, n)} for one answer", " ".join(part for part in (words, fed, trust, copies, warned) if part)

    # ---- running -------------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        chosen = self.what.value() is True
        if chosen != bool(self.session.try_copies):
            self.session = replace(self.session, try_copies=chosen)
            self.answered.emit(self.session)
            self._draw()

    def press_main(self) -> bool:
        if self.running or self._skip or self.session.measurement is not None:
            return False
        self._start()
        return True

    def answer(self) -> Answer:
        if self.running:
            return (Problem("BUSY", "", "The test is still running.", "", "Wait until it is done, or press “Stop the test”."),)
        return self.session

    def _start(self) -> None:
        from advisor.benchmark.client import measure_job
        from ui.child import Child

        path = self.session.model_path
        if path is None:
            return
        self.problems_found.emit(())
        self._warnings, self._said = [], 0
        self.bar.setValue(0)
        self.words.setText("Getting ready…")
        self.left.setText("")
        samples = self.session.samples_path
        job = measure_job(
            Path(path),
            inputs=Path(samples) if samples else None,
            sizes=dict(self.session.sizes),
            seconds=self.outside.benchmark_seconds,
            precision="all" if self.session.try_copies else "as-is",
        )
        self._child = Child(job, self.outside.benchmark_command, self)
        self._child.progressed.connect(self._progressed)
        self._child.finished.connect(self._finished)
        self._child.failed.connect(self._failed)
        self._child.cancelled.connect(self._cancelled)
        self._clock.start()
        self.session = replace(self.session, measurement=None)
        self._draw()
        self.stop.setFocus()

    def _progressed(self, share: float, words: str) -> None:
        # A bar never goes back, whatever the process says.
        share = max(self.bar.value() / 1000, min(share, 1.0))
        self.bar.setValue(round(share * 1000))
        self.words.setText(words)
        if share >= _SHARE_TO_GUESS:
            spent = self._clock.elapsed() / 1000
            self.left.setText(wording.how_long(spent * (1 - share) / share))
        if int(share * 4) > self._said:
            self._said = int(share * 4)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, f"{self._said * 25} per cent done"))

    def _finished(self, measured: Measurement) -> None:
        self._child = None
        self.session = replace(self.session, measurement=measured).finished(self.id)
        self.answered.emit(self.session)
        self._draw()
        # What came of slimmer copies is to be read before the owner goes on.
        if not measured.warnings and not measured.copies:
            self.going_on.emit()

    def _failed(self, problems: tuple[Problem, ...]) -> None:
        self._child = None
        self._draw()
        self.problems_found.emit(problems)

    def _cancelled(self) -> None:
        self._child = None
        self._draw()

    def _stop_pressed(self) -> None:
        if self._child is not None:
            self._child.cancel()

    def _skip_pressed(self) -> None:
        self._skip = True
        self.going_on.emit()

    def leave(self) -> None:
        self._stop_pressed()

    def first_focus(self) -> QWidget | None:
        return None


def _how(measured: Measurement) -> str:
    """Fresh starts, cores and power: what the figure holds for."""
    starts, cores = len(measured.rounds), measured.as_is.threads
    power = {"mains": ", plugged in", "battery": ", on its battery"}.get(measured.machine.power_source or "", "")
    start_words = f"{starts} fresh {'start' if starts == 1 else 'starts'}"
    return f"It ran in {start_words} on {cores} {'core' if cores == 1 else 'cores'}{power}."


def _time(ms: float, locale: str) -> str:
    value, unit = (ms, "milliseconds") if ms < 1000 else (ms / 1000, "seconds")
    return f"{wording.number(float(f'{value:.2g}'), locale)} {unit}"


def _span(low: float, high: float, locale: str) -> str:
    first, last = _time(low, locale), _time(high, locale)
    # "22 to 25 milliseconds": the unit once, where it is the same.
    number, _, unit = first.partition(" ")
    return f"{number} to {last}" if last.endswith(f" {unit}") else f"{first} to {last}"


PAGE = TestRunPage
