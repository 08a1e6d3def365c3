"""Pay per use: hosted services billed by the picture, page, minute or token, and own code that sleeps between calls."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind, Part
from advisor.cost import Line, Origin
from advisor.evidence import Basis, Estimate
from advisor.forecast import machines_from_sizes
from advisor.load import asleep_share
from advisor.options.cloud_extras import data_out
from advisor.options.group import FAR, NEAR, Group, Looks, Removal
from advisor.options.network import reach_of
from advisor.options.operators import about_software, cautions, falls_short, levels
from advisor.options.own_effort import down_there, effort
from advisor.options.rent_lines import line_costs
from advisor.options.rules import about_line, about_money, about_people, about_place
from advisor.options.services import services_for
from advisor.options.setting import both, own_time_lines
from advisor.quotes import MILLION
from advisor.units import SECONDS_PER_MINUTE
from advisor.work import unit_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.catalog import Catalog
    from advisor.forecast import Machines
    from advisor.options.setting import Setting
    from advisor.spread import Spread

    Floats = NDArray[np.float64]

_SIZES_GB: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
# A processor's worth of a pay-per-use function comes with this much memory (published by the largest seller).
_GB_PER_VCPU: Final = 1.769
# What is metered strays from what was reckoned: pictures in tiles, begun minutes, words in tokens.
_METERED: Final = (0.85, 1.2)
# Heaps are sent by several hands at once.
_AT_ONCE: Final = 10.0


def hosted(setting: Setting) -> Group | None:
    """Services that do the task with their own model; `None` where there are none."""
    offers = services_for(setting)
    if not offers:
        return None
    case, d, catalog = setting.case, setting.demand, setting.catalog
    n = len(offers)
    reach = reach_of(setting, np.full(n, -1))
    calls = np.array([o.usd for o in offers])
    moved = setting.all_moved([o.origin for o in offers])
    asked = effort(setting, "hosted", down_there(setting), own_model=False)
    lines = (
        Line(
            "T16",
            "monthly",
            "line.per_use",
            d.units,
            "units",
            calls,
            *both(_METERED, moved),
            lambda i: offers[i].origin,
            spread=setting.by_work,
        ),
        *line_costs(setting),
        *own_time_lines(setting, *_hours(setting, "hosted")),
        *asked.lines,
    )
    bills = setting.bills(n, lines, _COMMON)
    ends = [np.array([getattr(o.answer, end) for o in offers]) for end in ("low", "likely", "high")]
    extra = (reach.extra.low, reach.extra.likely, reach.extra.high)
    if case.is_batch:
        p = [d.heap_units * (e / _AT_ONCE + reach.upload_s) for e in ends]
    else:
        # One answer in twenty of a shared service takes about twice the usual time.
        p = [2 * e + x for e, x in zip(ends, extra, strict=True)]
    limit = np.inf if case.limit_s is None else case.limit_s
    in_eu = np.array([o.in_eu for o in offers])
    removals = (
        *about_people(setting, n),
        *about_line(setting, n),
        *about_place(setting, np.full(n, ""), in_eu),
        Removal("rule.too-slow", p[1] > limit),
        *about_money(setting, bills),
    )

    def looks(i: int) -> Looks:
        o = offers[i]
        return Looks(
            o.name,
            (Part("does the work", o.id, o.name, 1, "pay-per-use", None, o.provider),),
            None,
            "lock.service",
            o.cautions,
            Basis.ESTIMATED,
            "why.service",
            o.answer.source.title,
        )

    setup, upkeep, watch = _hours(setting, "hosted")
    return Group(
        Kind.CLOUD_API,
        lambda i: f"cloud_api:{offers[i].id}:pay-per-use",
        bills,
        removals,
        p[1] / 2,
        p[1],
        np.minimum(p[0], p[1]),
        np.maximum(p[2], p[1]),
        limit,
        np.zeros(n),
        np.full(n, setup.likely),
        np.full(n, upkeep.likely + watch.likely),
        np.full(n, np.nan),
        flagged=np.array([o.flagged for o in offers]),
        far=np.where(in_eu & catalog.in_eu(case.country), NEAR, FAR),
        sends_out=True,
        looks=looks,
        other_hours=asked.hours,
    )


@lru_cache(maxsize=16)
def _machines(catalog: Catalog, sizes_gb: tuple[float, ...]) -> tuple[Floats, Machines]:
    """Functions with so much memory: their processors, and what they are as machines."""
    gb = np.array(sizes_gb)
    vcpus = np.maximum(gb / _GB_PER_VCPU, 0.25)
    vcpus.setflags(write=False)
    return vcpus, machines_from_sizes(vcpus, gb, catalog)


def functions(setting: Setting) -> Group | None:
    """The owner's model in a pay-per-use function, in the smallest memory sizes that hold it."""
    work, case, d = setting.work, setting.case, setting.demand
    if not work.steps or work.text is not None:
        return None
    sizes = [s for s in _SIZES_GB if s * 0.6 * 1e9 > work.weight_bytes + 2e8][:3]
    pairs = [(f, s) for f in setting.catalog.functions for s in sizes]
    if not pairs:
        return None
    n = len(pairs)
    vcpus, machines = _machines(setting.catalog, tuple(s for _, s in pairs))
    times = unit_times(work, machines, setting.own, setting.own_guess)
    software = levels(setting.catalog, machines, work.operators)
    reach = reach_of(setting, np.full(n, -1))
    own = setting.quotes
    usd = np.array(
        [
            own.usd(f"function:{f.id}:computing", f.usd_per_gb_s) * s + own.usd(f"function:{f.id}:processor", f.usd_per_vcpu_s) * v
            for (f, s), v in zip(pairs, vcpus, strict=True)
        ]
    )
    per_call = np.array([own.usd(f"function:{f.id}:calls", f.usd_per_request * MILLION) / MILLION for f, _ in pairs])
    # What is billed is the mean, stalls included.
    seconds = times.likely * times.spread.mean * d.units

    @cache
    def origin(i: int, *parts: str) -> Origin:
        f = pairs[i][0]
        names = tuple(f"function:{f.id}:{part}" for part in parts if part != "processor" or f.usd_per_vcpu_s)
        basis, source = own.source(f.source, *names)
        return Origin(basis, source.title, source.as_of, "function", names)

    typed = np.array([origin(i, "computing", "processor").basis is Basis.YOURS for i in range(n)])
    moved, moved_calls = (setting.all_moved([origin(i, *parts) for i in range(n)]) for parts in (("computing", "processor"), ("calls",)))
    cold = setting.judged("serverless.cold_start_s")
    load_s = work.weight_bytes / 1e8
    idle = setting.judged("serverless.idle_minutes")
    asked = effort(setting, "serverless", down_there(setting))
    lines = (
        Line(
            "T16",
            "monthly",
            "line.per_second",
            seconds,
            "seconds",
            usd,
            *both((times.low / times.likely, times.high / times.likely), moved),
            lambda i: origin(i, "computing", "processor"),
            spread=setting.by_work,
        ),
        Line(
            "T16",
            "monthly",
            "line.per_call",
            d.units,
            "calls",
            per_call,
            *both((1.0, _METERED[1]), moved_calls),
            lambda i: origin(i, "calls"),
            spread=setting.by_work,
        ),
        data_out(setting, tuple((f.provider, f.region) for f, _ in pairs), np.arange(n)),
        *line_costs(setting),
        *own_time_lines(setting, *_hours(setting, "serverless")),
        *asked.lines,
    )
    bills = setting.bills(n, lines, _COMMON)
    if case.is_batch:
        p = [d.heap_units * (t / _AT_ONCE + reach.upload_s) for t in (times.low, times.likely, times.high)]
        p50 = p
    else:
        # The longer it stays awake, the fewer find it asleep.
        asleep = [asleep_share(case, d, minutes * SECONDS_PER_MINUTE) for minutes in (idle.high, idle.likely, idle.low)]
        wakes = [c + load_s for c in (cold.low, cold.likely, cold.high)]
        ends = (times.low, times.likely, times.high)
        ways = (reach.extra.low, reach.extra.likely, reach.extra.high)
        p50, p = (
            [_with_waking(times.spread, t, s, w, q) + x for t, s, w, x in zip(ends, asleep, wakes, ways, strict=True)]
            for q in (0.5, min(case.percentile / 100, 0.999))
        )
    limit = np.inf if case.limit_s is None else case.limit_s
    removals = (
        *about_people(setting, n),
        *about_line(setting, n),
        *about_place(setting, np.full(n, ""), np.zeros(n, dtype=bool)),
        Removal("rule.memory", ~times.fits),
        about_software(software),
        Removal("rule.too-slow", p[1] > limit),
        *about_money(setting, bills),
    )

    def looks(i: int) -> Looks:
        f, _ = pairs[i]
        return Looks(
            f.name,
            (Part("does the work", f.id, f.name, 1, "serverless", f.region, f.provider),),
            None,
            "lock.function",
            ("caution.cold-start", *(() if typed[i] else ("caution.list-price-old",)), *cautions(software, i)),
            Basis.ESTIMATED,
            times.why(i),
            times.told(i),
            falls_short(setting, machines, i),
        )

    setup, upkeep, watch = _hours(setting, "serverless")
    return Group(
        Kind.CLOUD_API,
        lambda i: f"cloud_api:{pairs[i][0].id}:{pairs[i][1]:g}gb:serverless",
        bills,
        removals,
        np.minimum(p50[1], p[1]),
        p[1],
        np.minimum(p[0], p[1]),
        np.maximum(p[2], p[1]),
        limit,
        np.zeros(n),
        np.full(n, setup.likely),
        np.full(n, upkeep.likely + watch.likely),
        np.full(n, np.nan),
        flagged=~typed,
        far=np.full(n, FAR),
        sends_out=True,
        looks=looks,
        other_hours=asked.hours,
    )


def _with_waking(spread: Spread, likely_s: Floats, asleep: float, wake_s: float, q: float) -> Floats:
    """The q-quantile of the answers of functions [s], of which a share `asleep` waits `wake_s` more; shape (n,)."""
    awake = likely_s[:, None] * np.array(spread.times)
    times = np.concatenate((awake, awake + wake_s), axis=1)
    shares = np.array([(1 - asleep) * x for x in spread.shares] + [asleep * x for x in spread.shares])
    order = np.argsort(times, axis=1)
    summed = np.cumsum(shares[order], axis=1)
    at = np.minimum(np.argmax(summed >= min(q, float(summed[0, -1])), axis=1), times.shape[1] - 1)
    return np.asarray(np.take_along_axis(times, order, axis=1)[np.arange(len(times)), at])


_COMMON: Final = {
    "T01": "zero.nothing_bought",
    "T02": "zero.nothing_bought",
    "T03": "zero.nothing_bought",
    "T04": "zero.in_price",
    "T05": "zero.in_price",
    "T06": "zero.in_price",
    "T09": "zero.nothing_to_keep",
    "T10": "zero.nothing_bought",
    "T11": "zero.nothing_bought",
    "T12": "zero.cash_view",
    "T13": "zero.residual",
    "T14": "zero.nothing_rented",
    "T15": "zero.nothing_rented",
    "T17": "zero.in_price",
    "T18": "zero.in_price",
    "T19": "zero.in_price",
    "T20": "zero.line_you_have",
    "T25": "zero.in_price",
    "T26": "zero.tax",
    "T28": "zero.discount",
    "T29": "zero.price_change",
}


def _hours(setting: Setting, how: str) -> tuple[Estimate, Estimate, Estimate]:
    # A service is looked after by its seller; one's own program in a function is not.
    hours = setting.own_hours if how == "serverless" else setting.judged
    setup = hours(f"hours.setup.{how}")
    contract = setting.judged(f"hours.contract.{setting.case.data}")
    first = Estimate(setup.low + contract.low, setup.likely + contract.likely, setup.high + contract.high, setup.basis, setup.source)
    return first, hours(f"hours.upkeep.{how}"), setting.judged("hours.watch")
