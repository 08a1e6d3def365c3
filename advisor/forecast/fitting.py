"""The fit behind the forecasts, from published calls to a few numbers a machine. Build time only; needs SciPy.

One call takes  t = GMACs/S + activations/(k S^g) + operators x l S^-d  (seconds; S = what the setup gets through,
GMACs a second). S belongs to a setup (chip, threads, runtime class); k, g, l and d are shared by all setups of one
unit and runtime class, so that a setup with few rows still gets a sound S. Memory speed grows with arithmetic speed,
but less than in proportion, which is the ridge of the roofline (Williams, Waterman & Patterson 2009,
Communications of the ACM 52(4), 65-76). The fit is in the logarithm of time with soft-L1 loss, so that 5 % off counts
the same for a fast and a slow call and a few odd rows pull little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.forecast.evidence import Points
    from advisor.forecast.learned import Known

Floats = NDArray[np.float64]

# Where the shared numbers start and how far (natural log) they may stray: wide enough for any machine seen.
_SHARED: Final = ("memory", "memory_power", "operator_s", "operator_power")
_START: Final = np.array([np.log(300.0), 0.6, np.log(1e-4), 0.5])
_LOWEST: Final = np.array([np.log(5.0), 0.2, np.log(1e-7), 0.0])
_HIGHEST: Final = np.array([np.log(2e4), 1.0, np.log(2e-2), 1.0])


@dataclass(frozen=True, slots=True)
class Recipe:
    """What all setups of one unit and runtime class share: memory k and g, call cost l and d; `error` = spread in log."""

    memory: float
    memory_power: float
    operator_s: float
    operator_power: float
    error: float

    def seconds(self, speed: Any, gmacs: Any, activations: Any, operators: Any) -> Any:
        """Time of one call at `speed` GMACs a second."""
        return (
            gmacs / speed
            + activations / (self.memory * speed**self.memory_power)
            + operators * self.operator_s * speed ** (-self.operator_power)
        )


def processor_recipe(kinds: Mapping[str, Known]) -> Recipe:
    """The recipe of processors among the learned numbers."""
    memory, memory_power, operator_s, operator_power = (kinds[f"cpu.{n}"].value for n in _SHARED)
    return Recipe(memory, memory_power, operator_s, operator_power, 0.0)


@dataclass(frozen=True, slots=True)
class Setups:
    """m fitted setups: names, speed [GMACs/s], rows behind each, spread of the log error."""

    names: tuple[str, ...]
    speed: Floats
    rows: NDArray[np.int64]
    spread: Floats


def thinned(p: Points, most: int) -> Points:
    """At most `most` points a setup, spread evenly over its models by size, so that one big table does not rule the fit."""
    keep = np.zeros(p.n, dtype=bool)
    for name in np.unique(p.setup):
        here = np.flatnonzero(p.setup == name)
        here = here[np.argsort(p.gmacs[here], kind="stable")]
        keep[here[np.unique(np.linspace(0, len(here) - 1, min(most, len(here))).round().astype(int))]] = True
    return p.where(keep)


def fit(p: Points, fewest: int = 1) -> tuple[Recipe, Setups]:
    """The recipe of these points (one unit and runtime class) and the speed of each setup with at least `fewest` rows."""
    from scipy.optimize import least_squares

    names, code = np.unique(p.setup, return_inverse=True)
    logs = np.log(p.seconds)
    speeds = np.array([np.log(np.median((p.gmacs / p.seconds)[code == i])) + 0.3 for i in range(len(names))])
    rows = np.arange(p.n)

    def parts(x: Floats) -> tuple[Floats, Floats, Floats]:
        s = x[4:][code]
        return (
            np.exp(np.log(p.gmacs) - s), np.exp(np.log(p.activations) - x[0] - x[1] * s), np.exp(np.log(p.operators) + x[2] - x[3] * s),
        )  # fmt: skip

    # A weak pull to the start keeps the shared numbers in their places where the rows say nothing about them.
    pull = np.array([0.5, 3.0, 0.5, 3.0])

    def residual(x: Floats) -> Floats:
        return np.concatenate([np.log(sum(parts(x))) - logs, pull * (x[:4] - _START)])

    def jacobian(x: Floats) -> Floats:
        a, b, c = parts(x)
        t = a + b + c
        s = x[4:][code]
        j = np.zeros((p.n + 4, 4 + len(names)))
        j[rows, 0], j[rows, 1], j[rows, 2], j[rows, 3] = -b / t, -b * s / t, c / t, -c * s / t
        j[rows, 4 + code] = (-a - x[1] * b - x[3] * c) / t
        j[p.n + np.arange(4), np.arange(4)] = pull
        return j

    low = np.concatenate([_LOWEST, np.full(len(names), -10.0)])
    high = np.concatenate([_HIGHEST, np.full(len(names), 16.0)])
    solved = least_squares(
        residual, np.concatenate([_START, speeds]), jac=jacobian, bounds=(low, high), loss="soft_l1", f_scale=0.15, max_nfev=60,
    )  # fmt: skip
    x = solved.x
    error = np.log(sum(parts(x))) - logs
    count = np.bincount(code, minlength=len(names))
    spread = np.array([half_width(error[code == i]) for i in range(len(names))])
    keep = count >= fewest
    recipe = Recipe(float(np.exp(x[0])), float(x[1]), float(np.exp(x[2])), float(x[3]), half_width(error))
    return recipe, Setups(tuple(names[keep].tolist()), np.exp(x[4:])[keep], count[keep], spread[keep])


def half_width(error: Floats) -> float:
    """Half of the 80 % range of log errors, as one number."""
    return float((np.quantile(error, 0.9) - np.quantile(error, 0.1)) / 2)


def speed_of(recipe: Recipe, gmacs: Floats, activations: Floats, operators: Floats, seconds: Floats) -> float:
    """The speed that fits n calls best under a recipe that is already known (for a machine met later); all of shape (n,)."""
    grid = np.exp(np.linspace(np.log(0.05), np.log(2e6), 400))
    off = np.abs(np.log(recipe.seconds(grid[:, None], gmacs, activations, operators)) - np.log(seconds)).mean(axis=1)
    return float(grid[np.argmin(off)])


def serial_share(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Amdahl's serial share (low, likely, high) from (threads, speed-up over one thread) pairs.

    Speed-up = n / (1 + s (n - 1)) (Amdahl 1967, AFIPS 30, 483-485), solved for s in each pair; quartiles over pairs.
    """
    s = np.array([(n / gain - 1) / (n - 1) for n, gain in pairs if n > 1 and gain > 0])
    s = np.clip(s, 0.0, 1.0)
    return float(np.quantile(s, 0.25)), float(np.median(s)), float(np.quantile(s, 0.75))


def together(cores: Any, share: float) -> Any:
    """How many single cores `cores` are worth for one call: Amdahl's law; never less than for fewer cores."""
    return cores / (1 + share * (np.maximum(cores, 1.0) - 1))
