"""The figures of a chip for who wants them: the only place where peak arithmetic is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.catalog import Catalog, Chip
    from advisor.chip_cards.ground import Ground

_PEAKS: Final = (("fp32_tflops", "TFLOPS at 32 bits"), ("fp16_tflops", "TFLOPS at 16 bits"), ("int8_tops", "TOPS at 8 bits"))
PEAK_IS_NOT_SPEED: Final = "the maker’s best case, which does not tell how fast a model runs"


def facts(ground: Ground, chip: Chip, row: dict[str, str], memory_gb: float | None) -> tuple[tuple[str, str], ...]:
    """Pairs of name and figure; a figure on which sources differ says so, one that nobody tells is "not known"."""
    return tuple(_facts(ground, chip, row, memory_gb))


def _facts(ground: Ground, chip: Chip, row: dict[str, str], memory_gb: float | None) -> Iterator[tuple[str, str]]:
    catalog, own = ground.catalog, chip.memory_gb or None
    yield "Memory", _figure(catalog, chip, "memory_gb", own, "GB") if own or not memory_gb else f"{memory_gb:g} GB in the largest device"
    yield "Speed of its memory", _figure(catalog, chip, "memory_bandwidth_gbps", chip.bandwidth_gbps, "GB a second")
    peaks = [
        _figure(catalog, chip, column, value, unit)
        for (column, unit), value in zip(_PEAKS, (chip.fp32_tflops, chip.fp16_tflops, chip.int8_tops), strict=True)
        if value
    ]
    yield "Peak arithmetic", f"{', '.join(peaks)} ({PEAK_IS_NOT_SPEED})" if peaks else "not known"
    yield "Power limit of the chip", _figure(catalog, chip, "tdp_w", chip.tdp_w, "watts")
    yield "Programs that run models on it", chip.runtimes.replace("|", ", ") or "not known"
    yield "Source", row["source"]
    yield "Figures of", ground.words.day(chip.as_of)
    if not chip.recommendable:
        yield "Why it is not advised", row["recommend_reason"]


def _figure(catalog: Catalog, chip: Chip, column: str, value: float | None, unit: str) -> str:
    if value is None:
        return "not known"
    said = catalog.chip_ranges.get((chip.id, column))
    differ = f" (sources differ: {said.low:g} to {said.high:g})" if said is not None and said.high > said.low else ""
    return f"{value:,g} {unit}{differ}"
