"""Slimmer copies of a model (smaller numbers inside): how they were made and timed, and whether their answers agree.

A copy is never advised for its speed alone: it must answer the owner's own samples as the model itself does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Of 100 answers so many must be the same, and the samples must be enough to say so with 95 % confidence: 73 alike of 73 do.
AGREES: Final = 0.95
_Z: Final = 1.959964
_LEAST_ROUNDS: Final = 3
# In every round the copy must take at most this share of the model's own time: less is within the sway of rounds.
FASTER: Final = 0.95


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often a copy answered as the model does: the share and its Wilson range (95 %) over `n` answers.

    `inputs` is `sample` (the owner's) or `made-up`. `rule` says what counts as the same answer: `top-1` (the same class
    first), `top-1-and-near` (also no number off by more than a twentieth of the answer's span), `close` (no number off by
    more than a hundredth of the span of all answers), `exact`. `distinct` counts the different answers of the model itself
    where answers are classes (1: all alike, which shows little); `largest_change` is the most that any number moved, as a
    share of the span.
    """

    same_share: float
    low: float
    high: float
    n: int
    inputs: str = "made-up"
    rule: str = ""
    distinct: int | None = None
    largest_change: float | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """One slimmer copy. `how` is `dynamic`, `static` (set up with the owner's samples) or `half`; sizes in MB (10^6 bytes).

    `round_ms` are the medians of its rounds, each a fresh process, and `beside_ms` those of the model itself, timed by turns
    with it in the same process: only these two may be compared, as the computer was equally busy. `left_out` says in plain
    words why there is no copy or no time, `detail` the same for a specialist.
    """

    precision: str
    how: str
    size_mb: float | None = None
    as_is_size_mb: float | None = None
    round_ms: tuple[float, ...] = ()
    beside_ms: tuple[float, ...] = ()
    left_out: str = ""
    detail: str = ""

    @property
    def takes(self) -> tuple[float, float, float] | None:
        """The time of the copy as a share of the model's own: least, middle and most over the rounds; `None` without rounds."""
        shares = sorted(c / m for c, m in zip(self.round_ms, self.beside_ms, strict=True))
        return (shares[0], median(shares), shares[-1]) if shares else None


def wilson(same: int, n: int) -> tuple[float, float]:
    """The 95 % range of a share, `same` of `n` (Wilson 1927, Journal of the American Statistical Association 22, 209-212)."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = same / n, _Z**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # Rounding must not push the ends past what was seen.
    return max(min(middle - half, share), 0.0), min(max(middle + half, share), 1.0)


def agrees(a: Agreement | None) -> bool:
    """Whether a copy's answers may be relied on for the owner's own work."""
    return a is not None and a.inputs == "sample" and a.low >= AGREES and a.distinct != 1


def is_faster(copy: Copy) -> bool:
    """Whether the copy was clearly faster than the model in every round."""
    return len(copy.round_ms) >= _LEAST_ROUNDS and copy.takes is not None and copy.takes[2] <= FASTER


def advised(copies: Sequence[Copy], agreement: Mapping[str, Agreement]) -> Copy | None:
    """The fastest copy that is surely faster and answers as the model does; `None` if there is none."""
    good = [(c.takes[1], c) for c in copies if c.takes is not None and is_faster(c) and agrees(agreement.get(c.precision))]
    return min(good, key=lambda g: g[0])[1] if good else None


def verdict(copy: Copy, a: Agreement | None) -> str:
    """What is to be made of a copy: `advised`, `alike` (but not surely faster), `made-up`, `all-alike`, `few` or `differs`."""
    if a is None or a.inputs != "sample":
        return "made-up"
    if a.same_share < AGREES:
        return "differs"
    if a.distinct == 1:
        return "all-alike"
    if agrees(a):
        return "advised" if is_faster(copy) else "alike"
    return "few"


def in_words(copy: Copy, a: Agreement | None, number: Callable[[float], str] = "{:.2f}".format) -> str:
    """A copy that was timed, in two or three plain sentences; '' for one that was not. `number` writes a share of the time."""
    if copy.takes is None:
        return ""
    least, middle, most = (number(x) for x in copy.takes)
    time = f"A copy with {NAMES.get(copy.how, copy.how)} takes {middle} of the model's own time ({least} to {most})"
    same = ""
    if a is not None:
        same = f" and gave the same answer to {round(a.same_share * a.n)} of {a.n} {INPUTS.get(a.inputs, a.inputs)}"
    return f"{time}{same}. {_ENDS[verdict(copy, a)]}"


NAMES: Final[Mapping[str, str]] = {
    "dynamic": "8-bit numbers",
    "static": "8-bit numbers, set up with your samples",
    "half": "half-length numbers",
}
INPUTS: Final[Mapping[str, str]] = {"sample": "of your samples", "made-up": "made-up inputs"}
_ENDS: Final[Mapping[str, str]] = {
    "advised": "It may stand in for the model.",
    "alike": "It is not clearly faster, so keep the model as it is.",
    "made-up": "Made-up inputs say little about yours, so we do not count on it: measure again with samples of your own.",
    "all-alike": "But the model gave all of them the same answer, which shows little: measure again with samples that differ.",
    "few": "These are too few to count on it: measure again with more samples of your own.",
    "differs": "Too many answers change, so keep the model as it is.",
}
