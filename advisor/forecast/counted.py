"""Forecasts from counted work: a roofline for each published machine, the owner's surprise carried over, errors of families left out.

log time on the target = roofline of the target + w x (owner's measured log time - roofline of the owner's machine). Every w and
every range comes from published models forecast without any model of their family.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.evidence import number
from advisor.forecast.published import Known, family_of, kind_of, machine_of, model_of
from advisor.forecast.roofline import Prior, fitted, grouped_prior, log_time, shared_prior
from advisor.forecast.work import FINE_GROUPS, coarse, fine, form_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.forecast.evidence import Row

    Floats = NDArray[np.float64]

FOLDS: Final = 6
FEWEST_MODELS: Final = 8
# A pair's own carry weighs as much as this many rows of all pairs of its kinds.
PAIR_ROWS: Final = 10.0
# Spread (log) of one class's cost around its group's, in a machine with hundreds of rows.
CLASS_SPREAD: Final = 1.0
ROW_ERROR: Final = 0.05
# How far (log) a data sheet's ratio may miss a new chip's arithmetic and memory: common part and each alone.
SHEET_SPREAD: Final = 0.3
LENDERS: Final = 3
# How many published machines, the likest on the three figures, stand for a new one whose kind has few rows a machine.
ALIKE: Final = 5
# Machines tried as if they were new, and the 80 % error (log) where none could be.
SIMULATED: Final = 40
NOT_JUDGED: Final = 0.5
# From this many rows on, a machine's own costs hardly move with one row more.
MANY_ROWS: Final = 60


@dataclass(frozen=True, slots=True)
class Fitted:
    """A published machine: log costs, and the errors of its models, each forecast without its family."""

    costs: Floats
    errors: Mapping[str, float]


@dataclass
class Rooflines:
    """Rooflines of all published machines, fitted when first asked for."""

    known: Known
    machines: dict[str, Fitted] = field(default_factory=dict)
    priors: dict[str, Prior] = field(default_factory=dict)
    carries: dict[tuple[str, str], float] = field(default_factory=dict)
    widths: dict[tuple[str, str], float] = field(default_factory=dict)
    new_widths: dict[tuple[str, tuple[str, ...]], tuple[float, float]] = field(default_factory=dict)

    def columns(self, kind: str, work: Floats, form: str, batch: float) -> Floats:
        """The columns of a model on a kind of machine."""
        return fine(work, batch) if kind.startswith("timm") else coarse(work, form)

    def _rows(self, name: str) -> tuple[list[str], Floats, Floats]:
        """Counted models of a published machine, their columns and log times."""
        known = self.known
        models = [m for m in sorted(known.times[name]) if known.work[m] is not None]
        x = [self.columns(known.kind[name], w, known.form[m], known.batch[name, m]) for m in models if (w := known.work[m]) is not None]
        return models, np.array(x), np.array([known.times[name][m] for m in models])

    def of(self, name: str) -> Fitted | None:
        """The roofline of a machine; `None` where too few of its models are counted."""
        if name not in self.machines and name in self.known.kind:
            kind = self.known.kind[name]
            if kind.startswith("timm"):
                self._fit_alone(name)
            elif kind not in self.priors:
                self._fit_kind(kind)
        return self.machines.get(name)

    def _fit_alone(self, name: str) -> None:
        models, x, y = self._rows(name)
        if len(models) < 5 * FEWEST_MODELS:
            return
        errors: dict[str, float] = {}
        for train, test in _folds(models):
            costs, _ = fitted(x[train], y[train], grouped_prior(x[train], y[train], FINE_GROUPS, CLASS_SPREAD, ROW_ERROR))
            errors.update(zip(np.array(models)[test].tolist(), (y[test] - log_time(x[test], costs)).tolist(), strict=True))
        costs, _ = fitted(x, y, grouped_prior(x, y, FINE_GROUPS, CLASS_SPREAD, ROW_ERROR))
        self.machines[name] = Fitted(costs, errors)

    def _fit_kind(self, kind: str) -> None:
        rows = {n: self._rows(n) for n in sorted(self.known.times) if self.known.kind[n] == kind}
        rows = {n: r for n, r in rows.items() if len(r[0]) >= FEWEST_MODELS}
        if len(rows) < 3:
            return
        errors: dict[str, dict[str, float]] = {n: {} for n in rows}
        models = sorted({m for r in rows.values() for m in r[0]})
        for _, test in _folds(models):
            out = set(np.array(models)[test].tolist())
            kept = {n: np.array([m not in out for m in r[0]]) for n, r in rows.items()}
            kept = {n: k for n, k in kept.items() if k.sum() >= FEWEST_MODELS // 2}
            _, costs = shared_prior([(rows[n][1][k], rows[n][2][k]) for n, k in kept.items()])
            for (n, k), c in zip(kept.items(), costs, strict=True):
                left = ~k
                if left.any():
                    e = rows[n][2][left] - log_time(rows[n][1][left], c)
                    errors[n].update(zip(np.array(rows[n][0])[left].tolist(), e.tolist(), strict=True))
        self.priors[kind], costs = shared_prior([(r[1], r[2]) for r in rows.values()])
        for n, c in zip(rows, costs, strict=True):
            self.machines[n] = Fitted(c, errors[n])

    def _kind(self, kind: str) -> dict[str, Fitted]:
        names = [n for n in sorted(self.known.times) if self.known.kind[n] == kind]
        return {n: f for n in names if (f := self.of(n)) is not None}

    def carry(self, target_kind: str, own_kind: str) -> tuple[float, float]:
        """The share of a surprise on one kind that is met on another, over all pairs, and the 80 % error left."""
        key = (target_kind, own_kind)
        if key not in self.carries:
            there, here = self._kind(target_kind), self._kind(own_kind)
            pairs = [(a, b) for i, a in enumerate(there) for j, b in enumerate(here) if self.known.chip[a] != self.known.chip[b]
                     and (len(there) * len(here) < 400 or (7 * i + j) % 13 == 0)]  # fmt: skip
            e = [(there[a].errors[m], here[b].errors[m]) for a, b in pairs for m in there[a].errors if m in here[b].errors]
            if not e:
                e = [(v, 0.0) for f in there.values() for v in f.errors.values()] or [(1.0, 0.0)]
            both = np.clip(np.array(e), -1, 1)
            w = float(np.clip(both[:, 0] @ both[:, 1] / max(float(both[:, 1] @ both[:, 1]), 1e-9), 0.0, 1.0))
            self.carries[key] = w
            off = np.array(e)
            self.widths[key] = float(np.quantile(np.abs(off[:, 0] - w * off[:, 1]), 0.8))
        return self.carries[key], self.widths[key]

    def pair(self, target: Fitted, own: Fitted | None, target_kind: str, own_kind: str) -> tuple[float, float]:
        """Carry and 80 % error of one target and one owner's machine: their own, shrunk to that of their kinds."""
        w, width = self.carry(target_kind, own_kind)
        shared = [m for m in target.errors if own is not None and m in own.errors]
        if own is None or len(shared) < FEWEST_MODELS:
            left = np.array(list(target.errors.values()))
            alone = float(np.quantile(np.abs(left), 0.8)) if len(left) >= FEWEST_MODELS else width
            return w, (len(left) * min(alone, 1.2 * width) + 20 * width) / (len(left) + 20)
        a = np.array([target.errors[m] for m in shared])
        b = np.array([own.errors[m] for m in shared])
        ac, bc = np.clip(a, -1, 1), np.clip(b, -1, 1)
        usual = PAIR_ROWS * float(np.mean(bc**2)) + 1e-9
        w = float(np.clip((ac @ bc + w * usual) / (bc @ bc + usual), 0.0, 1.0))
        alone = float(np.quantile(np.abs(a - w * b), 0.8))
        return w, (len(a) * alone + 20 * width) / (len(a) + 20)

    def left_out(self, target_kind: str, own_kind: str) -> Floats:
        """Log errors of all models on all pairs of different chips of two kinds (every eleventh pair of many)."""
        there, here = self._kind(target_kind), self._kind(own_kind)
        step = 11 if len(there) * len(here) > 400 else 1
        off: list[float] = []
        for i, (a, fit) in enumerate(there.items()):
            for j, (b, own) in enumerate(here.items()):
                if self.known.chip[a] != self.known.chip[b] and (7 * i + j) % step == 0:
                    w, _ = self.pair(fit, own, target_kind, own_kind)
                    off += [fit.errors[m] - w * own.errors[m] for m in fit.errors if m in own.errors]
        return np.array(off)

    def from_few(self, kind: str, x: Floats, y: Floats) -> Floats | None:
        """Log costs of a machine that is not published, from a few of its times and the prior of its kind."""
        if kind.startswith("timm"):
            like = self._kind(kind)
            if not like:
                return None
            mean = np.mean([f.costs for f in like.values()], axis=0)
            prior = Prior(mean, 0.5 * np.ones((len(mean), len(mean))) + 0.1 * np.eye(len(mean)), 0.1)
        else:
            self._kind(kind)
            if kind not in self.priors:
                return None
            prior = self.priors[kind]
        return fitted(x, y, prior)[0]

    def from_alike(self, kind: str, models: Sequence[str], y: Floats, asked: Floats, not_this: str = "") -> Floats | None:
        """Log times of asked columns on a new machine, by the published machines that differ from it most evenly on a few models."""
        found = []
        for n, f in self._kind(kind).items():
            times = self.known.times[n]
            shared = [i for i, m in enumerate(models) if m in times]
            if len(shared) >= 2 and n != not_this and self.known.chip[n] != self.known.chip.get(not_this):
                off = np.array([y[i] - times[models[i]] for i in shared])
                found.append((float(off.std(ddof=1)), n, float(off.mean()), f))
        if not found:
            return None
        best = sorted(found, key=lambda b: b[:2])[:ALIKE]
        weights = np.array([1 / (0.05 + spread) for spread, *_ in best])
        values: Floats = np.average([log_time(asked, f.costs) + shift for _, _, shift, f in best], axis=0, weights=weights)
        return values

    def few(self, kind: str, models: Sequence[str], x: Floats, y: Floats, asked: Floats) -> tuple[Floats, float] | None:
        """Log times of asked columns on a new machine and their 80 % error: by the prior of its kind or by like machines.

        Which of the two is told by forecasting every published machine of the kind as if it were new.
        """
        anchors = tuple(sorted(models))
        if (kind, anchors) not in self.new_widths:
            self.new_widths[kind, anchors] = self._few_widths(kind, anchors)
        by_prior, by_alike = self.new_widths[kind, anchors]
        if by_alike < by_prior and (values := self.from_alike(kind, models, y, asked)) is not None:
            return values, by_alike
        costs = self.from_few(kind, x, y)
        return None if costs is None else (log_time(asked, costs), by_prior)

    def _few_widths(self, kind: str, anchors: tuple[str, ...]) -> tuple[float, float]:
        prior: list[float] = []
        alike: list[float] = []
        for n in list(self._kind(kind))[:SIMULATED]:
            models, x, y = self._rows(n)
            few = np.array([m in anchors for m in models])
            if not 2 <= few.sum() < len(models):
                continue
            if (c := self.from_few(kind, x[few], y[few])) is not None:
                prior += np.abs(y[~few] - log_time(x[~few], c)).tolist()
            named = [m for m in models if m in anchors]
            if (values := self.from_alike(kind, named, y[few], x[~few], n)) is not None:
                alike += np.abs(y[~few] - values).tolist()
        return tuple(float(np.quantile(off, 0.8)) if off else NOT_JUDGED for off in (prior, alike))  # type: ignore[return-value]


def _folds(models: Sequence[str]) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """(train, test) masks with whole families left out together."""
    families = np.array([family_of(m) for m in models])
    names = sorted(set(families.tolist()))
    out = []
    for i in range(min(FOLDS, len(names))):
        test = np.isin(families, names[i::FOLDS])
        out.append((~test, test))
    return out


def sheet_shift(specs: Mapping[str, Row], new: str, old: str, columns: int) -> Floats | None:
    """Log cost on a new graphics chip over an old one: arithmetic by cores x clock (32-bit peak), memory by its bandwidth.

    Tensor peaks are not used: makers state them with different sums (16 or 32 bit), so two cards' figures do not compare.
    """
    a, b = specs.get(new), specs.get(old)
    if a is None or b is None:
        return None
    compute = np.log(number(b["fp32_tflops"]) / number(a["fp32_tflops"]))
    memory = np.log(number(b["memory_bandwidth_gbps"]) / number(a["memory_bandwidth_gbps"]))
    if not (np.isfinite(compute) and np.isfinite(memory)):
        return None
    out = np.full(columns, memory)
    out[: FINE_GROUPS[0]] = compute
    return out


def shifted(costs: Floats, x: Floats, y: Floats) -> Floats:
    """Costs moved by one step for arithmetic and one for the rest, as a few known times ask for."""
    k, cut = len(costs), FINE_GROUPS[0]
    if not len(y):
        return costs
    common = np.ones((k, k)) / 2
    common[:cut, :cut] += 0.5
    common[cut:, cut:] += 0.5
    return fitted(x, y, Prior(costs, SHEET_SPREAD**2 * (common + 1e-4 * np.eye(k)), ROW_ERROR))[0]


def given_rows(lines: Rooflines, rows: Sequence[Row]) -> tuple[list[str], Floats, Floats]:
    """Counted models among measured rows, their columns and log times an input."""
    models, x, y = [], [], []
    for r in rows:
        work, batch = lines.known.work_of(r), max(number(r["batch"]), 1.0)
        if work is not None:
            models.append(model_of(r))
            x.append(lines.columns(kind_of(r), work, form_of(r["precision"], r["model"]), batch))
            y.append(float(np.log(number(r["latency_ms"]) / batch)))
    return models, np.array(x), np.array(y)


def lenders(lines: Rooflines, kind: str, asked: Row, specs: Mapping[str, Row]) -> list[tuple[str, Fitted, Floats]]:
    """Published graphics machines for a new one, the likest runtime of each chip: name, roofline, shift by data sheet."""
    best: dict[str, tuple[int, str, Fitted, Floats]] = {}
    words = set(asked["runtime"].split("-")) | {asked["precision"]}
    for name, f in lines._kind(kind).items():
        chip = lines.known.chip[name]
        shift = sheet_shift(specs, asked["chip_id"], chip, len(f.costs))
        if chip != asked["chip_id"] and shift is not None:
            like = len(words & set(name.replace("|", "-").split("-"))) + (asked["precision"] == name.split("|")[-1])
            if chip not in best or like > best[chip][0]:
                best[chip] = (like, name, f, shift)
    return [(n, f, s) for _, n, f, s in sorted(best.values(), key=lambda b: (float(np.abs(b[3]).sum()), b[1]))[:LENDERS]]


def own_machine(lines: Rooflines, rows: Sequence[Row], asked: set[str]) -> tuple[Fitted | None, Mapping[str, float]]:
    """The owner's machine where it is published, and the surprise (log) of every counted model measured on it."""
    models, x, y = given_rows(lines, rows)
    if not models:
        return None, {}
    fit = lines.of(machine_of(rows[0]))
    costs = fit.costs if fit is not None else None
    if costs is None:
        # What is asked would explain itself away, unless it is a small part of many rows.
        ladder = np.array([m not in asked or len(models) > MANY_ROWS for m in models])
        costs = lines.from_few(kind_of(rows[0]), x[ladder], y[ladder]) if ladder.sum() >= 2 else None
    if costs is None:
        return None, {}
    return fit, dict(zip(models, (y - log_time(x, costs)).tolist(), strict=True))
