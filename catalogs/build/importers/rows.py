"""From prices as a seller writes them to rows of our sources: judged, one a machine and place, with what was left out and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from catalogs.build.tables import write

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from catalogs.build.tables import Row

PRICE_COLUMNS: Final = (
    "provider", "region", "instance_type", "usd_per_hour_on_demand", "usd_per_hour_spot", "flags", "as_of", "source_id", "usable",
    "usable_reason", "spot_usable",
)  # fmt: skip
TYPE_COLUMNS: Final = (
    "provider", "instance_type", "vcpus", "memory_gib", "arch", "accelerator", "accelerator_count", "accelerator_memory_gib",
    "memory_basis", "vcpu_basis", "type_status", "type_note", "usable_gib_per_device", "usable_gib_total",
)  # fmt: skip
# A spot price above this share of the usual one is a mistake of the list.
_SPOT_AT_MOST: Final = Decimal("1.05")
_DEAREST: Final = Decimal(1000)
_NEVER: Final = ("restricted-access", "wavelength", "government", "internal")
_CAUTION: Final = {"local-zone": "local_zone", "location-unknown": "country_unknown"}


@dataclass(frozen=True, slots=True)
class Quote:
    """One price of the list: US dollars for an hour of a shared Linux machine. `spot`: it may be taken away."""

    provider: str
    region: str
    instance_type: str
    usd: Decimal
    spot: bool
    as_of: str
    order: str = ""


@dataclass(slots=True)
class Found:
    """What a list holds: quotes, machine types with their facts, and how many rows were left out by reason."""

    quotes: list[Quote] = field(default_factory=list)
    types: dict[tuple[str, str], Row] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    read: int = 0
    pages: int = 0


def amount(value: object) -> Decimal | None:
    """A price above zero and below all reason; `None` for anything else."""
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 < found <= _DEAREST else None


def text(value: Decimal) -> str:
    """A price without exponent and without idle zeros."""
    return f"{value.normalize():f}"


def price_rows(found: Found, regions: Iterable[Row], types: Iterable[Row], source: str) -> tuple[list[Row], list[Row]]:
    """Rows of prices and of machine types that are not known yet; adds to `found.left_out`.

    Of several prices for one machine and place the newest counts, of equally new ones the dearest: we never promise too much.
    """
    places = {(r["provider"], r["region"]): r for r in regions}
    known = {(t["provider"], t["instance_type"]): t for t in types}
    usual, spot = _by_machine(found, spot=False), _by_machine(found, spot=True)
    out: list[Row] = []
    new: dict[tuple[str, str], Row] = {}
    for key in sorted(usual):
        provider, region, name = key
        quotes = usual[key]
        if (provider, region) not in places:
            found.left_out["region is not in regions.csv"] += len(quotes)
            continue
        kind = known.get((provider, name)) or found.types.get((provider, name))
        if kind is None:
            found.left_out["machine type is not in instance_types.csv, and the list does not tell its size"] += len(quotes)
            continue
        if (provider, name) not in known:
            new[provider, name] = kind
        usd = max(q.usd for q in quotes)
        found.left_out["a cheaper price of the same machine and day"] += sum(q.usd < usd for q in quotes)
        taken_away = max((q.usd for q in spot.pop(key, [])), default=None)
        if taken_away is not None and taken_away > usd * _SPOT_AT_MOST:
            found.left_out["spot price above the usual one"] += 1
            taken_away = None
        usable, reason = _judged(places[provider, region], kind, is_known=(provider, name) in known)
        out.append({
            "provider": provider, "region": region, "instance_type": name, "usd_per_hour_on_demand": text(usd),
            "usd_per_hour_spot": "" if taken_away is None else text(taken_away), "flags": "", "as_of": max(q.as_of for q in quotes),
            "source_id": source, "usable": usable, "usable_reason": reason,
            "spot_usable": "" if taken_away is None else "no" if usable == "no" else "caution: can be taken away",
        })  # fmt: skip
    found.left_out["spot price without a usual price"] += sum(map(len, spot.values()))
    return out, [new[key] for key in sorted(new)]


def _by_machine(found: Found, *, spot: bool) -> dict[tuple[str, str, str], list[Quote]]:
    grouped: dict[tuple[str, str, str], list[Quote]] = {}
    for q in found.quotes:
        if q.spot is spot:
            grouped.setdefault((q.provider, q.region, q.instance_type), []).append(q)
    for key, quotes in grouped.items():
        newest = max(q.order for q in quotes)
        grouped[key] = [q for q in quotes if q.order == newest]
        found.left_out["an older price of the same machine"] += len(quotes) - len(grouped[key])
    return grouped


def _judged(place: Row, kind: Row, *, is_known: bool) -> tuple[str, str]:
    never, caution = [], []
    if place["special_region"] in _NEVER or place["owner_can_use"].startswith("no"):
        never.append("special_region")
    elif place["special_region"] in _CAUTION:
        caution.append(_CAUTION[place["special_region"]])
    if not is_known:
        # Nobody has looked at it yet.
        caution.append("single")
    elif kind["type_status"] == "no":
        never.append("type_not_for_owner")
    elif kind["type_status"] != "ok":
        caution.append("type_caution")
    return ("no" if never else "caution" if caution else "yes"), ";".join(never + caution)


def new_type(provider: str, name: str, **facts: str) -> Row:
    """A machine type that nobody has looked at yet."""
    note = "from a price list, not looked at yet"
    return {
        **dict.fromkeys(TYPE_COLUMNS, ""),
        "provider": provider,
        "instance_type": name,
        "type_status": "caution",
        "type_note": note,
        **facts,
    }


def save(folder: Path, name: str, found: Found, prices: list[Row], types: list[Row]) -> None:
    """Writes prices.csv, instance_types.csv (new ones only) and REPORT.md."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "prices.csv", PRICE_COLUMNS, prices)
    write(folder / "instance_types.csv", TYPE_COLUMNS, types)
    usable = Counter(p["usable"] for p in prices)
    lines = [
        f"# Price list {name}", "", f"- pages read: {found.pages}", f"- rows read: {found.read}", f"- prices written: {len(prices)}",
        *(f"- of these usable {word}: {usable[word]}" for word in ("yes", "caution", "no")), f"- new machine types: {len(types)}",
        *(f"- left out, {why}: {n}" for why, n in sorted(found.left_out.items()) if n), "",
    ]  # fmt: skip
    (folder / "REPORT.md").write_text("\n".join(lines), encoding="utf-8", newline="\n")
