"""A table stays inside its place: a figure gives up its unit's line before the reader has to push the table aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from advisor.advice import Table
from advisor.words import NBSP
from ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

LONG = f"0.075{NBSP}seconds"
TABLE = Table("Ways", ("Way", "Time", "Longest", "Hours"), (("laptop", LONG, LONG, f"1.6{NBSP}hours"),), numeric=(1, 2, 3))


@pytest.mark.parametrize(("missing", "is_tight"), [(-40, False), (60, True)])
def test_a_unit_goes_below_its_figure_only_where_there_is_no_room(qtbot: QtBot, missing: int, is_tight: bool) -> None:
    table = TextTable(TABLE)
    qtbot.addWidget(table)
    # As wide as the cells on one line each, with their margins, less what is missing [px].
    whole = sum(table.fontMetrics().horizontalAdvance(words) + 18 for words in TABLE.rows[0])
    table.resize(whole - missing, 200)
    table.show()
    widths = [table.columnWidth(c) for c in range(table.columnCount())]
    assert sum(widths) <= table.viewport().width()
    one_line = table.fontMetrics().horizontalAdvance(LONG)
    assert (widths[1] - 16 < one_line) == is_tight
    assert (NBSP not in table.itemDelegate().words(LONG)) == is_tight
    line = table.fontMetrics().height()
    assert (table.rowHeight(0) >= 2 * line + 14) == is_tight
