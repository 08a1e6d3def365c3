"""Forecasts that were asked for before: most changes of an answer leave the model and the machines as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from advisor.forecast import forecast

if TYPE_CHECKING:
    from advisor.forecast.values import Forecast, Machines, OwnRun, TextWorkload, Workload

_KEPT = 32


class _Asked:
    """All that a forecast hangs on. Machines are the same only if they are the very same: kept here, so that no others take their place."""

    __slots__ = ("guess", "key", "machines", "own", "there", "work")

    def __init__(
        self, work: Workload | TextWorkload, machines: Machines, own: OwnRun | None, guess: float | None, there: Mapping[int, OwnRun]
    ) -> None:
        self.work, self.machines, self.own, self.guess, self.there = work, machines, own, guess, there
        facts = (getattr(work, f.name) for f in fields(work))
        told = (tuple(x.items()) if isinstance(x, Mapping) else x for x in facts)
        self.key = (type(work), *told, id(machines), own, guess, tuple(there.items()))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and other.key == self.key


def kept_forecast(
    work: Workload | TextWorkload, machines: Machines, own: OwnRun | None, guess: float | None, there: Mapping[int, OwnRun] | None
) -> Forecast:
    """`advisor.forecast.forecast`, worked out once for the same work, machines and runs; its times are read-only."""
    return _forecast(_Asked(work, machines, own, guess, there or {}))


@lru_cache(maxsize=_KEPT)
def _forecast(asked: _Asked) -> Forecast:
    found = forecast(asked.work, asked.machines, asked.own, asked.guess, asked.there)
    for f in fields(found):
        column = getattr(found, f.name)
        # What is handed through from the machines is theirs.
        if isinstance(column, np.ndarray) and f.name != "reach":
            column.setflags(write=False)
    return found
