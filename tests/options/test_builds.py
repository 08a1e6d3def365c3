"""What is put together really fits: the slot is there, the supply feeds the card, the memory is that of the host."""

from __future__ import annotations

import pytest

from advisor.catalog.builds import _fits_board, _fits_pc, device_power
from advisor.need import Owned
from tests.advisor.answers import the_catalog


def row(device_id: str) -> dict[str, str]:
    return next(r for r in the_catalog().devices if r["device_id"] == device_id)


def changed_row(device_id: str, **changes: str) -> dict[str, str]:
    return {**row(device_id), **changes}


def cards(what: str) -> set[str]:
    return {b.device_id for b in the_catalog().builds((Owned(what),)) if b.host_purchase == "own"}


@pytest.mark.parametrize(
    ("what", "most_w"),
    [("office PC 2021", 75), ("office PC 2012", 75), ("gaming PC 2022", 350), ("drawing workstation 2022", 300), ("server 2023", 300)],
)
def test_no_card_draws_more_than_the_supply_of_its_host_gives(what: str, most_w: float) -> None:
    catalog = the_catalog()
    found = [b for b in catalog.builds((Owned(what),)) if b.host_purchase == "own" and b.form == "graphics card"]
    assert found
    draws = {b.device_id: device_power(catalog, row(b.device_id))[2] for b in found}
    assert max(draws.values()) <= most_w
    # And none that it can feed is left out.
    rest = [r for r in catalog.devices if r["recommendable"] == "yes" and r["form"] == "graphics card" and r["device_id"] not in draws]
    assert all(device_power(catalog, r)[2] > most_w for r in rest)


@pytest.mark.parametrize("what", ["laptop 2022", "till PC 2020", "mini PC 2023", "Raspberry Pi 4", "something"])
def test_a_computer_without_a_slot_takes_no_card(what: str) -> None:
    assert not cards(what)


def test_a_small_card_needs_a_free_small_slot() -> None:
    assert "hailo-8-m2" in cards("office PC 2021")
    # Computers of that age have none.
    assert "hailo-8-m2" not in cards("office PC 2012")


def test_the_computer_that_can_feed_the_card_is_its_host() -> None:
    """The office computer is always free, and still the big card goes into the one with the strong supply."""
    owned = (Owned("office PC 2021", free="always"), Owned("gaming PC 2022", free="nights"))
    hosts = {b.device_id: b.host_name for b in the_catalog().builds(owned) if b.host_purchase == "own"}
    assert hosts["card-nvidia-rtx-5070"] == "gaming PC 2022"
    assert hosts["card-nvidia-rtx-pro-2000"] == "office PC 2021"
    assert "card-nvidia-rtx-5090" not in hosts


def test_memory_of_a_small_card_is_that_of_its_host() -> None:
    (card,) = [b for b in the_catalog().builds((Owned("office PC 2021", memory_gb=24),)) if b.id == "hailo-8-m2+own"]
    assert card.memory_gb == 24
    board = next(b for b in the_catalog().builds(()) if b.id == "hailo-8-m2+raspberry-pi-5")
    assert board.memory_gb == float(row("raspberry-pi-5")["memory_gb"])
    graphics = next(b for b in the_catalog().builds((Owned("gaming PC 2022", memory_gb=64),)) if b.device_id == "card-nvidia-rtx-5060")
    assert graphics.memory_gb == float(row("card-nvidia-rtx-5060")["memory_gb"])


@pytest.mark.parametrize(
    ("device", "changes", "fits"),
    [
        ("hailo-8-m2", {}, True),
        # More than the board's slot feeds.
        ("hailo-8-m2", {"max_w": "11", "typical_load_w": "11"}, False),
        # Nobody says what it draws.
        ("hailo-8-m2", {"max_w": "", "typical_load_w": "", "idle_w": ""}, False),
        ("card-nvidia-rtx-5060", {}, False),
        ("jetson-orin-nx-16gb", {}, False),
        ("coral-usb", {}, True),
        ("coral-usb", {"max_w": "6", "typical_load_w": "6"}, False),
    ],
)
def test_what_a_board_takes(device: str, changes: dict[str, str], fits: bool) -> None:
    assert _fits_board(the_catalog(), changed_row(device, **changes)) is fits


@pytest.mark.parametrize(
    ("device", "what", "changes", "fits"),
    [
        ("coral-usb", "till PC 2020", {}, True),
        ("coral-usb", "till PC 2020", {"max_w": "6", "typical_load_w": "6"}, False),
        ("jetson-orin-nx-16gb", "gaming PC 2022", {}, False),
        ("rpi-ai-hat-plus-2", "office PC 2021", {}, False),
        ("card-nvidia-rtx-5090", "gaming PC 2022", {}, False),
        ("card-nvidia-rtx-5070-ti", "gaming PC 2022", {}, True),
    ],
)
def test_what_a_computer_takes(device: str, what: str, changes: dict[str, str], fits: bool) -> None:
    assert _fits_pc(the_catalog(), changed_row(device, **changes), Owned(what)) is fits
