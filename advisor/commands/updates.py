"""`catalog import` and `catalog rollback`: a newer catalog, after showing what it changes, and back again."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from advisor.commands.places import home, shelf
from advisor.commands.telling import Progress, say, warn
from advisor.problems import ExitCode
from advisor.session import ENDING
from advisor.store import Store

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

    from advisor.catalog_updates.changes import Changes, Move
    from advisor.catalog_updates.flips import Looked
    from advisor.catalog_updates.taking import Proposal


def take(asked: Namespace) -> int:
    """`catalog import FILE [--yes]`: what would change; with --yes it does.

    Raises:
        AdvisorError: the update is not to be trusted, not for us, or not newer; nothing was changed.
    """
    from advisor.catalog_updates.taking import accept, prepare

    bar = Progress()
    try:
        proposal = prepare(
            asked.file,
            shelf(),
            asked.today or datetime.now().astimezone().date(),
            saved=Store(home()).sessions.glob(f"*{ENDING}"),
            progress=lambda done, of: bar.show(done / of, "Working your saved answers out again"),
        )
    finally:
        bar.clear()
    if proposal.is_current:
        say(f"You have the catalog {proposal.version} already. There is nothing to take over.")
        return ExitCode.DONE
    for line in lines(proposal):
        say(line)
    say()
    if not asked.yes:
        say("Nothing was changed yet. To take it over, run the same command again with --yes.")
        return ExitCode.DONE
    accept(proposal, shelf())
    say(f"From now on, advice is given with the catalog {proposal.version}. To go back: catalog rollback.")
    return ExitCode.DONE


def back(asked: Namespace) -> int:
    """`catalog rollback`: the catalog before this one counts again.

    Raises:
        AdvisorError: there is none.
    """
    from advisor.catalog_updates.taking import roll_back

    del asked
    found = roll_back(shelf())
    say(f"From now on, advice is given with the catalog {found.version} of {_day(found.day)}, as it was before.")
    return ExitCode.DONE


def warn_if_passed_over() -> None:
    """Says so where the newest catalog taken over cannot be used."""
    version = shelf().passed_over()
    if version:
        warn(f"The catalog {version} on this computer is damaged or not for this program, so an older one is used. Import it again.")


def lines(proposal: Proposal) -> Iterable[str]:
    """What an update would change, in plain words."""
    c = proposal.changes
    yield f"This update is signed and sound: catalog {c.new_version} of {_day(c.new_day)}. You have {c.old_version} of {_day(c.old_day)}."
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


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {day:%B %Y}"
