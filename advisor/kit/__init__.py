"""The test on another computer, from one file or folder carried there: this program's own code, the model, a way to start.

The folder runs `measure` as it is run here and leaves M.json, which `advise --measurement M.json` reads. It needs Python on the
other computer. With `packages` it also holds the libraries of this computer, so that one of the same kind (system, processor,
Python) needs no internet; any other fetches them.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from advisor.kit.start import NEEDED, kind_of_computer
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME: Final = "edgewise-test"
_CODE: Final = Path(__file__).resolve().parents[1]
# Pictures as sample inputs are read with it; nothing else asks for it.
_ALSO: Final = ("pillow",)
_RUNNER: Final = "onnxruntime"
_RUNNER_FOR_CARDS: Final = "onnxruntime-gpu[cuda,cudnn]"
_STARTED_BY_HAND: Final = frozenset({"start.sh", "recipe.sh"})


@dataclass(frozen=True, slots=True)
class Kit:
    """What to carry. Without a `model` the person puts one into the folder “model”.

    `parts` are the model's further files, relative to its folder; `machine` is the name that the measurement shall carry (see
    `measurement.Machine`); `packages`: with the libraries of this computer; `for_card`: the model shall run on an NVIDIA card.
    """

    model: Path | None = None
    parts: tuple[str, ...] = ()
    inputs: Path | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 30.0
    machine: str | None = None
    packages: bool = False
    for_card: bool = False


def files(kit: Kit) -> Iterator[tuple[str, Path | bytes]]:
    """Every file of the folder: its place in it, and what it holds (or where that lies here).

    Raises:
        AdvisorError: this program's own code is not to be found as files.
    """
    if not (_CODE / "__main__.py").is_file():
        raise AdvisorError(
            Problem(
                "DEFECT", "", "This copy of the program does not hold its own code as files.", "So it cannot be carried.", "Use the source."
            )
        )
    own = Path(__file__).parent
    yield "start.sh", own / "start.sh"
    yield "start.bat", own / "start.bat"
    yield "READ ME.txt", _read_me(kit).encode()
    yield "program/start.py", own / "start.py"
    yield "program/job.json", (json.dumps(_job(kit), ensure_ascii=False, indent=1) + "\n").encode()
    yield "program/packages.txt", ("\n".join(_pins(kit)) + "\n").encode()
    for path in sorted(p for p in _CODE.rglob("*") if p.suffix in (".py", ".json") and "__pycache__" not in p.parts):
        yield f"program/advisor/{path.relative_to(_CODE).as_posix()}", path
    if kit.model is not None:
        yield f"model/{kit.model.name}", kit.model
        for part in kit.parts:
            yield f"model/{part}", kit.model.parent / part
    if kit.inputs is not None:
        for path in [kit.inputs] if kit.inputs.is_file() else sorted(p for p in kit.inputs.iterdir() if p.is_file()):
            yield f"inputs/{path.name}", path
    if kit.packages:
        yield "packages/made-for.txt", (kind_of_computer() + "\n").encode()
        yield from _libraries()


def write_zip(kit: Kit, target: Path) -> None:
    """The folder as one zip file, whole or not at all.

    Raises:
        AdvisorError: the disk does not take it, or a file of the model is gone.
    """
    part = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        with part.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
            for place, content in files(kit):
                about = zipfile.ZipInfo(f"{NAME}/{place}", date_time=(2026, 1, 1, 0, 0, 0))
                about.compress_type = zipfile.ZIP_DEFLATED
                about.external_attr = (0o755 if place in _STARTED_BY_HAND else 0o644) << 16
                with packed.open(about, "w", force_zip64=True) as out:
                    for piece in _pieces(content):
                        out.write(piece)
        part.replace(target)
    except OSError as error:
        raise AdvisorError(_refused(target, error)) from None
    finally:
        part.unlink(missing_ok=True)


def write_folder(kit: Kit, folder: Path, more: Mapping[str, bytes] | None = None) -> None:
    """The folder itself; `more` are further files, by place. An older folder of ours is written over, a foreign one refused.

    Raises:
        AdvisorError: the disk does not take it, a file of the model is gone, or the folder holds something else.
    """
    if folder.exists() and not (folder / "program" / "job.json").is_file():
        raise AdvisorError(
            Problem("NO_ACCESS", "--out", f"There is already something called {folder}.", "", "Move it away, or choose another name.")
        )
    try:
        for place, content in (*files(kit), *(more or {}).items()):
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as out:
                for piece in _pieces(content):
                    out.write(piece)
            if place in _STARTED_BY_HAND:
                path.chmod(0o755)
    except OSError as error:
        raise AdvisorError(_refused(folder, error)) from None


def _refused(target: Path, error: OSError) -> Problem:
    what = f"We could not write {target.name} ({error.strerror or 'the disk refused it'})."
    return Problem("NO_ACCESS", "--out", what, "", "Choose another folder, or make room on the disk.")


def _pieces(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(2**20):
            yield piece


def _job(kit: Kit) -> dict[str, object]:
    inputs = None if kit.inputs is None else f"inputs/{kit.inputs.name}" if kit.inputs.is_file() else "inputs"
    model = None if kit.model is None else f"model/{kit.model.name}"
    return {"model": model, "inputs": inputs, "sizes": dict(kit.sizes), "seconds": kit.seconds, "machine": kit.machine}


def _distributions() -> dict[str, metadata.Distribution]:
    """The installed packages that a test needs, with all that they need in turn."""
    found: dict[str, metadata.Distribution] = {}
    open_names = [*NEEDED, *_ALSO]
    while open_names:
        name = re.sub(r"[-_.]+", "-", open_names.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            # Asked for on other systems only.
            continue
        for asked in found[name].requires or ():
            if "extra ==" not in asked:
                named = re.match(r"[A-Za-z0-9._-]+", asked)
                open_names += [named[0]] if named else []
    return found


def _pins(kit: Kit) -> list[str]:
    """The packages by name and the very version that runs here; what a system needs beyond them is found by pip."""
    wanted = [n for n in (*NEEDED, *_ALSO) if not (kit.for_card and n == _RUNNER)]
    pins = [f"{n}=={metadata.version(n)}" for n in wanted]
    # Another package holds the build for NVIDIA cards; its versions are not ours.
    return [*pins, _RUNNER_FOR_CARDS] if kit.for_card else pins


def _libraries() -> Iterator[tuple[str, Path]]:
    for one in _distributions().values():
        for file in one.files or ():
            path = Path(str(file.locate()))
            # Programs that packages put beside Python are of no use elsewhere.
            if ".." not in file.parts and "__pycache__" not in file.parts and path.is_file():
                yield f"packages/{file.as_posix()}", path


def _read_me(kit: Kit) -> str:
    model = (
        "" if kit.model is not None else "0. Put your model (one .onnx file, with the files that belong to it) into the folder “model”.\n"
    )
    return (
        "A speed test of an AI model, made by Edgewise\n"
        "\n"
        f"{model}"
        "1. Copy this whole folder to the computer that shall be tested.\n"
        "2. Start it there: on Windows double-click start.bat; on Linux or macOS type  sh start.sh  in this folder.\n"
        f"3. It takes about {kit.seconds + 30:.0f} seconds. Close other programs first, and leave the computer alone meanwhile.\n"
        "4. Take the file M.json back. Use it with:  python -m advisor advise NEED.json --measurement M.json --out A.json\n"
        "\n"
        "The computer needs Python 3.11, 3.12 or 3.13. Nothing is installed outside this folder, and nothing is sent anywhere:\n"
        "delete the folder and all is as before. If the libraries in it are for another kind of computer, or there are none, they\n"
        "are fetched once from Python's package index, which needs the internet.\n"
    )
