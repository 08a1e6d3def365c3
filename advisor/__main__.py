"""`python -m advisor ...`: the thinking without a window. `--help` lists the commands."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from advisor.commands import telling
from advisor.commands.parsing import parser, take_switches
from advisor.problems import AdvisorError, ExitCode, Problem

if TYPE_CHECKING:
    from argparse import Namespace


def main(arguments: list[str] | None = None) -> int:
    """Do what was asked; the exit code (see `ExitCode`). Only `--help` and `--version` end the program from inside."""
    given, as_json, debug = take_switches(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(parser().parse_args(given))
    except AdvisorError as error:
        telling.tell_problems(error.problems, as_json=as_json)
        return error.exit_code
    except KeyboardInterrupt:
        stopped = telling.stopped()
        telling.tell_problems(stopped.problems, as_json=as_json)
        return stopped.exit_code
    except Exception as error:  # noqa: BLE001 -- the last place where a fault of ours can still be told in plain words
        telling.tell_defect(error, as_json=as_json, debug=debug)
        return ExitCode.DEFECT


def _run(asked: Namespace) -> int:
    # Each command imports only what it needs: an answer must not wait for libraries it does not use.
    match asked.command, getattr(asked, "what", None):
        case "advise", _:
            from advisor.commands import advising

            return advising.advise(asked)
        case "replay", _:
            from advisor.commands import advising

            return advising.replay(asked)
        case "measure", _:
            from advisor.commands import measuring

            return measuring.measure(asked)
        case "profile", _:
            from advisor.commands import measuring

            return measuring.profile(asked)
        case "predict", _:
            from advisor.commands import forecasting

            return forecasting.predict(asked)
        case "pack", _:
            from advisor.commands import carrying

            return carrying.pack(asked)
        case "export-verification", _:
            from advisor.commands import carrying

            return carrying.export_verification(asked)
        case "demo", _:
            from advisor.commands import demo

            return demo.demo(asked)
        case "catalog", "status":
            from advisor.commands import catalogs, updates

            if asked.catalog is None:
                updates.warn_if_passed_over()
            return catalogs.status(asked)
        case "catalog", "check":
            from advisor.commands import catalogs

            return catalogs.check(asked)
        case "catalog", "import":
            from advisor.commands import updates

            return updates.take(asked)
        case "catalog", "rollback":
            from advisor.commands import updates

            return updates.back(asked)
        case command, what:
            raise AdvisorError(_not_yet(" ".join(filter(None, (command, what)))))


def _not_yet(command: str) -> Problem:
    does, instead = {
        "check": ("check the health of a model and its data", "Tell us in quality.health what you know of it."),
    }[command]
    return Problem("NOT_YET", command, f"This version cannot {does} yet.", "", instead)


def _run_and_end() -> NoReturn:
    # A polite request to end is a cancel like Ctrl-C: processes are ended and nothing half-done is left.
    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    sys.exit(main())


if __name__ == "__main__":
    _run_and_end()
