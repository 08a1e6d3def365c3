"""`measure` and `profile`: the model in a process of its own, its facts in a file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from advisor.commands.files import refuse, target_problems, write
from advisor.commands.telling import Progress, say
from advisor.problems import ExitCode, Problem

if TYPE_CHECKING:
    from argparse import Namespace

    from advisor.benchmark.protocol import Event
    from advisor.measurement import Measurement


def measure(asked: Namespace) -> int:
    """`measure MODEL.onnx --out M.json`.

    Raises:
        AdvisorError: what stands in the way; nothing was written and no process is left.
    """
    from advisor.benchmark import client

    refuse(_asked_twice(asked) + target_problems("--out", asked.out, [asked.model]))
    progress = Progress()

    try:
        done = client.measure(
            asked.model,
            inputs=asked.inputs,
            sizes=dict(asked.size),
            seconds=asked.seconds,
            precision=asked.precision,
            on_event=lambda event: _show(progress, event),
        )
    finally:
        progress.clear()
    if asked.machine is not None:
        done = replace(done, machine=replace(done.machine, name=asked.machine))
    write("--out", asked.out, _text(done.to_json()))
    for line in summary(done):
        say(line)
    return ExitCode.DONE


def _show(progress: Progress, event: Event) -> None:
    from advisor.benchmark.protocol import Progress as Step

    if isinstance(event, Step):
        progress.show(event.share, event.text)


def summary(done: Measurement) -> list[str]:
    """What was found, in a few lines."""
    from advisor.measurement import inputs_in_words
    from advisor.slimmer import in_words

    low, high = (_ms(x) for x in done.range_ms)
    where = done.machine.name or "this computer"
    lines = [
        f"{done.model.name}: one answer takes {_ms(done.best_round_ms)} on {where} (rounds from {low} to {high}).",
        f"Input: {inputs_in_words(done.model.inputs)}. Trust: {done.trust}.",
    ]
    lines += [words for c in done.copies if (words := in_words(c, done.agreement.get(c.precision)))]
    return lines + [f"Note: {w.text} {w.advice}" for w in done.warnings]


def _ms(value: float) -> str:
    return f"{value:.3g} ms" if value < 1000 else f"{value / 1000:.3g} s"


def profile(asked: Namespace) -> int:
    """`profile MODEL.onnx --out P.json`.

    Raises:
        AdvisorError: what stands in the way; nothing was written.
    """
    from advisor.benchmark import client

    refuse(_asked_twice(asked) + target_problems("--out", asked.out, [asked.model]))
    done = client.profile(asked.model, sizes=dict(asked.size), inputs=asked.inputs)
    write("--out", asked.out, _text(done.to_json()))
    work = "unknown until its sizes are given" if done.gmacs is None else f"{done.gmacs:.3g} billion multiply-adds an answer"
    say(f"{done.name}: {done.params_millions:.3g} million weights ({done.precision}); work: {work}.")
    for size in done.free_sizes:
        say(f"It leaves the size “{size}” open.")
    for warning in done.warnings:
        say(f"Note: {warning}")
    return ExitCode.DONE


def _asked_twice(asked: Namespace) -> list[Problem]:
    names = [name for name, _ in asked.size]
    twice = sorted({n for n in names if names.count(n) > 1})
    return [Problem("BAD_ARGUMENT", "--size", f"--size gives {n} twice.", "", "Keep one of the two.") for n in twice]


def _text(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")
