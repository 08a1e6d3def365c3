"""What an update would change and what was done about it, in plain words: the command line and the window say the same."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.catalog_updates.changes import Changes, Move
    from advisor.catalog_updates.flips import Looked
    from advisor.catalog_updates.taking import Proposal


def current(proposal: Proposal) -> str:
    """That there is nothing to take over."""
    return f"You have the catalog {proposal.version} already. There is nothing to take over."


def taken(version: str) -> str:
    """That an update was taken over."""
    return f"From now on, advice is given with the catalog {version}."


def gone_back(version: str, day: str) -> str:
    """That the catalog before counts again."""
    return f"From now on, advice is given with the catalog {version} of {in_words(day)}, as it was before."


def passed_over(version: str) -> str:
    """That the newest catalog taken over cannot be used."""
    return f"The catalog {version} on this computer is damaged or not for this program, so an older one is used. Import it again."


def lines(proposal: Proposal) -> Iterable[str]:
    """What an update would change, a sentence each; those that begin with two blanks belong to the line above them."""
    c = proposal.changes
    new, old = (f"{version} of {in_words(day)}" for version, day in ((c.new_version, c.new_day), (c.old_version, c.old_day)))
    yield f"This update is signed and sound: catalog {new}. You have {old}."
    yield _prices(c)
    for move in c.largest:
        yield f"  {_move(move)}"
    yield "Tables that change:" if c.tables else "No table changes."
    for table in c.tables:
        rows = f"{table.added} rows new, {table.removed} gone" if table.added or table.removed else "the same rows, other figures"
        yield f"  {table.table.replace('_', ' ')}: {rows}"
    yield from _saved(proposal.looked)


def _prices(c: Changes) -> str:
    if not c.moved:
        return f"Of {c.compared:,} prices in both, none has moved."
    return f"Of {c.compared:,} prices in both, {c.moved:,} {'has' if c.moved == 1 else 'have'} moved. The largest moves:"


def _move(move: Move) -> str:
    return f"{move.name}: {_amount(move.old)} to {_amount(move.new)} {move.unit} ({move.percent:+.0f} %)"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _saved(looked: Looked) -> Iterable[str]:
    answers = f"{looked.looked_at} of your saved answers"
    if not looked.looked_at:
        yield "There are no saved answers to work out again."
    elif not looked.flips:
        yield f"We worked {answers} out again: the advice stays the same."
    else:
        yield f"We worked {answers} out again; the advice changes for {len(looked.flips)}:"
        for flip in looked.flips:
            yield f"  {flip.name}: from “{flip.old or 'not yet'}” to “{flip.new or 'not yet'}”"
    if looked.left_out:
        yield f"{looked.left_out} saved answers were left out: not finished, not readable, or older than the newest ones."


def in_words(text: str) -> str:
    """A day as people write it: "4 January 2027"; what is no day stays as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {day:%B %Y}"
