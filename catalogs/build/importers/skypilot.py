"""The public catalog files of SkyPilot: one CSV a provider, a row for each machine and zone, in US dollars per hour."""

from __future__ import annotations

import csv
import io
import math
import time
from typing import TYPE_CHECKING, Final

from catalogs.build.importers.pages import RefusedPriceList
from catalogs.build.importers.pages import read as read_page
from catalogs.build.importers.rows import Found, Quote, amount, new_type

if TYPE_CHECKING:
    from collections.abc import Callable

NEEDED: Final = ("InstanceType", "AcceleratorName", "AcceleratorCount", "vCPUs", "MemoryGiB", "Price", "Region")
_FILE_BYTES: Final = 128 * 2**20


def read(place: str, provider: str, as_of: str, sleep: Callable[[float], None] = time.sleep) -> Found:
    """Every price of the file that counts; `provider` is our name of the seller, `as_of` the day of the file.

    Raises:
        RefusedPriceList: the file cannot be read or lacks a column.
    """
    try:
        content = read_page(place, _FILE_BYTES, sleep).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(content, newline=""), strict=True)
        lacking = [c for c in NEEDED if c not in (reader.fieldnames or ())]
        if lacking:
            raise RefusedPriceList(f"{place} has no column called {lacking[0]}.")
        table = list(reader)
    except (UnicodeDecodeError, csv.Error):
        raise RefusedPriceList(f"{place} is not a table of SkyPilot's.") from None
    found = Found(pages=1, read=len(table))
    for row in table:
        if None in row or None in row.values():
            found.left_out["too many or too few cells"] += 1
            continue
        name, region = row["InstanceType"].strip(), row["Region"].strip()
        if not name:
            found.left_out["an accelerator without a machine"] += 1
            continue
        if not region:
            found.left_out["no region"] += 1
            continue
        usual, spot = amount(row["Price"]), amount(row.get("SpotPrice", ""))
        if usual is None:
            found.left_out["no price above zero"] += 1
            continue
        found.quotes.append(Quote(provider, region, name, usual, False, as_of))
        if spot is not None:
            found.quotes.append(Quote(provider, region, name, spot, True, as_of))
        _take_type(row, provider, name, found)
    return found


def _take_type(row: dict[str, str], provider: str, name: str, found: Found) -> None:
    sizes = [_count(row["vCPUs"]), _count(row["MemoryGiB"])]
    chips = _count(row["AcceleratorCount"]) if row["AcceleratorName"].strip() else ""
    if "" in sizes or (row["AcceleratorName"].strip() and not chips):
        return
    facts = {
        "vcpus": sizes[0], "memory_gib": sizes[1], "arch": row.get("Arch", "").strip() or "x86_64",
        "accelerator": row["AcceleratorName"].strip(), "accelerator_count": chips,
    }  # fmt: skip
    found.types.setdefault((provider, name), new_type(provider, name, **facts))


def _count(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return ""
    return f"{value:g}" if math.isfinite(value) and value > 0 else ""
