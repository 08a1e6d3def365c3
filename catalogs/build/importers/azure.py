"""The public retail prices of Azure: pages of JSON with `Items` and `NextPageLink`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from catalogs.build.importers.pages import RefusedPriceList, all_pages
from catalogs.build.importers.rows import Found, Quote, amount

if TYPE_CHECKING:
    from collections.abc import Callable


def read(place: str, as_of: str, sleep: Callable[[float], None] = time.sleep) -> Found:
    """Every price of the list that counts, from all its pages. `as_of`: the day the list was asked.

    Raises:
        RefusedPriceList: a page cannot be read or is none of this list, or the list is not in US dollars.
    """
    found = Found()
    for page in all_pages(place, _next, sleep):
        items = page.get("Items")
        if not isinstance(items, list):
            raise RefusedPriceList("A page has no Items: this is not a list of Azure retail prices.")
        if page.get("BillingCurrency", "USD") != "USD":
            raise RefusedPriceList(f"The list is in {page['BillingCurrency']}; only US dollars are taken.")
        found.pages += 1
        for item in items:
            found.read += 1
            why = _why_not(item, as_of) if isinstance(item, dict) else "not a row"
            if why:
                found.left_out[why] += 1
                continue
            usd = amount(item["retailPrice"])
            assert usd is not None
            start = str(item.get("effectiveStartDate", ""))[:10]
            spot = "spot" in _words(item, "skuName", "meterName")
            found.quotes.append(Quote("azure", item["armRegionName"], item["armSkuName"], usd, spot, as_of, start))
    return found


def _next(page: dict[str, Any]) -> str | None:
    link = page.get("NextPageLink")
    if link is not None and not isinstance(link, str):
        raise RefusedPriceList("A page says in a strange way where the list goes on.")
    return link or None


def _words(item: dict[str, Any], *names: str) -> str:
    return " ".join(str(item.get(n, "")) for n in names).lower()


def _why_not(item: dict[str, Any], as_of: str) -> str:
    """Why a row is left out; '' if it counts."""
    product = _words(item, "productName", "skuName", "meterName")
    checks = (
        ("not in US dollars", item.get("currencyCode") != "USD"),
        ("not a virtual machine", item.get("serviceName") != "Virtual Machines"),
        ("not pay as you go", item.get("type") != "Consumption" or "reservationTerm" in item),
        ("not by the hour", str(item.get("unitOfMeasure")) != "1 Hour"),
        ("Windows", "windows" in product),
        ("not shared: a whole host", "dedicated" in product),
        ("another service under the same name", "cloud services" in product or "cloudservices" in product),
        ("low priority, no longer sold", "low priority" in product),
        ("expired", "expired" in product or "" < _day(item, "effectiveEndDate") < as_of),
        ("not yet in force", _day(item, "effectiveStartDate") > as_of),
        ("not the main meter of its region", item.get("isPrimaryMeterRegion", True) is not True),
        ("a price from some amount on", amount(item.get("tierMinimumUnits", 0)) is not None),
        ("no name or region", not _is_name(item.get("armSkuName")) or not _is_name(item.get("armRegionName"))),
        ("no price above zero", amount(item.get("retailPrice")) is None),
    )
    return next((why for why, holds in checks if holds), "")


def _day(item: dict[str, Any], name: str) -> str:
    return str(item.get(name) or "")[:10]


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.strip() == value != ""
