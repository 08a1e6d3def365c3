"""`catalog import` and `catalog rollback`: a newer catalog, after showing what it changes, and back again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from advisor.commands.places import home, shelf
from advisor.commands.telling import Progress, say, warn
from advisor.problems import ExitCode
from advisor.session import ENDING
from advisor.store import Store

if TYPE_CHECKING:
    from argparse import Namespace


def take(asked: Namespace) -> int:
    """`catalog import FILE [--yes]`: what would change; with --yes it does.

    Raises:
        AdvisorError: the update is not to be trusted, not for us, or not newer; nothing was changed.
    """
    from advisor.catalog_updates import telling
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
        say(telling.current(proposal))
        return ExitCode.DONE
    for line in telling.lines(proposal):
        say(line)
    say()
    if not asked.yes:
        say("Nothing was changed yet. To take it over, run the same command again with --yes.")
        return ExitCode.DONE
    accept(proposal, shelf())
    say(f"{telling.taken(proposal.version)} To go back: catalog rollback.")
    return ExitCode.DONE


def back(asked: Namespace) -> int:
    """`catalog rollback`: the catalog before this one counts again.

    Raises:
        AdvisorError: there is none.
    """
    from advisor.catalog_updates import telling
    from advisor.catalog_updates.taking import roll_back

    del asked
    found = roll_back(shelf())
    say(telling.gone_back(found.version, found.day))
    return ExitCode.DONE


def warn_if_passed_over() -> None:
    """Says so where the newest catalog taken over cannot be used."""
    version = shelf().passed_over()
    if version:
        from advisor.catalog_updates import telling

        warn(telling.passed_over(version))
