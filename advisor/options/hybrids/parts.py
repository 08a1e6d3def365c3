"""The work of each side of a mix, as a case of its own; the budget and the outage are judged on the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from advisor.load import demand

if TYPE_CHECKING:
    from advisor.case import Case
    from advisor.options.setting import Setting

# The other side steps in: what may stand still is no rule for one side alone [s].
_LONG: Final = 1e9


def part_of(case: Case, share: float, busiest: float | None = None, **changes: object) -> Case:
    """The case with a share of the work; `busiest` is its share of the busiest hour where that is another one."""
    peak, heap = case.rare_peak, case.batch
    hour = share if busiest is None else busiest
    part = replace(
        case,
        units_per_day=case.units_per_day * share,
        busiest_hour_units=case.busiest_hour_units * hour,
        rare_peak=peak and replace(peak, units_per_day=peak.units_per_day * share, busiest_hour_units=peak.busiest_hour_units * hour),
        batch=heap and replace(heap, units=heap.units * share),
        confidential_share=None,
        upfront_max=None,
        monthly_max=None,
    )
    return replace(part, **changes)  # type: ignore[arg-type]


def hours_of(case: Case, share: float, **changes: object) -> Case:
    """The whole work in a share of the hours of a year: as busy as ever, but seldom."""
    return replace(part_of(case, share, busiest=1.0, longest_outage_s=_LONG), **changes)  # type: ignore[arg-type]


def covered(case: Case) -> Case:
    """The whole work, where another side steps in when this one stands still."""
    return part_of(case, 1.0, longest_outage_s=_LONG)


def over_the_usual(case: Case) -> Case | None:
    """What a rare peak brings beyond the usual days; `None` where it brings nothing."""
    peak = case.rare_peak
    if peak is None:
        return None
    over = max(peak.busiest_hour_units - case.busiest_hour_units, 0.0)
    extra_a_year = max(peak.units_per_day - case.units_per_day, 0.0) * peak.days_per_year
    if over <= 0 or extra_a_year <= 0:
        return None
    return replace(
        case,
        rare_peak=None,
        units_per_day=extra_a_year / case.days_per_year,
        busiest_hour_units=over,
        upfront_max=None,
        monthly_max=None,
    )


def without_peak(case: Case) -> Case:
    """The usual days only."""
    return replace(case, rare_peak=None, upfront_max=None, monthly_max=None)


def ground(setting: Setting, case: Case) -> Setting:
    """The same ground for another case."""
    return replace(setting, case=case, demand=demand(case))
