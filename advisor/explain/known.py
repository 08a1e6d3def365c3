"""What we measured and what we guessed: how many figures of each sort there are, and the guess that counts most."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.evidence import Basis
from advisor.explain import case_words
from advisor.explain.figures import OURS, Figures, Origin
from advisor.futures import HOURS_SPREAD
from advisor.options.weighing import hours_of
from advisor.outlook import TO_THE_END, amount_at, at, grown, growth_range, is_own_time, paid
from advisor.recommend import CLOSE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from advisor.advice import LedgerRow
    from advisor.cost import Line
    from advisor.explain.verdict import BestWords
    from advisor.findings import Findings

# What would settle the price or the quantity of a line, by its part of the bill.
_SETTLED_BY: Final = {
    **dict.fromkeys(("T01", "T02", "T14", "T15"), "known.settled.price"),
    **dict.fromkeys(("T16", "T17", "T18", "T20"), "known.settled.bill"),
    "T04": "known.settled.meter",
}
# Between these the chance to be in time says little: both ends are within the 80 % range.
_OPEN: Final = (0.1, 0.9)


def known(f: Figures, found: Findings, best: BestWords | None, rows: Sequence[LedgerRow]) -> tuple[str, ...]:
    """The sentences; `rows` are all figures of the answer but the counts made here."""
    out = list(_counts(f, rows))
    if best is not None:
        if best.looks.basis is not Basis.MEASURED:
            out.append(f.words.say("known.not_measured", why=f.words.say(best.looks.speed_why)))
        out += _widest(f, found, best)
    return tuple(out)


def _counts(f: Figures, rows: Sequence[LedgerRow]) -> Iterator[str]:
    counts = Counter("worked_out" if r.source == OURS.source else str(r.basis) for r in rows)
    for sort in ("measured", "published", "yours", "estimated", "worked_out"):
        if counts[sort]:
            yield f.words.say(f"known.{sort}", count=f.count(f"known.{sort}", counts[sort], "figure", OURS))


def _widest(f: Figures, found: Findings, best: BestWords) -> Iterator[str]:
    """The doubt that moves what is compared the most, and what would settle it; nothing where all doubts are small."""
    s, case = found.setting, found.setting.case
    g, i = best.candidate.group, best.candidate.row
    burden = best.candidate.burden
    hours = float(hours_of(case, g)[i])
    least, most_hours = _hours(found, best, hours)
    low, likely, high = growth_range(s)
    told = case.need.load.growth_percent_per_year is not None
    others = paid(g, np.array([i]))
    per_use = float(others.likely[0] * others.per_use[0])
    doubts: list[tuple[float, str, Line | None]] = [
        (s.wage.likely * (most_hours - least), "hours", None),
        (burden if _OPEN[0] < float(g.speed_met()[i]) < _OPEN[1] else 0.0, "speed", None),
        (0.0 if told else per_use * float(grown(s, high) - grown(s, low)), "growth", None),
        *((abs(amount_at(x, i) * (at(x.high, i) - at(x.low, i))), "line", x) for x in g.bills.lines if not is_own_time(x)),
    ]
    most, sort, line = max(doubts, key=lambda d: d[0])
    if most < CLOSE * burden or most <= 0:
        return
    say, words = f.words.say, f.words
    if line is not None:
        amount = amount_at(line, i)
        span = f.money_range("known.widest", amount * at(line.low, i), amount, amount * at(line.high, i), OURS)
        settled = say(_SETTLED_BY.get(line.code, "known.settled.time"))
        yield say("known.widest.line", what=say(line.text), range=span, settled=settled)
    elif sort == "hours":
        ends = words.number(least), words.number(most_hours)
        shown = f"{ends[0]} to {ends[1]}\u00a0hours"
        where = Origin(Basis.ESTIMATED, s.judged("hours.upkeep.edge_new").source.title)
        span = f.text("known.widest", hours, "hours", shown, where, least, most_hours)
        yield say("known.widest.hours", range=span, years=case_words.years(f, case), settled=say("known.settled.hours"))
    elif sort == "speed":
        yield say("known.widest.speed", range=best.time_range, limit=case_words.limit(f, case), settled=say("known.settled.speed"))
    else:
        shown = words.span(round(low * 100, 1), round(high * 100, 1), "%")
        span = f.text(
            "known.widest", likely * 100, "%", shown, case_words.told(case, "load.growth_percent_per_year"), low * 100, high * 100
        )
        yield say("known.widest.growth", range=span, settled=say("known.settled.growth"))


def _hours(found: Findings, best: BestWords, likely: float) -> tuple[float, float]:
    """The range of the owner's own hours: that of the bill where they are in it, else what the futures are drawn from."""
    g, i = best.candidate.group, best.candidate.row
    if found.setting.case.staff_hour is None:
        end = float(np.exp(HOURS_SPREAD * TO_THE_END))
        return likely / end, likely * end
    # Independent lines, as in the bill: their deviations add in squares.
    lines = [(at(x.quantity, i), at(x.low, i), at(x.high, i)) for x in g.bills.lines if is_own_time(x)]
    down = sum((q * (1 - min(low, high))) ** 2 for q, low, high in lines)
    up = sum((q * (max(low, high) - 1)) ** 2 for q, low, high in lines)
    return likely - float(np.sqrt(down)), likely + float(np.sqrt(up))
