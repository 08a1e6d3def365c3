"""What published rows tell of small memories on a chip: how much fits, how fast the rest is read, how calls overlap.

Build time only. A model that does not fit a small accelerator's own memory is read again at every answer, in parts. Two
kinds of row show it. The same network at a batch of one and of eight: the reading is shared by the batch, so frames a
second rise where a model is read again and stay where it is not. And single answers of networks far larger than the
memory: their time is the reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.evidence import FRAMES, number, single_call, usable
from advisor.forecast.learned import Known, ranged
from advisor.forecast.memory import ANY_LINK, HOST, LINK, ROOM

if TYPE_CHECKING:
    from advisor.forecast.evidence import Row, Tables
    from advisor.forecast.learned import Chips, Errors

# Frames a second that rise by more than this with the batch show that the reading is shared; less is how runs differ.
_RISES: Final = 1.1
# A reading shorter than this share of an answer does not show.
_SHOWS: Final = 0.2
# Fewer networks than this on both sides of a limit do not show where it lies.
_ENOUGH: Final = 20
_FEW: Final = 4
_ACCELERATORS: Final = ("npu", "asic")


def learn_pipeline(tables: Tables, kinds: dict[str, Known]) -> None:
    """npu.pipeline: how many answers are under way when work never runs out: latency x offline rate of the same key and model."""
    calls: dict[tuple[str, ...], float] = {}
    for r in tables("published_public"):
        if r["device_kind"] in _ACCELERATORS and single_call(r):
            calls[_what(r)] = number(r["latency_ms"]) / 1000
    found: dict[str, list[float]] = {}
    for r in tables("published_public"):
        rate = number(r["throughput"])
        if r["scenario"] == "offline" and r["device_kind"] in _ACCELERATORS and usable(r) and rate > 0 and _what(r) in calls:
            found.setdefault(r["chip_id"], []).append(rate * calls[_what(r)])
    under_way = [max(float(np.median(v)), 1.0) for _, v in sorted(found.items())]
    if len(under_way) > 1:
        kinds["npu.pipeline"] = ranged(under_way, "published latency times offline rate of the same network, accelerators equal")
    else:
        kinds["npu.pipeline"] = Known(2.0, 1.0, 6.0, 0, "judgement: frames a second overlap, one answer takes longer than their distance")


def learn_spill(tables: Tables, chips: Chips, kinds: dict[str, Known], errors: Errors) -> None:
    """npu.room.CHIP [MB of 8-bit weights] and npu.link.CHIP [GB/s]; npu.link is that of a chip without rows of its own, and
    host.link.HOST what a computer's connector lets through.

    The errors "npu.spill" are of forecasting each large network's reading from the chip's other networks.
    """
    sizes = _sizes(tables)
    for chip, pairs in sorted(_pairs(tables, sizes).items()):
        if len(pairs) < _ENOUGH:
            continue
        size, rises = np.array([p[0] for p in pairs]), np.array([p[2] / p[1] > _RISES for p in pairs])
        if rises.sum() < _FEW or (~rises).sum() < _FEW:
            continue
        limits = np.unique(size)
        wrong = np.array([(rises & (size <= x)).mean() / rises.mean() + (~rises & (size > x)).mean() / (~rises).mean() for x in limits])
        room = float(limits[int(np.argmin(wrong))])
        reading = [(p[0] / 1000, (1 / p[1] - 1 / p[2]) * p[3] / (p[3] - 1)) for p in pairs if p[0] > room and p[2] / p[1] > _RISES]
        _link(chip, reading, kinds, errors, "published frames a second at a batch of one and of more: what the batch shares")
        # Around the limit it hangs on the network: from the smallest tenth that is read again to the largest that is not, among
        # those whose reading would show beside their work. Weights can be packed to half (4 bits), so no further than twice.
        link = kinds[LINK + chip].high if LINK + chip in kinds else np.inf
        would_show = (size <= 2 * room) & (size / 1000 / link > _SHOWS / np.array([p[1] for p in pairs]))
        high = float(size[~rises & would_show].max(initial=room))
        kinds[ROOM + chip] = Known(
            room, min(float(np.quantile(size[rises], 0.1)), room), high, len(pairs),
            "published frames a second at a batch of one and of more: where they part",
        )  # fmt: skip
    told = {r["chip_id"]: number(r["on_chip_memory_mb"]) for r in tables("on_chip_memory")}
    for chip, row in chips.items():
        room = told.get(chip, number(row["on_chip_memory_mb"]))
        if not room > 0 or row["kind"] not in ("npu", "tpu"):
            continue
        kinds.setdefault(ROOM + chip, Known(room, room / 2, room, 0, "memory on the chip as its maker or others state it"))
        if LINK + chip in kinds:
            continue
        # Far beyond the room, so that the time is the reading.
        reading = [
            (sizes[r["model_id"]] / 1000, number(r["latency_ms"]) / 1000)
            for r in tables("published_public")
            if r["chip_id_catalog"] == chip and single_call(r) and sizes.get(r["model_id"], 0.0) > 2 * room
        ]
        _link(chip, reading, kinds, errors, "published answers of networks far larger than the chip's memory")
    for r in tables("host_links"):
        kinds[HOST + r["host_id"]] = Known(number(r["gb_per_s"]), number(r["low"]), number(r["high"]), 0, r["source"])
    links = [k for name, k in kinds.items() if name.startswith(LINK)]
    if len(links) > 1:
        kinds[ANY_LINK] = ranged([k.value for k in links], "chips with published rows of networks larger than their memory")


def _link(chip: str, reading: list[tuple[float, float]], kinds: dict[str, Known], errors: Errors, source: str) -> None:
    """Speed of reading from GB and seconds of some networks, and what is wrong when each is forecast from the others."""
    if len(reading) < _FEW:
        return
    speeds = np.array([gb / seconds for gb, seconds in reading])
    kinds[LINK + chip] = ranged(speeds, source)
    logs = np.log(speeds)
    left = [float(np.median(np.delete(logs, i)) - logs[i]) for i in range(len(logs))]
    errors.setdefault("npu.spill", []).extend((chip, x) for x in left)


def _what(r: Row) -> tuple[str, ...]:
    return r["source"], r["chip_id"], r["device_kind"], r["model_id"], r["precision_norm"], r["input_shape"]


def _sizes(tables: Tables) -> dict[str, float]:
    """Millions of parameters by model; those that the tables lack are kept by hand with their source."""
    sizes = {m["model_id"]: number(m["params_millions"]) for m in tables("models_public")}
    for r in tables("model_sizes"):
        sizes.setdefault(r["model_id"], float("nan"))
        if not sizes[r["model_id"]] > 0:
            sizes[r["model_id"]] = number(r["params_millions"])
    return {k: v for k, v in sizes.items() if v > 0}


def _pairs(tables: Tables, sizes: dict[str, float]) -> dict[str, list[tuple[float, float, float, float]]]:
    """By chip: (MB, frames a second one by one, in batches, batch) of networks published at both on the same runtime version."""
    ones: dict[tuple[str, ...], float] = {}
    more: list[tuple[tuple[str, ...], Row]] = []
    for r in tables("published_public"):
        if r["device_kind"] not in _ACCELERATORS or not r["chip_id_catalog"] or not usable(r):
            continue
        if r["throughput_unit"] not in FRAMES or not number(r["throughput"]) > 0:
            continue
        key = (*_what(r), r["runtime"])
        if number(r["batch"]) == 1:
            ones[key] = number(r["throughput"])
        elif number(r["batch"]) > 1:
            more.append((key, r))
    out: dict[str, list[tuple[float, float, float, float]]] = {}
    for key, r in more:
        size = number(r["params_millions"]) if number(r["params_millions"]) > 0 else sizes.get(r["model_id"], float("nan"))
        if key in ones and size > 0:
            out.setdefault(r["chip_id_catalog"], []).append((size, ones[key], number(r["throughput"]), number(r["batch"])))
    return out
