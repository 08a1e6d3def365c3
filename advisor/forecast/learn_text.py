"""How fast text models write and read on each kind of machine, from published tokens a second. Build time only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.evidence import Tables, number, usable
from advisor.forecast.learned import SHRINK, Chips, ChipSpeed, Errors, Known, ranged

if TYPE_CHECKING:
    from collections.abc import Mapping

# Bytes a weight takes as published: llama.cpp Q4_K_M 4.85 bits, plain 4-bit blocks 4.5, 8-bit blocks 8.5.
_BYTES: Final = (("q4_k_m", 0.606), ("q4", 0.606), ("int4", 0.5625), ("w4", 0.5625), ("int8", 1.0625), ("f16", 2.0), ("fp16", 2.0))


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
    """The kind of machine for text: a card with memory of its own, or a processor or chip that shares the computer's."""
    if unit == "cpu":
        return "cpu"
    return "gpu" if chip.get("kind") == "gpu" and unit == "gpu" else "shared"


def learn_text(tables: Tables, chips: Chips, kinds: dict[str, Known], speeds: dict[tuple[str, str], ChipSpeed],
               errors: Errors) -> None:  # fmt: skip
    """Adds text.write.KIND (share of memory speed reached), text.read.KIND (share of peak) and chips' own writing speeds."""
    write: dict[tuple[str, str], list[float]] = {}
    read: dict[tuple[str, str], list[float]] = {}
    source: dict[str, set[str]] = {}
    for r in tables("published_public"):
        unit, chip = r["throughput_unit"], r["chip_id_catalog"]
        size, each = billions_of(r["model"], r["params_millions"]), bytes_of(r["precision"])
        row = chips.get(chip)
        if row is None or not usable(r) or not (size > 0 and each > 0 and number(r["throughput"]) > 0) or size > 200:
            continue
        # Models that do not fit the card run from the computer's memory: they say nothing about the card.
        room = number(row["memory_gb"])
        if row["kind"] == "gpu" and np.isfinite(room) and size * each > 0.9 * room:
            continue
        key = (chip, kind_of(r["device_kind"], row))
        if "decode" in unit:
            write.setdefault(key, []).append(number(r["throughput"]) * size * each)
        elif "prompt" in unit:
            read.setdefault(key, []).append(number(r["throughput"]) * size)
        else:
            continue
        source.setdefault(chip, set()).add(r["source"].split(" ")[0])
    for kind in ("cpu", "shared", "gpu"):
        found = [
            (c, float(np.median(v)), number(chips[c]["memory_bandwidth_gbps"]), len(v)) for (c, k), v in sorted(write.items()) if k == kind
        ]
        known = [(c, v / b) for c, v, b, _ in found if np.isfinite(b) and b > 0]
        if known:
            kinds[f"text.write.{kind}"] = ranged([s for _, s in known], "published tokens a second over memory speed")
            logs = np.log([s for _, s in known])
            for i, (c, _share) in enumerate(known):
                if len(known) > 1:
                    middle = float(np.median(np.delete(logs, i)))
                    every = np.array(write[c, kind]) / number(chips[c]["memory_bandwidth_gbps"])
                    errors.setdefault(f"text.{kind}", []).extend((c, middle - float(x)) for x in np.log(every))
        for c, middle_speed, b, n in found:
            v = middle_speed
            usual = kinds[f"text.write.{kind}"].value * b if f"text.write.{kind}" in kinds and np.isfinite(b) else v
            own = float(np.exp(np.log(usual) + n / (n + SHRINK / 2) * np.log(v / usual)))
            spread = float(np.std(np.log(write[c, kind]))) if n > 2 else 0.25
            unit = "cpu-words" if kind == "cpu" else "gpu-words"
            speeds[c, unit] = ChipSpeed(c, unit, own, 0.0, max(spread, 0.15), float(np.log(own / usual)), n, "|".join(sorted(source[c])),
                                        "published tokens a second x weights, GB/s")  # fmt: skip
        shares = []
        for (c, k), speeds_read in sorted(read.items()):
            top = number(chips[c]["fp16_tflops"]) if np.isfinite(number(chips[c]["fp16_tflops"])) else number(chips[c]["fp32_tflops"])
            if k == kind and np.isfinite(top):
                shares.append(float(np.median(speeds_read)) / (top * 500))
        if len(shares) > 1:
            kinds[f"text.read.{kind}"] = ranged(shares, "published prompt tokens a second over the arithmetic peak")
