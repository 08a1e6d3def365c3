"""Forecasts from counted work: a roofline for each published machine, the owner's surprise carried over, errors of families left out.

log time on the target = roofline of the target + w x (owner's measured log time - roofline of the owner's machine). Every w and
every range comes from published models forecast without any model of their family. A machine with a few dozen rows is told in
four ways, rooflines by classes of operators, by four totals and by three, and a power law of the totals, and their mean is taken;
one with hundreds of rows has one roofline, and a smooth surface of what the shares of the classes leave unsaid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.process import surface
from advisor.forecast.published import Known, families_left_out, table_of
from advisor.forecast.roofline import LAWS, fitted, grouped_prior, log_time, log_times, rows_of, shared_prior, stacked
from advisor.forecast.work import FINE_GROUPS, FORMS, coarse, fine, plain, powers, shares, totals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.forecast.process import Surface
    from advisor.forecast.roofline import Prior

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
# Spread (log) of one class's cost around its group's, in a machine with hundreds of rows, and error of a row.
CLASS_SPREAD: Final = 1.0
ROW_ERROR: Final = 0.05
# The error (log) that is there even where all views of a model agree: errors are counted in it, together with the disagreement.
SURE: Final = 0.2
# The 80 % error (log) where none could be seen.
NOT_JUDGED: Final = 0.5
# The surface over a roofline's errors: short bumps, no slope, noise (tried on the published machines, families left out).
BENDS: Final = (0.5, 1.0, 0.0, 0.2)
BEND_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Fitted:
    """A published machine: log costs, what is left as a surface of the shares, and the errors (views,) of models left out by family."""

    costs: Views
    errors: Mapping[str, Floats]
    bend: Surface | None = None

    def log_times(self, x: Views) -> Floats:
        """Log times an input of rows of work, (n, views)."""
        return log_times(x, self.costs) + self.left_unsaid(x)[:, None]

    def left_unsaid(self, x: Views) -> Floats:
        """What the surface adds to the roofline, (n,)."""
        n = len(x[0])
        return np.zeros(n) if self.bend is None else self.bend(shares(x[0]), np.zeros(n, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Carry:
    """The share of the owner's surprise that a target meets too; the 80 % error left, by number format, where the views agree."""

    share: float
    widths: Mapping[str, float]


@dataclass
class Rooflines:
    """Rooflines of all published machines, fitted when first asked for."""

    known: Known
    machines: dict[str, Fitted] = field(default_factory=dict)
    priors: dict[str, tuple[Prior, ...]] = field(default_factory=dict)
    carries: dict[tuple[str, str], Carry] = field(default_factory=dict)
    new_widths: dict[tuple[str, tuple[str, ...]], Mapping[str, float]] = field(default_factory=dict)

    def columns(self, kind: str, work: Floats, form: str, batch: float) -> Views:
        """The columns of a model on a kind of machine, in each view."""
        if table_of(kind) == "timm":
            return (fine(work, batch),)
        return tuple(view(work, form) for view in (coarse, totals, plain, powers))

    def rows(self, name: str) -> tuple[list[str], Views, Floats]:
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
        models, x, y = self.rows(name)
        if len(models) < ALONE:
            return
        errors: dict[str, Floats] = {}
        for test in families_left_out(models, FOLDS):
            fit = alone(rows_of(x, ~test), y[~test])
            errors.update(zip(np.array(models)[test].tolist(), y[test, None] - fit.log_times(rows_of(x, test)), strict=True))
        fit = alone(x, y)
        self.machines[name] = Fitted(fit.costs, errors, fit.bend)

    def _fit_kind(self, kind: str) -> None:
        rows = {n: self.rows(n) for n in sorted(self.known.times) if self.known.kind[n] == kind}
        rows = {n: r for n, r in rows.items() if len(r[0]) >= FEWEST_MODELS}
        if len(rows) < 3:
            return
        errors: dict[str, dict[str, Floats]] = {n: {} for n in rows}
        models = sorted({m for r in rows.values() for m in r[0]})
        for test in families_left_out(models, FOLDS):
            out = set(np.array(models)[test].tolist())
            kept = {n: np.array([m not in out for m in r[0]]) for n, r in rows.items()}
            kept = {n: k for n, k in kept.items() if k.sum() >= FEWEST_MODELS // 2}
            _, costs = _together([(rows_of(rows[n][1], k), rows[n][2][k]) for n, k in kept.items()])
            for (n, k), c in zip(kept.items(), costs, strict=True):
                left = ~k
                if left.any():
                    e = rows[n][2][left, None] - log_times(rows_of(rows[n][1], left), c)
                    errors[n].update(zip(np.array(rows[n][0])[left].tolist(), e, strict=True))
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

    def carry(self, target_kind: str, own_kind: str) -> Carry:
        """What is carried over between two kinds of machines, over all pairs."""
        key = (target_kind, own_kind)
        if key not in self.carries:
            models: list[str] = []
            there: list[Floats] = []
            here: list[Floats] = []
            for target, own, shared in self._pairs(*key):
                models += shared
                there += [target.errors[m] for m in shared]
                here += [own.errors[m] for m in shared]
            if not models:
                # No two machines share a model: nothing is carried over, and the target's own errors stay.
                left = [(m, e) for f in self.of_kind(target_kind).values() for m, e in f.errors.items()]
                models, there = [m for m, _ in left], [e for _, e in left]
                here = [np.zeros_like(e) for e in there]
            if not models:
                self.carries[key] = Carry(0.0, dict.fromkeys(FORMS, NOT_JUDGED / SURE))
                return self.carries[key]
            a, b = np.array(there), np.array(here)
            share = _share(a.mean(axis=1), b.mean(axis=1), 0.0, 1e-9)
            self.carries[key] = Carry(share, self.widths(models, a - share * b))
        return self.carries[key]

    def widths(self, models: Sequence[str], off: Floats) -> dict[str, float]:
        """80 % errors by number format, over what the views' disagreement lets expect; few rows are drawn to those of all."""
        over = np.abs(off.mean(axis=1)) / expected(off)
        every = float(np.quantile(over, 0.8))
        out = {}
        for form in FORMS:
            mine = over[[self.known.form[m] == form for m in models]]
            out[form] = _shrunk(float(np.quantile(mine, 0.8)), len(mine), every) if len(mine) else every
        return out

    def pair(self, target: Fitted, own: Fitted | None, target_kind: str, own_kind: str) -> Carry:
        """What is carried over between one target and one owner's machine: their own, shrunk to that of their kinds."""
        usual = self.carry(target_kind, own_kind)
        shared = [m for m in target.errors if own is not None and m in own.errors]
        if own is None or len(shared) < FEWEST_MODELS:
            # Nothing of the owner's is taken off these errors yet, so they may exceed what is left by a little only.
            return self._scaled(usual, usual.share, list(target.errors), np.array(list(target.errors.values())), 1.2)
        a, b = np.array([target.errors[m] for m in shared]), np.array([own.errors[m] for m in shared])
        rows = PAIR_ROWS * float(np.mean(np.clip(b.mean(axis=1), -MOST, MOST) ** 2)) + 1e-9
        share = _share(a.mean(axis=1), b.mean(axis=1), usual.share, rows)
        return self._scaled(usual, share, shared, a - share * b, np.inf)

    def _scaled(self, usual: Carry, share: float, models: Sequence[str], off: Floats, most: float) -> Carry:
        """The usual widths, wider or narrower as these errors are over them."""
        if not len(models):
            return usual
        over = np.abs(off.mean(axis=1)) / (expected(off) * np.array([usual.widths[self.known.form[m]] for m in models]))
        scale = _shrunk(min(float(np.quantile(over, 0.8)), most), len(models), 1.0)
        return Carry(share, {form: scale * width for form, width in usual.widths.items()})

    def left_out(self, target_kind: str, own_kind: str) -> Floats:
        """Log errors of all models on pairs of two kinds, each forecast without its family."""
        off: list[float] = []
        for target, own, shared in self._pairs(target_kind, own_kind):
            share = self.pair(target, own, target_kind, own_kind).share
            off += [float(np.mean(target.errors[m] - share * own.errors[m])) for m in shared]
        return np.array(off)


def expected(told: Floats) -> Floats:
    """What error to expect by the disagreement of the views, (n, views) to (n,); a machine with one view has none."""
    out: Floats = np.hypot(SURE, told.std(axis=1))
    return out


def alone(x: Views, y: Floats) -> Fitted:
    """A machine with hundreds of rows: one roofline by every class, and the surface of what it leaves unsaid."""
    work = x[0]
    costs, _ = fitted(work, y, grouped_prior(work, y, FINE_GROUPS, CLASS_SPREAD, ROW_ERROR))
    bend = surface(shares(work), y - log_time(work, costs), np.zeros(len(y), dtype=np.int64), BENDS, BEND_ROUNDS)
    return Fitted((costs,), {}, bend)


def _together(machines: Sequence[tuple[Views, Floats]]) -> tuple[tuple[Prior, ...], list[Views]]:
    """What machines of a kind share in each view of the work, and each machine's numbers."""
    views = len(machines[0][0])
    found = [shared_prior([(x[g], y) for x, y in machines], law) for g, law in enumerate(LAWS[:views])]
    return tuple(prior for prior, _ in found), list(zip(*(costs for _, costs in found), strict=True))


def _share(there: Floats, here: Floats, usual: float, weight: float) -> float:
    """How much of the errors here is met there, drawn to the usual share."""
    a, b = np.clip(there, -MOST, MOST), np.clip(here, -MOST, MOST)
    return float(np.clip((a @ b + usual * weight) / (b @ b + weight), 0.0, 1.0))


def _shrunk(width: float, rows: int, usual: float) -> float:
    """A width from so many rows, drawn to the usual one of all pairs."""
    return (rows * width + WIDTH_ROWS * usual) / (rows + WIDTH_ROWS)
