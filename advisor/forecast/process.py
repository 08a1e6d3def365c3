"""A small Gaussian process: a smooth surface through known points that says nothing far away from them.

Rasmussen & Williams 2006, "Gaussian Processes for Machine Learning", algorithm 2.1: constant, linear and Matérn 3/2
kernel (eq. 4.17) with noise, on standardised columns; points of another number format say less. The few hyperparameters
are fixed, so no search can run away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Length of the bumps in usual deviations, and the parts of the variance: bumps, slope, noise. Tried on all pairs of published
# accelerators with families left out: one choice for all is better than the likeliest of a grid for each (9.2 and 10.0 %).
Choice = tuple[float, float, float, float]
USUAL: Final[Choice] = (1.0, 0.5, 0.5, 0.05)
# What two points of different number formats share of the bumps; each format has a level of its own beside the common one.
_ACROSS: Final = 0.3
_FORMAT_LEVEL: Final = 0.5
_COMMON_LEVEL: Final = 0.2
# Rounds of trusting odd rows less: few are enough where rows are many.
ROUNDS: Final = 10


@dataclass(frozen=True, slots=True)
class Surface:
    """A fitted surface; columns with no spread are left out of account."""

    mean: Floats
    scale: Floats
    level: float
    spread: float
    choice: Choice
    known: Floats
    formats: Ints
    weights: Floats

    def __call__(self, columns: Floats, formats: Ints) -> Floats:
        """Values at new points of these number formats, shapes (n, d) and (n,) to (n,)."""
        x = np.clip((columns - self.mean) / self.scale, -4, 4)
        values: Floats = self.level + self.spread * (_kernel(x, self.known, formats, self.formats, self.choice) @ self.weights)
        return values


def _kernel(a: Floats, b: Floats, format_a: Ints, format_b: Ints, choice: Choice) -> Floats:
    length, bump, line, _ = choice
    d = a.shape[1]
    square = ((a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2 * a @ b.T) / d
    far = np.sqrt(3 * np.maximum(square, 0)) / length
    same = (format_a[:, None] == format_b[None, :]).astype(np.float64)
    shared = _ACROSS + (1 - _ACROSS) * same
    out: Floats = bump * shared * (1 + far) * np.exp(-far) + line * (a @ b.T) / d + _FORMAT_LEVEL * same + _COMMON_LEVEL
    return out


def surface(columns: Floats, values: Floats, formats: Ints, choice: Choice = USUAL, rounds: int = ROUNDS) -> Surface:
    """The surface through n points, shapes (n, d), (n,) and the number format of each, (n,)."""
    mean = columns.mean(0)
    scale = columns.std(0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    x = np.clip((columns - mean) / scale, -4, 4)
    level = float(np.median(values))
    # A few odd rows must not bend the surface: values are held within five usual deviations.
    usual = max(1.4826 * float(np.median(np.abs(values - level))), 1e-3)
    y = np.clip(values - level, -5 * usual, 5 * usual)
    spread = usual
    y = y / spread
    k = _kernel(x, x, formats, formats, choice)
    trust = np.ones(len(y))
    weights: Floats = np.zeros(len(y))
    for _ in range(rounds):
        # A row far off the surface through the others is trusted less (Student's t with three degrees of freedom).
        weights = np.linalg.solve(k + np.diag((choice[3] + 1e-9) / trust), y).astype(np.float64)
        trust = 1 / (1 + (y - k @ weights) ** 2 / (4 * choice[3]))
    return Surface(mean, scale, level, spread, choice, x, formats, weights)
