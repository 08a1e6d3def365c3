"""How is the place of work?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui import words
from ui.page import Answer, Page
from ui.widgets.choice_cards import ChoiceCards
from ui.widgets.details_fold import DetailsFold
from ui.widgets.inputs import ListField, NumberField

if TYPE_CHECKING:
    from ui.outside import Outside


class SitePage(Page):
    """Internet line, power and surroundings."""

    id = "site"
    title = "What internet does the place of work have?"
    hint = "Everything that is rented has to be reached over this line."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        loc = outside.locale
        self.internet = ChoiceCards("site.internet", "", words.INTERNET, columns=2)
        self.uplink = NumberField(
            "site.uplink_mbps",
            "Upload speed, if you know it",
            "Mbit/s",
            "It stands in your contract. Leave it empty and we take a usual one.",
            locale=loc,
            more_than_least=True,
            most=1e6,
        )
        self.body.addWidget(self.internet)
        self.body.addWidget(self.uplink)
        self.more = DetailsFold("More about the place")
        self.traffic = ListField("site.traffic_comes_from", "Where does the work come from?", words.TRAFFIC)
        self.power = ListField("site.power", "Where does the power come from?", words.POWER)
        self.watts = NumberField(
            "site.power_limit_w",
            "Most power it may use",
            "watts",
            "Leave it empty if there is no limit.",
            locale=loc,
            more_than_least=True,
            most=1e7,
        )
        self.place = ListField("site.place", "Where would a computer stand?", words.PLACES)
        for field in (self.traffic, self.power, self.watts, self.place):
            self.more.body.addWidget(field)
        self.body.addWidget(self.more)
        self.internet.changed.connect(lambda: self.uplink.setVisible(self.internet.value() != "none"))

    def show_answers(self) -> None:
        s = self.session
        self.internet.set_value(s.internet)
        self.uplink.set_value(s.uplink_mbps)
        self.uplink.setVisible(s.internet != "none")
        self.traffic.set_value(s.traffic_comes_from)
        self.power.set_value(s.power)
        self.watts.set_value(s.power_limit_w)
        self.place.set_value(s.place)
        if any(v is not None for v in (s.traffic_comes_from, s.power, s.power_limit_w, s.place)):
            self.more.open()

    def read(self) -> Answer:
        return replace(
            self.session,
            internet=self.internet.value(),  # type: ignore[arg-type]
            uplink_mbps=self.uplink.value() if self.internet.value() != "none" else None,
            traffic_comes_from=self.traffic.value(),  # type: ignore[arg-type]
            power=self.power.value(),  # type: ignore[arg-type]
            power_limit_w=self.watts.value(),
            place=self.place.value(),  # type: ignore[arg-type]
        )


PAGE = SitePage
