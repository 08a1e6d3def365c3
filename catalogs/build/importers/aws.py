"""The bulk price list of AWS: an offer file of EC2, or the index of its regions with one offer file each."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final

from catalogs.build.importers.pages import RefusedPriceList, linked, read_json
from catalogs.build.importers.rows import Found, Quote, amount, new_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_GIB: Final = re.compile(r"([0-9,.]+) GiB")
_DAY: Final = re.compile(r"20\d{2}-\d{2}-\d{2}")


def read(place: str, today: str, sleep: Callable[[float], None] = time.sleep) -> Found:
    """Every price of the list that counts. The day is the one the list was published; it may not lie after `today`.

    Raises:
        RefusedPriceList: a file cannot be read or is none of this list.
    """
    found = Found()
    for offer in _offer_files(place, sleep):
        products, terms = offer.get("products"), offer.get("terms")
        published = str(offer.get("publicationDate", ""))[:10]
        if not isinstance(products, dict) or not isinstance(terms, dict) or offer.get("offerCode") != "AmazonEC2":
            raise RefusedPriceList("This is not an offer file of EC2.")
        if not _DAY.fullmatch(published) or published > today:
            raise RefusedPriceList(f"The offer file says it is of {published or 'no day'}.")
        found.pages += 1
        on_demand = terms.get("OnDemand", {})
        for sku, product in products.items():
            found.read += 1
            why = _why_not_product(product)
            if why:
                found.left_out[why] += 1
                continue
            _take(product["attributes"], on_demand.get(sku, {}), published, found)
    return found


def _offer_files(place: str, sleep: Callable[[float], None]) -> Iterator[dict[str, Any]]:
    first = read_json(place, sleep=sleep)
    if "regions" not in first:
        yield first
        return
    regions = first["regions"]
    if not isinstance(regions, dict):
        raise RefusedPriceList("The index of regions cannot be read.")
    for name in sorted(regions):
        link = regions[name].get("currentVersionUrl") if isinstance(regions[name], dict) else None
        if not isinstance(link, str):
            raise RefusedPriceList(f"The index does not say where the prices of {name} are.")
        yield read_json(linked(place, link), sleep=sleep)


def _why_not_product(product: object) -> str:
    if not isinstance(product, dict) or not isinstance(product.get("attributes"), dict):
        return "not a row"
    a: Mapping[str, object] = product["attributes"]
    checks = (
        ("not a machine", product.get("productFamily") != "Compute Instance"),
        ("not Linux", a.get("operatingSystem") != "Linux"),
        ("not shared: a host or machine of one's own", a.get("tenancy") != "Shared"),
        ("with other software on it", a.get("preInstalledSw") != "NA"),
        ("reserved room, not use", a.get("capacitystatus") != "Used"),
        ("not a usual region", a.get("locationType") != "AWS Region"),
        ("sold another way", a.get("marketoption", "OnDemand") != "OnDemand" or a.get("operation", "RunInstances") != "RunInstances"),
        ("no name or region", not all(isinstance(a.get(k), str) and a.get(k) for k in ("instanceType", "regionCode"))),
    )
    return next((why for why, holds in checks if holds), "")


def _take(a: Mapping[str, str], terms: object, published: str, found: Found) -> None:
    dimensions = [
        (str(term.get("effectiveDate", ""))[:10], d)
        for term in (terms.values() if isinstance(terms, dict) else ())
        if isinstance(term, dict)
        for d in term.get("priceDimensions", {}).values()
        if isinstance(d, dict)
    ]
    if not dimensions:
        found.left_out["no pay-as-you-go price"] += 1
    for start, d in dimensions:
        prices = d.get("pricePerUnit", {})
        if d.get("unit") != "Hrs":
            found.left_out["not by the hour"] += 1
        elif not isinstance(prices, dict) or set(prices) != {"USD"}:
            found.left_out["not in US dollars"] += 1
        elif str(d.get("beginRange", "0")) != "0" or d.get("endRange", "Inf") != "Inf":
            found.left_out["a price from some amount on"] += 1
        elif start > published:
            found.left_out["not yet in force"] += 1
        elif (usd := amount(prices["USD"])) is None:
            found.left_out["no price above zero"] += 1
        else:
            found.quotes.append(Quote("aws", a["regionCode"], a["instanceType"], usd, False, published, start))
            size = _GIB.fullmatch(a.get("memory", ""))
            # A card in it can only be told by a person: its name is not in the list.
            if size and a.get("vcpu", "").isdigit() and a.get("gpu", "0") in ("0", ""):
                arch = "arm64" if "graviton" in a.get("physicalProcessor", "").lower() else "x86_64"
                facts = {"vcpus": a["vcpu"], "memory_gib": size[1].replace(",", ""), "arch": arch}
                found.types.setdefault(("aws", a["instanceType"]), new_type("aws", a["instanceType"], **facts))
