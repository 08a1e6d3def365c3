"""How many machines the offers of a catalog need: reckoned for each kind of machine, and alone only where the way there decides."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from advisor.load import Sizing
from advisor.options.group import ALL

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

    def over(self, field: Field, of: Callable[[Sizing], NDArray[_Value]], at: Ints | slice = ALL) -> NDArray[_Value]:
        """One column of the sizing for every offer, or for those `at`."""
        values = of(self.kinds).take(field.kind_of[at])
        if isinstance(at, slice):
            values[self.rows] = of(self.apart)
        elif len(self.rows):
            places = np.minimum(np.searchsorted(self.rows, at), len(self.rows) - 1)
            values = np.where(self.rows[places] == at, of(self.apart)[places], values)
        return values

    def machines(self, field: Field, i: int) -> int:
        """How many machines offer `i` needs."""
        return int(self.over(field, lambda x: x.units, np.array([i]))[0])


def by_kind(kinds: Sizing) -> Fleet:
    """Machines of which every offer of a kind needs as many."""
    none = np.zeros(0, dtype=np.int64)
    return Fleet(kinds, none, _part(kinds, none))


@dataclass(frozen=True, slots=True)
class Room:
    """What the owner's limit leaves each offer for waiting and working, `s` of shape (n,); `shortest` and `longest` of each kind [s]."""

    s: Floats
    shortest: Floats
    longest: Floats

    @staticmethod
    def of(field: Field, room_s: Floats) -> Room:
        """The room with its ends by kind; a kind without an offer has none."""
        shortest, longest = np.full(field.machines.n, np.inf), np.full(field.machines.n, -np.inf)
        np.minimum.at(shortest, field.kind_of, room_s)
        np.maximum.at(longest, field.kind_of, room_s)
        return Room(room_s, shortest, longest)


def sized_offers(field: Field, size: Callable[[Ints, Floats | None], Sizing], alone_s: Floats, room: Room | None) -> Fleet:
    """The machines of every offer, with no more work than there are different answers.

    Without a limit the fewest machines follow from the kind alone. Most offers keep the limit with those, or with none; for the
    others the shortest and the longest time that the way leaves to a kind are tried: where both ask for the same number of
    machines, so does every time between them. Only what is left is sized offer by offer.

    Args:
        size: `advisor.load.sized` of machines of these kinds for these limits [s] (`None` = nobody waits).
        alone_s: what a machine of each kind takes when nobody else is there [s]: a limit below it can never be kept.
        room: what the owner's limit leaves each offer; `None` = nobody waits.
    """
    every = size(np.arange(len(alone_s)), None)
    if room is None:
        return by_kind(every)
    # No number of machines makes a single piece of work quicker.
    late = (every.p_s > room.shortest) & (alone_s <= room.longest)
    rows = np.flatnonzero(field.unit(late))
    kinds, left = field.kind_of[rows], room.s[rows]
    apart = (every.p_s[kinds] > left) & (alone_s[kinds] <= left)
    return _apart(every, size, rows[apart], kinds[apart], left[apart]) if apart.any() else by_kind(every)


def _apart(every: Sizing, size: Callable[[Ints, Floats | None], Sizing], rows: Ints, kinds: Ints, room_s: Floats) -> Fleet:
    """The fleet in which these offers, of these kinds and with so much time, keep the limit with more machines than their kind."""
    n = len(every.p_s)
    shortest, longest = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(shortest, kinds, room_s)
    np.maximum.at(longest, kinds, room_s)
    seen = np.flatnonzero(np.isfinite(shortest))
    place = np.zeros(n, dtype=np.int64)
    place[seen] = np.arange(len(seen))
    tight, loose = size(seen, shortest[seen]), size(seen, longest[seen])
    apart = _part(tight, place[kinds])
    differ = np.flatnonzero((tight.units != loose.units)[place[kinds]])
    if len(differ):
        own = size(kinds[differ], room_s[differ])
        for f in fields(Sizing):
            getattr(apart, f.name)[differ] = getattr(own, f.name)
    return Fleet(every, rows, replace(apart, enough=apart.p_s <= room_s))


def _part(sizing: Sizing, rows: Ints) -> Sizing:
    return Sizing(**{f.name: getattr(sizing, f.name)[rows] for f in fields(Sizing)})
