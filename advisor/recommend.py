"""Which way, and how sure: the choice between all candidates, the few that are shown, and their share of futures.

Every candidate carries a burden: its bill plus the hours of the owner's people at what an hour costs. A way that
misses the asked speed has to be done again, so its chance to miss is added at the price of the whole. Ways of other
kinds within 5 % are too close to call; then data stay in the house and the way with less upkeep goes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor import futures
from advisor.advice import Confidence, Kind
from advisor.futures import SPAN
from advisor.luck import luck_of
from advisor.options.group import normal_share
from advisor.options.weighing import burdens, hours_of, near_least, scores, wished
from advisor.outlook import drawn_work, paid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.case import Case
    from advisor.options import Group, Setting

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

LISTED_OF_A_KIND: Final = 12
CLOSE: Final = 0.05
FUTURES: Final = futures.FUTURES
NO_CHANGE: Final = "no-change"
# A machine near you beats an equal one far away, and no more than that.
FARNESS: Final = 0.01


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
    able = [g.feasible() for g in groups]
    order, because = _decided(setting, groups, able)
    listed = _listed(setting, groups, able, order)
    near = _nearest(setting, groups, {c.kind for c in order})
    if because is not None:
        none_of = {**dict.fromkeys((c.id for c in listed), 0.0), NO_CHANGE: 1.0}
        return Choice(None, because, None, listed, near, none_of, Confidence.SURE, 1.0)
    best, rival = order[0], order[1] if len(order) > 1 else None
    shares = win_shares(setting, listed, seed)
    of_kind = sum(shares[c.id] for c in listed if c.kind is best.kind)
    met = float(best.group.speed_met(np.array([best.row]))[0]) * _budget_kept(setting, best)
    return Choice(best, None, rival, listed, near, {**shares, NO_CHANGE: 0.0}, _confidence(best, rival, of_kind, met), of_kind)


def decide(setting: Setting, groups: Sequence[Group]) -> tuple[tuple[Candidate, ...], str | None]:
    """The best candidate of each kind in the order of advice, and why the answer is not to start (`None` if it is)."""
    return _decided(setting, groups, [g.feasible() for g in groups])


def _decided(setting: Setting, groups: Sequence[Group], able: Sequence[Bools]) -> tuple[tuple[Candidate, ...], str | None]:
    """The same, where it is known which candidates of each group no rule removes."""
    order = _ordered(setting.case, _first_of_each_kind(setting, groups, able))
    return tuple(order), stopped(setting.case) or (None if order else "nothing-feasible")


def _first_of_each_kind(setting: Setting, groups: Sequence[Group], able: Sequence[Bools]) -> tuple[Candidate, ...]:
    """The best feasible candidate of each kind, by score; flagged prices only where the group has no other."""
    best: dict[Kind, tuple[tuple[bool, float, str], Candidate]] = {}
    for g, ok in zip(groups, able, strict=True):
        safe = ok & ~g.flagged
        flagged = not safe.any()
        if flagged and not ok.any():
            continue
        found = _least(setting, g, ok if flagged else safe)
        # A price that is to be taken with caution wins only where its whole kind has no other.
        rank = (flagged, found.score, found.id)
        if g.kind not in best or rank < best[g.kind][0]:
            best[g.kind] = rank, found
    return tuple(c for _, c in best.values())


def _least(setting: Setting, g: Group, ok: Bools) -> Candidate:
    """The candidate of those that are `ok` with the least score; of equal ones the least burden, the surer price, the first by id."""
    weight, hours = 1 + FARNESS * g.far, g.upkeep_hours_per_month
    rows, score = near_least(setting, g, ok, weight)
    if setting.case.prefer == "least-upkeep":
        # Of ways that ask for the same hours a slightly surer time is not worth any price.
        rows, score = near_least(setting, g, ok & (hours <= float(hours[rows].min()) + 1e-9), weight, CLOSE)
    # Where the owner's wish is met alike, the lesser burden decides, then the surer price; a name only where all is alike.
    burden = np.round(burdens(setting, g, rows), 6)
    rows, score = rows[burden == burden.min()], score[burden == burden.min()]
    ends = g.bills.ends(rows)
    width = np.round(ends[1] - ends[0], 6)
    rows, score = rows[width == width.min()], score[width == width.min()]
    id, row, best = min((g.ids(int(r)), int(r), float(x)) for r, x in zip(rows, score, strict=True))
    return Candidate(g, row, id, float(burdens(setting, g, np.array([row]))[0]), best)


def _ordered(case: Case, firsts: Sequence[Candidate]) -> list[Candidate]:
    order = sorted(firsts, key=lambda c: (c.score, c.id))
    # Who wishes for the cheapest, the fastest or the least upkeep gets that, however close the others are.
    if case.prefer in (None, "most-private") and len(order) > 1 and order[1].score <= order[0].score * (1 + CLOSE):
        close = [c for c in order if c.score <= order[0].score * (1 + CLOSE)]
        # Too close to call: what stays in the house first, then the less upkeep, then the lower bill.
        private = case.data != "none"
        close.sort(key=lambda c: (private and c.group.sends_out, round(c.upkeep, 6), round(c.total, 2), c.id))
        order = [close[0], *(c for c in order if c is not close[0])]
    return order


def _listed(setting: Setting, groups: Sequence[Group], able: Sequence[Bools], order: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The best of each kind first, then the cheapest dozen of each kind by their bill."""
    out = {c.id: c for c in order}
    by_kind: dict[Kind, list[tuple[float, str, Group, int]]] = {}
    for g, ok in zip(groups, able, strict=True):
        totals = g.bills.totals
        if np.count_nonzero(ok) > LISTED_OF_A_KIND:
            totals = np.where(ok, totals, np.inf)
            rows = np.flatnonzero(totals <= np.partition(totals, LISTED_OF_A_KIND - 1)[LISTED_OF_A_KIND - 1])
        else:
            rows = np.flatnonzero(ok)
        found = by_kind.setdefault(g.kind, [])
        found += [(float(totals[r]), g.ids(int(r)), g, int(r)) for r in rows]
    cheapest = [f for found in by_kind.values() for f in sorted(found, key=lambda f: (round(f[0], 6), f[1]))[:LISTED_OF_A_KIND]]
    for c in _weighed(setting, [(g, row, id) for _, id, g, row in cheapest if id not in out]):
        out.setdefault(c.id, c)
    return tuple(out.values())


def _weighed(setting: Setting, picked: Sequence[tuple[Group, int, str]]) -> list[Candidate]:
    """These rows of groups as candidates, in the same order; farness is in none of their scores."""
    out: dict[int, Candidate] = {}
    for places in _by_group([g for g, _, _ in picked]):
        g, rows = picked[places[0]][0], np.array([picked[k][1] for k in places])
        weights = zip(burdens(setting, g, rows).tolist(), scores(setting, g, rows).tolist(), strict=True)
        out.update({k: Candidate(g, *picked[k][1:], *both) for k, both in zip(places, weights, strict=True)})
    return [out[k] for k in range(len(picked))]


def _by_group(groups: Sequence[Group]) -> list[list[int]]:
    """The places of each group in a row of them."""
    places: dict[int, list[int]] = {}
    for k, g in enumerate(groups):
        places.setdefault(id(g), []).append(k)
    return list(places.values())


def _nearest(setting: Setting, groups: Sequence[Group], have: set[Kind]) -> tuple[Candidate, ...]:
    """For each kind without a feasible candidate the one that breaks the fewest rules, then the cheapest."""
    best: dict[Kind, tuple[tuple[int, float, str], Candidate]] = {}
    for g in groups:
        if g.kind in have:
            continue
        broken = np.zeros(g.n, dtype=np.uint8)
        for r in g.removals:
            broken += r.mask
        known = np.isfinite(g.p_likely)
        looked_at = known if known.any() else np.ones(g.n, dtype=bool)
        fewest = int(broken[looked_at].min())
        rows = np.flatnonzero(looked_at & (broken == fewest))
        totals = g.bills.totals[rows]
        rows = rows[totals <= np.nanmin(totals) + 1e-9]
        id, row = min((g.ids(int(r)), int(r)) for r in rows)
        (candidate,) = _weighed(setting, [(g, row, id)])
        rank = (fewest, candidate.total, id)
        if g.kind not in best or rank < best[g.kind][0]:
            best[g.kind] = rank, candidate
    return tuple(c for _, c in sorted(best.values(), key=lambda f: f[0]))


def stopped(case: Case) -> str | None:
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
    that all ways share; times to answer, with a part that all forecasts share; the growth of the work, which is the same for
    all and moves what is paid by the piece. Failures are in the range of the bill (T11). Draws belong to a kind and a place
    in it (`advisor.luck`), never to a name: who sells under which name changes no luck, and a dearer candidate more or less changes
    that of no cheaper one.
    """
    luck, work = luck_of(listed), drawn_work(setting, futures.growth(seed))
    table = np.empty((len(listed), FUTURES))
    for places in _by_group([c.group for c in listed]):
        table[places] = _futures(setting, [listed[k] for k in places], luck, work, seed)
    # A price to be taken with caution wins no future while its kind has another: the same rule as for the choice.
    safe = {c.kind for c in listed if not c.group.flagged[c.row]}
    for k, c in enumerate(listed):
        if c.group.flagged[c.row] and c.kind in safe:
            table[k] = np.inf
    winners = np.bincount(np.argmin(table, axis=0), minlength=len(listed))
    return {c.id: float(w) / FUTURES for c, w in zip(listed, winners, strict=True)}


def _futures(setting: Setting, ways: Sequence[Candidate], luck: Mapping[str, tuple[str, str]], work: Floats, seed: int) -> Floats:
    """The score of candidates of one group in each drawn future, shape (n, FUTURES); `work` as a share of what is reckoned with."""
    case, g = setting.case, ways[0].group
    rows, names = np.array([c.row for c in ways]), [luck[c.id] for c in ways]
    others = paid(g, rows)
    money = futures.moved(others.low, others.likely, others.high, futures.bills(seed, g.kind, [of_bill for of_bill, _ in names]))
    money *= 1 + others.per_use[:, None] * (work - 1)
    burden = money + setting.wage.likely * (hours_of(case, g, rows)[:, None] * futures.hours(seed, g.kind))
    if case.staff_hour is not None:
        # Hours that cost money are in the bill; their doubt is the same whether the owner named their price or not.
        money = burden
    latency = futures.moved(g.p_low[rows], g.p_likely[rows], g.p_high[rows], futures.times(seed, [of_time for _, of_time in names]))
    late = np.where(np.isfinite(latency), latency > g.limit_s, np.isfinite(g.limit_s))
    return np.asarray(wished(case, g, burden, money, latency, rows) * (1 + late) * (1 + FARNESS * g.far[rows][:, None]))


def _budget_kept(setting: Setting, c: Candidate) -> float:
    """The chance that the monthly bill stays below the owner's limit, from the range of the bill (log-normal)."""
    case, bills, i = setting.case, c.group.bills, c.row
    limit = case.monthly_max
    if limit is None:
        return 1.0
    paid = float(bills.cash_monthly(case.years)[i]) * setting.money.rate
    later = float(bills.totals[i] - bills.upfronts[i])
    if paid <= 0 or later <= 0:
        return 1.0
    most = float(bills.ends(np.array([i]))[1][0])
    high = paid * max((most - float(bills.upfronts[i])) / later, 1 + 1e-9)
    sigma = np.log(high / paid) / (SPAN / 2)
    return float(normal_share(np.array([np.log(limit / paid) / sigma]))[0]) if limit > 0 else 1.0


def _confidence(best: Candidate, rival: Candidate | None, kind_share: float, met: float) -> Confidence:
    if rival is not None and abs(rival.score - best.score) <= CLOSE * max(best.score, rival.score):
        return Confidence.TOO_CLOSE
    if kind_share >= 0.9 and met >= 0.9:
        return Confidence.SURE
    if kind_share >= 0.7 and met >= 0.75:
        return Confidence.FAIRLY_SURE
    return Confidence.ROUGH
