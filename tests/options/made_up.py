"""Made-up groups of ways with bills of one line, for tests of what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.advice import Kind, Part
from advisor.cost import Bills, Line, stated
from advisor.evidence import Basis
from advisor.options.group import HERE, Group, Looks, Removal

if TYPE_CHECKING:
    from collections.abc import Sequence


def a_group(
    kind: Kind,
    totals: Sequence[float],
    *,
    out: Sequence[int] = (),
    rule: str = "rule.too-slow",
    flagged: Sequence[int] = (),
    hours: float = 0.0,
) -> Group:
    """Ways of one kind with these bills [USD] and no wait; rows in `out` are removed by `rule`, those in `flagged` have doubtful prices."""
    n = len(totals)

    def mask(rows: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.isin(np.arange(n), list(rows))

    bills = Bills(
        n, (Line("T14", "monthly", "line.rent", 1.0, "times", np.array(totals, dtype=float), 1.0, 1.0, stated(Basis.PUBLISHED, "made up")),)
    )
    quick = np.full(n, 0.1)
    return Group(
        kind,
        lambda i: f"{kind}:made-up-{totals[i]:g}",
        bills,
        (Removal(rule, mask(out)),) if out else (),
        quick,
        quick,
        quick,
        quick,
        np.inf,
        np.zeros(n),
        np.full(n, hours),
        np.zeros(n),
        np.zeros(n),
        flagged=mask(flagged),
        far=np.full(n, HERE),
        sends_out=kind not in (Kind.EDGE_EXISTING, Kind.EDGE_NEW),
        looks=lambda i: Looks(
            f"made-up {i}", (Part("does the work", "x", "x", 1, "own"),), None, "lock.none", (), Basis.ESTIMATED, "why.none", ""
        ),
    )
