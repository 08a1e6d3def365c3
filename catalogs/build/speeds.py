"""Achieved speeds of chips and kinds of chips, learned from the published latencies: chip_speeds.csv, speed_classes.csv."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.forecast.learning import learn
from advisor.forecast.tables import CHIP_COLUMNS, KIND_COLUMNS, chip_rows, finished, kind_rows
from catalogs.build.tables import rows, write

if TYPE_CHECKING:
    from pathlib import Path


def build(path: Path) -> tuple[dict[str, object], int]:
    """Writes chip_speeds.csv at `path` and speed_classes.csv beside it; returns facts for the report and the chips' rows.

    The number of rows of the second table is the fact "kinds of numbers".
    """
    speeds = finished(learn(rows))
    chips, kinds = chip_rows(speeds), kind_rows(speeds)
    write(path, CHIP_COLUMNS, chips)
    write(path.with_name("speed_classes.csv"), KIND_COLUMNS, kinds)
    return {"chips and units learned": len(chips), "kinds of numbers": len(kinds)}, len(chips)
