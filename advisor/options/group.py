"""Candidates of one kind, side by side in arrays: what each would do, cost and break.

A group holds n candidates as arrays, so that a rule or a sum over the whole catalog is one line of NumPy. Only the
few that are shown are turned into `Option` values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from advisor.advice import Kind, Part
    from advisor.cost import Bills
    from advisor.evidence import Basis
    from advisor.queue_simulation import Queued

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]


# Every candidate of a group.
ALL: Final = slice(None)
# In the building or the same country; another member of the European Union for an owner there; elsewhere or unknown.
HERE: Final = 0.0
NEAR: Final = 1.0
FAR: Final = 2.0


@dataclass(frozen=True, slots=True)
class Removal:
    """A rule and the candidates it removes. `rule` is a key of the phrase book (`rule.place-of-data`)."""

    rule: str
    mask: Bools


@dataclass(frozen=True, slots=True)
class Looks:
    """What one candidate is called and made of. `speed_why` is a phrase key, `speed_told` names what the time rests on.

    `falls_short`: operator types of the model that its software does not wholly run by itself.
    """

    name: str
    parts: tuple[Part, ...]
    routing: str | None
    lock_in: str
    cautions: tuple[str, ...]
    basis: Basis
    speed_why: str
    speed_told: str
    falls_short: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """n candidates of one kind; every array has shape (n,).

    Times in seconds: `p50`, `p_likely`, `p_low`, `p_high` are the median and the asked quantile with its 80 % range;
    NaN where unknown. `limit_s` is what they must keep (infinite where nobody waits). Hours are the owner's own time;
    `other_hours` are those over the horizon to train again, to teach and to leave.
    `far` is HERE, NEAR or FAR from the owner's country. `flagged` marks prices that are to be taken with caution: such a
    candidate never wins while another one does the job. `queue(i)` is the busiest hour of candidate `i`, to be played through;
    `None` where nothing queues.
    """

    kind: Kind
    ids: Callable[[int], str]
    bills: Bills
    removals: tuple[Removal, ...]
    p50: Floats
    p_likely: Floats
    p_low: Floats
    p_high: Floats
    limit_s: float
    utilisation: Floats
    setup_hours: Floats
    upkeep_hours_per_month: Floats
    energy_kwh_per_year: Floats
    flagged: Bools
    far: Floats
    sends_out: bool
    looks: Callable[[int], Looks]
    other_hours: Floats | float = 0.0
    queue: Callable[[int], Queued | None] | None = None

    @property
    def n(self) -> int:
        """How many candidates there are."""
        return self.bills.n

    def feasible(self) -> Bools:
        """Which candidates no rule removes."""
        ok = np.ones(self.n, dtype=bool)
        for removal in self.removals:
            ok &= ~removal.mask
        return ok

    def broken(self, i: int) -> tuple[str, ...]:
        """The rules that remove candidate `i`."""
        return tuple(r.rule for r in self.removals if r.mask[i])

    def speed_met(self, rows: Ints | slice = ALL) -> Floats:
        """The chance that these candidates keep the limit, from the range of their forecasts (log-normal)."""
        low, likely, high = self.p_low[rows], self.p_likely[rows], self.p_high[rows]
        if not np.isfinite(self.limit_s):
            return np.ones(len(likely))
        with np.errstate(divide="ignore", invalid="ignore"):
            # An 80 % range spans 2 x 1.2816 standard deviations.
            sigma = np.maximum(np.log(high / low) / (2 * 1.2816), 1e-6)
            z = np.log(self.limit_s / likely) / sigma
        return np.nan_to_num(normal_share(z))


def alike(value: float, n: int) -> Floats:
    """The same number for n candidates, in the memory of one; it cannot be written to."""
    return np.broadcast_to(np.float64(value), (n,))


def normal_share(z: Floats) -> Floats:
    """The share of a normal distribution below `z` (Abramowitz & Stegun 1964, 26.2.17; error below 1e-7)."""
    x = np.abs(np.nan_to_num(z, posinf=40, neginf=-40))
    t = 1 / (1 + 0.2316419 * x)
    poly = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * poly
    return np.asarray(np.where(z >= 0, 1 - tail, tail))
