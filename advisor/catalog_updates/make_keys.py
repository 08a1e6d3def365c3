"""For maintainers: python -m advisor.catalog_updates.make_keys FOLDER --expires DAY [--after OLD_FOLDER].

Makes the private keys and the root file that names them. FOLDER must lie outside the project. With --after, the new root
file takes over from the one in OLD_FOLDER and is signed by both, so that installed programs follow.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.catalog_updates.making import load_keys, new_keys, root, save_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROJECT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes them; says where they are."""
    asking = argparse.ArgumentParser(prog="python -m advisor.catalog_updates.make_keys", description=__doc__)
    asking.add_argument("folder", type=Path)
    asking.add_argument("--expires", type=date.fromisoformat, required=True, help="last day of the root file; ten years ahead is usual")
    asking.add_argument("--after", type=Path, help="the folder of the keys before")
    asked = asking.parse_args(arguments)
    if asked.folder.resolve().is_relative_to(_PROJECT):
        sys.stderr.write("Keys must not lie in the project: whoever has it could sign. Choose another folder.\n")
        return 2
    try:
        asked.folder.mkdir(parents=True, exist_ok=True)
        older = {path.name: path.read_bytes() for path in asked.after.glob("*.root.json")} if asked.after else {}
        version = len(older) + 1
        keys = new_keys()
        made = root(keys, asked.expires, version, load_keys(asked.after)["root"] if asked.after else None)
        save_keys(keys, asked.folder)
        for name, content in {**older, f"{version}.root.json": made}.items():
            (asked.folder / name).write_bytes(content)
    except (OSError, ValueError, TypeError) as error:
        sys.stderr.write(f"The keys could not be made: {error}\n")
        return 2
    sys.stdout.write(f"Keys and {version}.root.json are in {asked.folder}. Keep the .pem files secret; root.pem offline.\n")
    sys.stdout.write(f"Copy {version}.root.json over advisor/catalog_updates/root.json for the next release of the program.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
