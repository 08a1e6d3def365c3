"""`demo`: the example journey without a window. A model is made and really timed, then the whole answer and its report."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Final

from advisor.commands import advising
from advisor.commands.files import target_problems, write
from advisor.commands.measuring import summary
from advisor.commands.places import catalog_folder, program_folder
from advisor.commands.telling import Progress, say
from advisor.problems import AdvisorError, ExitCode, Problem

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

EXAMPLE: Final = "bakery-onnx.json"
_SEED: Final = 1


def demo(asked: Namespace) -> int:
    """`demo --out-dir DIR`: writes the model, need.json, P.json, M.json, A.json and report.pdf.

    Raises:
        AdvisorError: the folder does not take the files, or the measurement was stopped.
    """
    from advisor.benchmark.sample import sample_model

    folder: Path = asked.out_dir
    _make(folder)
    say("1 of 5  Making the example model: a small photo sorter for a bakery")
    model = sample_model(folder)
    need = folder / "need.json"
    write("--out-dir", need, (program_folder() / "assets" / "examples" / EXAMPLE).read_bytes())
    say("2 of 5  Reading the model's facts without running it")
    _profile(model, folder / "P.json")
    say(f"3 of 5  Timing the model on this computer (about {asked.seconds:.0f} seconds)")
    _measure(model, asked.seconds, folder / "M.json")
    say("4 of 5  Comparing this computer, new devices and rented machines")
    given = advising.read(need, [folder / "M.json"], None)
    today = asked.today or datetime.now().astimezone().date()
    advice = advising.answer(given, catalog_folder(), today=today, seed=_SEED, language="en")
    say("5 of 5  Writing the report")
    advising.write(advice, given.files, folder / "A.json", folder / "report.pdf")
    say()
    say(advice.sentence)
    say(f"The report is {(folder / 'report.pdf').resolve()}")
    return ExitCode.DONE


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no folder can have such a name"
        problem = Problem("NO_ACCESS", "--out-dir", f"We could not make the folder {folder} ({reason}).", "", "Choose another one.")
        raise AdvisorError(problem) from None
    problems = target_problems("--out-dir", folder / "report.pdf")
    if problems:
        raise AdvisorError(problems)


def _profile(model: Path, out: Path) -> None:
    from advisor.benchmark import client

    facts = client.profile(model).to_json()
    write("--out-dir", out, (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode())


def _measure(model: Path, seconds: float, out: Path) -> None:
    from advisor.benchmark import client
    from advisor.benchmark.protocol import Event
    from advisor.benchmark.protocol import Progress as Step

    progress = Progress()

    def hear(event: Event) -> None:
        if isinstance(event, Step):
            progress.show(event.share, event.text)

    try:
        done = client.measure(model, seconds=seconds, on_event=hear)
    finally:
        progress.clear()
    write("--out-dir", out, (json.dumps(done.to_json(), ensure_ascii=False, indent=1) + "\n").encode())
    for line in summary(done):
        say(f"        {line}")
