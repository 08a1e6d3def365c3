"""The committed catalog, loaded once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from advisor import catalog as catalogs

if TYPE_CHECKING:
    from advisor.catalog import Catalog


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return catalogs.load(Path(__file__).parents[2] / "catalogs")
