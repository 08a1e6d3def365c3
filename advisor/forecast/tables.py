"""The learned numbers as the catalog keeps them: chip_speeds.csv (one row a chip and unit), speed_classes.csv (the kinds)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import numpy as np

from advisor.forecast.learned import ChipSpeed, Known, Learned, balanced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor.catalog import Catalog

CHIP_COLUMNS: Final = (
    "chip_id",
    "unit",
    "gmacs_per_s",
    "overhead_s",
    "log_spread",
    "rows",
    "sources",
    "basis",
    "departure",
)
KIND_COLUMNS: Final = ("name", "value", "low", "high", "rows", "source")
# No range is narrower than the same chip differs between two runs, boards and runtime versions (noise floor: 80 % of the
# rows of one chip lie within 1.2 of each other after a common factor), nor wider than is still of use.
NARROWEST: Final = 1.2
WIDEST: Final = 8.0
# Ranges for which nothing published was left to learn from.
_JUDGED: Final = {
    "range.class-guess": (1 / 2.2, 2.5, "judgement: a processor of which only the number of cores is known"),
    "range.npu.spec-ratio": (0.3, 3.5, "judgement, wider than seen"),
    "cpu.shared": (0.6, 1.0, "judgement: a rented core is shared with strangers and clocks lower than its sheet"),
    "text.parts": (0.4, 1.0, "judgement: models made of parts wake other parts for each word; none is in the published rows"),
    "text.read.cpu": (0.35, 1.2, "judgement: reading a prompt beside the speed on pictures"),
}
_LIKELY: Final = {"cpu.shared": 0.8, "text.parts": 0.7, "text.read.cpu": 0.7}


@dataclass(frozen=True, slots=True)
class Speeds:
    """The learned numbers, by name and by (chip, unit)."""

    kinds: Mapping[str, Known]
    chips: Mapping[tuple[str, str], ChipSpeed]

    def value(self, name: str) -> float:
        """One number of the kinds."""
        return self.kinds[name].value

    def range(self, name: str) -> tuple[float, float]:
        """Low and high factors on time of a tier."""
        k = self.kinds[f"range.{name}"]
        return k.low, k.high


def finished(learned: Learned) -> Speeds:
    """The numbers with the ranges worked out from the errors of chips left out."""
    kinds = dict(learned.kinds)
    for tier, errors in learned.errors.items():
        if len({e[0] for e in errors}) < 2:
            continue
        low, high = balanced(list(errors))
        # Never one-sided: the learned middle is not exact either.
        kinds[f"range.{tier}"] = Known(
            1.0,
            float(np.clip(np.exp(low), 1 / WIDEST, 1 / NARROWEST)),
            float(np.clip(np.exp(high), NARROWEST, WIDEST)),
            len(errors),
            "errors of published rows left out, 10th to 90th percentile, chips equal",
        )
    for name, (low, high, source) in _JUDGED.items():
        if name not in kinds:
            kinds[name] = Known(_LIKELY.get(name, 1.0), low, high, 0, source)
    return Speeds(kinds, learned.chips)


def chip_rows(speeds: Speeds) -> list[dict[str, str]]:
    """Rows of chip_speeds.csv."""
    return [
        {
            "chip_id": c.chip,
            "unit": c.unit,
            "gmacs_per_s": f"{c.speed:.4g}",
            "overhead_s": f"{c.overhead:.3g}",
            "log_spread": f"{c.spread:.3f}",
            "rows": str(c.rows),
            "sources": c.sources,
            "basis": c.basis,
            "departure": f"{c.departure:.3f}",
        }
        for _, c in sorted(speeds.chips.items())
    ]


def kind_rows(speeds: Speeds) -> list[dict[str, str]]:
    """Rows of speed_classes.csv."""
    return [
        {"name": name, "value": f"{k.value:.4g}", "low": f"{k.low:.4g}", "high": f"{k.high:.4g}", "rows": str(k.rows), "source": k.source}
        for name, k in sorted(speeds.kinds.items())
    ]


def read(chips: Sequence[Mapping[str, str]], kinds: Sequence[Mapping[str, str]]) -> Speeds:
    """The numbers from the rows of both tables."""
    return Speeds(
        {r["name"]: Known(float(r["value"]), float(r["low"]), float(r["high"]), int(r["rows"]), r["source"]) for r in kinds},
        {
            (r["chip_id"], r["unit"]): ChipSpeed(
                r["chip_id"],
                r["unit"],
                float(r["gmacs_per_s"]),
                float(r["overhead_s"]),
                float(r["log_spread"]),
                float(r["departure"]),
                int(r["rows"]),
                r["sources"],
                r["basis"],
            )
            for r in chips
        },
    )


_READ: WeakKeyDictionary[Catalog, Speeds] = WeakKeyDictionary()


def speeds_of(catalog: Catalog) -> Speeds:
    """The learned numbers of a catalog, read once."""
    if catalog not in _READ:
        _READ[catalog] = read(catalog.table("chip_speeds"), catalog.table("speed_classes"))
    return _READ[catalog]
