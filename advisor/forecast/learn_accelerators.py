"""What small accelerators reach that need a converted model: frames a second."""

from __future__ import annotations

from typing import Final

import numpy as np

from advisor.forecast.evidence import Filler, Tables, number, single_call, single_frames
from advisor.forecast.learned import OF_CALLS, OF_FRAMES, Chips, ChipSpeed, Errors, Floats, Known, ranged
from advisor.forecast.memory import spill_seconds

# So many single calls of a chip make a fit of their own; below, its frames a second have to do.
_ENOUGH: Final = 6
_MOSTLY: Final = 0.5


def learn_accelerators(tables: Tables, chips: Chips, kinds: dict[str, Known], speeds: dict[tuple[str, str], ChipSpeed],
                  errors: Errors, fill: Filler) -> None:  # fmt: skip
    """Small accelerators: t = GMACs/S + e, one S and e a chip, from single calls or, where there are none, single frames.

    Frames a second are pipelined, so they are never taken for calls: the basis says which it was, and what reads the
    table adds the pipeline. A batch that is more than one or not told serves for neither. Time spent reading weights that
    the chip has no room for is taken off first (`advisor.forecast.memory` adds it again).
    """
    costs = {m["model_id"]: m for m in tables("models_public")}
    found: dict[tuple[str, str], list[tuple[float, float, float, float]]] = {}
    source: dict[tuple[str, str], set[str]] = {}
    for r in tables("published_public"):
        gmacs = number(r["gmacs"] or costs.get(r["model_id"], {}).get("gmacs", ""))
        if r["device_kind"] not in ("npu", "asic") or not r["chip_id_catalog"] or not gmacs > 0.02:
            continue
        if chips.get(r["chip_id_catalog"], {}).get("kind") not in ("npu", "tpu", "soc"):
            continue
        if single_call(r):
            basis, seconds = OF_CALLS, number(r["latency_ms"]) / 1000
        elif single_frames(r):
            basis, seconds = OF_FRAMES, 1 / number(r["throughput"])
        else:
            continue
        params = number(r["params_millions"] or costs.get(r["model_id"], {}).get("params_millions", ""))
        act = float(fill.activations(np.array([gmacs]), np.array([params]))[0])
        found.setdefault((r["chip_id_catalog"], basis), []).append(
            (gmacs, act, seconds, spill_seconds(kinds, r["chip_id_catalog"], params))
        )
        source.setdefault((r["chip_id_catalog"], basis), set()).add(r["source"].split(" ")[0])
    rows: dict[str, tuple[str, Floats]] = {}
    for (chip, basis), values in sorted(found.items()):
        if len(values) >= _ENOUGH and (basis == OF_CALLS or chip not in rows):
            rows[chip] = basis, np.array(values)
    logs, shares = [], []
    for chip, (basis, v) in sorted(rows.items()):
        top = number(chips[chip]["int8_tops"]) * 500
        speed, _, _ = _line(v, top)
        # Shares are kept as frames: a chip known by its calls would do more of them if they overlapped. A fit that runs
        # into the peak (a few small networks, most of whose time is the call itself) knows no share of it.
        if speed < 0.5 * top:
            shares.append((chip, float(np.log(speed / top * (kinds["npu.pipeline"].value if basis == OF_CALLS else 1.0)))))
    usual = float(np.exp(np.median([s for _, s in shares]))) if shares else 1.0
    known = {c for c, _ in shares}
    for chip, (basis, v) in sorted(rows.items()):
        top = number(chips[chip]["int8_tops"]) * 500
        if chip not in known:
            top *= usual / (kinds["npu.pipeline"].value if basis == OF_CALLS else 1.0)
        speed, overhead, spread = _line(v, top)
        speeds[chip, "npu"] = ChipSpeed(chip, "npu", speed, overhead, spread, 0.0, len(v), "|".join(sorted(source[chip, basis])), basis)
        half = np.arange(len(v)) % 2 == 0
        for train in (half, ~half):
            s, e, _ = _line(v[train], top)
            logs += [(chip, float(x)) for x in np.log(v[~train, 2]) - np.log(v[~train, 0] / s + e + v[~train, 3])]
    errors["npu.same-chip-fit"] = logs
    if len(shares) > 1:
        values_ = np.array([s for _, s in shares])
        kinds["npu.share"] = ranged(np.exp(values_), "published frames a second over the 8-bit peak")
        errors["npu.spec-ratio"] = [
            (c, -(s - float(np.median(np.delete(values_, i))))) for i, (c, s) in enumerate(shares)
        ]  # fmt: skip
        kinds["npu.overhead"] = ranged([speeds[c, "npu"].overhead for c, _ in shares], "published frames a second")


def _line(v: Floats, top: float) -> tuple[float, float, float]:
    """(GMACs/s, seconds per call, half 80 % range of log error) of t = GMACs/S + e + reading, by least squares on relative error.

    S is at most `top`: a few small networks do not show how fast a chip is.
    """
    from scipy.optimize import nnls

    # Where most of the time is reading, little is left to learn from.
    some = v[v[:, 3] < _MOSTLY * v[:, 2]]
    v = some if len(some) >= _ENOUGH // 2 else v
    weight = 1 / v[:, 2]
    design = np.column_stack([v[:, 0] * weight, weight])
    k, _ = nnls(design, 1 - np.minimum(v[:, 3] * weight, _MOSTLY))
    k = np.maximum(k, [1 / top if top > 0 else 1e-7, 1e-5])
    scale = float(np.exp(np.median(np.log(1 - np.minimum(v[:, 3] * weight, _MOSTLY)) - np.log(design @ k))))
    k = k * np.array([max(scale, 1 / top / k[0]) if top > 0 else scale, scale])
    off = -np.log(design @ k + v[:, 3] * weight)
    return float(1 / k[0]), float(k[1]), float((np.quantile(off, 0.9) - np.quantile(off, 0.1)) / 2)
