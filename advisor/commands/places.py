"""Where things lie: the program's own files and the user's data folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def program_folder() -> Path:
    """Where catalogs and assets lie: beside the source, or in the folder of the installed program."""
    return Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parents[2]))


def catalog_folder() -> Path:
    """The catalog that came with the program."""
    return program_folder() / "catalogs"


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
