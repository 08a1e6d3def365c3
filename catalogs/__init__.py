"""The catalog's tables (data) and the scripts that build them from `catalogs/sources/`."""
