"""`predict`: forecasts in bulk, from tables to a table."""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from advisor.commands.files import refuse, target_problems, write
from advisor.commands.places import catalog_folder, program_folder
from advisor.commands.telling import say
from advisor.problems import AdvisorError, ExitCode, Problem
from advisor.schema_check import read_bytes

if TYPE_CHECKING:
    from argparse import Namespace

_ASKED: Final = ("case_id", "chip_id", "runtime", "precision", "batch", "model", "input_shape")
# The columns that each table has to have.
COLUMNS: Final = {
    "--requests": ("request_id", *_ASKED),
    "--known": ("role", "latency_ms", *_ASKED),
    "--specs": ("chip_id", "fp16_tflops", "memory_bandwidth_gbps"),
    "--withhold": ("chip_id", "model"),
}


def predict(asked: Namespace) -> int:
    """`predict --requests R.csv --known K.csv ... --out P.csv`.

    Raises:
        AdvisorError: a table is missing, unreadable or lacks columns; nothing was written.
    """
    tables = {"--requests": asked.requests, "--known": asked.known, "--specs": asked.specs, "--withhold": asked.withhold}
    given = {option: path for option, path in tables.items() if path is not None}
    refuse([*target_problems("--out", asked.out, given.values()), *(p for o, path in given.items() for p in _table_problems(o, path))])

    from advisor import catalog
    from advisor.forecast.predict import run

    folder = asked.catalog or catalog_folder()
    catalog.load(folder)
    with TemporaryDirectory(prefix="edgewise-") as scratch:
        made = Path(scratch) / "P.csv"
        # The published rows come with the program; an update brings prices only.
        published = folder if (folder / "sources").is_dir() else program_folder() / "catalogs"
        count = run(asked.requests, asked.known, asked.specs, asked.withhold, made, published)
        write("--out", asked.out, made.read_bytes())
    say(f"{count} forecasts written.")
    return ExitCode.DONE


def _table_problems(option: str, path: Path) -> list[Problem]:
    name = path.name or str(path)
    try:
        text = read_bytes(path, f"a table (.csv) for {option}").decode("utf-8-sig")
        reader = csv.DictReader(text.splitlines(), strict=True)
        lacking = [c for c in COLUMNS[option] if c not in (reader.fieldnames or ())]
        if lacking:
            do = "Add it, empty where unknown."
            return [Problem("BAD_FIELD", f"{name}:{c}", f"{name} has no column called {c}.", "", do) for c in lacking]
        for line, row in enumerate(reader, 2):
            if None in row or None in row.values():
                what = f"{name}, line {line}, has too many or too few cells."
                return [Problem("BAD_FIELD", f"{name}:{line}", what, "", "Mend the line.")]
    except AdvisorError as error:
        return list(error.problems)
    except (UnicodeDecodeError, csv.Error):
        return [Problem("BAD_FIELD", name, f"{name} is not a table (.csv, UTF-8).", "", "Choose the right file.")]
    return []
