"""Which online service?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui.page import Answer, Page
from ui.widgets.inputs import ListField
from ui.widgets.text import label

if TYPE_CHECKING:
    from ui.outside import Outside


class ModelServicePage(Page):
    """One of the services in the catalog that do this kind of work."""

    id = "model_service"
    title = "Which online service do you use?"
    hint = "We work out what it costs you and whether it fits your rules."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.service = ListField("job.model.hosted_service", "Service", ((None, "Choose one"),), needed="Choose one from the list.")
        self.none = label(
            "We know no price of an online service for this kind of work. "
            "Press Back and choose another answer, such as “I have no model yet”.",
        )
        self.body.addWidget(self.service)
        self.body.addWidget(self.none)

    def show_answers(self) -> None:
        offered = self.outside.services(self.session.task or "other")
        self.service.set_entries(((None, "Choose one"), *((s.id, s.words) for s in offered)))
        self.service.set_value(self.session.service)
        self.none.setVisible(not offered)

    def read(self) -> Answer:
        return replace(self.session, service=self.service.value())  # type: ignore[arg-type]


PAGE = ModelServicePage
