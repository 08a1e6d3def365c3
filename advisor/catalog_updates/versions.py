"""The version of a catalog: the day it was made, and which one of that day."""

from __future__ import annotations

import re
from typing import Final

_VERSION: Final = re.compile(r"(20\d{2})\.(0[1-9]|1[0-2])\.(0[1-9]|[12]\d|3[01])(?:\.([1-9]\d?))?", re.ASCII)


def number_of(version: str) -> int | None:
    """The number a catalog version counts as (2026.12.01 or, second of its day, 2026.12.01.2); `None` if it is no version."""
    found = _VERSION.fullmatch(version)
    return int(found[1] + found[2] + found[3]) * 100 + int(found[4] or 0) if found else None
