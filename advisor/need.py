"""What the owner told us, exactly as told: blanks stay blank.

`None` means "not asked": a default with a source is taken later and listed as an assumption (`advisor.case`).
`NOT_SURE` means the owner said so: all cases are compared. Field names and units are those of NEED.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from advisor.problems import AdvisorError, Problem
from advisor.schema_check import check, read_json

if TYPE_CHECKING:
    from pathlib import Path

FORMAT: Final = "edgewise/need/1"
NOT_SURE: Final = "not-sure"
NotSure = Literal["not-sure"]
YesNo = bool | NotSure | None

TASKS: Final = (
    "image-classification", "object-detection", "segmentation", "ocr", "speech-to-text", "text-classification",
    "embedding", "translation", "chat", "forecast", "anomaly-detection", "recommendation", "face-recognition", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """The owner's own model file; a relative path starts at the folder of the NEED."""

    path: str


@dataclass(frozen=True, slots=True)
class ReferenceModel:
    """A sample workload of the catalog, for owners without a model."""

    id: str


@dataclass(frozen=True, slots=True)
class FeatureModel:
    """A model known only by its size: parameters and activations in millions, work in GMACs (1 MAC = 2 FLOPs)."""

    params_millions: float
    gmacs: float | None = None
    activations_millions: float | None = None
    precision: str | None = None
    input_shape: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class TextModel:
    """A language model: size in billions of parameters, prompt and answer in tokens.

    `active_billions`: the part that works on each word, where the model is made of parts (a mixture of experts).
    """

    params_billions: float
    prompt_tokens: int
    output_tokens: int
    context_tokens: int | None = None
    active_billions: float | None = None


@dataclass(frozen=True, slots=True)
class HostedService:
    """A pay-per-use service of the catalog."""

    id: str


Model = OnnxModel | ReferenceModel | FeatureModel | TextModel | HostedService


@dataclass(frozen=True, slots=True)
class MoreModel:
    """A further model that each unit of work needs."""

    model: Model
    calls_per_unit: float | None = None
    what: str | None = None


@dataclass(frozen=True, slots=True)
class Business:
    """The firm: country as two capital letters (ISO 3166), people employed, IT skill in the house."""

    country: str
    name: str | None = None
    people: int | None = None
    it_skill: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """The work the model does and what one unit of it is called ("photo", "minute of audio").

    `retrainings_per_year`: how often the owner trains the model again; `None` where they did not say. `labels_per_retraining`:
    examples that the firm's own people mark each time; `people_using`: those who work with its answers.
    """

    task: str
    model: Model
    unit: str | None = None
    model_calls_per_unit: float | None = None
    more_models: tuple[MoreModel, ...] = ()
    retrainings_per_year: float | None = None
    labels_per_retraining: float | None = None
    people_using: int | None = None


@dataclass(frozen=True, slots=True)
class RarePeak:
    """Days far above the normal ones; sums over all sites."""

    units_per_day: float
    busiest_hour_units: float
    days_per_year: float


@dataclass(frozen=True, slots=True)
class Batch:
    """Work that comes a few times a year in one heap."""

    units: float
    times_per_year: float


@dataclass(frozen=True, slots=True)
class Load:
    """How much work there is; units are sums over all sites."""

    units_per_day: float
    days_per_week: float | None = None
    open_hours_per_day: float | None = None
    busiest_hour_units: float | None = None
    growth_percent_per_year: float | None = None
    sites: int | None = None
    arrivals: str | None = None
    input_kb_per_unit: float | None = None
    output_kb_per_unit: float | None = None
    rare_peak: RarePeak | None = None
    batch: Batch | None = None


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast an answer must come: `limit_ms` for `percentile` per cent of the answers (100 = all)."""

    limit_ms: float | NotSure | None = None
    percentile: float | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What must never happen, whatever it saves."""

    data: str | None = None
    data_must_stay: str | None = None
    confidential_share: float | None = None
    must_work_without_internet: YesNo = None
    longest_outage_minutes: float | NotSure | None = None
    identifies_people: YesNo = None
    legal_basis_confirmed: YesNo = None
    decision_about_people: YesNo = None


@dataclass(frozen=True, slots=True)
class Owned:
    """A computer the firm has, at each site."""

    what: str
    chip_id: str | None = None
    memory_gb: float | None = None
    gpu_chip_id: str | None = None
    free: str | None = None
    is_this_computer: bool | None = None


@dataclass(frozen=True, slots=True)
class Rented:
    """A cloud machine the firm already pays for, and the share of it that is idle."""

    provider: str
    instance_type: str
    spare_share: float | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """One place of work: its line, its power, its computers."""

    internet: str | None = None
    uplink_mbps: float | None = None
    traffic_comes_from: str | None = None
    mobile_gb_per_month: float | None = None
    mobile_price_per_gb: float | None = None
    place: str | None = None
    power: str | None = None
    power_limit_w: float | None = None
    line_down_hours_per_year: float | None = None
    owned: tuple[Owned, ...] = ()
    rented: tuple[Rented, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """A price without tax that the owner read on a quote or a bill; it counts in place of ours.

    `price_of` names it (`advisor.quotes`); `currency` is that of the budget where blank. A machine's price is `per` hour or
    month; with `bound_months` it holds only for who rents it for so long.
    """

    price_of: str
    amount: float
    currency: str | None = None
    per: str | None = None
    bound_months: int | None = None
    seen_on: str | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """Money: all amounts in `currency` (ISO 4217), without tax.

    `lost_hour`: what an hour without it costs; `fittings_per_site`: cameras, cables, mount, case and battery that a bought computer
    needs; `it_firm_per_month`: an IT firm's price for looking after one machine; `second_line_per_month`: of each site.
    """

    currency: str | None = None
    upfront_max: float | None = None
    monthly_max: float | None = None
    horizon_years: float | None = None
    electricity_per_kwh: float | None = None
    staff_hour: float | None = None
    discount_percent: float | None = None
    with_tax: bool | None = None
    lost_hour: float | None = None
    fittings_per_site: float | None = None
    it_firm_per_month: float | None = None
    care_contract: bool | None = None
    second_line_per_month: float | None = None
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the answers must be; `health` is "passed", "failed" or the path of an H.json."""

    needs_large_model: YesNo = None
    simple_rule_could_do: YesNo = None
    health: str | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """All answers of the owner."""

    business: Business
    job: Job
    load: Load
    speed: Speed = field(default_factory=Speed)
    rules: Rules = field(default_factory=Rules)
    site: Site = field(default_factory=Site)
    money: Budget = field(default_factory=Budget)
    quality: Quality = field(default_factory=Quality)
    prefer: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's NEED.json, every field written out."""
        out = {"format": FORMAT, **asdict(self)}
        out["job"]["model"] = _model_json(self.job.model)
        out["job"]["more_models"] = [
            {"model": _model_json(m.model), "calls_per_unit": m.calls_per_unit, "what": m.what} for m in self.job.more_models
        ]
        plain: dict[str, Any] = _plain(out)
        return plain


def from_json(document: Mapping[str, Any]) -> Need:
    """The need in a parsed NEED.json.

    Raises:
        AdvisorError: every field that is missing, unknown or out of bounds, each with its dotted path.
    """
    check(document, "need")
    job, load, site, money = document["job"], document["load"], document.get("site") or {}, document.get("money") or {}
    need = Need(
        business=Business(**document["business"]),
        job=Job(
            task=job["task"],
            model=_model(job["model"]),
            unit=job.get("unit"),
            model_calls_per_unit=job.get("model_calls_per_unit"),
            more_models=tuple(MoreModel(_model(m["model"]), m.get("calls_per_unit"), m.get("what")) for m in job.get("more_models") or ()),
            retrainings_per_year=job.get("retrainings_per_year"),
            labels_per_retraining=job.get("labels_per_retraining"),
            people_using=job.get("people_using"),
        ),
        load=Load(
            **{
                **load,
                "rare_peak": RarePeak(**load["rare_peak"]) if load.get("rare_peak") else None,
                "batch": Batch(**load["batch"]) if load.get("batch") else None,
            },
        ),
        speed=Speed(**(document.get("speed") or {})),
        rules=Rules(**(document.get("rules") or {})),
        site=Site(
            **{
                **site,
                "owned": tuple(Owned(**o) for o in site.get("owned") or ()),
                "rented": tuple(Rented(**r) for r in site.get("rented") or ()),
            },
        ),
        money=Budget(**{**money, "quotes": tuple(Quote(**q) for q in money.get("quotes") or ())}),
        quality=Quality(**(document.get("quality") or {})),
        prefer=document.get("prefer"),
    )
    problems = tuple(_contradictions(need))
    if problems:
        raise AdvisorError(problems)
    return need


def read(path: Path) -> Need:
    """The need in a NEED.json file; relative model and health paths are resolved against its folder.

    Raises:
        AdvisorError: the file cannot be read or does not fit.
    """
    return from_json(read_json(path, "a file of your answers (NEED.json)"))


def _contradictions(need: Need) -> list[Problem]:
    out = []
    if need.load.rare_peak and need.load.rare_peak.units_per_day < need.load.units_per_day:
        out.append(
            Problem(
                "BAD_FIELD",
                "load.rare_peak.units_per_day",
                "load.rare_peak.units_per_day is below load.units_per_day.",
                "A rare peak is a day with more work than usual.",
                "Raise it, or set load.rare_peak to null.",
            ),
        )
    for i, q in enumerate(need.money.quotes):
        # One by the hour and one with a term may stand beside each other; two terms would be two ways of one name.
        if (q.price_of, q.bound_months is None) in {(x.price_of, x.bound_months is None) for x in need.money.quotes[:i]}:
            out.append(
                Problem(
                    "BAD_FIELD",
                    f"money.quotes[{i}].price_of",
                    f"money.quotes holds two prices for {q.price_of}.",
                    "We cannot tell which of them counts.",
                    "Keep the newer one.",
                ),
            )
    if sum(o.is_this_computer is True for o in need.site.owned) > 1:
        out.append(
            Problem(
                "BAD_FIELD",
                "site.owned",
                "Two machines in site.owned are marked as this computer.",
                "Only one can be the computer you are using.",
                "Set is_this_computer to false for the others.",
            ),
        )
    return out


def _model(document: Mapping[str, Any]) -> Model:
    (kind, value), *_ = document.items()
    if kind == "onnx":
        return OnnxModel(value)
    if kind == "reference":
        return ReferenceModel(value)
    if kind == "hosted_service":
        return HostedService(value)
    if kind == "features":
        shape = value.get("input_shape")
        return FeatureModel(**{**value, "input_shape": tuple(shape) if shape is not None else None})
    return TextModel(**value)


def _model_json(model: Model) -> dict[str, Any]:
    match model:
        case OnnxModel(path):
            return {"onnx": path}
        case ReferenceModel(id):
            return {"reference": id}
        case HostedService(id):
            return {"hosted_service": id}
        case FeatureModel():
            return {"features": asdict(model)}
        case TextModel():
            return {"text_model": asdict(model)}


def _plain(value: Any) -> Any:
    """Tuples as lists: what JSON would give back."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value
