"""What is learned from the published rows: recipes, usual efficiencies, each chip's own departure, and how wrong we are.

Build time only. Everything is learned again when rows are withheld, so that no forecast ever rests on them. A chip's
speed is what its kind usually reaches (from cores, clock and instruction set, or from arithmetic and memory speed),
times the chip's own departure from that, which counts the more the more rows there are. Leaving each chip out in turn
and forecasting it from the others gives the 80 % range of the error of each tier.
"""

from __future__ import annotations

from advisor.forecast.evidence import Tables, filled, filler, points
from advisor.forecast.learn_accelerators import learn_accelerators
from advisor.forecast.learn_graphics import learn_batches, learn_graphics
from advisor.forecast.learn_memory import learn_pipeline, learn_spill
from advisor.forecast.learn_processors import learn_processors
from advisor.forecast.learn_text import learn_text
from advisor.forecast.learn_work import learn_accelerator_work, learn_processor_work
from advisor.forecast.learned import ChipSpeed, Errors, Known, Learned, exact
from advisor.forecast.work import Counted


def learn(tables: Tables) -> Learned:
    """Everything, from the public tables."""
    counted = Counted(tables)
    raw = points(tables, counted)
    fill = filler(raw, tables)
    p = filled(raw, fill)
    chips = {r["chip_id"]: r for r in tables("chips")}
    kinds: dict[str, Known] = {
        "fill.constant": exact(fill.constant, raw.n), "fill.by_gmacs": exact(fill.by_gmacs, raw.n),
        "fill.by_params": exact(fill.by_params, raw.n), "fill.operators": exact(fill.operators, raw.n),
        "fill.spread": exact(fill.spread, raw.n),
    }  # fmt: skip
    speeds: dict[tuple[str, str], ChipSpeed] = {}
    errors: Errors = {}
    for part in (learn_processors, learn_graphics):
        part(p, chips, kinds, speeds, errors)
    learn_processor_work(tables, kinds, errors)
    learn_accelerator_work(tables, kinds)
    learn_batches(tables, chips, counted, kinds, errors)
    learn_pipeline(tables, kinds)
    learn_spill(tables, chips, kinds, errors)
    learn_accelerators(tables, chips, kinds, speeds, errors, fill)
    learn_text(tables, chips, kinds, speeds, errors)
    return Learned(kinds, speeds, {k: tuple(v) for k, v in errors.items()})
