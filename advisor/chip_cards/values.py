"""What is asked of the list of chips, and what a card tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.catalog.ageing import State


@dataclass(frozen=True, slots=True)
class Query:
    """What the owner looks for. `kind` is a key of KINDS; `most_price` is to buy a device with it, in the owner's currency."""

    words: str = ""
    kind: str | None = None
    least_memory_gb: float | None = None
    most_price: float | None = None


class Runs(StrEnum):
    """Whether a chip can run the owner's model, as far as we can tell."""

    YES = "yes"
    CONVERTED = "converted"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to get a chip: what, for how much, of which day the price is and how old that is; what to mind.

    `state` is `None` where there is no price; `price_of` is the name by which the owner can type theirs (`advisor.quotes`).
    """

    what: str
    price: str
    day: str
    state: State | None
    minds: tuple[str, ...] = ()
    price_of: str = ""


@dataclass(frozen=True, slots=True)
class ChipCard:
    """All that is told of one chip, in words for the owner. `details` are pairs of name and figure."""

    id: str
    name: str
    what: str
    advised: bool
    not_advised: str
    runs: Runs
    runs_words: str
    to_buy: tuple[Way, ...]
    more_to_buy: int
    to_rent: Way | None
    power: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of the chips that fit a query, the best first, of so many in all."""

    ids: tuple[str, ...]
    of: int
