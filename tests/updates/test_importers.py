"""Public price lists, read from samples of our own making: by file, by folder, and page by page from a server on this computer."""

from __future__ import annotations

import csv
import json
import threading
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from advisor.words.english import CAUTIONS
from catalogs.build.importers import aws, azure, pages, skypilot
from catalogs.build.importers.__main__ import main
from catalogs.build.importers.pages import RefusedPriceList
from catalogs.build.importers.rows import PRICE_COLUMNS, TYPE_COLUMNS, Found, Quote, amount, price_rows, text
from catalogs.build.tables import rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = "2026-11-20"


# ---- a server of our own -----------------------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Answers from `pages` by path: a value for JSON, bytes as they are, a list of answers one after the other."""

    daemon_threads = True

    def __init__(self) -> None:
        self.pages: dict[str, Any] = {}
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        found = self.server.pages.get(self.path, 404)
        if isinstance(found, list):
            found = found.pop(0)
        status, headers = 200, {}
        if isinstance(found, int):
            status, found = found, b""
        elif isinstance(found, tuple):
            status, headers, found = found
        body = found if isinstance(found, bytes) else json.dumps(found).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def hasty(_: float) -> None:
    """No waiting in tests."""


# ---- Azure -------------------------------------------------------------------------------------------------------------


def meter(**changes: Any) -> dict[str, Any]:
    return {
        "currencyCode": "USD", "tierMinimumUnits": 0.0, "retailPrice": 0.1234567, "unitPrice": 0.1234567, "armRegionName": "westeurope",
        "location": "EU West", "effectiveStartDate": "2025-03-01T00:00:00Z", "meterName": "D2s v5",
        "productName": "Virtual Machines Dsv5 Series", "skuName": "D2s v5", "serviceName": "Virtual Machines",
        "serviceFamily": "Compute", "unitOfMeasure": "1 Hour", "type": "Consumption",
        "isPrimaryMeterRegion": True, "armSkuName": "Standard_D2s_v5", **changes,
    }  # fmt: skip


def sheet(*items: dict[str, Any], link: str | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "BillingCurrency": "USD",
        "CustomerEntityId": "Default",
        "Items": list(items),
        "NextPageLink": link,
        "Count": len(items),
        **changes,
    }


LEFT_OUT_BY_AZURE = [
    ({"currencyCode": "EUR"}, "not in US dollars"),
    ({"type": "Reservation", "reservationTerm": "1 Year"}, "not pay as you go"),
    ({"type": "DevTestConsumption"}, "not pay as you go"),
    ({"reservationTerm": "3 Years"}, "not pay as you go"),
    ({"unitOfMeasure": "1/Month"}, "not by the hour"),
    ({"unitOfMeasure": "100 Hours"}, "not by the hour"),
    ({"productName": "Virtual Machines Dsv5 Series Windows"}, "Windows"),
    ({"productName": "Dsv5 Series Dedicated Host"}, "not shared: a whole host"),
    ({"productName": "Virtual Machines Dsv5 Series CloudServices"}, "another service under the same name"),
    ({"productName": "Dv2 Series Cloud Services"}, "another service under the same name"),
    ({"skuName": "D2s v5 Low Priority"}, "low priority, no longer sold"),
    ({"meterName": "D2s v5 Expired"}, "expired"),
    ({"effectiveEndDate": "2026-01-31T00:00:00Z"}, "expired"),
    ({"effectiveStartDate": "2026-12-01T00:00:00Z"}, "not yet in force"),
    ({"serviceName": "Storage"}, "not a virtual machine"),
    ({"isPrimaryMeterRegion": False}, "not the main meter of its region"),
    ({"tierMinimumUnits": 100.0}, "a price from some amount on"),
    ({"armSkuName": ""}, "no name or region"),
    ({"armRegionName": None}, "no name or region"),
    ({"retailPrice": 0.0}, "no price above zero"),
    ({"retailPrice": -1}, "no price above zero"),
    ({"retailPrice": "NaN"}, "no price above zero"),
    ({"retailPrice": None}, "no price above zero"),
]


@pytest.mark.parametrize(("changes", "why"), LEFT_OUT_BY_AZURE)
def test_azure_leaves_out_what_is_not_linux_shared_hourly_dollars(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps(sheet(meter(**changes), meter())), encoding="utf-8")
    found = azure.read(str(path), DAY)
    assert dict(found.left_out) == {why: 1}
    assert len(found.quotes) == 1


def test_azure_page_by_page(server: Server) -> None:
    names = [f"Standard_D{n}s_v5" for n in (2, 4, 8, 16, 32)]
    for i, name in enumerate(names):
        link = f"{server.address}/api/retail/prices?$skip={i + 1}" if i < 4 else None
        spot = meter(armSkuName=name, skuName=f"{name} Spot", retailPrice=0.02 * (i + 1))
        server.pages["/api/retail/prices" + (f"?$skip={i}" if i else "")] = sheet(
            meter(armSkuName=name, retailPrice=0.1 * (i + 1)), spot, link=link
        )
    found = azure.read(f"{server.address}/api/retail/prices", DAY, hasty)
    assert (found.pages, found.read, len(found.quotes)) == (5, 10, 10)
    assert len(server.asked) == 5
    prices, types = price_rows(found, rows("regions"), rows("instance_types"), "s99")
    assert types == []
    assert [p["instance_type"] for p in prices] == sorted(names)
    first = next(p for p in prices if p["instance_type"] == "Standard_D2s_v5")
    assert first == {
        "provider": "azure", "region": "westeurope", "instance_type": "Standard_D2s_v5", "usd_per_hour_on_demand": "0.1",
        "usd_per_hour_spot": "0.02", "flags": "", "as_of": DAY, "source_id": "s99", "usable": "yes", "usable_reason": "",
        "spot_usable": "caution: can be taken away",
    }  # fmt: skip
    assert set(first) == set(rows("prices")[0]) == set(PRICE_COLUMNS)
    assert set(TYPE_COLUMNS) == set(rows("instance_types")[0])


def test_no_digit_of_a_price_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps(sheet(meter())).replace("0.1234567,", "0.10000000000000000001,"), encoding="utf-8")
    assert azure.read(str(path), DAY).quotes[0].usd == Decimal("0.10000000000000000001")


def test_azure_in_another_currency_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps(sheet(meter(), BillingCurrency="EUR")), encoding="utf-8")
    with pytest.raises(RefusedPriceList, match="only US dollars"):
        azure.read(str(path), DAY)


def test_azure_from_saved_pages(tmp_path: Path) -> None:
    for i in range(3):
        page = sheet(meter(armSkuName=f"Standard_D{2**i}s_v5"), link="https://prices.example/next")
        (tmp_path / f"page-{i}.json").write_text(json.dumps(page), encoding="utf-8")
    assert azure.read(str(tmp_path), DAY).pages == 3
    with pytest.raises(RefusedPriceList, match="a folder with all pages"):
        azure.read(str(tmp_path / "page-0.json"), DAY)


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/x", "http://127.0.0.1:1/x", "ftp://127.0.0.1/x", "file:///etc/hosts", 5, ["x"]]
)
def test_a_list_that_leads_elsewhere_is_refused(server: Server, link: Any) -> None:
    server.pages["/a"] = sheet(meter(), link=link)
    with pytest.raises(RefusedPriceList):
        azure.read(f"{server.address}/a", DAY, hasty)
    assert server.asked == ["/a"]


def test_a_server_that_sends_us_elsewhere_is_refused(server: Server) -> None:
    with serving() as other:
        other.pages["/b"] = sheet(meter())
        server.pages["/a"] = (302, {"Location": f"{other.address}/b"}, b"")
        with pytest.raises(RefusedPriceList, match="do not follow"):
            azure.read(f"{server.address}/a", DAY, hasty)
        assert other.asked == []


def test_addresses_with_spaces(server: Server) -> None:
    server.pages["/a?$filter=serviceName%20eq%20'Virtual%20Machines'"] = sheet(meter())
    assert azure.read(f"{server.address}/a?$filter=serviceName eq 'Virtual Machines'", DAY, hasty).pages == 1


def test_pages_in_a_circle(server: Server) -> None:
    server.pages["/a"] = sheet(meter(), link=f"{server.address}/b")
    server.pages["/b"] = sheet(meter(), link=f"{server.address}/a")
    with pytest.raises(RefusedPriceList, match="circles"):
        azure.read(f"{server.address}/a", DAY, hasty)


def test_a_busy_server_is_asked_again(server: Server) -> None:
    waited: list[float] = []
    server.pages["/a"] = [(429, {"Retry-After": "7"}, b""), 503, sheet(meter())]
    assert azure.read(f"{server.address}/a", DAY, waited.append).pages == 1
    assert waited == [7.0, 4.0]
    server.pages["/a"] = [503] * 9
    with pytest.raises(RefusedPriceList, match="answered 503"):
        azure.read(f"{server.address}/a", DAY, hasty)
    with pytest.raises(RefusedPriceList, match="answered 404"):
        azure.read(f"{server.address}/none", DAY, hasty)
    with pytest.raises(RefusedPriceList, match="does not answer"):
        azure.read("http://127.0.0.1:1/a", DAY, hasty)


def test_only_https_leaves_this_computer() -> None:
    with pytest.raises(RefusedPriceList, match="do not follow"):
        pages.read("http://prices.example/a")


def test_a_page_over_the_limit(server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = bytes(3 * 2**20)
    with pytest.raises(RefusedPriceList, match="larger than 1 MB"):
        pages.read(f"{server.address}/a", 2**20, hasty)
    (tmp_path / "big").write_bytes(bytes(3 * 2**20))
    with pytest.raises(RefusedPriceList, match="larger than 1 MB"):
        pages.read(str(tmp_path / "big"), 2**20)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b"<html>", b"[" * 100_000, b"\xff", b'{"Items": 5}'])
def test_no_price_list_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    for read in (azure.read, aws.read):
        with pytest.raises(RefusedPriceList):
            read(str(path), DAY)
    with pytest.raises(RefusedPriceList):
        skypilot.read(str(path), "lambda", DAY)
    assert azure.read(_saved(tmp_path, sheet()), DAY).quotes == []


def _saved(folder: Path, content: Any) -> str:
    path = folder / "saved.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


# ---- AWS ---------------------------------------------------------------------------------------------------------------


def product(**changes: Any) -> dict[str, Any]:
    family = changes.pop("productFamily", "Compute Instance")
    attributes = {
        "servicecode": "AmazonEC2", "location": "EU (Frankfurt)", "locationType": "AWS Region", "instanceType": "m5.large", "vcpu": "2",
        "memory": "8 GiB", "physicalProcessor": "Intel Xeon", "operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA",
        "capacitystatus": "Used", "regionCode": "eu-central-1", "operation": "RunInstances", "marketoption": "OnDemand", **changes,
    }  # fmt: skip
    return {"productFamily": family, "attributes": attributes}


def dimension(**changes: Any) -> dict[str, Any]:
    return {"unit": "Hrs", "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": "0.1150000000"}, **changes}


def offer(*entries: tuple[dict[str, Any], dict[str, Any]], day: str = "2026-11-18", start: str = "2026-11-01") -> dict[str, Any]:
    products = {f"SKU{i}": p for i, (p, _) in enumerate(entries)}
    terms = {
        f"SKU{i}": {f"SKU{i}.T": {"effectiveDate": f"{start}T00:00:00Z", "priceDimensions": {f"SKU{i}.T.R": d}}}
        for i, (_, d) in enumerate(entries)
    }
    return {
        "formatVersion": "v1.0", "offerCode": "AmazonEC2", "publicationDate": f"{day}T10:00:00Z", "products": products,
        "terms": {"OnDemand": terms, "Reserved": {"SKU0": {"x": {"priceDimensions": {"y": dimension(pricePerUnit={"USD": "0.01"})}}}}},
    }  # fmt: skip


LEFT_OUT_BY_AWS = [
    ({"operatingSystem": "Windows"}, {}, "not Linux"),
    ({"operatingSystem": "RHEL"}, {}, "not Linux"),
    ({"tenancy": "Dedicated"}, {}, "not shared: a host or machine of one's own"),
    ({"tenancy": "Host"}, {}, "not shared: a host or machine of one's own"),
    ({"preInstalledSw": "SQL Std"}, {}, "with other software on it"),
    ({"capacitystatus": "UnusedCapacityReservation"}, {}, "reserved room, not use"),
    ({"locationType": "AWS Local Zone"}, {}, "not a usual region"),
    ({"marketoption": "CapacityBlock"}, {}, "sold another way"),
    ({"operation": "RunInstances:0004"}, {}, "sold another way"),
    ({"productFamily": "Dedicated Host"}, {}, "not a machine"),
    ({"instanceType": None}, {}, "no name or region"),
    ({}, {"unit": "Quantity"}, "not by the hour"),
    ({}, {"pricePerUnit": {"CNY": "0.5"}}, "not in US dollars"),
    ({}, {"pricePerUnit": {"USD": "0.1", "CNY": "0.5"}}, "not in US dollars"),
    ({}, {"pricePerUnit": {"USD": "0.0000000000"}}, "no price above zero"),
    ({}, {"beginRange": "100"}, "a price from some amount on"),
    ({}, {"endRange": "100"}, "a price from some amount on"),
]


@pytest.mark.parametrize(("attributes", "price", "why"), LEFT_OUT_BY_AWS)
def test_aws_leaves_out_what_is_not_linux_shared_hourly_dollars(
    tmp_path: Path, attributes: dict[str, Any], price: dict[str, Any], why: str
) -> None:
    found = aws.read(_saved(tmp_path, offer((product(**attributes), dimension(**price)), (product(), dimension()))), DAY)
    assert dict(found.left_out) == {why: 1}
    assert [(q.instance_type, q.usd) for q in found.quotes] == [("m5.large", Decimal("0.115"))]


def test_aws_region_by_region(server: Server) -> None:
    regions = {"eu-central-1": "0.115", "us-east-1": "0.096", "eu-north-1": "0.102"}
    base = "/offers/v1.0/aws/AmazonEC2/current/region_index.json"
    server.pages[base] = {"regions": {r: {"regionCode": r, "currentVersionUrl": f"/offers/20261118/{r}/index.json"} for r in regions}}
    for region, usd in regions.items():
        entry = (product(regionCode=region), dimension(pricePerUnit={"USD": usd}))
        new = (product(regionCode=region, instanceType="m99.large", physicalProcessor="AWS Graviton9"), dimension())
        server.pages[f"/offers/20261118/{region}/index.json"] = offer(entry, new)
    found = aws.read(server.address + base, DAY, hasty)
    assert (found.pages, len(server.asked)) == (3, 4)
    prices, types = price_rows(found, rows("regions"), rows("instance_types"), "s98")
    assert {(p["region"], p["usd_per_hour_on_demand"]) for p in prices if p["instance_type"] == "m5.large"} == set(regions.items())
    assert {(p["usable"], p["as_of"]) for p in prices if p["instance_type"] == "m5.large"} == {("yes", "2026-11-18")}
    assert {(p["usable"], p["usable_reason"]) for p in prices if p["instance_type"] == "m99.large"} == {("caution", "single")}
    (new_type,) = types
    assert (new_type["vcpus"], new_type["memory_gib"], new_type["arch"], new_type["type_status"]) == ("2", "8", "arm64", "caution")


def test_aws_index_that_leads_elsewhere(server: Server, tmp_path: Path) -> None:
    for link in ("https://elsewhere.example/x.json", "//elsewhere.example/x.json", None):
        server.pages["/i"] = {"regions": {"eu-central-1": {"currentVersionUrl": link}}}
        with pytest.raises(RefusedPriceList):
            aws.read(f"{server.address}/i", DAY, hasty)
    with pytest.raises(RefusedPriceList, match="a folder with all pages"):
        aws.read(_saved(tmp_path, {"regions": {"x": {"currentVersionUrl": "/../../etc/passwd"}}}), DAY)


def test_aws_of_another_service_or_day(tmp_path: Path) -> None:
    good = offer((product(), dimension()))
    for changes in ({"offerCode": "AmazonRDS"}, {"publicationDate": "2027-01-01T00:00:00Z"}, {"publicationDate": "soon"}, {"terms": []}):
        with pytest.raises(RefusedPriceList):
            aws.read(_saved(tmp_path, {**good, **changes}), DAY)
    late = aws.read(_saved(tmp_path, offer((product(), dimension()), start="2026-12-01")), DAY)
    assert dict(late.left_out) == {"not yet in force": 1}
    none = aws.read(_saved(tmp_path, {**good, "terms": {"OnDemand": {}}}), DAY)
    assert dict(none.left_out) == {"no pay-as-you-go price": 1}


# ---- SkyPilot ----------------------------------------------------------------------------------------------------------

HEADER = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone"


def sky(folder: Path, *lines: str) -> str:
    path = folder / "vms.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return str(path)


def test_skypilot_one_row_a_machine_and_region(tmp_path: Path) -> None:
    place = sky(
        tmp_path,
        "m5.large,,,2.0,8.0,,0.115,0.04,eu-central-1,eu-central-1a",
        "m5.large,,,2.0,8.0,,0.115,0.05,eu-central-1,eu-central-1b",
        "g99.xlarge,L4,1.0,4.0,16.0,{},0.9,,eu-central-1,eu-central-1a",
        ",V100,1,,,,2.48,0.74,us-central1,us-central1-a",
        "m5.large,,,2.0,8.0,,,0.04,eu-north-1,eu-north-1a",
        "m5.large,,,2.0,8.0,,0.1,0.2,eu-west-1,eu-west-1a",
        "m5.large,,,2.0,8.0,,0.1,,mars-1,mars-1a",
        "m5.large,,,2.0,8.0,,0.1,,,",
        "m5.large,,,2.0",
    )
    found = skypilot.read(place, "aws", DAY)
    prices, types = price_rows(found, rows("regions"), rows("instance_types"), "s97")
    assert [(p["instance_type"], p["region"], p["usd_per_hour_on_demand"], p["usd_per_hour_spot"], p["usable"]) for p in prices] == [
        ("g99.xlarge", "eu-central-1", "0.9", "", "caution"),
        ("m5.large", "eu-central-1", "0.115", "0.05", "yes"),
        ("m5.large", "eu-west-1", "0.1", "", "yes"),
    ]
    (new,) = types
    assert (new["accelerator"], new["accelerator_count"], new["vcpus"]) == ("L4", "1", "4")
    assert {k: n for k, n in found.left_out.items() if n} == {
        "an accelerator without a machine": 1,
        "no price above zero": 1,
        "spot price above the usual one": 1,
        "region is not in regions.csv": 1,
        "no region": 1,
        "too many or too few cells": 1,
    }


def test_skypilot_from_an_address(server: Server, tmp_path: Path) -> None:
    sky(tmp_path, "m5.large,,,2.0,8.0,,0.115,,eu-central-1,a")
    server.pages["/v8/aws/vms.csv"] = (tmp_path / "vms.csv").read_bytes()
    assert len(skypilot.read(f"{server.address}/v8/aws/vms.csv", "aws", DAY, hasty).quotes) == 1


def test_skypilot_without_a_column(tmp_path: Path) -> None:
    path = tmp_path / "vms.csv"
    path.write_text(HEADER.replace("Price,SpotPrice", "Cost,SpotPrice") + "\n", encoding="utf-8")
    with pytest.raises(RefusedPriceList, match="no column called Price"):
        skypilot.read(str(path), "aws", DAY)


# ---- judging and writing -------------------------------------------------------------------------------------------------


def test_places_and_machines_an_owner_cannot_have_stay_out() -> None:
    special = {r["special_region"]: r for r in rows("regions") if r["provider"] in ("aws", "azure")}

    def judged(region: str, kind: str) -> tuple[str, str]:
        r = special[region]
        found = Found([Quote(r["provider"], r["region"], "x", Decimal(1), False, DAY)])
        kinds = [{"provider": r["provider"], "instance_type": "x", "type_status": kind}]
        ((row,), _) = price_rows(found, rows("regions"), kinds, "s")
        return row["usable"], row["usable_reason"]

    assert judged("normal", "ok") == ("yes", "")
    assert judged("normal", "no") == ("no", "type_not_for_owner")
    assert judged("normal", "caution") == ("caution", "type_caution")
    assert judged("government", "ok") == ("no", "special_region")
    assert judged("restricted-access", "caution") == ("no", "special_region;type_caution")
    assert judged("local-zone", "ok") == ("caution", "local_zone")


def test_every_reason_has_words() -> None:
    for reason in ("special_region", "local_zone", "country_unknown", "single", "type_not_for_owner", "type_caution"):
        assert f"caution.price.{reason}" in CAUTIONS


def test_the_newest_price_counts_then_the_dearest() -> None:
    quotes = [
        Quote("aws", "eu-north-1", "m5.large", Decimal(usd), False, DAY, day)
        for usd, day in (("9", "2025-01-01"), ("0.1", "2026-01-01"), ("0.2", "2026-01-01"))
    ]
    ((row,), _) = price_rows(Found(quotes), rows("regions"), rows("instance_types"), "s")
    assert row["usd_per_hour_on_demand"] == "0.2"


@pytest.mark.parametrize("value", ["", "0", "-1", "nan", "inf", "1e9", "x", None, [], "0.0"])
def test_what_is_no_price(value: Any) -> None:
    assert amount(value) is None


def test_prices_are_written_plainly() -> None:
    assert [text(Decimal(t)) for t in ("0.1000", "1E-7", "12", "1E+2", "0.10000000000000000001")] == [
        "0.1", "0.0000001", "12", "100", "0.10000000000000000001",
    ]  # fmt: skip


def test_the_command_writes_rows_and_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = _saved(tmp_path, sheet(meter(), meter(productName="x Windows")))
    out = tmp_path / "out"
    assert main(["azure", page, "--as-of", DAY, "--source", "s99", "--out", str(out)]) == 0
    with (out / "prices.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["usd_per_hour_on_demand"] == "0.1234567"
    assert "- left out, Windows: 1" in (out / "REPORT.md").read_text(encoding="utf-8")
    first = {p.name: p.read_bytes() for p in out.iterdir()}
    assert main(["azure", page, "--as-of", DAY, "--source", "s99", "--out", str(out)]) == 0
    assert {p.name: p.read_bytes() for p in out.iterdir()} == first
    assert main(["aws", page, "--source", "s99", "--out", str(tmp_path / "no")]) == 2
    assert not (tmp_path / "no").exists()
    assert "not an offer file" in capsys.readouterr().err
    sky(tmp_path, "m5.large,,,2.0,8.0,,0.115,,eu-central-1,a")
    assert main(["skypilot", str(tmp_path / "vms.csv"), "--provider", "aws", "--as-of", DAY, "--source", "s", "--out", str(out)]) == 0
    for wrong in (
        ["azure", page],
        ["azure", page, "--as-of", "2999-01-01"],
        ["skypilot", page, "--as-of", DAY],
        ["aws", page, "--provider", "x"],
    ):
        with pytest.raises(SystemExit):
            main([*wrong, "--source", "s", "--out", str(out)])
