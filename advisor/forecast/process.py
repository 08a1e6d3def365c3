"""A small Gaussian process: a smooth surface through known points that says nothing far away from them.

Rasmussen & Williams 2006, "Gaussian Processes for Machine Learning", algorithm 2.1: constant, linear and
squared-exponential kernel with noise, on standardised columns; the few hyperparameters are picked from a grid by the
marginal likelihood, so no search can run away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# length of the bumps, their share of the variance, share of the linear part, share of the noise
_GRID: Final = tuple(
    (length, bump, line, noise) for length in (0.7, 1.5, 3.0) for bump, line, noise in ((0.6, 0.3, 0.1), (0.8, 0.3, 0.02), (0.2, 0.3, 0.3))
)
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
    weights: Floats

    def __call__(self, columns: Floats) -> Floats:
        """Values at new points, shape (n, d) to (n,)."""
        x = np.clip((columns - self.mean) / self.scale, -4, 4)
        values: Floats = self.level + self.spread * (_kernel(x, self.known, self.choice) @ self.weights)
        return values


def _kernel(a: Floats, b: Floats, choice: tuple[float, float, float, float]) -> Floats:
    length, bump, line, _ = choice
    d = a.shape[1]
    square = ((a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2 * a @ b.T) / d
    out: Floats = bump * np.exp(-0.5 * np.maximum(square, 0) / length**2) + line * (a @ b.T) / d
    return out


def surface(columns: Floats, values: Floats) -> Surface:
    """The surface through n points, shapes (n, d) and (n,)."""
    mean = columns.mean(0)
    scale = columns.std(0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    x = np.clip((columns - mean) / scale, -4, 4)
    level = float(np.median(values))
    # A few odd rows must not bend the surface: values are held within five usual deviations.
    usual = max(1.4826 * float(np.median(np.abs(values - level))), 1e-3)
    y = np.clip(values - level, -5 * usual, 5 * usual)
    spread = max(float(y.std()), 1e-3)
    y = y / spread
    some = np.unique(np.linspace(0, len(y) - 1, min(_PICK_ROWS, len(y))).round().astype(int))

    def evidence(choice: tuple[float, float, float, float]) -> float:
        k = _kernel(x[some], x[some], choice) + choice[3] * np.eye(len(some))
        root = np.linalg.cholesky(k + 1e-9 * np.eye(len(some)))
        half = np.linalg.solve(root, y[some])
        return float(-0.5 * half @ half - np.log(np.diag(root)).sum())

    choice = max(_GRID, key=evidence)
    k = _kernel(x, x, choice) + (choice[3] + 1e-9) * np.eye(len(y))
    weights: Floats = np.linalg.solve(k, y).astype(np.float64)
    return Surface(mean, scale, level, spread, choice, x, weights)
