"""T26: tax on what is bought from others, where the owner wants to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.cost import Line, stated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]

_NOT_TAXED = "zero.tax"


def tax_lines(setting: Setting, lines: Sequence[Line], reasons: Mapping[str, str], n: int) -> tuple[tuple[Line, ...], dict[str, str]]:
    """The lines with the country's usual tax on every amount that a purse pays to others, and why there is none where there is none.

    Own hours and what an hour without it costs are bought from nobody. What is paid on the first day, along the way and at the end
    is taxed apart, so that each falls where its payment falls.
    """
    said = dict(reasons)
    rate = setting.catalog.tax_rate(setting.case.country)
    bought = [x for x in lines if x.is_cash and x.has_amount()]
    if said.get("T26", _NOT_TAXED) != _NOT_TAXED:
        return tuple(lines), said
    if rate is None:
        return tuple(lines), {**said, "T26": "left_out.tax_unknown"}
    said["T26"] = "zero.nothing_taxed"
    out = []
    origin = stated(rate.basis, rate.source.title, rate.source.as_of)
    for when, key in (("upfront", "line.tax.upfront"), ("monthly", "line.tax"), ("end", "line.tax.end")):
        taxed = [x for x in bought if (x.when if x.when in ("upfront", "end") else "monthly") == when]
        if not taxed:
            continue
        amounts = [np.nan_to_num(x.amounts(n)) for x in taxed]
        base = np.sum(amounts, axis=0)
        sure = np.where(base > 0, base, 1.0)
        # The doubts of the lines add in squares, as in the bill.
        down = np.sqrt(sum(np.square(a * (1 - np.minimum(x.low, x.high))) for a, x in zip(amounts, taxed, strict=True)))
        up = np.sqrt(sum(np.square(a * (np.maximum(x.low, x.high) - 1)) for a, x in zip(amounts, taxed, strict=True)))
        low, high = 1 - down / sure, 1 + up / sure

        def spread(i: int, taxed: Sequence[Line] = taxed, amounts: Sequence[Floats] = amounts) -> Sequence[float]:
            lengths = [y.share for y in setting.demand.years]
            parts = [[float(a[i]) * part for part in x.parts(i, lengths)] for a, x in zip(amounts, taxed, strict=True)]
            return [sum(column) for column in zip(*parts, strict=True)]

        out.append(
            Line("T26", when, key, rate.likely, "of what you pay", base, low, high, origin, spread=spread, if_nothing="zero.nothing_taxed")
        )
    return (*lines, *out), said
