"""A small Gaussian process: a smooth surface through known points that says nothing far away from them.

Rasmussen & Williams 2006, "Gaussian Processes for Machine Learning", algorithm 2.1: constant, linear and Matérn 3/2
kernel (eq. 4.17) with noise, on standardised columns; points of another number format say less. The few hyperparameters
are picked from a grid by the marginal likelihood, so no search can run away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# length of the bumps, their share of the variance, share of the linear part, share of the noise
_GRID: Final = tuple(
    (length, bump, line, noise) for length in (1.0, 2.0, 4.0) for bump in (0.5, 2.0) for line in (0.1, 0.5) for noise in (0.05, 0.2)
)
# What two points of different number formats share of the bumps; each format has a level of its own beside the common one.
_ACROSS: Final = 0.3
_FORMAT_LEVEL: Final = 0.5
_COMMON_LEVEL: Final = 0.2
_ROUNDS: Final = 3
_PICK_ROWS: Final = 250


@dataclass(frozen=True, slots=True)
class Surface:
    """A fitted surface; columns with no spread are left out of account."""

    mean: Floats
    scale: Floats
    level: float
    spread: float
    choice: tuple[float, float, float, float]
    known: Floats
    formats: Ints
    weights: Floats

    def __call__(self, columns: Floats, formats: Ints) -> Floats:
        """Values at new points of these number formats, shapes (n, d) and (n,) to (n,)."""
        x = np.clip((columns - self.mean) / self.scale, -4, 4)
        values: Floats = self.level + self.spread * (_kernel(x, self.known, formats, self.formats, self.choice) @ self.weights)
        return values


def _kernel(a: Floats, b: Floats, format_a: Ints, format_b: Ints, choice: tuple[float, float, float, float]) -> Floats:
    length, bump, line, _ = choice
    d = a.shape[1]
    square = ((a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2 * a @ b.T) / d
    far = np.sqrt(3 * np.maximum(square, 0)) / length
    same = (format_a[:, None] == format_b[None, :]).astype(np.float64)
    shared = _ACROSS + (1 - _ACROSS) * same
    out: Floats = bump * shared * (1 + far) * np.exp(-far) + line * (a @ b.T) / d + _FORMAT_LEVEL * same + _COMMON_LEVEL
    return out


Choice = tuple[float, float, float, float]


def surface(columns: Floats, values: Floats, formats: Ints, choice: Choice | None = None) -> Surface:
    """The surface through n points, shapes (n, d), (n,) and the number format of each, (n,).

    `choice` saves the search where like points were searched before.
    """
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
    some = np.unique(np.linspace(0, len(y) - 1, min(_PICK_ROWS, len(y))).round().astype(int))

    def evidence(choice: tuple[float, float, float, float]) -> float:
        k = _kernel(x[some], x[some], formats[some], formats[some], choice) + choice[3] * np.eye(len(some))
        root = np.linalg.cholesky(k + 1e-9 * np.eye(len(some)))
        half = np.linalg.solve(root, y[some])
        return float(-0.5 * half @ half - np.log(np.diag(root)).sum())

    choice = choice or max(_GRID, key=evidence)
    k = _kernel(x, x, formats, formats, choice)
    trust = np.ones(len(y))
    weights: Floats = np.zeros(len(y))
    for _ in range(_ROUNDS):
        # A row far off the surface through the others is trusted less (Student's t with three degrees of freedom).
        weights = np.linalg.solve(k + np.diag((choice[3] + 1e-9) / trust), y).astype(np.float64)
        trust = 1 / (1 + (y - k @ weights) ** 2 / (4 * choice[3]))
    return Surface(mean, scale, level, spread, choice, x, formats, weights)
