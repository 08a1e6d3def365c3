"""Parts of the page: characters, columns, charts, colours."""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.advice import Bar, Chart, Table
from advisor.report.charts import chart_svg
from advisor.report.fonts import covered, shortened, text_width
from advisor.report.glyphs import MARK, Glyphs
from advisor.report.page_data import TEXT_WIDTH, light_palette
from advisor.report.tables import BREAK, Glue, breakable, set_table
from tests.builders import an_advice

WIDTH = 471.0


@settings(deadline=None)
@given(st.text(st.characters()))
def test_only_characters_we_can_draw_are_left(text: str) -> None:
    glyphs = Glyphs()
    cleaned = glyphs.clean(text)
    assert all(ord(c) in covered() for c in cleaned)
    assert not any(unicodedata.category(c) in {"Cc", "Cf"} for c in cleaned)
    assert (MARK in cleaned) == bool(glyphs.replaced) or MARK in text


def test_the_fonts_cover_what_small_firms_write() -> None:
    needed = "€–—•→≈≤≥×−±½…✓“”‘’„«»\u00a0\u202fÀÿĀžŁłŐőȘșΑΩαωЖжЯя" + MARK
    assert [c for c in needed if ord(c) not in covered()] == []


def test_figures_are_all_of_one_width() -> None:
    assert len({text_width(d, 10) for d in "0123456789"}) == 1
    assert len({text_width(d, 10, semibold=True) for d in "0123456789"}) == 1


def test_what_is_too_wide_ends_in_an_ellipsis() -> None:
    assert shortened("short", 100, 10) == "short"
    cut = shortened("a very long name of a firm", 60, 10)
    assert cut.endswith("…")
    assert text_width(cut, 10) <= 60


def test_glue_keeps_figures_and_names_whole() -> None:
    glue = Glue(["€890 to €1,600", "9 hours a year", "no figure in it"])
    assert glue.chunks("likely €890 to €1,600 or no figure in it") == (
        "likely", "€890\u00a0to\u00a0€1,600", "or", "no", "figure", "in", "it",
    )  # fmt: skip
    assert glue.chunks("19 hours a year") == ("19", "hours", "a", "year")
    assert glue.chunks("") == ()


def test_long_words_get_places_to_break() -> None:
    assert breakable("a" * 40, 18).split(BREAK) == ["a" * 18, "a" * 18, "a" * 4]
    assert breakable("short words stay") == "short words stay"


WORDS = st.text(st.sampled_from("abc déf1,2 €"), max_size=60)


@settings(deadline=None)
@given(st.integers(1, 7).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.lists(WORDS, min_size=n, max_size=n), max_size=30))))
def test_columns_fill_the_width_and_lose_no_word(shape: tuple[int, list[list[str]]]) -> None:
    count, rows = shape
    table = Table("", tuple(f"c{n}" for n in range(count)), tuple(map(tuple, rows)))
    laid_out = set_table(table, Glue([]), WIDTH, 9, 5)
    assert laid_out is not None
    assert sum(laid_out.widths) == pytest.approx(WIDTH)
    assert all(w >= 10 for w in laid_out.widths)
    written = re.sub(rf"[\s{BREAK}]", "", "".join(chunk for row in laid_out.rows for cell in row.cells for chunk in cell))
    if not any(row.span for row in laid_out.rows):
        assert written == re.sub(r"\s", "", "".join(cell for row in rows for cell in row))


def test_rows_of_other_lengths_are_filled_up_or_cut() -> None:
    laid_out = set_table(Table("", ("a", "b"), (("1",), ("1", "2", "3"))), Glue([]), WIDTH, 9, 5)
    assert laid_out is not None
    assert [row.cells for row in laid_out.rows] == [(("1",), ()), (("1",), ("2",))]
    assert set_table(Table("", (), (("1",),)), Glue([]), WIDTH, 9, 5) is None


def test_a_source_shared_by_many_rows_is_written_once() -> None:
    sources = ("A long title of the first source", "A long title of the second source")
    rows = tuple((f"{n} kg", sources[n % 2], "published" if n % 2 else "measured") for n in range(24))
    laid_out = set_table(Table("", ("Figure", "Source", "Basis"), rows), Glue([]), WIDTH, 8, 5)
    assert laid_out is not None
    spans = [" ".join(row.cells[0]) for row in laid_out.rows if row.span]
    assert spans == [f"Source: {sources[0]} · Basis: measured", f"Source: {sources[1]} · Basis: published"]
    assert len(laid_out.header) == 1
    assert len([row for row in laid_out.rows if not row.span]) == 24


def test_the_sum_below_a_bill_is_strong() -> None:
    laid_out = set_table(Table("", ("Code", "What"), (("T01", "Box"), ("", "Together"))), Glue([]), WIDTH, 9, 5)
    assert laid_out is not None
    assert [row.strong for row in laid_out.rows] == [False, True]


def _chart(*bars: Bar) -> Chart:
    return Chart("Cost", "Bars of cost", "EUR", bars)


def _texts(svg: bytes) -> list[str]:
    return ["".join(t.itertext()) for t in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_a_chart_is_text_and_shapes_and_the_same_every_time() -> None:
    chart = next(s.chart for s in an_advice().report.sections if s.chart)
    assert chart is not None
    svg = chart_svg(chart, Glue([]), light_palette(), TEXT_WIDTH)
    assert svg == chart_svg(chart, Glue([]), light_palette(), TEXT_WIDTH)
    shown = " ".join(_texts(svg))
    assert all(bar.text in shown for bar in chart.bars)
    assert b"<image" not in svg


def test_a_chart_prints_names_as_they_are_and_shortens_long_ones() -> None:
    svg = chart_svg(
        _chart(Bar("$x^2$ & <b>", "edge", 1, 2, 3, "€2"), Bar("long words " * 20, "cloud", 1, 1, 1, "€1")),
        Glue([]), light_palette(), WIDTH,
    )  # fmt: skip
    texts = _texts(svg)
    assert "$x^2$ & <b>" in texts
    assert any(t.endswith("…") for t in texts)
    assert all(text_width(t, 9.5) <= WIDTH for t in texts)


@pytest.mark.parametrize("bars", [(0, 0, 0), (-50, -20, 10), (1e9, 2e9, 3e9), (5, 5, 5)])
def test_a_chart_takes_any_amounts(bars: tuple[float, float, float]) -> None:
    svg = chart_svg(_chart(Bar("a", "unheard-of", *bars, "€x")), Glue([]), light_palette(), WIDTH)
    assert "€x" in _texts(svg)
    assert b"nan" not in svg


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_and_bars_stand_out_on_paper() -> None:
    """WCAG 2.2: 4.5 to 1 for text (1.4.3), 3 to 1 for shapes that carry meaning (1.4.11)."""
    palette = light_palette()
    assert all(_contrast(palette[c], "#FFFFFF") >= 4.5 for c in ("text", "text_muted"))
    assert _contrast(palette["text_muted"], palette["window"]) >= 4.5
    assert all(_contrast(palette[c], palette[f"{c}_soft"]) >= 4.5 for c in ("good", "caution"))
    assert all(_contrast(palette[c], "#FFFFFF") >= 3 for c in ("edge", "cloud", "hybrid", "none", "border"))
