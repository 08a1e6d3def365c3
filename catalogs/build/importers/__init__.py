"""For maintainers: reads public price lists into rows of `catalogs/sources/prices` and `instance_types`.

    python -m catalogs.build.importers azure  PLACE --as-of DAY --source ID --out FOLDER
    python -m catalogs.build.importers aws    PLACE --source ID --out FOLDER
    python -m catalogs.build.importers skypilot PLACE --provider NAME --as-of DAY --source ID --out FOLDER
    python -m catalogs.build.importers.kernels DAY     (which operators the installed ONNX Runtime runs on a processor)

PLACE is an address or a file (for Azure also a folder of saved pages). Only prices in US dollars per hour are taken, of
Linux machines that are shared with others; everything left out is counted by its reason in REPORT.md. See
docs/catalog-updates.md for what to do with the rows.
"""
