"""Which answers of NEED.json are moved in the search for turning points, how far, and when that makes sense.

A table instead of code for each field: `NUMBERS` and `CHOICES` are what is moved, `NOT_MOVED` names every other field that
holds a number or a choice and says why it stays as it is. A test holds the three to the schema.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from advisor.moves import Choice, Chosen, Movable, Number, Scale
from advisor.need import NOT_SURE
from advisor.need_paths import places, value_at
from advisor.recommend import stopped
from advisor.units import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from advisor.case import Case
    from advisor.options import Setting

# ---- when a figure can matter at all ---------------------------------------------------------------------------------


def _may_leave(case: Case) -> bool:
    """Whether anything may be sent out of the building: there is a line, and no rule keeps all data here."""
    return case.internet != "none" and case.stay != "on-site"


def _uploads(case: Case) -> bool:
    """Whether work would go out over the firm's own line; people on the internet bring their own."""
    return _may_leave(case) and case.traffic_from != "internet"


def _pays_by_gigabyte(case: Case) -> bool:
    return _uploads(case) and case.internet in ("mobile", "metered")


def _one_by_one(case: Case) -> bool:
    return not case.is_batch


def _has_busy_hours(case: Case) -> bool:
    """Whether an hour is busier than another: in a heap none is, but the work of a rare peak day is told by its hours too."""
    return not case.is_batch or case.rare_peak is not None


# ---- ends that depend on the other answers -----------------------------------------------------------------------------


def _day_at_most(s: Setting) -> float:
    """A day's work fits into the open hours where the busiest is told, and no ordinary day is busier than the rare peak."""
    case = s.case
    told = case.need.load.busiest_hour_units is not None
    day = case.busiest_hour_units * case.open_hours_per_day if told else 1e12
    return min(day, case.rare_peak.units_per_day) if case.rare_peak else day


def _mean_hour(s: Setting) -> float:
    return s.case.units_per_day / s.case.open_hours_per_day


def _day(s: Setting) -> float:
    return s.case.units_per_day


_S = Scale
NUMBERS: Final[tuple[Number, ...]] = (
    Number("load.units_per_day", _S.LOG, "count", high=_day_at_most, reach=(6, 300), when=lambda c: c.batch is None),
    Number("load.busiest_hour_units", _S.LOG, "count", lambda s: s.case.busiest_hour_units, _mean_hour, _day, reach=(6, 300),
           when=_has_busy_hours),
    Number("load.days_per_week", _S.LINEAR, "days", lambda s: round(s.case.days_per_year / WEEKS_PER_YEAR, 6), 1, 7, 2, hard=True),
    Number("load.open_hours_per_day", _S.LINEAR, "hours", lambda s: s.case.open_hours_per_day, 1, 24, 6, hard=True),
    Number("load.growth_percent_per_year", _S.LINEAR, "percent", lambda s: s.case.growth * 100, -50, 200, 50, reach=(0.3, 1)),
    Number("load.sites", _S.WHOLE, "places", lambda s: s.case.sites, 1, 100_000),
    Number("load.input_kb_per_unit", _S.LOG, "kilobytes", lambda s: s.case.input_kb, 0.001, 1e9, 100),
    Number("load.output_kb_per_unit", _S.LOG, "kilobytes", lambda s: s.case.output_kb, 0.001, 1e9, 100, when=_may_leave),
    Number("load.rare_peak.units_per_day", _S.LOG, "count", low=_day),
    Number("load.rare_peak.busiest_hour_units", _S.LOG, "count"),
    Number("load.rare_peak.days_per_year", _S.LOG, "peak_days", low=0.1, high=366, hard=True),
    Number("load.batch.units", _S.LOG, "count"),
    Number("load.batch.times_per_year", _S.LOG, "times", low=0.1, high=100_000),
    Number("speed.limit_ms", _S.LOG, "milliseconds", lambda s: None if s.case.limit_s is None else s.case.limit_s * 1000, high=1e10,
           reach=(5, 100)),
    Number("speed.percentile", _S.LINEAR, "percent", lambda s: s.case.percentile, 50, 100, 5, hard=True, when=_one_by_one),
    # Where nobody said that a part is confidential there is nothing to move.
    Number("rules.confidential_share", _S.SHARE, "share", low=0, high=1, doubling=0.3, hard=True,
           when=lambda c: bool(c.confidential_share)),
    Number("rules.longest_outage_minutes", _S.LOG, "minutes", lambda s: s.case.longest_outage_s / 60, 0.1, 1e7, 60, reach=(100,)),
    Number("site.uplink_mbps", _S.LOG, "megabits", lambda s: s.case.uplink_mbps, 0.001, 1e5, reach=(100,), when=_uploads),
    Number("site.mobile_gb_per_month", _S.LOG, "gigabytes", low=0.001, high=1e6, doubling=10, when=_pays_by_gigabyte),
    Number("site.mobile_price_per_gb", _S.LOG, "per_gigabyte", low=0.001, high=1e5, doubling=2, is_money=True, when=_pays_by_gigabyte),
    Number("site.power_limit_w", _S.LOG, "watts", low=0.1, high=1e6),
    Number("site.rented[].spare_share", _S.SHARE, "share", lambda s: s.judged("site.rented.spare_share").likely, 0, 1, 0.3, hard=True),
    # No limit was taken where none was told, so there is none to move.
    Number("money.upfront_max", _S.LOG, "money", low=1, doubling=500, is_money=True),
    Number("money.monthly_max", _S.LOG, "money", low=0.1, doubling=20, is_money=True),
    Number("money.horizon_years", _S.LINEAR, "years", lambda s: s.case.years, 1, 10, 3),
    Number("money.electricity_per_kwh", _S.LOG, "per_kilowatt_hour", lambda s: s.electricity.likely * s.money.rate, 0.001, 1e5, 0.3, True),
    Number("money.staff_hour", _S.LOG, "money", lambda s: s.wage.likely * s.money.rate, 0.01, 1e7, 30, True),
    Number("money.discount_percent", _S.LINEAR, "percent", lambda s: s.case.discount * 100, 0, 30, 10),
    # What only the owner can tell of a bill: nothing is taken where it was left open, so there is nothing to move.
    Number("money.lost_hour", _S.LOG, "money", low=0.01, high=1e7, doubling=30, is_money=True),
    Number("money.fittings_per_site", _S.LOG, "money", low=0.1, high=1e7, doubling=100, is_money=True),
    Number("money.it_firm_per_month", _S.LOG, "money", low=0.1, high=1e6, doubling=50, is_money=True),
    Number("money.second_line_per_month", _S.LOG, "money", low=0.1, high=1e6, doubling=20, is_money=True),
    Number("site.line_down_hours_per_year", _S.LOG, "hours", low=0.01, high=8000, doubling=10),
    Number("job.retrainings_per_year", _S.LOG, "times", low=0.1, high=366, doubling=2, hard=True),
    Number("job.labels_per_retraining", _S.LOG, "calls", low=1, high=1e8, doubling=500),
    Number("job.people_using", _S.WHOLE, "places", low=1, high=100_000, doubling=2),
    Number("money.quotes[].amount", _S.LOG, "fine", low=1e-9, high=1e9),
    Number("job.model_calls_per_unit", _S.LOG, "calls", lambda s: s.case.calls_per_unit, 0.01, 1e6),
    Number("job.more_models[].calls_per_unit", _S.LOG, "calls", low=0.01, high=1e6),
    Number("job.model.text_model.prompt_tokens", _S.WHOLE, "tokens", low=1, high=1e6),
    Number("job.model.text_model.output_tokens", _S.WHOLE, "tokens", low=1, high=1e6),
)  # fmt: skip

_YES_NO: Final = (True, False)


def _about_people(case: Case) -> bool:
    return case.identifies_people or case.decides_about_people


CHOICES: Final[tuple[Choice, ...]] = (
    # Wishes and rules are the owner's to change; facts about the work are not, and a place or a line is not changed lightly.
    # What would stop the work is no news to who told that it is not so.
    Choice("rules.must_work_without_internet", _YES_NO, lambda c: c.offline),
    Choice("rules.data_must_stay", ("anywhere", "eu", "country", "on-site"), lambda c: c.stay),
    Choice("rules.data", ("none", "ordinary", "sensitive"), lambda c: c.data, far=4),
    Choice("rules.identifies_people", _YES_NO, lambda c: c.identifies_people, far=30),
    Choice("rules.decision_about_people", _YES_NO, lambda c: c.decides_about_people, far=30),
    Choice("rules.legal_basis_confirmed", _YES_NO, lambda c: c.legal_basis, _about_people),
    Choice("quality.simple_rule_could_do", _YES_NO, lambda c: c.simple_rule is True, far=30),
    Choice("quality.needs_large_model", _YES_NO, lambda c: c.needs_large_model, far=4),
    Choice("quality.health", ("passed", "failed"), lambda c: c.health, far=30),
    Choice("business.it_skill", ("none", "low", "medium", "high"), lambda c: c.it_skill, far=3),
    # Work in batches would give the time limit another meaning (see `speed.of`).
    Choice("load.arrivals", ("steady", "daytime", "evenings", "bursty"), lambda c: c.arrivals, _one_by_one, far=3),
    Choice("site.internet", ("none", "mobile", "metered", "wired"), lambda c: c.internet, far=4),
    Choice("site.traffic_comes_from", ("site", "internet"), lambda c: c.traffic_from, far=6),
    Choice("site.place", ("indoors", "outdoor", "vehicle", "dusty", "cold"), lambda c: c.place, far=4),
    Choice("site.power", ("mains", "battery", "solar"), lambda c: c.power, far=6),
    # A computer of which nothing is said is taken as free at all times.
    Choice("site.owned[].free", ("always", "nights", "office-hours")),
    Choice("money.with_tax", _YES_NO, lambda c: c.with_tax),
    Choice("money.care_contract", _YES_NO, lambda c: c.care_contract),
    Choice("prefer", ("cheapest", "fastest", "least-upkeep", "most-private", None), lambda c: c.prefer),
)
_LEFT_OPEN: Final = {"site.owned[].free": "always"}

# A path stands for everything below it too.
NOT_MOVED: Final[Mapping[str, str]] = {
    "format": "the name of the form",
    "business.country": "a firm is where it is; prices, wages and law all change with it",
    "business.people": "no part of the calculation",
    "job.task": "another task is another job",
    "job.model.features": "the facts of one model belong together; moved alone they describe none",
    "job.model.text_model.params_billions": "another size is another model",
    "job.model.text_model.active_billions": "a part of the model's size",
    "job.model.text_model.context_tokens": "a top of the model, not what the owner sends",
    "job.more_models[].model": "as the first model",
    "speed.of": "it decides what the limit means; the limit would have to change with it",
    "site.owned[].memory_gb": "a fact about a machine; another machine is another way",
    "site.owned[].is_this_computer": "it tells which computer was timed",
    "money.quotes[].per": "it belongs to the price that was read",
    "money.quotes[].bound_months": "it belongs to the offer that was read",
}


def numbers(setting: Setting, document: Mapping[str, Any]) -> Iterator[Movable]:
    """Every number of the case that can be moved; none where no figure could start the job."""
    if stopped(setting.case) is not None:
        return
    for row in NUMBERS:
        if not row.when(setting.case):
            continue
        rate = setting.money.rate if row.is_money else 1.0
        low, high = (end(setting) if callable(end) else end for end in (row.low, row.high))
        for path in places(document, row.path):
            told = value_at(document, path)
            now = told if isinstance(told, (int, float)) else row.taken(setting)
            if now is not None:
                # A firm beyond the usual ends is moved from where it is.
                yield Movable(row, path, now, min(low, now), max(high, now), row.doubling * rate)


def choices(setting: Setting, document: Mapping[str, Any]) -> Iterator[Chosen]:
    """Every choice of the case."""
    for row in CHOICES:
        if not row.when(setting.case):
            continue
        for path in places(document, row.path):
            told = value_at(document, path)
            now = row.taken(setting.case) if row.taken else told if told in row.values else _LEFT_OPEN[row.path]
            weight = 0.0 if told == NOT_SURE else 0.5 if told is None else 1.0
            yield Chosen(path, now, tuple(v for v in row.values if v != now), weight * math.log(row.far))
