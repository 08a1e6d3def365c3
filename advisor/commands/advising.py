"""`advise` and `replay`: the whole calculation, from files to files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from advisor.commands.files import Draft, refuse, target_problems
from advisor.commands.places import catalog_folder, shelf
from advisor.commands.telling import say, warn
from advisor.problems import AdvisorError, ExitCode, Problem
from advisor.schema_check import check, parse_json, read_bytes

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from advisor.advice import Advice
    from advisor.measurement import Measurement
    from advisor.model_profile import ModelProfile
    from advisor.need import Need

_T = TypeVar("_T")
_NEED: Final = "a file of your answers (NEED.json)"
_MEASUREMENT: Final = "a measurement (M.json)"
_HEALTH: Final = "a health check (H.json)"
_PROFILE: Final = "the facts of a model (P.json)"


@dataclass(frozen=True, slots=True)
class Given:
    """Everything that came in, read; `files` are the bytes as they were, by the name they get inside the report."""

    need: Need
    profile: ModelProfile | None
    measurements: tuple[Measurement, ...]
    health: Mapping[str, Any] | None
    files: Mapping[str, bytes]


def advise(asked: Namespace) -> int:
    """`advise NEED.json ... --out A.json [--pdf R.pdf]`.

    Raises:
        AdvisorError: with everything that stands in the way; then nothing was written.
    """
    sources = [asked.need, *asked.measurement, *([asked.health] if asked.health else [])]
    problems = target_problems("--out", asked.out, sources)
    if asked.pdf is not None:
        problems += target_problems("--pdf", asked.pdf, sources)
        if asked.pdf.absolute() == asked.out.absolute():
            problems.append(Problem("BAD_ARGUMENT", "--pdf", "--out and --pdf name the same file.", "", "Give two names."))
    try:
        given = read(asked.need, asked.measurement, asked.health)
    except AdvisorError as error:
        refuse((*error.problems, *problems))
        raise
    refuse(problems)
    today = asked.today or datetime.now().astimezone().date()
    advice = answer(given, asked.catalog or catalog_folder(), today=today, seed=asked.seed, language=asked.language)
    write(advice, given.files, asked.out, asked.pdf)
    return ExitCode.DONE


def read(need_path: Path, measurement_paths: list[Path], health_path: Path | None) -> Given:
    """All inputs, each read once.

    Raises:
        AdvisorError: with the problems of all files.
    """
    from advisor import measurement as measurements
    from advisor import need as needs

    problems: list[Problem] = []
    files: dict[str, bytes] = {}

    def taken(name: str, path: Path, what: str, build: Callable[[dict[str, Any]], _T]) -> _T | None:
        try:
            content = read_bytes(path, what)
            found = build(parse_json(content, path.name or str(path), what))
        except AdvisorError as error:
            # The fields of the need speak for themselves; with several files the name must be said.
            where = "" if name == "NEED.json" or path.name in error.problems[0].what_happened else f"{path.name}: "
            problems.extend(replace(p, what_happened=where + p.what_happened) for p in error.problems)
            return None
        files[name] = content
        return found

    need = taken("NEED.json", need_path, _NEED, needs.from_json)
    measured = []
    for number, path in enumerate(measurement_paths, 1):
        measured.append(taken("M.json" if number == 1 else f"M-{number}.json", path, _MEASUREMENT, measurements.from_json))
    if health_path is None and need is not None and need.quality.health not in (None, "passed", "failed", "not-sure"):
        health_path = need_path.parent / str(need.quality.health)
    health = None if health_path is None else taken("H.json", health_path, _HEALTH, _health)
    refuse(problems)
    assert need is not None
    kept = tuple(m for m in measured if m is not None)
    profile = _profile(need, need_path.parent, kept, files)
    return Given(need, profile, kept, health, files)


def _health(document: dict[str, Any]) -> dict[str, Any]:
    check(document, "health")
    return document


def _profile(need: Need, folder: Path, measured: tuple[Measurement, ...], files: dict[str, bytes]) -> ModelProfile | None:
    """The facts of the owner's model file, read in a process of its own; what was timed fills in what they lack.

    Raises:
        AdvisorError: the model cannot be read, or the measurements are of other models.
    """
    from advisor.need import OnnxModel

    model = need.job.model
    if not isinstance(model, OnnxModel):
        return None
    import json

    from advisor.benchmark.client import profile

    try:
        found = profile(folder / model.path)
    except AdvisorError as error:
        if measured and error.problems[0].code == "NO_ACCESS":
            # A measurement tells enough of a model that lies on another computer.
            _refuse_others(measured, measured[0].model.sha256, measured[0].model.name)
            return None
        raise AdvisorError([replace(p, field="job.model.onnx") for p in error.problems], error.exit_code) from None
    _refuse_others(measured, found.sha256, found.name)
    if measured and found.gmacs is None:
        found = replace(found, gmacs=measured[0].model.gmacs, activations_millions=measured[0].model.activations_millions)
    files["P.json"] = (json.dumps(found.to_json(), ensure_ascii=False, indent=1) + "\n").encode()
    return found


def _refuse_others(measured: tuple[Measurement, ...], sha256: str, name: str) -> None:
    """Nothing, if all measurements are of this model file.

    Raises:
        AdvisorError: naming each that is not.
    """
    refuse(
        Problem(
            "BAD_FIELD",
            "--measurement",
            f"The measurement is of another model ({m.model.name}), not of {name}."
            if m.model.name != name
            else f"The measurement is of another file that is also called {name}.",
            "Its times would mislead you.",
            f"Measure {name}, or leave it out.",
        )
        for m in measured
        if m.model.sha256 != sha256
    )


def answer(given: Given, folder: Path, *, today: date, seed: int, language: str) -> Advice:
    """The advice on what was given, from the catalog in `folder`.

    Raises:
        AdvisorError: the catalog is damaged, or something in the answers cannot be worked with.
    """
    from advisor import catalog
    from advisor.answer import Inputs
    from advisor.answer import advise as work_out

    inputs = Inputs(given.need, profile=given.profile, measurements=given.measurements, health=given.health)
    return work_out(inputs, catalog.load(folder), today=today, seed=seed, language=language)


def write(advice: Advice, files: Mapping[str, bytes], out: Path, pdf: Path | None) -> None:
    """Both results or none.

    Raises:
        AdvisorError: a folder or the disk does not take them.
    """
    draft = Draft("--out", out, advice.to_bytes())
    try:
        if pdf is not None:
            from advisor.report import attachments_for, write_pdf

            outcome = write_pdf(advice, attachments_for(advice, files), pdf)
            if outcome.replaced:
                warn(f"The report has no letters for {', '.join(outcome.replaced[:5])}; a box stands in their place.")
    except BaseException:
        draft.drop()
        raise
    draft.keep()


def replay(asked: Namespace) -> int:
    """`replay REPORT.pdf --out A.json`: the same inputs, catalog, day, seed and language once more.

    Raises:
        AdvisorError: the report carries no inputs of ours, or the catalog it was made with is not here.
    """
    from advisor import catalog
    from advisor.report.attachments import read_attachments

    refuse(target_problems("--out", asked.out, [asked.report]))
    inside = read_attachments(asked.report)
    then = _provenance(inside, asked.report.name)
    given = _given(inside)
    # Catalogs that were replaced are kept, so that an older report can still be worked out again.
    folders = (asked.catalog,) if asked.catalog else (catalog_folder(), *(k.folder for k in shelf().kept()))
    folder = next((f for f in folders if catalog.load(f).sha256 == then["catalog_sha256"]), None)
    if folder is None:
        what = f"The report was worked out with the catalog {then['catalog_version']}; here is {catalog.load(folders[0]).version}."
        raise AdvisorError(
            Problem(
                "CATALOG", "--catalog", what, "Other prices would give another answer.",
                "Give the folder of that catalog with --catalog, or use advise for an answer of today.",
            )
        )  # fmt: skip
    advice = answer(given, folder, today=date.fromisoformat(then["today"]), seed=int(then["seed"]), language=str(then["language"]))
    content = advice.to_bytes()
    Draft("--out", asked.out, content).keep()
    if "A.json" in inside:
        same = inside["A.json"] == content
        say("The answer is the same as in the report, to the last byte." if same else _differs(then["app_version"]))
    return ExitCode.DONE


def _differs(version: str) -> str:
    from advisor import __version__

    why = f" It was made with version {version}, this is {__version__}." if version != __version__ else ""
    return f"The answer differs from the one in the report.{why}"


def _provenance(inside: Mapping[str, bytes], name: str) -> dict[str, Any]:
    if "provenance.json" not in inside:
        raise AdvisorError(_not_replayable(name))
    found = parse_json(inside["provenance.json"], "provenance.json", "the origin of a report")
    try:
        date.fromisoformat(found["today"])
        if not (isinstance(found["seed"], int) and found["language"] in ("en", "de")):
            raise AdvisorError(_not_replayable(name))
        str(found["catalog_sha256"] + found["catalog_version"] + found["app_version"])
    except (KeyError, TypeError, ValueError):
        raise AdvisorError(_not_replayable(name)) from None
    return found


def _not_replayable(name: str) -> Problem:
    return Problem(
        "NOT_A_REPORT", name, f"{name} does not say what it was worked out from.",
        "Without that we cannot work it out again.", "Choose the report as Edgewise saved it.",
    )  # fmt: skip


def _given(inside: Mapping[str, bytes]) -> Given:
    from advisor import measurement as measurements
    from advisor import model_profile
    from advisor import need as needs

    need = needs.from_json(parse_json(inside["NEED.json"], "NEED.json", _NEED))
    names = sorted((n for n in inside if n == "M.json" or (n.startswith("M-") and n.endswith(".json"))), key=lambda n: (len(n), n))
    measured = tuple(measurements.from_json(parse_json(inside[n], n, _MEASUREMENT)) for n in names)
    health = _health(parse_json(inside["H.json"], "H.json", _HEALTH)) if "H.json" in inside else None
    profile = model_profile.from_json(parse_json(inside["P.json"], "P.json", _PROFILE)) if "P.json" in inside else None
    return Given(need, profile, measured, health, {})
