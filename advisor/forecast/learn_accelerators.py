"""What small accelerators reach that need a converted model: frames a second."""

from __future__ import annotations

import numpy as np

from advisor.forecast.evidence import Filler, Tables, number, usable
from advisor.forecast.learned import Chips, ChipSpeed, Errors, Floats, Known, ranged


def learn_accelerators(tables: Tables, chips: Chips, kinds: dict[str, Known], speeds: dict[tuple[str, str], ChipSpeed],
                  errors: Errors, fill: Filler) -> None:  # fmt: skip
    """Frames a second of small accelerators: t = GMACs/S + activations/(k S) + e, one S a chip, k and e shared."""
    costs = {m["model_id"]: m for m in tables("models_public")}
    rows: dict[str, list[tuple[float, float, float]]] = {}
    source: dict[str, set[str]] = {}
    for r in tables("published_public"):
        gmacs = number(r["gmacs"] or costs.get(r["model_id"], {}).get("gmacs", ""))
        frames = number(r["throughput"]) if r["throughput_unit"] in ("fps", "inferences/s", "img/s") else 1000 / number(r["latency_ms"])
        one = number(r["batch"]) == 1 or not r["batch"]
        if r["device_kind"] not in ("npu", "asic") or not r["chip_id_catalog"] or not (usable(r) and one and gmacs > 0.02 and frames > 0):
            continue
        if chips.get(r["chip_id_catalog"], {}).get("kind") not in ("npu", "tpu", "soc"):
            continue
        params = number(r["params_millions"] or costs.get(r["model_id"], {}).get("params_millions", ""))
        act = float(fill.activations(np.array([gmacs]), np.array([params]))[0])
        rows.setdefault(r["chip_id_catalog"], []).append((gmacs, act, 1 / frames))
        source.setdefault(r["chip_id_catalog"], set()).add(r["source"].split(" ")[0])
    logs, shares = [], []
    for chip, values in sorted(rows.items()):
        v = np.array(values)
        if len(v) < 6:
            continue
        speed, overhead, spread = _line(v)
        top = number(chips[chip]["int8_tops"]) * 500
        if np.isfinite(top) and top > 0:
            shares.append((chip, float(np.log(speed / top))))
        speeds[chip, "npu"] = ChipSpeed(
            chip, "npu", speed, overhead, spread, 0.0, len(v), "|".join(sorted(source[chip])), "published frames a second"
        )
        half = np.arange(len(v)) % 2 == 0
        for train in (half, ~half):
            s, e, _ = _line(v[train])
            logs += [(chip, float(x)) for x in np.log(v[~train, 2]) - np.log(v[~train, 0] / s + e)]
    errors["npu.same-chip-fit"] = logs
    if len(shares) > 1:
        values_ = np.array([s for _, s in shares])
        kinds["npu.share"] = ranged(np.exp(values_), "published frames a second over the 8-bit peak")
        errors["npu.spec-ratio"] = [
            (c, -(s - float(np.median(np.delete(values_, i))))) for i, (c, s) in enumerate(shares)
        ]  # fmt: skip
        kinds["npu.overhead"] = ranged([speeds[c, "npu"].overhead for c, _ in shares], "published frames a second")


def _line(v: Floats) -> tuple[float, float, float]:
    """(GMACs/s, seconds per call, half 80 % range of log error) of t = GMACs/S + e, by least squares on relative error."""
    from scipy.optimize import nnls

    weight = 1 / v[:, 2]
    design = np.column_stack([v[:, 0] * weight, weight])
    k, _ = nnls(design, np.ones(len(v)))
    k = np.maximum(k, [1e-7, 1e-5])
    k = k * float(np.exp(np.median(-np.log(design @ k))))
    off = -np.log(design @ k)
    return float(1 / k[0]), float(k[1]), float((np.quantile(off, 0.9) - np.quantile(off, 0.1)) / 2)
