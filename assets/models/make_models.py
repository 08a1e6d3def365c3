"""Writes the bundled example model into a folder: `python -m assets.models.make_models FOLDER`.

The model itself is never committed: it is made by our own script and has the same bytes every time.
"""

from __future__ import annotations

import sys
from pathlib import Path

from advisor.benchmark import sample_model


def main() -> int:
    """Writes the model and says where."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build") / "models"
    sys.stdout.write(f"{sample_model(folder)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
