"""`catalog status` and `catalog check`."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from advisor.commands.places import catalog_folder
from advisor.commands.telling import say
from advisor.problems import AdvisorError, ExitCode, Problem

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from advisor.catalog import Catalog

# Prices move: after half a year we say so, see catalogs/price_drift.csv.
_OLD_DAYS: Final = 180
_MOST_TOLD: Final = 100


def status(asked: Namespace) -> int:
    """`catalog status`: its version, what is in it, how old each kind of price and each table is.

    Raises:
        AdvisorError: there is no catalog, or a table was changed.
    """
    from advisor import catalog
    from advisor.catalog_check import ages, price_ages

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
    say("")
    for what, count in _counts(found):
        say(f"{what:<46}{count:>9,}")
    say("")
    say(f"{'prices':<22}{'all':>9}{'fresh':>9}{'ageing':>9}{'stale':>9}{'undated':>9}  {'from':<12}to")
    for price in price_ages(found, today):
        states = "".join(f"{price.states.get(s, 0):>9,}" for s in ("fresh", "ageing", "stale", "undated"))
        say(f"{price.kind:<22}{price.rows:>9,}{states}  {price.oldest or '-':<12}{price.newest or '-'}")
    say("")
    say(f"{'table':<18}{'rows':>9}  {'from':<12}{'to':<12}stale rows")
    for age in ages(found, today):
        say(f"{age.name:<18}{age.rows:>9}  {age.oldest or '-':<12}{age.newest or '-':<12}{age.stale or '-'}")
    for file, count in sorted(found.left_out.items()):
        say(f"{count:,} rows of {file} are left out: they do not hold what their table promises (see catalog check).")
    return ExitCode.DONE


def _counts(found: Catalog) -> Iterator[tuple[str, int]]:
    import numpy as np

    from advisor.catalog import USABLE_CAUTION, USABLE_NO, USABLE_YES

    o = found.offers
    yield "offers of rented machines", len(o)
    for words, code in (("  usable", USABLE_YES), ("  usable with caution", USABLE_CAUTION), ("  not usable, never advised", USABLE_NO)):
        yield words, int(np.sum(o.usable == code))
    yield "  with a spot price (never the headline)", int(np.sum(np.isfinite(o.usd_per_hour_spot)))
    yield "providers of rented machines", len(np.unique(o.type_provider[o.type_row]))
    yield "chips", len(found.chips)
    yield "  that may be advised", sum(c.recommendable for c in found.chips.values())
    yield "devices", len(found.devices)
    yield "  that may be advised", sum(d["recommendable"] == "yes" for d in found.devices)
    hosted = found.hosted_prices
    yield "prices of hosted models and services", len(hosted)
    for words, code in (("  usable", USABLE_YES), ("  usable with caution", USABLE_CAUTION), ("  not usable, never advised", USABLE_NO)):
        yield words, int(np.sum(hosted.numbers("usable") == code))
    yield "published latencies", len(found.latencies)
    yield "names that stand for no chip of ours", len(found.table("unresolved"))


def _age(days: int) -> str:
    if days < 0:
        return f"{-days} days after the day you gave"
    return "today" if days == 0 else "1 day old" if days == 1 else f"{days} days old"


def check(asked: Namespace) -> int:
    """`catalog check`: nothing to say but a line if all is well.

    Raises:
        AdvisorError: carrying the faults, the first hundred of them.
    """
    from advisor.catalog_check import check as faults

    found = faults(asked.catalog or catalog_folder(), getattr(asked, "today", None), complete=True)
    if found:
        for problem in found[:_MOST_TOLD]:
            say(problem.what_happened)
        say(f"{len(found):,} faults in all{'' if len(found) <= _MOST_TOLD else f', the first {_MOST_TOLD} of them above'}.")
        raise AdvisorError(found[:_MOST_TOLD])
    say("The catalog is sound: fingerprints, types, units, ranges, keys, names of chips, prices, sources and days.")
    return ExitCode.DONE
