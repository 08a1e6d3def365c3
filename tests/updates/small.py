"""A small catalog, keys of our own, and bundles made of them; nothing outside the test's folders is touched."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.catalog_updates import Shelf, container, making
from advisor.catalog_updates.taking import Proposal, accept, prepare
from advisor.catalog_updates.versions import number_of
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Mapping

TODAY = date(2026, 11, 25)
EXPIRES = date(2027, 3, 1)
KEYS = making.new_keys()
TRUSTED = making.root(KEYS, date(2036, 12, 31))


def csv_bytes(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@cache
def _services() -> list[dict[str, str]]:
    """Eight rows of the real table of services, so that the small catalog has the columns of today."""
    with (Path(__file__).resolve().parents[2] / "catalogs" / "hosted_services.csv").open(encoding="utf-8", newline="") as file:
        return [r for r in csv.DictReader(file) if r["as_of"] < "2026-11-01" and r["usd_per_unit"]][:8]


def small(version: str = "2026.11.23", *, rate: float = 1.1, price: float = 0.5, schema: int = 1, **more: bytes) -> dict[str, bytes]:
    """The files of a small catalog: one table with prices, two that only the tests know. `more`: other tables, as CSV."""
    files = {
        "hosted_services.csv": csv_bytes([{**r, "usd_per_unit": price * (i + 1)} for i, r in enumerate(_services())]),
        "rates.csv": csv_bytes([{"currency": c, "rate": rate} for c in ("EUR", "USD")]),
        "amounts.csv": csv_bytes([{"item": f"i{i}", "value": i} for i in range(200)]),
        "round_trips.npz": bytes(range(256)) * 12,
        **{f"{name}.csv": content for name, content in more.items()},
    }
    rows = {n: 12 if n.endswith(".npz") else c.count(b"\n") - 1 for n, c in files.items()}
    index = {n: {"sha256": hashlib.sha256(c).hexdigest(), "rows": rows[n]} for n, c in sorted(files.items())}
    date_ = version[:10].replace(".", "-")
    files["catalog.json"] = (json.dumps({"schema": schema, "version": version, "date": date_, "files": index}, indent=1) + "\n").encode()
    return files


def signed(files: Mapping[str, bytes], version: str | int = "2026.12.01", **changes: Any) -> bytes:
    """A bundle of these files, signed with our keys unless told otherwise."""
    number = version if isinstance(version, int) else number_of(version)
    given: dict[str, Any] = {"keys": KEYS, "roots": {1: TRUSTED}, "number": number, "expires": EXPIRES, **changes}
    return making.bundle(files, **given)


def update(version: str = "2026.12.01", *, content: dict[str, Any] | None = None, **changes: Any) -> bytes:
    """A good update of the small catalog to this version."""
    return signed(small(version, **(content or {"rate": 1.2, "price": 0.55})), version, **changes)


def put_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def no_check(_: Path) -> tuple[()]:
    """The small catalog is not for the whole `catalog check`; a real one is tried in test_commands."""
    return ()


@dataclass
class Desk:
    """A shelf in a folder of its own, and the file that is to be taken over."""

    shelf: Shelf
    file: Path
    root: bytes = field(default=TRUSTED)

    def prepare(self, content: bytes, today: date = TODAY, **more: Any) -> Proposal:
        self.file.write_bytes(content)
        return prepare(self.file, self.shelf, today, root=self.root, **{"check": no_check, **more})

    def take(self, content: bytes, today: date = TODAY, **more: Any) -> Path:
        return accept(self.prepare(content, today, **more), self.shelf)

    def code(self, content: bytes, today: date = TODAY, **more: Any) -> str:
        """Why this is refused; '' if it is not. A refusal changes nothing and is one plain sentence."""
        before = everything(self.shelf.home)
        try:
            self.prepare(content, today, **more)
        except AdvisorError as error:
            (problem,) = error.problems
            assert everything(self.shelf.home) == before
            sentence = problem.sentence()
            assert "\n" not in sentence
            assert all((problem.what_happened, problem.what_it_means, problem.what_to_do))
            assert not any(w in sentence.lower() for w in ("traceback", "sorry", "please", "oops", "invalid"))
            return problem.code
        return ""


def members(bundle: bytes, tmp: Path) -> dict[str, container.Member]:
    """The members of a bundle in memory."""
    (tmp / "members.zip").write_bytes(bundle)
    return container.read(tmp / "members.zip")
