"""What is reckoned by kind, kept between answers or passed over by a bound gives what the plain way gives."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from advisor import futures, outlook
from advisor.catalog import load
from advisor.cost import Bills, Line, stated
from advisor.evidence import Basis
from advisor.load import UNEVENNESS, sized
from advisor.luck import luck_of
from advisor.options import Setting, candidates, field, network, rented
from advisor.options.field import field_of
from advisor.options.weighing import burdens, hours_of, near_least, scores
from advisor.recommend import FUTURES, LISTED_OF_A_KIND, Choice, choose, decide, win_shares
from advisor.units import SECONDS_PER_HOUR
from tests.advisor.answers import EXAMPLE_NAMES, KINDS, ROOT, changed, example, need, setting_of, worked

if TYPE_CHECKING:
    from advisor.options import Group

COUNTRIES = ("DE", "US", "CH", "GB", "NL", "BT", "AR", "JP", "FR")
TIMES = 24


def any_need(k: int) -> dict[str, Any]:
    """The k-th of a fixed row of needs, as different as firms are."""
    draw = np.random.default_rng(k)

    def one(*values: Any) -> Any:
        return values[draw.integers(len(values))]

    per_day = float(10 ** draw.uniform(0.5, 6.5))
    document = need(
        business={"country": one(*COUNTRIES), "it_skill": one("none", "low", "medium", "high")},
        load={
            "units_per_day": per_day,
            "busiest_hour_units": per_day * draw.uniform(0.05, 0.6),
            "growth_percent_per_year": one(0, 20, 300),
            "input_kb_per_unit": float(10 ** draw.uniform(-1, 3)),
            "output_kb_per_unit": 2,
            "arrivals": one("steady", "daytime", "bursty"),
            "sites": one(1, 1, 3),
        },
        speed={"limit_ms": float(10 ** draw.uniform(1.7, 5)), "percentile": one(50, 95, 99), "of": one("answer", "batch")},
        rules={"data": one("none", "ordinary", "sensitive"), "data_must_stay": one("anywhere", "anywhere", "eu", "country", "on-site")},
        site={"uplink_mbps": one(5, 50, 1000), "traffic_comes_from": one("site", "internet"), "internet": one("wired", "wired", "mobile")},
        money={"currency": "EUR", "staff_hour": one(None, 40), "discount_percent": one(0, 4), "monthly_max": one(None, 30, 500)},
        prefer=one(None, None, "cheapest", "fastest", "least-upkeep", "most-private"),
    )
    model = one(
        {"features": {"params_millions": 3.2, "gmacs": 4.4}},
        {"features": {"params_millions": 60, "gmacs": 150}},
        {"reference": "suggestions"},
        {"text_model": {"params_billions": 8, "prompt_tokens": 900, "output_tokens": 250}},
    )
    if "text_model" in model:
        document["job"] = {"task": "chat", "unit": "question"}
        document["speed"]["of"] = one("answer", "first-word", "batch")
    document["job"]["model"] = model
    if one(True, False):
        document["load"]["rare_peak"] = {"units_per_day": per_day * 4, "busiest_hour_units": per_day * 2, "days_per_year": 6}
    if one(True, False, False):
        document["rules"]["confidential_share"] = 0.3
    return document


@lru_cache(maxsize=1)
def every() -> tuple[dict[str, Any], ...]:
    return (*(any_need(k) for k in range(TIMES)), *KINDS.values(), *map(example, EXAMPLE_NAMES))


@pytest.mark.parametrize("k", range(TIMES))
def test_machines_reckoned_by_kind_are_those_of_every_offer(k: int) -> None:
    setting = setting_of(any_need(k))
    found = field_of(setting)
    assert found is not None
    case, d, t = setting.case, setting.demand, found.times
    if case.is_batch:
        pytest.skip("heaps leave no offer apart from its kind")
    likely, apart = found.unit(t.queued_s), t.first_word is not None
    limit = None
    if case.limit_s is not None:
        limit = np.maximum(case.limit_s - found.reach.extra.likely, 1e-9)
        if t.first_word is not None:
            limit = limit - found.unit(t.first_word[1] if case.speed_of == "first-word" else t.likely)
    for hour in {y.busiest_hour_units for y in d.years}:
        plain = sized(likely, t.spread, hour / SECONDS_PER_HOUR, UNEVENNESS[case.arrivals], case.percentile / 100, limit, wait_only=apart)
        fleet = rented._fleet(setting, found, hour, rented._room(setting, found))
        for name in ("units", "utilisation", "p50_s", "p_s"):
            ours, theirs = fleet.over(found, lambda x, n=name: getattr(x, n)), getattr(plain, name)
            assert np.array_equal(ours, theirs, equal_nan=True), name
        assert all(fleet.machines(found, i) == plain.units[i] for i in range(0, len(likely), 997))


def test_some_offers_need_more_machines_than_their_kind_and_differ_among_themselves() -> None:
    """The needs above try every branch: offers as their kind, apart from it alike, apart from it each by itself."""
    apart = 0
    mixed = 0
    for k in range(TIMES):
        setting = setting_of(any_need(k))
        found = field_of(setting)
        if found is None or setting.case.is_batch:
            continue
        fleet = rented._fleet(setting, found, setting.demand.peak_hour_units, rented._room(setting, found))
        apart += len(fleet.rows)
        kinds = found.kind_of[fleet.rows]
        for kind in np.unique(kinds)[:200].tolist():
            mixed += len(np.unique(fleet.apart.units[kinds == kind])) > 1
    assert apart > 1000
    assert mixed > 0


def plain_firsts(setting: Setting, groups: tuple[Group, ...]) -> dict[str, tuple[bool, float, str]]:
    """The best of each kind by every score, one after the other."""
    best: dict[str, tuple[bool, float, str]] = {}
    for g in groups:
        ok = g.feasible()
        flagged = not (ok & ~g.flagged).any()
        ok = ok if flagged else ok & ~g.flagged
        if not ok.any():
            continue
        score = np.where(ok, scores(setting, g) * (1 + 0.01 * g.far), np.inf)
        low = float(score.min())
        rows = np.flatnonzero(score <= low * (1 + 1e-9) + 1e-9)
        hours = g.upkeep_hours_per_month
        if setting.case.prefer == "least-upkeep":
            rows = np.flatnonzero((score <= low * 1.05) & (hours <= hours[rows].min() + 1e-9))
        weight, width = burdens(setting, g)[rows], (g.bills.highs - g.bills.lows)[rows]
        places = zip(np.round(weight, 6).tolist(), np.round(width, 6).tolist(), rows.tolist(), strict=True)
        lightest = sorted(places)[:200]
        _, _, id, row = min((a, b, g.ids(r), r) for a, b, r in lightest)
        rank = (flagged, float(score[row]), id)
        best[g.kind] = min(rank, best.get(g.kind, rank))
    return best


def plain_listed(groups: tuple[Group, ...]) -> dict[str, list[str]]:
    """The cheapest dozen of each kind, by sorting all."""
    out: dict[str, list[tuple[float, str]]] = {}
    for g in groups:
        rows = np.flatnonzero(g.feasible())
        if len(rows) > 500:
            rows = rows[g.bills.totals[rows] <= np.sort(g.bills.totals[rows])[LISTED_OF_A_KIND]]
        out.setdefault(g.kind, []).extend((round(float(g.bills.totals[r]), 6), g.ids(int(r))) for r in rows)
    return {kind: [id for _, id in sorted(found)[:LISTED_OF_A_KIND]] for kind, found in out.items()}


def plain_shares(setting: Setting, choice: Choice, seed: int) -> dict[str, float]:
    """Shares of futures, way by way."""
    case, listed = setting.case, choice.listed

    def moved(low: float, likely: float, high: float, z: np.ndarray) -> np.ndarray:
        if not likely > 0 or not np.isfinite(likely):
            return np.full(FUTURES, likely)
        down, up = np.log(likely / max(min(low, likely), likely * 1e-3)), np.log(max(high, likely) / likely)
        return np.asarray(likely * np.exp(np.where(z < 0, down, up) * (2 / futures.SPAN) * z))

    def mixed(shared: str, own: str) -> np.ndarray:
        return np.asarray(0.7 * futures._draw(seed, shared) + np.sqrt(1 - 0.7**2) * futures._draw(seed, own))

    def to_others(g: Group, i: int) -> tuple[float, float, float, float]:
        """What is paid to others and its range, and the part of it that grows with the work, line by line."""
        likely = down = up = per_use = 0.0
        for line in g.bills.lines:
            amount = outlook.amount_at(line, i)
            if not amount or line.code in ("T07", "T08", "T22") or (line.own and line.code in ("T23", "T24", "T27")):
                continue
            likely += amount
            ends = outlook.at(line.low, i), outlook.at(line.high, i)
            down += (amount * (1 - min(ends))) ** 2
            up += (amount * (max(ends) - 1)) ** 2
            rent = line.code in ("T14", "T18") and g.kind == "cloud_batch"
            per_use += amount if rent or line.code in ("T16", "T17", "T20") else 0.0
        return likely - down**0.5, likely, likely + up**0.5, min(max(per_use / likely, 0.0), 1.0) if likely > 0 else 0.0

    luck, work = luck_of(listed), outlook.drawn_work(setting, futures._draw(seed, "growth"))
    table = np.empty((len(listed), FUTURES))
    for k, c in enumerate(listed):
        g, i = c.group, c.row
        low, likely, high, per_use = to_others(g, i)
        money = moved(low, likely, high, mixed(f"kind:{g.kind}", luck[c.id][0])) * (1 + per_use * (work - 1))
        hours = hours_of(case, g)[i] * np.exp(0.45 * mixed("hours", f"hours:{g.kind}"))
        burden = money + setting.wage.likely * hours
        money = money if case.staff_hour is None else burden
        latency = moved(g.p_low[i], g.p_likely[i], g.p_high[i], mixed("time", luck[c.id][1]))
        late = np.where(np.isfinite(latency), latency > g.limit_s, np.isfinite(g.limit_s))
        wished = {
            "cheapest": money + 1e-6 * burden,
            "fastest": np.where(np.isfinite(latency), latency, 1e12) + 1e-9 * burden,
            "least-upkeep": g.upkeep_hours_per_month[i] + 1e-6 * burden,
            "most-private": burden * (1e6 if g.sends_out else 1.0),
        }
        table[k] = wished.get(str(case.prefer), burden) * (1 + late) * (1 + 0.01 * g.far[i])
    safe = {c.kind for c in listed if not c.group.flagged[c.row]}
    for k, c in enumerate(listed):
        if c.group.flagged[c.row] and c.kind in safe:
            table[k] = np.inf
    winners = np.bincount(np.argmin(table, axis=0), minlength=len(listed))
    return {c.id: float(w) / FUTURES for c, w in zip(listed, winners, strict=True)}


@pytest.mark.parametrize("k", range(len(every())))
def test_the_choice_is_that_of_looking_at_all(k: int) -> None:
    w = worked(every()[k])
    order, _ = decide(w.setting, w.groups)
    firsts = plain_firsts(w.setting, w.groups)
    assert {c.kind: (bool(c.group.flagged[c.row]), c.score, c.id) for c in order} == firsts
    kinds: dict[str, list[str]] = {}
    for c in w.choice.listed:
        kinds.setdefault(c.kind, []).append(c.id)
    for kind, ids in plain_listed(w.groups).items():
        assert set(kinds.get(kind, ())) == {*ids, *([firsts[kind][2]] if kind in firsts else [])}
    for c in (*w.choice.listed, *w.choice.near):
        plain = scores(w.setting, c.group)[c.row]
        assert c.score in (plain, plain * (1 + 0.01 * c.group.far[c.row]))
    if w.choice.listed:
        # Sums in another order may turn a future in which two ways are alike.
        assert win_shares(w.setting, w.choice.listed, 7) == pytest.approx(plain_shares(w.setting, w.choice, 7), abs=0.002)


def test_the_bound_spares_nearly_all_offers() -> None:
    """The chance to be in time is asked for few of the many offers, else the bound would be of no use."""
    w = worked(KINDS["cloud_instance"])
    g = w.group("cloud_instance")
    asked: list[int] = []

    class Counting(type(g)):  # type: ignore[misc]
        def speed_met(self, rows: Any = slice(None)) -> np.ndarray:
            asked.append(len(self.p_likely[rows]))
            return np.asarray(super().speed_met(rows))

    counting = Counting(**{name: getattr(g, name) for name in type(g).__dataclass_fields__})
    assert choose(w.setting, [counting], 1).best is not None
    assert sum(asked) < g.n / 20


def result(document: dict[str, Any], catalog: Any = None) -> Any:
    """All that an answer says, as plain values."""
    setting = setting_of(document, catalog)
    groups = candidates(setting)
    c = choose(setting, groups, 3)
    seen = tuple(
        (x.id, x.burden, x.score, x.total, *(float(e[0]) for e in x.group.bills.ends(np.array([x.row]))), float(x.group.p_likely[x.row]))
        for x in (*c.listed, *c.near)
    )
    removed = sorted((g.kind, r.rule, int(r.mask.sum())) for g in groups for r in g.removals)
    return repr((c.best and c.best.id, c.none_because, dict(c.win_share), c.confidence, seen, removed))


# Each changes what something is kept by: the model, what it fits in, the place, the day, the owner's prices.
APART: list[dict[str, Any]] = [
    need(),
    need(business__country="US"),
    need(load__units_per_day=500_000, load__busiest_hour_units=90_000, speed__limit_ms=300),
    need(job__model={"features": {"params_millions": 3000, "gmacs": 4000}}),
    need(site={"owned": [{"what": "old laptop"}, {"what": "gaming PC 2022", "memory_gb": 64}], "uplink_mbps": 3}),
    need(site__rented=[{"provider": "hetzner", "instance_type": "cx33", "spare_share": 0.5}]),
    KINDS["cloud_batch"], KINDS["cloud_api"], KINDS["hybrid"],
]  # fmt: skip


def quoted() -> dict[str, Any]:
    best = next(c for c in worked(KINDS["cloud_instance"]).choice.listed if c.kind == "cloud_instance")
    name = "machine:" + best.id.split(":", 1)[1].rpartition(":")[0]
    year = {"price_of": name, "amount": 3.0, "per": "month", "bound_months": 12}
    return changed(KINDS["cloud_instance"], money__quotes=[{"price_of": name, "amount": 0.001, "per": "hour"}, year])


def test_answers_in_turn_are_those_of_each_alone() -> None:
    """What is kept from one answer never shows in another: all in turn, twice, against each with nothing kept."""
    documents = [*APART, quoted(), changed(quoted(), money__horizon_years=5), KINDS["cloud_instance"]]
    turns = [[result(d) for d in documents], [result(d) for d in reversed(documents)][::-1]]
    assert turns[0] == turns[1]
    assert len(set(turns[0])) == len(documents)
    for document, in_turn in zip(documents, turns[0], strict=True):
        for kept in (field._fixed, field.rentable, field._types, network._round_trips, futures._shared_draw, futures._mixed, futures.hours):
            kept.cache_clear()
        assert result(document, load(ROOT / "catalogs")) == in_turn


def test_prices_kept_for_a_day_are_not_those_of_another() -> None:
    setting = setting_of(need())
    later = replace(setting, today=setting.today.replace(year=2029))
    now, then = field_of(setting), field_of(later)
    assert now is not None
    assert then is not None
    assert np.all(now.price_high < then.price_high)
    again = field_of(setting)
    assert again is not None
    assert np.array_equal(again.price_high, now.price_high)


def test_what_answers_share_cannot_be_written_to() -> None:
    found = field_of(setting_of(need()))
    assert found is not None
    known = found.known
    for shared in (
        found.rows,
        found.kind_of,
        found.price,
        found.price_low,
        found.price_high,
        known.regions,
        known.flagged,
        known.strangers,
    ):
        assert not shared.flags.writeable
    for drawn in (futures.hours(1, "hybrid"), futures._mixed(1, "time", "time:x")):
        assert not drawn.flags.writeable


def test_some_of_the_offers_know_what_is_theirs() -> None:
    found = field_of(setting_of(KINDS["cloud_instance"]))
    assert found is not None
    picked = np.arange(5, len(found.rows), 1000)
    some = replace(found, rows=found.rows[picked], kind_of=found.kind_of[picked], own=())
    for name in ("rows", "regions", "flagged", "strangers"):
        assert np.array_equal(getattr(some.known, name), getattr(found.known, name)[picked])


@pytest.mark.parametrize("seed", range(12))
def test_the_least_score_is_found_whatever_the_bills_and_times(seed: int) -> None:
    """Bills below nought, times near and far from the limit, ties, few that are allowed: the rows of looking at all."""
    draw, n = np.random.default_rng(seed), 400
    w = worked(need())
    amounts = np.round(draw.normal(50 if seed % 3 else 0, 60, n), 0 if seed % 2 else 6)
    line = Line("T14", "monthly", "line.rent", amounts, "hours", 1.0, 0.9, 1.2, stated(Basis.PUBLISHED, "a list"))
    likely = np.exp(draw.normal(0, 1, n))
    p_low, p_high = likely * draw.uniform(0.3, 1, n), likely * draw.uniform(1, 4, n)
    hours, far = np.full(n, 2.0), draw.integers(0, 3, n).astype(float)
    g = replace(
        w.group("cloud_instance"), bills=Bills(n, (line,)), removals=(), p50=likely, p_likely=likely, p_low=p_low, p_high=p_high,
        limit_s=1.0, setup_hours=hours * 0, upkeep_hours_per_month=hours * 0, far=far,
    )  # fmt: skip
    ok = draw.random(n) < (0.9 if seed % 4 else 0.02)
    ok[int(draw.integers(n))] = True
    weight = 1 + 0.01 * far
    plain = np.where(ok, scores(w.setting, g) * weight, np.inf)
    rows, found = near_least(w.setting, g, ok, weight)
    assert rows.tolist() == np.flatnonzero(plain <= plain.min() + 2e-9).tolist()
    assert np.array_equal(found, plain[rows])
    assert (amounts < 0).any() or seed % 3
