"""Mixes of here and there, each with a written rule for what goes where; only those that beat both pure designs.

`designs` says when each of the five may be asked for, `joining` makes one way of two halves, `worth` decides what is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.advice import Kind
from advisor.options.hybrids.designs import failover, hard_cases, overflow, private, standby_here
from advisor.options.hybrids.learning import learn_there
from advisor.options.hybrids.worth import Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from advisor.options.field import Field
    from advisor.options.group import Group
    from advisor.options.setting import Setting

__all__ = ["mixes"]

_HERE = (Kind.EDGE_EXISTING, Kind.EDGE_NEW)


def mixes(setting: Setting, field: Field | None, pure: Sequence[Group]) -> Iterator[Group]:
    """The hybrid designs that this job calls for; none where one side can do it all as well.

    Args:
        field: the offers that may be rented, `None` where there are none.
        pure: the ways of one side only, which a mix has to beat.
    """
    if not setting.work.steps or not any(g.kind in _HERE for g in pure):
        return
    here = Side.of(setting, (g for g in pure if g.kind in _HERE))
    there = Side.of(setting, (g for g in pure if g.kind not in _HERE))
    for design in (private, overflow, failover, standby_here, hard_cases, learn_there):
        yield from design(setting, field, here, there)
