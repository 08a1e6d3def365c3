"""For maintainers: python -m advisor.catalog_updates.make_bundle FOLDER --keys DIR --version V --expires DAY --out FILE.

Signs the catalog in FOLDER as one file that `catalog import` takes. V is the version that catalog.json carries, said once
more so that nobody signs the wrong folder. The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.catalog_check import check
from advisor.catalog_updates.making import bundle, load_keys
from advisor.catalog_updates.shelf import INDEX, write_whole
from advisor.catalog_updates.versions import number_of
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes it, or says why not."""
    asking = argparse.ArgumentParser(prog="python -m advisor.catalog_updates.make_bundle", description=__doc__)
    asking.add_argument("folder", type=Path)
    asking.add_argument("--keys", type=Path, required=True)
    asking.add_argument("--version", required=True)
    asking.add_argument("--expires", type=date.fromisoformat, required=True, help="last day on which it may be taken over")
    asking.add_argument("--out", type=Path, required=True)
    asked = asking.parse_args(arguments)
    try:
        content = make(asked.folder, asked.keys, asked.version, asked.expires)
        write_whole(asked.out, content)
    except AdvisorError as error:
        sys.stderr.write(error.problems[0].sentence() + "\n")
        return 2
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"The bundle could not be made: {error}\n")
        return 2
    sys.stdout.write(f"{asked.out}: catalog {asked.version}, {len(content):,} bytes, to be taken over until {asked.expires}.\n")
    return 0


def make(folder: Path, keys: Path, version: str, expires: date) -> bytes:
    """The bundle of the catalog in `folder`.

    Raises:
        AdvisorError: the catalog has a fault.
        OSError, ValueError, KeyError, TypeError: a file or a key is missing, or the version is another one.
    """
    if faults := check(folder):
        raise AdvisorError(faults)
    index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    number = number_of(version)
    if number is None or index["version"] != version:
        raise ValueError(f"{folder / INDEX} says {index['version']}, you said {version}; a version is a day such as 2026.12.01.")
    files = {name: (folder / name).read_bytes() for name in (*index["files"], INDEX)}
    roots = {int(path.name.split(".")[0]): path.read_bytes() for path in keys.glob("*.root.json")}
    return bundle(files, load_keys(keys), roots, number, expires)


if __name__ == "__main__":
    sys.exit(main())
