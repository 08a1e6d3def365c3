"""Cards of chips against the real catalog: found by words and limits, honest about what is not known, never ranked by TOPS."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from functools import cache
from typing import TYPE_CHECKING

import pytest

from advisor.catalog import Catalog, load
from advisor.chip_cards import KINDS, ChipCard, Query, Runs
from advisor.chip_cards.finder import Finder
from advisor.chip_cards.ground import ground_of
from advisor.chip_cards.kinds import kind_of, reasons
from advisor.session import Session
from tests.advisor.answers import ROOT, TODAY, the_catalog

if TYPE_CHECKING:
    from typing import Any

NO_MODEL = Session(country="DE", currency="EUR")
PHOTOS = replace(NO_MODEL, task="image-classification", model_choice="none", reference="photo-sorting")
CHAT = replace(NO_MODEL, task="chat", model_choice="size", params_billions=70.0)
SERVICE = replace(NO_MODEL, task="ocr", model_choice="service", service="x")


@cache
def finder(session: Session = PHOTOS) -> Finder:
    return Finder(ground_of(session, the_catalog(), TODAY))


def names(query: Query) -> list[str]:
    return [finder().chips[id].name for id in finder().find(query).ids]


def every(session: Session = PHOTOS) -> list[ChipCard]:
    return [finder(session).card(id) for id in finder(session).chips]


def changed(table: str, change: Any) -> Catalog:
    """Our catalog with other rows in one table."""
    found = load(ROOT / "catalogs")
    found._tables[table] = tuple(change(dict(r)) for r in found.table(table))
    return found


# ---- finding ---------------------------------------------------------------------------------------------------------


def test_without_words_every_chip_is_found_the_advised_ones_with_the_cheapest_device_first() -> None:
    found = finder().find(Query())
    assert len(found.ids) == found.of == len(the_catalog().chips)
    advised = [finder().chips[id].recommendable for id in found.ids]
    assert advised == sorted(advised, reverse=True)
    priced = [finder()._advised_prices.get(id, 1e9) for id, ok in zip(found.ids, advised, strict=True) if ok]
    assert priced == sorted(priced)
    unpriced = [finder().chips[id].name.casefold() for id in found.ids[sum(advised) :]]
    assert unpriced == sorted(unpriced)


@pytest.mark.parametrize("words", ["rtx 4060", "RTX-4060", "rtx4060", "geforce 4060", "4060  nvidia"])
def test_a_name_is_found_however_it_is_spelled(words: str) -> None:
    assert names(Query(words))[0] == "NVIDIA GeForce RTX 4060"


def test_a_chip_is_found_by_a_device_that_carries_it_and_by_the_name_of_a_cloud() -> None:
    assert names(Query("mac mini")) == ["Apple M4"]
    assert "NVIDIA T4" in names(Query("g4dn"))


def test_words_that_are_nowhere_find_nothing() -> None:
    assert names(Query("toaster")) == []


def test_every_kind_is_in_the_list_of_kinds_and_keeps_to_itself() -> None:
    found = {key: set(finder().find(Query(kind=key)).ids) for key, _ in KINDS}
    assert all(found.values())
    assert sum(map(len, found.values())) == len(finder().chips)
    assert all(kind_of(finder().chips[id]) == key for key, ids in found.items() for id in ids)


def test_least_memory_leaves_out_the_smaller_ones_and_those_nobody_tells() -> None:
    ids = set(finder().find(Query(least_memory_gb=24)).ids)
    assert ids
    for id in finder().chips:
        memory = finder().memory_gb(id)
        assert (id in ids) == (memory is not None and memory >= 24)


def test_highest_price_keeps_chips_with_a_device_for_so_much() -> None:
    ids = finder().find(Query(most_price=150)).ids
    assert "broadcom-bcm2712" in ids
    assert "nvidia-rtx-5090" not in ids
    dear = set(finder().find(Query(most_price=1e9)).ids)
    assert all(any(w.price for w in finder().card(id).to_buy) for id in dear)


def test_all_limits_hold_together() -> None:
    assert names(Query("rtx", kind="card", least_memory_gb=16, most_price=700))
    assert names(Query("rtx", kind="board")) == []


def test_peak_figures_do_not_change_the_order() -> None:
    other = changed("chips", lambda r: r | {"int8_tops": "1", "fp32_tflops": r["fp32_tflops"]})
    order = Finder(ground_of(NO_MODEL, other, TODAY)).find(Query("nvidia")).ids
    assert order == finder().find(Query("nvidia")).ids


# ---- cards -----------------------------------------------------------------------------------------------------------


def test_tops_are_told_in_the_details_only() -> None:
    for card in every():
        front = str(asdict(replace(card, details=())))
        assert not re.search(r"TOPS|TFLOPS", front.replace("Raspberry Pi AI HAT+ 26 TOPS", "").replace("13 TOPS", "")), front
    peak = dict(finder().card("nvidia-t4").details)["Peak arithmetic"]
    assert "130 TOPS" in peak
    assert "does not tell how fast" in peak


def test_a_device_whose_price_is_gone_shows_no_price() -> None:
    blank = {"price_usd": "", "price_low_usd": "", "price_high_usd": "", "price_as_of": ""}
    gone = changed("devices", lambda r: r | blank if "broadcom-bcm2712" in r["chip_ids"] else r)
    without = Finder(ground_of(PHOTOS, gone, TODAY))
    card = without.card("broadcom-bcm2712")
    assert card.to_buy
    assert {(w.price, w.state) for w in card.to_buy} == {("", None)}
    assert "broadcom-bcm2712" not in without.find(Query(most_price=1e9)).ids
    assert any(w.price for w in finder().card("broadcom-bcm2712").to_buy)


def test_electricity_that_nobody_tells_is_not_known_and_never_nothing() -> None:
    dark = changed("chips", lambda r: r | {"tdp_w": ""})
    dark._tables["devices"] = tuple(r | {"idle_w": "", "typical_load_w": "", "max_w": ""} for r in dark.table("devices"))
    found = Finder(ground_of(PHOTOS, dark, TODAY))
    told = {found.card(id).power for id in found.chips}
    assert told == {"Not known.", "Part of the rent."}
    assert not any(re.search(r"€0(\.00)?(?![.\d])", card.power) for card in every())


def test_the_bill_of_electricity_follows_the_price_of_the_country() -> None:
    power = finder().card("nvidia-jetson-orin-nano-super").power
    assert re.fullmatch(r"€[\d.]+ to €[\d.]+ a month, resting to busy, day and night\.", power)
    assert power != finder(replace(PHOTOS, country="US")).card("nvidia-jetson-orin-nano-super").power


def test_only_the_limit_of_the_chip_gives_an_upper_figure() -> None:
    assert finder().card("nvidia-k80").power.startswith("At most €")


def test_every_price_has_its_day_and_its_age() -> None:
    for card in every():
        for way in (*card.to_buy, *((card.to_rent,) if card.to_rent else ())):
            assert bool(way.price) == (way.state is not None) == bool(way.day)
            assert bool(way.price) or way.minds


def test_an_old_price_is_raised_and_says_so() -> None:
    pi = finder().card("broadcom-bcm2712").to_buy[0]
    assert (pi.what, pi.state, pi.day) == ("Raspberry Pi 5 model B", "stale", "price of 2023")
    assert "We raised it" in pi.minds[0]


def test_what_is_rented_is_usable_and_a_caution_stands_beside_its_price() -> None:
    offers = the_catalog().offers
    with_caution = 0
    for id, rent in finder()._rents.items():
        assert offers.usable[rent.row] > 0
        card = finder().card(id) if id in finder().chips else None
        if offers.usable[rent.row] == 1 and card is not None and card.to_rent is not None:
            with_caution += 1
            assert card.to_rent.minds
    assert with_caution


def test_the_cheapest_plain_offer_is_told_before_one_with_a_caution() -> None:
    offers = the_catalog().offers
    row = finder(NO_MODEL)._rents["nvidia-t4"].row
    of_it = (offers.type_chip[offers.type_row] == "nvidia-t4") & offers.owner_can_use & (offers.usd_per_hour > 0)
    assert offers.usd_per_hour[row] == offers.usd_per_hour[of_it & (offers.usable == 2)].min()


def test_a_chip_that_is_not_advised_says_why_in_plain_words() -> None:
    card = finder().card("nvidia-k80")
    assert not card.advised
    assert card.not_advised == "new programs no longer support it, we know no price to buy or rent it and it is no longer made"
    assert all(bool(c.not_advised) != c.advised for c in every())


def test_every_reason_of_the_catalog_has_plain_words() -> None:
    written = [r["recommend_reason"] for name in ("chips", "devices") for r in the_catalog().table(name) if r["recommendable"] != "yes"]
    hard = re.compile(r"CUDA|ONNX|runtime|compute figure|USD|archetype|SXM|tflite")
    assert [text for text in written if hard.search(reasons(text))] == []


def test_a_kind_of_computer_is_not_sold_as_one() -> None:
    assert not any("generic" in way.what for card in every() for way in card.to_buy)


def test_sources_that_differ_are_told_in_the_details() -> None:
    assert "sources differ: 70 to 150" in dict(finder().card("nvidia-t4").details)["Power limit of the chip"]


# ---- can it run the model --------------------------------------------------------------------------------------------


def test_without_a_model_that_is_said_and_the_memory_told() -> None:
    card = finder(NO_MODEL).card("nvidia-t4")
    assert (card.runs, card.runs_words) == (Runs.UNKNOWN, "We can tell once we know your model. It has 16 GB of memory.")


def test_with_a_model_the_time_of_one_answer_and_its_range_are_told() -> None:
    card = finder().card("nvidia-jetson-orin-nano-super")
    assert card.runs == Runs.YES
    assert re.fullmatch(r"Yes\. One answer takes about [\d.]+\sseconds, likely between [\d.]+ and [\d.]+\sseconds\.", card.runs_words)
    assert "How we know the time" in dict(card.details)


def test_an_add_on_chip_needs_a_converted_model() -> None:
    assert finder().card("hailo-8").runs == Runs.CONVERTED


def test_an_add_on_with_programs_of_its_maker_alone_gets_no_time() -> None:
    card = finder().card("axelera-metis")
    assert card.runs == Runs.CONVERTED
    assert "We cannot tell how fast" in card.runs_words
    assert not re.search(r"\d", card.runs_words)


def test_a_chip_without_programs_cannot_run_it_whatever_its_peak() -> None:
    assert {finder().card(id).runs for id in ("nvidia-k80", "google-tpu-v5e")} == {Runs.NO}


def test_a_large_model_does_not_fit_a_small_chip() -> None:
    card = finder(CHAT).card("nvidia-rtx-4060")
    assert card.runs == Runs.NO
    assert "8 GB" in card.runs_words


def test_slower_than_asked_is_said() -> None:
    assert "slower than you asked" in finder(replace(PHOTOS, limit_ms=1.0)).card("broadcom-bcm2712").runs_words
    assert "slower" not in finder(replace(PHOTOS, limit_ms=60000.0)).card("broadcom-bcm2712").runs_words


def test_a_model_that_is_a_service_runs_elsewhere() -> None:
    service = next(s for s in the_catalog().services if s.task == "ocr")
    card = finder(replace(SERVICE, service=service.id)).card("nvidia-t4")
    assert card.runs_words == "You use an online service, so no chip of yours has to."


def test_answers_that_name_what_is_not_there_are_as_good_as_none() -> None:
    for session in (SERVICE, replace(NO_MODEL, task="ocr", model_choice="file", model_path="/nowhere.onnx"), Session()):
        assert "We can tell once" in finder(session).card("nvidia-t4").runs_words


def test_a_step_that_its_software_cannot_run_is_told_on_the_card() -> None:
    ground = finder().ground
    assert ground.work is not None
    plain, stopped, unknown = (
        Finder(replace(ground, work=replace(ground.work, operators=operators))).card("hailo-8")
        for operators in ((), ("Conv", "TopK"), ("Conv", "NeverHeardOf"))
    )
    assert plain.runs is Runs.CONVERTED
    assert stopped.runs is Runs.NO
    assert "cannot run every step" in stopped.runs_words
    assert unknown.runs is Runs.CONVERTED
    assert "Have it tried" in unknown.runs_words
