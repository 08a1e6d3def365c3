"""Steps of the owner's model that some software does not run, by the names in its file: for the fold, not for the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.evidence import Basis
from advisor.explain.figures import Figures, Origin

if TYPE_CHECKING:
    from advisor.findings import Findings

_MOST_NAMED: Final = 3
_MOST_LOOKED_AT: Final = 50


def ruled_out(found: Findings) -> tuple[str, ...]:
    """Steps for which a way was ruled out."""
    out: set[str] = set()
    for g in found.groups:
        for r in g.removals:
            if r.rule == "rule.operators":
                out.update(*(g.looks(i).falls_short for i in np.flatnonzero(r.mask)[:_MOST_LOOKED_AT].tolist()))
    return tuple(sorted(out))


def named(f: Figures, key: str, steps: tuple[str, ...], **places: str) -> tuple[str, ...]:
    """A sentence that names a few of them; none where there are none."""
    if not steps:
        return ()
    text = ", ".join(steps[:_MOST_NAMED])
    if len(steps) > _MOST_NAMED:
        text = f.words.say("method.operators.more", steps=text)
    where = Origin(Basis.PUBLISHED, "lists of what each runtime runs (operator_support.csv)")
    return (f.words.say(key, steps=f.quoted(key, text, where), **places),)
