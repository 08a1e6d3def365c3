"""How much work is there?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton

from ui import wording, words
from ui.page import Answer, Page
from ui.widgets.details_fold import DetailsFold
from ui.widgets.inputs import ListField, NumberField, TextField
from ui.widgets.text import label
from ui.widgets.wrapping_row import WrappingRow

if TYPE_CHECKING:
    from ui.outside import Outside, Sample

# Opening hours of a small firm, for the busiest hour that a press on a preset fills in: a third of the day's work.
_BUSIEST_SHARE = 1 / 3


class VolumePage(Page):
    """Pieces of work a day, the busiest hour and the days; presets fill them in."""

    id = "volume"
    title = "How much work is there?"
    hint = "A rough number is fine. The busiest hour decides how strong the computer must be."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._sample: Sample | None = None
        self.body.addWidget(label("No numbers at hand? Start from one of these and change it:"))
        self.presets = [QPushButton() for _ in range(3)]
        for button in self.presets:
            button.setAutoDefault(True)
        self.body.addWidget(WrappingRow(*self.presets))
        loc = outside.locale
        self.day = NumberField("load.units_per_day", "On a usual day", locale=loc, more_than_least=True, needed=True)
        self.hour = NumberField(
            "load.busiest_hour_units", "In the busiest hour", locale=loc, more_than_least=True, hint="Leave it empty and we work it out."
        )
        self.week = NumberField(
            "load.days_per_week", "Days a week", "days", locale=loc, more_than_least=True, most=7, hint="Leave it empty for 6."
        )
        for field in (self.day, self.hour, self.week):
            self.body.addWidget(field)
        self.more = DetailsFold("More about the work")
        self.unit = TextField("job.unit", "What do you call one piece of work?", most=60)
        self.when = ListField("load.arrivals", "When does the work come?", words.ARRIVALS)
        self.hours = NumberField(
            "load.open_hours_per_day", "Hours a day in which work comes", "hours", locale=loc, more_than_least=True, most=24
        )
        self.piece = NumberField(
            "load.input_kb_per_unit", "Size of one piece", "kB", locale=loc, most=1e9, hint="A phone photo has about 3000 kB."
        )
        self.growth = NumberField("load.growth_percent_per_year", "Growth each year", "%", locale=loc, least=-90, most=1000)
        self.sites = NumberField("load.sites", "Places where the work is done", "", locale=loc, least=1, most=100000, whole=True)
        for more in (self.unit, self.when, self.hours, self.piece, self.growth, self.sites):
            self.more.body.addWidget(more)
        self.body.addWidget(self.more)
        self.source = label("", "small")
        self.body.addWidget(self.source)

    def show_answers(self) -> None:
        s = self.session
        self._sample = sample = self.outside.sample(s.task or "other")
        for button, name, units in zip(self.presets, ("Small", "Usual", "Busy"), (sample.small, sample.typical, sample.busy), strict=True):
            button.setText(f"{name}: {wording.number(units, self.outside.locale)} a day")
            button.clicked.disconnect() if button.receivers("2clicked(bool)") else None
            button.clicked.connect(lambda _=False, u=units: self._take(u))
        size = wording.number(sample.input_kb, self.outside.locale)
        self.source.setText(
            f"Where the three numbers are from: {sample.source}. We take {size} kB as the size of one piece unless you say otherwise."
        )
        self._name_units(s.unit or sample.unit)
        self.day.set_value(s.units_per_day)
        self.hour.set_value(s.busiest_hour_units)
        self.week.set_value(s.days_per_week)
        self.unit.set_value(s.unit or sample.unit)
        self.when.set_value(s.arrivals)
        self.hours.set_value(s.open_hours_per_day)
        self.piece.set_value(s.input_kb_per_unit)
        self.growth.set_value(s.growth_percent_per_year)
        self.sites.set_value(s.sites)

    def _name_units(self, unit: str) -> None:
        self.day.set_unit(words.plural(unit))
        self.hour.set_unit(words.plural(unit))

    def _take(self, units: float) -> None:
        self.day.set_value(units)
        self.hour.set_value(float(max(1, round(units * _BUSIEST_SHARE))))
        self.day.check()
        self.hour.check()

    def read(self) -> Answer:
        sites = self.sites.value()
        return replace(
            self.session,
            unit=self.unit.value() or (self._sample.unit if self._sample else None),
            units_per_day=self.day.value(),
            busiest_hour_units=self.hour.value(),
            days_per_week=self.week.value(),
            arrivals=self.when.value(),  # type: ignore[arg-type]
            open_hours_per_day=self.hours.value(),
            input_kb_per_unit=self.piece.value(),
            growth_percent_per_year=self.growth.value(),
            sites=None if sites is None else int(sites),
        )


PAGE = VolumePage
