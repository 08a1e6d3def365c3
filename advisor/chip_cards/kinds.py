"""Plain words for kinds of chips, and for the reasons why one is not advised. Rules by kind and class, never by chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.catalog import Chip

# Kind and class in the catalog: what one looks for it under, and what it is.
_OF: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("gpu", "workstation"): ("card", "A graphics card for a desktop PC"),
    ("gpu", "laptop"): ("computer", "A graphics chip built into laptops"),
    ("gpu", "datacenter"): ("centre", "A large graphics chip in computing centres"),
    ("asic", "datacenter"): ("centre", "A chip made for AI only, in computing centres"),
    ("tpu", "datacenter"): ("centre", "A chip made for AI only, in computing centres"),
    ("asic", "workstation"): ("card", "A card made for AI only, for a desktop PC"),
    ("npu", "edge-module"): ("add-on", "A small add-on chip for AI"),
    ("tpu", "edge-module"): ("add-on", "A small add-on chip for AI"),
    ("tpu", "usb-stick"): ("add-on", "A small add-on chip for AI"),
    ("npu", "laptop"): ("computer", "The AI part inside a processor of laptops and small PCs"),
    ("igpu", "laptop"): ("computer", "The graphics part inside a processor of laptops and small PCs"),
    ("cpu", "laptop"): ("computer", "A processor of laptops and small PCs"),
    ("soc", "laptop"): ("computer", "The main chip of laptops and small computers"),
    ("soc", "workstation"): ("computer", "The main chip of a small computer for the desk"),
    ("cpu", "workstation"): ("computer", "A processor of desktop PCs"),
    ("cpu", "datacenter"): ("server", "A processor of servers"),
    ("cpu", "edge-module"): ("board", "A processor on small boards"),
    ("soc", "edge-module"): ("board", "A small computer on one chip, for boards and machines"),
}  # fmt: skip
KINDS: Final = (
    ("card", "Cards for a PC"),
    ("add-on", "Small add-on chips"),
    ("board", "Small boards"),
    ("computer", "PCs, laptops and small computers"),
    ("server", "Servers"),
    ("centre", "Large chips, mostly to rent"),
)
# An add-on is told by what it comes as.
_FORMS: Final = {
    "m.2 card": "for an M.2 slot",
    "usb accelerator": "for a USB socket",
    "pcie card": "for a card slot",
    "single-board computer": "on a small board",
    "edge box": "in a small box",
}
_OF_ITS_OWN: Final = ("gpu", "npu", "asic", "tpu")

# The beginning of a reason in the catalog, and what it means. '' is said in another place of the card, or says nothing more.
_REASONS: Final = {
    "neither a device with a price nor a usable rent": "we know no price to buy or rent it",
    "no compute figure": "its speed is not published",
    "no memory figure": "its memory is not published",
    "memory not stated": "its memory is not told",
    "no onnx runtime": "no common program runs models on it",
    "no runtime": "no common program runs models on it",
    "no chip": "we do not know its chip",
    "no power figure": "the electricity it uses is not known",
    "no price": "we know no price",
    "price undated": "its price has no date",
    "price covers parts": "its price covers parts that are not named",
    "price ": "its price looks wrong",
    "discontinued": "it is no longer made",
    "vendor runtime": "a specialist has to convert the model",
    "earlier generation": "only left-over or second-hand ones are sold",
    "listed price is the launch price": "",
    "developer or enterprise": "it is made for large firms and developers",
    "one reviewer": "it is not a finished product",
    "2019 chip": "few programs support it today",
    "generic archetype": "it stands for a kind of computer only",
    "passive card": "it needs a server that cools it",
    "ask an integrator": "",
    "sxm module": "it cannot be bought as a card",
    "rent it": "",
}  # fmt: skip
_DROPPED: Final = "dropped by current"


def kind_of(chip: Chip) -> str:
    """The key in KINDS that a chip is looked for under."""
    return _told(chip)[0]


def sentence(chip: Chip, forms: Iterable[str], memory: str) -> str:
    """What a chip is, in a sentence; `forms` are those of the devices that carry it, `memory` its memory in words or ''."""
    kind, words = _told(chip)
    places = [p for form, p in _FORMS.items() if form in set(forms)] if kind == "add-on" else []
    where = f", {', '.join(places[:-1])} or {places[-1]}" if len(places) > 1 else "".join(f", {p}" for p in places)
    own = " of its own" if chip.kind in _OF_ITS_OWN else ""
    return f"{words}{where}, with {memory} of memory{own}." if memory else f"{words}{where}."


def _told(chip: Chip) -> tuple[str, str]:
    return _OF.get((chip.kind, chip.family), ("computer", "A chip that can run models"))


def reasons(text: str) -> str:
    """Reasons of the catalog in plain words, joined by "and"; one that has no plain words stands as it is."""
    found = list(dict.fromkeys(filter(None, (_reason(part.strip()) for part in text.split(";")))))
    return f"{', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else "".join(found)


def _reason(text: str) -> str:
    if _DROPPED in text:
        return "new programs no longer support it"
    return next((words for start, words in _REASONS.items() if text.lower().startswith(start)), text)


def is_without_programs(text: str) -> bool:
    """Whether the catalog's reasons say that no program of today runs models on it."""
    return "no ONNX runtime" in text or _DROPPED in text
