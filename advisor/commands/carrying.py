"""`pack` and `export-verification`: the same test on another computer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from advisor.commands.files import refuse, target_problems, write
from advisor.commands.places import catalog_folder
from advisor.commands.telling import say
from advisor.problems import ExitCode
from advisor.schema_check import check, read_json

if TYPE_CHECKING:
    from argparse import Namespace

    from advisor.kit import Kit


def pack(asked: Namespace) -> int:
    """`pack MODEL.onnx --out edgewise-test.zip`.

    Raises:
        AdvisorError: the model or its samples cannot be used, or the disk does not take the file.
    """
    from advisor import kit

    refuse(target_problems("--out", asked.out, [asked.model]))
    carried = _kit(asked, machine=asked.machine, packages=not asked.without_packages)
    kit.write_zip(carried, asked.out)
    say(f"{asked.out} is ready ({asked.out.stat().st_size / 1e6:.0f} MB). Carry it to the other computer, unpack it, and read READ ME.txt.")
    return ExitCode.DONE


def _kit(asked: Namespace, *, machine: str | None, packages: bool, for_card: bool = False) -> Kit:
    """What to carry, the model read first in a process of its own: no bad file shall go on a journey."""
    from advisor.benchmark.client import profile
    from advisor.kit import Kit

    sizes = dict(asked.size)
    facts = None if asked.model is None else profile(asked.model, sizes=sizes, inputs=asked.inputs)
    parts = () if facts is None else facts.external_files
    return Kit(asked.model, parts, asked.inputs, sizes, asked.seconds, machine, packages, for_card)


def export_verification(asked: Namespace) -> int:
    """`export-verification A.json --option ID --out task.yaml`.

    Raises:
        AdvisorError: A.json or the option cannot be used, or the disk does not take the files.
    """
    from advisor import catalog, kit
    from advisor.kit import verification

    given = [p for p in (asked.advice, asked.model) if p is not None]
    folder = asked.out.with_name(asked.out.stem + ".files")
    refuse(target_problems("--out", asked.out, given))
    document = read_json(asked.advice, "an answer (A.json)")
    check(document, "advice")
    offers = catalog.load(catalog_folder()).offers
    cards = {f"{p}:{n}": bool(c) for p, n, c in zip(offers.type_provider, offers.type_name, offers.type_chip, strict=True)}
    target = verification.target_of(document, asked.option, cards)
    carried = _kit(asked, machine=target.id, packages=False, for_card=target.has_card)
    kit.write_folder(carried, folder, {"recipe.sh": verification.recipe(target, "recipe.sh", ".").encode()})
    is_task = target.skypilot is not None
    text = (verification.skypilot_task if is_task else verification.recipe)(target, asked.out.name, folder.name)
    write("--out", asked.out, text.encode())
    kind = "a task for SkyPilot" if is_task else "a shell recipe"
    say(f"{asked.out} is {kind} that measures on {target.what}. It sends the folder {folder.name}; the steps are at its top.")
    if asked.model is None:
        say(f"Put your model into {Path(folder.name) / 'model'} first.")
        (folder / "model").mkdir(exist_ok=True)
    return ExitCode.DONE
