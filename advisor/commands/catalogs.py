"""`catalog status` and `catalog check`."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from advisor.commands.places import catalog_folder
from advisor.commands.telling import say
from advisor.problems import AdvisorError, ExitCode, Problem

if TYPE_CHECKING:
    from argparse import Namespace

# Prices move: after half a year we say so, see catalogs/price_drift.csv.
_OLD_DAYS: Final = 180


def status(asked: Namespace) -> int:
    """`catalog status`: its version, its age, its tables and which rows are stale.

    Raises:
        AdvisorError: there is no catalog, or a table was changed.
    """
    from advisor import catalog
    from advisor.catalog_check import ages

    today = asked.today or datetime.now().astimezone().date()
    found = catalog.load(asked.catalog or catalog_folder())
    try:
        days = (today - date.fromisoformat(found.day)).days
    except ValueError:
        raise AdvisorError(
            Problem("CATALOG", "catalog.json", "The catalog does not say of which day it is.", "", "Install it again.")
        ) from None
    say(f"Catalog {found.version}, made on {found.day}, {_age(days)}.")
    if days > _OLD_DAYS:
        say("That is old: some prices will have moved. Look for a newer version of this program.")
    say(f"{'table':<18}{'rows':>9}  {'from':<12}{'to':<12}stale rows")
    for age in ages(found, today):
        say(f"{age.name:<18}{age.rows:>9}  {age.oldest or '-':<12}{age.newest or '-':<12}{age.stale or '-'}")
    return ExitCode.DONE


def _age(days: int) -> str:
    if days < 0:
        return f"{-days} days after the day you gave"
    return "today" if days == 0 else "1 day old" if days == 1 else f"{days} days old"


def check(asked: Namespace) -> int:
    """`catalog check`: nothing to say but a line if all is well.

    Raises:
        AdvisorError: carrying every fault of every table.
    """
    from advisor.catalog_check import check as faults

    found = faults(asked.catalog or catalog_folder())
    if found:
        for problem in found:
            say(problem.what_happened)
        raise AdvisorError(found)
    say("The catalog is sound: fingerprints, keys, prices, sources and days.")
    return ExitCode.DONE
