"""The benchmark process: one job in on stdin, events out on stdout, the end when stdin closes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NoReturn

from advisor.benchmark import confinement, refusals
from advisor.benchmark.protocol import LINE_LIMIT, Event, Failed, Finished, Job, Progress, Started, event_line, parse_job
from advisor.problems import AdvisorError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

# Beyond the time that a step may take, for starting and for telling its result.
_SPARE_S: Final = 5.0


def main() -> int:
    """Does one job; the exit code is that of the command line."""
    out = _own_output()
    stdin = sys.stdin.buffer
    line = stdin.readline(LINE_LIMIT)
    try:
        job = parse_job(line)
    except ValueError:
        return ExitCode.DEFECT
    confinement.report_nothing()
    confinement.end_with_parent(stdin)
    # Only a step touches the model; a slimmer copy of a large one takes room of its size.
    confinement.limit_files(int(job.step.get("room_bytes", 0)), may_lend=job.kind == "measure")

    def tell(event: Event) -> None:
        out.write(event_line(event))
        out.flush()

    tell(Started(os.getpid()))
    name = Path(job.path).name
    try:
        tell(_work(job, tell))
    except AdvisorError as error:
        tell(Failed(error.problems, error.exit_code))
        return error.exit_code
    except MemoryError:
        tell(Failed((refusals.too_big(name, "needs more memory than we may use", job.limits.memory_bytes),)))
        return ExitCode.REFUSED
    except Exception as error:  # noqa: BLE001 -- the last place where our own fault can still be told in plain words
        tell(Failed((refusals.defect(name, f"{type(error).__name__}: {error}"),), ExitCode.DEFECT))
        return ExitCode.DEFECT
    return ExitCode.DONE


def _own_output() -> IO[bytes]:
    """The pipe for events alone: whatever native code prints goes to stderr instead."""
    # Left open to the very end: a closed pipe would tell the asking side that we are gone while we are not.
    own = os.fdopen(os.dup(1), "wb", closefd=False)
    os.dup2(2, 1)
    return own


def _work(job: Job, tell: Callable[[Event], None]) -> Finished:
    if job.kind == "step":
        from advisor.benchmark.all_steps import STEPS

        cores = os.cpu_count() or 1
        confinement.limit(job.limits.memory_bytes, (job.limits.total_s + _SPARE_S) * cores)
        step = STEPS[str(job.step["name"])]
        return Finished(step(job, lambda stage, text: tell(Progress(stage, 0.0, text))))
    from advisor.benchmark import conduct

    if job.kind == "profile":
        return Finished(conduct.profile(job, tell).to_json())
    return Finished(conduct.measure(job, tell).to_json())


def run() -> NoReturn:
    """Does one job and ends at once: no library's clean-up after a broken model shall hold us up."""
    code = main()
    os._exit(code)


if __name__ == "__main__":
    run()
