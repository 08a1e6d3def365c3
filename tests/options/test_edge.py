"""Computers in the building: the owner's own and those to be bought."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.forecast import REACH_SPECIALIST
from tests.advisor.answers import need, the_catalog, worked


def names(g) -> list[str]:
    return [g.ids(i) for i in range(g.n)]


def amounts(g, code: str):
    return sum((np.broadcast_to(x.amounts(g.n), (g.n,)) for x in g.bills.lines if x.code == code and x.has_amount()), np.zeros(g.n))


def hours(g, code: str):
    return next(np.broadcast_to(x.quantity, (g.n,)) for x in g.bills.lines if x.code == code)


def test_more_cards_than_computers_to_hold_them_are_refused() -> None:
    """600,000 photos an hour need several cards; the owner has one computer that takes a card."""
    busy = {"load__units_per_day": 3_000_000, "load__busiest_hour_units": 600_000, "speed__limit_ms": 400}
    one, five = (worked(need(**busy, site={"owned": [{"what": "gaming PC 2022"}] * n})).group("edge_new") for n in (1, 5))
    cards = [i for i, name in enumerate(names(one)) if name.endswith("+own")]
    assert cards
    for i in cards:
        held = [p.count for p in one.looks(i).parts if p.role == "holds it"]
        assert ("rule.too-few-machines" in one.broken(i)) == (held[0] > 1)
        assert "rule.too-few-machines" not in five.broken(i)
    assert any(one.broken(i) == ("rule.too-few-machines",) for i in cards)
    assert all("rule.too-few-machines" not in one.broken(i) for i in range(one.n) if i not in cards)


def test_devices_to_buy_by_hand() -> None:
    """One machine at each of three sites: three prices, and a spare only where a day is too long to wait."""
    patient = worked(need(load__sites=3, rules__longest_outage_minutes=3 * 24 * 60)).group("edge_new")
    hurried = worked(need(load__sites=3, rules__longest_outage_minutes=60)).group("edge_new")
    i = names(patient).index("edge_new:raspberry-pi-5")
    build = next(b for b in the_catalog().builds(()) if b.id == "raspberry-pi-5")
    assert patient.looks(i).parts[0].count == 3
    assert amounts(patient, "T01")[i] == pytest.approx(3 * build.priced[0][1].likely)
    assert amounts(patient, "T02")[i] == 0
    assert amounts(hurried, "T02")[i] == pytest.approx(build.priced[0][1].likely)
    # 3 machines, 3 in 100 break each year, 3 years.
    assert amounts(patient, "T11")[i] == pytest.approx(3 * 0.03 * 3 * build.priced[0][1].likely)
    assert [p.role for p in hurried.looks(i).parts] == ["does the work", "spare on the shelf"]


def test_power_of_a_bought_machine_by_hand() -> None:
    """On day and night: idle power for 8,760 hours a year, and the difference for the hours it works."""
    w = worked(need(money={"currency": "USD", "electricity_per_kwh": 0.25}))
    g = w.group("edge_new")
    i = names(g).index("edge_new:raspberry-pi-5")
    b = next(b for b in the_catalog().builds(()) if b.id == "raspberry-pi-5")
    seconds = 400 * 6 / 7 * 365 * g.p_likely[i]
    most = (b.idle_w.likely * 8760 + (b.load_w.likely - b.idle_w.likely) * seconds / 3600) / 1000
    assert b.idle_w.likely * 8.76 < g.energy_kwh_per_year[i] <= most
    assert amounts(g, "T04")[i] == pytest.approx(g.energy_kwh_per_year[i] * 3 * 0.25)


def test_a_chip_with_a_runtime_of_its_own_costs_the_conversion() -> None:
    g = worked(need()).group("edge_new")
    hailo = names(g).index("edge_new:hailo-8-m2+raspberry-pi-5")
    plain = names(g).index("edge_new:raspberry-pi-5")
    more = float(the_catalog().default("hours.conversion").value)
    assert more > 0
    assert hours(g, "T07")[hailo] - hours(g, "T07")[plain] == pytest.approx(more)
    assert g.setup_hours[hailo] - g.setup_hours[plain] == pytest.approx(more)
    assert "caution.specialist" in g.looks(hailo).cautions
    assert "caution.specialist" not in g.looks(plain).cautions
    assert REACH_SPECIALIST > 0


def test_a_model_too_large_for_the_memory_is_refused() -> None:
    small, large = (worked(need(job__model={"features": {"params_millions": p, "gmacs": 4}})).group("edge_existing") for p in (3, 50_000))
    assert "rule.memory" not in small.broken(0)
    assert "rule.memory" in large.broken(0)


@pytest.mark.parametrize(
    ("free", "limit_ms", "refused"),
    [("nights", 2000, True), ("nights", 13 * 3_600_000, False), ("office-hours", 2000, False), ("always", 2000, False)],
)
def test_a_computer_free_at_night_cannot_answer_by_day(free: str, limit_ms: float, refused: bool) -> None:
    g = worked(need(site={"owned": [{"what": "office PC 2021", "free": free}]}, speed__limit_ms=limit_ms)).group("edge_existing")
    assert ("rule.hours-free" in g.broken(0)) is refused


def test_office_hours_do_not_cover_a_long_day() -> None:
    site = {"owned": [{"what": "office PC 2021", "free": "office-hours"}]}
    g = worked(need(site=site, load__open_hours_per_day=16)).group("edge_existing")
    assert "rule.hours-free" in g.broken(0)


def test_a_nightly_heap_uses_only_free_hours() -> None:
    """14 free hours a night; the same heap fits into a day of 24 hours where the computer is always free."""
    batch = {"units_per_day": 100, "batch": {"units": 500_000, "times_per_year": 12}, "open_hours_per_day": 10}

    def group(free: str):
        site = {"owned": [{"what": "office PC 2021", "free": free}]}
        return worked(need(site=site, load=batch, speed={"limit_ms": 24 * 3_600_000, "of": "batch"})).group("edge_existing")

    nights, always = group("nights"), group("always")
    assert nights.utilisation[0] == pytest.approx(always.utilisation[0] * 24 / 14)
    assert nights.p_likely[0] == pytest.approx(always.p_likely[0] * 24 / 14)


@pytest.mark.parametrize(("limit", "power"), [(5, "mains"), (None, "solar"), (10, "battery")])
def test_power_that_is_not_there(limit: float | None, power: str) -> None:
    site = {"owned": [{"what": "gaming PC 2022"}], "power": power, "power_limit_w": limit}
    w = worked(need(site=site))
    assert "rule.power" in w.group("edge_existing").broken(0)
    g = w.group("edge_new")
    watts = {b.id: b.max_w for b in the_catalog().builds(w.setting.case.owned)}
    for i in range(g.n):
        count = g.looks(i).parts[0].count
        if "rule.too-slow" not in g.broken(i):
            assert ("rule.power" in g.broken(i)) == (watts[g.ids(i).removeprefix("edge_new:")] * count > (limit or 30))


def test_two_computers_of_a_name_keep_apart() -> None:
    g = worked(need(site={"owned": [{"what": "office PC 2021"}, {"what": "office PC 2021"}]})).group("edge_existing")
    assert names(g) == ["edge_existing:office-pc-2021", "edge_existing:office-pc-2021-2"]


def test_one_computer_cannot_do_the_work_of_two() -> None:
    busy = {"load__units_per_day": 300_000, "load__busiest_hour_units": 60_000}
    one = worked(need(**busy)).group("edge_existing")
    assert "rule.too-few-machines" in one.broken(0)
    assert one.looks(0).parts[0].count > 1


def test_power_of_a_computer_you_have_by_hand() -> None:
    """By day in use anyway: what the work adds. By night: all of it and half an hour of waiting. Always free: half of its waiting too."""
    day, nights, always = (
        worked(need(site={"owned": [{"what": "office PC 2021", "free": f}]}, speed__limit_ms=50_000_000)).group("edge_existing")
        for f in ("office-hours", "nights", "always")
    )
    c = the_catalog().owned_class("office PC 2021")
    days, idle, busy = 6 * 365 / 7, c.idle_w.likely, c.busy_w.likely
    hours = day.energy_kwh_per_year[0] * 1000 / (busy - idle)
    assert nights.energy_kwh_per_year[0] == pytest.approx((hours * busy + 0.5 * days * idle) / 1000)
    assert always.energy_kwh_per_year[0] == pytest.approx((hours * (busy - idle) + 0.5 * 10 * days * idle) / 1000)
    for g in (day, nights, always):
        assert g.bills.lows[0] < g.bills.totals[0] < g.bills.highs[0]


@pytest.mark.parametrize("skill", ["none", "low", "medium", "high"])
def test_hours_follow_the_skill_in_the_house(skill: str) -> None:
    g = worked(need(business__it_skill=skill)).group("edge_existing")
    factor = float(the_catalog().default(f"skill.{skill}").value)
    assert g.setup_hours[0] == pytest.approx(6 * factor)
    # Half an hour of upkeep and an hour of looking at answers.
    assert g.upkeep_hours_per_month[0] == pytest.approx(0.5 * factor + 1)


def test_further_sites_take_half_the_hours_of_the_first() -> None:
    one, three = (worked(need(load__sites=n)).group("edge_new") for n in (1, 3))
    assert three.upkeep_hours_per_month == pytest.approx(one.upkeep_hours_per_month * 2)


def test_nothing_is_bought_where_no_model_of_ones_own_runs() -> None:
    document = need(job={"task": "ocr", "unit": "page", "model": {"hosted_service": "azure_ai:prebuilt-read"}})
    assert [g.ids(0).split(":")[0] for g in worked(document).groups] == ["cloud_api"]
