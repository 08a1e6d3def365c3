"""`make exam`: sits the practice exam for forecasts and prints the marks, which docs/accuracy.md keeps.

It needs ../shared, which is no part of the project.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from advisor.__main__ import main as command_line
from advisor.forecast.accuracy import with_exam

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "accuracy.md"
EXAM = Path(__file__).resolve().parents[1].parent / "shared" / "exam"


def main() -> int:
    """The exit code of the marking: 0 all targets met, 1 some missed; 2 if the exam is not here."""
    practice = EXAM / "practice"
    if not (EXAM / "score.py").is_file():
        sys.stdout.write(f"The exam needs the folder {EXAM}, which is not here.\n")
        return 2
    with TemporaryDirectory(prefix="edgewise-exam-") as scratch:
        out = Path(scratch) / "predictions.csv"
        files = {"requests": "requests", "known": "known", "specs": "specs", "withhold": "withheld"}
        arguments = [word for option, name in files.items() for word in (f"--{option}", str(practice / f"{name}.csv"))]
        code = command_line(["predict", *arguments, "--out", str(out)])
        if code:
            return code
        marks = subprocess.run(
            [sys.executable, str(EXAM / "score.py"), str(out), str(practice / "answers.csv")], check=False, capture_output=True, text=True
        )
    sys.stdout.write(marks.stdout + marks.stderr)
    if marks.returncode != 2:
        DOCUMENT.write_text(
            with_exam(DOCUMENT.read_text(encoding="utf-8"), f"```\n{marks.stdout.rstrip()}\n```"), encoding="utf-8", newline="\n"
        )
    return marks.returncode


if __name__ == "__main__":
    sys.exit(main())
