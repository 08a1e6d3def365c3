"""The owner's own figures and rules in words: the load, the limit, the horizon, what each rule says in this case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.evidence import Basis
from advisor.explain.figures import OURS, YOURS, Figures, Origin
from advisor.load import busiest_upload_mbps, data_gb_per_month
from advisor.words import NBSP

if TYPE_CHECKING:
    from advisor.case import Case
    from advisor.options import Setting


def told(case: Case, field: str) -> Origin:
    """Where a figure of the case comes from: the owner, or a default with its source."""
    for f in case.filled:
        if f.field == field or f.field.startswith(f"{field}."):
            return Origin(f.basis, f.source.title, f.source.as_of)
    return YOURS


def years(f: Figures, case: Case) -> str:
    """The horizon."""
    return f.text("horizon", case.years, "years", f.words.years(case.years), told(case, "money.horizon_years"))


def a_day(f: Figures, case: Case) -> str:
    """Units of work on a day."""
    if case.batch is not None:
        return f.count("load.mean_day", case.units_per_day, case.unit, OURS, digits=2)
    return f.count("load.units_per_day", case.units_per_day, case.unit, YOURS)


def busiest(f: Figures, case: Case) -> str:
    """Units of work in the busiest hour."""
    where = told(case, "load.busiest_hour_share")
    if case.need.load.busiest_hour_units is None:
        return f.count(
            "load.busiest_hour_units", case.busiest_hour_units, case.unit, Origin(Basis.ESTIMATED, where.source, where.as_of), digits=2
        )
    return f.count("load.busiest_hour_units", case.busiest_hour_units, case.unit, YOURS)


def limit(f: Figures, case: Case) -> str:
    """The time an answer (or a batch) may take."""
    if case.limit_s is None:
        return ""
    return f.text("speed.limit", case.limit_s, "s", f.words.exact_time(case.limit_s), told(case, "speed.limit_ms"))


def share(f: Figures, case: Case) -> str:
    """The share of answers that must keep the limit, in words."""
    q = case.percentile
    key = f"share.{q:g}"
    if f.words.has(key):
        return f.words.say(key)
    percent = f.text("speed.percentile", q, "%", f"{q:g}\u00a0%", told(case, "speed.percentile"))
    return f.words.say("share.other", percent=percent)


def rule_words(f: Figures, setting: Setting, rule: str) -> str:
    """What a rule that removes candidates says in this case."""
    case, words, d = setting.case, f.words, setting.demand
    match rule:
        case "rule.place-of-data":
            return words.say(f"rule.place-of-data.{case.stay}")
        case "rule.offline" if case.internet == "none" and not case.offline:
            return words.say("rule.offline.none")
        case "rule.outage":
            wait = words.exact_time(case.longest_outage_s)
            outage = f.text("rules.outage", case.longest_outage_s, "s", wait, told(case, "rules.longest_outage_minutes"))
            return words.say(rule, outage=outage)
        case "rule.uplink":
            uplink = f.text(
                "site.uplink", case.uplink_mbps, "Mbit/s", f"{words.exact(case.uplink_mbps)}{NBSP}Mbit", told(case, "site.uplink_mbps")
            )
            mbps = busiest_upload_mbps(case, d)
            return words.say(rule, uplink=uplink, need=f.text("load.upload", mbps, "Mbit/s", f"{words.number(mbps)}{NBSP}Mbit", OURS))
        case "rule.mobile-plan":
            plan = case.mobile_gb_per_month or 0.0
            gb = data_gb_per_month(case, d)
            return words.say(
                rule,
                plan=f.text("site.plan", plan, "GB/month", f"{words.exact(plan)}{NBSP}GB", YOURS),
                need=f.text("load.data", gb, "GB/month", f"{words.number(gb)}{NBSP}GB", OURS),
            )
        case "rule.upfront" | "rule.monthly":
            value = (case.upfront_max if rule == "rule.upfront" else case.monthly_max) or 0.0
            shown = words.cents(value)
            return words.say(rule, money=f.text(f"money.{rule[5:]}_max", value, case.currency, shown.removesuffix(".00"), YOURS))
        case "rule.too-slow":
            return words.say(rule, limit=limit(f, case)) if case.limit_s is not None else words.say("rule.too-slow.none")
        case "rule.power":
            if case.power_limit_w is None:
                return words.say("rule.power.none")
            shown = f"{words.exact(case.power_limit_w)}{NBSP}watts"
            return words.say(rule, watts=f.text("site.power_limit", case.power_limit_w, "W", shown, YOURS))
        case _:
            return words.say(rule)
