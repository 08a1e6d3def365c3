"""Keeps the program alive where PySide counts wrong.

PySide6 6.12 gives back `None` without taking a reference to it, and the caller then lets go of one it never had: each
`widget.update()` brings the count of `None` one nearer to nought, where Python aborts ("deallocating None"). A window
gets there within minutes. From Python 3.12 on `None` cannot die (PEP 683); before, we do the same by hand.
"""

from __future__ import annotations

import sys
from typing import Final

# Thirty years at a thousand calls a second.
_ENOUGH: Final = 1 << 40


def keep_none_alive() -> None:
    """Give `None` more references than a session can lose. Call it once, before the first window."""
    if sys.version_info >= (3, 12):
        return
    import ctypes

    count = ctypes.c_ssize_t.from_address(id(None))
    # Only where the count lies at the start of an object, as in every ordinary build.
    if 0 <= sys.getrefcount(None) - count.value < 64:
        count.value += _ENOUGH
