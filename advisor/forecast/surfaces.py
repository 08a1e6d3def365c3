"""One case by surfaces: log time on a target over the owner's, as a smooth surface of the model's facts and its own time.

It is learned on the models published for both. If the owner's machine is not published, the three published machines most
like it on the ladder stand in. A new target borrows the surfaces of like machines, shifted by its three published figures,
each number format by its own, or, with none, by the root of the arithmetic ratio times the root of the memory ratio. Ranges
come from model families left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.answers import Answer, Told, answers_of, stretch
from advisor.forecast.data_sheets import SHEET_SPREAD, ratios
from advisor.forecast.learned import Z80
from advisor.forecast.process import surface
from advisor.forecast.published import Known, batch_of, families_left_out, family_of, kind_of, log_of, machine_of, model_of
from advisor.forecast.work import form_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.forecast.evidence import Row

    Floats = NDArray[np.float64]

# How many machines stand in for one that is not published, and how many lend their surface to a new target.
STAND_INS: Final = 3
LENDERS: Final = 3
# The evenest of many lenders is evener than it will prove to be: spread (log) that is always there.
EVENEST: Final = 0.1
# Below this many shared models a surface is loose, and the roofline fit gets half of the say.
FEW_MODELS: Final = 60
# Before the rows speak, half of the owner's own residual is carried to the target, with the weight of this many rows.
CARRIED: Final = 0.5
CARRIED_ROWS: Final = 4.0
# The slope between two machines is one until the ladder says otherwise, with the weight of this much spread.
SLOPE_ROWS: Final = 2.0
FEWEST_MODELS: Final = 8
# The range is this wide (log) where nothing could be left out.
UNJUDGED: Final = 0.45
FOLDS: Final = 5


def _columns(facts: Floats, own: Floats) -> Floats:
    """Columns of the surface: facts with blanks at the middle, and the model's own time."""
    usable = np.isfinite(facts).any(axis=0)
    kept = facts[:, usable]
    middle = np.nanmedian(kept, axis=0)
    return np.column_stack([np.where(np.isfinite(kept), kept, middle), own])


def _parts(facts: Floats) -> Floats:
    """GMACs, activations, parameters and layers (one where not told), shape (n, 4), from logarithms."""
    plain = np.exp(facts[:, :4])
    return np.column_stack([plain[:, :3], np.where(np.isfinite(plain[:, 3]), plain[:, 3], 1.0)])


def line_values(line: Floats, facts: Floats) -> Floats:
    """Log time by t = a GMACs + b activations + c parameters + d layers with `line` = log a, b, c, d."""
    values: Floats = np.log(_parts(facts) @ np.exp(line))
    return values


def line_fit(facts: Floats, logs: Floats) -> Floats:
    """The non-negative line through log times, by damped Gauss-Newton steps in the logarithm of its numbers.

    A weak pull keeps numbers that the rows say nothing about small beside the others; rows far off count less (Huber).
    """
    x = _parts(facts)
    line: Floats = np.log(np.exp(np.median(logs)) / 4 / np.median(x, axis=0))
    start, pull = line.copy(), 0.15
    for _ in range(25):
        share = x * np.exp(line)
        total = share.sum(axis=1)
        off = logs - np.log(total)
        weight = 1 / np.maximum(1.0, np.abs(off) / 0.2)
        slope = share / total[:, None]
        left = slope.T @ (slope * weight[:, None]) + (pull**2 + 0.02) * np.eye(4)
        step = np.linalg.solve(left, slope.T @ (weight * off) - pull**2 * (line - start))
        line = line + np.clip(step, -2.0, 2.0)
    return line


@dataclass(frozen=True, slots=True)
class StandIn:
    """A published machine for the owner's: log time there = level + slope x log own time, and the spread on shared models."""

    machine: str
    level: float
    slope: float
    spread: float


def through(known: Known, target: str, source: str, asked: Sequence[str], facts: Floats, own: Floats) -> Told | None:
    """The asked models on a published target, by the surface between it and a published machine near the owner's.

    `own` are the asked models' log times on that machine. `None` if the two share too few models.
    """
    there, here = known.times[target], known.times[source]
    models = sorted((set(there) & set(here)) - set(asked))
    if len(models) < FEWEST_MODELS:
        return None
    x_own = np.array([here[m] for m in models])
    y = np.array([there[m] for m in models]) - x_own
    every = _columns(np.vstack([np.array([known.facts[m] for m in models]), facts]), np.concatenate([x_own, own]))
    n = len(models)
    raw = np.vstack([np.array([known.facts[m] for m in models]), facts])
    # The last two facts tell the number format.
    formats = (raw[:, -2] * 2 + raw[:, -1]).astype(np.int64)
    roofline = n < FEW_MODELS and bool(np.isfinite(raw[:, :3]).all())

    def both(train: NDArray[np.bool_], test: NDArray[np.bool_]) -> Floats:
        """Log target time over own time of the test rows, from the training rows."""
        y_all = np.concatenate([y, np.zeros(len(every) - n)])
        smooth = surface(every[train], y_all[train], formats[train])(every[test], formats[test])
        if not roofline:
            return smooth
        x_all = np.concatenate([x_own, own])
        t_line = line_fit(raw[train], y_all[train] + x_all[train])
        o_line = line_fit(raw[train], x_all[train])
        rest_t = (y_all + x_all)[train] - line_values(t_line, raw[train])
        rest_o = x_all[train] - line_values(o_line, raw[train])
        doubt = CARRIED_ROWS * float(np.median(rest_o**2)) + 1e-6
        weight = float(np.clip((rest_o @ rest_t + CARRIED * doubt) / (rest_o @ rest_o + doubt), 0.0, 1.2))
        straight = line_values(t_line, raw[test]) + weight * (x_all[test] - line_values(o_line, raw[test])) - x_all[test]
        blend: Floats = (smooth + straight) / 2
        return blend

    rows = np.arange(len(every))
    values = both(rows < n, rows >= n) + own
    off = []
    for out in families_left_out(models, FOLDS):
        if 3 <= (~out).sum() < n:
            hidden = np.concatenate([out, np.zeros(len(every) - n, dtype=bool)])
            off.append(y[out] - both((rows < n) & ~hidden, hidden))
    if not off:
        return Told(values, UNJUDGED)
    return Told(values, stretch(len({family_of(m) for m in models})) * float(np.quantile(np.abs(np.concatenate(off)), 0.8)))


def _stand_ins(known: Known, own: Mapping[str, float], machine: str, kind: str, not_this: str) -> list[StandIn]:
    """For the owner's machine: itself where it is published, else the likest on shared models."""
    mine = known.times.get(machine, {})
    if len(mine) >= FEWEST_MODELS:
        return [StandIn(machine, 0.0, 1.0, 0.0)]
    found = []
    for name, times in known.times.items():
        shared = [m for m in own if m in times]
        if known.kind[name] == kind and name != not_this and len(shared) >= 4:
            x, y = np.array([own[m] for m in shared]), np.array([times[m] for m in shared])
            dx, dy = x - x.mean(), y - y.mean()
            slope = float((dx @ dy + SLOPE_ROWS) / (dx @ dx + SLOPE_ROWS))
            off = dy - slope * dx
            found.append(StandIn(name, float(y.mean() - slope * x.mean()), slope, float(np.sqrt(off @ off / max(len(off) - 2, 1)))))
    return sorted(found, key=lambda s: (s.spread, s.machine))[:STAND_INS]


def _on_known(known: Known, target: str, stand_ins: Sequence[StandIn], asked: Sequence[str], facts: Floats, own: Floats) -> Told | None:
    told = [(t, s.spread) for s in stand_ins if (t := through(known, target, s.machine, asked, facts, s.level + s.slope * own)) is not None]
    if not told:
        return None
    values = np.mean([t.values for t, _ in told], axis=0)
    # A stand-in differs from the owner's machine by as much as it did on the ladder.
    half = float(np.mean([np.hypot(t.half, 0.8 * s) for t, s in told]))
    return Told(values, half)


def case(known: Known, asked: Sequence[Row], given: Sequence[Row], specs: Mapping[str, Row]) -> list[Answer]:
    """The answers to one case: models asked on one target, with what was measured on the owner's machine."""
    own_rows = [r for r in given if r["role"] == "own-machine"]
    own = {model_of(r): log_of(r) for r in own_rows}
    target, kind, chip = machine_of(asked[0]), kind_of(asked[0]), asked[0]["chip_id"]
    models = [model_of(r) for r in asked]
    batch = np.array([batch_of(r) for r in asked])
    facts = np.array([known.told(r) for r in asked])
    refused = [Answer(np.nan, np.nan, np.nan, "refused", "")] * len(asked)
    if not own_rows or any(m not in own for m in models):
        return refused
    mine = np.array([own[m] for m in models])
    stand_ins = _stand_ins(known, own, machine_of(own_rows[0]), kind_of(own_rows[0]), target)
    names = ", ".join(s.machine for s in stand_ins)
    there = known.times.get(target, {})
    if len(there) >= FEWEST_MODELS:
        told = _on_known(known, target, stand_ins, models, facts, mine)
        if told is None:
            return refused
        return answers_of(told, batch, "same-chip-fit", f"{target} beside {names}")
    anchors = {model_of(r): log_of(r) for r in given if r["role"] == "target-anchor"}
    forms = [form_of(r["precision"], r["model"]) for r in asked]
    parts = []
    for lender in _lenders(known, kind, chip, target, anchors, specs):
        # The owner's machine lends what was measured on it.
        lent = (
            Told(mine, 0.0)
            if lender.machine == machine_of(own_rows[0])
            else _on_known(known, lender.machine, stand_ins, models, facts, mine)
        )
        if lent is not None:
            shift = np.array([lender.shifts.get(f, lender.shift) for f in forms])
            parts.append((lent.values + shift, float(np.hypot(lent.half, Z80 * np.hypot(lender.spread, EVENEST))), lender.machine))
    if not parts:
        return refused
    weight = np.array([1 / (0.05 + half) for _, half, _ in parts])
    values = np.average([v for v, _, _ in parts], axis=0, weights=weight)
    half = float(np.average([h for _, h, _ in parts], weights=weight))
    tier = "family-fit" if anchors else "spec-ratio"
    return answers_of(Told(values, half), batch, tier, ", ".join(n for _, _, n in parts))


@dataclass(frozen=True, slots=True)
class Lender:
    """A published machine for a new target: log time of the target over it, by number format where told, and the spread."""

    machine: str
    shift: float
    spread: float
    shifts: Mapping[str, float]


def _lenders(known: Known, kind: str, chip: str, target: str, anchors: Mapping[str, float], specs: Mapping[str, Row]) -> list[Lender]:
    """The published machines most like a new target, by the evenness of the difference on its figures, or by data sheet."""
    found = []
    if anchors:
        for spread, name, shift in known.alike(kind, anchors, chip, target):
            by_form: dict[str, list[float]] = {}
            for m in anchors:
                if m in known.times[name]:
                    by_form.setdefault(known.form[m], []).append(anchors[m] - known.times[name][m])
            found.append(Lender(name, shift, spread, {f: float(np.mean(v)) for f, v in by_form.items()}))
    else:
        for name in known.times:
            arithmetic, memory = ratios(specs, chip, known.chip[name])
            told = [r for r in (arithmetic, memory) if np.isfinite(r)]
            if known.kind[name] == kind and known.chip[name] != chip and told:
                ratio = float(np.mean(told))
                found.append(Lender(name, ratio, float(np.hypot(SHEET_SPREAD, 0.2 * ratio)), {}))
    enough = [f for f in found if len(known.times[f.machine]) >= FEWEST_MODELS]
    return sorted(enough, key=lambda f: (f.spread, f.machine))[:LENDERS]
