"""What may be asked on the command line, and plain words where it was asked wrongly."""

from __future__ import annotations

import argparse
import re
from datetime import date
from pathlib import Path
from typing import Final, NoReturn

from advisor import __version__
from advisor.problems import AdvisorError, Problem

NAME: Final = "python -m advisor"
LANGUAGES: Final = ("en", "de")
PRECISIONS: Final = ("as-is", "int8", "fp16", "all")
_SEED_BITS: Final = 32
_LONGEST_NAME: Final = 120


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise AdvisorError(_plain(message, self.prog))


def _plain(message: str, prog: str) -> Problem:
    help_ = f"See {prog} --help."
    if found := re.match(r"the following arguments are required: (.*)", message):
        names = found[1]
        if "command" in names or "what" in names:
            return _wrong("", "You did not say what to do.", help_)
        return _wrong(names.split(",")[0].split("/")[0], f"The command needs {names}.", help_)
    if found := re.match(r"unrecognized arguments: (.*)", message):
        return _wrong(found[1].split()[0], f"We do not know {found[1]}.", help_)
    if found := re.match(r"argument (?:command|what): invalid choice: '?(.*?)'? \(choose from (.*)\)", message):
        return _wrong("", f"We know no command called {found[1]}.", f"Use one of: {found[2].replace(chr(39), '')}.")
    if found := re.match(r"argument ([^:]*): invalid choice: '?(.*?)'? \(choose from (.*)\)", message):
        return _wrong(found[1], f"{found[1]} cannot be {found[2]}.", f"Use one of: {found[3].replace(chr(39), '')}.")
    if found := re.match(r"argument ([^:]*): expected", message):
        return _wrong(found[1], f"{found[1]} needs a value after it.", help_)
    if found := re.match(r"argument ([^:]*): (.*)", message, re.DOTALL):
        return _wrong(found[1], f"{found[1]} {found[2]}.", help_)
    return _wrong("", f"We did not understand: {message}.", help_)


def _wrong(field: str, what: str, do: str) -> Problem:
    return Problem("BAD_ARGUMENT", field, what, "", do)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; raises `AdvisorError` where argparse would end the program."""
    top = _Parser(prog=NAME, allow_abbrev=False, description="Where should a small firm run its AI model? No window, no network.")
    top.add_argument("--version", action="version", version=f"Edgewise {__version__}")
    # These two are taken wherever they stand (see `take_switches`); here they are only described.
    top.add_argument("--json-errors", action="store_true", help="tell what stands in the way as JSON, all of it")
    top.add_argument("--debug", action="store_true", help="show the details of a fault of ours")
    every = top.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, words: str) -> argparse.ArgumentParser:
        return every.add_parser(name, help=words, description=words, allow_abbrev=False)

    def model(one: argparse.ArgumentParser, *, may_be_missing: bool = False) -> None:
        if may_be_missing:
            one.add_argument("--model", type=Path, metavar="MODEL.onnx", help="the model file, to be sent along")
        else:
            one.add_argument("model", type=Path, metavar="MODEL.onnx", help="the model file")
        one.add_argument("--inputs", type=Path, metavar="FILE_OR_DIR", help="sample inputs (.npz, .npy, .csv, .txt, pictures)")
        one.add_argument("--size", type=_size, action="append", default=[], metavar="NAME=N", help="a size that the model leaves open")

    one = command("measure", "time your model on this computer")
    model(one)
    _seconds(one)
    one.add_argument("--precision", choices=PRECISIONS, default="as-is", help="which copies of the model to time (as-is)")
    one.add_argument("--machine", type=_name, metavar="NAME", help="which machine this is, where it is not your own computer")
    _out(one, "M.json", "the measurement")
    one = command("profile", "read the facts of a model file without running it")
    model(one)
    _out(one, "P.json", "the facts")

    one = command("pack", "pack the test with your model into one file, for another computer")
    model(one)
    _seconds(one)
    # Without a name the result could be taken for one of this computer.
    one.add_argument("--machine", type=_name, required=True, metavar="NAME", help="the other computer's name, as in your answers")
    one.add_argument("--without-packages", action="store_true", help="a small file; the other computer fetches the libraries")
    _out(one, "edgewise-test.zip", "the file")

    one = command("predict", "forecast many times for many machines")
    one.add_argument("--requests", type=Path, required=True, metavar="R.csv", help="what is asked")
    one.add_argument("--known", type=Path, required=True, metavar="K.csv", help="what is known of the own machine")
    one.add_argument("--specs", type=Path, metavar="S.csv", help="data sheets of new machines")
    one.add_argument("--withhold", type=Path, metavar="W.csv", help="published rows not to be used")
    _catalog(one)
    _out(one, "P.csv", "the forecasts")

    one = command("advise", "work the whole answer out and write the report")
    one.add_argument("need", type=Path, metavar="NEED.json", help="your answers")
    one.add_argument("--measurement", type=Path, action="append", default=[], metavar="M.json", help="a measurement; may be given again")
    one.add_argument("--health", type=Path, metavar="H.json", help="a health check of model and data")
    _catalog(one)
    _out(one, "A.json", "the answer")
    one.add_argument("--pdf", type=Path, metavar="R.pdf", help="write the report here too")
    one.add_argument("--seed", type=_seed, default=1, help="start of the made-up futures (1)")
    _today(one)
    one.add_argument("--language", choices=LANGUAGES, default="en", help="language of the report (en)")

    one = command("replay", "work the answer inside a saved report out again")
    one.add_argument("report", type=Path, metavar="REPORT.pdf", help="a report that this program saved")
    _catalog(one)
    _out(one, "A.json", "the answer")

    one = command("demo", "the example from start to end: make a model, time it, advise, write the report")
    one.add_argument("--out-dir", type=Path, default=Path("out"), metavar="DIR", help="where to put the files (out)")
    one.add_argument("--seconds", type=_number, default=10.0, help="how long to time the model, about (10)")
    _today(one)

    one = command("check", "check the health of a model and its data")
    one.add_argument("model", type=Path, metavar="MODEL.onnx")
    one.add_argument("--data", type=Path, required=True, metavar="DIR")
    one.add_argument("--labels", type=Path, metavar="CSV")
    one.add_argument("--baseline", type=Path, metavar="B.json")
    one.add_argument("--against", type=Path, metavar="OTHER.onnx")
    _out(one, "H.json", "the result")

    one = command("export-verification", "write a task that measures on the machine we advise to rent")
    one.add_argument("advice", type=Path, metavar="A.json")
    one.add_argument("--option", required=True, metavar="ID")
    model(one, may_be_missing=True)
    _seconds(one)
    _out(one, "task.yaml", "the task")

    kinds = command("catalog", "age, sanity and updates of the price catalog").add_subparsers(dest="what", required=True, metavar="what")
    for name, words in (("status", "how old the catalog is"), ("check", "whether every row can be trusted")):
        one = kinds.add_parser(name, help=words, description=words, allow_abbrev=False)
        _catalog(one)
        if name == "status":
            _today(one)
    words = "show what a newer catalog changes, and take it over"
    one = kinds.add_parser("import", help=words, description=words, allow_abbrev=False)
    one.add_argument("file", type=Path, metavar="FILE", help="a catalog update from the makers of this program")
    one.add_argument("--yes", action="store_true", help="take it over after showing what changes")
    _today(one)
    words = "go back to the catalog before"
    kinds.add_parser("rollback", help=words, description=words, allow_abbrev=False)
    return top


def take_switches(arguments: list[str]) -> tuple[list[str], bool, bool]:
    """The arguments without `--json-errors` and `--debug`, and whether each was there."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    mine, rest = arguments[:end], arguments[end:]
    return [a for a in mine if a not in ("--json-errors", "--debug")] + rest, "--json-errors" in mine, "--debug" in mine


def _out(one: argparse.ArgumentParser, name: str, what: str) -> None:
    one.add_argument("--out", type=Path, required=True, metavar=name, help=f"where to write {what}")


def _seconds(one: argparse.ArgumentParser) -> None:
    one.add_argument("--seconds", type=_number, default=30.0, help="how long it may take, about (30)")


def _catalog(one: argparse.ArgumentParser) -> None:
    one.add_argument("--catalog", type=Path, metavar="DIR", help="another price catalog")


def _today(one: argparse.ArgumentParser) -> None:
    one.add_argument("--today", type=_day, metavar="YYYY-MM-DD", help="the day to work it out for; the clock is not read")


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise argparse.ArgumentTypeError(f"is “{text}”, which is not a number")
    return value


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise argparse.ArgumentTypeError(f"must be a name of 1 to {_LONGEST_NAME} letters")
    return name


def _seed(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) >= 2**_SEED_BITS:
        raise argparse.ArgumentTypeError(f"is “{text}”; it must be a whole number from 0 to {2**_SEED_BITS - 1}")
    return int(text)


def _day(text: str) -> date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"is “{text}”, which is no day; write it as 2026-11-24")


def _size(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"(.+)=([0-9]{1,9})", text, re.DOTALL)
    if not found:
        raise argparse.ArgumentTypeError(f"is “{text}”; write a name, “=” and a whole number, such as height=640")
    return found[1], int(found[2])
