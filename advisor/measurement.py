"""A measurement of the owner's model on one computer, as stored in M.json. Times in milliseconds, as in the file."""

from __future__ import annotations

import math
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from advisor.problems import AdvisorError, Problem
from advisor.schema_check import check, read_json
from advisor.slimmer import Agreement, Copy, advised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FORMAT: Final = "edgewise/measurement/1"
AS_IS: Final = "as-is"
SAMPLES_KEPT: Final = 10_000
# With fewer samples no upper bound of the percentile can be given with 95 % confidence (1 - q^n < 0.95).
SAMPLES_FOR_P90: Final = 29
SAMPLES_FOR_P95: Final = 59
SAMPLES_FOR_P99: Final = 299
# Slowest round against fastest: up to here all is well, from there on the figure is only a hint.
ROUNDS_GOOD: Final = 0.20
ROUNDS_POOR: Final = 0.60
# Every warning there is: its code, what it says, and what the owner can do. `{...}` is filled in.
WARNINGS: Final[Mapping[str, tuple[str, str]]] = {
    "BUSY_BEFORE": ("Other programs were using {share} of this computer before we began.", "Close them and measure again."),
    "BUSY_DURING": ("Other programs used {share} of this computer while we measured.", "Close them and measure again."),
    "REPEATED": ("{count} rounds were left out, as other programs were busy or the computer slept in them.", "Nothing needs to be done."),
    "SLEPT": ("The computer slept while we measured.", "Keep it awake and measure again."),
    "ROUNDS_DISAGREE": ("The slowest round took {share} longer than the fastest.", "Close other programs and measure again."),
    "FEW_ROUNDS": ("The model is slow, so there was time for only {count} rounds.", "Measure again with more time."),
    "NOT_STEADY": ("The times kept changing within the rounds.", "Measure again with more time."),
    "FEW_SAMPLES": ("There was time for only {count} answers: too few to say how slow the slowest are.", "Measure with more time."),
    "TOO_QUICK": ("One answer takes so little time that our own asking counts.", "Read it as “under a twentieth of a millisecond”."),
    "ON_BATTERY": ("The computer ran on its battery, which slows many of them down.", "Plug it in and measure again."),
    "POWER_SAVING": ("The computer is set to save power.", "Choose full power in its settings and measure again."),
    "THROTTLED": ("The computer slowed itself down because it was hot.", "Let it cool, keep its vents free, measure again."),
    "FELL_BACK": ("Part of the work fell back from {part} to the processor.", "Ask whoever made the model for one that suits {part}."),
    "FELL_BACK_WHOLLY": (
        "{part} is here but did none of the work: the processor did it all.",
        "Do not read this as the speed of {part}. Check its driver, or ask whoever made the model for one that suits {part}.",
    ),
    "WHO_WORKED_UNKNOWN": (
        "One answer takes so long that we could not look whether {part} or the processor did the work.",
        "Measure again with smaller sizes.",
    ),
    "TEXT_TAKEN": ("We fed a made-up text of {count} words.", "Choose a text of your own as a sample: a longer one may take longer."),
    "SLOWS_DOWN": (
        "After {seconds} seconds without a pause one answer took {share} longer than at the start.",
        "Keep the vents free, and reckon with the slower time if the work comes without a pause.",
    ),
    "COPY_LEFT_OUT": ("We could not time a {what}. {why}", "The times of the model as it is still stand."),
    "SIZE_TAKEN": ("We took {names} as 1: one input at a time.", "If that is not so, give the size and measure again."),
    "STEP_LEFT_OUT": ("There was no time to time {what}.", "Measure again with more time."),
    "RAN_WITH_WARNING": ("{what}", "{advice}"),
}
LOWERS_TRUST: Final = frozenset(
    {"SLEPT", "BUSY_BEFORE", "BUSY_DURING", "FEW_ROUNDS", "NOT_STEADY", "ON_BATTERY", "POWER_SAVING", "FEW_SAMPLES"}
)
# What RAN_WITH_WARNING can stand for.
ODDITIES: Final[Mapping[str, tuple[str, str]]] = {
    "nan": ("Some of its answers are not numbers.", "Try a sample input of your own; if it stays so, the model is faulty."),
    "empty": ("Its answer was empty.", "Try a sample input of your own."),
    "random": ("It answers differently each time to the same input.", "Its answers cannot be compared; ask whoever made it."),
    "constant": ("Its answer does not depend on what goes in.", "Check that this is the right model, or try a sample input of your own."),
}


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The model that was timed; `inputs` with the sizes used, `work` by class of operator (empty where it is not to be told)."""

    sha256: str
    name: str
    opset: int
    inputs: tuple[Mapping[str, Any], ...]
    params_millions: float
    gmacs: float | None
    activations_millions: float | None
    work: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Machine:
    """The computer it was timed on; `None` = not to be told.

    `name` says which machine it is where it is not the owner's own computer: as in the answers ("office server"), or an id
    of the catalog ("aws:m7a.large").
    """

    cpu: str
    physical_cores: int
    logical_cores: int
    isa: tuple[str, ...]
    memory_gb: float
    gpu: str | None
    os: str
    power_source: str | None
    chip_id: str | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Software:
    """What ran the model."""

    onnxruntime: str
    execution_providers: tuple[str, ...]
    node_share_by_provider: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Run:
    """One scenario, with its raw samples.

    `details` are figures of one scenario only: of end-to-end the middle of each part (`read_ms`, `decode_ms`, `prepare_ms`,
    `model_ms`) and `files`; of sustained `seconds`, `first_tenth_ms`, `last_tenth_ms`; of after-idle `pause_s`.
    """

    scenario: str
    precision: str
    batch: int
    threads: int
    concurrency: int
    samples_ms: tuple[float, ...]
    count: int
    median_ms: float
    p90_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    throughput_per_s: float
    details: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Round:
    """One fresh process: its median, how many answers it rests on, and whether its two halves agreed."""

    median_ms: float
    count: int
    steady: bool = True


@dataclass(frozen=True, slots=True)
class Rung:
    """One reference graph of the ladder; `gmacs` is the work it holds, `work` the same by class of operator.

    `work` is empty for graphs whose time says little of models (8-bit, recurrent, tiny).
    """

    id: str
    latency_ms: float
    gmacs: float | None = None
    work: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What else the computer was doing (shares of all cores, others only) and how it was powered and clocked."""

    busy_before: float | None
    busy_during: float | None
    throttled: bool | None
    on_battery: bool | None
    governor: str | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """A reason to trust the figure less, and what to do about it.

    `code` is one of `WARNINGS`; `kind` says which oddity of the model's answers RAN_WITH_WARNING stands for.
    """

    code: str
    text: str
    advice: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """M.json."""

    model: ModelFacts
    machine: Machine
    software: Software
    runs: tuple[Run, ...]
    peak_memory_mb: float | None
    agreement: Mapping[str, Agreement]
    ladder: tuple[Rung, ...]
    rounds: tuple[Round, ...]
    best_round_ms: float
    range_ms: tuple[float, float]
    conditions: Conditions
    trust: str
    warnings: tuple[Warned, ...]
    seconds_used: float
    measured_on: str | None = None
    achieved: Mapping[str, float] = field(default_factory=dict)
    copies: tuple[Copy, ...] = ()
    threads_tried: Mapping[str, float] = field(default_factory=dict)
    size_sweep: tuple[Mapping[str, Any], ...] = ()

    @property
    def as_is(self) -> Run:
        """The single-stream run of the model itself."""
        return next(r for r in self.runs if r.scenario == "single-stream" and r.precision == AS_IS)

    @property
    def advised_copy(self) -> Copy | None:
        """The slimmer copy that may be relied on: surely faster, with the same answers to the owner's own samples."""
        return advised(self.copies, self.agreement)

    @property
    def ran_with_warning(self) -> bool:
        """Whether the model's own answers were odd (not numbers, empty, random, always the same)."""
        return any(w.code == "RAN_WITH_WARNING" for w in self.warnings)

    def to_json(self) -> dict[str, Any]:
        """M.json as plain values."""
        out: dict[str, Any] = plain({"format": FORMAT, **asdict(self)})
        return out


def preparing_ms(m: Measurement) -> float | None:
    """Reading, decoding and making ready one of the owner's own files, the middle of each part [ms]; `None` if none were timed."""
    own = next((r for r in m.runs if r.scenario == "end-to-end"), None)
    parts = [] if own is None else [own.details.get(f"{part}_ms") for part in ("read", "decode", "prepare")]
    known = [p for p in parts if p is not None]
    return sum(known) if known and len(known) == len(parts) else None


def inputs_in_words(inputs: Sequence[Mapping[str, Any]]) -> str:
    """The inputs that a measurement was made with: name, size, whose values, and who gave the size where the model leaves it open."""
    out = []
    for i in inputs:
        size = " x ".join(map(str, i["shape"])) or "one number"
        values = "your sample" if i.get("values") == "sample" else "made-up values"
        given = {"asked": ", size as you gave it", "sample": ", size of your sample", "usual": ", one at a time"}
        by = "" if values == "your sample" else given.get(str(i.get("size_from")), "")
        out.append(f"{i['name']} {size} ({values}{by})")
    return "; ".join(out)


def plain(value: Any) -> Any:
    """The same with lists for tuples, as JSON has them."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (tuple, list)) else value


def warned(code: str, kind: str = "", **words: object) -> Warned:
    """The warning of a code, its words filled in."""
    text, advice = WARNINGS[code]
    return Warned(code, text.format(**words), advice.format(**words), kind)


def percentile(samples: Sequence[float], q: float) -> float | None:
    """The q-quantile (0 to 1) of raw samples by the nearest-rank rule; `None` if there are too few to bound it.

    A bound with 95 % confidence exists from n samples with q^n <= 0.05 (Conover 1999, "Practical Nonparametric
    Statistics", 3.2): 29 for 0.9, 59 for 0.95, 299 for 0.99.
    """
    if not samples or (q > 0.5 and len(samples) < math.ceil(round(math.log(0.05) / math.log(q), 6))):
        return None
    ordered = sorted(samples)
    return ordered[max(math.ceil(q * len(ordered)) - 1, 0)]


def thinned(samples: Sequence[float], most: int) -> tuple[float, ...]:
    """At most `most` of the samples, evenly spread over the run."""
    if len(samples) <= most:
        return tuple(samples)
    return tuple(samples[i * len(samples) // most] for i in range(most))


def run_of(
    scenario: str,
    samples_ms: Sequence[float],
    *,
    threads: int,
    batch: int = 1,
    precision: str = AS_IS,
    concurrency: int = 1,
    details: Mapping[str, float] | None = None,
) -> Run:
    """The run that these samples make; figures are of all samples, of which at most 10,000 are kept.

    Raises:
        ValueError: there is no sample.
    """
    median = percentile(samples_ms, 0.5)
    if median is None:
        msg = "a run needs at least one sample"
        raise ValueError(msg)
    return Run(
        scenario, precision, batch, threads, concurrency, thinned(samples_ms, SAMPLES_KEPT), len(samples_ms), median,
        percentile(samples_ms, 0.9), percentile(samples_ms, 0.95), percentile(samples_ms, 0.99),
        1000 * batch * concurrency * len(samples_ms) / sum(samples_ms), details or {},
    )  # fmt: skip


def best_round(rounds: Sequence[Round]) -> float:
    """Median of the fastest steady round [ms]; of the fastest one where none was steady."""
    return min(r.median_ms for r in ([r for r in rounds if r.steady] or rounds))


def spread(rounds: Sequence[Round]) -> float:
    """How much slower the slowest round was than the fastest: 0.1 is 10 %."""
    medians = [r.median_ms for r in rounds]
    return max(medians) / min(medians) - 1


def trust_of(rounds: Sequence[Round], warnings: Sequence[Warned]) -> str:
    """`good`, `fair` or `poor`.

    Medians of fresh processes on a quiet computer differ by a few per cent (coefficient of variation 3.5 to 8 %, tried
    on four models), so six rounds span up to about 20 %; a busy core changes them by a half and more. Several rounds
    are needed at all because the 95 % range of one process held the next one's median in only 16 % of tries.
    """
    codes = {w.code for w in warnings}
    apart = spread(rounds)
    if len(rounds) < 3 or apart > ROUNDS_POOR or "THROTTLED" in codes:
        return "poor"
    if apart > ROUNDS_GOOD or codes & LOWERS_TRUST:
        return "fair"
    return "good"


def from_json(document: Mapping[str, Any]) -> Measurement:
    """The measurement in a parsed M.json.

    Raises:
        AdvisorError: a field is missing or does not fit.
    """
    check(document, "measurement")

    def of(cls: type, value: Mapping[str, Any]) -> Any:
        has_default = {f.name for f in fields(cls) if f.default is not MISSING or f.default_factory is not MISSING}
        return cls(**{f.name: value[f.name] for f in fields(cls) if f.name in value or f.name not in has_default})

    problems = _contradictions(document)
    if problems:
        raise AdvisorError(problems)
    m = document["model"]
    if not any(r["scenario"] == "single-stream" and r["precision"] == AS_IS for r in document["runs"]):
        raise AdvisorError(
            Problem("BAD_FIELD", "runs", "The measurement has no single-stream run.", "We need the time of one answer.", "Measure again.")
        )
    return Measurement(
        model=of(ModelFacts, {**m, "inputs": tuple(m["inputs"])}),
        machine=of(Machine, {**document["machine"], "isa": tuple(document["machine"]["isa"])}),
        software=of(Software, {**document["software"], "execution_providers": tuple(document["software"]["execution_providers"])}),
        runs=tuple(of(Run, {**r, "samples_ms": tuple(r["samples_ms"])}) for r in document["runs"]),
        peak_memory_mb=document["peak_memory_mb"],
        agreement={precision: of(Agreement, said) for precision, said in document["agreement"].items()},
        ladder=tuple(of(Rung, r) for r in document["ladder"]),
        rounds=tuple(of(Round, r) for r in document["rounds"]),
        best_round_ms=document["best_round_ms"],
        range_ms=(document["range_ms"][0], document["range_ms"][1]),
        conditions=of(Conditions, document["conditions"]),
        trust=document["trust"],
        warnings=tuple(of(Warned, w) for w in document["warnings"]),
        seconds_used=document["seconds_used"],
        measured_on=document.get("measured_on"),
        achieved=document.get("achieved") or {},
        copies=tuple(
            of(Copy, {**c, "round_ms": tuple(c.get("round_ms", ())), "beside_ms": tuple(c.get("beside_ms", ()))})
            for c in document.get("copies") or ()
        ),
        threads_tried=document.get("threads_tried") or {},
        size_sweep=tuple(document.get("size_sweep") or ()),
    )


def _contradictions(document: Mapping[str, Any]) -> list[Problem]:
    """What no measurement of ours can say; a file changed by hand may."""
    low, high = document["range_ms"]
    out = []
    for i, copy in enumerate(document.get("copies") or ()):
        if len(copy.get("round_ms", ())) != len(copy.get("beside_ms", ())):
            out.append((f"copies[{i}]", f"In copies[{i}] round_ms and beside_ms have different lengths."))
    for precision, said in document["agreement"].items():
        if not said["low"] <= said["same_share"] <= said["high"]:
            out.append((f"agreement.{precision}", f"In agreement.{precision} the share lies outside its range."))
    if low > high:
        out.append(("range_ms", f"range_ms goes from {low} to {high}."))
    elif not low <= document["best_round_ms"] <= high:
        out.append(("best_round_ms", "best_round_ms lies outside range_ms."))
    for i, run in enumerate(document["runs"]):
        known = [run[k] for k in ("median_ms", "p90_ms", "p95_ms", "p99_ms") if run[k] is not None]
        if known != sorted(known):
            out.append((f"runs[{i}]", f"In runs[{i}] a slower percentile is faster than another."))
    return [Problem("BAD_FIELD", field, what, "The file was changed, or its writer has a fault.", "Measure again.") for field, what in out]


def read(path: Path) -> Measurement:
    """The measurement in an M.json file.

    Raises:
        AdvisorError: the file cannot be read or does not fit.
    """
    return from_json(read_json(path, "a measurement (M.json)"))
