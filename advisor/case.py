"""The owner's need with every blank filled in, and a list of what we filled in.

Defaults come from the catalog (`defaults.csv`), each with a source and a range; nothing is filled in silently.
"Not sure" takes the careful side here; the other side is shown as a turning point.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from advisor.evidence import Basis, Source
from advisor.need import NOT_SURE, Need, Owned, Rented
from advisor.units import WEEKS_PER_YEAR

if TYPE_CHECKING:
    from advisor.catalog import Catalog
    from advisor.need import Batch, RarePeak, YesNo


@dataclass(frozen=True, slots=True)
class Filled:
    """One blank we filled: dotted field, value as number or word, range, unit, source."""

    field: str
    value: float | str | bool
    low: float | None
    high: float | None
    unit: str
    basis: Basis
    source: Source


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the calculation needs from the owner. Rates are per second, times in seconds, shares 0 to 1.

    Units of work are sums over all sites. `limit_s` is `None` where nobody waits.
    """

    need: Need
    country: str
    task: str
    unit: str
    calls_per_unit: float
    it_skill: str
    units_per_day: float
    days_per_year: float
    open_hours_per_day: float
    busiest_hour_units: float
    growth: float
    sites: int
    arrivals: str
    input_kb: float
    output_kb: float
    rare_peak: RarePeak | None
    batch: Batch | None
    limit_s: float | None
    percentile: float
    speed_of: str
    data: str
    stay: str
    confidential_share: float | None
    offline: bool
    longest_outage_s: float
    identifies_people: bool
    legal_basis: bool
    decides_about_people: bool
    internet: str
    uplink_mbps: float
    traffic_from: str
    mobile_gb_per_month: float | None
    mobile_price_per_gb: float | None
    place: str
    power: str
    power_limit_w: float | None
    owned: tuple[Owned, ...]
    rented: tuple[Rented, ...]
    currency: str
    upfront_max: float | None
    monthly_max: float | None
    years: float
    electricity_per_kwh: float | None
    staff_hour: float | None
    discount: float
    with_tax: bool
    lost_hour: float | None
    line_down_hours_per_year: float | None
    retrainings_per_year: float | None
    labels_per_retraining: float
    people_using: float | None
    fittings_per_site: float | None
    it_firm_per_month: float | None
    care_contract: bool
    second_line_per_month: float | None
    needs_large_model: bool
    simple_rule: YesNo
    health: str | None
    prefer: str | None
    filled: tuple[Filled, ...]
    unsure: tuple[str, ...]

    @property
    def is_batch(self) -> bool:
        """Whether a heap of work has to be done by a deadline, rather than one answer at a time."""
        return self.speed_of == "batch"


_OWN_CHOICE = Source("the careful side of an answer you left open")
_NOT_SAID = Source("you did not say")


def open_case(need: Need, catalog: Catalog) -> Case:
    """The case in `need`, with blanks filled from the catalog's defaults."""
    filled: list[Filled] = []
    unsure: list[str] = []

    def number(path: str, told: float | None) -> float:
        if told is not None:
            return float(told)
        d = catalog.default(path)
        value = float(d.value)
        filled.append(Filled(path, value, d.low, d.high, d.unit, Basis.ESTIMATED, d.source))
        return value

    def word(path: str, told: str | None, careful: str | None = None) -> str:
        if told == NOT_SURE and careful is not None:
            unsure.append(path)
            filled.append(Filled(path, careful, None, None, "", Basis.ESTIMATED, _OWN_CHOICE))
            return careful
        if told is not None and told != NOT_SURE:
            return told
        if told == NOT_SURE:
            unsure.append(path)
        d = catalog.default(path)
        filled.append(Filled(path, str(d.value), None, None, d.unit, Basis.ESTIMATED, d.source))
        return str(d.value)

    def yes(path: str, told: YesNo, careful: bool) -> bool:
        if isinstance(told, bool):
            return told
        if told == NOT_SURE:
            unsure.append(path)
            filled.append(Filled(path, careful, None, None, "", Basis.ESTIMATED, _OWN_CHOICE))
            return careful
        filled.append(Filled(path, False, None, None, "", Basis.ESTIMATED, _NOT_SAID))
        return False

    def given(path: str, told: str | None, ours: str) -> str:
        if told is None:
            filled.append(Filled(path, ours, None, None, "", Basis.ESTIMATED, _NOT_SAID))
        return told or ours

    load, rules, site, money = need.load, need.rules, need.site, need.money
    sample = catalog.sample_for_task(need.job.task)
    open_hours = number("load.open_hours_per_day", load.open_hours_per_day)
    arrivals = word("load.arrivals", load.arrivals, "bursty")
    peak = number(f"load.busiest_hour_share.{arrivals}", None) if load.busiest_hour_units is None else 1.0
    speed_of = given("speed.of", need.speed.of, "batch" if arrivals == "batch" or load.batch else "answer")
    limit = need.speed.limit_ms
    limit_path = "speed.limit_ms.batch" if speed_of == "batch" else "speed.limit_ms"
    if limit == NOT_SURE:
        unsure.append(limit_path)
    limit_ms = number(limit_path, float(limit) if isinstance(limit, (int, float)) else None)
    outage = rules.longest_outage_minutes
    if outage == NOT_SURE:
        # The careful side is the shortest standstill that firms like this one bear.
        d = catalog.default("rules.longest_outage_minutes")
        outage_min = float(d.value) if d.low is None else d.low
        unsure.append("rules.longest_outage_minutes")
        filled.append(Filled("rules.longest_outage_minutes", outage_min, d.low, d.high, d.unit, Basis.ESTIMATED, _OWN_CHOICE))
    else:
        outage_min = number("rules.longest_outage_minutes", float(outage) if isinstance(outage, (int, float)) else None)
    days = number("load.days_per_week", load.days_per_week) * WEEKS_PER_YEAR
    units_per_day = load.units_per_day
    if load.batch is not None:
        # units_per_day is the year's mean; what really comes is the heap.
        units_per_day = load.batch.units * load.batch.times_per_year / days
    busiest = load.busiest_hour_units
    if busiest is None:
        # A day's work spread over the open hours, times the usual peak over the mean for that rhythm.
        busiest = units_per_day / open_hours * peak

    identifies = yes("rules.identifies_people", rules.identifies_people, careful=True)
    decides = yes("rules.decision_about_people", rules.decision_about_people, careful=True)
    # Whether the law allows it is a question only where people are known or judged.
    needs_basis = identifies or decides
    internet = word("site.internet", site.internet, "wired")
    # Without a line its speed means nothing; a figure is kept only so that no sum divides by zero.
    uplink = 1.0 if internet == "none" and site.uplink_mbps is None else number("site.uplink_mbps", site.uplink_mbps)

    def plain(told: float | None) -> float | None:
        # JSON has whole numbers; the calculation has none.
        return None if told is None else float(told)

    return Case(
        need=need,
        country=need.business.country,
        task=need.job.task,
        unit=given("job.unit", need.job.unit, sample.unit),
        calls_per_unit=number("job.model_calls_per_unit", need.job.model_calls_per_unit),
        it_skill=word("business.it_skill", need.business.it_skill, "none"),
        units_per_day=float(units_per_day),
        days_per_year=days,
        open_hours_per_day=open_hours,
        busiest_hour_units=float(busiest),
        growth=number("load.growth_percent_per_year", load.growth_percent_per_year) / 100,
        sites=int(number("load.sites", load.sites)),
        arrivals=arrivals,
        input_kb=float(load.input_kb_per_unit)
        if load.input_kb_per_unit is not None
        else _sampled(filled, "load.input_kb_per_unit", sample.input_kb, sample.source),
        output_kb=float(load.output_kb_per_unit)
        if load.output_kb_per_unit is not None
        else _sampled(filled, "load.output_kb_per_unit", sample.output_kb, sample.source),
        rare_peak=load.rare_peak,
        batch=load.batch,
        limit_s=limit_ms / 1000,
        percentile=number("speed.percentile", need.speed.percentile),
        speed_of=speed_of,
        data=word("rules.data", rules.data, "sensitive"),
        stay=word("rules.data_must_stay", rules.data_must_stay, "on-site"),
        confidential_share=rules.confidential_share,
        offline=yes("rules.must_work_without_internet", rules.must_work_without_internet, careful=True),
        longest_outage_s=outage_min * 60,
        identifies_people=identifies,
        legal_basis=yes("rules.legal_basis_confirmed", rules.legal_basis_confirmed, careful=False) if needs_basis else False,
        decides_about_people=decides,
        internet=internet,
        uplink_mbps=uplink,
        traffic_from=word("site.traffic_comes_from", site.traffic_comes_from, "site"),
        mobile_gb_per_month=site.mobile_gb_per_month,
        mobile_price_per_gb=site.mobile_price_per_gb,
        place=word("site.place", site.place, "indoors"),
        power=word("site.power", site.power, "mains"),
        power_limit_w=site.power_limit_w,
        owned=site.owned,
        rented=tuple(replace(r, spare_share=number("site.rented.spare_share", r.spare_share)) for r in site.rented),
        currency=given("money.currency", money.currency, catalog.currency_of(need.business.country)),
        upfront_max=plain(money.upfront_max),
        monthly_max=plain(money.monthly_max),
        years=number("money.horizon_years", money.horizon_years),
        electricity_per_kwh=plain(money.electricity_per_kwh),
        staff_hour=plain(money.staff_hour),
        discount=number("money.discount_percent", money.discount_percent) / 100,
        with_tax=bool(money.with_tax),
        lost_hour=plain(money.lost_hour),
        line_down_hours_per_year=plain(site.line_down_hours_per_year),
        retrainings_per_year=plain(need.job.retrainings_per_year),
        labels_per_retraining=float(need.job.labels_per_retraining or 0.0),
        people_using=plain(need.job.people_using),
        fittings_per_site=plain(money.fittings_per_site),
        it_firm_per_month=plain(money.it_firm_per_month),
        care_contract=bool(money.care_contract),
        second_line_per_month=plain(money.second_line_per_month),
        needs_large_model=yes("quality.needs_large_model", need.quality.needs_large_model, careful=False),
        simple_rule=need.quality.simple_rule_could_do,
        health=need.quality.health,
        prefer=need.prefer,
        filled=tuple(filled),
        unsure=tuple(unsure),
    )


def _sampled(filled: list[Filled], path: str, value: float, source: Source) -> float:
    filled.append(Filled(path, value, value / 3, value * 3, "kB", Basis.ESTIMATED, source))
    return value
