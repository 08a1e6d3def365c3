"""The only errors a person ever sees: what happened, what it means, what to do.

`AdvisorError` carries one or more problems; the command line prints them and the window shows them beside the
field. Anything else that is raised is a defect of ours.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitCode(IntEnum):
    """What the command line returns."""

    DONE = 0
    DEFECT = 1
    REFUSED = 2
    STOPPED = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stands in the way.

    `code` is a stable word in capitals (BAD_FIELD, NOT_A_MODEL, TOO_SLOW ...). `field` is the dotted path of the
    input it concerns (`load.units_per_day`) or a file's name, empty where there is none.
    """

    code: str
    field: str
    what_happened: str
    what_it_means: str
    what_to_do: str

    def sentence(self) -> str:
        """All three parts as one line of plain words."""
        return " ".join(part for part in (self.what_happened, self.what_it_means, self.what_to_do) if part)

    def to_json(self) -> dict[str, str]:
        """As the contract's `{code, field, what_happened, what_it_means, what_to_do}`."""
        return asdict(self)


class AdvisorError(Exception):
    """Raised when the input cannot be used; carries every problem found, not only the first.

    `exit_code` is REFUSED for a bad input and STOPPED where a limit or a cancel ended a run.
    """

    def __init__(self, problems: Problem | Iterable[Problem], exit_code: ExitCode = ExitCode.REFUSED) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.exit_code = exit_code
        super().__init__("; ".join(p.sentence() for p in self.problems))
