"""What can be bought and set to work, and what runs by the call: put together from rows that fit each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.catalog.names import provider_name
from advisor.catalog.rows import Build, Function
from advisor.evidence import Basis, Estimate, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.catalog import Catalog
    from advisor.need import Owned

Row = dict[str, str]
# Street prices stray this far above the listed one.
_STREET_SPREAD = 1.15
# A board that takes small cards; named by its row in devices.csv, never by a brand rule.
_BOARD_HOST = "raspberry-pi-5"


def builds(catalog: Catalog, owned: tuple[Owned, ...]) -> tuple[Build, ...]:
    """Devices that work alone, cards on a board that is bought with them, cards in an owned computer that can take one."""
    rows = {r["device_id"]: r for r in catalog.devices}
    # A computer that is always free is the better host for a card.
    hosts = sorted(owned, key=lambda o: o.free in ("nights", "office-hours"))
    out = []
    for r in catalog.devices:
        if r["recommendable"] != "yes" or not (r["price_usd"] or r["price_low_usd"]) or not _working(catalog, r):
            continue
        if r["needs_host"] != "True":
            out.append(_alone(catalog, r))
            continue
        if _fits_board(catalog, r):
            out.append(_on_board(catalog, r, rows[_BOARD_HOST]))
        host = next((o for o in hosts if _fits_pc(catalog, r, o)), None)
        if host is not None:
            out.append(_in_pc(catalog, r, host))
    return tuple(out)


def _fits_board(catalog: Catalog, r: Row) -> bool:
    """Whether a card fits the board that is sold with it: made for it, or for a slot it has, and fed by that slot."""
    kind, draws = r["host_kind"], device_power(catalog, r)[2]
    if "USB" in kind:
        return "board" in kind and _is_fed(draws, float(catalog.default("fit.usb_card_w").value))
    made_for_it = "Raspberry Pi 5" in kind or "board with a free M.2" in kind
    return made_for_it and _is_fed(draws, float(catalog.default("fit.board_card_w").value))


def _fits_pc(catalog: Catalog, r: Row, o: Owned) -> bool:
    """Whether a card fits an owned computer: the slot is there and free, and its supply and cables can feed the card."""
    kind, draws, c = r["host_kind"], device_power(catalog, r)[2], catalog.owned_class(o.what, o.memory_gb)
    if "PC" not in kind:
        return False
    if "USB" in kind:
        return _is_fed(draws, float(catalog.default("fit.usb_card_w").value))
    if "M.2" in kind:
        return c.m2_slot
    return c.takes_card and _is_fed(draws, c.card_w)


def _is_fed(draws: float, most: float) -> bool:
    """Whether a card may draw so much [W]; one of which nobody says what it draws fits nowhere."""
    return 0 < draws <= most


def _working(catalog: Catalog, r: Row) -> tuple[str, ...]:
    """Those of its chips that have a runtime; nothing can be said of the others."""
    found = (catalog.chips.get(c) for c in r["chip_ids"].split("|"))
    return tuple(c.id for c in found if c is not None and c.runtimes)


def device_price(catalog: Catalog, r: Row) -> Estimate:
    """What a device costs today [USD]: a price from before the memory shortage is a floor, and the likely one lies above it."""
    listed = float(r["price_usd"] or (float(r["price_low_usd"]) + float(r["price_high_usd"])) / 2)
    low = min(float(r["price_low_usd"] or listed), listed)
    source = Source(f"{r['price_basis']}: {r['source']}"[:160], _day(r["price_as_of"]))
    if not r["price_age"].startswith("before"):
        high = float(r["price_high_usd"]) if r["price_high_usd"] else listed * _STREET_SPREAD
        return Estimate(low, listed, max(high, listed), Basis.PUBLISHED, source)
    risen = catalog.default("price.old_device")
    likely = listed * float(risen.value)
    high = max(float(r["price_high_usd"] or 0), listed * (risen.high or 1.0), likely)
    return Estimate(
        low,
        likely,
        high,
        Basis.ESTIMATED,
        Source(f"old price and what it rose by since ({risen.source.title}): {source.title}"[:200], source.as_of),
    )


def _priced(catalog: Catalog, r: Row) -> tuple[str, Estimate]:
    return f"device:{r['device_id']}", device_price(catalog, r)


def _day(text: str) -> str | None:
    """The year or day in free text such as "launch 2025; street 2026-01"."""
    import re

    found = re.findall(r"\d{4}(?:-\d{2})?(?:-\d{2})?", text)
    return found[-1] if found else None


def device_power(catalog: Catalog, r: Row) -> tuple[Estimate, Estimate, float]:
    """What a device draws at the wall [W]: resting, busy, at most. Only for one whose busy or highest power is known."""
    source = Source(f"{r['power_basis']}: {r['source']}"[:160], None)
    load = float(r["typical_load_w"] or r["max_w"] or 0)
    peak = float(r["max_w"] or load)
    share = catalog.default("power.idle_share")
    idle = float(r["idle_w"]) if r["idle_w"] else load * float(share.value)
    spread = (1.0, 1.0) if r["idle_w"] else ((share.low or 1) / float(share.value), (share.high or 1) / float(share.value))
    return (
        Estimate(idle * spread[0] * 0.9, idle, max(idle * spread[1] * 1.1, idle), Basis.PUBLISHED, source),
        Estimate(load * 0.8, load, max(load * 1.2, load), Basis.PUBLISHED, source),
        max(peak, load),
    )


def _memory(r: Row) -> float | None:
    return float(r["memory_gb"]) if r["memory_gb"] else None


def _age(r: Row) -> tuple[str, ...]:
    return ("caution.old-price",) if r["price_age"].startswith("before") else ()


def _alone(catalog: Catalog, r: Row) -> Build:
    idle, load, peak = device_power(catalog, r)
    return Build(
        r["device_id"],
        r["device_id"],
        r["name"],
        r["name"],
        r["form"],
        _working(catalog, r),
        _memory(r),
        (_priced(catalog, r),),
        idle,
        load,
        peak,
        None,
        "",
        "",
        None,
        _age(r),
        "lock.device",
    )


def _on_board(catalog: Catalog, r: Row, host: Row) -> Build:
    idle, load, peak = device_power(catalog, r)
    host_idle, host_load, host_peak = device_power(catalog, host)
    return Build(
        f"{r['device_id']}+{host['device_id']}",
        r["device_id"],
        r["name"],
        f"{host['name']} with {r['name']}",
        r["form"],
        _working(catalog, r),
        _memory(host),
        (_priced(catalog, r), _priced(catalog, host)),
        _sum(idle, host_idle),
        _sum(load, host_load),
        peak + host_peak,
        host["device_id"],
        host["name"],
        "buy",
        None,
        ("caution.plug" if "USB" in r["host_kind"] else "caution.adapter", *_age(host)),
        "lock.compiled",
    )


def _in_pc(catalog: Catalog, r: Row, o: Owned) -> Build:
    idle, load, peak = device_power(catalog, r)
    c = catalog.owned_class(o.what, o.memory_gb)
    # A small card works in the memory of its host.
    small = r["form"] in ("m.2 card", "usb accelerator")
    return Build(
        f"{r['device_id']}+own",
        r["device_id"],
        r["name"],
        r["name"],
        r["form"],
        _working(catalog, r),
        (o.memory_gb or c.memory_gb) if small else _memory(r),
        (_priced(catalog, r),),
        _sum(idle, c.idle_w),
        _sum(load, c.busy_w),
        peak + c.busy_w.high,
        c.id,
        o.what,
        "own",
        o.free,
        ("caution.plug" if "USB" in r["host_kind"] else "caution.slot", *_age(r)),
        "lock.compiled" if small else "lock.device",
    )


def _sum(a: Estimate, b: Estimate) -> Estimate:
    return Estimate(a.low + b.low, a.likely + b.likely, a.high + b.high, a.basis, a.source)


def functions(rows: Sequence[Row]) -> tuple[Function, ...]:
    """Functions with every price they bill (memory or processor time, and calls); first tier only."""
    found: dict[tuple[str, str, str], dict[str, Row]] = {}
    # A part of the price that we cannot work out (gigahertz-seconds) would make the whole look too cheap.
    untold = {(r["provider"], r["service"], r["region"]) for r in rows if r["unit"] == "GHz-second"}
    # The first tier of a price is its dearest, whatever the order of the rows.
    for r in sorted(rows, key=lambda r: -float(r["usd_per_unit"] or 0)):
        if (
            (r["provider"], r["service"], r["region"]) in untold
            or r["usable"] == "no"
            or not r["usd_per_unit"]
            or r["resource"] not in ("memory-time", "vCPU", "memory", "request")
        ):
            continue
        if r["unit"] not in ("GB-second", "vCPU-second", "GiB-second", "1M requests"):
            continue
        service = r["service"].removesuffix(" x86").removesuffix(" arm64")
        if r["service"].endswith("arm64"):
            continue
        found.setdefault((r["provider"], service, r["region"]), {}).setdefault(r["resource"], r)
    out = []
    for (provider, service, region), prices in found.items():
        memory = prices.get("memory-time") or prices.get("memory")
        if memory is None or "request" not in prices or (memory["unit"] == "GiB-second" and "vCPU" not in prices):
            continue
        out.append(
            Function(
                f"{provider}:{service.replace(' ', '-')}:{region.replace(' ', '-')}",
                provider,
                _function_name(provider, service),
                region,
                float(memory["usd_per_unit"]),
                float(prices["vCPU"]["usd_per_unit"]) if "vCPU" in prices else 0.0,
                float(prices["request"]["usd_per_unit"]) / 1e6,
                Source(memory["source"], memory["as_of"] or None),
            ),
        )
    return tuple(out)


def _function_name(provider: str, service: str) -> str:
    maker = provider_name(provider)
    # "Google Cloud Cloud Run" says the same word twice.
    return f"{maker} {service.removeprefix('Cloud ')}" if maker.endswith("Cloud") else f"{maker} {service}"
