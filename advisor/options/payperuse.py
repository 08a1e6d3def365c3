"""Pay per use: hosted services billed by the picture, page, minute or token, and own code that sleeps between calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind, Part
from advisor.catalog import Service, TextService
from advisor.cost import Bills, Line, Origin, complete
from advisor.evidence import Basis, Estimate
from advisor.forecast import machines_from_sizes
from advisor.options.group import Group, Looks, Removal
from advisor.options.network import reach_of
from advisor.options.rented import line_costs
from advisor.options.rules import about_line, about_money, about_people, about_place
from advisor.options.setting import own_time_lines
from advisor.units import SECONDS_PER_HOUR
from advisor.work import unit_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]

# Which services do a task, by words in their row; a task that is missing has none (own models only).
_SERVICES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "image-classification": ("vision", ("LABEL", "label")),
    "object-detection": ("vision", ("OBJECT", "label")),
    "face-recognition": ("vision", ("face",)),
    "ocr": ("ocr", ("Text", "OCR", "read", "ocr")),
    "speech-to-text": ("speech to text", ("",)),
    "embedding": ("embedding", ("",)),
}
_TEXT_TASKS: Final = ("chat", "text-classification", "translation")
_CLASSES: Final = ("small", "medium", "large", "frontier")
_SIZES_GB: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
# A processor's worth of a pay-per-use function comes with this much memory (published by the largest seller).
_GB_PER_VCPU: Final = 1.769
# Heaps are sent by several hands at once.
_AT_ONCE: Final = 10.0
_NEEDED_NOTICE_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class Offer:
    """One service as it would be used: USD for one unit of work, time of one answer, where it may be."""

    id: str
    provider: str
    name: str
    usd: float
    answer: Estimate
    in_eu: bool
    origin: Origin
    cautions: tuple[str, ...]


def hosted(setting: Setting) -> Group | None:
    """Services that do the task with their own model; `None` where there are none."""
    offers = tuple(_offers(setting))
    if not offers:
        return None
    case, d = setting.case, setting.demand
    n = len(offers)
    reach = reach_of(setting, np.full(n, -1))
    calls = np.array([o.usd for o in offers])
    lines = (
        Line("T16", "monthly", "line.per_use", d.units, "units", calls, 0.85, 1.2, lambda i: offers[i].origin),
        *line_costs(setting, reach),
        *own_time_lines(setting, *_hours(setting, "hosted")),
    )
    bills = Bills(n, complete(lines, _COMMON))
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
        *about_people(setting, n), *about_line(setting, n), *about_place(setting, np.full(n, ""), in_eu),
        Removal("rule.too-slow", p[1] > limit), *about_money(setting, bills),
    )  # fmt: skip

    def looks(i: int) -> Looks:
        o = offers[i]
        return Looks(
            o.name, (Part("does the work", o.id, o.name, 1, "pay-per-use", None, o.provider),), None, "lock.service",
            o.cautions, Basis.PUBLISHED, "why.service",
        )  # fmt: skip

    setup, upkeep, watch = _hours(setting, "hosted")
    return Group(
        Kind.CLOUD_API, lambda i: f"cloud_api:{offers[i].id}:pay-per-use", bills, removals, p[1] / 2, p[1], np.minimum(p[0], p[1]), np.maximum(p[2], p[1]),
        limit, np.zeros(n), np.full(n, setup.likely), np.full(n, upkeep.likely + watch.likely), np.full(n, np.nan), sends_out=True, looks=looks,
    )  # fmt: skip


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
    gb = np.array([s for _, s in pairs])
    vcpus = np.maximum(gb / _GB_PER_VCPU, 0.25)
    times = unit_times(work, machines_from_sizes(vcpus, gb, setting.catalog), setting.own, setting.own_guess)
    reach = reach_of(setting, np.full(n, -1))
    usd = np.array([f.usd_per_gb_s * s + f.usd_per_vcpu_s * v + 0.0 for (f, s), v in zip(pairs, vcpus, strict=True)])
    per_call = np.array([f.usd_per_request for f, _ in pairs])
    seconds = times.likely * d.units
    cold = setting.judged("serverless.cold_start_s")
    load_s = work.weight_bytes / 1e8
    # A function falls asleep in a quiet spell; the share of answers that then wait for it to wake.
    gap_rate = d.peak_hour_units / SECONDS_PER_HOUR
    asleep = float(np.exp(-gap_rate * setting.judged("serverless.idle_minutes").likely * 60))
    wakes = asleep > 1 - case.percentile / 100 and not case.is_batch
    lines = (
        Line("T16", "monthly", "line.per_second", seconds, "seconds", usd, times.low / times.likely, times.high / times.likely, lambda i: Origin(Basis.PUBLISHED, pairs[i][0].source.title, pairs[i][0].source.as_of)),
        Line("T16", "monthly", "line.per_call", d.units, "calls", per_call, 1.0, 1.2, lambda i: Origin(Basis.PUBLISHED, pairs[i][0].source.title, pairs[i][0].source.as_of)),
        *line_costs(setting, reach),
        *own_time_lines(setting, *_hours(setting, "serverless")),
    )  # fmt: skip
    bills = Bills(n, complete(lines, _COMMON))
    if case.is_batch:
        p = [d.heap_units * (t / _AT_ONCE + reach.upload_s) for t in (times.low, times.likely, times.high)]
    else:
        wait = [(c + load_s) if wakes else 0.0 for c in (cold.low, cold.likely, cold.high)]
        p = [t * 1.3 + x + w for t, x, w in zip((times.low, times.likely, times.high), (reach.extra.low, reach.extra.likely, reach.extra.high), wait, strict=True)]
    limit = np.inf if case.limit_s is None else case.limit_s
    removals = (
        *about_people(setting, n), *about_line(setting, n), *about_place(setting, np.full(n, ""), np.zeros(n, dtype=bool)),
        Removal("rule.memory", ~times.fits), Removal("rule.too-slow", p[1] > limit), *about_money(setting, bills),
    )  # fmt: skip

    def looks(i: int) -> Looks:
        f, _ = pairs[i]
        return Looks(
            f.name, (Part("does the work", f.id, f.name, 1, "serverless", f.region, f.provider),), None, "lock.function",
            ("caution.cold-start", "caution.list-price-old"), Basis.ESTIMATED, times.why(i),
        )  # fmt: skip

    setup, upkeep, watch = _hours(setting, "serverless")
    return Group(
        Kind.CLOUD_API, lambda i: f"cloud_api:{pairs[i][0].id}:{pairs[i][1]:g}gb:serverless", bills, removals, np.minimum(times.likely + reach.extra.likely, p[1]), p[1],
        np.minimum(p[0], p[1]), np.maximum(p[2], p[1]), limit, np.zeros(n), np.full(n, setup.likely), np.full(n, upkeep.likely + watch.likely),
        np.full(n, np.nan), sends_out=True, looks=looks,
    )  # fmt: skip


_COMMON: Final = {
    "T01": "zero.nothing_bought", "T02": "zero.nothing_bought", "T03": "zero.nothing_bought", "T04": "zero.in_price", "T05": "zero.in_price",
    "T06": "zero.in_price", "T09": "left_out.it_firm", "T10": "zero.nothing_bought", "T11": "zero.nothing_bought", "T12": "zero.cash_view",
    "T13": "zero.residual", "T14": "zero.nothing_rented", "T15": "zero.nothing_rented", "T17": "zero.in_price", "T18": "zero.in_price",
    "T19": "zero.in_price", "T20": "zero.line_you_have", "T21": "left_out.lost_work", "T23": "zero.no_retraining", "T24": "left_out.training_staff",
    "T25": "zero.in_price", "T26": "zero.tax", "T27": "left_out.exit", "T28": "zero.discount", "T29": "zero.price_change",
}  # fmt: skip


def _hours(setting: Setting, how: str) -> tuple[Estimate, Estimate, Estimate]:
    setup = setting.judged(f"hours.setup.{how}")
    contract = setting.judged(f"hours.contract.{setting.case.data}")
    both = Estimate(setup.low + contract.low, setup.likely + contract.likely, setup.high + contract.high, setup.basis, setup.source)
    return both, setting.judged(f"hours.upkeep.{how}"), setting.judged("hours.watch")


def _alive(setting: Setting, retires_on: str | None) -> bool:
    from datetime import date

    return retires_on is None or (date.fromisoformat(retires_on) - setting.today).days > _NEEDED_NOTICE_DAYS


def _offers(setting: Setting) -> list[Offer]:
    case, catalog = setting.case, setting.catalog
    named = catalog.service(setting.work.service) if setting.work.service else None
    out: list[Offer] = []
    if case.task in _TEXT_TASKS or isinstance(named, TextService):
        texts = [named] if isinstance(named, TextService) else [s for s in catalog.text_services if s.size_class in _classes(setting)]
        out += [_text_offer(setting, s) for s in texts if _alive(setting, s.retires_on)]
    kind, words = _SERVICES.get(case.task, ("", ()))
    plain = [named] if isinstance(named, Service) else [s for s in catalog.services if s.task == kind and any(w in s.name for w in words)]
    for s in plain:
        per_unit = _billing_units(setting, s.unit)
        if per_unit is not None and _alive(setting, s.retires_on):
            cautions = ["caution.their-model"]
            if s.source.as_of is None:
                cautions.append("caution.undated")
            out.append(
                Offer(
                    s.id, s.provider, f"{s.provider} {s.name}", s.usd_per_unit * per_unit, _answer_time(setting), in_eu=False,
                    origin=Origin(Basis.PUBLISHED, s.source.title, s.source.as_of), cautions=tuple(cautions),
                ),
            )  # fmt: skip
    return out


def _classes(setting: Setting) -> tuple[str, ...]:
    """Size classes that stand for the model asked for: its own and the next, so that no lucky row decides."""
    if setting.case.needs_large_model:
        return _CLASSES[2:]
    size = setting.work.text.params_billions if setting.work.text else 4.0
    own = 0 if size <= 15 else 1 if size <= 80 else 2
    return _CLASSES[own : own + 2]


def _tokens(setting: Setting) -> tuple[float, float]:
    """Tokens in and out of one unit of work."""
    case, text = setting.case, setting.work.text
    if text is not None:
        return text.prompt_tokens * case.calls_per_unit, text.output_tokens * case.calls_per_unit
    per_kb = setting.judged("text.tokens_per_kb").likely
    if case.task == "translation":
        return case.input_kb * per_kb * 1.1, case.output_kb * per_kb * 1.2
    return case.input_kb * per_kb + 100, 20.0


def _text_offer(setting: Setting, s: TextService) -> Offer:
    tokens_in, tokens_out = _tokens(setting)
    first, pace = setting.judged("hosted.first_word_s"), setting.judged("hosted.words_tokens_per_s")
    each = tokens_out / max(setting.case.calls_per_unit, 1e-9)
    if setting.case.speed_of == "first-word":
        answer = first
    else:
        answer = Estimate(first.low + each / pace.high, first.likely + each / pace.likely, first.high + each / pace.low, Basis.ESTIMATED, first.source)
    # The asked quantile of a shared service is taken as twice its usual time later on; the first word's own range holds that.
    half = answer.scaled(0.6)
    return Offer(
        s.id, s.provider, f"{s.model} ({s.provider})", tokens_in * s.usd_per_1m_in / 1e6 + tokens_out * s.usd_per_1m_out / 1e6, half, s.in_eu,
        Origin(Basis.PUBLISHED, s.source.title, s.source.as_of), ("caution.their-model",),
    )  # fmt: skip


def _billing_units(setting: Setting, unit: str) -> float | None:
    """How many of the service's billing units one unit of work takes."""
    case = setting.case
    if unit.startswith("1000 "):
        return case.calls_per_unit / 1000
    if unit.startswith("minute"):
        return 1.0 if "minute" in case.unit else 60.0 if "hour" in case.unit else case.calls_per_unit * 0.5
    if unit == "1M input tokens":
        return case.input_kb * setting.judged("text.tokens_per_kb").likely / 1e6
    return None


def _answer_time(setting: Setting) -> Estimate:
    if setting.case.task == "speech-to-text":
        minutes = _billing_units(setting, "minute") or 1.0
        return setting.judged("hosted.audio_share").scaled(60 * minutes)
    return setting.judged("hosted.answer_s").scaled(0.6 * max(setting.case.calls_per_unit, 1.0))

