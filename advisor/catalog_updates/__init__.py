"""Catalog updates: signed, checked, shown before they count, and easy to take back. See docs/catalog-updates.md.

`Shelf(home, bundled).current()` is the folder of the catalog that counts. `taking.prepare` and `taking.accept` take an update
over, `taking.roll_back` takes it back. Nothing here uses a network.
"""

from advisor.catalog_updates.shelf import Kept, Shelf

__all__ = ["Kept", "Shelf"]
