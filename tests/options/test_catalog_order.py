"""Nobody's vendor is favoured: neither the order of the rows nor the names in them move the money."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from advisor.catalog import load
from catalogs.build.offers import save
from tests.advisor.answers import KINDS, ROOT, need, worked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from advisor.catalog import Catalog

# Small tables in which devices, services and functions stand.
_TABLES = ("devices.csv", "hosted_services.csv", "hosted_text.csv", "serverless.csv")
KINDS_OF_CLOUD = {
    "cloud_batch": KINDS["cloud_batch"],
    "cloud_instance": KINDS["cloud_instance"],
    "cloud_api": KINDS["cloud_api"],
    "edge_existing": KINDS["edge_existing"],
    "edge_new": KINDS["edge_new"],
    "hybrid": KINDS["hybrid"],
    "country": need(site={}, rules={"data": "ordinary", "data_must_stay": "country"}),
}


def _copy(folder: Path, change: Callable[[dict[str, np.ndarray], str], dict[str, np.ndarray]], mixed: tuple[str, ...] = ()) -> Catalog:
    folder.mkdir()
    for path in (*(ROOT / "catalogs").glob("*.csv"), *(ROOT / "catalogs").glob("*.npz"), ROOT / "catalogs" / "catalog.json"):
        shutil.copy(path, folder / path.name)
    index = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
    for name in ("offers.npz", "round_trips.npz"):
        with np.load(folder / name) as file:
            arrays = {k: file[k] for k in file.files}
        save(folder / name, change(arrays, name))
        index["files"][name]["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    for name in mixed:
        _mix(folder / name)
        index["files"][name]["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "catalog.json").write_text(json.dumps(index), encoding="utf-8")
    return load(folder)


def _mix(path: Path) -> None:
    """Puts the rows of a small table into another order."""
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows[i] for i in np.random.default_rng(6).permutation(len(rows)))


def _shuffled(arrays: dict[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    n = len(arrays["type_row"]) if name == "offers.npz" else 0
    order = np.random.default_rng(5).permutation(n)
    return {k: a[order] if n and len(a) == n else a for k, a in arrays.items()}


def _renamed(arrays: dict[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    """Every provider but the three whose prices have a history of their own gets a name that sorts the other way round."""
    return {
        k: np.array([_new_name(str(p)) for p in a.tolist()]) if k in ("type_provider", "region_provider", "provider") else a
        for k, a in arrays.items()
    }


def _new_name(provider: str) -> str:
    if provider in ("aws", "azure", "gcp", "provider"):
        return provider
    return "".join(chr(ord("a") + ord("z") - ord(c)) if "a" <= c <= "z" else c for c in provider)


def _renamed_too(folder: Path, name: str) -> Catalog:
    """The same names in a small table whose first column is the seller."""
    lines = [line.split(",", 1) for line in (folder / name).read_text(encoding="utf-8").splitlines()]
    (folder / name).write_text("".join(f"{_new_name(seller)},{rest}\n" for seller, rest in lines), encoding="utf-8")
    index = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
    index["files"][name]["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "catalog.json").write_text(json.dumps(index), encoding="utf-8")
    return load(folder)


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return _copy(tmp_path_factory.mktemp("catalogs") / "shuffled", _shuffled, _TABLES)


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("catalogs") / "renamed"
    _copy(folder, _renamed)
    return _renamed_too(folder, "egress.csv")


@pytest.mark.parametrize("name", sorted(KINDS_OF_CLOUD))
def test_the_order_of_the_rows_means_nothing(name: str, shuffled: Catalog) -> None:
    document: dict[str, Any] = KINDS_OF_CLOUD[name]
    a, b = worked(document).choice, worked(document, shuffled).choice
    assert a.best is not None
    assert b.best is not None
    assert (a.best.id, a.best.total, a.best.score) == (b.best.id, pytest.approx(b.best.total), pytest.approx(b.best.score))
    assert [c.id for c in a.listed] == [c.id for c in b.listed]
    assert a.win_share == b.win_share
    assert a.confidence == b.confidence


@pytest.mark.parametrize("name", sorted(KINDS_OF_CLOUD))
def test_the_names_of_sellers_mean_nothing(name: str, renamed: Catalog) -> None:
    document: dict[str, Any] = KINDS_OF_CLOUD[name]
    a, b = worked(document).choice, worked(document, renamed).choice
    assert a.best is not None
    assert b.best is not None
    assert a.best.kind == b.best.kind
    assert b.best.total == pytest.approx(a.best.total)
    assert b.best.score == pytest.approx(a.best.score)
    assert [round(c.total, 6) for c in b.listed] == [round(c.total, 6) for c in a.listed]
    assert b.confidence is a.confidence
    assert b.kind_share == pytest.approx(a.kind_share, abs=1e-9)
    assert [b.win_share[c.id] for c in b.listed] == [a.win_share[c.id] for c in a.listed]
