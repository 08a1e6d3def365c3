"""Whose draws each way takes: those of a kind and a place in it, never of a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.advice import Kind
    from advisor.recommend import Candidate

    # What makes ways differ: first the bill, hours and the like, then the forecast of the time.
    Marks = tuple[tuple[float, ...], tuple[str, ...]]


def luck_of(listed: Sequence[Candidate]) -> dict[str, tuple[str, str]]:
    """The names of the draws of each way, for its bill and for its time, by id.

    Bills are placed by their size; ids decide only between ways alike in bill, hours and time. Times are placed by the
    forecast, and equal forecasts (one kind of machine at several sellers) share their luck.
    """
    seen: dict[Kind, int] = {}
    times: dict[Kind, dict[tuple[str, ...], int]] = {}
    out = {}
    marks = _marks(listed)

    def by_time(c: Candidate) -> tuple[float, ...]:
        return tuple(float(x) if x != "nan" else np.inf for x in marks[c.id][1])

    for c in sorted(listed, key=by_time):
        of_kind = times.setdefault(c.kind, {})
        of_kind.setdefault(marks[c.id][1], len(of_kind))
    for c in sorted(listed, key=lambda c: (*marks[c.id][0], marks[c.id][1], c.id)):
        place = seen.get(c.kind, 0)
        seen[c.kind] = place + 1
        out[c.id] = f"{c.kind}:{place}", f"time:{c.kind}:{times[c.kind][marks[c.id][1]]}"
    return out


def _marks(listed: Sequence[Candidate]) -> dict[str, Marks]:
    groups = {id(c.group): c.group for c in listed}
    out: dict[str, Marks] = {}
    for g in groups.values():
        ways = [c for c in listed if c.group is g]
        rows = np.array([c.row for c in ways])
        lows, highs = g.bills.ends(rows)
        plain = (np.round(g.bills.totals[rows], 6), np.round(highs, 6), np.round(lows, 6), np.round(g.upkeep_hours_per_month[rows], 6))
        others = (g.setup_hours[rows], g.far[rows], g.flagged[rows].astype(np.float64))
        bills = zip(*(np.asarray(x).tolist() for x in (*plain, *others)), strict=True)
        forecasts = zip(*([f"{x:.6g}" for x in np.asarray(e[rows]).tolist()] for e in (g.p_likely, g.p_low, g.p_high)), strict=True)
        out.update({c.id: (bill, forecast) for c, bill, forecast in zip(ways, bills, forecasts, strict=True)})
    return out
