"""Forecasts of latency on machines the owner does not have, with an 80 % range and how each was reached.

One call takes  t = GMACs/S + activations/B + operators x l  and never less than reading its weights once (the roofline of
Williams, Waterman & Patterson 2009, Communications of the ACM 52(4), 65-76). S, B and l were learned from published
latencies; the ranges from forecasting each chip without its own rows (docs/accuracy.md). Text models read the prompt at
the speed of arithmetic and write each word at the speed of memory. The owner's own measurement stands as measured on
its own machine; a part of what it takes there beyond what the machine's time for known graphs lets expect is carried over to
other machines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.forecast.call import forecast_call
from advisor.forecast.ladder import expected
from advisor.forecast.machines import machines_from_builds, machines_from_offers, machines_from_owned, machines_from_sizes
from advisor.forecast.text import forecast_text
from advisor.forecast.values import (
    REACH_NO,
    REACH_SPECIALIST,
    REACH_YES,
    TIERS,
    Forecast,
    Machines,
    OwnRun,
    TextWorkload,
    Workload,
)  # fmt: skip
from advisor.measurement import AS_IS, SAMPLES_FOR_P95
from advisor.spread import of_samples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.measurement import Measurement

__all__ = [
    "REACH_NO", "REACH_SPECIALIST", "REACH_YES", "TIERS", "Forecast", "Machines", "OwnRun", "TextWorkload", "Workload",
    "expected", "forecast",
    "machines_from_builds", "machines_from_offers", "machines_from_owned", "machines_from_sizes", "own_run",
]  # fmt: skip


def own_run(measurement: Measurement) -> OwnRun:
    """The measured run as the forecast uses it: of the model, or of a slimmer copy that is surely faster and answers alike.

    The copy was timed by turns with the model; its share of the model's time is carried to the model's own rounds, so that
    both stand on the same conditions.
    """
    low, high = (x / 1000 for x in measurement.range_ms)
    run = measurement.as_is
    likely = run.median_ms / 1000
    p95 = run.p95_ms / 1000 if run.p95_ms is not None else None
    # With fewer samples the slow ones cannot be told from chance.
    spread = of_samples(run.samples_ms) if len(run.samples_ms) >= SAMPLES_FOR_P95 and min(run.samples_ms) > 0 else None
    copy = measurement.advised_copy
    if copy is None or copy.takes is None:
        return OwnRun(min(low, likely), likely, max(high, likely), p95, spread=spread, per_s=_heaped(measurement, AS_IS))
    least, middle, most = copy.takes
    slim = None if p95 is None else p95 * most
    return OwnRun(
        min(low, likely) * least, likely * middle, max(high, likely) * most, slim, copy.precision, likely, spread,
        _heaped(measurement, copy.precision),
    )  # fmt: skip


def _heaped(measurement: Measurement, precision: str) -> float | None:
    """Calls a second when work never runs out: the best of batches and of calls side by side; `None` where neither was timed."""
    best = [r.throughput_per_s for r in measurement.runs if r.precision == precision and r.scenario in ("offline", "multi-stream")]
    return max(best, default=None)


def forecast(
    work: Workload | TextWorkload,
    machines: Machines,
    own: OwnRun | None,
    own_machine_guess: float | None = None,
    there: Mapping[int, OwnRun] | None = None,
) -> Forecast:
    """Times on each machine.

    Args:
        work: one call of the model.
        machines: n machines.
        own: the measured run, used as it is where `machines.this_one` is set.
        own_machine_guess: what this function said for the owner's machine before it was measured [s]; with it, a part of
            the surprise is carried over to other machines (`advisor.forecast.call.carried`).
        there: runs measured on others of these machines, by row; each stands as it is.
    """
    if isinstance(work, TextWorkload):
        return forecast_text(work, machines)
    return forecast_call(work, machines, own, own_machine_guess, there or {})
