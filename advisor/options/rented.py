"""Machines rented from a cloud: all month, or by the hour for a heap of work.

Over every offer of the catalog, about 100,000 rows: what follows from the machine alone is reckoned once for each kind of
machine, what follows from the place once for each region, and both are then spread over the offers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind
from advisor.catalog import USABLE_YES
from advisor.load import UNEVENNESS, Sizing, heap_hours, machines_for_heap, machines_for_rate, sized
from advisor.options.column import column
from advisor.options.field import distance, offer_id, offer_looks, others_machines, purchase
from advisor.options.fleet import Fleet, Room, by_kind, sized_offers
from advisor.options.group import ALL, Group, Looks, Removal, alike
from advisor.options.own_effort import down_there, effort
from advisor.options.rent_lines import ZERO_PARTS, rent_hours, rent_lines
from advisor.options.rules import about_line, about_money, about_people, about_place
from advisor.options.setting import own_time_lines
from advisor.queue_simulation import Queued
from advisor.units import HOURS_PER_DAY, HOURS_PER_MONTH, MONTHS_PER_YEAR, SECONDS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.options.field import Field
    from advisor.options.setting import Setting

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    # Median, asked quantile with its low and high end [s], utilisation.
    Answering = tuple[Floats, Floats, Floats, Floats, Floats]

# Booting, fetching the model and shutting down are billed too.
START_HOURS: Final = 0.25


def all_month(setting: Setting, field: Field | None) -> Group | None:
    """Machines rented on demand all month, in the number that the busiest hour of each year asks for."""
    if field is None or len(field.rows) == 0:
        return None
    case, d = setting.case, setting.demand
    n = len(field.rows)
    limit = np.inf if case.limit_s is None else case.limit_s
    room = None if case.is_batch else _room(setting, field)
    if case.is_batch:
        fleet, enough, p = _for_heaps(setting, field, 24.0)
    else:
        fleet, enough, p = _for_answers(setting, field, room)
    # Each year is sized by its own busiest hour, so that a later one changes nothing in the years before.
    same = [case.is_batch or y.busiest_hour_units == d.peak_hour_units for y in d.years]
    fleets = [fleet if s else _fleet(setting, field, y.busiest_hour_units, room) for s, y in zip(same, d.years, strict=True)]
    hours, more, each_year = _hours(setting, field, fleets)
    bound, rest, flagged = field.bound_months, None, field.flagged
    if field.own:
        # Who is bound for longer than the years looked at pays to the end of the term.
        rest = hours * np.maximum(bound / (case.years * MONTHS_PER_YEAR) - 1.0, 0.0)
    if field.own and more is not None:
        # Peak hours beside a machine with a term cost what the list says of an hour, unless the owner has a price for that too.
        by_list = (more > 0) & (bound > 0) & ~np.isin(field.rows, [r.row for r in field.own if not r.bound_months])
        flagged = flagged | (by_list & (field.offers.usable[field.rows] != USABLE_YES))
    setup, upkeep, watch = rent_hours(setting, "cloud_instance")
    own = effort(setting, "cloud_instance", down_there(setting))
    rent = rent_lines(setting, field, hours, more, rest, lambda i: [float(h[i]) for h in each_year])
    bills = setting.bills(n, (*rent, *own_time_lines(setting, setup, upkeep, watch), *own.lines), ZERO_PARTS)
    removals = (*_removals(setting, field, enough), *about_money(setting, bills))

    def looks(i: int) -> Looks:
        return offer_looks(setting, field, i, fleet.machines(field, i))

    def name(i: int) -> str:
        return f"cloud_instance:{offer_id(field, i)}:{purchase(field, i)}"

    def queue(i: int) -> Queued:
        t, apart, kind = field.times, field.times.first_word is not None, int(field.kind_of[i])
        first = 0.0 if t.first_word is None else float((t.first_word[1] if case.speed_of == "first-word" else t.likely)[kind])
        rate, unevenness, beside = d.peak_hour_units / SECONDS_PER_HOUR, UNEVENNESS[case.arrivals], float(field.reach.extra.likely[i])
        machines, q = max(fleet.machines(field, i), 1), case.percentile / 100
        return Queued(float(t.queued_s[kind]), machines, rate, t.spread, unevenness, q, beside + first, apart)

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
        alike(setup.likely, n),
        alike(upkeep.likely + watch.likely, n),
        alike(np.nan, n),
        flagged=flagged,
        far=distance(setting, field),
        sends_out=True,
        looks=looks,
        other_hours=own.hours,
        queue=None if case.is_batch else queue,
    )


def by_the_hour(setting: Setting, field: Field | None) -> Group | None:
    """Machines rented for each heap of work and given back; only where work comes in heaps."""
    case, d = setting.case, setting.demand
    if field is None or len(field.rows) == 0 or not case.is_batch or case.limit_s is None:
        return None
    n = len(field.rows)
    fleet, enough, p = _for_heaps(setting, field, 24.0)
    units = fleet.kinds.units
    mean_heap = d.units / d.duration / max(d.heaps_per_year, 1e-9)
    hours_each = heap_hours(mean_heap, field.times.per_s, units)
    # Providers bill by the second after a first minute; the start is billed with every machine.
    # The machine is on while the inputs arrive, even where sending them takes longer than the work.
    sending = field.reach.upload_s * mean_heap / SECONDS_PER_HOUR
    hours = field.unit((np.maximum(hours_each * units, sending) + START_HOURS * units) * d.heaps_per_year * d.duration)
    setup, upkeep, watch = rent_hours(setting, "cloud_batch")
    own = effort(setting, "cloud_batch", down_there(setting))
    bills = setting.bills(n, (*rent_lines(setting, field, hours), *own_time_lines(setting, setup, upkeep, watch), *own.lines), ZERO_PARTS)
    by_term = Removal("rule.bound", field.bound_months > 0)
    removals = (*_removals(setting, field, enough), by_term, *about_money(setting, bills))

    def looks(i: int) -> Looks:
        return offer_looks(setting, field, i, fleet.machines(field, i))

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
        alike(setup.likely, n),
        alike(upkeep.likely + watch.likely, n),
        alike(np.nan, n),
        flagged=field.flagged,
        far=distance(setting, field),
        sends_out=True,
        looks=looks,
        other_hours=own.hours,
    )


def _hours(setting: Setting, field: Field, fleets: Sequence[Fleet]) -> tuple[Floats, Floats | None, list[Floats]]:
    """Hours paid over the horizon, those beside them on the days of a rare peak (`None` where there are none), and those of each year."""
    d = setting.demand
    # Where no offer differs from its kind, kinds are enough.
    kinds = not any(len(f.rows) for f in fleets)
    size = len(field.times.per_s) if kinds else len(field.rows)
    hours, more = np.zeros(size), np.zeros(size)
    for year, fleet in zip(d.years, fleets, strict=True):
        k = fleet.kinds.units if kinds else fleet.over(field, _units)
        hours += k * (year.share * HOURS_PER_MONTH * MONTHS_PER_YEAR)
        if year.rare_hour_units:
            rare = machines_for_rate(year.rare_hour_units / SECONDS_PER_HOUR, field.times.alone_s)
            extra = np.maximum((rare if kinds else field.unit(rare)) - k, 0)
            more += extra * d.rare_days_per_year * HOURS_PER_DAY * year.share
    if kinds:
        hours, more = field.unit(hours), field.unit(more)
    return hours, more if d.rare_hour_units else None, [_of_year(field, f, y.share) for f, y in zip(fleets, d.years, strict=True)]


def _of_year(field: Field, fleet: Fleet, share: float) -> Floats:
    """Hours paid in one year."""
    return column(len(field.rows), lambda at: fleet.over(field, _units, at) * np.float64(share * HOURS_PER_MONTH * MONTHS_PER_YEAR))


def _units(sizing: Sizing) -> Ints:
    return sizing.units


def _fleet(setting: Setting, field: Field, hour_units: float, room: Room | None) -> Fleet:
    """Machines for a busiest hour with so many units of work; of a text model the limit, and the times told, are of the wait alone."""
    case, t = setting.case, field.times
    likely, q, apart = t.queued_s, case.percentile / 100, t.first_word is not None

    def size(kinds: Ints, limit_s: Floats | None) -> Sizing:
        return sized(likely[kinds], t.spread, hour_units / SECONDS_PER_HOUR, UNEVENNESS[case.arrivals], q, limit_s, wait_only=apart)

    return sized_offers(field, size, likely * (0.0 if apart else t.spread.quantile(min(q, 0.999))), room)


def _room(setting: Setting, field: Field) -> Room | None:
    """What the limit and the way there leave each offer [s]; `None` where nobody waits."""
    case, t = setting.case, field.times
    if case.limit_s is None:
        return None
    room = np.maximum(case.limit_s - field.reach.extra.likely, 1e-9)
    if t.first_word is not None:
        room -= field.unit(_first(setting, field)[1])
    return Room.of(field, room)


def _first(setting: Setting, field: Field) -> tuple[Floats, Floats, Floats]:
    """Low, likely and high of what people wait for from a text model, by kind [s]: its first word or all of it."""
    t = field.times
    return t.first_word if t.first_word is not None and setting.case.speed_of == "first-word" else (t.low, t.likely, t.high)


def _for_answers(setting: Setting, field: Field, room: Room | None) -> tuple[Fleet, Bools, Answering]:
    """Machines for the busiest hour of the horizon, whether they are enough, and how fast they then answer."""
    case, t, extra, n = setting.case, field.times, field.reach.extra, len(field.rows)
    fleet = _fleet(setting, field, setting.demand.peak_hour_units, room)
    ends = _first(setting, field)

    def p_s(at: Ints | slice = ALL) -> Floats:
        """The time at the machine, waiting included; of a text model the wait alone."""
        return fleet.over(field, lambda x: x.p_s, at)

    def middle(at: Ints | slice) -> Floats:
        return fleet.over(field, lambda x: x.p50_s, at)

    def of_kind(values: Floats, at: Ints | slice) -> Floats:
        return values.take(field.kind_of[at])

    took = fleet.over(field, lambda x: x.p_s)
    enough = np.isfinite(took) if room is None else took <= room.s
    utilisation = column(n, lambda at: fleet.over(field, lambda x: x.utilisation, at))
    if t.first_word is not None:
        p = field.unit(ends[1]) + took + extra.likely
        enough &= p <= (np.inf if case.limit_s is None else case.limit_s)
        p50 = column(n, lambda at: of_kind(ends[1], at) + middle(at) + extra.likely[at])
        low = column(n, lambda at: of_kind(ends[0], at) + p_s(at) + extra.low[at])
        high = column(n, lambda at: of_kind(ends[2], at) + p_s(at) + extra.high[at])
        return fleet, enough, (p50, p, low, high, utilisation)
    # Fresh memory for a wide column costs as much as the sum that fills it.
    took += extra.likely
    p50 = column(n, lambda at: middle(at) + extra.likely[at])
    low = column(n, lambda at: np.minimum(p_s(at) * of_kind(t.low / t.likely, at) + extra.low[at], took[at]))
    high = column(n, lambda at: np.maximum(p_s(at) * of_kind(t.high / t.likely, at) + extra.high[at], took[at]))
    return fleet, enough, (p50, took, low, high, utilisation)


def _for_heaps(setting: Setting, field: Field, hours_a_day: float) -> tuple[Fleet, Bools, Answering]:
    """Machines for the largest heap, whether they are enough, and how long they take; the same for all offers of a kind."""
    case, d, t = setting.case, setting.demand, field.times
    limit_s = case.limit_s or np.inf
    limit_h = limit_s / SECONDS_PER_HOUR * hours_a_day / HOURS_PER_DAY
    upload_h = field.reach.upload_s * d.heap_units / SECONDS_PER_HOUR
    room = max(limit_h - START_HOURS - upload_h, 0.0)
    units = machines_for_heap(d.heap_units, t.per_s, max(room, 1e-6))
    took = (heap_hours(d.heap_units, t.per_s, np.maximum(units, 1)) + START_HOURS + upload_h) * SECONDS_PER_HOUR
    enough = np.isfinite(took) & (took <= limit_s * 1.0001) & (units < 1000)
    fleet, n, p = by_kind(Sizing(units, took / limit_s, took, took, enough)), len(field.rows), field.unit(took)

    def of_kind(values: Floats) -> Floats:
        return column(n, lambda at: values.take(field.kind_of[at]))

    low, high, utilisation = (of_kind(x) for x in (took * (t.low / t.likely), took * (t.high / t.likely), took / limit_s))
    return fleet, field.unit(enough), (p, p, low, high, utilisation)


def _removals(setting: Setting, field: Field, enough: NDArray[np.bool_]) -> tuple[Removal, ...]:
    n = len(field.rows)
    offers = field.offers
    return (
        *about_people(setting, n),
        *about_line(setting, n),
        *(Removal(r.rule, field.in_region(r.mask)) for r in about_place(setting, offers.region_country, offers.region_in_eu)),
        Removal("rule.too-slow", ~enough),
        Removal("rule.strangers", others_machines(setting, field)),
        Removal(
            "rule.quality",
            np.full(n, setting.case.needs_large_model and setting.work.text is not None and setting.work.text.params_billions < 30),
        ),
    )
