"""Numbers as people type them: read rightly, asked about, or refused; never guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import wording
from ui.wording import TwoWays


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("400", 400.0),
        (" 400 ", 400.0),
        ("1 234", 1234.0),
        ("1\u202f234", 1234.0),
        ("1'234", 1234.0),
        ("2,5", 2.5),
        ("2.5", 2.5),
        ("0,125", 0.125),
        ("0.125", 0.125),
        (",5", 0.5),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567.0),
        ("1.234.567", 1234567.0),
        ("12345", 12345.0),
        ("1234,567", 1234.567),
        ("-3", -3.0),
    ],
)
def test_numbers_of_many_countries(typed: str, meant: float) -> None:
    assert wording.read_number(typed) == meant


@pytest.mark.parametrize("typed", ["1,234", "1.234", "12.500", "999,999"])
def test_a_number_with_two_readings_is_not_guessed(typed: str) -> None:
    read = wording.read_number(typed)
    assert isinstance(read, TwoWays)
    assert read.large == read.small * 1000


@pytest.mark.parametrize("typed", ["", "many", "4 photos", "1,2,3", "1.2.3,4", "1,23.456", "--4", ".", "1e5", "NaN", "12,34,567"])
def test_what_is_no_number_is_not_read(typed: str) -> None:
    assert wording.read_number(typed) is None


@given(st.floats(0, 1e9).map(lambda x: round(x, 6)), st.sampled_from(["en_GB", "de_DE", "fr_FR", "de_CH", "pl_PL"]))
def test_what_the_program_writes_into_a_field_it_reads_back(value: float, locale: str) -> None:
    assert wording.read_number(wording.plain_number(value, locale)) == pytest.approx(value, abs=1e-9)


def test_dates_money_and_names_follow_the_country() -> None:
    assert wording.day(date(2026, 11, 24), "de_DE") == "24. November 2026"
    assert wording.number(1234.5, "de_DE") == "1.234,5"
    assert wording.money(1400, "EUR", "en_GB") == "EUR 1,400"
    assert dict(wording.countries("de_DE", ("DE", "FR")))["DE"] == "Deutschland"
    assert wording.currency_of("PL") == "PLN"
    assert wording.locale("C").language == "en"


@pytest.mark.parametrize(("seconds", "words"), [(3, "a few"), (42, "about 40 seconds"), (240, "about 4 minutes")])
def test_time_left_in_words(seconds: float, words: str) -> None:
    assert wording.how_long(seconds).startswith(words)
