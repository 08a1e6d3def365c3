"""Where the program keeps things: saved answers, settings, the log. The folder is passed in.

Plain files: each saved session is one file, the settings are one small JSON file. Nothing is kept elsewhere.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Literal

from advisor.need import Quote
from advisor.problems import AdvisorError
from advisor.schema_check import check
from advisor.session import ENDING, FORMAT, Session, load, save, write_whole

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

Scheme = Literal["light", "dark", "system"]
TEXT_SIZES: Final = (100, 125, 150, 200)
_SHOWN_AT_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Settings:
    """What the owner chose about the window. `text_percent` of the system's text size."""

    scheme: Scheme = "system"
    text_percent: int = 100


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved session in the list: its file, the name shown, the day and time it was saved (seconds since 1970)."""

    path: Path
    name: str
    saved_at: float


@dataclass(frozen=True, slots=True)
class Store:
    """The user's data folder; made when something is first written."""

    folder: Path

    @property
    def log_file(self) -> Path:
        """Where the log is written."""
        return self.folder / "log" / "edgewise.log"

    @property
    def sessions(self) -> Path:
        """Where saved answers lie."""
        return self.folder / "saved"

    def settings(self) -> Settings:
        """The settings; a missing or damaged file counts as none, as nothing of worth is lost with it."""
        try:
            found = json.loads((self.folder / "settings.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Settings()
        return _settings(found) if isinstance(found, dict) else Settings()

    def keep_settings(self, settings: Settings) -> None:
        """Remember the settings.

        Raises:
            AdvisorError: the folder does not take them.
        """
        write_whole(self.folder / "settings.json", (json.dumps(asdict(settings), indent=1) + "\n").encode())

    def prices(self) -> tuple[Quote, ...]:
        """The owner's prices for every plan; a missing or damaged file counts as none: each can be typed again."""
        try:
            found = json.loads((self.folder / "prices.json").read_text(encoding="utf-8"))
            # The same form as in saved answers, and the same check.
            check({"format": FORMAT, "quotes": found}, "session")
            return tuple(Quote(**q) for q in found)
        except (OSError, ValueError, TypeError, RecursionError, AdvisorError):
            return ()

    def keep_prices(self, quotes: tuple[Quote, ...]) -> None:
        """Remember these prices for every later plan, in place of those before.

        Raises:
            AdvisorError: the folder does not take them.
        """
        write_whole(self.folder / "prices.json", (json.dumps([asdict(q) for q in quotes], indent=1) + "\n").encode())

    def recent(self) -> tuple[Saved, ...]:
        """The saved sessions that can be read, newest first."""
        found = []
        for path in self.sessions.glob(f"*{ENDING}"):
            try:
                found.append(Saved(path, load(path).name() or path.stem, path.stat().st_mtime))
            except (AdvisorError, OSError):
                # A damaged file is not offered; opening it by hand says what is wrong.
                continue
        return tuple(sorted(found, key=lambda s: (-s.saved_at, s.path.name))[:_SHOWN_AT_MOST])

    def new_path(self, now: datetime) -> Path:
        """A file for answers that were never saved before, named after the minute."""
        stem = now.strftime("answers-%Y-%m-%d-%H%M")
        names = [self.sessions / f"{stem}{ENDING}", *(self.sessions / f"{stem}-{i}{ENDING}" for i in range(2, 1000))]
        return next(path for path in names if not path.exists())

    def keep(self, session: Session, path: Path) -> None:
        """Save a session.

        Raises:
            AdvisorError: the folder does not take it.
        """
        save(session, path)


def _settings(found: dict[str, Any]) -> Settings:
    known = {f.name: found[f.name] for f in fields(Settings) if f.name in found}
    if known.get("scheme") not in ("light", "dark", "system"):
        known.pop("scheme", None)
    if known.get("text_percent") not in TEXT_SIZES:
        known.pop("text_percent", None)
    return Settings(**known)
