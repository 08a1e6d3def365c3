"""Which way, and how sure: the choice between all candidates, the few that are shown, and their share of futures.

Every candidate carries a burden: its bill plus the hours of the owner's people at what an hour costs. A way that
misses the asked speed has to be done again, so its chance to miss is added at the price of the whole. Ways of other
kinds within 5 % are too close to call; then data stay in the house and the way with less upkeep goes first.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Confidence, Kind
from advisor.options.group import normal_share
from advisor.options.weighing import burdens, hours_of, scores, wished

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.case import Case
    from advisor.options import Group, Setting

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

LISTED_OF_A_KIND: Final = 12
CLOSE: Final = 0.05
FUTURES: Final = 1000
NO_CHANGE: Final = "no-change"
# A machine near you beats an equal one far away, and no more than that.
_FARNESS: Final = 0.01
# An 80 % range spans 2 x 1.2816 standard deviations of a normal distribution.
_SPAN: Final = 2 * 1.2815515655446004
# How far hours of work may lie off (log), and which part of that all ways share: the same people do the work.
_HOURS_SPREAD: Final = 0.45
_SHARED: Final = 0.7


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row of a group. `burden` in US dollars over the horizon, own hours included; `score` is what is compared."""

    group: Group
    row: int
    id: str
    burden: float
    score: float

    @property
    def kind(self) -> Kind:
        """Its kind of answer."""
        return self.group.kind

    @property
    def total(self) -> float:
        """Its bill in US dollars."""
        return float(self.group.bills.totals[self.row])

    @property
    def upkeep(self) -> float:
        """Hours of the owner's people each month."""
        return float(self.group.upkeep_hours_per_month[self.row])


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome. `best` is `None` where the answer is not to start (yet): `none_because` says why.

    `listed` are the feasible candidates that are shown, the best first; `near` the nearest infeasible ones of kinds
    without a feasible one; `win_share` by id, over the listed ones and `no-change`; `rival` the best of another kind.
    """

    best: Candidate | None
    none_because: str | None
    rival: Candidate | None
    listed: tuple[Candidate, ...]
    near: tuple[Candidate, ...]
    win_share: Mapping[str, float]
    confidence: Confidence
    kind_share: float


def choose(setting: Setting, groups: Sequence[Group], seed: int) -> Choice:
    """The choice among all candidates.

    Args:
        setting: the ground they were worked out on.
        groups: all candidates (`advisor.options.candidates`).
        seed: of the drawn futures; the choice itself does not depend on it.
    """
    order, because = decide(setting, groups)
    listed = _listed(setting, groups, order)
    near = _nearest(setting, groups, {c.kind for c in order})
    if because is not None:
        none_of = {**dict.fromkeys((c.id for c in listed), 0.0), NO_CHANGE: 1.0}
        return Choice(None, because, None, listed, near, none_of, Confidence.SURE, 1.0)
    best, rival = order[0], order[1] if len(order) > 1 else None
    shares = win_shares(setting, listed, seed)
    of_kind = sum(shares[c.id] for c in listed if c.kind is best.kind)
    met = float(best.group.speed_met()[best.row]) * _budget_kept(setting, best)
    return Choice(best, None, rival, listed, near, {**shares, NO_CHANGE: 0.0}, _confidence(best, rival, of_kind, met), of_kind)


def decide(setting: Setting, groups: Sequence[Group]) -> tuple[tuple[Candidate, ...], str | None]:
    """The best candidate of each kind in the order of advice, and why the answer is not to start (`None` if it is)."""
    order = _ordered(setting.case, first_of_each_kind(setting, groups))
    return tuple(order), _stopped(setting.case) or (None if order else "nothing-feasible")


def first_of_each_kind(setting: Setting, groups: Iterable[Group]) -> tuple[Candidate, ...]:
    """The best feasible candidate of each kind, by score; flagged prices only where the group has no other."""
    best: dict[Kind, tuple[tuple[bool, float, str], Candidate]] = {}
    for g in groups:
        ok = g.feasible()
        flagged = not (ok & ~g.flagged).any()
        if not flagged:
            ok &= ~g.flagged
        if not ok.any():
            continue
        found = _least(setting, g, np.where(ok, scores(setting, g) * (1 + _FARNESS * g.far), np.inf))
        # A price that is to be taken with caution wins only where its whole kind has no other.
        rank = (flagged, found.score, found.id)
        if g.kind not in best or rank < best[g.kind][0]:
            best[g.kind] = rank, found
    return tuple(c for _, c in best.values())


def _least(setting: Setting, g: Group, score: Floats) -> Candidate:
    """The row with the least score; of equal ones the first by id, so that the order of rows means nothing."""
    low = float(score.min())
    rows = np.flatnonzero(score <= low * (1 + 1e-9) + 1e-9)
    id, row = min((g.ids(int(r)), int(r)) for r in rows)
    return Candidate(g, row, id, float(burdens(setting, g)[row]), float(score[row]))


def _ordered(case: Case, firsts: Sequence[Candidate]) -> list[Candidate]:
    order = sorted(firsts, key=lambda c: (c.score, c.id))
    if len(order) > 1 and order[1].score <= order[0].score * (1 + CLOSE):
        close = [c for c in order if c.score <= order[0].score * (1 + CLOSE)]
        # Too close to call: what stays in the house first, then the less upkeep, then the lower bill.
        private = case.data != "none"
        close.sort(key=lambda c: (private and c.group.sends_out, round(c.upkeep, 6), round(c.total, 2), c.id))
        order = [close[0], *(c for c in order if c is not close[0])]
    return order


def _listed(setting: Setting, groups: Sequence[Group], order: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The best of each kind first, then the cheapest dozen of each kind by their bill."""
    out = {c.id: c for c in order}
    by_kind: dict[Kind, list[tuple[float, str, Group, int]]] = {}
    for g in groups:
        rows = np.flatnonzero(g.feasible())
        if len(rows) > LISTED_OF_A_KIND:
            totals = g.bills.totals[rows]
            edge = np.partition(totals, LISTED_OF_A_KIND - 1)[LISTED_OF_A_KIND - 1]
            rows = rows[totals <= edge]
        found = by_kind.setdefault(g.kind, [])
        found += [(float(g.bills.totals[r]), g.ids(int(r)), g, int(r)) for r in rows]
    for found in by_kind.values():
        for _, id, g, row in sorted(found, key=lambda f: (round(f[0], 6), f[1]))[:LISTED_OF_A_KIND]:
            if id not in out:
                out[id] = Candidate(g, row, id, float(burdens(setting, g)[row]), float(scores(setting, g)[row]))
    return tuple(out.values())


def _nearest(setting: Setting, groups: Sequence[Group], have: set[Kind]) -> tuple[Candidate, ...]:
    """For each kind without a feasible candidate the one that breaks the fewest rules, then the cheapest."""
    best: dict[Kind, tuple[tuple[int, float, str], Candidate]] = {}
    for g in groups:
        if g.kind in have:
            continue
        broken = np.sum([r.mask for r in g.removals], axis=0) if g.removals else np.zeros(g.n)
        known = np.isfinite(g.p_likely)
        if known.any():
            broken = np.where(known, broken, np.inf)
        rows = np.flatnonzero(broken == broken.min())
        totals = g.bills.totals[rows]
        rows = rows[totals <= np.nanmin(totals) + 1e-9]
        id, row = min((g.ids(int(r)), int(r)) for r in rows)
        candidate = Candidate(g, row, id, float(burdens(setting, g)[row]), float(scores(setting, g)[row]))
        rank = (int(np.min(broken[np.isfinite(broken)], initial=99)), candidate.total, id)
        if g.kind not in best or rank < best[g.kind][0]:
            best[g.kind] = rank, candidate
    return tuple(c for _, c in sorted(best.values(), key=lambda f: f[0]))


def _stopped(case: Case) -> str | None:
    """Why the answer is not to start, whatever could be done."""
    if case.health == "failed":
        return "fix-first"
    if case.simple_rule is True:
        return "plain-way"
    if (case.identifies_people or case.decides_about_people) and not case.legal_basis:
        return "fix-first"
    return None


def win_shares(setting: Setting, listed: Sequence[Candidate], seed: int) -> dict[str, float]:
    """The share of drawn futures in which each candidate has the least score; they sum to 1.

    Drawn (log-normal, from the 80 % ranges): bills, with a part that all ways of a kind share; own hours, with a part
    that all ways share; times to answer, with a part that all forecasts share. Draws belong to ids and kinds, so that a
    candidate more or less changes nobody else's luck.
    """
    case = setting.case
    shared_hours, shared_time = (_draw(seed, name) for name in ("hours", "time"))
    table = np.empty((len(listed), FUTURES))
    for k, c in enumerate(listed):
        g, i = c.group, c.row
        own, kind = _draw(seed, c.id), _draw(seed, f"kind:{g.kind}")
        money = _moved(g.bills.lows[i], g.bills.totals[i], g.bills.highs[i], _mixed(kind, own))
        hours = hours_of(case, g)[i] * np.exp(_HOURS_SPREAD * _mixed(shared_hours, _draw(seed, f"hours:{g.kind}")))
        burden = money if case.staff_hour is not None else money + setting.wage.likely * hours
        latency = _moved(g.p_low[i], g.p_likely[i], g.p_high[i], _mixed(shared_time, _draw(seed, f"time:{c.id}")))
        late = np.where(np.isfinite(latency), latency > g.limit_s, np.isfinite(g.limit_s))
        table[k] = _wished_row(case, g, i, burden, money, latency) * (1 + late) * (1 + _FARNESS * g.far[i])
    # A price to be taken with caution wins no future while its kind has another: the same rule as for the choice.
    safe = {c.kind for c in listed if not c.group.flagged[c.row]}
    for k, c in enumerate(listed):
        if c.group.flagged[c.row] and c.kind in safe:
            table[k] = np.inf
    winners = np.bincount(np.argmin(table, axis=0), minlength=len(listed))
    return {c.id: float(w) / FUTURES for c, w in zip(listed, winners, strict=True)}


def _wished_row(case: Case, g: Group, i: int, burden: Floats, money: Floats, latency: Floats) -> Floats:
    if case.prefer == "least-upkeep":
        return np.asarray(g.upkeep_hours_per_month[i] + 1e-6 * burden)
    return wished(case, g, burden, money, latency)


def _draw(seed: int, name: str) -> Floats:
    key = int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "big")
    return np.random.default_rng(key).standard_normal(FUTURES)


def _mixed(shared: Floats, own: Floats) -> Floats:
    return np.asarray(_SHARED * shared + np.sqrt(1 - _SHARED**2) * own)


def _moved(low: float, likely: float, high: float, z: Floats) -> Floats:
    """Values around `likely` whose 80 % range is low to high: a log-normal with its own width to each side."""
    if not likely > 0 or not np.isfinite(likely):
        return np.full(FUTURES, likely)
    down, up = np.log(likely / max(min(low, likely), likely * 1e-3)), np.log(max(high, likely) / likely)
    width: Floats = np.asarray(np.where(z < 0, down, up), dtype=np.float64) * (2 / _SPAN)
    return np.asarray(likely * np.exp(width * z))


def _budget_kept(setting: Setting, c: Candidate) -> float:
    """The chance that the monthly bill stays below the owner's limit, from the range of the bill (log-normal)."""
    case, bills, i = setting.case, c.group.bills, c.row
    limit = case.monthly_max
    paid = float(bills.cash_monthly(case.years)[i]) * setting.money.rate
    later = float(bills.totals[i] - bills.upfronts[i])
    if limit is None or paid <= 0 or later <= 0:
        return 1.0
    high = paid * max(float(bills.highs[i] - bills.upfronts[i]) / later, 1 + 1e-9)
    sigma = np.log(high / paid) / (_SPAN / 2)
    return float(normal_share(np.array([np.log(limit / paid) / sigma]))[0]) if limit > 0 else 1.0


def _confidence(best: Candidate, rival: Candidate | None, kind_share: float, met: float) -> Confidence:
    if rival is not None and abs(rival.score - best.score) <= CLOSE * max(best.score, rival.score):
        return Confidence.TOO_CLOSE
    if kind_share >= 0.9 and met >= 0.9:
        return Confidence.SURE
    if kind_share >= 0.7 and met >= 0.75:
        return Confidence.FAIRLY_SURE
    return Confidence.ROUGH
