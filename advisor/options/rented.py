"""Machines rented from a cloud: all month, or by the hour for a heap of work.

Vectorised over every offer of the catalog: about 100,000 rows, one forecast for each kind of machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind
from advisor.catalog import USABLE_YES
from advisor.load import UNEVENNESS, heap_hours, machines_for_heap, machines_for_rate, sized
from advisor.options.field import Field, distance, offer_id, offer_looks, others_machines, purchase
from advisor.options.group import Group, Looks, Removal
from advisor.options.rent_lines import ZERO_PARTS, rent_hours, rent_lines
from advisor.options.rules import about_line, about_money, about_people, about_place
from advisor.options.setting import own_time_lines
from advisor.queue_simulation import Queued
from advisor.units import HOURS_PER_DAY, HOURS_PER_MONTH, MONTHS_PER_YEAR, SECONDS_PER_HOUR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Booting, fetching the model and shutting down are billed too.
START_HOURS: Final = 0.25


def all_month(setting: Setting, field: Field | None) -> Group | None:
    """Machines rented on demand all month, in the number that the busiest hour of each year asks for."""
    if field is None or len(field.rows) == 0:
        return None
    case, d = setting.case, setting.demand
    n = len(field.rows)
    limit = np.inf if case.limit_s is None else case.limit_s
    units, enough, p = _for_answers(setting, field, d.peak_hour_units) if not case.is_batch else _for_heaps(setting, field, 24.0)
    hours, more = np.zeros(n), np.zeros(n)
    for year in d.years:
        # Each year is sized by its own busiest hour, so that a later one changes nothing in the years before.
        same = case.is_batch or year.busiest_hour_units == d.peak_hour_units
        k = units if same else _for_answers(setting, field, year.busiest_hour_units)[0]
        hours += k * year.share * HOURS_PER_MONTH * MONTHS_PER_YEAR
        if year.rare_hour_units:
            extra = np.maximum(_machines(setting, field, year.rare_hour_units / SECONDS_PER_HOUR) - k, 0)
            more += extra * d.rare_days_per_year * HOURS_PER_DAY * year.share
    # Who is bound for longer than the years looked at pays to the end of the term.
    rest = hours * np.maximum(field.bound_months / (case.years * MONTHS_PER_YEAR) - 1.0, 0.0)
    # Peak hours beside a machine with a term cost what the list says of an hour, unless the owner has a price for that too.
    by_list = (more > 0) & (field.bound_months > 0) & ~np.isin(field.rows, [r.row for r in field.own if not r.bound_months])
    flagged = field.flagged | (by_list & (field.offers.usable[field.rows] != USABLE_YES))
    setup, upkeep, watch = rent_hours(setting, "cloud_instance")
    bills = setting.bills(n, (*rent_lines(setting, field, hours, more, rest), *own_time_lines(setting, setup, upkeep, watch)), ZERO_PARTS)
    removals = (*_removals(setting, field, enough), *about_money(setting, bills))

    def looks(i: int) -> Looks:
        return offer_looks(setting, field, i, int(units[i]))

    def name(i: int) -> str:
        return f"cloud_instance:{offer_id(field, i)}:{purchase(field, i)}"

    def queue(i: int) -> Queued:
        t, apart, kind = field.times, field.times.first_word is not None, int(field.kind_of[i])
        first = 0.0 if t.first_word is None else float((t.first_word[1] if case.speed_of == "first-word" else t.likely)[kind])
        rate, unevenness, beside = d.peak_hour_units / SECONDS_PER_HOUR, UNEVENNESS[case.arrivals], float(field.reach.extra.likely[i])
        return Queued(
            float(t.queued_s[kind]), max(int(units[i]), 1), rate, t.spread, unevenness, case.percentile / 100, beside + first, apart
        )  # fmt: skip

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
        flagged=flagged,
        far=distance(setting, field),
        sends_out=True,
        looks=looks,
        queue=None if case.is_batch else queue,
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
    # The machine is on while the inputs arrive, even where sending them takes longer than the work.
    sending = field.reach.upload_s * mean_heap / SECONDS_PER_HOUR
    hours = (np.maximum(hours_each * units, sending) + START_HOURS * units) * d.heaps_per_year * d.duration
    setup, upkeep, watch = rent_hours(setting, "cloud_batch")
    bills = setting.bills(n, (*rent_lines(setting, field, hours), *own_time_lines(setting, setup, upkeep, watch)), ZERO_PARTS)
    by_term = Removal("rule.bound", field.bound_months > 0)
    removals = (*_removals(setting, field, enough), by_term, *about_money(setting, bills))

    def looks(i: int) -> Looks:
        return offer_looks(setting, field, i, int(units[i]))

    return Group(
        Kind.CLOUD_BATCH,
        lambda i: f"cloud_batch:{offer_id(field, i)}:{purchase(field, i)}",
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
        flagged=field.flagged,
        far=distance(setting, field),
        sends_out=True,
        looks=looks,
    )


def _for_answers(
    setting: Setting, field: Field, hour_units: float
) -> tuple[Ints, NDArray[np.bool_], tuple[Floats, Floats, Floats, Floats, Floats]]:
    """Machines for a busiest hour with so many units of work, whether that helps, and how fast they then answer."""
    case = setting.case
    rate = hour_units / SECONDS_PER_HOUR
    limit = np.inf if case.limit_s is None else case.limit_s
    extra = field.reach.extra.likely
    room = None if case.limit_s is None else np.maximum(limit - extra, 1e-9)
    t = field.times
    if t.first_word is not None:
        service = field.unit(t.queued_s)
        first = field.unit(t.first_word[1] if case.speed_of == "first-word" else t.likely)
        size = sized(
            service,
            t.spread,
            rate,
            UNEVENNESS[case.arrivals],
            case.percentile / 100,
            None if room is None else room - first,
            wait_only=True,
        )
        wait = size.p_s
        ends = t.first_word if case.speed_of == "first-word" else (t.low, t.likely, t.high)
        p = first + wait + extra
        enough = size.enough & (p <= limit)
        return (
            size.units,
            enough,
            (
                first + size.p50_s + extra,
                p,
                field.unit(ends[0]) + wait + field.reach.extra.low,
                field.unit(ends[2]) + wait + field.reach.extra.high,
                size.utilisation,
            ),
        )
    service = field.unit(t.likely)
    size = sized(service, t.spread, rate, UNEVENNESS[case.arrivals], case.percentile / 100, room)
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
    service = field.unit(field.times.alone_s)
    return machines_for_rate(rate, service)


def _removals(setting: Setting, field: Field, enough: NDArray[np.bool_]) -> tuple[Removal, ...]:
    n = len(field.rows)
    offers = field.offers
    return (
        *about_people(setting, n),
        *about_line(setting, n),
        *about_place(setting, offers.country[field.rows], offers.in_eu[field.rows]),
        Removal("rule.too-slow", ~enough),
        Removal("rule.strangers", others_machines(setting, field)),
        Removal(
            "rule.quality",
            np.full(n, setting.case.needs_large_model and setting.work.text is not None and setting.work.text.params_billions < 30),
        ),
    )
