"""Machines rented from a cloud: all month, by the hour for a heap of work, or already rented with room to spare.

Vectorised over every offer of the catalog: about 100,000 rows, one forecast for each kind of machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind, Part
from advisor.catalog import USABLE_CAUTION, USABLE_NO
from advisor.catalog.names import provider_name
from advisor.cost import Line, Origin, left_out
from advisor.evidence import Basis, Estimate, Source
from advisor.forecast import machines_from_offers
from advisor.load import UNEVENNESS, heap_hours, machines_for_heap, machines_for_rate, peak_rate, sized
from advisor.options.group import FAR, HERE, NEAR, Group, Looks, Removal
from advisor.options.network import Reach, reach_of
from advisor.options.rules import about_line, about_money, about_people, about_place
from advisor.options.setting import own_time_lines, priced
from advisor.units import HOURS_PER_DAY, HOURS_PER_MONTH, MONTHS_PER_YEAR, SECONDS_PER_HOUR
from advisor.work import unit_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.catalog import Catalog, Offers
    from advisor.forecast import Machines
    from advisor.options.setting import Setting
    from advisor.work import UnitTimes

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Booting, fetching the model and shutting down are billed too.
START_HOURS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Field:
    """The offers that may be rented at all, with the time a unit takes on each; arrays over the kept offers."""

    rows: Ints
    offers: Offers
    times: UnitTimes
    kind_of: Ints
    reach: Reach
    price: Floats
    price_low: Floats
    price_high: Floats

    def unit(self, values: Floats) -> Floats:
        """Per-kind values spread over the offers."""
        return values[self.kind_of]


def field_of(setting: Setting) -> Field | None:
    """Every offer that is not ruled out by its own row (unusable, closed to the owner, without a price)."""
    if not setting.work.steps:
        return None
    catalog = setting.catalog
    offers = catalog.offers
    rows, kind_of, machines = _rentable(catalog)
    times = unit_times(setting.work, machines, setting.own, setting.own_guess)
    # A machine that cannot hold or run the model is no candidate anywhere; drop it before the wide arrays are made.
    runs = (times.fits & np.isfinite(times.likely) & (times.reach == 0))[kind_of]
    rows, kind_of = rows[runs], kind_of[runs]
    low, high = catalog.price_doubt(rows, setting.today)
    return Field(
        rows,
        offers,
        times,
        kind_of,
        reach_of(setting, offers.region_row[rows]),
        offers.usd_per_hour[rows],
        low,
        high,
    )


@lru_cache(maxsize=4)
def _rentable(catalog: Catalog) -> tuple[Ints, Ints, Machines]:
    """Rows of the offers that may be rented at all, the kind of machine of each, and those kinds as machines."""
    offers = catalog.offers
    rows = np.flatnonzero((offers.usable != USABLE_NO) & offers.owner_can_use & (offers.usd_per_hour > 0))
    kinds, kind_of = np.unique(offers.type_row[rows], return_inverse=True)
    return rows, kind_of, machines_from_offers(catalog, kinds)


def all_month(setting: Setting, field: Field | None) -> Group | None:
    """Machines rented on demand all month, in the number that the busiest hour of each year asks for."""
    if field is None or len(field.rows) == 0:
        return None
    case, d = setting.case, setting.demand
    n = len(field.rows)
    limit = np.inf if case.limit_s is None else case.limit_s
    units, enough, p = _for_answers(setting, field) if not case.is_batch else _for_heaps(setting, field, 24.0)
    hours = np.zeros(n)
    for year, k in zip(d.years, _yearly(setting, field, units), strict=True):
        hours += k * year.share * HOURS_PER_MONTH * MONTHS_PER_YEAR
    if d.rare_hour_units:
        more = np.maximum(_machines(setting, field, d.rare_hour_units / SECONDS_PER_HOUR) - units, 0)
        hours += more * d.rare_days_per_year * HOURS_PER_DAY * d.duration
    setup, upkeep, watch = _hours(setting, "cloud_instance")
    bills = setting.bills(n, (*_rent_lines(setting, field, hours), *own_time_lines(setting, setup, upkeep, watch)), _COMMON)
    removals = (*_removals(setting, field, enough), *about_money(setting, bills))

    def looks(i: int) -> Looks:
        return _looks(setting, field, i, int(units[i]), "on-demand")

    def name(i: int) -> str:
        return f"cloud_instance:{_offer(field, i)}:on-demand"

    return Group(
        Kind.CLOUD_INSTANCE,
        name,
        bills,
        removals,
        p[0],
        p[1],
        p[2],
        p[3],
        limit,
        p[4],
        np.full(n, setup.likely),
        np.full(n, upkeep.likely + watch.likely),
        np.full(n, np.nan),
        flagged=field.offers.usable[field.rows] == USABLE_CAUTION,
        far=_distance(setting, field),
        sends_out=True,
        looks=looks,
    )


def by_the_hour(setting: Setting, field: Field | None) -> Group | None:
    """Machines rented for each heap of work and given back; only where work comes in heaps."""
    case, d = setting.case, setting.demand
    if field is None or len(field.rows) == 0 or not case.is_batch or case.limit_s is None:
        return None
    n = len(field.rows)
    units, enough, p = _for_heaps(setting, field, 24.0)
    mean_heap = d.units / d.duration / max(d.heaps_per_year, 1e-9)
    hours_each = heap_hours(mean_heap, field.unit(field.times.per_s), units)
    # Providers bill by the second after a first minute; the start is billed with every machine.
    hours = (hours_each + START_HOURS) * units * d.heaps_per_year * d.duration
    setup, upkeep, watch = _hours(setting, "cloud_batch")
    bills = setting.bills(n, (*_rent_lines(setting, field, hours), *own_time_lines(setting, setup, upkeep, watch)), _COMMON)
    removals = (*_removals(setting, field, enough), *about_money(setting, bills))

    def looks(i: int) -> Looks:
        return _looks(setting, field, i, int(units[i]), "on-demand")

    return Group(
        Kind.CLOUD_BATCH,
        lambda i: f"cloud_batch:{_offer(field, i)}:on-demand",
        bills,
        removals,
        p[0],
        p[1],
        p[2],
        p[3],
        case.limit_s,
        p[4],
        np.full(n, setup.likely),
        np.full(n, upkeep.likely + watch.likely),
        np.full(n, np.nan),
        flagged=field.offers.usable[field.rows] == USABLE_CAUTION,
        far=_distance(setting, field),
        sends_out=True,
        looks=looks,
    )


def already_rented(setting: Setting) -> Group | None:
    """Machines the firm already pays for, with the share of them that is idle."""
    case, catalog = setting.case, setting.catalog
    if not case.rented or not setting.work.steps:
        return None
    rows = [(r, catalog.offers.type_row_of(r.provider, r.instance_type)) for r in case.rented]
    known = [(r, row) for r, row in rows if row is not None]
    if not known:
        return None
    n = len(known)
    share = np.array([r.spare_share or 0.0 for r, _ in known]).clip(1e-3, 1)
    times = unit_times(setting.work, machines_from_offers(catalog, np.array([row for _, row in known])), setting.own, setting.own_guess)
    reach = reach_of(setting, np.full(n, -1))
    limit = np.inf if case.limit_s is None else case.limit_s
    # Only the idle share of the machine is ours: work takes that much longer.
    if case.is_batch:
        heap = setting.demand.heap_units
        p_likely = heap_hours(heap, times.per_s * share) * SECONDS_PER_HOUR + heap * reach.upload_s
        p50, enough, utilisation = p_likely, p_likely <= limit, p_likely / limit
    else:
        service = times.likely / share
        room = None if case.limit_s is None else limit - reach.extra.likely
        rate = peak_rate(case, setting.demand, per_site=False)
        size = sized(service, 1.25 * service, rate, UNEVENNESS[case.arrivals], case.percentile / 100, room)
        p_likely, p50 = size.p_s + reach.extra.likely, size.p50_s + reach.extra.likely
        enough, utilisation = size.enough & (size.units <= 1), size.utilisation
    setup, upkeep = (setting.own_hours(x) for x in ("hours.setup.rented_already", "hours.upkeep.rented_already"))
    watch = setting.judged("hours.watch")
    reasons = {**_COMMON, "T14": "zero.already_paid", "T15": "zero.already_paid", "T18": "zero.already_paid", "T17": "zero.little_data_out"}
    bills = setting.bills(n, own_time_lines(setting, setup, upkeep, watch), reasons)
    blank = np.full(n, "")
    removals = (
        *about_people(setting, n),
        *about_line(setting, n),
        *about_place(setting, blank, np.zeros(n, dtype=bool)),
        Removal("rule.memory", ~times.fits),
        Removal("rule.too-slow", ~enough),
        *about_money(setting, bills),
    )

    def looks(i: int) -> Looks:
        r, _ = known[i]
        what = f"{provider_name(r.provider)} {r.instance_type}"
        return Looks(
            what,
            (Part("does the work", f"{r.provider}:{r.instance_type}", what, 1, "own", None, r.provider),),
            None,
            "lock.machine",
            ("caution.shared-machine",),
            Basis.ESTIMATED,
            times.why(i),
            times.told(i),
        )

    return Group(
        Kind.CLOUD_INSTANCE,
        lambda i: f"cloud_instance:{known[i][0].provider}:{known[i][0].instance_type}:own",
        bills,
        removals,
        p50,
        p_likely,
        p_likely * times.low / times.likely,
        p_likely * times.high / times.likely,
        limit,
        utilisation,
        np.full(n, setup.likely),
        np.full(n, upkeep.likely + watch.likely),
        np.full(n, np.nan),
        flagged=np.zeros(n, dtype=bool),
        far=np.full(n, HERE),
        sends_out=True,
        looks=looks,
    )


_COMMON: Final = {
    "T01": "zero.nothing_bought",
    "T02": "zero.nothing_bought",
    "T03": "zero.nothing_bought",
    "T04": "zero.in_rent",
    "T05": "zero.in_rent",
    "T06": "zero.in_rent",
    "T09": "left_out.it_firm",
    "T10": "zero.nothing_bought",
    "T11": "zero.nothing_bought",
    "T12": "zero.cash_view",
    "T13": "zero.residual",
    "T15": "zero.in_rent_hours",
    "T16": "zero.no_pay_per_use",
    "T19": "zero.in_hidden",
    "T20": "zero.line_you_have",
    "T21": "left_out.lost_work",
    "T23": "left_out.retraining",
    "T24": "left_out.training_staff",
    "T25": "zero.licences",
    "T26": "zero.tax",
    "T27": "left_out.exit",
    "T28": "zero.discount",
    "T29": "zero.price_change",
}


def _hours(setting: Setting, how: str) -> tuple[Estimate, Estimate, Estimate]:
    """Hours to set up (with reading the data contract), to look after and to watch."""
    setup, contract = setting.own_hours(f"hours.setup.{how}"), setting.judged(f"hours.contract.{setting.case.data}")
    both = Estimate(setup.low + contract.low, setup.likely + contract.likely, setup.high + contract.high, setup.basis, setup.source)
    return both, setting.own_hours(f"hours.upkeep.{how}"), setting.judged("hours.watch")


def _rent_lines(setting: Setting, field: Field, hours: Floats) -> tuple[Line, ...]:
    d = setting.demand

    def origin(i: int) -> Origin:
        row = int(field.rows[i])
        return Origin(Basis.PUBLISHED, field.offers.source_title(row), field.offers.as_of_text(row))

    hidden = setting.judged("cloud.hidden_share")
    rent = hours * field.price
    out_gb = d.units * setting.case.output_kb / 1e6
    egress = setting.judged("cloud.egress_usd_per_gb")
    lines = [
        Line("T14", "monthly", "line.rent", hours, "hours", field.price, field.price_low, field.price_high, origin),
        Line(
            "T18",
            "monthly",
            "line.hidden",
            rent * hidden.likely,
            "USD",
            1.0,
            hidden.low / hidden.likely,
            hidden.high / hidden.likely,
            lambda _: Origin(Basis.ESTIMATED, hidden.source.title, hidden.source.as_of),
        ),
        priced(
            "T17", "monthly", "line.data_out", egress.scaled(out_gb), "GB", 1.0, Basis.PUBLISHED, egress.source.title, egress.source.as_of
        ),
    ]
    return (*lines, *line_costs(setting, field.reach))


def line_costs(setting: Setting, reach: Reach) -> tuple[Line, ...]:
    """T20: data sent over a mobile plan that charges by the gigabyte."""
    case = setting.case
    if reach.mobile_gb <= 0:
        return ()
    if case.mobile_price_per_gb is not None:
        usd = setting.money.usd(case.mobile_price_per_gb)
        return (priced("T20", "monthly", "line.mobile_data", _exact(reach.mobile_gb), "GB", usd, Basis.YOURS, "your answer"),)
    price = setting.catalog.mobile_per_gb(case.country)
    if price is None:
        return (left_out("T20", "left_out.mobile", reach.mobile_gb, "GB"),)
    return (
        priced(
            "T20",
            "monthly",
            "line.mobile_data",
            price.scaled(reach.mobile_gb),
            "GB",
            1.0,
            price.basis,
            price.source.title,
            price.source.as_of,
        ),
    )


def _exact(value: float) -> Estimate:
    return Estimate(value, value, value, Basis.YOURS, Source("your answers"))


def _for_answers(setting: Setting, field: Field) -> tuple[Ints, NDArray[np.bool_], tuple[Floats, Floats, Floats, Floats, Floats]]:
    case, d = setting.case, setting.demand
    rate = d.peak_hour_units / SECONDS_PER_HOUR
    limit = np.inf if case.limit_s is None else case.limit_s
    extra = field.reach.extra.likely
    room = None if case.limit_s is None else np.maximum(limit - extra, 1e-9)
    t = field.times
    if t.first_word is not None:
        service = field.unit(1 / t.per_s)
        first = field.unit(t.first_word[1] if case.speed_of == "first-word" else t.likely)
        size = sized(
            service,
            service,
            rate,
            UNEVENNESS[case.arrivals],
            case.percentile / 100,
            None if room is None else np.maximum(room - first + service, 1e-9),
        )
        wait = np.maximum(size.p_s - service, 0)
        ends = t.first_word if case.speed_of == "first-word" else (t.low, t.likely, t.high)
        p = first + wait + extra
        enough = size.enough & (p <= limit)
        return (
            size.units,
            enough,
            (
                first + extra,
                p,
                field.unit(ends[0]) + wait + field.reach.extra.low,
                field.unit(ends[2]) + wait + field.reach.extra.high,
                size.utilisation,
            ),
        )
    service = field.unit(t.likely)
    size = sized(service, 1.25 * service, rate, UNEVENNESS[case.arrivals], case.percentile / 100, room)
    p = size.p_s + extra
    low = size.p_s * field.unit(t.low / t.likely) + field.reach.extra.low
    high = size.p_s * field.unit(t.high / t.likely) + field.reach.extra.high
    return size.units, size.enough, (size.p50_s + extra, p, np.minimum(low, p), np.maximum(high, p), size.utilisation)


def _for_heaps(
    setting: Setting, field: Field, hours_a_day: float
) -> tuple[Ints, NDArray[np.bool_], tuple[Floats, Floats, Floats, Floats, Floats]]:
    case, d = setting.case, setting.demand
    limit_h = (case.limit_s or np.inf) / SECONDS_PER_HOUR * hours_a_day / HOURS_PER_DAY
    per_s = field.unit(field.times.per_s)
    upload_h = field.reach.upload_s * d.heap_units / SECONDS_PER_HOUR
    room = max(limit_h - START_HOURS - upload_h, 0.0)
    units = machines_for_heap(d.heap_units, per_s, max(room, 1e-6))
    took = (heap_hours(d.heap_units, per_s, np.maximum(units, 1)) + START_HOURS + upload_h) * SECONDS_PER_HOUR
    ratio_low, ratio_high = field.unit(field.times.low / field.times.likely), field.unit(field.times.high / field.times.likely)
    enough = np.isfinite(took) & (took <= (case.limit_s or np.inf) * 1.0001) & (units < 1000)
    return units, enough, (took, took, took * ratio_low, took * ratio_high, took / (case.limit_s or np.inf))


def _machines(setting: Setting, field: Field, rate: float) -> Ints:
    service = field.unit(1 / field.times.per_s if field.times.first_word is not None else field.times.likely)
    return machines_for_rate(rate, service)


def _yearly(setting: Setting, field: Field, last: Ints) -> list[Ints]:
    """Machines in each year: fewer while there is less work, never more than the largest year needs."""
    d = setting.demand
    if setting.case.is_batch:
        return [last for _ in d.years]
    peak = d.peak_hour_units
    return [
        last if y.busiest_hour_units >= peak else np.maximum(1, np.ceil(last * y.busiest_hour_units / peak)).astype(np.int64)
        for y in d.years
    ]


def _removals(setting: Setting, field: Field, enough: NDArray[np.bool_]) -> tuple[Removal, ...]:
    n = len(field.rows)
    offers = field.offers
    return (
        *about_people(setting, n),
        *about_line(setting, n),
        *about_place(setting, offers.country[field.rows], offers.in_eu[field.rows]),
        Removal("rule.too-slow", ~enough),
        Removal(
            "rule.quality",
            np.full(n, setting.case.needs_large_model and setting.work.text is not None and setting.work.text.params_billions < 30),
        ),
    )


def _distance(setting: Setting, field: Field) -> Floats:
    country, in_eu = field.offers.country[field.rows], field.offers.in_eu[field.rows]
    return np.where(country == setting.case.country, HERE, np.where(in_eu & setting.catalog.in_eu(setting.case.country), NEAR, FAR))


def _offer(field: Field, i: int) -> str:
    row = int(field.rows[i])
    o = field.offers
    return f"{o.provider_text(row)}:{o.type_text(row)}:{o.region_text(row)}"


def _looks(setting: Setting, field: Field, i: int, count: int, purchase: str) -> Looks:
    row = int(field.rows[i])
    o = field.offers
    what = f"{provider_name(o.provider_text(row))} {o.type_text(row)}"
    cautions = []
    if o.usable[row] == USABLE_CAUTION:
        cautions.append(f"caution.price:{o.reason_text(row)}")
    if str(o.country[row]) != setting.case.country and not (o.in_eu[row] and setting.catalog.in_eu(setting.case.country)):
        cautions.append("caution.far")
    return Looks(
        f"{what} in {o.place_text(row)}" if o.place_text(row) else what,
        (
            Part(
                "does the work",
                f"{o.provider_text(row)}:{o.type_text(row)}",
                what,
                max(count, 1),
                purchase,
                o.region_text(row),
                o.provider_text(row),
            ),
        ),
        None,
        "lock.machine",
        tuple(cautions),
        Basis.ESTIMATED,
        field.times.why(int(field.kind_of[i])),
        field.times.told(int(field.kind_of[i])),
    )
