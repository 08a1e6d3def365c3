"""A machine that is not published, placed from a few of its times: by the prior of its kind, and by published machines like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.counted import ROW_ERROR, Rooflines
from advisor.forecast.published import table_of
from advisor.forecast.roofline import LAWS, Prior, fitted, log_times, rows_of
from advisor.forecast.work import FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Views = tuple[Floats, ...]

# Spread (log) of one class between machines that share nothing but their kind, which differ by the root of five as much in all
# classes together.
STRANGE: Final = 0.316
# Spread (log) of what is left between a new machine and one like it, on the few figures of it; weights below the least are dropped.
ALIKE: Final = 0.1
LEAST: Final = 1e-3
# Machines tried as if they were new.
SIMULATED: Final = 40


def from_few(lines: Rooflines, kind: str, x: Views, y: Floats) -> Views | None:
    """Log costs from a few times and the prior of the kind."""
    like = lines.of_kind(kind)
    if not like:
        return None
    if table_of(kind) == "timm":
        mean = np.mean([f.costs[0] for f in like.values()], axis=0)
        spread = STRANGE**2 * (5 * np.ones((len(mean), len(mean))) + np.eye(len(mean)))
        priors: tuple[Prior, ...] = (Prior(mean, spread, 2 * ROW_ERROR),)
    else:
        priors = lines.priors[kind]
    return tuple(fitted(v, y, p, law=law)[0] for law, v, p in zip(LAWS[: len(x)], x, priors, strict=True))


def from_alike(lines: Rooflines, kind: str, times: Mapping[str, float], asked: Views, chip: str, name: str) -> Floats | None:
    """Log times (n, views) by published machines moved to the level of the new one on a few models.

    Each counts by how likely it would leave the differences that remain there (normal, spread `ALIKE`).
    """
    fits = lines.of_kind(kind)
    like = [a for a in lines.known.alike(kind, times, chip, name) if a[1] in fits]
    if not like:
        return None
    off = np.array([spread for spread, *_ in like]) / ALIKE
    weights = np.exp(-(off**2 - off.min() ** 2) * (len(times) - 1) / 2)
    told = np.flatnonzero(weights > LEAST)
    values: Floats = np.average([fits[like[i][1]].log_times(asked) + like[i][2] for i in told], axis=0, weights=weights[told])
    return values


def from_both(lines: Rooflines, kind: str, times: Mapping[str, float], x: Views, asked: Views, chip: str, name: str) -> Floats | None:
    """Log times (n, views) of asked columns: the mean of the prior's and of the like machines'. `times` go with the rows `x`."""
    costs = from_few(lines, kind, x, np.array(list(times.values())))
    alike = from_alike(lines, kind, times, asked, chip, name)
    if costs is None:
        return alike
    by_prior = log_times(asked, costs)
    return by_prior if alike is None else (by_prior + alike) / 2


def widths(lines: Rooflines, kind: str, anchors: tuple[str, ...]) -> Mapping[str, float]:
    """80 % errors by number format where the views agree, of published machines forecast from the same few models.

    The prior and the costs of the like machines have seen the other models there, so this flatters a little.
    """
    key = (kind, anchors)
    if key not in lines.new_widths:
        asked: list[str] = []
        off: list[Floats] = []
        for n in list(lines.of_kind(kind))[:SIMULATED]:
            models, x, y = lines.rows(n)
            few = np.array([m in anchors for m in models])
            if 2 <= few.sum() < len(models):
                times = {m: float(t) for m, t, k in zip(models, y, few, strict=True) if k}
                values = from_both(lines, kind, times, rows_of(x, few), rows_of(x, ~few), lines.known.chip[n], n)
                if values is not None:
                    asked += np.array(models)[~few].tolist()
                    off += list(y[~few, None] - values)
        lines.new_widths[key] = lines.widths(asked, np.array(off)) if asked else dict.fromkeys(FORMS, 0.0)
    return lines.new_widths[key]
