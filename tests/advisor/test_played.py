"""What is printed was played: the same figure everywhere, ordered, and in step with the chance and the room told beside it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from advisor.options.group import normal_share
from advisor.played import ALL_ANSWERS, play_listed
from advisor.queue_simulation import MOST, play
from tests.advisor.answers import KINDS, SEED, advised, need, worked

BUSY = need(load__units_per_day=40_000, load__busiest_hour_units=7_000, speed__limit_ms=2_000)


@pytest.mark.parametrize("kind", ["edge_existing", "edge_new", "cloud_instance", "hybrid"])
def test_what_is_printed_was_played(kind: str) -> None:
    w = worked(KINDS[kind])
    choice, played = play_listed(w.choice, SEED)
    assert played
    for c in choice.listed:
        if c.id not in played:
            continue
        g, i, queue = c.group, c.row, c.group.queue(c.row)
        assert played[c.id] == play(queue, SEED, played[c.id].answers)
        assert g.p_likely[i] == pytest.approx(played[c.id].p_s)
        assert g.p50[i] <= g.p_likely[i]
        assert g.p_low[i] <= g.p_likely[i] <= g.p_high[i]
        # The load beside it is that of the queue.
        assert g.utilisation[i] == pytest.approx(queue.load)


def test_the_played_time_is_near_the_calculated_one() -> None:
    """Over all listed ways of every kind of answer: within a tenth, as over the grid of loads."""
    seen = 0
    for document in (*KINDS.values(), BUSY):
        w = worked(document)
        choice, played = play_listed(w.choice, SEED)
        for before, after in zip(w.choice.listed, choice.listed, strict=True):
            if after.id in played:
                seen += 1
                p, q = before.group.p_likely[before.row], after.group.p_likely[after.row]
                assert p == pytest.approx(q, rel=0.1), after.id
    assert seen > 50


def test_nothing_but_the_shown_times_changes() -> None:
    w = worked(BUSY)
    choice, _ = play_listed(w.choice, SEED)
    assert [c.id for c in choice.listed] == [c.id for c in w.choice.listed]
    assert choice.win_share == w.choice.win_share
    for a, b in zip(w.choice.listed, choice.listed, strict=True):
        assert a.group.bills is b.group.bills
        others = np.setdiff1d(np.arange(a.group.n), [c.row for c in w.choice.listed if c.group is a.group])
        assert np.array_equal(a.group.p_likely[others], b.group.p_likely[others], equal_nan=True)


def test_screen_paper_and_file_show_the_played_time() -> None:
    a = advised(BUSY)
    best = a.options[0]
    row = next(r for r in a.ledger if r.id == "best.time")
    assert row.value * 1000 == pytest.approx(best.latency_ms.p95)
    assert best.latency_ms.low <= best.latency_ms.p95 <= best.latency_ms.high
    assert best.latency_ms.p50 <= best.latency_ms.p95
    played = next(r for r in a.ledger if r.id == "method.played")
    assert played.value >= 10_000
    assert "simulation" in played.source
    method = next(s for s in a.report.sections if s.id == "method")
    assert any(played.text_form in p for p in method.paragraphs)


def test_the_chance_to_keep_the_limit_follows_the_played_time() -> None:
    w = worked(BUSY)
    choice, played = play_listed(w.choice, SEED)
    c = next(c for c in choice.listed if c.id in played)
    g, i = c.group, c.row
    sigma = np.log(g.p_high[i] / g.p_low[i]) / (2 * 1.2816)
    assert g.speed_met()[i] == pytest.approx(float(normal_share(np.array([np.log(g.limit_s / g.p_likely[i]) / sigma]))[0]))


def test_the_limit_is_kept_where_it_was_calculated_to_be() -> None:
    """Where play and calculation lie on both sides of the limit by chance, the calculated time stands."""
    c = next(c for c in worked(BUSY).choice.listed if c.group.queue is not None)
    seen = play(c.group.queue(c.row), SEED, MOST)
    calculated = float(c.group.p_likely[c.row])
    assert seen is not None
    only = replace(worked(BUSY).choice, best=c, rival=None, listed=(c,), near=())

    def shown(limit: float) -> tuple[float, bool]:
        moved = replace(c, group=replace(c.group, limit_s=limit))
        choice, played = play_listed(replace(only, best=moved, listed=(moved,)), SEED)
        return float(choice.listed[0].group.p_likely[c.row]), c.id in played

    between = (seen.p_s + calculated) / 2
    assert abs(between - seen.p_s) < 2 * seen.error_s
    assert shown(between) == (calculated, False)
    assert shown(10 * calculated) == (pytest.approx(seen.p_s), True)


def test_all_plays_together_are_bounded() -> None:
    w = worked(BUSY)
    _, played = play_listed(w.choice, SEED)
    assert sum(p.answers for p in played.values()) <= ALL_ANSWERS


def test_the_same_seed_prints_the_same_bytes() -> None:
    w = worked(BUSY)
    first, second = (json.dumps([(n, p.p_s, p.answers) for n, p in play_listed(w.choice, SEED)[1].items()]) for _ in range(2))
    assert first == second
