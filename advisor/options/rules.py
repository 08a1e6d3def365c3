"""The owner's rules: what removes a candidate, whatever it would save. Money never buys them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.load import busiest_upload_mbps, data_gb_per_month
from advisor.options.group import Removal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.cost import Bills
    from advisor.options.setting import Setting

    Bools = NDArray[np.bool_]

# Shorter than this, no switch to a phone's line is quick enough when the wired one fails.
QUICKEST_SWITCH_S: Final = 300.0
# A line is full in practice well before its rated speed.
LINE_FULL_AT: Final = 0.8


def about_place(setting: Setting, countries: NDArray[np.str_], in_eu: Bools, *, private_share_only: bool = False) -> tuple[Removal, ...]:
    """Rules on where data may go, for services whose machines stand in `countries` ('' = unknown: fails every rule)."""
    case = setting.case
    n = len(countries)
    if private_share_only:
        return ()
    match case.stay:
        case "on-site":
            return (Removal("rule.place-of-data", np.ones(n, dtype=bool)),)
        case "country":
            return (Removal("rule.place-of-data", countries != case.country),)
        case "eu":
            return (Removal("rule.place-of-data", ~in_eu),)
        case _:
            return ()


def about_line(setting: Setting, n: int) -> tuple[Removal, ...]:
    """Rules on the internet line, for anything that needs it at the moment of work; the same for all n candidates."""
    case = setting.case
    out = []

    def all_if(rule: str, broken: bool) -> None:
        if broken:
            out.append(Removal(rule, np.ones(n, dtype=bool)))

    all_if("rule.offline", case.offline or case.internet == "none")
    if case.traffic_from != "internet":
        all_if("rule.outage", case.longest_outage_s < QUICKEST_SWITCH_S and not case.is_batch)
        if not case.is_batch and case.internet != "none":
            all_if("rule.uplink", busiest_upload_mbps(case, setting.demand) > LINE_FULL_AT * case.uplink_mbps)
        plan = case.mobile_gb_per_month
        if case.internet in ("mobile", "metered") and plan is not None and case.mobile_price_per_gb is None:
            all_if("rule.mobile-plan", data_gb_per_month(case, setting.demand) > plan)
    all_if("rule.confidential", case.confidential_share is not None and case.confidential_share > 0)
    return tuple(out)


def about_people(setting: Setting, n: int) -> tuple[Removal, ...]:
    """Rules that stop every way of doing the job: law first, a failed check of the model or its data."""
    case = setting.case
    out = []
    if case.identifies_people and not case.legal_basis:
        out.append(Removal("rule.legal-basis", np.ones(n, dtype=bool)))
    if case.decides_about_people and not case.legal_basis:
        out.append(Removal("rule.decision", np.ones(n, dtype=bool)))
    if case.health == "failed":
        out.append(Removal("rule.health", np.ones(n, dtype=bool)))
    return tuple(out)


def about_money(setting: Setting, bills: Bills) -> tuple[Removal, ...]:
    """The budget: what is paid on the first day and each month."""
    case, money = setting.case, setting.money
    out = []
    if case.upfront_max is not None:
        out.append(Removal("rule.upfront", bills.cash_upfront() * money.rate > case.upfront_max + 0.005))
    if case.monthly_max is not None:
        out.append(Removal("rule.monthly", bills.cash_monthly(case.years) * money.rate > case.monthly_max + 0.005))
    return tuple(out)


def about_office(setting: Setting, n: int) -> tuple[Removal, ...]:
    """Customers who come over the internet must not hang on an office line and an office computer."""
    public = setting.case.traffic_from == "internet"
    return (Removal("rule.public-traffic", np.full(n, public)),) if public else ()
