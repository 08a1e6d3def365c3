"""What graphics chips reach: one call at a time, and large batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.evidence import Points, Tables, number
from advisor.forecast.learn_work import OPERATORS, keep
from advisor.forecast.learned import SHRINK, Chips, ChipSpeed, Errors, Floats, Known, exact
from advisor.forecast.roofline import Prior, fitted, log_time
from advisor.forecast.work import PRODUCTS, grouped
from advisor.operator_classes import COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.forecast.work import Counted

GRAPHICS_ENGINES: Final = ("onnxruntime", "framework", "tensorrt")


def learn_graphics(p: Points, chips: Chips, kinds: dict[str, Known], speeds: dict[tuple[str, str], ChipSpeed],
              errors: Errors) -> None:  # fmt: skip
    """One call:  t = f [GMACs / (h sqrt(C M)) + activations / (u M)] + operators x l  for a chip with peak C and memory M.

    C in GMACs/s of 32-bit arithmetic, M in GB/s x 10 (so that both are of one size); h, u, and f and l of each runtime
    are learned; cards in a PC and chips on a small board have their own l.
    """
    from scipy.optimize import least_squares

    q = p.where((p.unit == "gpu") & (p.precision == "float") & np.isin(p.engine, GRAPHICS_ENGINES) & (p.gmacs > 0.02))
    peak = np.array([number(chips.get(c, {}).get("fp32_tflops", "")) * 500 for c in q.chip.tolist()])
    bandwidth = np.array([number(chips.get(c, {}).get("memory_bandwidth_gbps", "")) for c in q.chip.tolist()])
    ok = np.isfinite(peak) & np.isfinite(bandwidth)
    q, peak, bandwidth = q.where(ok), peak[ok], bandwidth[ok]
    board = np.array([chips[c]["kind"] == "soc" for c in q.chip.tolist()])
    engine = np.array([GRAPHICS_ENGINES.index(e) for e in q.engine.tolist()])
    names, code = np.unique(q.chip, return_inverse=True)
    weight = 1 / np.sqrt(np.maximum(np.bincount(code)[code], 1))

    def parts(x: Floats, off: Floats) -> tuple[Floats, Floats]:
        f = np.array([0.0, x[2], x[3]])[engine]
        call = np.array([x[4], x[5], x[6]])[engine] + np.where(board, x[7], 0.0)
        base = np.exp(f) * (q.gmacs / (np.exp(x[0]) * np.sqrt(peak * bandwidth * 10)) + q.activations / (np.exp(x[1]) * bandwidth * 10))
        return base * np.exp(off), q.operators * np.exp(call)

    start = np.array([np.log(1.0), np.log(0.02), 0.0, -0.7, np.log(5e-6), np.log(6e-6), np.log(1.5e-6), 1.0])
    pull = np.array([0.1, 0.3, 0.3, 0.3, 0.2, 0.2, 0.2, 0.2])

    def solve(keep: NDArray[np.bool_]) -> Floats:
        def residual(x: Floats) -> Floats:
            a, b = parts(x, np.zeros(q.n))
            return np.concatenate([(weight * (np.log(a + b) - np.log(q.seconds)))[keep] * 4, pull * (x - start)])

        found: Floats = least_squares(residual, start, loss="soft_l1", f_scale=1.0).x
        return found

    everything = np.ones(q.n, dtype=bool)
    x = solve(everything)
    source = "published single calls on graphics chips"
    for name, value in (("share", np.exp(x[0])), ("memory", np.exp(x[1])), ("operator_s", np.exp(x[4])), ("board", np.exp(x[7])),
                        ("tuned", np.exp(x[3])), ("tuned_operator_s", np.exp(x[6])), ("framework", np.exp(x[2]))):  # fmt: skip
        kinds[f"gpu.{name}"] = Known(float(value), float(value), float(value), q.n, source)
    for i, chip in enumerate(names.tolist()):
        here = code == i
        left = solve(~here)
        a, b = parts(left, np.zeros(q.n))
        off = (np.log(q.seconds) - np.log(a + b))[here]
        ours = q.engine[here] != "tensorrt"
        errors.setdefault("gpu.spec-ratio", []).extend((chip, float(v)) for v in (off[ours] if ours.any() else off))
        a, b = parts(x, np.zeros(q.n))
        rest = np.median((np.log(q.seconds) - np.log(a + b))[here])
        count = int(here.sum())
        departure = float(np.clip(rest * count / (count + SHRINK), -0.7, 0.7))
        total = float(np.exp(x[0] - departure) * np.sqrt(peak[here][0] * bandwidth[here][0] * 10))
        call = kinds["fill.operators"].value * float(np.exp(x[4] + (x[7] if board[here][0] else 0.0)))
        after = (np.log(q.seconds) - np.log(a * np.exp(departure) + b * np.exp(departure)))[here]
        errors.setdefault("gpu.same-chip-fit", []).extend((chip, float(v)) for v in (after[ours] if ours.any() else after))
        speeds[chip, "gpu"] = ChipSpeed(chip, "gpu", total, call, float(np.std(after)) if count > 5 else 0.5, departure, count,
                                        "|".join(sorted(set(q.source[here].tolist()))), "published calls on this chip")  # fmt: skip


_FRAMEWORK: Final = "moved_batch_norm"
# Before a row is seen, a class may cost e^2 more or less than the others; one row is off by a tenth.
_FAR: Final = 4.0
_ROW_ERROR: Final = 0.1


def learn_batches(tables: Tables, chips: Chips, counted: Counted, kinds: dict[str, Known], errors: Errors) -> None:
    """Work that never runs out, on graphics chips, from large batches (timm): t = sum of products of class k x a_k / C16 + moved x b_k / M.

    C16 is the chip's 16-bit peak [GMACs/s], M its memory speed [GB/s]; a and b are shared by all chips. A framework runs batch
    norms apart, other runtimes inside the convolution: their cost is learned and left out. Plain totals have an a and b of their own.
    """
    norm = COLUMNS.index(_FRAMEWORK)
    rows: dict[str, list[Floats]] = {}
    for r in tables("timm_public"):
        g, act, sec = number(r["gmacs"]), number(r["activations_millions"]), number(r["latency_ms"]) / 1000 / max(number(r["batch"]), 1)
        if r["quote_as_latency"].startswith("no") and "eager" in r["runtime"] and g > 0.02 and act > 0 and sec > 0 and r["chip_id_catalog"]:
            work = counted.of("timm", r)
            if work is not None:
                rows.setdefault(r["chip_id_catalog"], []).append(np.array([sec, g, act, *grouped(work)[:OPERATORS], work[norm]]))
    every = sorted(rows)
    if not every:
        return
    # At most 400 rows a chip, over all its models, so that every chip counts alike.
    table = {c: np.array(rows[c])[:: max(len(rows[c]) // 400, 1)] for c in every}
    spec = {c: np.array([number(chips[c]["fp16_tflops"]) * 500, number(chips[c]["memory_bandwidth_gbps"])]) for c in every}

    def columns(chip: str, rows: Floats, by_class: bool) -> Floats:
        parts = rows[:, 3:] / np.array([1000.0] * PRODUCTS + [1.0] * (rows.shape[1] - 3 - PRODUCTS)) if by_class else rows[:, 1:3]
        over = np.repeat(spec[chip], [PRODUCTS, parts.shape[1] - PRODUCTS] if by_class else [1, 1])
        found: Floats = parts / over + 1e-12
        return found

    def solve(which: list[str], by_class: bool) -> Floats:
        design = np.vstack([columns(c, table[c], by_class) for c in which])
        logs = np.concatenate([np.log(table[c][:, 0]) for c in which])
        start = np.full(design.shape[1], float(np.median(logs - np.log(design.sum(axis=1)))))
        return fitted(design, logs, Prior(start, _FAR * np.eye(len(start)), _ROW_ERROR))[0]

    n = sum(len(v) for v in rows.values())
    totals, classes = np.exp(solve(every, False)), np.exp(solve(every, True))
    kinds["gpu.batch_share"], kinds["gpu.batch_memory"] = exact(1 / float(totals[0]), n), exact(1 / float(totals[1]), n)
    weights = np.concatenate([classes[:PRODUCTS] / totals[0], classes[PRODUCTS:-1] / totals[1], [1.0, 0.0]])
    keep(kinds, "gpu", weights, 1.0, n, "huggingface/pytorch-image-models: large batches on graphics cards")
    for name, by_class in (("gpu.batch", True), ("gpu.batch.totals", False)):
        for chip in every if len(every) > 1 else []:
            costs = solve([c for c in every if c != chip], by_class)
            part = np.array(rows[chip])[::7]
            off = np.log(part[:, 0]) - log_time(columns(chip, part, by_class), costs)
            errors.setdefault(name, []).extend((chip, float(v)) for v in off)
