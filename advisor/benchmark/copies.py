"""Conducts the slimmer copies of a measurement: made, compared and timed in fresh processes, gone at the end."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark import scratch, shrinking
from advisor.benchmark.copy_steps import FEWEST_SAMPLES
from advisor.measurement import Run, run_of
from advisor.problems import AdvisorError
from advisor.slimmer import Agreement, Copy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.benchmark.conductor import Conductor
    from advisor.model_profile import ModelProfile

PRECISIONS: Final = ("as-is", "int8", "fp16", "all")
_ROUNDS: Final = 3
_START_S: Final = 15.0
# The tools put the model itself aside once, and a little more, before they write the copy.
_ROOM: Final = 1.25
_ON_DISK: Final = 4.0


@dataclass(slots=True)
class Found:
    """What came of the copies."""

    copies: list[Copy] = field(default_factory=list)
    agreement: dict[str, Agreement] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)


def wanted(precision: str, samples: int) -> tuple[tuple[str, str], ...]:
    """The copies that are asked for: what each is called, and how it is made.

    `int8` is set up with the owner's samples where there are enough (it then suits convolutions too), and one without stands
    beside it; else it is the one without.
    """
    eight = (("int8", "static"), ("int8-dynamic", "dynamic")) if samples >= FEWEST_SAMPLES else (("int8", "dynamic"),)
    half = (("fp16", "half"),)
    return {"as-is": (), "int8": eight, "fp16": half, "all": (*eight, *half)}[precision]


def refuse(precision: str, name: str, facts: ModelProfile) -> None:
    """Nothing, if at least one copy of those asked for may be made.

    Raises:
        AdvisorError: the model is a slim copy already, or its copies could not be compared.
    """
    reasons = [shrinking.refusal(facts, how) for _, how in wanted(precision, 0)]
    if precision != "all" and reasons and all(reasons):
        raise AdvisorError(shrinking.not_made(name, reasons[0]))


def make_and_time(
    c: Conductor,
    facts: ModelProfile,
    *,
    samples: int,
    answers_vary: bool,
    threads: int,
    round_s: float,
    compare_s: float,
    settings: Mapping[str, Any],
) -> Found:
    """Every copy that was asked for, or why there is none. What fails here leaves the model's own figures standing.

    Args:
        samples: how many samples the owner gave.
        answers_vary: the model itself answers differently each time.
        round_s, compare_s: seconds for one round (the model itself has its turns besides), and for comparing answers.
    """
    out = Found()
    kinds = wanted(c.job.precision, samples)
    c.part = (c.part[1], 1.0)
    size = _bytes_of_files(Path(c.job.path), facts)
    for number, (kind, how) in enumerate(kinds):
        why_not = shrinking.refusal(facts, how)
        if answers_vary:
            why_not = why_not or "answers differently each time, so a copy's answers could not be compared with its own"
        if why_not:
            out.copies.append(Copy(kind, how, left_out=shrinking.not_made(facts.name, why_not).what_happened))
            continue
        with scratch.private_folder() as folder:
            c.progress(number / len(kinds), "Making a slimmer copy", "copy")
            place = folder / kind
            place.mkdir()
            if shutil.disk_usage(folder).free < _ON_DISK * size:
                out.copies.append(Copy(kind, how, left_out="The disk has too little room for a slimmer copy."))
                continue
            try:
                room = int(_ROOM * size)
                made = c.step("shrink", c.limits.answer_s + _START_S, copy=how, folder=str(place), room_bytes=room, **settings)
                if made["left_out"]:
                    out.copies.append(Copy(kind, how, left_out=made["left_out"], detail=made["detail"]))
                    continue
                told = {"copy": how, "copy_file": made["path"], **settings}
                c.progress((number + 0.3) / len(kinds), "Comparing the answers of the slimmer copy", "compare")
                compared = c.step("compare", _START_S + 6 * compare_s + c.limits.answer_s, seconds=compare_s, **told)
                rounds: list[Mapping[str, Any]] = []
                for i in range(_ROUNDS):
                    c.progress((number + 0.5 + i / 6) / len(kinds), "Timing the slimmer copy", "copy-rounds")
                    limit = 2 * _START_S + 6 * round_s + c.limits.answer_s
                    rounds.append(c.step("pair", limit, seconds=2 * round_s, threads=threads, number=i, **told))
            except AdvisorError as error:
                problem = error.problems[0]
                out.copies.append(Copy(kind, how, left_out="The slimmer copy did not run through.", detail=problem.sentence()))
                continue
        samples_ms = [n / 1e6 for r in rounds for n in r["samples_ns"]]
        out.runs.append(run_of("single-stream", samples_ms, threads=threads, precision=kind))
        out.runs.append(run_of("cold-start", [r["cold_ms"] for r in rounds], threads=threads, precision=kind))
        if compared["agreement"] is not None:
            out.agreement[kind] = Agreement(**compared["agreement"])
        out.copies.append(
            Copy(
                kind,
                how,
                size_mb=round(int(made["bytes"]) / 1e6, 3),
                as_is_size_mb=round(size / 1e6, 3),
                round_ms=tuple(median(r["samples_ns"]) / 1e6 for r in rounds),
                beside_ms=tuple(median(r["beside_ns"]) / 1e6 for r in rounds),
            )
        )
    return out


def _bytes_of_files(path: Path, facts: ModelProfile) -> int:
    """What the model takes on the disk, its other files included."""
    parts = [path.parent / name for name in facts.external_files]
    return facts.size_bytes + sum(p.stat().st_size for p in parts if p.is_file())
