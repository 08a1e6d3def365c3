"""How fast machines answer when work queues: the owner's own spread of times, heaps in batches, the line, functions that sleep."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from advisor import answer
from advisor.answer import Inputs
from advisor.forecast import machines_from_owned
from advisor.load import asleep_share, peak_rate
from advisor.measurement import Round, run_of
from advisor.need import from_json
from advisor.options.duty import answers, duty
from advisor.options.network import reach_of
from advisor.options.payperuse import _with_waking
from advisor.spread import usual
from advisor.work import unit_times
from tests.advisor.answers import TODAY, need, setting_of, the_catalog, with_case, worked
from tests.advisor.test_measurement import a_measurement

if TYPE_CHECKING:
    from advisor.measurement import Measurement, Run
    from advisor.options import Setting
    from advisor.work import UnitTimes

PC = {"what": "office PC 2021", "free": "always", "is_this_computer": True}
EVEN = [50.0] * 400
STALLED = [50.0] * 396 + [750.0] * 4


def timed(samples: list[float], *more: Run) -> Measurement:
    made, ms = a_measurement(), float(np.median(samples))
    return replace(
        made, runs=(run_of("single-stream", samples, threads=1), *more), rounds=tuple(Round(ms * x, 200) for x in (1.0, 1.02, 1.04)),
        best_round_ms=ms, range_ms=(ms, ms * 1.04), trust="good", copies=(),
    )  # fmt: skip


def setting(measured: Measurement, **changes: Any) -> Setting:
    asked = need(**{"site": {"owned": [PC]}, "job__model": {"onnx": "m.onnx"}, **changes})
    return answer._setting(Inputs(from_json(asked), measurements=(measured,)), from_json(asked), the_catalog(), TODAY)


def on_the_pc(s: Setting) -> UnitTimes:
    owned = s.case.owned
    classes = tuple(s.catalog.owned_class(o.what, o.memory_gb) for o in owned)
    return unit_times(s.work, machines_from_owned(owned, classes, s.catalog), s.own, s.own_guess)


# ---- the owner's own spread --------------------------------------------------------------------------------------


def test_the_samples_of_the_test_run_are_the_spread() -> None:
    even, stalled = (on_the_pc(setting(timed(x), load__input_kb_per_unit=0)) for x in (EVEN, STALLED))
    assert even.spread.squared_variation == pytest.approx(0, abs=1e-9)
    # 396 of 1 and 4 of 15: mean 1.14; squares 0.99 + 2.25.
    assert stalled.spread.mean == pytest.approx(1.14, rel=1e-6)
    assert stalled.spread.squared_variation == pytest.approx(3.24 / 1.14**2 - 1, rel=1e-3)
    assert stalled.likely == pytest.approx(even.likely)


def test_too_few_samples_say_nothing_of_the_slow_ones() -> None:
    s = setting(timed(STALLED[-58:]), load__input_kb_per_unit=0)
    assert on_the_pc(s).spread == s.work.usual


def test_stalls_make_people_wait_and_machines_busier() -> None:
    busy = {"load__units_per_day": 400_000, "load__busiest_hour_units": 45_000, "speed__limit_ms": 30_000, "load__input_kb_per_unit": 0}
    even, stalled = (duty(s, on_the_pc(s), 24.0, 30.0) for s in (setting(timed(x), **busy) for x in (EVEN, STALLED)))
    assert even.units[0] == stalled.units[0] == 1
    assert stalled.utilisation[0] == pytest.approx(1.14 * even.utilisation[0])
    assert stalled.busy_hours_per_year[0] == pytest.approx(1.14 * even.busy_hours_per_year[0])
    assert stalled.p_likely[0] > 2 * even.p_likely[0]


def test_all_machines_take_the_owners_spread() -> None:
    """Rented ones too: their likely time is forecast, how the answers differ was measured."""
    s = setting(timed(STALLED), load__input_kb_per_unit=0)
    other = replace(s.case.owned[0], what="gaming PC 2023", is_this_computer=False)
    both = with_case(s, owned=(s.case.owned[0], other))
    assert on_the_pc(both).spread.mean == pytest.approx(1.14, rel=1e-6)


def test_a_test_run_on_another_machine_tells_the_spread_too() -> None:
    away = timed(STALLED)
    away = replace(away, machine=replace(away.machine, cpu="Another processor", name="office server 2023"))
    owned = [PC, {"what": "office server 2023", "free": "always"}]
    s = setting(away, load__input_kb_per_unit=0, site={"owned": owned})
    assert s.own is None
    assert on_the_pc(s).spread.mean == pytest.approx(1.14, rel=1e-6)


def test_a_unit_of_many_calls_varies_less_than_a_call() -> None:
    one, many = (setting_of(need(job__model_calls_per_unit=n, load__input_kb_per_unit=0)) for n in (1, 100))
    spreads = [on_the_pc(s).spread for s in (one, many)]
    assert spreads[0] == one.work.usual
    assert spreads[1].mean == pytest.approx(spreads[0].mean, rel=1e-3)
    assert spreads[1].squared_variation == pytest.approx(spreads[0].squared_variation / 100, rel=0.1)


def test_a_second_model_adds_its_own_variance() -> None:
    more = [{"model": {"features": {"params_millions": 3.2, "gmacs": 4.4}}, "calls_per_unit": 1, "what": "second look"}]
    alone, both = (setting_of(need(load__input_kb_per_unit=0, **x)) for x in ({}, {"job__more_models": more}))
    a, b = (on_the_pc(s) for s in (alone, both))
    assert b.likely[0] == pytest.approx(2 * a.likely[0], rel=1e-6)
    # Two equal parts, each for itself: half the squared variation.
    assert b.spread.squared_variation == pytest.approx(a.spread.squared_variation / 2, rel=0.05)


# ---- one at a time, and in heaps ---------------------------------------------------------------------------------


def test_heaps_are_worked_in_batches_and_single_answers_are_not() -> None:
    """A test run that did 16 at once four times as fast: a heap takes a quarter, an answer as long as before."""
    batch = run_of("offline", [200.0] * 30, threads=1, batch=16)
    assert batch.throughput_per_s == pytest.approx(80)
    heap = {
        "load__batch": {"units": 50_000, "times_per_year": 12},
        "load__arrivals": "batch",
        "speed": {"limit_ms": 86_400_000, "of": "batch"},
    }
    took = [duty(s, on_the_pc(s), 24.0, 86_400.0).p_likely[0] for s in (setting(timed(EVEN, *x), **heap) for x in ((), (batch,)))]
    assert took[0] == pytest.approx(50_000 / 20, rel=1e-6)
    assert took[1] == pytest.approx(took[0] / 4)
    one = [duty(s, on_the_pc(s), 24.0, 2.0) for s in (setting(timed(EVEN, *x)) for x in ((), (batch,)))]
    assert one[0].p_likely[0] == one[1].p_likely[0]
    assert one[0].utilisation[0] == one[1].utilisation[0]
    # Answers that come one by one are not batched, so the machine is as busy.
    assert one[0].busy_hours_per_year[0] == one[1].busy_hours_per_year[0]


def test_a_part_of_a_machine_takes_that_much_longer() -> None:
    s = setting_of(need())
    times = on_the_pc(s)
    whole, half = (answers(s.case, times, peak_rate(s.case, s.demand, per_site=True), None, x) for x in (1.0, 2.0))
    assert half.size.utilisation[0] == pytest.approx(2 * whole.size.utilisation[0])
    assert half.p_likely[0] > 2 * whole.p_likely[0] * 0.999
    assert half.queue(0).likely_s == pytest.approx(2 * whole.queue(0).likely_s)


# ---- the line ----------------------------------------------------------------------------------------------------


def test_inputs_wait_for_each_other_on_a_line_that_is_half_full() -> None:
    # 1,000 kB at 10 Mbit/s: 0.8 s each. 2,250 an hour: half of the line; one waits 0.5 / (2 x 0.5) = half as long as it is sent.
    def sent(units: float, arrivals: str = "daytime") -> float:
        site = {"owned": [PC], "uplink_mbps": 10}
        s = setting_of(
            need(site=site, load__input_kb_per_unit=1000, load__units_per_day=units * 5, load__busiest_hour_units=units,
                 load__arrivals=arrivals)
        )  # fmt: skip
        return float(reach_of(s, np.array([-1])).extra.likely[0])

    idle = sent(1)
    assert sent(2250) - idle == pytest.approx(0.4, rel=0.01)
    assert sent(2250, "bursty") - sent(1, "bursty") == pytest.approx(1.6, rel=0.01)
    assert sent(2250, "steady") - sent(1, "steady") == pytest.approx(0.2, rel=0.01)


# ---- functions that sleep ----------------------------------------------------------------------------------------


def test_few_that_wake_a_function_are_its_slowest() -> None:
    spread, likely = usual(1.25, 0.0, 1.0), np.array([0.2, 1.0])
    awake = _with_waking(spread, likely, 0.0, 5.0, 0.95)
    assert awake == pytest.approx(likely * spread.quantile(0.95), rel=0.02)
    # Two of a hundred wake it: 95 of 100 do not meet that, 99 do.
    assert np.all(_with_waking(spread, likely, 0.02, 5.0, 0.95) < awake * 1.2)
    assert _with_waking(spread, likely, 0.02, 5.0, 0.99) == pytest.approx(likely * spread.quantile(0.5) + 5.0, rel=0.02)
    assert _with_waking(spread, likely, 1.0, 5.0, 0.5) == pytest.approx(likely * spread.quantile(0.5) + 5.0, rel=0.02)


def test_quiet_hours_wake_a_function_though_the_busy_one_does_not() -> None:
    """40 answers in one hour and 40 in the nine others: the function sleeps before a quarter of all."""
    document = need(load__units_per_day=80, load__busiest_hour_units=40, speed__limit_ms=60_000)
    w = worked(document)
    case, d = w.setting.case, w.setting.demand
    share = asleep_share(case, d, 600.0)
    assert 0.2 < share < 0.35
    g = next(g for g in w.groups if g.ids(0).endswith(":serverless"))
    cold = float(the_catalog().default("serverless.cold_start_s").value)
    assert np.all(g.p_likely > cold)
    assert np.all(g.p50 < cold)
