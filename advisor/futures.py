"""Drawn futures: bills, hours, times and growth as they may turn out, by seed and name.

Draws are kept, as an answer that changes leaves most ways what they are; every array handed out is read-only.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FUTURES: Final = 1000
# An 80 % range spans 2 x 1.2816 standard deviations of a normal distribution.
SPAN: Final = 2 * 1.2815515655446004
# How far hours of work may lie off (log, standard deviation; our judgement), and which part of that all ways share:
# the same people do the work.
HOURS_SPREAD: Final = 0.45
_SHARED: Final = 0.7
# 8 kB each; an answer shows about fifty ways, each with two.
_KEPT: Final = 1024


def bills(seed: int, kind: str, names: Sequence[str]) -> Floats:
    """The luck of bills (standard normal), with a part that all ways of a kind share; shape (n, FUTURES)."""
    return np.array([_mixed(seed, f"kind:{kind}", name) for name in names])


def times(seed: int, names: Sequence[str]) -> Floats:
    """The luck of times to answer, with a part that all forecasts share; shape (n, FUTURES)."""
    return np.array([_mixed(seed, "time", name) for name in names])


def growth(seed: int) -> Floats:
    """The luck of the firm's growth (standard normal), the same for all ways; shape (FUTURES,)."""
    return _shared_draw(seed, "growth")


@lru_cache(maxsize=64)
def hours(seed: int, kind: str) -> Floats:
    """Factor on the hours of work for ways of a kind, with a part that all ways share; shape (FUTURES,)."""
    factor = np.exp(HOURS_SPREAD * _mixed(seed, "hours", f"hours:{kind}"))
    factor.setflags(write=False)
    return factor


def moved(low: Floats, likely: Floats, high: Floats, luck: Floats) -> Floats:
    """Values around `likely` whose 80 % range is low to high: a log-normal with its own width to each side.

    `low`, `likely` and `high` have shape (n,), `luck` (n, FUTURES). What is unknown, endless or nothing stays as it is.
    """
    sure = (likely > 0) & np.isfinite(likely)
    one = np.where(sure, likely, 1.0)
    floor = np.maximum(np.where(sure, np.minimum(low, one), 1.0), one * 1e-3)
    down, up = np.log(one / floor), np.log(np.where(sure, np.maximum(high, one), 1.0) / one)
    width = np.where(luck < 0, down[:, None], up[:, None]) * (2 / SPAN)
    values: Floats = likely[:, None] * np.exp(width * luck)
    return values


def _draw(seed: int, name: str) -> Floats:
    key = int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "big")
    drawn = np.random.default_rng(key).standard_normal(FUTURES)
    drawn.setflags(write=False)
    return drawn


_shared_draw = lru_cache(maxsize=64)(_draw)


@lru_cache(maxsize=_KEPT)
def _mixed(seed: int, shared: str, own: str) -> Floats:
    mixed: Floats = _SHARED * _shared_draw(seed, shared) + np.sqrt(1 - _SHARED**2) * _draw(seed, own)
    mixed.setflags(write=False)
    return mixed
