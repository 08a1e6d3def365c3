"""Whether a catalog can be trusted: every fault of every table at once, each with its file and row.

A row that is offered to an owner has a price above zero, a source and a day; one that lacks the day says so in its
caution. Fingerprints and row counts are those of catalog.json.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from advisor.catalog import load
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from advisor.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for a table.

    `key`: columns whose values together occur once. `amounts`: numbers above zero where there is one. `needed`: the
    columns a row has to have filled. `dated`: the column with the day, needed where `amounts` are filled, unless a
    caution (`excuse`) stands in the row. `days`: older than this is stale.
    """

    key: tuple[str, ...]
    amounts: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    dated: str = ""
    excuse: str = ""
    flag: str = ""
    flags: frozenset[str] = frozenset({"yes", "caution", "no"})
    days: int = 1100


_YES_NO: Final = frozenset({"yes", "no"})
_PRICES_AGE: Final = 400
_FACTS: Final = Rule(("item", "country", "where", "unit", "source", "value"), dated="source_date", excuse="quality")
RULES: Final[dict[str, Rule]] = {
    "carbon": Rule(("scope", "provider", "code", "name", "year", "source"), (), ("source",), "as_of", flag="usable"),
    "checks": Rule(("id",), needed=("check", "plain_question", "source"), dated="as_of"),
    "chip_speeds": Rule(("chip_id", "unit"), ("gmacs_per_s",), ("sources",)),
    "chips": Rule(
        ("chip_id",), ("fp32_tflops", "memory_bandwidth_gbps", "tdp_w"), ("name", "source"), "as_of", flag="recommendable", flags=_YES_NO,
    ),
    "cost_parts": Rule(("id",), needed=("component",), dated="as_of"),
    "defaults": Rule(("path",), needed=("value", "source"), dated="as_of"),
    "devices": Rule(
        ("device_id",), ("price_usd", "price_low_usd", "price_high_usd"), ("name", "source"), "price_as_of", "price_age",
        "recommendable", _YES_NO, _PRICES_AGE,
    ),
    "electricity": Rule(("country_iso2", "consumer", "year", "period", "source"), ("usd_per_kwh",), ("source",), "as_of", flag="usable"),
    "failure": _FACTS,
    "fx": Rule(("currency",), ("per_eur", "per_usd"), ("source",), "as_of", days=120),
    "governance": Rule(("ref",), needed=("topic_in_own_words", "source"), dated="as_of"),
    "hosted_services": Rule(
        ("task", "provider", "service_model", "unit"), ("usd_per_unit",), ("source",), "as_of", "caution", days=_PRICES_AGE,
    ),
    "hosted_text": Rule(("provider", "model"), ("usd_per_1m_input", "usd_per_1m_output"), ("source",), "as_of", days=_PRICES_AGE),
    "labour": _FACTS,
    "mobile": _FACTS,
    "outage": _FACTS,
    "owned_classes": Rule(("id",), ("gflops_low", "gflops_likely", "gflops_high", "bandwidth_gbps"), ("source",), "as_of"),
    "sample_workloads": Rule(("id",), needed=("task", "unit", "name", "source"), dated="as_of"),
    "serverless": Rule(
        ("provider", "service", "region", "resource", "unit", "notes"), ("usd_per_unit",), ("source",), "as_of", "usable_reason", "usable",
        days=_PRICES_AGE,
    ),
    "sources": Rule(("source_id",), needed=("title", "licence")),
    "upkeep": _FACTS,
    "vat": Rule(("item", "country", "where", "value"), dated="source_date", excuse="quality"),
    "volumes": _FACTS,
}  # fmt: skip
_DAY: Final = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")


def check(folder: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with the catalog in `folder`; empty if all is well.

    Raises:
        AdvisorError: there is no index to go by.
    """
    catalog = load(folder)
    problems: list[Problem] = []
    for name, (sha, rows) in sorted(catalog.files.items()):
        try:
            content = (folder / name).read_bytes()
        except OSError:
            problems.append(_fault(name, f"{name} is missing."))
            continue
        if hashlib.sha256(content).hexdigest() != sha:
            problems.append(_fault(name, f"{name} is not the file that catalog.json tells of."))
            continue
        if name.endswith(".csv"):
            problems += _table_problems(name, content, rows)
    known = set(catalog.files) | {"catalog.json"}
    strangers = sorted(p.name for p in folder.iterdir() if p.suffix in (".csv", ".npz") and p.name not in known)
    problems += [_fault(s, f"{s} is not in catalog.json.") for s in strangers]
    if not problems:
        problems += _offer_problems(catalog)
    return tuple(problems)


def _fault(field: str, what: str) -> Problem:
    return Problem("CATALOG", field, what, "We give no advice on rows we cannot trust.", "Install the catalog again, or mend the row.")


def _table_problems(name: str, content: bytes, rows: int) -> Iterable[Problem]:
    rule = RULES.get(name.removesuffix(".csv"))
    try:
        table = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        yield _fault(name, f"{name} cannot be read as a table.")
        return
    if len(table) != rows:
        yield _fault(name, f"{name} has {len(table)} rows, catalog.json tells of {rows}.")
    if rule is None or not table:
        return
    wanted = {c for c in (*rule.key, *rule.amounts, *rule.needed, rule.dated, rule.excuse, rule.flag) if c}
    lacking = sorted(wanted - set(table[0]))
    if lacking:
        yield _fault(name, f"{name} lacks the column {', '.join(lacking)}.")
        return
    seen: dict[tuple[str, ...], int] = {}
    for line, row in enumerate(table, 2):
        for what in _row_problems(rule, row):
            yield _fault(f"{name}:{line}", f"{name}, line {line}: {what}")
        key = tuple(row[c] for c in rule.key)
        if rule.flag and row[rule.flag] == "no":
            # Never offered, so it may stand twice.
            continue
        if key in seen:
            yield _fault(f"{name}:{line}", f"{name}, line {line}: the same row as line {seen[key]} ({', '.join(k for k in key if k)}).")
        seen.setdefault(key, line)


def _row_problems(rule: Rule, row: dict[str, str]) -> Iterable[str]:
    if None in row or None in row.values():
        yield "it has too many or too few cells."
        return
    for column in rule.amounts:
        if row[column] and not _is_amount(row[column]):
            yield f"{column} is “{row[column][:30]}”, not a number above zero."
    for column in rule.needed:
        if not row[column].strip():
            yield f"{column} is empty."
    if rule.flag and row[rule.flag] not in rule.flags:
        yield f"{rule.flag} is “{row[rule.flag][:30]}”, which we do not know."
    says_something = any(row[c] for c in rule.amounts) if rule.amounts else bool(row.get("value", "x"))
    if says_something and "source" in row and not row["source"].strip() and "source" not in rule.needed and "value" in row:
        yield "source is empty."
    if rule.dated and says_something and not row[rule.dated] and not (rule.excuse and row[rule.excuse]):
        yield f"{rule.dated} is empty."


def _is_amount(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False


def _offer_problems(catalog: Catalog) -> Iterable[Problem]:
    import numpy as np

    try:
        offers = catalog.offers
    except (AdvisorError, KeyError, ValueError, OSError):
        yield _fault("offers.npz", "offers.npz cannot be read as the table of offers.")
        return
    name = "offers.npz"
    if len(offers) != catalog.files[name][1]:
        yield _fault(name, f"{name} has {len(offers)} offers, catalog.json tells of {catalog.files[name][1]}.")
    offered = offers.usable > 0
    if np.any(offers.usable > 2):
        yield _fault(name, f"{name}: {int(np.sum(offers.usable > 2))} offers have a flag that we do not know.")
    priced = np.isfinite(offers.usd_per_hour) & (offers.usd_per_hour > 0)
    if np.any(offered & ~priced):
        first = int(np.flatnonzero(offered & ~priced)[0])
        yield _fault(name, f"{name}: {int(np.sum(offered & ~priced))} offers have no price above zero (the first is offer {first}).")
    dates = np.array([_day(d) is not None for d in offers.dates])
    if np.any(offered & ~dates[offers.date_code]):
        yield _fault(name, f"{name}: {int(np.sum(offered & ~dates[offers.date_code]))} offers have no day.")
    cautious = np.flatnonzero(offers.usable == 1)
    unexplained = sum(not offers.reason_text(int(i)) for i in cautious)
    if unexplained:
        yield _fault(name, f"{name}: {unexplained} offers ask for caution and do not say why.")
    keys = np.stack([offers.type_row, offers.region_row], axis=1)
    if len(np.unique(keys, axis=0)) != len(keys):
        yield _fault(name, f"{name}: {len(keys) - len(np.unique(keys, axis=0))} offers occur twice.")


@dataclass(frozen=True, slots=True)
class Age:
    """A table, its rows, its oldest and newest day as written, and how many rows are stale on the day asked."""

    name: str
    rows: int
    oldest: str
    newest: str
    stale: int


def ages(catalog: Catalog, today: date) -> tuple[Age, ...]:
    """How old each table is.

    Raises:
        AdvisorError: a table is missing or was changed.
    """
    from datetime import date as day_type

    import numpy as np

    out = []
    for file, (_, rows) in sorted(catalog.files.items()):
        name, _, kind = file.rpartition(".")
        days: Counter[str] = Counter()
        limit = RULES[name].days if name in RULES else _PRICES_AGE
        if kind == "csv" and name in RULES and RULES[name].dated:
            days = Counter(row[RULES[name].dated] for row in catalog.table(name))
        elif file == "offers.npz":
            days = Counter(
                {
                    d: int(n)
                    for d, n in zip(
                        catalog.offers.dates, np.bincount(catalog.offers.date_code, minlength=len(catalog.offers.dates)), strict=True
                    )
                }
            )
        read = sorted((found, text, times) for text, times in days.items() if (found := _day(text)) is not None)
        stale = sum(times for found, _, times in read if (today - day_type(*found)).days > limit)
        out.append(Age(name, rows, read[0][1] if read else "", read[-1][1] if read else "", stale))
    return tuple(out)


def _day(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of a date written to the day, the month or the year (then their first day)."""
    from datetime import date as day_type

    found = _DAY.match(text.strip())
    if not found:
        return None
    value = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        day_type(*value)
    except ValueError:
        return None
    return value
