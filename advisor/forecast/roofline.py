"""Times from counted work: t = sum of work of class k x cost of class k on this machine, costs never negative.

Beside it the power law t = product of totals, each to a power of its own (Cobb & Douglas 1928): it bends where a sum cannot.
The roofline of Williams, Waterman & Patterson 2009 (Communications of the ACM 52(4), 65-76), one slope for each class of
operator. Costs are found in their logarithm by damped Gauss-Newton steps from a normal prior. Machines with few rows share
the prior: its mean and covariance come from all machines of their kind (empirical Bayes, e.g. Gelman et al. 2013,
"Bayesian Data Analysis", ch. 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    # The same rows of work seen in one way or more: an array (n, k) for each, of its own k; or the numbers (k,) of each.
    Views = tuple[Floats, ...]

# Rows farther off than this many usual errors count less (Huber).
_HUBER: Final = 2.5
_STEPS: Final = 25
_LONGEST_STEP: Final = 3.0


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of log costs before a machine's rows are seen: mean (k,), covariance (k, k), usual error (log)."""

    mean: Floats
    covariance: Floats
    error: float


def log_time(work: Floats, costs: Floats) -> Floats:
    """Log time of rows of work, shape (n, k), by log costs, shape (k,)."""
    values: Floats = np.log(work @ np.exp(costs))
    return values


def _shares_of_time(work: Floats, costs: Floats) -> Floats:
    parts = work * np.exp(costs)
    shares: Floats = parts / parts.sum(axis=1, keepdims=True)
    return shares


def _one_cost(work: Floats, logs: Floats) -> Floats:
    return np.full(work.shape[1], float(np.median(logs - np.log(work.sum(axis=1)))))


def _power(logs_of_work: Floats, powers: Floats) -> Floats:
    values: Floats = logs_of_work @ powers
    return values


def _level(logs_of_work: Floats, logs: Floats) -> Floats:
    return np.concatenate([[float(np.median(logs))], np.zeros(logs_of_work.shape[1] - 1)])


@dataclass(frozen=True, slots=True)
class Law:
    """How numbers (k,) and rows (n, k) make log times (n,): the times, their slopes (n, k), and numbers to start from."""

    log_time: Callable[[Floats, Floats], Floats]
    slopes: Callable[[Floats, Floats], Floats]
    start: Callable[[Floats, Floats], Floats]


SUM: Final = Law(log_time, _shares_of_time, _one_cost)
# Rows are one, then logarithms of totals.
POWERS: Final = Law(_power, lambda x, _: x, _level)
# The laws of the views of a machine, in their order; a machine with many rows has the first alone.
LAWS: Final = (SUM, SUM, SUM, POWERS)


def log_times(views: Views, costs: Views) -> Floats:
    """Log times (n, views) by several views of the same work, each by its own law and numbers."""
    laws = LAWS[: len(views)]
    return np.column_stack([law.log_time(w, c) for law, w, c in zip(laws, views, costs, strict=True)])


def rows_of(views: Views, which: NDArray[np.bool_]) -> Views:
    """Some rows of every grouping."""
    return tuple(v[which] for v in views)


def stacked(rows: Sequence[Views]) -> Views:
    """One row's groupings each, to one array for each grouping."""
    return tuple(np.array(v) for v in zip(*rows, strict=True))


def fitted(work: Floats, logs: Floats, prior: Prior, start: Floats | None = None, law: Law = SUM) -> tuple[Floats, Floats]:
    """Log costs (k,) and their covariance (k, k) from n rows, shapes (n, k) and (n,)."""
    inverse = np.linalg.inv(prior.covariance)
    costs = (prior.mean if start is None else start).copy()

    def loss(at: Floats) -> float:
        off = np.abs(logs - law.log_time(work, at)) / prior.error
        away = at - prior.mean
        return float(np.where(off < _HUBER, off**2 / 2, _HUBER * off - _HUBER**2 / 2).sum() + away @ inverse @ away / 2)

    damping, now = 1e-3, loss(costs)
    curve = inverse
    for _ in range(_STEPS):
        slope, off = law.slopes(work, costs), logs - law.log_time(work, costs)
        weight = np.minimum(1.0, _HUBER * prior.error / np.maximum(np.abs(off), 1e-12)) / prior.error**2
        curve = slope.T @ (slope * weight[:, None]) + inverse
        pull = slope.T @ (weight * off) - inverse @ (costs - prior.mean)
        gained = 0.0
        while damping < 1e6:
            step = np.linalg.solve(curve + damping * np.diag(np.diag(curve)), pull)
            new = costs + np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
            then = loss(new)
            if then <= now:
                gained, costs, now, damping = now - then, new, then, max(damping / 5, 1e-6)
                break
            damping *= 5
        if gained < 1e-3:
            break
    return costs, np.linalg.inv(curve)


def grouped_prior(work: Floats, logs: Floats, groups: Sequence[int], spread: float, error: float) -> Prior:
    """A prior from the machine's own rows: one cost for each group of columns (split at `groups`), others `spread` (log) around it."""
    blocks = np.split(np.arange(work.shape[1]), list(groups))
    coarse = np.column_stack([work[:, b].sum(axis=1) for b in blocks])
    level = float(np.median(logs - np.log(coarse.sum(axis=1))))
    rough, _ = fitted(coarse, logs, Prior(np.full(len(blocks), level), 4.0 * np.eye(len(blocks)), error))
    mean = np.concatenate([np.full(len(b), c) for b, c in zip(blocks, rough, strict=True)])
    return Prior(mean, spread**2 * np.eye(len(mean)), error)


def shared_prior(machines: Sequence[tuple[Floats, Floats]], law: Law = SUM, rounds: int = 5) -> tuple[Prior, list[Floats]]:
    """The prior that machines of one kind share, and each machine's log costs, by expectation-maximisation."""
    k = machines[0][0].shape[1]
    prior = Prior(np.median([law.start(x, y) for x, y in machines], axis=0), np.eye(k), 0.15)
    costs: list[Floats] = [prior.mean] * len(machines)
    for _ in range(rounds):
        found = [fitted(x, y, prior, c, law) for (x, y), c in zip(machines, costs, strict=True)]
        costs = [c for c, _ in found]
        every = np.array(costs)
        covariance = np.cov(every.T, bias=True) + np.mean([v for _, v in found], axis=0)
        # Few machines cannot tell a full covariance: a fifth of it is kept diagonal.
        covariance = 0.8 * covariance + 0.2 * np.diag(np.diag(covariance)) + 0.02 * np.eye(k)
        off = np.concatenate([y - law.log_time(x, c) for (x, y), c in zip(machines, costs, strict=True)])
        prior = Prior(every.mean(axis=0), covariance, max(0.03, 1.8 * float(np.median(np.abs(off)))))
    return prior, costs
