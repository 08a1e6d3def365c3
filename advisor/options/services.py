"""Hosted services that do a job with their own model: which fit the task, what one unit of work costs there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from advisor.catalog import Service, TextService
from advisor.catalog.names import model_name, provider_name
from advisor.cost import Origin
from advisor.evidence import Basis, Estimate
from advisor.need import FeatureModel, OnnxModel

if TYPE_CHECKING:
    from advisor.evidence import Source
    from advisor.options.setting import Setting

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
# What these tasks look for is the firm's own: a general service does not know its kinds, odd parts or places.
_OWN_KINDS: Final = ("image-classification", "anomaly-detection", "segmentation")
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
    flagged: bool


def _alive(setting: Setting, retires_on: str | None) -> bool:
    return retires_on is None or (date.fromisoformat(retires_on) - setting.today).days > _NEEDED_NOTICE_DAYS


def services_for(setting: Setting) -> tuple[Offer, ...]:
    """Every service that does the task, priced for one unit of work; none for tasks that only the firm's own model can do."""
    case, catalog = setting.case, setting.catalog
    named = catalog.service(setting.work.service) if setting.work.service else None
    if isinstance(case.need.job.model, (OnnxModel, FeatureModel)) and case.task in _OWN_KINDS:
        return ()
    out: list[Offer] = []
    if isinstance(named, TextService) or (named is None and case.task in _TEXT_TASKS):
        classes = (named.size_class,) if named is not None else _classes(setting)
        texts = [s for s in catalog.text_services if s.size_class in classes or s is named]
        out += [_text_offer(setting, s) for s in texts if _alive(setting, s.retires_on)]
    kind, words = _SERVICES.get(case.task, ("", ()))
    plain = [s for s in catalog.services if s.task == kind and any(w in s.name for w in words)]
    if isinstance(named, Service):
        plain = [s for s in catalog.services if (s.task, s.unit) == (named.task, named.unit)]
    elif named is not None:
        plain = []
    for s in plain:
        per_unit = _billing_units(setting, s.unit)
        if per_unit is not None and _alive(setting, s.retires_on):
            name = f"service:{s.id}"
            cautions = ["caution.their-model"]
            undated = s.source.as_of is None and name not in setting.quotes.prices
            if undated:
                cautions.append("caution.undated")
            out.append(
                Offer(
                    s.id,
                    s.provider,
                    f"{provider_name(s.provider)} {s.name}",
                    setting.quotes.usd(name, s.usd_per_unit) * per_unit,
                    _answer_time(setting),
                    in_eu=False,
                    origin=_origin(setting, s.source, name),
                    cautions=tuple(cautions),
                    flagged=undated,
                ),
            )
    if named is not None:
        # The owner chose one: others of its kind are shown beside it, but never put in its place.
        out = [replace(o, flagged=o.flagged or o.id != named.id) for o in out]
    return tuple(out)


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
        answer = Estimate(
            first.low + each / pace.high, first.likely + each / pace.likely, first.high + each / pace.low, Basis.ESTIMATED, first.source
        )
    # The asked quantile of a shared service is taken as twice its usual time later on; the first word's own range holds that.
    half = answer.scaled(0.6)
    names = (f"service:{s.id}:in", f"service:{s.id}:out")
    return Offer(
        s.id,
        s.provider,
        f"{model_name(s.model)} ({provider_name(s.provider)})",
        (tokens_in * setting.quotes.usd(names[0], s.usd_per_1m_in) + tokens_out * setting.quotes.usd(names[1], s.usd_per_1m_out)) / 1e6,
        half,
        s.in_eu,
        _origin(setting, s.source, *names),
        ("caution.their-model",),
        s.caution != "" or s.source.as_of is None,
    )


def _origin(setting: Setting, ours: Source, *prices_of: str) -> Origin:
    basis, source = setting.quotes.source(ours, *prices_of)
    return Origin(basis, source.title, source.as_of, "hosted service", prices_of)


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
