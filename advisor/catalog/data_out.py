"""What clouds bill for data sent out to the internet and for disks, by seller and place: the rows of `egress.csv`.

Data out is billed in tiers: each gigabyte of a month costs what its tier says, and the first ones may be free. A place of a known
seller that is not in the table takes the middle one of the seller's places, with the cheapest and the dearest as its range.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.evidence import Basis, Estimate, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from advisor.catalog.text_table import Row

    Floats = NDArray[np.float64]

_GB_PER_TB: Final = 1024.0
_IN_TURN: Final = re.compile(r"(first|next|over) ([\d.]+)TB$")
_AFTER_FREE: Final = re.compile(r"([\d.]+) to (?:[\d.]+|unlimited) GB/month after ([\d.]+) GB free$")
_TO_PLACE: Final = re.compile(r"to (.+), ([\d.]+)(?:-[\d.]+|n) TiB/month$")
_ANYWHERE: Final = "the rest of the world"
# Answers go to the owner; a few countries are dearer to reach.
_PLACES: Final = {"AU": "australia", "CN": "china"}
# The ordinary disk of a seller: no magnetic one, not the fastest.
_DISKS: Final = frozenset({"gp3", "Standard SSD", "balanced", "pd-balanced"})
# The doubt about a seller of whom one place is known, as factors.
_ONE_PLACE: Final = (0.5, 2.0)


@dataclass(frozen=True, slots=True)
class Tiers:
    """USD for each gigabyte of a month from `starts[k]` billed ones on; the first `free_gb` of a month are not billed."""

    starts: tuple[float, ...]
    usd: tuple[float, ...]
    free_gb: float = 0.0

    def scaled(self, factor: float) -> Tiers:
        """The same at other prices."""
        return Tiers(self.starts, tuple(u * factor for u in self.usd), self.free_gb)


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a seller bills for data out at one place: likely, and the ends of its range."""

    low: Tiers
    likely: Tiers
    high: Tiers
    basis: Basis
    source: Source


class DataOut:
    """All schedules of the table, the newest of each seller, place and destination."""

    def __init__(self, table: Iterable[Row]) -> None:
        self._at = _newest([r for r in table if r["kind"] == "internet_egress" and r["usable"] != "no"])
        self._elsewhere: dict[tuple[str, str], Schedule] = {}

    def schedule(self, provider: str, region: str, country: str) -> Schedule | None:
        """What the seller bills at this place for data sent to the country; `None` for a seller who is not in the table."""
        places = self._at.get(provider)
        if places is None:
            return None
        to = _PLACES.get(country, _ANYWHERE)
        if region in places:
            tiers, source = places[region].get(to) or places[region][_ANYWHERE]
            return Schedule(tiers, tiers, tiers, Basis.PUBLISHED, source)
        if (provider, to) not in self._elsewhere:
            self._elsewhere[provider, to] = _elsewhere([x.get(to) or x[_ANYWHERE] for x in places.values()])
        return self._elsewhere[provider, to]


def _elsewhere(places: Sequence[tuple[Tiers, Source]]) -> Schedule:
    """What a seller bills where it is not told: the middle of its places, from the cheapest to the dearest."""
    ranked = sorted(places, key=lambda x: (x[0].usd, x[1].title))
    middle, source = ranked[len(ranked) // 2]
    low, high = (ranked[0][0], ranked[-1][0]) if len(ranked) > 1 else (middle.scaled(_ONE_PLACE[0]), middle.scaled(_ONE_PLACE[1]))
    return Schedule(low, middle, high, Basis.ESTIMATED, _by_others(source))


def _by_others(source: Source) -> Source:
    return Source(f"the middle of this seller's places, as we have none for this one: {source.title}", source.as_of)


def _newest(rows: Sequence[Row]) -> dict[str, dict[str, dict[str, tuple[Tiers, Source]]]]:
    """Tiers and source by seller, place and destination."""
    found: dict[tuple[str, str, str], dict[tuple[str, str], list[tuple[float, float]]]] = {}
    in_turn: dict[tuple[str, str, tuple[str, str]], list[tuple[float, float]]] = {}
    free: dict[str, float] = {}
    for r in rows:
        provider, region, told = r["provider"], r["region"], (r["as_of"], r["source"])
        usd = float(r["usd_per_unit"])
        if m := _IN_TURN.match(r["tier"]):
            # "first 10TB", "next 40TB", "next 100TB", "over 150TB": larger ones come later, whatever the order of the rows.
            in_turn.setdefault((provider, region, told), []).append((float(m[2]) * _GB_PER_TB, usd))
            continue
        if m := _AFTER_FREE.match(r["tier"]):
            to, start = _ANYWHERE, float(m[1])
            free[provider] = max(free.get(provider, 0.0), float(m[2]))
        elif m := _TO_PLACE.match(r["tier"]):
            to, start = m[1], float(m[2]) * _GB_PER_TB
        else:
            continue
        found.setdefault((provider, region, to), {}).setdefault(told, []).append((start, usd))
    for (provider, region, told), tiers in in_turn.items():
        start = 0.0
        for size, usd in sorted(tiers):
            found.setdefault((provider, region, _ANYWHERE), {}).setdefault(told, []).append((start, usd))
            start += size
    out: dict[str, dict[str, dict[str, tuple[Tiers, Source]]]] = {}
    for (provider, region, to), by_source in found.items():
        (day, title), tiers = max(by_source.items())
        starts, usds = zip(*sorted(tiers), strict=True)
        # What is free each month belongs to the account, whatever the place.
        one = Tiers(starts, usds, free.get(provider, 0.0)), Source(title, day or None)
        out.setdefault(provider, {}).setdefault(region, {})[to] = one
    # A place that tells only dear destinations says nothing of ours.
    return {p: {r: x for r, x in places.items() if _ANYWHERE in x} for p, places in out.items()}


@dataclass(frozen=True, slots=True)
class Billing:
    """Data out of many places at once: arrays over places (p) and tiers (t), each three times: low, likely, high.

    `sources` has a schedule's basis and source by place; `None` where the seller is not in the table and `unknown` was taken.
    """

    starts: Floats
    widths: Floats
    usd: Floats
    free_gb: Floats
    sources: tuple[tuple[Basis, Source] | None, ...]

    def paid(self, gb_a_month: Sequence[float], months: Sequence[float]) -> Floats:
        """USD in each year, shape (3, p, years), for so many gigabytes a month and months that count of each year."""
        billed = np.maximum(np.asarray(gb_a_month, dtype=np.float64) - self.free_gb[:, None], 0.0)
        in_tier = np.clip(billed[None, :, :, None] - self.starts[:, :, None, :], 0.0, self.widths[:, :, None, :])
        a_month = np.sum(in_tier * self.usd[:, :, None, :], axis=3)
        return np.asarray(np.sort(a_month, axis=0) * np.asarray(months, dtype=np.float64))


def billing(found: Sequence[Schedule | None], unknown: Estimate) -> Billing:
    """The schedules of many places side by side; `unknown` is the price [USD a gigabyte] where there is none."""
    one = [Tiers((0.0,), (usd,)) for usd in (unknown.low, unknown.likely, unknown.high)]
    table = [[getattr(s, end) if s is not None else one[k] for s in found] for k, end in enumerate(("low", "likely", "high"))]
    most = max(len(t.starts) for row in table for t in row)
    starts, widths, usd = (np.zeros((3, len(found), most)) for _ in range(3))
    for k, row in enumerate(table):
        for p, tiers in enumerate(row):
            n = len(tiers.starts)
            starts[k, p, :n] = tiers.starts
            widths[k, p, :n] = np.diff((*tiers.starts, np.inf))
            usd[k, p, :n] = tiers.usd
    free = np.array([s.likely.free_gb if s is not None else 0.0 for s in found])
    return Billing(starts, widths, usd, free, tuple(None if s is None else (s.basis, s.source) for s in found))


class Disks:
    """What a gigabyte of an ordinary disk costs in a month, by seller and place."""

    def __init__(self, table: Iterable[Row]) -> None:
        self._at: dict[str, dict[str, tuple[float, Source]]] = {}
        for r in table:
            if r["kind"] == "block_storage" and r["usable"] != "no" and r["tier"] in _DISKS:
                there, source = self._at.setdefault(r["provider"], {}), Source(r["source"], r["as_of"] or None)
                if r["region"] not in there or (there[r["region"]][1].as_of or "") < (source.as_of or ""):
                    there[r["region"]] = (float(r["usd_per_unit"]), source)

    def price(self, provider: str, region: str) -> Estimate | None:
        """USD for a gigabyte and month; `None` for a seller who is not in the table (most sell a machine with its disk)."""
        there = self._at.get(provider)
        if not there:
            return None
        if region in there:
            usd, source = there[region]
            return Estimate(usd, usd, usd, Basis.PUBLISHED, source)
        ranked = sorted(there.values(), key=lambda x: (x[0], x[1].title))
        usd, source = ranked[len(ranked) // 2]
        low, high = (ranked[0][0], ranked[-1][0]) if len(ranked) > 1 else (usd * _ONE_PLACE[0], usd * _ONE_PLACE[1])
        return Estimate(low, usd, high, Basis.ESTIMATED, _by_others(source))
