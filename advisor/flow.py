"""The path through the wizard, as functions of the answers. Knows no window.

Seven steady groups; a branch only adds or drops pages inside a group, so "Step 3 of 7" never changes its 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from advisor.session import Session

START: Final = "start"
CHECK: Final = "check"
RESULT: Final = "result"
# Beside the way: asked for by who has a quote or a bill in hand, after the answer is there.
PRICES: Final = "prices"


@dataclass(frozen=True, slots=True)
class Group:
    """One of the seven steps in the rail and the pages it may hold."""

    title: str
    pages: tuple[str, ...]


GROUPS: Final = (
    Group("Your need", ("task", "volume", "speed", "plain_way")),
    Group("Your model", ("model", "model_file", "model_service", "model_size")),
    Group("Your data and rules", ("data", "people", "bad_days")),
    Group("Your place", ("firm", "site", "computers", "money")),
    Group("Test run", ("test_run",)),
    Group("Check answers", (CHECK,)),
    Group("Recommendation", (RESULT, PRICES)),
)
PAGES: Final = (START, *(page for group in GROUPS for page in group.pages))

# Which page asks for a field of the need; the longest fitting beginning wins.
_ASKED_ON: Final = {
    "job.task": "task",
    "job.unit": "volume",
    "load": "volume",
    "speed": "speed",
    "quality.simple_rule_could_do": "plain_way",
    "job.model": "model",
    "job.model.onnx": "model_file",
    "job.model.hosted_service": "model_service",
    "job.model.features": "model_size",
    "job.model.text_model": "model_size",
    "rules.data": "data",
    "rules.data_must_stay": "data",
    "rules.identifies_people": "people",
    "rules.decision_about_people": "people",
    "rules.legal_basis_confirmed": "people",
    "rules.must_work_without_internet": "bad_days",
    "rules.longest_outage_minutes": "bad_days",
    "business": "firm",
    "site": "site",
    "site.owned": "computers",
    "site.rented": "computers",
    "money": "money",
    "money.currency": "firm",
    "money.quotes": PRICES,
    "money.electricity_per_kwh": PRICES,
    "money.staff_hour": PRICES,
    "site.mobile_price_per_gb": PRICES,
}


def is_on_path(session: Session, page: str) -> bool:
    """Whether these answers lead over this page."""
    match page:
        case "prices":
            return False
        case "model_file" | "test_run":
            # Without a file there is nothing to time.
            return session.model_choice == "file"
        case "model_service":
            return session.model_choice == "service"
        case "model_size":
            return session.model_choice == "size"
        case _:
            return page in PAGES


def path(session: Session) -> tuple[str, ...]:
    """All pages these answers lead over, in order, the start page first."""
    return tuple(page for page in PAGES if is_on_path(session, page))


def next_page(session: Session, here: str) -> str | None:
    """The page after this one; `None` after the last."""
    later = PAGES[PAGES.index(here) + 1 :]
    return next((page for page in later if is_on_path(session, page)), None)


def first_open(session: Session) -> str:
    """The first page on the path that was not finished; the check page once all were."""
    asked = (page for page in path(session) if page not in (START, RESULT))
    return next((page for page in asked if page not in session.done and page != CHECK), CHECK)


def after_change(session: Session, changed: str) -> str:
    """Where "Continue" leads after the page `changed`: a page that was opened up by it, else back to the check.

    Prices ask for nothing new, so they lead back to the answer they change, once there is one.
    """
    return RESULT if changed == PRICES and CHECK in session.done else first_open(session)


def group_of(page: str) -> int:
    """The number of the group a page belongs to, 1 to 7; 0 for the start page."""
    return next((i for i, group in enumerate(GROUPS, start=1) if page in group.pages), 0)


def progress(session: Session) -> int:
    """How far the owner is: the group of the first open page, 1 to 7; it never falls when a page is finished."""
    return group_of(RESULT) if CHECK in session.done and first_open(session) == CHECK else group_of(first_open(session))


def page_of(field: str) -> str:
    """The page that asks for a field of NEED.json (dotted path); the check page if none does."""
    parts = field.split("[")[0].split(".")
    for length in range(len(parts), 0, -1):
        found = _ASKED_ON.get(".".join(parts[:length]))
        if found:
            return found
    return CHECK
