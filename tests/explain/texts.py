"""Every text of an answer that an owner reads, with where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.explain import Told

# Tables of names and figures: no prose to be scored.
NO_PROSE = ("compare", "bill", "left-out", "governance", "fact", "test-run")


def sentences(t: Told) -> Iterator[tuple[str, str]]:
    """Texts with the part they stand in; the law (dates and articles are names) and the ledger are left out."""
    yield "sentence", t.sentence
    for part, texts in (
        ("reasons", t.reasons), ("refused", [r.text for r in t.refused]), ("turns", [x.text for x in t.turning_points]),
        ("risks", [x for r in t.risks for x in (r.text, r.do)]), ("first steps", t.plan.first_steps),
        ("next steps", t.plan.next_steps), ("monitoring", t.plan.monitoring),
        ("retraining", [t.plan.retraining_rule]), ("incident", t.plan.incident), ("switch-off", t.plan.switch_off),
        ("assumptions", [a.text for a in t.assumptions]),
    ):  # fmt: skip
        for text in texts:
            yield part, text
    r = t.report
    yield "confidence", r.confidence_why
    for fact in r.facts:
        yield from (("fact", fact.label), ("fact", fact.value), ("fact", fact.note))
    for s in r.sections:
        if s.id in ("law", "ledger"):
            continue
        for text in (*s.paragraphs, *s.bullets, *s.steps):
            yield s.id, text
        if s.table is not None:
            yield s.id, s.table.note
            for row in s.table.rows:
                for cell in row:
                    yield s.id, cell
        if s.chart is not None:
            yield from ((s.id, x) for b in s.chart.bars for x in (b.label, b.text))


def names(t: Told) -> tuple[str, ...]:
    """What is a name in these texts: a reader takes it in at a glance."""
    return tuple({x for o in t.options for p in o.parts for x in (p.what, p.catalog_id) if x})
