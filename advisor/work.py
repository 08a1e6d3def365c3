"""The work one unit asks of a machine: which models run, how often, and how long that takes there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor import spread
from advisor.evidence import Basis, Estimate, Source
from advisor.forecast import Forecast, TextWorkload, Workload, own_run
from advisor.forecast.kept import kept_forecast
from advisor.measurement import preparing_ms
from advisor.need import FeatureModel, HostedService, Model, OnnxModel, ReferenceModel, TextModel
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from advisor.case import Case
    from advisor.catalog import Catalog
    from advisor.forecast import Machines, OwnRun
    from advisor.measurement import Measurement
    from advisor.model_profile import ModelProfile
    from advisor.spread import Spread

    Floats = NDArray[np.float64]

_CORES_DIFFER = 2.0
_OWN_FILES = "your own files, timed on this computer"
_BYTES_PER_WEIGHT = {"fp32": 4.0, "fp16": 2.0, "bf16": 2.0, "int8": 1.0, "int4": 0.5625}
_PICTURES = ("image-classification", "object-detection", "segmentation", "ocr", "anomaly-detection", "face-recognition")


@dataclass(frozen=True, slots=True)
class Step:
    """One model of the job and how often each unit calls it."""

    work: Workload | TextWorkload
    calls: float
    what: str


@dataclass(frozen=True, slots=True)
class Work:
    """All steps of one unit. No steps: the job is bought as a service and no model of the owner's runs anywhere.

    `prepare` is the time to read and prepare one unit's input on one ordinary core [s]. `timed` is how the calls of the first
    model differed in a test run, on whatever machine, `usual` how calls differ where none says it. `operators` are the operator
    types of the owner's model file; empty where there is none or they were not read.
    """

    steps: tuple[Step, ...]
    prepare: Estimate
    service: str | None
    text: TextModel | None
    usual: Spread
    timed: Spread | None = None
    operators: tuple[str, ...] = ()

    @property
    def weight_bytes(self) -> float:
        """Size of all weights that have to be loaded."""
        return sum(_weights(s.work) for s in self.steps)


@dataclass(frozen=True, slots=True)
class UnitTimes:
    """Times for one unit of work on n machines [s]; NaN where refused. Arrays have shape (n,).

    `per_s` counts units that come in heaps, batched where the machine gains by it: never the time of one answer. `spread` is how
    the units differ, in multiples of `likely`.
    """

    low: Floats
    likely: Floats
    high: Floats
    first_word: tuple[Floats, Floats, Floats] | None
    per_s: Floats
    fits: NDArray[np.bool_]
    reach: NDArray[np.int64]
    measured: NDArray[np.bool_]
    why: Callable[[int], str]
    told: Callable[[int], str]
    spread: Spread

    @property
    def alone_s(self) -> Floats:
        """How long a unit keeps a machine busy where units come one at a time [s], on average, shape (n,).

        A text model answers many at once, so that one takes up only its part of the machine.
        """
        return 1 / self.per_s if self.first_word is not None else self.likely * self.spread.mean

    @property
    def queued_s(self) -> Floats:
        """The likely time of one unit in the line for a machine [s]: `alone_s` is its mean."""
        return self.alone_s / self.spread.mean


def work_of(case: Case, catalog: Catalog, profile: ModelProfile | None, measurement: Measurement | None) -> Work:
    """The work in `case`.

    Raises:
        AdvisorError: the sample workload or service is not in the catalog, or an ONNX model has neither a profile
            nor a measurement.
    """
    job = case.need.job
    prepare, usual = _preparing(case, catalog, measurement), _usual(catalog)
    if isinstance(job.model, HostedService):
        if catalog.service(job.model.id) is None:
            raise AdvisorError(
                Problem(
                    "BAD_FIELD",
                    "job.model.hosted_service",
                    f"We know no service called {job.model.id}.",
                    "It is not in the catalog.",
                    "Use a name from the list of services, or give the size of a model.",
                ),
            )
        return Work((), prepare, job.model.id, None, usual)
    steps = [Step(_workload(job.model, "job.model", catalog, profile, measurement), case.calls_per_unit, case.unit)]
    for i, more in enumerate(job.more_models):
        if isinstance(more.model, (OnnxModel, HostedService)):
            raise AdvisorError(
                Problem(
                    "BAD_FIELD",
                    f"job.more_models[{i}].model",
                    "A further model must be given by its size.",
                    "We time one model file at a time.",
                    "Give features, text_model or reference.",
                ),
            )
        steps.append(
            Step(
                _workload(more.model, f"job.more_models[{i}].model", catalog, None, None),
                more.calls_per_unit or 1.0,
                more.what or "further model",
            )
        )
    text = job.model if isinstance(job.model, TextModel) else None
    own = profile if isinstance(job.model, OnnxModel) else None
    timed = own_run(measurement).spread if measurement is not None and isinstance(job.model, OnnxModel) else None
    return Work(tuple(steps), prepare, None, text, usual, timed, () if own is None else own.operator_types or tuple(sorted(own.operators)))


def _usual(catalog: Catalog) -> Spread:
    """How the calls of a model differ on a machine that does little else."""
    return spread.usual(*(float(catalog.default(f"service.{x}").value) for x in ("p95_times", "stall_share", "stall_times")))


def _preparing(case: Case, catalog: Catalog, measurement: Measurement | None) -> Estimate:
    """Reading, decoding and making ready one unit's input [s]: as timed on the owner's own files, else by its size."""
    own = None if measurement is None or not isinstance(case.need.job.model, OnnxModel) else preparing_ms(measurement)
    if own is not None and measurement is not None:
        seconds = own / 1000
        # Other computers' cores may be half as fast or twice; it is one core's work.
        return Estimate(
            seconds / _CORES_DIFFER, seconds, seconds * _CORES_DIFFER, Basis.MEASURED, Source(_OWN_FILES, measurement.measured_on)
        )
    group = "pictures" if case.task in _PICTURES else "sound" if case.task == "speech-to-text" else "other"
    d = catalog.default(f"prepare.{group}_s_per_mb")
    mb = case.input_kb / 1000
    return Estimate((d.low or 0) * mb, float(d.value) * mb, (d.high or 0) * mb, Basis.ESTIMATED, d.source)


def _workload(
    model: Model,
    path: str,
    catalog: Catalog,
    profile: ModelProfile | None,
    measurement: Measurement | None,
) -> Workload | TextWorkload:
    match model:
        case TextModel(params, prompt, output, context, active):
            return TextWorkload(params, prompt, output, context or prompt + output, active)
        case FeatureModel(params, gmacs, activations, precision, _):
            precision = precision or "fp32"
            return Workload(gmacs, params, activations, params * 1e6 * _BYTES_PER_WEIGHT[precision], precision)
        case ReferenceModel(id):
            sample = catalog.sample_workload(id)
            if sample is None:
                raise AdvisorError(
                    Problem(
                        "BAD_FIELD",
                        f"{path}.reference",
                        f"We know no sample job called {id}.",
                        "It is not in the catalog.",
                        f"Use one of: {', '.join(s.id for s in catalog.sample_workloads)}.",
                    ),
                )
            if sample.params_billions is not None:
                prompt, output = int(sample.prompt_tokens or 1), int(sample.output_tokens or 1)
                return TextWorkload(sample.params_billions, prompt, output, int(sample.context_tokens or prompt + output))
            return Workload(
                sample.gmacs,
                sample.params_millions or 0.0,
                sample.activations_millions,
                (sample.params_millions or 0.0) * 1e6 * _BYTES_PER_WEIGHT[sample.precision or "fp32"],
                sample.precision or "fp32",
            )
        case OnnxModel(file):
            facts = profile
            seen = None if measurement is None or measurement.peak_memory_mb is None else measurement.peak_memory_mb * 1e6
            if facts is not None:
                return Workload(
                    facts.gmacs,
                    facts.params_millions,
                    facts.activations_millions,
                    facts.weight_bytes,
                    facts.precision,
                    facts.work,
                    seen,
                )
            if measurement is not None:
                m = measurement.model
                return Workload(m.gmacs, m.params_millions, m.activations_millions, m.params_millions * 4e6, "fp32", m.work, seen)
            raise AdvisorError(
                Problem(
                    "NO_ACCESS",
                    f"{path}.onnx",
                    f"We could not read the model {file}.",
                    "Without it we cannot tell how much work it is.",
                    "Check the path, or give a measurement.",
                ),
            )
        case HostedService():
            raise AssertionError(path)


def unit_times(
    work: Work,
    machines: Machines,
    own: OwnRun | None = None,
    guess: float | None = None,
    there: Mapping[int, OwnRun] | None = None,
) -> UnitTimes:
    """How long one unit takes on each machine, preparing the input included.

    `own` is the measured run and `guess` what was forecast for that computer before; `there` are runs measured on others of
    these machines, by row (`advisor.forecast.forecast`).
    """
    known = (own, guess, there)
    parts: list[tuple[Forecast, float]] = [
        (kept_forecast(s.work, machines, *(known if i == 0 else (None, None, None))), s.calls) for i, s in enumerate(work.steps)
    ]
    first = parts[0][0]
    low, likely, high = (sum(getattr(f, f"latency_{end}") * calls for f, calls in parts) for end in ("low", "likely", "high"))
    with np.errstate(divide="ignore"):
        busy = sum(calls / f.throughput_likely for f, calls in parts)
        per_s = 1 / np.maximum(busy, 1e-12)
    words = None
    if work.text is not None:
        words = (first.first_word_low, first.first_word_likely, first.first_word_high)
    fits = np.asarray(np.array([f.fits for f, _ in parts]).all(axis=0), dtype=bool).reshape(-1)
    reach = np.max([f.reach for f, _ in parts], axis=0)
    p = work.prepare
    return UnitTimes(
        low + p.low,
        likely + p.likely,
        high + p.high,
        words,
        per_s,
        fits,
        reach,
        np.asarray(np.array([f.measured for f, _ in parts]).all(axis=0), dtype=bool).reshape(-1),
        first.why,
        first.told,
        _spread(work, parts, own or next(iter((there or {}).values()), None)),
    )


def _spread(work: Work, parts: list[tuple[Forecast, float]], run: OwnRun | None) -> Spread:
    """How units differ: the parts of one vary each for itself, the first model as it did in the test run.

    What the parts take of the whole is that of the middle machine, so that all share one spread.
    """
    here = run.spread if run is not None else None
    calls = [here or work.timed or work.usual, *[work.usual] * (len(parts) - 1)]
    whole = np.asarray(sum(f.latency_likely * n for f, n in parts) + work.prepare.likely)
    known = np.flatnonzero(np.isfinite(whole))
    if not len(known):
        return calls[0]
    middle = int(known[np.argsort(whole[known], kind="stable")[len(known) // 2]])
    timed = [(s, float(f.latency_likely[middle]) * n, n) for s, (f, n) in zip(calls, parts, strict=True)]
    return spread.of_unit([*timed, (spread.steady(), work.prepare.likely, 1.0)])


def _weights(work: Workload | TextWorkload) -> float:
    if isinstance(work, TextWorkload):
        # 4.5 bits a weight: the usual slimmed-down text model (4-bit blocks with their scales).
        return work.params_billions * 1e9 * 0.5625
    return work.weight_bytes
