"""How many machines the offers of a catalog need: reckoned for each kind of machine, and alone only where the way there decides."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from advisor.load import Sizing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from advisor.options.field import Field

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    _Value = TypeVar("_Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Machines and what they do, by kind of machine; `apart` is the same of those offers (`rows`, rising) that differ from their kind."""

    kinds: Sizing
    rows: Ints
    apart: Sizing

    def over(self, field: Field, of: Callable[[Sizing], NDArray[_Value]]) -> NDArray[_Value]:
        """One column of the sizing for every offer, shape (n,)."""
        values = field.unit(of(self.kinds))
        values[self.rows] = of(self.apart)
        return values

    def machines(self, field: Field, i: int) -> int:
        """How many machines offer `i` needs."""
        k = int(np.searchsorted(self.rows, i))
        return int(self.apart.units[k] if k < len(self.rows) and self.rows[k] == i else self.kinds.units[field.kind_of[i]])


def alike(kinds: Sizing) -> Fleet:
    """Machines of which every offer of a kind needs as many."""
    none = np.zeros(0, dtype=np.int64)
    return Fleet(kinds, none, _part(kinds, none))


def sized_offers(field: Field, size: Callable[[Ints, Floats | None], Sizing], alone_s: Floats, room_s: Floats | None) -> Fleet:
    """The machines of every offer, with no more work than there are different answers.

    Without a limit the fewest machines follow from the kind alone. Most offers keep the limit with those, or with none; for the
    others the shortest and the longest time that the way leaves to a kind are tried: where both ask for the same number of
    machines, so does every time between them. Only what is left is sized offer by offer.

    Args:
        size: `advisor.load.sized` of machines of these kinds for these limits [s] (`None` = nobody waits).
        alone_s: what a machine of each kind takes when nobody else is there [s]: a limit below it can never be kept.
        room_s: what the owner's limit leaves each offer, shape (n,); `None` = nobody waits.
    """
    every = size(np.arange(len(alone_s)), None)
    if room_s is None:
        return alike(every)
    rows = np.flatnonzero(field.unit(every.p_s) > room_s)
    kinds, room = field.kind_of[rows], room_s[rows]
    # No number of machines makes a single piece of work quicker.
    can = alone_s[kinds] <= room
    rows, kinds, room = rows[can], kinds[can], room[can]
    shortest, longest = np.full(len(alone_s), np.inf), np.full(len(alone_s), -np.inf)
    np.minimum.at(shortest, kinds, room)
    np.maximum.at(longest, kinds, room)
    seen = np.flatnonzero(np.isfinite(shortest))
    place = np.zeros(len(alone_s), dtype=np.int64)
    place[seen] = np.arange(len(seen))
    tight, loose = size(seen, shortest[seen]), size(seen, longest[seen])
    apart = _part(tight, place[kinds])
    differ = np.flatnonzero((tight.units != loose.units)[place[kinds]])
    if len(differ):
        own = size(kinds[differ], room[differ])
        for f in fields(Sizing):
            getattr(apart, f.name)[differ] = getattr(own, f.name)
    return Fleet(every, rows, replace(apart, enough=apart.p_s <= room))


def _part(sizing: Sizing, rows: Ints) -> Sizing:
    return Sizing(**{f.name: getattr(sizing, f.name)[rows] for f in fields(Sizing)})
