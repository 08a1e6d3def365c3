"""Forecasts from counted work: a roofline for each published machine, the owner's surprise carried over, errors of families left out.

log time on the target = roofline of the target + w x (owner's measured log time - roofline of the owner's machine). Every w and
every range comes from published models forecast without any model of their family. A machine with a few dozen rows is told in
three ways, a roofline by classes of operators, one by plain totals, and a power law of the totals, and their mean is taken; one
with hundreds of rows has one roofline, and a smooth surface of what the shares of the classes leave unsaid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.process import surface
from advisor.forecast.published import Known, families_left_out, table_of
from advisor.forecast.roofline import LAWS, Prior, fitted, grouped_prior, log_time, mean_log_time, rows_of, shared_prior, stacked
from advisor.forecast.work import FINE_GROUPS, coarse, fine, plain, powers, shares

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.forecast.process import Surface

    Floats = NDArray[np.float64]
    Views = tuple[Floats, ...]

FOLDS: Final = 6
FEWEST_MODELS: Final = 8
# A machine is fitted by itself from this many models on.
ALONE: Final = 40
# A pair's own carry weighs as much as this many rows of all pairs of its kinds, and its own width as this many.
PAIR_ROWS: Final = 10.0
WIDTH_ROWS: Final = 20
# Larger surprises (log) say that something is odd, and count no more than this.
MOST: Final = 1.0
# Of more pairs than this, every eleventh is looked at.
MANY_PAIRS: Final = 400
EVERY: Final = 11
# Spread (log) of one class's cost around its group's, in a machine with hundreds of rows; error of a row; spread of one class
# between machines that share nothing but their kind, which differ by the root of five as much in all classes together.
CLASS_SPREAD: Final = 1.0
ROW_ERROR: Final = 0.05
STRANGE: Final = 0.316
# Spread (log) of what is left between a new machine and one like it, on the few figures of it; weights below the least are dropped.
ALIKE: Final = 0.1
LEAST: Final = 1e-3
# Machines tried as if they were new, and the 80 % error (log) where none could be.
SIMULATED: Final = 40
NOT_JUDGED: Final = 0.5


# The surface over a roofline's errors: short bumps, no slope, noise (tried on the published machines, families left out).
BENDS: Final = (0.5, 1.0, 0.0, 0.2)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A published machine: log costs, what is left as a surface of the shares, and the errors of models forecast without their family."""

    costs: Views
    errors: Mapping[str, float]
    bend: Surface | None = None

    def log_time(self, x: Views) -> Floats:
        """Log times an input of rows of work."""
        return mean_log_time(x, self.costs) + self.left_unsaid(x)

    def left_unsaid(self, x: Views) -> Floats:
        """What the surface adds to the roofline."""
        n = len(x[0])
        return np.zeros(n) if self.bend is None else self.bend(shares(x[0]), np.zeros(n, dtype=np.int64))


@dataclass
class Rooflines:
    """Rooflines of all published machines, fitted when first asked for."""

    known: Known
    machines: dict[str, Fitted] = field(default_factory=dict)
    priors: dict[str, tuple[Prior, ...]] = field(default_factory=dict)
    carries: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    new_widths: dict[tuple[str, tuple[str, ...]], float] = field(default_factory=dict)

    def columns(self, kind: str, work: Floats, form: str, batch: float) -> Views:
        """The columns of a model on a kind of machine, in each grouping."""
        return (fine(work, batch),) if table_of(kind) == "timm" else (coarse(work, form), plain(work, form), powers(work, form))

    def _rows(self, name: str) -> tuple[list[str], Views, Floats]:
        """Counted models of a published machine, their columns and log times."""
        known = self.known
        models = [m for m in sorted(known.times[name]) if known.work[m] is not None]
        x = [self.columns(known.kind[name], w, known.form[m], known.batch[name, m]) for m in models if (w := known.work[m]) is not None]
        return models, stacked(x), np.array([known.times[name][m] for m in models])

    def of(self, name: str) -> Fitted | None:
        """The roofline of a machine; `None` where too few of its models are counted."""
        if name not in self.machines and name in self.known.kind:
            kind = self.known.kind[name]
            if table_of(kind) == "timm":
                self._fit_alone(name)
            elif kind not in self.priors:
                self._fit_kind(kind)
        return self.machines.get(name)

    def _fit_alone(self, name: str) -> None:
        models, x, y = self._rows(name)
        if len(models) < ALONE:
            return
        errors: dict[str, float] = {}
        for test in families_left_out(models, FOLDS):
            fit = alone(rows_of(x, ~test), y[~test])
            errors.update(zip(np.array(models)[test].tolist(), (y[test] - fit.log_time(rows_of(x, test))).tolist(), strict=True))
        fit = alone(x, y)
        self.machines[name] = Fitted(fit.costs, errors, fit.bend)

    def _fit_kind(self, kind: str) -> None:
        rows = {n: self._rows(n) for n in sorted(self.known.times) if self.known.kind[n] == kind}
        rows = {n: r for n, r in rows.items() if len(r[0]) >= FEWEST_MODELS}
        if len(rows) < 3:
            return
        errors: dict[str, dict[str, float]] = {n: {} for n in rows}
        models = sorted({m for r in rows.values() for m in r[0]})
        for test in families_left_out(models, FOLDS):
            out = set(np.array(models)[test].tolist())
            kept = {n: np.array([m not in out for m in r[0]]) for n, r in rows.items()}
            kept = {n: k for n, k in kept.items() if k.sum() >= FEWEST_MODELS // 2}
            _, costs = _together([(rows_of(rows[n][1], k), rows[n][2][k]) for n, k in kept.items()])
            for (n, k), c in zip(kept.items(), costs, strict=True):
                left = ~k
                if left.any():
                    e = rows[n][2][left] - mean_log_time(rows_of(rows[n][1], left), c)
                    errors[n].update(zip(np.array(rows[n][0])[left].tolist(), e.tolist(), strict=True))
        self.priors[kind], costs = _together([(r[1], r[2]) for r in rows.values()])
        for n, c in zip(rows, costs, strict=True):
            self.machines[n] = Fitted(c, errors[n])

    def of_kind(self, kind: str) -> dict[str, Fitted]:
        """Every fitted machine of a kind."""
        names = [n for n in sorted(self.known.times) if self.known.kind[n] == kind]
        return {n: f for n in names if (f := self.of(n)) is not None}

    def _pairs(self, target_kind: str, own_kind: str) -> Iterator[tuple[Fitted, Fitted, list[str]]]:
        """Machines of two kinds on different chips, with the models both have; of many pairs every eleventh."""
        there, here = self.of_kind(target_kind), self.of_kind(own_kind)
        step = EVERY if len(there) * len(here) > MANY_PAIRS else 1
        for i, (a, target) in enumerate(there.items()):
            for j, (b, own) in enumerate(here.items()):
                if self.known.chip[a] != self.known.chip[b] and (7 * i + j) % step == 0:
                    yield target, own, [m for m in target.errors if m in own.errors]

    def carry(self, target_kind: str, own_kind: str) -> tuple[float, float]:
        """The share of a surprise on one kind that is met on another, over all pairs, and the 80 % error left."""
        key = (target_kind, own_kind)
        if key not in self.carries:
            e = [(t.errors[m], o.errors[m]) for t, o, shared in self._pairs(*key) for m in shared]
            if not e:
                # No two machines share a model: nothing is carried over, and the target's own errors stay.
                e = [(v, 0.0) for f in self.of_kind(target_kind).values() for v in f.errors.values()] or [(NOT_JUDGED, 0.0)]
            off = np.array(e)
            a, b = np.clip(off, -MOST, MOST).T
            w = float(np.clip(a @ b / max(float(b @ b), 1e-9), 0.0, 1.0))
            self.carries[key] = w, float(np.quantile(np.abs(off[:, 0] - w * off[:, 1]), 0.8))
        return self.carries[key]

    def pair(self, target: Fitted, own: Fitted | None, target_kind: str, own_kind: str) -> tuple[float, float]:
        """Carry and 80 % error of one target and one owner's machine: their own, shrunk to that of their kinds."""
        w, width = self.carry(target_kind, own_kind)
        shared = [m for m in target.errors if own is not None and m in own.errors]
        if own is None or len(shared) < FEWEST_MODELS:
            left = np.array(list(target.errors.values()))
            alone = float(np.quantile(np.abs(left), 0.8)) if len(left) >= FEWEST_MODELS else width
            # Nothing of the owner's is taken off these errors yet, so they may exceed what is left by a little only.
            return w, _shrunk(min(alone, 1.2 * width), len(left), width)
        a = np.array([target.errors[m] for m in shared])
        b = np.array([own.errors[m] for m in shared])
        ac, bc = np.clip(a, -MOST, MOST), np.clip(b, -MOST, MOST)
        usual = PAIR_ROWS * float(np.mean(bc**2)) + 1e-9
        w = float(np.clip((ac @ bc + w * usual) / (bc @ bc + usual), 0.0, 1.0))
        return w, _shrunk(float(np.quantile(np.abs(a - w * b), 0.8)), len(a), width)

    def left_out(self, target_kind: str, own_kind: str) -> Floats:
        """Log errors of all models on pairs of two kinds, each forecast without its family."""
        off: list[float] = []
        for target, own, shared in self._pairs(target_kind, own_kind):
            w, _ = self.pair(target, own, target_kind, own_kind)
            off += [target.errors[m] - w * own.errors[m] for m in shared]
        return np.array(off)

    def from_few(self, kind: str, x: Views, y: Floats) -> Views | None:
        """Log costs of a machine that is not published, from a few of its times and the prior of its kind."""
        if table_of(kind) == "timm":
            like = self.of_kind(kind)
            if not like:
                return None
            mean = np.mean([f.costs[0] for f in like.values()], axis=0)
            priors: tuple[Prior, ...] = (
                Prior(mean, STRANGE**2 * (5 * np.ones((len(mean), len(mean))) + np.eye(len(mean))), 2 * ROW_ERROR),
            )
        else:
            self.of_kind(kind)
            if kind not in self.priors:
                return None
            priors = self.priors[kind]
        return tuple(fitted(v, y, p, law=law)[0] for law, v, p in zip(LAWS[: len(x)], x, priors, strict=True))

    def from_alike(self, kind: str, times: Mapping[str, float], asked: Views, chip: str, name: str) -> Floats | None:
        """Log times of asked columns on a new machine, by published machines moved to its level on a few models.

        Each counts by how likely it would leave the differences that remain there (normal, spread `ALIKE`).
        """
        fits = self.of_kind(kind)
        like = [a for a in self.known.alike(kind, times, chip, name) if a[1] in fits]
        if not like:
            return None
        off = np.array([spread for spread, *_ in like]) / ALIKE
        weights = np.exp(-(off**2 - off.min() ** 2) * (len(times) - 1) / 2)
        told = weights > LEAST
        values: Floats = np.average(
            [fits[n].log_time(asked) + shift for (_, n, shift), t in zip(like, told, strict=True) if t], axis=0, weights=weights[told]
        )
        return values

    def few(self, kind: str, times: Mapping[str, float], x: Views, asked: Views, chip: str, name: str) -> tuple[Floats, float] | None:
        """Log times of asked columns on a new machine, and their 80 % error: the mean of the prior of its kind and of like machines.

        The error is that of published machines of the kind forecast from the same few models. The prior and the costs of the
        like machines have seen the other models there, so it flatters a little.
        """
        key = (kind, tuple(sorted(times)))
        if key not in self.new_widths:
            self.new_widths[key] = self._few_width(*key)
        values = self._mean_of_both(kind, times, x, np.array(list(times.values())), asked, chip, name)
        return None if values is None else (values, self.new_widths[key])

    def _mean_of_both(
        self, kind: str, times: Mapping[str, float], x: Views, y: Floats, asked: Views, chip: str, name: str
    ) -> Floats | None:
        costs, alike = self.from_few(kind, x, y), self.from_alike(kind, times, asked, chip, name)
        if costs is None:
            return alike
        by_prior = mean_log_time(asked, costs)
        return by_prior if alike is None else (by_prior + alike) / 2

    def _few_width(self, kind: str, anchors: tuple[str, ...]) -> float:
        off: list[float] = []
        for n in list(self.of_kind(kind))[:SIMULATED]:
            models, x, y = self._rows(n)
            few = np.array([m in anchors for m in models])
            if not 2 <= few.sum() < len(models):
                continue
            times = {m: float(t) for m, t, k in zip(models, y, few, strict=True) if k}
            values = self._mean_of_both(kind, times, rows_of(x, few), y[few], rows_of(x, ~few), self.known.chip[n], n)
            off += np.abs(y[~few] - values).tolist() if values is not None else []
        return _wide(off)


def alone(x: Views, y: Floats) -> Fitted:
    """A machine with hundreds of rows: one roofline by every class, and the surface of what it leaves unsaid."""
    work = x[0]
    costs, _ = fitted(work, y, grouped_prior(work, y, FINE_GROUPS, CLASS_SPREAD, ROW_ERROR))
    bend = surface(shares(work), y - log_time(work, costs), np.zeros(len(y), dtype=np.int64), BENDS)
    return Fitted((costs,), {}, bend)


def _together(machines: Sequence[tuple[Views, Floats]]) -> tuple[tuple[Prior, ...], list[Views]]:
    """What machines of a kind share in each grouping of the work, and each machine's log costs."""
    views = len(machines[0][0])
    found = [shared_prior([(x[g], y) for x, y in machines], law) for g, law in enumerate(LAWS[:views])]
    return tuple(prior for prior, _ in found), list(zip(*(costs for _, costs in found), strict=True))


def _shrunk(width: float, rows: int, usual: float) -> float:
    """A width from so many rows, drawn to the usual one of all pairs."""
    return (rows * width + WIDTH_ROWS * usual) / (rows + WIDTH_ROWS)


def _wide(off: list[float]) -> float:
    return float(np.quantile(off, 0.8)) if off else NOT_JUDGED
