"""Running the command line inside the test, away from the user's own folders."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from advisor.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "assets" / "examples"


@dataclass(frozen=True)
class Said:
    """What a command returned and said."""

    code: int
    out: str
    err: str

    @property
    def problems(self) -> list[dict[str, str]]:
        """The problems of a run with --json-errors."""
        found: list[dict[str, str]] = json.loads(self.err)["problems"]
        return found


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEWISE_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture
def bare_environment() -> dict[str, str]:
    """The environment without the coverage tool's own settings: in an ASCII locale it says things of its own."""
    return {k: v for k, v in os.environ.items() if not k.startswith("COV")}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """run("advise", need, ...) -> Said; a refusal is one line of plain words."""

    def running(*arguments: Any) -> Said:
        code = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        if code in (2, 3):
            assert err.count("\n") == 1
            assert err.endswith("\n")
            assert not any(w in err.lower() for w in ("traceback", "sorry", "please", "oops", "invalid"))
        return Said(code, out, err)

    return running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a space and letters of other alphabets in its name."""
    made = tmp_path / "Bücher & Straße 試 1"
    made.mkdir()
    return made


@pytest.fixture
def need_file(folder: Path) -> Callable[..., Path]:
    """need_file(load=...) -> path of a NEED with these parts changed; need_file("text") -> a file with that text."""

    def made(raw: str | bytes | None = None, **changes: Any) -> Path:
        path = folder / "need.json"
        if raw is not None:
            path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
            return path
        document = json.loads((EXAMPLES / "workshop-reference.json").read_text(encoding="utf-8"))
        path.write_text(json.dumps({**document, **changes}, ensure_ascii=False), encoding="utf-8")
        return path

    return made
