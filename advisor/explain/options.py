"""Candidates as the `Option` values of A.json: named, sized and priced, with the reasons that stand against them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import HEADLINE_OF, Kind, Latency, Option
from advisor.cost import Bills
from advisor.evidence import Basis
from advisor.need import ReferenceModel
from advisor.options.setting import own_time_lines
from advisor.recommend import NO_CHANGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.cost import Line
    from advisor.options import Setting
    from advisor.recommend import Candidate
    from advisor.words import Words


PLAIN_WAY: Final = "plain-way"


def option_of(
    c: Candidate,
    setting: Setting,
    words: Words,
    rule_texts: Mapping[str, str],
    win_share: float,
    route_texts: Mapping[str, str],
) -> Option:
    """One candidate written out.

    Args:
        rule_texts: the words of each rule in this case, by key (`rules_in_words`).
        route_texts: the written rule of each design of a mix, by key (`routes.route_words`).
    """
    g, i = c.group, c.row
    looks = g.looks(i)
    case = setting.case
    broken = g.broken(i)
    utilisation = _known(g.utilisation[i])
    energy = _known(g.energy_kwh_per_year[i])
    carbon = setting.catalog.carbon(case.country) if case.power == "mains" else None
    return Option(
        id=c.id,
        kind=g.kind,
        headline=HEADLINE_OF[g.kind],
        name=way_name(words, c),
        parts=looks.parts,
        routing=route_texts[looks.routing] if looks.routing else None,
        sends_inputs_out=g.sends_out,
        feasible=not broken,
        why_not=tuple(rule_texts[r] for r in broken),
        latency_ms=_latency(c),
        speed_met_probability=_known(g.speed_met()[i]) if _known(g.p_likely[i]) is not None else None,
        headroom=None if utilisation is None or utilisation <= 0 else 1 / utilisation - 1,
        busiest_hour_utilisation=utilisation,
        cost=g.bills.cost(i, setting.money, case.years, setting.demand.units, lambda line, k: line_words(words, line), setting.today),
        energy_kwh_per_year=energy,
        co2e_kg_per_year=None if energy is None or carbon is None else energy * carbon.likely / 1000,
        upkeep_hours_per_month=_known(g.upkeep_hours_per_month[i]),
        lock_in=words.say(looks.lock_in),
        basis=looks.basis,
        win_share=win_share,
        cautions=tuple(caution_words(words, x) for x in _cautions(setting, looks.cautions)),
    )


def _cautions(setting: Setting, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Without a model of one's own there is nothing to time: another caution takes the place of that one."""
    if not isinstance(setting.case.need.job.model, ReferenceModel) or not setting.work.steps:
        return keys
    return ("caution.sample-model", *(k for k in keys if k != "caution.not-measured"))


def way_name(words: Words, c: Candidate) -> str:
    """A way as it is called in the comparison: its name and how it is paid."""
    looks = c.group.looks(c.row)
    own = c.kind is Kind.CLOUD_INSTANCE and looks.parts[0].purchase == "own"
    return words.say("way.cloud_instance.own" if own else f"way.{c.kind}", name=looks.name)


def no_change(setting: Setting, words: Words, win_share: float) -> Option:
    """Going on as today: it costs nothing new, and we do not know what today's way costs."""
    reasons = {f"T{i:02d}": "zero.nothing_done" for i in range(1, 30)} | {"T21": "left_out.today"}
    bills = Bills(1, replace(setting, case=replace(setting.case, discount=0.0)).bills(1, (), reasons).lines)
    return _without_ai(NO_CHANGE, "name.no-change", bills, None, setting, words, win_share)


def plain_way(setting: Setting, words: Words, win_share: float) -> Option:
    """A simple rule in place of a model: hours of the owner's people, nothing to buy or rent.

    How often it is wrong we cannot know; only a trial on the owner's own cases tells.
    """
    reasons = {f"T{i:02d}": "zero.plain_way" for i in range(1, 30)} | {"T21": "left_out.plain_way"}
    setup, upkeep, watch = (setting.judged(f"hours.{x}") for x in ("setup.plain_way", "upkeep.plain_way", "watch"))
    bills = setting.bills(1, own_time_lines(setting, setup, upkeep, watch), reasons)
    return _without_ai(PLAIN_WAY, "name.plain-way", bills, upkeep.likely + watch.likely, setting, words, win_share)


def _without_ai(id: str, name: str, bills: Bills, hours: float | None, setting: Setting, words: Words, win_share: float) -> Option:
    cost = bills.cost(0, setting.money, setting.case.years, setting.demand.units, lambda line, _: line_words(words, line))
    return Option(
        id=id,
        kind=Kind.NONE,
        headline=HEADLINE_OF[Kind.NONE],
        name=words.say(name),
        parts=(),
        routing=None,
        sends_inputs_out=False,
        feasible=True,
        why_not=(),
        latency_ms=Latency(None, None, None, None),
        speed_met_probability=None,
        headroom=None,
        busiest_hour_utilisation=None,
        cost=cost,
        energy_kwh_per_year=None,
        co2e_kg_per_year=None,
        upkeep_hours_per_month=hours,
        lock_in=words.say("lock.none"),
        basis=Basis.ESTIMATED,
        win_share=win_share,
    )


def line_words(words: Words, line: Line) -> str:
    """A line of the bill in words; a part that is not counted says why behind its name."""
    text = words.say(line.text)
    return f"{words.say(line.code)}: {text}" if line.text.startswith(("zero.", "left_out.")) else text


def caution_words(words: Words, key: str) -> str:
    """A caution in words."""
    return words.say(key)


def _latency(c: Candidate) -> Latency:
    g, i = c.group, c.row
    p50, p, low, high = (_known(x[i]) for x in (g.p50, g.p_likely, g.p_low, g.p_high))
    if p is None or low is None or high is None:
        return Latency(None, None, None, None)
    ms = [1000 * x for x in (min(p50 if p50 is not None else p, p), p, min(low, p), max(high, p))]
    return Latency(*ms)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
