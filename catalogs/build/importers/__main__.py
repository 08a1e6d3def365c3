"""python -m catalogs.build.importers LIST PLACE ...: see the package."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from catalogs.build.importers import aws, azure, skypilot
from catalogs.build.importers.pages import RefusedPriceList
from catalogs.build.importers.rows import price_rows, save
from catalogs.build.tables import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalogs.build.importers.rows import Found


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads one list and writes its rows; 2 and one sentence if it cannot be used, then nothing is written."""
    asking = argparse.ArgumentParser(prog="python -m catalogs.build.importers", description="Public price lists into rows of our sources.")
    asking.add_argument("list", choices=("azure", "aws", "skypilot"))
    asking.add_argument("place", help="an address, a file, or for Azure a folder of saved pages")
    asking.add_argument("--provider", help="our name of the seller (SkyPilot only)")
    asking.add_argument("--as-of", type=date.fromisoformat, help="the day the list was asked (Azure and SkyPilot)")
    asking.add_argument("--source", required=True, help="the source_id in sources.csv")
    asking.add_argument("--out", type=Path, required=True)
    asked = asking.parse_args(arguments)
    today = datetime.now().astimezone().date()
    if asked.list != "aws" and (asked.as_of is None or asked.as_of > today):
        asking.error("--as-of is needed, and it may not lie in the future")
    if (asked.list == "skypilot") != bool(asked.provider):
        asking.error("--provider is needed for skypilot, and for nothing else")
    try:
        found = _read(asked, today)
    except RefusedPriceList as error:
        sys.stderr.write(f"{error}\n")
        return 2
    prices, types = price_rows(found, rows("regions"), rows("instance_types"), asked.source)
    save(asked.out, f"{asked.list} of {asked.as_of or 'its own day'}", found, prices, types)
    sys.stdout.write(f"{len(prices)} prices and {len(types)} new machine types are in {asked.out}; see REPORT.md there.\n")
    return 0


def _read(asked: argparse.Namespace, today: date) -> Found:
    if asked.list == "azure":
        return azure.read(asked.place, asked.as_of.isoformat())
    if asked.list == "aws":
        return aws.read(asked.place, today.isoformat())
    return skypilot.read(asked.place, asked.provider, asked.as_of.isoformat())


if __name__ == "__main__":
    sys.exit(main())
