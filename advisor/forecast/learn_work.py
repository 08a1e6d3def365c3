"""What each class of operator costs beside a plain multiply-accumulate, by kind of machine. Build time only.

Processors: our own runtime, timed on one thread with one or two models of each family of the timm library
(catalogs/sources/own_timings.csv.xz). Small accelerators: the mean roofline of all published ones of one maker. Graphics chips in large
batches: `advisor.forecast.learn_graphics.learn_batches`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast import published
from advisor.forecast.counted import FEWEST_MODELS, Rooflines
from advisor.forecast.evidence import number
from advisor.forecast.fitting import processor_recipe, speed_of
from advisor.forecast.learned import Known, exact
from advisor.forecast.roofline import Prior, fitted, log_time, shared_prior
from advisor.forecast.work import COARSE_SCALE, FORMS, GROUPS, PRODUCTS, coarse, grouped
from advisor.operator_classes import COLUMNS

if TYPE_CHECKING:
    from advisor.forecast.evidence import Tables
    from advisor.forecast.learned import Errors, Floats

OPERATORS: Final = tuple(GROUPS).index("operators")
ACCELERATORS: Final = "aihub npu"
# Before a row is seen, the log cost of a class may lie this far from the others'; one row is off by this much (log).
_SPREAD: Final = 2.0
_ROW_ERROR: Final = 0.1
_FOLDS: Final = 6


def keep(kinds: dict[str, Known], unit: str, weights: Floats, usual_moved: float, rows: int, source: str) -> None:
    """Keeps the weights of a unit, and what moved numbers count where no classes are known (products then count as they are)."""
    for name, value in (*zip(GROUPS, weights, strict=True), ("usual_moved", usual_moved)):
        kinds[f"work.{unit}.{name}"] = replace(exact(float(value), rows), source=source)


def learn_processor_work(tables: Tables, kinds: dict[str, Known], errors: Errors) -> None:
    """Weights on processors, so that the recipe of one call gives our own timings at the timed machine's speed.

    Errors are of models left out with their family: by classes, and by the plain totals.
    """
    rows = tables("own_timings")
    work = np.array([[float(r[c]) for c in COLUMNS] for r in rows])
    gmacs, activations = (np.array([number(r[k]) for r in rows]) for k in ("gmacs", "activations_millions"))
    logs = np.log([number(r["latency_ms"]) / 1000 for r in rows])
    columns = np.array([coarse(w, FORMS[0])[: len(GROUPS)] for w in work])
    costs = np.exp(_costs(columns, logs)) * COARSE_SCALE
    # An operator costs what was found here; the recipe's own figure is of other runtimes.
    usual = processor_recipe(kinds)
    recipe = replace(usual, operator_s=float(costs[OPERATORS]), operator_power=0.0)
    operators = work[:, COLUMNS.index("operators")]
    speed = speed_of(recipe, gmacs, activations, operators, np.exp(logs))
    weights = costs.copy()
    weights[:PRODUCTS] *= 1000 * speed
    weights[PRODUCTS:] *= usual.memory * speed**usual.memory_power
    weights[OPERATORS] = costs[OPERATORS] / (usual.operator_s * speed**-usual.operator_power)
    keep(kinds, "cpu", weights, 1.0, len(rows), f"{rows[0]['runtime']}, one thread of {rows[0]['chip']}, timed on {rows[0]['date']}")
    models = [r["model"] for r in rows]
    off = logs - np.log(recipe.seconds(speed, gmacs, activations, operators))
    errors["work.cpu.totals"] = list(zip(map(published.family_of, models), off.tolist(), strict=True))
    errors["work.cpu.classes"] = []
    for test in published.families_left_out(models, _FOLDS):
        off = logs[test] - log_time(columns[test], _costs(columns[~test], logs[~test]))
        names = [published.family_of(m) for m, out in zip(models, test, strict=True) if out]
        errors["work.cpu.classes"] += list(zip(names, off.tolist(), strict=True))


def _costs(columns: Floats, logs: Floats) -> Floats:
    """Log cost of each column."""
    k = columns.shape[1]
    level = float(np.median(logs - np.log(columns.sum(axis=1))))
    return fitted(columns, logs, Prior(np.full(k, level), _SPREAD**2 * np.eye(k), _ROW_ERROR))[0]


def learn_accelerator_work(tables: Tables, kinds: dict[str, Known]) -> None:
    """Weights on small accelerators with 8-bit numbers: everything in multiply-accumulates of a middling model.

    An operator counts as any other, as its start is in the time of an empty call.
    """
    lines = Rooflines(published.Known(tables, []))
    names = [n for n, kind in sorted(lines.known.kind.items()) if kind == ACCELERATORS]
    by_class = [(views[0], logs) for _, views, logs in map(lines.rows, names) if len(logs) >= FEWEST_MODELS]
    prior, _ = shared_prior(by_class)
    block = FORMS.index("a8") * len(GROUPS)
    costs = np.exp(prior.mean[block : block + len(GROUPS)]) * COARSE_SCALE
    every = np.array([grouped(w) for m, w in lines.known.work.items() if w is not None and lines.known.form[m] == "a8"])
    # Reading weights is `advisor.forecast.memory`'s: these chips hold them, or read them over a link of their own.
    counted = np.arange(OPERATORS)
    # Chips are known by their plain GMACs a second, so the middle model counts as its plain GMACs.
    weights = costs / np.median(every[:, counted] @ costs[counted] / every[:, :PRODUCTS].sum(axis=1))
    weights[OPERATORS:] = 1.0, 0.0
    keep(kinds, "npu", weights, 0.0, len(every), f"Qualcomm AI Hub: mean of {len(by_class)} accelerators, 8-bit numbers")
