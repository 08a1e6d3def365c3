"""What graphics chips reach: one call at a time, and large batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.evidence import Filler, Points, Tables, number
from advisor.forecast.learned import SHRINK, Chips, ChipSpeed, Errors, Floats, Known, exact

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRAPHICS_ENGINES: Final = ("onnxruntime", "framework", "tensorrt")


def learn_graphics(p: Points, chips: Chips, kinds: dict[str, Known], speeds: dict[tuple[str, str], ChipSpeed],
              errors: Errors) -> None:  # fmt: skip
    """One call:  t = f [GMACs / (h sqrt(C M)) + activations / (u M)] + layers x l  for a chip with peak C and memory M.

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
        return base * np.exp(off), q.layers * np.exp(call)

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
    for name, value in (("share", np.exp(x[0])), ("memory", np.exp(x[1])), ("layer_s", np.exp(x[4])), ("board", np.exp(x[7])),
                        ("tuned", np.exp(x[3])), ("tuned_layer_s", np.exp(x[6])), ("framework", np.exp(x[2]))):  # fmt: skip
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
        call = kinds["fill.layers"].value * float(np.exp(x[4] + (x[7] if board[here][0] else 0.0)))
        after = (np.log(q.seconds) - np.log(a * np.exp(departure) + b * np.exp(departure)))[here]
        errors.setdefault("gpu.same-chip-fit", []).extend((chip, float(v)) for v in (after[ours] if ours.any() else after))
        speeds[chip, "gpu"] = ChipSpeed(chip, "gpu", total, call, float(np.std(after)) if count > 5 else 0.5, departure, count,
                                        "|".join(sorted(set(q.source[here].tolist()))), "published calls on this chip")  # fmt: skip


def learn_batches(tables: Tables, chips: Chips, kinds: dict[str, Known], errors: Errors,
             fill: Filler) -> None:  # fmt: skip
    """Work that never runs out, on graphics chips: t = GMACs/(a C16) + activations/(b M), from large batches (timm)."""
    rows: dict[str, list[tuple[float, float, float]]] = {}
    for r in tables("timm_public"):
        g, act, sec = number(r["gmacs"]), number(r["activations_millions"]), number(r["latency_ms"]) / 1000 / max(number(r["batch"]), 1)
        if r["quote_as_latency"].startswith("no") and "eager" in r["runtime"] and g > 0.02 and act > 0 and sec > 0 and r["chip_id_catalog"]:
            rows.setdefault(r["chip_id_catalog"], []).append((g, act, sec))
    spec = {c: (number(chips[c]["fp16_tflops"]) * 500, number(chips[c]["memory_bandwidth_gbps"])) for c in rows}
    from scipy.optimize import nnls

    def solve(which: list[str]) -> Floats:
        design, scale = [], []
        for c in which:
            part = np.array(rows[c])[:: max(len(rows[c]) // 400, 1)]
            design.append(np.column_stack([part[:, 0] / spec[c][0], part[:, 1] / spec[c][1]]) / part[:, 2:3])
            scale.append(np.full(len(part), 1.0))
        k, _ = nnls(np.vstack(design), np.concatenate(scale))
        fitted = np.vstack(design) @ k
        found: Floats = k * float(np.exp(-np.median(np.log(fitted))))
        return found

    every = sorted(rows)
    if not every:
        return
    k = solve(every)
    n = sum(len(v) for v in rows.values())
    kinds["gpu.batch_share"] = exact(1 / float(max(k[0], 0.3)), n)
    kinds["gpu.batch_memory"] = exact(1 / float(max(k[1], 1e-4)), n)
    for chip in every if len(every) > 1 else []:
        k = solve([c for c in every if c != chip])
        part = np.array(rows[chip])[::7]
        off = np.log(part[:, 2]) - np.log(part[:, 0] / spec[chip][0] * k[0] + part[:, 1] / spec[chip][1] * k[1])
        errors.setdefault("gpu.batch", []).extend((chip, float(v)) for v in off)
