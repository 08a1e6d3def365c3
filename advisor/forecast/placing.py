"""One case by counted work: the owner's machine and the target are placed, and each asked model is forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from advisor.forecast.answers import Answer, Told, answers_of, stretch
from advisor.forecast.counted import ROW_ERROR, Fitted, Rooflines, expected
from advisor.forecast.data_sheets import SHEET_SPREAD, ratios
from advisor.forecast.learned import Z80
from advisor.forecast.newcomers import from_both, from_few, widths
from advisor.forecast.published import batch_of, family_of, kind_of, log_of, machine_of, model_of, table_of
from advisor.forecast.roofline import Prior, fitted, log_time, log_times, rows_of, stacked
from advisor.forecast.work import FINE_GROUPS, form_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.forecast.evidence import Row

    Floats = NDArray[np.float64]
    Views = tuple[Floats, ...]

LENDERS: Final = 3
# From this many rows on, a machine's own costs hardly move with one row more.
MANY_ROWS: Final = 60
# Judged: how far (log) a machine that is not published is misplaced by its ladder of eight; and a new graphics chip by three
# figures (the two published chips, each forecast from the other, miss by 0.17 at 80 %, their own families left out by 0.12).
PLACED: Final = 0.25
ANCHORED: Final = 0.12


def sheet_shift(specs: Mapping[str, Row], new: str, old: str, columns: int) -> Floats | None:
    """Log costs on a new graphics chip over an old one, by column; `None` where a data sheet does not tell."""
    arithmetic, memory = ratios(specs, new, old)
    if not np.isfinite([arithmetic, memory]).all():
        return None
    out = np.full(columns, memory)
    out[: FINE_GROUPS[0]] = arithmetic
    return out


def shifted(costs: Floats, x: Floats, y: Floats) -> Floats:
    """Costs moved by one step for arithmetic and one for the rest, as a few known times ask for."""
    k, cut = len(costs), FINE_GROUPS[0]
    if not len(y):
        return costs
    common = np.ones((k, k)) / 2
    common[:cut, :cut] += 0.5
    common[cut:, cut:] += 0.5
    return fitted(x, y, Prior(costs, SHEET_SPREAD**2 * (common + 1e-4 * np.eye(k)), ROW_ERROR))[0]


def given_rows(lines: Rooflines, rows: Sequence[Row]) -> tuple[list[str], Views, Floats]:
    """Counted models among measured rows, their columns and log times an input."""
    models, x, y = [], [], []
    for r in rows:
        work = lines.known.work_of(r)
        if work is not None:
            models.append(model_of(r))
            x.append(lines.columns(kind_of(r), work, form_of(r["precision"], r["model"]), batch_of(r)))
            y.append(log_of(r))
    return models, stacked(x), np.array(y)


def lenders(lines: Rooflines, kind: str, asked: Row, specs: Mapping[str, Row]) -> list[tuple[str, Fitted, Floats]]:
    """Published graphics machines for a new one, the likest runtime of each chip: name, roofline, shift by data sheet."""
    best: dict[str, tuple[int, str, Fitted, Floats]] = {}
    words = set(asked["runtime"].split("-")) | {asked["precision"]}
    for name, f in lines.of_kind(kind).items():
        chip = lines.known.chip[name]
        shift = sheet_shift(specs, asked["chip_id"], chip, len(f.costs[0]))
        if chip != asked["chip_id"] and shift is not None:
            like = len(words & set(name.replace("|", "-").split("-"))) + (asked["precision"] == name.split("|")[-1])
            if chip not in best or like > best[chip][0]:
                best[chip] = (like, name, f, shift)
    return [(n, f, s) for _, n, f, s in sorted(best.values(), key=lambda b: (float(np.abs(b[3]).sum()), b[1]))[:LENDERS]]


def own_machine(lines: Rooflines, rows: Sequence[Row], asked: set[str]) -> tuple[Fitted | None, Mapping[str, Floats]]:
    """The owner's machine where it is published, and the surprise (log, by view) of every counted model measured on it."""
    models, x, y = given_rows(lines, rows)
    if not models:
        return None, {}
    fit = lines.of(machine_of(rows[0]))
    values = fit.log_times(x) if fit is not None else None
    if values is None:
        # What is asked would explain itself away, unless it is a small part of many rows.
        ladder = np.array([m not in asked or len(models) > MANY_ROWS for m in models])
        costs = from_few(lines, kind_of(rows[0]), rows_of(x, ladder), y[ladder]) if ladder.sum() >= 2 else None
        values = log_times(x, costs) if costs is not None else None
    if values is None:
        return None, {}
    return fit, dict(zip(models, y[:, None] - values, strict=True))


def counted_case(lines: Rooflines, asked: Sequence[Row], given: Sequence[Row], specs: Mapping[str, Row]) -> dict[str, Answer]:
    """Answers by request for those asked models whose work was counted; empty where the target cannot be placed."""
    own_rows = [r for r in given if r["role"] == "own-machine"]
    rows = [(r, w) for r in asked if (w := lines.known.work_of(r)) is not None]
    if not rows or not own_rows:
        return {}
    target, kind, own_kind = machine_of(asked[0]), kind_of(asked[0]), kind_of(own_rows[0])
    batch = np.array([batch_of(r) for r, _ in rows])
    forms = [form_of(r["precision"], r["model"]) for r, _ in rows]
    x = stacked([lines.columns(kind, w, f, b) for (_, w), f, b in zip(rows, forms, batch, strict=True)])
    own, surprise = own_machine(lines, own_rows, {model_of(r) for r in asked})
    if not surprise:
        return {}
    felt = np.array([surprise.get(model_of(r), np.zeros(len(x))) for r, _ in rows])
    fit = lines.of(target)
    if fit is None:
        anchors = [r for r in given if r["role"] == "target-anchor"]
        placed = _on_new(lines, asked[0], anchors, x, specs)
        if placed is None:
            return {}
        told, more, like = placed
        carry = lines.carry(kind, own_kind)
        tier, names = "family-fit" if anchors else "spec-ratio", ", ".join(like)
    else:
        told, more = fit.log_times(x), (lambda half, _: half)
        carry = lines.pair(fit, own, kind, own_kind)
        tier, names = "same-chip-fit", f"{target} beside {machine_of(own_rows[0])}"
    told = told + carry.share * felt
    sure = expected(told)
    half = more(np.array([carry.widths[f] for f in forms]) * sure, np.array(forms))
    if fit is not None and own is None:
        half = np.hypot(half, Z80 * PLACED * carry.share)
    seen = [fit] if fit is not None else list(lines.of_kind(kind).values())
    families = len({family_of(m) for f in seen for m in f.errors})
    answers = answers_of(Told(told.mean(axis=1), stretch(families) * half), batch, tier, names)
    return dict(zip((r["request_id"] for r, _ in rows), answers, strict=True))


def _on_new(
    lines: Rooflines, asked: Row, anchors: Sequence[Row], x: Views, specs: Mapping[str, Row]
) -> tuple[Floats, Callable[[Floats, Any], Floats], list[str]] | None:
    """A target without rows: log times (n, views), what a known target's 80 % errors become there, the machines they rest on."""
    kind = kind_of(asked)
    models, known_x, known_y = given_rows(lines, anchors)
    if table_of(kind) == "timm":
        lent = lenders(lines, kind, asked, specs)
        if not lent:
            return None
        # The lender's surface holds for the new chip too: figures are compared after it.
        places = [shifted(f.costs[0] + s, known_x[0], known_y - f.left_unsaid(known_x)) if models else f.costs[0] + s for _, f, s in lent]
        values = np.mean([log_time(x[0], c) + f.left_unsaid(x) for c, (_, f, _) in zip(places, lent, strict=True)], axis=0)
        # With three figures the arithmetic and the memory of the new chip are placed; without, the data sheets' spread stays.
        off = ANCHORED if anchors else 0.8 * SHEET_SPREAD
        return values[:, None], lambda half, _: np.hypot(half, off), [n for n, _, _ in lent]
    times = dict(zip(models, known_y.tolist(), strict=True))
    told = from_both(lines, kind, times, known_x, x, asked["chip_id"], machine_of(asked)) if models else None
    if told is None:
        return None
    wide, sure = widths(lines, kind, tuple(sorted(times))), expected(told)
    return told, lambda half, forms: np.hypot(half, np.array([wide[f] for f in forms]) * sure) / np.sqrt(2), sorted(times)
