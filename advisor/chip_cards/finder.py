"""Finds chips by words and limits, and makes their cards."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.catalog import Build
from advisor.catalog.builds import device_price
from advisor.catalog.operators import RUNS_NOT
from advisor.chip_cards import details, kinds, market
from advisor.chip_cards.values import ChipCard, Found, Query, Runs
from advisor.evidence import Basis, Estimate, Source
from advisor.forecast import REACH_NO, REACH_SPECIALIST, machines_from_builds
from advisor.options.operators import cautions, levels
from advisor.work import unit_times

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from advisor.catalog import Chip
    from advisor.chip_cards.ground import Ground
    from advisor.work import UnitTimes

    Ints = NDArray[np.int64]

# Taken as the memory of a computer that is not told, so that the chip alone decides [GB].
_ANY_MEMORY_GB: Final = 1e6
_NOTHING: Final = Estimate(0.0, 0.0, 0.0, Basis.ESTIMATED, Source("not needed here"))


class Finder:
    """All chips of a catalog against one ground. Making it takes the work; finding and a card take next to nothing.

    Raises:
        AdvisorError: a table was changed.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        catalog = ground.catalog
        self.chips = catalog.chips
        self._rows = {r["chip_id"]: r for r in catalog.table("chips")}
        self._carriers = market.carriers(catalog.devices)
        self._rents = market.rents(ground)
        self._at = {id: i for i, id in enumerate(self.chips)}
        self._times, self._software = self._forecast()
        self._names = {id: _spelled(chip.name) for id, chip in self.chips.items()}
        self._texts = self._searchable()

    # ---- finding -------------------------------------------------------------------------------------------------

    def find(self, query: Query) -> Found:
        """Chips that have every word and keep every limit.

        Order: by the fit of the name, advised ones first, those with the cheapest advised device first, then by name. Memory
        and prices that are not known do not keep a limit.
        """
        words = query.words.casefold().split()
        fitting = []
        for id, chip in self.chips.items():
            rank = self._rank(id, words)
            if rank is None or (query.kind is not None and kinds.kind_of(chip) != query.kind):
                continue
            if query.least_memory_gb is not None and (self.memory_gb(id) or 0.0) < query.least_memory_gb:
                continue
            price = self._prices.get(id)
            if query.most_price is not None and (price is None or price > query.most_price):
                continue
            fitting.append((rank, not chip.recommendable, self._advised_prices.get(id, math.inf), chip.name.casefold(), id))
        return Found(tuple(id for *_, id in sorted(fitting)), len(self.chips))

    def _rank(self, id: str, words: list[str]) -> int | None:
        """0: the name begins so, 1: every word is in the name, 2: in its other spellings or devices; `None`: not at all."""
        text, squeezed = self._texts[id]
        if not all(w in text or _squeezed(w) in squeezed for w in words):
            return None
        name, asked = self._names[id], _squeezed("".join(words))
        if name.startswith(asked):
            return 0
        return 1 if all(_squeezed(w) in name for w in words) else 2

    def _searchable(self) -> Mapping[str, tuple[str, str]]:
        found = {
            id: [chip.name, self._rows[id]["vendor"], id, kinds.sentence(chip, (), ""), *(d["name"] for d in self._carriers.get(id, ()))]
            for id, chip in self.chips.items()
        }
        for row in self.ground.catalog.table("aliases"):
            if row["chip_id"] in found:
                found[row["chip_id"]].append(row["alias"])
        return {id: ((text := "\n".join(parts).casefold()), "\n".join(map(_squeezed, text.split("\n")))) for id, parts in found.items()}

    @cached_property
    def _prices(self) -> Mapping[str, float]:
        """The lowest price of a device with the chip, in the owner's currency; chips without one are not here."""
        return self._cheapest(lambda _: True)

    @cached_property
    def _advised_prices(self) -> Mapping[str, float]:
        """The same of devices that are advised."""
        return self._cheapest(lambda device: device["recommendable"] == "yes")

    def _cheapest(self, counts: Callable[[market.Row], bool]) -> Mapping[str, float]:
        g = self.ground
        return {
            id: min(device_price(g.catalog, d).likely for d in priced) * g.per_usd
            for id, devices in self._carriers.items()
            if (priced := [d for d in devices if market.is_priced(d) and counts(d)])
        }

    def memory_gb(self, id: str) -> float | None:
        """Memory of the chip itself, else of the largest device with it [GB]; `None` where neither is known."""
        own = self.chips[id].memory_gb
        return own or max((float(d["memory_gb"]) for d in self._carriers.get(id, ()) if d["memory_gb"]), default=0.0) or None

    # ---- cards ---------------------------------------------------------------------------------------------------

    def card(self, id: str) -> ChipCard:
        """The card of one chip."""
        g, chip, row = self.ground, self.chips[id], self._rows[id]
        devices = self._carriers.get(id, ())
        memory = self.memory_gb(id)
        rented = self._rents.get(id)
        runs, words, told = self._runs(chip)
        return ChipCard(
            id=id,
            name=chip.name,
            what=kinds.sentence(chip, (d["form"] for d in devices), f"{memory:g} GB" if chip.memory_gb else ""),
            advised=chip.recommendable,
            not_advised="" if chip.recommendable else kinds.reasons(row["recommend_reason"]),
            runs=runs,
            runs_words=words,
            to_buy=tuple(market.buy(g, d) for d in devices[: market.SHOWN]),
            more_to_buy=max(len(devices) - market.SHOWN, 0),
            to_rent=market.rent(g, rented.row) if rented else None,
            power=market.power(g, chip, devices, is_rented=rented is not None and not devices),
            details=(*details.facts(g, chip, row, memory), *((("How we know the time", told),) if told else ())),
        )

    def _forecast(self) -> tuple[UnitTimes | None, Ints]:
        """The time of one unit on each chip in a computer of one's own, and how the model gets on with its software.

        No times without a model that runs anywhere.
        """
        g = self.ground
        if g.work is None or not g.work.steps:
            return None, np.zeros(len(self.chips), dtype=np.int64)
        alone = [_alone(chip, self.memory_gb(id) or _ANY_MEMORY_GB) for id, chip in self.chips.items()]
        machines = machines_from_builds(alone, g.catalog)
        return unit_times(g.work, machines, g.own, g.own_guess), levels(g.catalog, machines, g.work.operators)

    def _runs(self, chip: Chip) -> tuple[Runs, str, str]:
        """Whether it runs the model, that in words, and how we came to the time ('' where none is told)."""
        g, t = self.ground, self._times
        memory = self.memory_gb(chip.id)
        if t is None:
            if g.work is not None:
                return Runs.UNKNOWN, "You use an online service, so no chip of yours has to.", ""
            has = f" It has {memory:g} GB of memory." if memory else ""
            return Runs.UNKNOWN, f"We can tell once we know your model.{has}", ""
        if kinds.is_without_programs(self._rows[chip.id]["recommend_reason"]):
            if kinds.kind_of(chip) == "add-on":
                return Runs.CONVERTED, "Only after a specialist has converted it for the maker’s own programs. We cannot tell how fast.", ""
            return Runs.NO, "No. No common program of today runs models on it.", ""
        rented = self._rents.get(chip.id)
        if rented is not None and rented.runs and not self._carriers.get(chip.id):
            return Runs.YES, f"Yes. On the machine to rent, {self._takes(rented.low, rented.likely, rented.high)}", rented.told
        i = self._at[chip.id]
        reach = int(t.reach[i])
        if reach >= REACH_NO or not np.isfinite(t.likely[i]):
            return Runs.UNKNOWN, "We cannot tell. Too little is known of its speed.", ""
        if memory and not t.fits[i]:
            return Runs.NO, f"No. Its {memory:g} GB of memory are too few for your model.", ""
        if self._software[i] >= RUNS_NOT:
            return Runs.NO, "No. Its software cannot run every step of your model.", ""
        beside = "".join(f" {g.words.say(key)}" for key in cautions(self._software, i))
        takes = self._takes(float(t.low[i]), float(t.likely[i]), float(t.high[i]))
        if reach == REACH_SPECIALIST:
            return Runs.CONVERTED, f"Only after a specialist has converted it. Then {takes}{beside}", t.told(i)
        return Runs.YES, f"Yes{'' if memory else ', in a computer with enough memory'}. {takes[0].upper()}{takes[1:]}{beside}", t.told(i)

    def _takes(self, low: float, likely: float, high: float) -> str:
        w = self.ground.words
        limit = self.ground.limit_s
        slow = " That is slower than you asked for." if limit is not None and likely > limit else ""
        return f"one answer takes about {w.time(likely)}, likely {_between(w.time_range(low, high))}.{slow}"


def _alone(chip: Chip, memory_gb: float) -> Build:
    """A computer of one's own about which nothing is known but its chip and memory."""
    return Build(
        id=chip.id,
        device_id=chip.id,
        device_name=chip.name,
        name=chip.name,
        form="",
        chip_ids=(chip.id,),
        memory_gb=memory_gb,
        priced=(),
        idle_w=_NOTHING,
        load_w=_NOTHING,
        max_w=0.0,
        host_id=None,
        host_name="",
        host_purchase="",
        host_free=None,
        cautions=(),
        lock_in="",
    )


def _between(span: str) -> str:
    return f"between {span.replace(' to ', ' and ')}"


def _spelled(name: str) -> str:
    """A name as it is looked for, without the maker in front."""
    first, _, rest = name.partition(" ")
    return _squeezed(rest or first)


def _squeezed(words: str) -> str:
    """Letters and digits only: "RTX 4090", "rtx-4090" and "rtx4090" are one."""
    return "".join(c for c in words.casefold() if c.isalnum())
