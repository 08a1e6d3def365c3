"""The verdict, the three large figures, the reasons: what an owner reads first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from advisor.advice import HEADLINE_OF, Confidence, Fact, Headline, Kind
from advisor.evidence import Basis
from advisor.explain import against, case_words, test_run
from advisor.explain.figures import OURS, YOURS, Figures, Origin
from advisor.explain.options import way_name
from advisor.options.weighing import hours_of
from advisor.recommend import CLOSE, FARNESS, FUTURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.findings import Findings
    from advisor.measurement import Measurement
    from advisor.options import Looks
    from advisor.recommend import Candidate

# A hundredth of a cent; anything less is told for a thousand pieces of work.
_SMALLEST_SAID = 0.0001
_REVIEW_DAYS = 182
_LEAST_REASONS = 3
ROLE = {Headline.EDGE: "edge", Headline.CLOUD: "cloud", Headline.HYBRID: "hybrid", Headline.NOT_YET: "none"}
_MIX = {
    "route.overflow": "verdict.hybrid.overflow",
    "route.failover": "verdict.hybrid.failover",
    "route.standby": "verdict.hybrid.standby",
    "route.hard": "verdict.hybrid.hard",
    "route.further": "verdict.hybrid.further",
    "route.learn": "verdict.hybrid.learn",
}


@dataclass(frozen=True, slots=True)
class BestWords:
    """The figures of the advised way, written out once."""

    candidate: Candidate
    looks: Looks
    total: str
    total_range: str
    monthly: str
    time: str
    time_range: str
    upkeep: str
    setup: str
    is_free: bool


def best_words(f: Figures, found: Findings) -> BestWords | None:
    """The figures of the advised way; `None` where the advice is not to start."""
    c = found.choice.best
    if c is None:
        return None
    g, i = c.group, c.row
    looks = g.looks(i)
    timed = measured(found, looks)
    speed = Origin(looks.basis, looks.speed_told, None if timed is None else timed.measured_on)
    low, likely, high = g.bills.lows[i], g.bills.totals[i], g.bills.highs[i]
    years = found.setting.case.years
    hours = Origin(Basis.ESTIMATED, found.setting.judged("hours.upkeep.edge_new").source.title)
    return BestWords(
        c,
        looks,
        f.money("best.total", likely, OURS, low, high),
        f.money_range("best.total.range", low, likely, high, OURS),
        f.money("best.monthly", float(g.bills.monthly(years)[i]), OURS),
        f.time("best.time", g.p_likely[i], speed, min(g.p_low[i], g.p_likely[i]), max(g.p_high[i], g.p_likely[i])),
        f.time_range("best.time.range", g.p_low[i], g.p_likely[i], g.p_high[i], speed),
        f.hours("best.upkeep", g.upkeep_hours_per_month[i], hours),
        f.hours("best.setup", g.setup_hours[i], hours),
        is_free=bool(round(likely * found.setting.money.rate, 2) == 0),
    )


def measured(found: Findings, looks: Looks) -> Measurement | None:
    """The measurement that the time of a way rests on; `None` where it is a forecast."""
    if looks.basis is not Basis.MEASURED:
        return None
    setting = found.setting
    return setting.places.of_part(looks.parts[0], setting.case.owned)


def sentence(f: Figures, found: Findings) -> str:
    """The verdict: one plain sentence."""
    say, choice = f.words.say, found.choice
    if choice.best is None:
        law = choice.none_because == "fix-first" and found.setting.case.health != "failed"
        return say("verdict.fix-first.law" if law else f"verdict.{choice.none_because}")
    g = choice.best.group
    looks = g.looks(choice.best.row)
    first = looks.parts[0]
    match g.kind:
        case Kind.EDGE_EXISTING:
            return say("verdict.edge_existing", what=say("your", name=first.what))
        case Kind.EDGE_NEW:
            host = next((p for p in looks.parts if p.role == "holds it" and p.purchase == "own"), None)
            if host is None:
                return say("verdict.edge_new", what=_so_many(f, first.count, looks.name))
            return say("verdict.edge_new.card", what=_so_many(f, first.count, first.what), host=say("your", name=host.what))
        case Kind.CLOUD_API if first.purchase == "serverless":
            return say("verdict.cloud_api.function", what=first.what)
        case Kind.CLOUD_INSTANCE if first.purchase == "own":
            return say("verdict.cloud_instance.own", what=first.what)
        case Kind.CLOUD_API:
            return say("verdict.cloud_api", what=first.what)
        case Kind.HYBRID:
            here = next(p for p in looks.parts if p.purchase in ("buy", "own"))
            there = next(p for p in looks.parts if p.purchase not in ("buy", "own"))
            key = _MIX.get(looks.routing or "", "verdict.hybrid")
            if here.purchase == "buy":
                return say(f"{key}.buy", here=_so_many(f, here.count, here.what), there=there.what)
            return say(key, here=say("your", name=here.what), there=there.what)
        case _:
            return say(f"verdict.{g.kind}", what=_so_many(f, first.count, looks.name))


def _so_many(f: Figures, count: int, name: str) -> str:
    if count == 1:
        return f.words.say("one", name=name)
    return f.words.say("several", count=f.text("best.machines", count, "", f"{count}", OURS), name=name)


def confidence_why(f: Figures, found: Findings) -> str:
    """Why we are as sure as we say."""
    say, choice = f.words.say, found.choice
    if choice.best is None:
        # Limits and prices are figures: where they rule all out, the answer does hang on some.
        return say("why_sure.rules" if choice.none_because == "nothing-feasible" and found.groups else "why_sure.none")
    if choice.confidence is Confidence.TOO_CLOSE and choice.rival is not None:
        kind = say(f"kind.{choice.rival.kind}")
        return say("why_sure.close", rival=kind[0].upper() + kind[1:])
    if choice.rival is None:
        return say("why_sure.only")
    return say("why_sure.share", share=futures(f, found))


def futures(f: Figures, found: Findings) -> str:
    """The share of drawn futures in which the advised kind is the best."""
    source = Origin(Basis.ESTIMATED, f"{FUTURES} seeded draws of prices, growth, hours and times")
    share = found.choice.kind_share
    return f.text("best.win_share", share, "", f.words.of_hundred(share), source)


def facts(f: Figures, found: Findings, best: BestWords | None) -> tuple[Fact, ...]:
    """The three large figures of the first page."""
    say, case = f.words.say, found.setting.case
    if best is None:
        return _facts_against(f, found)
    years = case_words.years(f, case)
    time_key = "fact.time.batch" if case.is_batch else "fact.time.first-word" if case.speed_of == "first-word" else "fact.time"
    cost_note = say("fact.cost.exact") if best.is_free else say("fact.cost.note", range=best.total_range)
    return (
        Fact(say("fact.cost", years=years), best.total, cost_note),
        Fact(say(time_key), best.time, say("fact.time.note", range=best.time_range)),
        Fact(say("fact.hours"), best.upkeep, say("fact.hours.note", setup=best.setup)),
    )


def _facts_against(f: Figures, found: Findings) -> tuple[Fact, ...]:
    say, words = f.words.say, f.words
    ways = sum(g.n for g in found.groups)
    out = sum(int((~g.feasible()).sum()) for g in found.groups)
    every = f.count("ways.all", ways, "way", OURS)
    review = review_day(found)
    facts = [Fact(say("fact.none.review"), f.text("review", review, "", words.day(review), OURS), say("fact.none.review.note"))]
    if out:
        ruled_out = f.text("ways.ruled_out", out, "ways", words.exact(out), OURS)
        facts.insert(0, Fact(say("fact.none.refused"), ruled_out, say("fact.none.refused.note", count=every)))
    return tuple(facts)


def review_day(found: Findings) -> str:
    """When to look again (ISO date): half a year on."""
    return (found.setting.today + timedelta(days=_REVIEW_DAYS)).isoformat()


def reasons(f: Figures, found: Findings, best: BestWords | None) -> tuple[str, ...]:
    """Why this way: the bill, the speed, the rule that decides, the next best way."""
    if best is None:
        return tuple(against.reasons(f, found))
    case, say = found.setting.case, f.words.say
    g, first = best.candidate.group, best.looks.parts[0]
    out = []
    years = case_words.years(f, case)
    if g.kind is Kind.EDGE_EXISTING:
        key = "reason.nothing_to_buy" if case.staff_hour is None else "reason.nothing_to_buy.hours"
        if case.staff_hour is None and _beside_power(found, best):
            key = "reason.nothing_to_buy.more"
        out.append(say(key, total=best.total, years=years))
    elif g.kind is Kind.CLOUD_INSTANCE and first.purchase == "own":
        out.append(say("reason.rented_already", total=best.total, years=years))
    else:
        out.append(say("reason.cheapest_bill", total=best.total, years=years, range=best.total_range) + _per_unit(f, found, best))
    out.append(_speed(f, found, best))
    timed = measured(found, best.looks)
    if timed is not None:
        out += test_run.reasons(f, timed, found.setting.places.name_of(timed))
    if case.simple_rule == "not-sure":
        out.append(say("reason.plain.unsure.forecast" if case.task == "forecast" else "reason.plain.unsure"))
    if case.offline and not g.sends_out:
        out.append(say("reason.offline"))
    if best.looks.routing is not None and f.words.has(f"reason.{best.looks.routing}"):
        out.append(say(f"reason.{best.looks.routing}"))
    elif not g.sends_out and (case.data != "none" or case.stay == "on-site"):
        out.append(say("reason.stays.only" if case.offline else "reason.stays"))
    if g.kind is Kind.CLOUD_API:
        out.append(say("reason.no_hardware"))
    if case.power_limit_w is not None and g.kind is Kind.EDGE_NEW:
        out.append(_power(f, found, best))
    rival = found.choice.rival
    if rival is not None:
        r = rival.group
        cost = f.money("rival.total", r.bills.totals[rival.row], OURS, r.bills.lows[rival.row], r.bills.highs[rival.row])
        upkeep = f.hours("rival.upkeep", rival.upkeep, OURS)
        setup = f.hours("rival.setup", r.setup_hours[rival.row], OURS)
        out.append(say("reason.rival", rival=say(f"kind.{rival.kind}"), cost=cost, setup=setup, upkeep=upkeep))
    elif others := sum(h.n for h in found.groups if h.kind is not g.kind):
        out.append(say("reason.only_kind", count=f.count("ways.other", others, "way", OURS)))
    out.extend(_smaller_bills(f, found, best.candidate))
    if len(out) < _LEAST_REASONS and case.limit_s is not None:
        out.append(say("reason.hours", upkeep=best.upkeep, setup=best.setup))
    return tuple(out)


def _smaller_bills(f: Figures, found: Findings, best: Candidate) -> Iterator[str]:
    """Why a listed way with a clearly smaller bill is not advised: it would be asked at once."""
    limit = best.total * (1 - CLOSE)
    cheaper = sorted((c for c in found.choice.listed if c.total < limit), key=lambda c: (c.total, c.id))
    best_doubted = bool(best.group.flagged[best.row])
    for doubted in (False, True):
        ways = [c for c in cheaper if bool(c.group.flagged[c.row] and not best_doubted) is doubted and (doubted or c.score > best.score)]
        if ways:
            c, id = ways[0], "doubted" if doubted else "smaller"
            key = "reason.doubted_bill" if doubted else f"reason.smaller_bill.{_why_not(found, best, c)}"
            cost = f.money(f"{id}.total", c.total, OURS, c.group.bills.lows[c.row], c.group.bills.highs[c.row])
            name = f.quoted(f"{id}.name", way_name(f.words, c), OURS)
            yield f.words.say(key, name=name[0].upper() + name[1:], cost=cost)


def _why_not(found: Findings, best: Candidate, c: Candidate) -> str:
    """What makes a way with a smaller bill the worse one: the owner's wish, or the largest part of the difference."""
    case = found.setting.case
    if case.prefer in ("fastest", "least-upkeep", "most-private"):
        return str(case.prefer)
    g, i = c.group, c.row
    more = float(hours_of(case, g)[i] - hours_of(case, best.group)[best.row])
    # Hours that the owner priced are in the bill already.
    hours = found.setting.wage.likely * more if case.staff_hour is None else 0.0
    late = c.burden * float(best.group.speed_met()[best.row] - g.speed_met()[i])
    far = FARNESS * c.burden * float(g.far[i] - best.group.far[best.row])
    return max((hours, "hours"), (late, "slow"), (far, "far"))[1]


def _per_unit(f: Figures, found: Findings, best: BestWords) -> str:
    """What one piece of work costs; of many pieces where one costs next to nothing, and of a batch where work comes so."""
    case, say = found.setting.case, f.words.say
    units, total = found.setting.demand.units, float(best.candidate.total)
    if not units or best.is_free:
        return ""
    if case.batch is not None:
        batches = case.batch.times_per_year * found.setting.demand.duration
        return " " + say("reason.per_batch", price=f.price("best.per_batch", total / batches, OURS))
    for many in (1, 1000, 1_000_000):
        if total / units * many * f.rate.rate >= _SMALLEST_SAID:
            break
    price = f.price("best.per_unit", total / units * many, OURS)
    if many == 1:
        return " " + say("reason.per_unit", price=price, unit=f.quoted("yours.unit", case.unit, YOURS))
    return " " + say("reason.per_many", price=price, count=f.count("best.per_unit.count", many, case.unit, OURS))


def _speed(f: Figures, found: Findings, best: BestWords) -> str:
    case, say = found.setting.case, f.words.say
    if case.limit_s is None:
        return say("reason.hours", upkeep=best.upkeep, setup=best.setup)
    limit, share = case_words.limit(f, case), case_words.share(f, case)
    if case.is_batch:
        nights = any(o.free == "nights" for o in case.owned) and best.candidate.kind is Kind.EDGE_EXISTING
        return say("reason.fast.batch.nights" if nights else "reason.fast.batch", time=best.time, limit=limit)
    if case.speed_of == "first-word":
        return say("reason.fast.first-word", time=best.time, share=share, limit=limit)
    key = "reason.fast.tail" if case.percentile >= 99 else "reason.fast"
    unit = f.quoted("yours.unit", case.unit, YOURS)
    return say(key, share=share[0].upper() + share[1:] if key == "reason.fast" else share, time=best.time, limit=limit, unit=unit)


def _power(f: Figures, found: Findings, best: BestWords) -> str:
    case = found.setting.case
    build = next(b for b in found.setting.catalog.builds(case.owned) if b.device_id == best.looks.parts[0].catalog_id)
    origin = Origin(Basis.PUBLISHED, build.load_w.source.title, build.load_w.source.as_of)
    watts = f.text("best.watts", build.load_w.likely, "W", f"{f.words.number(build.load_w.likely)}\u00a0watts", origin)
    limit = f.text("site.power_limit", case.power_limit_w or 0.0, "W", f"{f.words.exact(case.power_limit_w or 0.0)}\u00a0watts", YOURS)
    return f.words.say("reason.watt", watts=watts, limit=limit)


def headline(found: Findings) -> tuple[Kind, Headline]:
    """Kind and headline of the answer."""
    kind = found.choice.best.kind if found.choice.best else Kind.NONE
    return kind, HEADLINE_OF[kind]


def _beside_power(found: Findings, best: BestWords) -> bool:
    """Whether a computer you have costs more than its power and what cools it."""
    bills, i = best.candidate.group.bills, best.candidate.row
    power = sum(float(np.nan_to_num(x.amounts(bills.n)[i])) for x in bills.lines if x.code in ("T04", "T06"))
    return float(bills.totals[i]) > 1.01 * power
