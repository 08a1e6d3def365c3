"""What lowers trust in a measurement, in the order in which the owner should read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark import refusals
from advisor.benchmark.made_up import SENTENCE
from advisor.benchmark.rounds import BUSY_CORES
from advisor.measurement import ODDITIES, ROUNDS_GOOD, spread, warned
from advisor.slimmer import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor.benchmark.protocol import Job
    from advisor.measurement import Conditions, Round, Run, Warned
    from advisor.slimmer import Copy

BUSY: Final = 0.15
_TOO_QUICK_MS: Final = 0.05
_PROCESSOR: Final = "CPUExecutionProvider"
_BATCH_LIKE: Final = re.compile(r"batch|^(n|b|bs|unk.*)$|\[0\]$|^p2o", re.IGNORECASE)
# Rounds of one process sway by less than this on a quiet computer.
_SLOWING: Final = 0.15
_SAVING: Final = frozenset({"powersave", "conservative"})


def warnings_of(
    job: Job,
    found: Mapping[str, Any],
    seen: Mapping[str, Any],
    rounds: Sequence[Round],
    runs: Sequence[Run],
    conditions: Conditions,
    *,
    cores: int,
    steady: bool,
    left_out: Sequence[str],
    not_copied: Sequence[Copy] = (),
    repeated: int = 0,
    slept: bool = False,
) -> list[Warned]:
    """All warnings of a measurement.

    Args:
        found, seen: what the steps `inspect` and `look` gave.
        runs: all of them; the first is the single-stream run.
        cores: logical cores, which the shares in `conditions` are of.
        steady: whether most rounds kept to one time.
        left_out: what there was no time for, or what did not work.
        not_copied: slimmer copies; those without a time are told of.
        repeated: rounds that were disturbed and do not count.
        slept: whether the computer slept in a round that counts.
    """
    run = runs[0]
    out = [warned("RAN_WITH_WARNING", kind, what=ODDITIES[kind][0], advice=ODDITIES[kind][1]) for kind in seen["oddities"]]
    if conditions.busy_before is not None and conditions.busy_before > BUSY:
        out.append(warned("BUSY_BEFORE", share=f"{conditions.busy_before:.0%}"))
    if conditions.busy_during is not None and conditions.busy_during * cores > BUSY_CORES:
        out.append(warned("BUSY_DURING", share=f"{conditions.busy_during:.0%}"))
    if repeated:
        out.append(warned("REPEATED", count=repeated))
    if slept:
        out.append(warned("SLEPT"))
    if len(rounds) < 3:
        out.append(warned("FEW_ROUNDS", count=len(rounds)))
    elif spread(rounds) > ROUNDS_GOOD:
        out.append(warned("ROUNDS_DISAGREE", share=f"{spread(rounds):.0%}"))
    if not steady:
        out.append(warned("NOT_STEADY"))
    if run.p95_ms is None:
        out.append(warned("FEW_SAMPLES", count=run.count))
    if run.median_ms < _TOO_QUICK_MS:
        out.append(warned("TOO_QUICK"))
    if conditions.on_battery:
        out.append(warned("ON_BATTERY"))
    if conditions.governor in _SAVING:
        out.append(warned("POWER_SAVING"))
    if conditions.throttled:
        out.append(warned("THROTTLED"))
    out += _fallen_back(seen)
    taken = _sizes_taken(job, found)
    if taken:
        out.append(warned("SIZE_TAKEN", names=", ".join(refusals.shown(t, 40) for t in taken)))
    if any(i["fill"] == "text" and i["name"] not in found["fed"] for i in found["inputs"]):
        out.append(warned("TEXT_TAKEN", count=len(SENTENCE.split())))
    out += [warned("SLOWS_DOWN", seconds=f"{s:.0f}", share=f"{share:.0%}") for s, share in _slowing(runs) if share > _SLOWING]
    out += [warned("COPY_LEFT_OUT", what=f"copy with {NAMES.get(c.how, c.how)}", why=c.left_out) for c in not_copied if c.left_out]
    if left_out:
        out.append(warned("STEP_LEFT_OUT", what=" and ".join(dict.fromkeys(left_out))))
    return out


def _slowing(runs: Sequence[Run]) -> list[tuple[float, float]]:
    """Seconds without a pause, and how much longer an answer took at their end."""
    long = [r.details for r in runs if r.scenario == "sustained"]
    return [(d["seconds"], d["last_tenth_ms"] / d["first_tenth_ms"] - 1) for d in long]


def _fallen_back(seen: Mapping[str, Any]) -> list[Warned]:
    """Where a faster part of the computer was there and the processor did the work after all."""
    share, best = seen["node_share"], seen["providers"][0]
    part = best.removesuffix("ExecutionProvider")
    if best == _PROCESSOR:
        return []
    if not share:
        return [warned("WHO_WORKED_UNKNOWN", part=part)]
    if share.get(_PROCESSOR, 0.0) <= 0.1:
        return []
    code = "FELL_BACK" if best in share else "FELL_BACK_WHOLLY"
    return [warned(code, part=part, share=f"{share[_PROCESSOR]:.0%}")]


def _sizes_taken(job: Job, found: Mapping[str, Any]) -> list[str]:
    """Free sizes that we set to 1 though their name does not say that they count inputs."""
    if found["from_sample"]:
        return []
    names = [found["free_names"][i["name"]][str(axis)] for i in found["inputs"] for axis in i["batch_axes"]]
    return [n for n in dict.fromkeys(names) if n not in job.sizes and not _BATCH_LIKE.search(n)]
