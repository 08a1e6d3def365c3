"""Builds every table of the catalog from `catalogs/sources/`; the same sources give the same bytes."""
