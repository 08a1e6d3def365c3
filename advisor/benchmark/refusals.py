"""Plain words for everything that can stand between a model file and its measurement.

One function a class of answer; the classes are the codes that the command line and the window know.
"""

from __future__ import annotations

from typing import Final

from advisor.problems import Problem

_SAFE: Final = "Nothing of yours was changed."


def shown(name: str, longest: int = 80) -> str:
    """A name out of a file or folder, safe to show: no control or direction marks, not too long."""
    clean = "".join(c if c.isprintable() and c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" else "?" for c in name)
    return clean if len(clean) <= longest else f"{clean[: longest // 2 - 1]}…{clean[-(longest // 2) :]}"


def as_text(name: str) -> str:
    """A file's name as it can be written down: Linux also takes names that are no text."""
    return name.encode("utf-8", "replace").decode()


def gigabytes(size: float) -> str:
    """A size in bytes in words."""
    if size >= 1e15:
        return "millions of gigabytes"
    if size >= 1e11:
        return f"{size / 1e9:,.0f} GB"
    return f"{size / 1e9:.3g} GB" if size >= 1e8 else f"{max(size / 1e6, 0.1):.2g} MB"


def not_a_model(name: str, kind: str, advice: str = "") -> Problem:
    """The file is of another kind."""
    return Problem(
        "NOT_A_MODEL",
        shown(name),
        f"{shown(name)} is {kind}.",
        "We can only time models saved as ONNX.",
        advice or "Choose a file that ends in .onnx, or ask whoever made the model to save it as ONNX.",
    )


def damaged(name: str, how: str = "It stops in the middle or was garbled on the way.") -> Problem:
    """The file was cut short or garbled."""
    return Problem("DAMAGED", shown(name), f"{shown(name)} is damaged.", how, "Copy or download the model again.")


def missing_part(name: str, parts: tuple[str, ...]) -> Problem:
    """Files that the model needs are not beside it."""
    files = ", ".join(shown(p) for p in parts[:3])
    return Problem(
        "MISSING_PART",
        shown(name),
        f"{shown(name)} keeps its weights in a second file that is not there: {files}.",
        "Without it the model cannot run.",
        f"Put {files} into the same folder as the model.",
    )


def unsafe(name: str, why: str) -> Problem:
    """The model points outside its own folder."""
    return Problem(
        "UNSAFE",
        shown(name),
        f"{shown(name)} wants to read {why}.",
        "A model has no business there, so we stopped before reading anything.",
        "Use a model from a source that you trust, with all its files in one folder.",
    )


def unsupported(name: str, what: str) -> Problem:
    """The model uses something that we cannot run."""
    return Problem(
        "UNSUPPORTED",
        shown(name),
        f"{shown(name)} uses {what}.",
        "The program that runs models here does not know it.",
        "Ask whoever made the model to save it again with standard ONNX parts (operator set 22 or older).",
    )


def malformed(name: str, what: str = "its parts do not fit together") -> Problem:
    """The file can be read but is not a working model."""
    return Problem(
        "INVALID",
        shown(name),
        f"{shown(name)} cannot work as a model: {what}.",
        "It was probably made or changed by a faulty program.",
        "Ask whoever made the model to save it again and to run it once before sending it.",
    )


def too_big(name: str, what: str, limit: float | None = None) -> Problem:
    """It needs more memory than we may use."""
    room = f" This computer can give it about {gigabytes(limit)}." if limit else ""
    return Problem(
        "TOO_BIG",
        shown(name),
        f"{shown(name)} {what}.{room}",
        "We stopped before the computer ran out of memory.",
        "Close other programs, give smaller sizes, or measure on a computer with more memory.",
    )


def too_slow(name: str, limit_s: float, what: str = "did not give its first answer") -> Problem:
    """No answer within the limit."""
    return Problem(
        "TOO_SLOW",
        shown(name),
        f"{shown(name)} {what} within {limit_s:.0f} seconds, so we ended the test.",
        _SAFE,
        "Try again with more time (for example --seconds 180), or with smaller sizes.",
    )


def needs_sample(name: str, free: tuple[str, ...], why: str = "") -> Problem:
    """Sizes or values that only the owner knows. `free`: names of the free sizes."""
    if free:
        sizes = ", ".join(shown(f, 40) for f in free[:6])
        what = f"{shown(name)} does not say how big its input is ({sizes})."
        do = "Give it as " + " ".join(f"--size {shown(f, 40)}=NUMBER" for f in free[:6]) + ", or choose a sample file."
        why = why or "A big input can take hundreds of times longer than a small one, so we do not guess."
    else:
        what = f"{shown(name)} cannot be tried with made-up input."
        do = "Choose a sample input: a .npz file with one table of numbers for each input."
    return Problem("NEEDS_SAMPLE", shown(name), what, why, do)


def sample_fails(name: str, fed: str) -> Problem:
    """The model runs, but not with the owner's sample. `fed`: the inputs and their sizes."""
    return Problem(
        "NEEDS_SAMPLE",
        shown(name),
        f"{shown(name)} stops with an error on your sample.",
        f"It may want another size or other values than {shown(fed, 120)}.",
        "Choose a sample as the model gets it in your daily work, or ask whoever made the model what it takes.",
    )


def no_access(name: str, why: str) -> Problem:
    """The file cannot be read."""
    return Problem("NO_ACCESS", shown(name), f"We could not read {shown(name)}: {why}.", "", "Check the name and that you may open it.")


def contained(name: str, how: str) -> Problem:
    """The helper process died or got stuck in the model."""
    return Problem(
        "CONTAINED",
        shown(name),
        f"{shown(name)} made the test {how}.",
        f"The test runs apart from the rest, so your work is safe. {_SAFE}",
        "Try a sample input of the usual size, or ask whoever made the model to save it again.",
    )


def cancelled(name: str) -> Problem:
    """The owner stopped it."""
    return Problem("CANCELLED", shown(name), "The test was stopped.", f"{_SAFE}", "Start it again when it suits you.")


def defect(name: str, detail: str) -> Problem:
    """A fault of our own."""
    return Problem(
        "DEFECT",
        shown(name),
        "The test ended because of a fault in this program.",
        f"{_SAFE} ({shown(detail, 160)})",
        "Use “copy details” and send them to us.",
    )
