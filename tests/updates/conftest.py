"""A desk of its own for each test; nothing outside the test's folders is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.catalog_updates import Shelf
from tests.updates.small import Desk, put_folder, small, update

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Nothing taken over yet; the small catalog of 23 November came with the program."""
    return Desk(Shelf(tmp_path / "home", put_folder(tmp_path / "program", small())), tmp_path / "update.zip")


@pytest.fixture(scope="session")
def good() -> bytes:
    return update()
