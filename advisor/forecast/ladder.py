"""Where the owner's computer stands: its speed read from the reference graphs that were timed on it.

The graphs run on the owner's own runtime and processor, so they place the computer better than its age and kind do. What the owner's
model then takes more or less than a model of its work should here is a surprise of the model, not of the computer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.felt import felt, totals
from advisor.forecast.fitting import processor_recipe, speed_of
from advisor.forecast.values import SMALL_NUMBERS, Workload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.forecast.tables import Speeds
    from advisor.measurement import Measurement, Rung

# Fewer graphs may stray together.
_FEWEST: Final = 3
_PROCESSOR: Final = ("CPUExecutionProvider",)


def placed(rungs: Sequence[Rung], speeds: Speeds) -> float | None:
    """GMACs a second of the processor: the median over the graphs whose work is told; `None` where there are too few."""
    recipe = processor_recipe(speeds.kinds)
    found = []
    for rung in rungs:
        if rung.work and rung.latency_ms > 0:
            gmacs, activations, operators = np.array(_felt(Workload(rung.gmacs, 0.0, None, 0.0, "fp32", rung.work), speeds))[:, None]
            found.append(speed_of(recipe, gmacs, activations, operators, np.array([rung.latency_ms / 1000])))
    return float(np.median(found)) if len(found) >= _FEWEST else None


def expected(work: Workload, here: Measurement, speeds: Speeds) -> float | None:
    """What a call of the model should take on the measured computer by its times of the graphs [s]; `None` where that cannot be told."""
    if here.software.execution_providers[:1] != _PROCESSOR:
        # The graphs ran where the model did; the recipe is of processors.
        return None
    speed = placed(here.ladder, speeds)
    # The graphs that place a computer have broken numbers; how much faster whole ones run differs from processor to processor.
    if speed is None or work.gmacs is None or work.precision in SMALL_NUMBERS:
        return None
    return float(processor_recipe(speeds.kinds).seconds(speed, *_felt(work, speeds)))


def _felt(work: Workload, speeds: Speeds) -> tuple[float, float, float]:
    return felt(work, totals(work, speeds), speeds, "cpu").parts
