"""Writes the answers that the tests compare with: python -m tests.golden.refresh [NAME ...]

One readable file for each story (`tests/stories`) and each example of the program. Read the difference before you keep it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.stories.told import ALL, advised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.advice import Advice, Section

FOLDER: Final = Path(__file__).parent
# The parts of a report that show how we decided. The bill, the plan after the start and the annex have tests of their own.
_SHOWN: Final = ("why", "changes", "first-steps", "next-steps", "compare", "cautions", "risks", "rules", "known", "law")


def text_of(name: str) -> str:
    """The file of one story."""
    return "\n".join(_lines(name, advised(name))).replace("\u00a0", " ") + "\n"


def _lines(name: str, a: Advice) -> Iterator[str]:
    r = a.report
    yield f"{name}: {r.title}"
    yield f"{r.firm}, {r.date}" if r.firm else r.date
    yield ""
    yield r.verdict
    yield f"{r.confidence}. {r.confidence_why}"
    yield ""
    yield f"kind {a.kind}" + (f" because {a.none_because}" if a.none_because else "")
    for o in sorted(a.options, key=lambda o: (-o.win_share, o.id)):
        if o.win_share or o is a.options[0]:
            yield f"{100 * o.win_share:5.1f} % of futures: {o.id}"
    yield ""
    for fact in r.facts:
        yield f"{fact.label}: {fact.value} ({fact.note})"
    by_id = {s.id: s for s in r.sections}
    for id in _SHOWN:
        if id in by_id:
            yield ""
            yield from _section(by_id[id])
    yield ""
    yield "Turning points"
    for t in a.turning_points:
        yield f"- {t.text}"
    yield ""
    yield f"Reading grade {a.readability.grade}, longest sentence {a.readability.longest_sentence_words} words"


def _section(s: Section) -> Iterator[str]:
    yield s.title
    yield from s.paragraphs
    yield from (f"- {x}" for x in s.bullets)
    yield from (f"{i}. {x}" for i, x in enumerate(s.steps, start=1))
    if s.table is not None:
        yield from (" | ".join(row) for row in (s.table.columns, *s.table.rows))


def main(names: tuple[str, ...]) -> None:
    """Writes the files."""
    for name in names or ALL:
        (FOLDER / f"{name}.txt").write_text(text_of(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
