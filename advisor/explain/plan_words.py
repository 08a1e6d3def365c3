"""What can go wrong, what to do first and each month, and what the law asks: each line there because a value asks for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from advisor.advice import Governance, Kind, Plan, Risk
from advisor.catalog.names import provider_name
from advisor.evidence import Basis
from advisor.explain import to_do, verdict
from advisor.explain.figures import OURS, YOURS, Figures, Origin
from advisor.options import NEAR
from advisor.outlook import at
from advisor.units import MONTHS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.explain.verdict import BestWords
    from advisor.findings import Findings

_STREAM_PER_HOUR = 600
# Answers looked at each month; all of them where there are fewer.
_SAMPLE = 50
_OPEN_TEXT = ("chat",)
_OWN_ROOMS = (Kind.EDGE_EXISTING, Kind.EDGE_NEW, Kind.HYBRID)


def risks(f: Figures, found: Findings, best: BestWords | None) -> tuple[Risk, ...]:
    """What can go wrong with the advised way, and what to do about it."""
    keys = ("waiting",) if best is None else tuple(dict.fromkeys(_risks(found, best)))
    return tuple(
        Risk(f.words.say(f"risk.{k}", **_places(f, found, best, k)), f.words.say(f"risk.{k}.do", **_places(f, found, best, f"{k}.do")))
        for k in keys
    )


def _risks(found: Findings, best: BestWords) -> Iterator[str]:
    case = found.setting.case
    g, parts = best.candidate.group, best.looks.parts
    own = [o for o in case.owned if any(p.what == o.what and p.purchase == "own" for p in parts)]
    if g.kind is Kind.EDGE_EXISTING:
        yield "pc_off"
        if any(o.free in ("always", None) for o in own):
            yield "pc_busy"
    if any(p.role == "holds it" and p.purchase == "own" for p in parts):
        yield "pc_busy"
    if case.it_skill in ("none", "low") and _hours_for_skill(found, best) > 0:
        guessed = any(x.field == "business.it_skill" for x in case.filled)
        yield "skill_unknown" if guessed else f"skill_{case.it_skill}"
    if any(p.purchase == "buy" for p in parts):
        standby = best.looks.routing in ("route.failover", "route.standby")
        spare = any(p.role.startswith("spare") for p in parts)
        yield "device_dies_spare" if spare else "device_dies_standby" if standby else "device_dies"
    if g.sends_out and case.traffic_from != "internet":
        yield "line_down"
    if case.monthly_max is not None and _high_month(found, best) > case.monthly_max:
        yield "budget"
    if any(p.purchase in ("pay-per-use", "serverless") for p in parts):
        yield "price"
    if any(p.purchase == "serverless" for p in parts):
        yield "cold_start"
    if case.rare_peak is not None and g.sends_out:
        yield "sale_day"
    yield from _risks_of_task(found, best)
    if case.power in ("solar", "battery") and g.kind in _OWN_ROOMS:
        yield "solar"
    if best.looks.basis is not Basis.MEASURED and g.kind in (Kind.EDGE_NEW, Kind.HYBRID):
        yield "rough"
    if case.data != "none":
        yield "personal"
    yield "drift_service" if is_served(best) else "drift"


def is_served(best: BestWords) -> bool:
    """Whether a seller answers with a model of their own, and nothing of the owner's runs."""
    return best.candidate.kind is Kind.CLOUD_API and any(p.purchase == "pay-per-use" for p in best.looks.parts)


def _hours_for_skill(found: Findings, best: BestWords) -> float:
    """Hours a month that the owner's people need more than people who know computers well would: the part that is theirs to look after."""
    if is_served(best):
        return 0.0
    s, g, i = found.setting, best.candidate.group, best.candidate.row
    theirs = sum(at(line.quantity, i) for line in g.bills.lines if line.code == "T08") / (s.case.years * MONTHS_PER_YEAR)
    if any(p.purchase == "pay-per-use" for p in best.looks.parts):
        # The half that a seller looks after asks for the same hours of anybody.
        theirs -= s.judged("hours.upkeep.hosted").likely
    return theirs * (1 - 1 / s.judged(f"skill.{s.case.it_skill}").likely)


def _high_month(found: Findings, best: BestWords) -> float:
    """What a month may cost at the high end of the range, in the owner's currency."""
    bills, row, s = best.candidate.group.bills, best.candidate.row, found.setting
    return float(bills.highs[row] - bills.upfronts[row]) / (s.case.years * MONTHS_PER_YEAR) * s.money.rate


def _risks_of_task(found: Findings, best: BestWords) -> Iterator[str]:
    case = found.setting.case
    inside = best.candidate.kind in _OWN_ROOMS
    stream = case.busiest_hour_units / case.sites >= _STREAM_PER_HOUR
    match case.task:
        case "speech-to-text":
            yield "speech"
        case "object-detection" if case.data == "sensitive" or case.identifies_people:
            yield "people_seen"
            if case.sites > 1:
                yield "numbers_only"
        case "chat":
            yield "chat_wrong"
            if inside and not case.needs_large_model:
                yield "quality_text"
        case "ocr":
            yield "ocr_wrong"
        case "translation":
            yield "translation"
        case "text-classification":
            yield "sorting"
        case "anomaly-detection":
            yield "alarm"
            if stream and case.limit_s is not None and case.limit_s <= 1:
                yield "line_safe"
        case "recommendation":
            yield "suggest"
        case _:
            pass
    if best.looks.routing == "route.private":
        yield "staff_secret"
    if best.looks.routing == "route.hard":
        yield "sorted_wrong"
    if any(p.purchase == "spot" for p in best.looks.parts):
        yield "taken_away"


def _places(f: Figures, found: Findings, best: BestWords | None, key: str) -> dict[str, str]:
    """The figures in a risk."""
    s, words = found.setting, f.words
    case = s.case
    match key:
        case "device_dies" | "device_dies_spare" | "device_dies_standby":
            e = s.judged("failure.per_year")
            return {"rate": f.text("risk.failure", e.likely, "a year", words.of_hundred(e.likely), _of(e))}
        case "device_dies.do":
            e = s.judged("replacement.usual_days")
            return {"days": f.time("risk.replacement", e.likely * 86400, _of(e))}
        case "line_down":
            e = s.judged("outage.line_hours_a_year")
            return {"hours": f.hours("risk.line_hours", e.likely, _of(e), e.low, e.high)}
        case "cold_start":
            e = s.judged("serverless.cold_start_s")
            return {"time": f.time("risk.cold_start", e.likely, _of(e), e.low, e.high)}
        case "budget" if best is not None:
            high = _high_month(found, best)
            return {"high": f.text("best.high_month", high, f.rate.currency, words.money(high), OURS)}
        case "sale_day" if case.rare_peak is not None:
            return {
                "peak": f.count("load.rare_day", case.rare_peak.units_per_day, case.unit, YOURS),
                "normal": f.count("load.units_per_day", case.units_per_day, case.unit, YOURS),
            }
        case "skill_none" | "skill_low" | "skill_unknown" if best is not None:
            more = s.judged(f"skill.{case.it_skill}")
            return {"more": f.hours("risk.skill", _hours_for_skill(found, best), _of(more))}
        case "drift.do" | "drift_service.do":
            return {"sample": _sample(f, found)}
        case _:
            return {}


def _of(e: object) -> Origin:
    from advisor.evidence import Estimate

    assert isinstance(e, Estimate)
    return Origin(e.basis, e.source.title, e.source.as_of)


def _sample(f: Figures, found: Findings) -> str:
    hours, d = found.setting.judged("hours.watch"), found.setting.demand
    a_month = d.units / (d.duration * MONTHS_PER_YEAR)
    where = Origin(Basis.ESTIMATED, hours.source.title, hours.source.as_of)
    return f.count("rule.sample", max(min(_SAMPLE, math.floor(a_month)), 1), "answer", where)


def plan(f: Figures, found: Findings, best: BestWords | None) -> Plan:
    """First steps, each month, when it goes wrong, how to stop."""
    say = f.words.say
    review = verdict.review_day(found)
    first, then = to_do.steps(f, found, best)
    wrong = f.text("rule.wrong", 5, "of 100", "5\u00a0in\u00a0100", Origin(Basis.ESTIMATED, "our rule for small samples"))
    if best is None:
        return Plan(first, (), say("retraining.none"), (), (say("off.none"),), review, then)
    parts = best.looks.parts
    seller = next((provider_name(p.provider) for p in parts if p.provider and p.purchase != "own"), None)
    monitoring = [say("monitor.sample", sample=_sample(f, found)), say("monitor.stop", wrong=wrong)]
    if best.candidate.kind in (*_OWN_ROOMS, Kind.CLOUD_INSTANCE):
        monitoring.append(say("monitor.updates"))
    if seller:
        monthly = _sellers_bill(found, best)
        paid = f.money("best.sellers_bill", monthly, OURS)
        monitoring += [say("monitor.bill", monthly=paid), say("monitor.notice", provider=seller)]
    monitoring.append(say("monitor.review", day=f.text("review", review, "", f.words.day(review), OURS)))
    incident = [say("incident.stop"), say("incident.keep"), _whom_to_call(f, found, seller)]
    if found.setting.case.data != "none" and found.setting.catalog.in_eu(found.setting.case.country):
        hours = f.text("law.report", 72, "hours", "72\u00a0hours", Origin(Basis.PUBLISHED, "Regulation (EU) 2016/679, Article 33"))
        incident.append(say("incident.people", hours=hours))
    off = [say("off.stop"), say("off.save")]
    if seller:
        off.append(say("off.cancel", provider=seller))
    if best.candidate.kind in (Kind.EDGE_NEW, Kind.HYBRID):
        off.append(say("off.device"))
    return Plan(first, tuple(monitoring), _retraining(f, found, best, wrong), tuple(incident), tuple(off), review, then)


def _whom_to_call(f: Figures, found: Findings, seller: str | None) -> str:
    if found.setting.case.need.business.people != 1:
        return f.words.say("incident.call")
    return f.words.say("incident.call.seller", provider=seller) if seller else f.words.say("incident.call.maker")


def _retraining(f: Figures, found: Findings, best: BestWords, wrong: str) -> str:
    """What keeps the answers good: a seller trains the model, an open text model is exchanged, one's own is trained again."""
    if is_served(best):
        return f.words.say("retraining.service")
    return f.words.say("retraining.open" if found.setting.work.text is not None else "retraining", wrong=wrong)


def _sellers_bill(found: Findings, best: BestWords) -> float:
    """What the seller's bill comes to in an average month [USD]: rent, use and data out, not own hours or a mobile plan."""
    bills, row = best.candidate.group.bills, best.candidate.row
    lines = (line for line in bills.lines if line.code in ("T14", "T16", "T17", "T18", "T19"))
    total = sum(float(np.nan_to_num(line.amounts(bills.n)[row])) for line in lines)
    return total / (found.setting.case.years * MONTHS_PER_YEAR)


def law_notes(f: Figures, found: Findings) -> tuple[str, ...]:
    """What the law may ask, with dates; never that anything is allowed. Nothing where we know of nothing."""
    say, case, best = f.words.say, found.setting.case, found.choice.best
    out = []
    about_people = case.data != "none" or case.identifies_people or case.decides_about_people
    if found.setting.catalog.in_eu(case.country):
        if best is not None and case.need.business.people != 1:
            out.append(say("law.literacy"))
        if case.task in _OPEN_TEXT:
            out.append(say("law.transparency"))
        if case.identifies_people or case.decides_about_people:
            out += [say("law.banned"), say("law.high_risk")]
        if case.data != "none":
            out.append(say("law.gdpr"))
            may_leave = case.stay == "anywhere" and best is not None and best.group.sends_out
            if best is not None and may_leave and (best.kind is Kind.HYBRID or best.group.far[best.row] > NEAR):
                out.append(say("law.transfer"))
    elif about_people:
        out.append(say("law.elsewhere", country=f.words.country(case.country)))
    return (*out, say("law.no_advice")) if out else ()


def governance(f: Figures, found: Findings) -> tuple[Governance, ...]:
    """The outcomes of the NIST AI Risk Management Framework that a small firm can act on: done here, or open for the owner."""
    done = ["GOVERN 1.5", "MAP 1.1", "MANAGE 1.1", "MANAGE 2.1"]
    if law_notes(f, found):
        done.append("GOVERN 1.1")
    if found.choice.best is not None:
        done += ["GOVERN 1.7", "MANAGE 2.4", "MANAGE 4.1"]
    if found.measurements:
        done.append("MEASURE 2.3")
    if found.choice.best is not None and found.choice.best.kind in _OWN_ROOMS:
        done.append("MEASURE 2.12")
    # Points that only some firms have to see to; the others hold for whoever runs AI, or thinks of it.
    case, best = found.setting.case, found.choice.best
    seller = best is not None and any(p.provider and p.purchase != "own" for p in best.group.looks(best.row).parts)
    about_people = case.data != "none" or case.identifies_people or case.decides_about_people
    asked_of = {**dict.fromkeys(("GOVERN 6.1", "GOVERN 6.2"), seller), **dict.fromkeys(("MEASURE 2.10", "MEASURE 2.11"), about_people)}
    out = []
    for r in found.setting.catalog.table("governance"):
        if r["ref"].split()[0] not in ("GOVERN", "MAP", "MEASURE", "MANAGE"):
            continue
        if r["ref"] in done:
            out.append(Governance(r["ref"], f.words.say(f"nist.{r['ref']}"), "program", "done"))
        if r["owner_does"] not in ("", "-") and asked_of.get(r["ref"], True):
            out.append(Governance(r["ref"], f.words.say("nist.owner", topic=r["topic_in_own_words"], do=r["owner_does"]), "you", "open"))
    return tuple(out)
