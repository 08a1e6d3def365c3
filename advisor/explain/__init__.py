"""The answer in plain words, made from values: sentences, tables and figures of one `Report`, and the ledger behind them.

Screen, PDF and A.json show what is made here and nothing else. Every sentence is a phrase of `advisor.words` that a
value asked for; every figure in it went through `Figures` into the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.advice import Kind, RefusedRule, Report, Section, Table
from advisor.evidence import Basis
from advisor.explain import against, assumed, case_words, known, plan_words, relaxed, routes, steps, tables, test_run, turns, verdict
from advisor.explain.figures import OURS, YOURS, Figures, Origin
from advisor.explain.options import no_change, option_of, plain_way
from advisor.ledger import Ledger
from advisor.recommend import FUTURES, NO_CHANGE
from advisor.words import NBSP, Words

if TYPE_CHECKING:
    from advisor.advice import Assumption, Governance, LedgerRow, Option, Plan, Relaxation, Risk, TurningPoint
    from advisor.explain.verdict import BestWords
    from advisor.findings import Findings

_MOST_CHANGES = 4
_MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class Told:
    """Everything of the answer that is words or made for them."""

    sentence: str
    reasons: tuple[str, ...]
    refused: tuple[RefusedRule, ...]
    options: tuple[Option, ...]
    turning_points: tuple[TurningPoint, ...]
    assumptions: tuple[Assumption, ...]
    risks: tuple[Risk, ...]
    plan: Plan
    governance: tuple[Governance, ...]
    law_notes: tuple[str, ...]
    report: Report
    ledger: tuple[LedgerRow, ...]
    relaxations: tuple[Relaxation, ...] = ()


def explain(found: Findings, language: str, version: str) -> Told:
    """The findings in words.

    Args:
        language: one of `advisor.words.LANGUAGES`.
        version: of the program, for the foot of the page.
    """
    money = found.setting.money
    f = Figures(Words(language, money.currency), Ledger(), money)
    best = verdict.best_words(f, found)
    gives_way = relaxed.relaxations(f, found)
    alone = tuple(r.text for r in gives_way[:1] if r.with_input is None)
    told = Told(
        sentence=verdict.sentence(f, found),
        reasons=(*verdict.reasons(f, found, best), *alone)[:_MOST_REASONS],
        refused=_refused(f, found),
        options=_options(f, found),
        turning_points=turns.turning_points(f, found),
        assumptions=assumed.assumptions(f, found),
        risks=plan_words.risks(f, found, best),
        plan=plan_words.plan(f, found, best),
        governance=plan_words.governance(f, found),
        law_notes=plan_words.law_notes(f, found),
        report=_EMPTY,
        ledger=(),
        relaxations=gives_way,
    )
    report = _report(f, found, best, told, version)
    told_apart = Section("known", f.words.say("section.known"), "owner", bullets=known.known(f, found, best, f.ledger.rows()))
    report = _with_section(report, told_apart, before="assumptions")
    rows = f.ledger.rows()
    last = Section("ledger", f.words.say("section.ledger"), "annex", table=tables.ledger(f, rows), folded=True)
    return _with(told, report=_with_section(report, last), ledger=rows)


_EMPTY = Report("", "", "", "", "none", "", "", (), (), "")


def _with(told: Told, *, report: Report, ledger: tuple[LedgerRow, ...]) -> Told:
    from dataclasses import replace

    return replace(told, report=report, ledger=ledger)


def _with_section(report: Report, section: Section, before: str = "") -> Report:
    """The report with one more section, before another one or at the end."""
    from dataclasses import replace

    at = next((i for i, s in enumerate(report.sections) if s.id == before), len(report.sections))
    return replace(report, sections=(*report.sections[:at], section, *report.sections[at:]))


def _refused(f: Figures, found: Findings) -> tuple[RefusedRule, ...]:
    """Every rule that removed something, with how many ways it removed; the hardest first."""
    return tuple(RefusedRule(r.removeprefix("rule."), n, _ruled_out(f, found, r, n)) for r, n in against.removed(found).items())


def _ruled_out(f: Figures, found: Findings, rule: str, n: int) -> str:
    say = f.words.say
    count = say("rules.way") if n == 1 else say("rules.ways", count=f.text(f"refused.{rule}", n, "ways", f.words.exact(n), OURS))
    return say("rules.removed", text=case_words.rule_words(f, found.setting, rule), count=count)


def _options(f: Figures, found: Findings) -> tuple[Option, ...]:
    """The advised way first, then the listed ones, the nearest impossible ones, and changing nothing."""
    choice, s = found.choice, found.setting
    rules = {r for c in choice.near for r in c.group.broken(c.row)}
    texts = {r: case_words.rule_words(f, s, r) for r in sorted(rules)}
    every = (*choice.listed, *choice.near)
    keys = {c.group.looks(c.row).routing for c in every if c.kind is Kind.HYBRID}
    rules_of_mixes = {key: routes.route_words(f, s, key) for key in sorted(k for k in keys if k)}
    ways = [option_of(c, s, f.words, texts, choice.win_share.get(c.id, 0.0), rules_of_mixes) for c in every]
    # Where a simple rule may do, it stands beside doing nothing; where it is the answer, it has the whole share.
    is_plain = choice.none_because == "plain-way"
    share = choice.win_share[NO_CHANGE]
    asked = s.case.simple_rule in (True, "not-sure")
    plain = (plain_way(s, f.words, share if is_plain else 0.0),) if asked else ()
    nothing = no_change(s, f.words, 0.0 if is_plain else share)
    if choice.best is not None:
        return (*ways, *plain, nothing)
    return (*plain, nothing, *ways) if is_plain else (nothing, *plain, *ways)


def _report(f: Figures, found: Findings, best: BestWords | None, told: Told, version: str) -> Report:
    say, case = f.words.say, found.setting.case
    date = f.words.day(found.setting.today.isoformat())
    return Report(
        title=say("title", task=say(f"task.{case.task}")),
        firm=f.quoted("yours.firm", case.need.business.name or "", YOURS),
        date=date,
        verdict=told.sentence,
        role=verdict.ROLE[verdict.headline(found)[1]],
        confidence=say(f"confidence.{found.choice.confidence}"),
        confidence_why=verdict.confidence_why(f, found),
        facts=verdict.facts(f, found, best),
        sections=tuple(s for s in _sections(f, found, best, told) if _is_filled(s)),
        footer=say("footer", version=version),
    )


def _is_filled(s: Section) -> bool:
    return bool(s.paragraphs or s.bullets or s.steps or s.chart or (s.table and s.table.rows))


def _sections(f: Figures, found: Findings, best: BestWords | None, told: Told) -> tuple[Section, ...]:
    say = f.words.say
    case = found.setting.case
    years = case_words.years(f, case)
    table, chart = tables.compare(f, found, told.options)
    load = {"load": case_words.a_day(f, case), "years": years}
    intro = say("compare.text.batch", **load) if case.is_batch else say("compare.text", busiest=case_words.busiest(f, case), **load)
    risks = Table("", (say("col.may"), say("col.do")), tuple((r.text, r.do) for r in told.risks))
    p = told.plan

    def part(id: str, where: str = "owner", **content: object) -> Section:
        return Section(id, say(f"section.{id}"), where, **content)  # type: ignore[arg-type]

    return (
        # What would have to give way is told once, under its own heading.
        part("why", bullets=tuple(r for r in told.reasons if r not in {x.text for x in told.relaxations})),
        part("relax", bullets=relaxed.section(f, found, told.relaxations)),
        part("changes", bullets=_changes(f, found, told)),
        part("first-steps", steps=p.first_steps),
        part("next-steps", bullets=p.next_steps),
        part("compare", paragraphs=(intro, say("compare.chart")) if chart else (intro,), chart=chart, table=table),
        *_bill(f, best, told, part),
        part("risks", table=risks),
        part("cautions", bullets=(*test_run.warned(f, found), *told.options[0].cautions)),
        part("monitoring", bullets=(*p.monitoring, p.retraining_rule)),
        part("incident", steps=p.incident),
        part("switch-off", steps=p.switch_off),
        part("rules", bullets=tuple(r.text for r in told.refused)),
        part("assumptions", bullets=tuple(a.text for a in told.assumptions)),
        part("health", bullets=_health(f, found)),
        part("governance", "annex", table=tables.governance(f, told.governance)),
        part("law", "annex", bullets=told.law_notes),
        part("test-run", "annex", table=test_run.scenes(f, found)),
        part("method", "annex", paragraphs=_method(f, found, best), folded=True),
    )


def _changes(f: Figures, found: Findings, told: Told) -> tuple[str, ...]:
    say = f.words.say
    if found.turns is None:
        return (say("changes.sought"),)
    # What would have to give way stands under its own heading, to the cent; said again it would be rounded otherwise.
    said = {r.input for r in told.relaxations if r.with_input is None}
    pairs = zip(told.turning_points, found.turns, strict=True)
    out = [p.text for p, t in pairs if turns.is_near(t) and t.input not in said][:_MOST_CHANGES]
    best = found.choice.best
    if best is not None and best.kind in (Kind.EDGE_EXISTING, Kind.EDGE_NEW, Kind.HYBRID):
        own = next((p for p in best.group.looks(best.row).parts if p.purchase == "own"), None)
        if own is not None:
            out.append(say("changes.pc_off", what=say("your", name=own.what)))
    return tuple(out) or (() if said else (say("changes.none"),))


def _bill(f: Figures, best: BestWords | None, told: Told, part: object) -> tuple[Section, ...]:
    if best is None:
        return ()
    say, words = f.words.say, f.words
    option = told.options[0]
    lines, missing = tables.bill(f, best, option)
    cost = option.cost
    text = []
    if best.is_free:
        text.append(say("bill.exact"))
    else:
        low = f.text("best.low", float(cost.low), cost.currency, words.money(float(cost.low)), OURS)
        high = f.text("best.high", float(cost.high), cost.currency, words.money(float(cost.high)), OURS)
        text.append(say("bill.text", low=low, high=high))
    if option.energy_kwh_per_year is not None:
        kwh = f.text("best.energy", option.energy_kwh_per_year, "kWh/year", f"{words.number(option.energy_kwh_per_year)}{NBSP}kWh", OURS)
        text.append(say("bill.year", power=kwh))
    if option.co2e_kg_per_year is not None:
        kg = f.text("best.carbon", option.co2e_kg_per_year, "kg/year", f"{words.number(option.co2e_kg_per_year)}{NBSP}kg", OURS)
        text.append(say("bill.co2", co2=kg))
    return (
        Section("bill", say("section.bill"), "owner", paragraphs=(" ".join(text),), table=lines),
        Section("years", say("section.years"), "owner", table=tables.by_year(f, option), folded=True),
        Section("left-out", say("section.left-out"), "annex", table=missing, folded=True),
    )


def _health(f: Figures, found: Findings) -> tuple[str, ...]:
    """What the check found, in its own words; nothing where we know only that it failed."""
    if found.setting.case.health != "failed" or found.health is None:
        return ()
    texts = [str(c.get("text", "")) for c in found.health.get("checks", ()) if c.get("verdict") == "failed" and c.get("text")]
    return tuple(f.quoted(f"health.{i}", t, against.OF_THE_CHECK) for i, t in enumerate(texts))


def _preparing(f: Figures, found: Findings) -> tuple[str, ...]:
    """What reading and preparing one input adds to each answer of a model of the owner's, and how we know."""
    p = found.setting.work.prepare
    if not found.setting.work.steps or not p.likely:
        return ()
    time = f.time_range("work.prepare", p.low, p.likely, p.high, Origin(p.basis, p.source.title, p.source.as_of))
    return (f.words.say("method.prepare.own" if p.basis is Basis.MEASURED else "method.prepare.size", time=time),)


def _method(f: Figures, found: Findings, best: BestWords | None) -> tuple[str, ...]:
    say, choice = f.words.say, found.choice
    out = [*test_run.method(f, found)]
    spare = len(found.setting.places.spare)
    if spare:
        out.append(say("method.spare", count=f.count("measured.spare", spare + 1, "test run", OURS)))
    if best is not None:
        speed = say("method.speed", name=against.called(f, "best.name", best.candidate), why=say(best.looks.speed_why))
        if best.looks.basis is not Basis.MEASURED:
            speed += " " + f.quoted("method.told", best.looks.speed_told, OURS)
        out.append(speed)
        out += steps.named(f, "method.operators", best.looks.falls_short, name=f.quoted("best.name", best.looks.name, OURS))
        out += _preparing(f, found)
        if not found.setting.case.is_batch:
            out.append(say("method.busiest.grown" if found.setting.case.growth > 0 else "method.busiest"))
        played = found.played.get(best.candidate.id)
        if played is not None:
            seeded = Origin(Basis.ESTIMATED, "a simulation of the busiest hour with a fixed seed")
            count = f.text("method.played", played.answers, "answers", f.words.exact(played.answers), seeded)
            out.append(say("method.played", count=count))
        wish = found.setting.case.prefer
        out.append(say(f"method.score.{wish}" if wish else "method.score"))
        if choice.rival is not None:
            drawn = f.text("method.futures", FUTURES, "", f.words.exact(FUTURES), OURS)
            out.append(say("method.futures", futures=drawn, share=verdict.futures(f, found)))
    out += steps.named(f, "method.operators.out", steps.ruled_out(found))
    day = found.setting.catalog.day
    out.append(
        say("method.prices", day=f.text("catalog.day", day, "", f.words.day(day), Origin(Basis.PUBLISHED, "the price catalog", day)))
    )
    return tuple(out)
