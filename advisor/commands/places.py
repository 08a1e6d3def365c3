"""Where things lie: the program's own files and the user's data folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.catalog_updates import Shelf


def program_folder() -> Path:
    """Where catalogs and assets lie: beside the source, or in the folder of the installed program."""
    return Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parents[2]))


def shelf() -> Shelf:
    """The catalog that came with the program, and those taken over since."""
    from advisor.catalog_updates import Shelf

    return Shelf(home(), program_folder() / "catalogs")


def catalog_folder() -> Path:
    """The catalog that counts: the last one taken over, else the one that came with the program."""
    return shelf().current()


def home() -> Path:
    """The user's data folder, the same that the window uses; `EDGEWISE_HOME` sets another one."""
    told = os.environ.get("EDGEWISE_HOME")
    if told:
        return Path(told)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Edgewise"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Edgewise"
    return Path(os.environ.get("XDG_DATA_HOME", "").strip() or Path.home() / ".local" / "share") / "Edgewise"
