"""What a window or command line and the benchmark process say to each other: one JSON object a line.

The asking side writes one job and keeps the pipe open; the process answers with events and ends when the pipe
closes. Nothing heavy is imported here, so that a window can speak it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from advisor.problems import ExitCode, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

LINE_LIMIT: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job may use: time for the whole job and for a first answer [s], memory of one process [bytes].

    `memory_bytes` of `None` lets the process work out its own share of what the computer has free.
    """

    total_s: float = 90.0
    answer_s: float = 20.0
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. `kind` is `profile` or `measure` from outside; `step` is what a job starts for itself.

    `sizes` gives free sizes by name (`height` or `input[2]`), `inputs` a sample file or folder, `seconds` the time
    to spend, `step` the name and settings of a step.
    """

    kind: str
    path: str
    sizes: Mapping[str, int] = field(default_factory=dict)
    inputs: str | None = None
    seconds: float = 30.0
    precision: str = "as-is"
    limits: Limits = Limits()
    step: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Started:
    """The process runs; its process number."""

    pid: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the job is: a stage's name, the share done (0 to 1), and words to show."""

    stage: str
    share: float
    text: str


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that lowers trust in the result, as it will stand in the measurement."""

    code: str
    text: str
    advice: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The result: a profile's or a measurement's JSON (of a step: its own values)."""

    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended without a result."""

    problems: tuple[Problem, ...]
    exit_code: ExitCode = ExitCode.REFUSED


Event: TypeAlias = Started | Progress | Warned | Finished | Failed
_NAMES: Final[dict[type, str]] = {
    Started: "started",
    Progress: "progress",
    Warned: "warned",
    Finished: "finished",
    Failed: "failed",
}


def job_line(job: Job) -> bytes:
    """The line that asks for `job`."""
    return json.dumps(asdict(job), ensure_ascii=True).encode() + b"\n"


def parse_job(line: bytes) -> Job:
    """The job that a line asks for.

    Raises:
        ValueError: the line is not a job.
    """
    try:
        asked = json.loads(line)
        return Job(**{**asked, "limits": Limits(**asked.get("limits", {}))})
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(str(error)) from None


def event_line(event: Event) -> bytes:
    """The line that tells of `event`."""
    body = asdict(event)
    if isinstance(event, Failed):
        body["exit_code"] = int(event.exit_code)
    return json.dumps({"event": _NAMES[type(event)], **body}, ensure_ascii=True, allow_nan=False).encode() + b"\n"


def parse_event(line: bytes | str) -> Event | None:
    """The event that a line tells of; `None` for anything else a process may have printed."""
    try:
        told = json.loads(line)
        kind = told.pop("event")
        match kind:
            case "started":
                return Started(int(told["pid"]))
            case "progress":
                return Progress(str(told["stage"]), float(told["share"]), str(told["text"]))
            case "warned":
                return Warned(str(told["code"]), str(told["text"]), str(told["advice"]))
            case "finished":
                return Finished(dict(told["result"]))
            case "failed":
                problems = tuple(Problem(**p) for p in told["problems"])
                return Failed(problems, ExitCode(told["exit_code"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return None
