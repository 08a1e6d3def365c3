"""How fast text models write and read on each kind of machine, and what they keep in memory. Build time only.

A word takes  t = weights / (share x memory speed) + step  where the step is the launches of a few hundred small parts. Share and
step are of a kind of machine; a chip with rows has its own share. What a model keeps for each word (its cache) is counted
from the published shape of known models: it grows with the root of their size and differs much from model to model.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.evidence import Tables, number, usable
from advisor.forecast.learned import SHRINK, Chips, ChipSpeed, Errors, Floats, Known, exact, ranged

if TYPE_CHECKING:
    from collections.abc import Mapping

# Bytes a weight takes as published: llama.cpp Q4_K_M 4.85 bits, plain 4-bit blocks 4.5, 8-bit blocks 8.5.
_BYTES: Final = (("q4_k_m", 0.606), ("q4", 0.606), ("int4", 0.5625), ("w4", 0.5625), ("int8", 1.0625), ("f16", 2.0), ("fp16", 2.0))
# Of layers that look back a fixed number of tokens only, the part that they keep is counted at a talk of this length.
_USUAL_TALK: Final = 4096
# Bytes of a number in the cache, which holds a key and a value for each head and layer.
_CACHE_BYTES: Final = 2 * 2
_TOO_FEW: Final = 2
# No machine reads faster than its memory; what a fit says beyond this is the step being shorter than usual.
_FULL: Final = 0.95


def billions_of(model: str, params_millions: str) -> float:
    """Parameters of a text model in billions: as published, else read from its name ("llama3.2:3b"); NaN where neither tells."""
    if number(params_millions) > 0:
        return number(params_millions) / 1000
    found = re.search(r"(\d+(?:\.\d+)?)\s?b\b", model.lower().replace("_", " ").replace("-", " "))
    return float(found[1]) if found else float("nan")


def bytes_of(precision: str) -> float:
    """Bytes a weight in the published form; NaN where it is not told."""
    return next((size for word, size in _BYTES if word in precision.lower()), float("nan"))


def kind_of(unit: str, chip: Mapping[str, str]) -> str:
    """The kind of machine that wrote: a graphics card, a chip that shares the computer's memory, or a processor."""
    if unit == "cpu":
        return "cpu"
    return "gpu" if chip.get("kind") == "gpu" and unit == "gpu" else "shared"


def cache_kb(model: Mapping[str, str], talk: int = _USUAL_TALK) -> float:
    """What a known model keeps for one token of a talk of so many tokens, with 16-bit numbers [kB]."""
    windowed, window = number(model["window_layers"]), number(model["window_tokens"])
    layers = number(model["layers"]) - windowed + windowed * min(1.0, window / talk)
    return layers * number(model["kv_heads"]) * number(model["head_size"]) * _CACHE_BYTES / 1000


def learn_shapes(tables: Tables, kinds: dict[str, Known]) -> None:
    """text.cache: kB a token = exp(constant) x billions^power, with the 80 % range of models around it; likewise text.attention.

    text.attention is layers x width: each pair of tokens in a prompt costs so many multiplications.
    """
    models = tables("text_models")
    size = np.log([number(m["params_billions"]) for m in models])
    design = np.column_stack([np.ones(len(size)), size])
    for name, values in (
        ("cache", [cache_kb(m) for m in models]),
        ("attention", [number(m["layers"]) * number(m["width"]) for m in models]),
    ):
        logs = np.log(values)
        k = np.linalg.lstsq(design, logs, rcond=None)[0]
        rest = np.exp(logs - design @ k)
        source = "shapes of public text models (text_models.csv)"
        kinds[f"text.{name}.constant"] = Known(float(k[0]), float(k[0]), float(k[0]), len(models), source)
        kinds[f"text.{name}.power"] = Known(float(k[1]), float(k[1]), float(k[1]), len(models), source)
        kinds[f"text.{name}"] = Known(1.0, float(np.quantile(rest, 0.1)), float(np.quantile(rest, 0.9)), len(models), source)


def learn_text(tables: Tables, chips: Chips, kinds: dict[str, Known], speeds: dict[tuple[str, str], ChipSpeed],
               errors: Errors) -> None:  # fmt: skip
    """Adds text.write.KIND (share of memory speed reached), text.step.KIND [s], text.read.KIND (share of peak), chips' own speeds."""
    learn_shapes(tables, kinds)
    names = sorted(((_plain(m["model"]), number(m["params_billions"])) for m in tables("text_models")), key=lambda x: -len(x[0]))
    write: dict[tuple[str, str], list[tuple[float, float]]] = {}
    read: dict[tuple[str, str], list[float]] = {}
    source: dict[str, set[str]] = {}
    for r in tables("published_public"):
        unit, chip = r["throughput_unit"], r["chip_id_catalog"]
        row = chips.get(chip)
        if row is None or not usable(r) or r["scenario"] != "single-stream" or number(r["batch"]) != 1 or not number(r["throughput"]) > 0:
            continue
        # Names round; where the model is known, its size is.
        size = next((b for n, b in names if _plain(r["model"]).startswith(n)), billions_of(r["model"], r["params_millions"]))
        each = bytes_of(r["precision"])
        if not (size > 0 and each > 0) or size > 200:
            continue
        # Models that do not fit the card run from the computer's memory: they say nothing about the card.
        room = number(row["memory_gb"])
        if row["kind"] == "gpu" and np.isfinite(room) and size * each > 0.9 * room:
            continue
        key = (chip, kind_of(r["device_kind"], row))
        if "decode" in unit:
            write.setdefault(key, []).append((size * each, 1 / number(r["throughput"])))
        elif "prompt" in unit:
            read.setdefault(key, []).append(number(r["throughput"]) * size)
        else:
            continue
        source.setdefault(chip, set()).add(r["source"].split(" ")[0])
    for kind in ("cpu", "shared", "gpu"):
        found = {c: np.array(v) for (c, k), v in sorted(write.items()) if k == kind}
        known = {c: (v, b) for c, v in found.items() if (b := number(chips[c]["memory_bandwidth_gbps"])) > 0}
        if not known:
            continue
        share, step = _share_and_step(list(known.values()))
        shares = {c: float(np.median(_speed(v, step, b))) / b for c, (v, b) in known.items()}
        kinds[f"text.write.{kind}"] = ranged(list(shares.values()), "published tokens a second over memory speed, less the step")
        kinds[f"text.step.{kind}"] = exact(step, sum(len(v) for v, _ in known.values()))
        for c, (v, b) in known.items() if len(known) > 1 else ():
            s, e = _share_and_step([x for other, x in known.items() if other != c])
            errors.setdefault(f"text.{kind}", []).extend((c, float(x)) for x in np.log(v[:, 1] / (v[:, 0] / (s * b) + e)))
        for c, v in found.items():
            b, n = number(chips[c]["memory_bandwidth_gbps"]), len(v)
            each_speed = _speed(v, step, b)
            middle = float(np.median(each_speed))
            usual = share * b if b > 0 else middle
            own = float(np.exp(np.log(usual) + n / (n + SHRINK / 2) * np.log(middle / usual)))
            spread = float(np.std(np.log(v[:, 1] / (v[:, 0] / own + step)))) if n > 2 else 0.25
            unit = "cpu-words" if kind == "cpu" else "gpu-words"
            speeds[c, unit] = ChipSpeed(c, unit, own, 0.0, max(spread, 0.15), float(np.log(own / usual)), n, "|".join(sorted(source[c])),
                                        "published tokens a second x weights, GB/s")  # fmt: skip
        reads = []
        for (c, k), speeds_read in sorted(read.items()):
            top = number(chips[c]["fp16_tflops"]) if np.isfinite(number(chips[c]["fp16_tflops"])) else number(chips[c]["fp32_tflops"])
            if k == kind and np.isfinite(top):
                reads.append(float(np.median(speeds_read)) / (top * 500))
        if len(reads) > 1:
            kinds[f"text.read.{kind}"] = ranged(reads, "published prompt tokens a second over the arithmetic peak")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _share_and_step(known: list[tuple[Floats, float]]) -> tuple[float, float]:
    """Share of memory speed and seconds of a step, by least squares on relative error; every chip counts the same.

    Two chips do not tell a step from a share, so none is taken.
    """
    from scipy.optimize import nnls

    parts, weights = [], []
    for v, b in known:
        parts.append(np.column_stack([v[:, 0] / b, np.ones(len(v))]) / v[:, 1:2])
        weights.append(np.full(len(v), 1 / np.sqrt(len(v))))
    design, weight = np.vstack(parts), np.concatenate(weights)
    if len(known) <= _TOO_FEW:
        design[:, 1] = 0.0
    k, _ = nnls(design * weight[:, None], weight)
    k = k * float(np.exp(-np.median(np.log(design @ k))))
    return min(float(1 / max(k[0], 1e-9)), _FULL), float(k[1])


def _speed(v: Floats, step: float, bandwidth: float) -> Floats:
    """GB/s at which each row's weights were read, its step taken off; never above what the memory gives."""
    speed: Floats = v[:, 0] / np.maximum(v[:, 1] - step, 0.2 * v[:, 1])
    return np.minimum(speed, _FULL * bandwidth) if bandwidth > 0 else speed
