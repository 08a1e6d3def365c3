"""Machines of the catalog as columns of achieved speed: rented types, devices to buy, owned computers, plain sizes.

A chip with published rows takes its own learned speed; a processor without takes cores x clock x what its instruction
set usually reaches; a graphics chip the root of arithmetic times memory speed; anything else is refused. Peak TOPS are
never compared between kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from advisor.forecast.contradictions import BANDWIDTH, slower_or_faster, sure_memory_gb, widened, widened_time
from advisor.forecast.fitting import together
from advisor.forecast.learned import OF_CALLS, instruction_class
from advisor.forecast.memory import small_memory
from advisor.forecast.tables import WIDEST, Speeds, speeds_of
from advisor.forecast.values import CLASS, FAMILY, REACH_NO, REACH_SPECIALIST, REACH_YES, REFUSED, SAME_CHIP, SPEC, Floats, Machines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.catalog import Build, Catalog, Chip, OwnedClass
    from advisor.need import Owned

GB_PER_GIB: Final = 1.073741824
# What the system and its programs keep for themselves: share of a rented machine, GB of an owned computer and of a board.
_RENTED_ROOM: Final = 0.85
_OWNED_GB: Final = 3.0
_BOARD_GB: Final = 1.0
_CARD_ROOM: Final = 0.9
# Memory speed of a rented core where nobody tells it: judgement between a server's channels over all its cores (4 to
# 8 GB/s each) and what one core can draw while its neighbours rest (10 to 15); 150 at most.
_GBPS_PER_CORE: Final = 9.0
_MOST_GBPS: Final = 150.0
# Clock taken where the provider states none: between the base clocks of the catalog's server processors.
_USUAL_GHZ: Final = 2.4
# A processor whose instruction set is not told is nearly always AVX2 today, but may be slower or shared.
_UNTOLD: Final = 0.7
# Answers written side by side: a graphics card reads its weights once for all of them.
_CARD_SIDE_BY_SIDE: Final = 8.0
_SHARED_SIDE_BY_SIDE: Final = 2.0
_WRITERS: Final = {
    "cpu": "text models on other processors, by memory speed",
    "shared": "text models on chips that share the computer's memory, by memory speed",
    "gpu": "text models on other graphics cards, by memory speed",
}  # fmt: skip
# Instruction classes as people write them.
_LABEL: Final = {
    "avx512": "processors with AVX-512",
    "avx2": "processors with AVX2",
    "sve": "Arm processors with SVE",
    "neon": "Arm processors",
    "unknown": "rented processors of unknown make",
}


class _Columns:
    """Columns of machines while they are being filled; what is not filled stays unknown."""

    def __init__(self, n: int, speeds: Speeds) -> None:
        def nan() -> Floats:
            return np.full(n, np.nan)

        def ones() -> Floats:
            return np.ones(n)

        self.speed, self.stream, self.operator_s, self.low, self.high = nan(), nan(), nan(), ones(), ones()
        self.burst_speed, self.burst_stream, self.gain, self.gain_high = nan(), nan(), ones(), ones()
        self.words_gbps, self.words_low, self.words_high = nan(), ones(), ones()
        self.words_step_s = nan()
        self.prompt_speed, self.prompt_low, self.prompt_high = nan(), ones(), ones()
        self.side_by_side = ones()
        self.memory_gb, self.text_gb, self.bandwidth_gbps = nan(), nan(), nan()
        self.room_low_mb, self.room_mb, self.room_high_mb = nan(), nan(), nan()
        self.link_low, self.link_gbps, self.link_high = nan(), nan(), nan()
        self.tier, self.words_tier = np.full(n, REFUSED, dtype=np.int64), np.full(n, REFUSED, dtype=np.int64)
        self.reach = np.full(n, REACH_NO, dtype=np.int64)
        self.is_processor, self.is_accelerator, self.this_one = (np.zeros(n, dtype=bool) for _ in range(3))
        self.chip: NDArray[Any] = np.full(n, "", dtype=object)
        self.note: NDArray[Any] = np.full(n, "", dtype=object)
        self.words_note: NDArray[Any] = np.full(n, "", dtype=object)
        self.speeds = speeds

    def done(self) -> Machines:
        return Machines(**self.__dict__)

    def put(self, here: Any, **values: Any) -> None:
        """Sets columns of the machines picked by `here`."""
        for name, value in values.items():
            getattr(self, name)[here] = value


def machines_from_offers(catalog: Catalog, types: NDArray[np.int64]) -> Machines:
    """Machine types of the catalog's rented offers, by row; a card takes over from the processor where there is one."""
    o, speeds = catalog.offers, speeds_of(catalog)
    chips, isa, cpu = o.type_chip[types], o.type_isa[types], o.type_cpu_chip[types]
    per_core = np.where(np.isfinite(o.type_vcpus_per_core[types]), o.type_vcpus_per_core[types], 2.0)
    cores = np.maximum(o.type_vcpus[types] / per_core, 0.5)
    c = _Columns(len(types), speeds)
    _processors(c, speeds, cores, o.type_ghz[types], isa, cpu)
    memory = o.type_memory_gib[types] * GB_PER_GIB * _RENTED_ROOM
    c.put(slice(None), memory_gb=memory, text_gb=memory, reach=np.where(chips == "", REACH_YES, REACH_NO), is_processor=chips == "")
    c.put(slice(None), chip=np.where(chips == "", cpu, chips))
    with_chip = np.flatnonzero(chips != "")
    count = np.nan_to_num(o.type_chips[types], nan=1.0)
    gib = o.type_chip_gib[types]
    for name in np.unique(chips[with_chip]).tolist():
        here = with_chip[chips[with_chip] == name]
        chip = catalog.chips.get(name)
        known = chip is not None and chip.recommendable and chip.kind in ("gpu", "igpu") and _graphics(c, here, speeds, chip)
        if not known or chip is None:
            _refuse(c, here)
            continue
        # A share of a card (a sixth of an A10) has that share of its memory and speed; more cards answer side by side.
        part, cards = np.clip(count[here], 0.05, 1.0), np.maximum(count[here], 1.0)
        room = np.nan_to_num(gib[here] * GB_PER_GIB, nan=(sure_memory_gb(chip) or 0.0) * cards) * _CARD_ROOM
        for column in (c.speed, c.stream, c.words_gbps, c.prompt_speed, c.bandwidth_gbps):
            column[here] *= part
        for column in (c.burst_speed, c.burst_stream):
            column[here] *= part * cards
        c.put(here, memory_gb=room / cards, text_gb=room, side_by_side=c.side_by_side[here] * cards, reach=REACH_YES)
    return c.done()


def machines_from_sizes(vcpus: Floats, memory_gb: Floats, catalog: Catalog) -> Machines:
    """Plain cloud processors of unknown make, such as those behind pay-per-use functions."""
    n = len(vcpus)
    speeds = speeds_of(catalog)
    c = _Columns(n, speeds)
    unknown = np.full(n, "unknown")
    _processors(c, speeds, np.maximum(vcpus / 2, 0.1), np.full(n, np.nan), unknown, np.full(n, ""))
    room = memory_gb * _RENTED_ROOM
    c.put(slice(None), memory_gb=room, text_gb=room, reach=REACH_YES, is_processor=True)
    return c.done()


def machines_from_owned(owned: Sequence[Owned], classes: Sequence[OwnedClass], catalog: Catalog) -> Machines:
    """Computers the owner has: a graphics card or chip named by its id, else the typical machine of its kind and year."""
    speeds = speeds_of(catalog)
    c = _Columns(len(owned), speeds)
    for i, (o, kind) in enumerate(zip(owned, classes, strict=True)):
        here = np.array([i])
        card = catalog.chips.get(o.gpu_chip_id or "")
        chip = catalog.chips.get(o.chip_id or "")
        room = max((o.memory_gb or kind.memory_gb) - _OWNED_GB, 0.5)
        c.put(here, memory_gb=room, text_gb=room, reach=REACH_YES, this_one=o.is_this_computer is True)
        if card is not None and _graphics(c, here, speeds, card):
            own = sure_memory_gb(card)
            if card.kind == "gpu" and own:
                c.put(here, memory_gb=own * _CARD_ROOM, text_gb=own * _CARD_ROOM)
            c.put(here, chip=card.id)
            continue
        c.put(here, is_processor=True, chip="" if chip is None else chip.id)
        if chip is not None and _chip_processor(c, here, speeds, chip):
            continue
        g = kind.gflops
        low, high = g.likely / g.high, g.likely / g.low
        _recipe(c, here, speeds, np.array([g.likely / 2]))
        _words(c, here, speeds, None, "cpu", kind.bandwidth_gbps)
        cores = np.array([float(kind.cores)])
        c.put(
            here,
            low=low,
            high=high,
            tier=CLASS,
            bandwidth_gbps=kind.bandwidth_gbps,
            gain_high=cores / together(cores, speeds.value("cpu.serial_share")),
            note=f"a typical machine of its kind ({kind.id})",
        )
        c.gain[here] = np.sqrt(c.gain_high[here])
        _reading(c, here, speeds, "cpu", c.speed[here])
    return c.done()


def machines_from_builds(builds: Sequence[Build], catalog: Catalog) -> Machines:
    """Devices that can be bought: the fastest of their chips that runs the model as it is, else the accelerator."""
    speeds = speeds_of(catalog)
    c = _Columns(len(builds), speeds)
    for i, b in enumerate(builds):
        here = np.array([i])
        best: tuple[int, float] | None = None
        for chip in filter(None, (catalog.chips.get(id) for id in b.chip_ids)):
            for unit, put, reach in (
                ("gpu", _graphics, REACH_YES),
                ("cpu", _chip_processor, REACH_YES),
                ("npu", _accelerator, REACH_SPECIALIST),
            ):
                trial = _Columns(1, speeds)
                one = np.array([0])
                if not put(trial, one, speeds, chip):
                    continue
                rank = (reach, -float(trial.speed[0]))
                if best is not None and rank >= best:
                    continue
                best = rank
                own = sure_memory_gb(chip) if unit == "gpu" and chip.kind == "gpu" else None
                room = own * _CARD_ROOM if own else max((b.memory_gb or sure_memory_gb(chip) or 0.0) - _BOARD_GB, 0.0)
                trial.put(one, reach=reach, is_processor=unit == "cpu", chip=chip.id, memory_gb=room, text_gb=room)
                if unit == "npu":
                    trial.put(one, **small_memory(speeds, chip, b.host_id))
                for name, column in trial.__dict__.items():
                    if name != "speeds":
                        getattr(c, name)[here] = column
    return c.done()


def _refuse(c: _Columns, here: Any) -> None:
    c.put(here, speed=np.nan, stream=np.nan, operator_s=np.nan, words_gbps=np.nan, prompt_speed=np.nan, tier=REFUSED, note="")


def _recipe(c: _Columns, here: Any, speeds: Speeds, speed: Floats) -> None:
    """Columns that follow from a processor's speed by the recipe of its kind."""
    stream = speeds.value("cpu.memory") * speed ** speeds.value("cpu.memory_power")
    c.put(here, speed=speed, stream=stream, operator_s=speeds.value("cpu.operator_s") * speed ** -speeds.value("cpu.operator_power"))


def _processors(c: _Columns, speeds: Speeds, cores: Floats, ghz: Floats, isa: NDArray[Any], chip: NDArray[Any]) -> None:
    """Rented processors: cores x clock x what the instruction set reaches x the chip's own departure."""
    told = {str(x): instruction_class(str(x)) for x in np.unique(isa)}
    kinds = np.array([told[x] for x in isa.tolist()])
    base = {
        k: speeds.value(f"cpu.per_ghz.{k if k != 'unknown' else 'avx2'}") * (1.0 if k != "unknown" else _UNTOLD) for k in set(told.values())
    }
    departure = {str(x): speeds.chips[str(x), "cpu"] for x in np.unique(chip) if (str(x), "cpu") in speeds.chips}
    off = np.array([departure[x].departure if x in departure else 0.0 for x in chip.tolist()])
    named = np.isin(chip, list(departure))
    clock = np.where(np.isfinite(ghz), ghz, _USUAL_GHZ)
    shared = speeds.kinds["cpu.shared"]
    one = np.array([base[k] for k in kinds.tolist()]) * np.exp(off) * clock * shared.value
    share = speeds.value("cpu.serial_share")
    _recipe(c, slice(None), speeds, one * together(cores, share))
    known = kinds != "unknown"
    (family_low, family_high), (class_low, class_high) = speeds.range("cpu.family-fit"), speeds.range("class-guess")
    same = speeds.range("cpu.same-chip-fit")
    low = np.where(named, same[0], np.where(known, family_low, class_low)) * shared.value / shared.high
    high = np.where(named, same[1], np.where(known, family_high, class_high)) * shared.value / shared.low
    bandwidth = np.minimum(cores * _GBPS_PER_CORE, _MOST_GBPS)
    c.put(
        slice(None),
        low=low,
        high=high,
        tier=np.where(named, SAME_CHIP, np.where(known, FAMILY, CLASS)),
        bandwidth_gbps=bandwidth,
        gain_high=np.maximum(cores / together(cores, share), 1.0),
    )
    c.gain[:] = np.sqrt(c.gain_high)
    c.note[:] = np.array(
        [f"published rows of {x}" if n else _LABEL[k] for x, n, k in zip(chip.tolist(), named, kinds.tolist(), strict=True)]
    )
    _words(c, slice(None), speeds, None, "cpu", bandwidth)
    # Text programs bring their own arithmetic, which on Arm is as fast as the fastest picture runtime.
    arm = np.isin(kinds, ("neon", "sve"))
    _reading(c, slice(None), speeds, "cpu", c.speed * np.where(arm, speeds.value("cpu.arm.ncnn"), 1.0))


def _chip_processor(c: _Columns, here: Any, speeds: Speeds, chip: Chip) -> bool:
    """A whole processor of one's own; False where neither rows nor cores and clock are known."""
    found = speeds.chips.get((chip.id, "cpu"))
    cores = chip.cores or 4.0
    if found is not None:
        low, high = speeds.range("cpu.same-chip-fit")
        total, tier, note = found.speed, SAME_CHIP, f"{found.rows} published rows of this chip ({found.sources})"
    elif chip.kind == "cpu" and chip.cores and chip.base_ghz and instruction_class(chip.simd) != "unknown":
        low, high = speeds.range("cpu.family-fit")
        kind = instruction_class(chip.simd)
        per_ghz = speeds.value(f"cpu.per_ghz.{kind}")
        total = per_ghz * chip.base_ghz * float(together(chip.cores, speeds.value("cpu.serial_share")))
        low, high = widened_time(low, high, slower_or_faster(chip, base_ghz=1, cores=1))
        tier, note = FAMILY, _LABEL[kind]
    else:
        return False
    _recipe(c, here, speeds, np.array([total]))
    gain = cores / float(together(cores, speeds.value("cpu.serial_share")))
    c.put(here, low=low, high=high, tier=tier, note=note, gain=np.sqrt(gain), gain_high=gain, bandwidth_gbps=chip.bandwidth_gbps or np.nan)
    _words(c, here, speeds, chip, "cpu", chip.bandwidth_gbps or np.nan)
    arm = chip.kind == "soc" or instruction_class(chip.simd) in ("neon", "sve")
    _reading(c, here, speeds, "cpu", c.speed[here] * (speeds.value("cpu.arm.ncnn") if arm else 1.0))
    return True


def _graphics(c: _Columns, here: Any, speeds: Speeds, chip: Chip) -> bool:
    """A graphics chip; False where its arithmetic or memory speed is not known."""
    if chip.kind not in ("gpu", "igpu", "soc") or not chip.fp32_tflops or not chip.bandwidth_gbps:
        return False
    found = speeds.chips.get((chip.id, "gpu"))
    base = speeds.value("gpu.share") * np.sqrt(chip.fp32_tflops * 500 * chip.bandwidth_gbps * 10)
    speed = found.speed if found is not None else base
    low, high = speeds.range("gpu.same-chip-fit" if found is not None else "gpu.spec-ratio")
    if found is None:
        low, high = widened_time(low, high, slower_or_faster(chip, fp32_tflops=0.5, memory_bandwidth_gbps=0.5))
    layer = speeds.value("gpu.operator_s") * (1.0 if chip.kind == "gpu" else speeds.value("gpu.board"))
    departure = speed / base
    half = (chip.fp16_tflops or chip.fp32_tflops * 2) * 500
    note = (
        f"{found.rows} published rows of this chip ({found.sources})"
        if found is not None
        else "graphics chips by arithmetic and memory speed"
    )
    c.put(
        here,
        speed=speed,
        stream=speeds.value("gpu.memory") * chip.bandwidth_gbps * 10 * departure,
        operator_s=layer,
        low=low,
        high=high,
        burst_speed=half * speeds.value("gpu.batch_share"),
        burst_stream=chip.bandwidth_gbps * speeds.value("gpu.batch_memory"),
        tier=SAME_CHIP if found is not None else SPEC,
        bandwidth_gbps=chip.bandwidth_gbps,
        note=note,
        gain=1.0,
        gain_high=1.0,
        side_by_side=_CARD_SIDE_BY_SIDE if chip.kind == "gpu" else _SHARED_SIDE_BY_SIDE,
    )
    kind = "gpu" if chip.kind == "gpu" else "shared"
    _words(c, here, speeds, chip, kind, chip.bandwidth_gbps)
    _reading(c, here, speeds, kind, np.full(np.shape(c.speed[here]), half))
    return True


def _accelerator(c: _Columns, here: Any, speeds: Speeds, chip: Chip) -> bool:
    """A small accelerator that needs a converted model; False where neither rows nor an 8-bit peak are known."""
    if chip.kind not in ("npu", "asic", "tpu"):
        return False
    found = speeds.chips.get((chip.id, "npu"))
    same_low, same_high = speeds.range("npu.same-chip-fit")
    if found is not None:
        low, high = same_low, same_high
        speed, overhead, tier = found.speed, found.overhead, SAME_CHIP
        note = f"{found.rows} published rows of this chip ({found.sources})"
    elif chip.int8_tops and "npu.share" in speeds.kinds:
        # A chip nobody published is misjudged itself, and each model on it like on one that was.
        low, high = speeds.range("npu.spec-ratio")
        low, high = np.exp(-np.hypot(np.log(low), np.log(same_low))), np.exp(np.hypot(np.log(high), np.log(same_high)))
        low, high = widened_time(low, high, slower_or_faster(chip, int8_tops=1))
        speed, overhead, tier = chip.int8_tops * 500 * speeds.value("npu.share"), speeds.value("npu.overhead"), SPEC
        note = "small accelerators by their 8-bit peak"
    else:
        return False
    pipeline = speeds.kinds["npu.pipeline"]
    # Frames a second overlap, so one answer takes longer than their distance; single answers were timed as they are, and
    # whether more of them overlap is not known of that chip.
    of_calls = found is not None and found.basis == OF_CALLS
    slower, ends = (1.0, (1.0, 1.0)) if of_calls else (pipeline.value, (pipeline.low / pipeline.value, pipeline.high / pipeline.value))
    c.put(
        here,
        speed=speed / slower,
        stream=speed / slower * 1000,
        operator_s=overhead * slower / speeds.value("fill.operators"),
        is_accelerator=True,
        tier=tier,
        note=note,
        low=max(low * ends[0], 1 / WIDEST),
        high=min(high * ends[1], WIDEST),
        gain=slower,
        gain_high=pipeline.value,
    )
    return True


def _words(c: _Columns, here: Any, speeds: Speeds, chip: Chip | None, kind: str, bandwidth: Any) -> None:
    """Speed of writing text: the chip's own published rows, else its memory speed times what its kind reaches."""
    found = speeds.chips.get((chip.id if chip else "", "cpu-words" if kind == "cpu" else "gpu-words"))
    share = speeds.kinds.get(f"text.write.{kind}")
    if share is not None:
        c.put(here, words_step_s=speeds.value(f"text.step.{kind}"))
    if found is not None:
        factor = np.exp(1.2816 * found.spread)
        c.put(
            here,
            words_gbps=found.speed,
            words_low=1 / factor,
            words_high=factor,
            words_tier=SAME_CHIP,
            words_note=f"{found.rows} published rows of text models on this chip ({found.sources})",
        )
    elif share is not None:
        low, high = speeds.range(f"text.{kind}")
        low, high = 1 / high, 1 / low
        if chip is not None:
            low, high = widened(low, high, slower_or_faster(chip, **{BANDWIDTH: 1}))
        c.put(
            here,
            words_gbps=share.value * np.asarray(bandwidth),
            words_low=low,
            words_high=high,
            words_tier=CLASS if kind == "cpu" and chip is None else SPEC,
            words_note=_WRITERS[kind],
        )


def _reading(c: _Columns, here: Any, speeds: Speeds, kind: str, peak: Any) -> None:
    """Speed of reading a prompt: a share of the arithmetic."""
    share = speeds.kinds[f"text.read.{kind}"]
    c.put(
        here, prompt_speed=peak * share.value, prompt_low=min(share.low / share.value, 0.6), prompt_high=max(share.high / share.value, 1.5)
    )
