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


@pytest.mark.parametrize(("characters", "is_tight"), [(80, False), (45, True)])
def test_a_unit_goes_below_its_figure_only_where_there_is_no_room(qtbot: QtBot, characters: int, is_tight: bool) -> None:
    table = TextTable(TABLE)
    qtbot.addWidget(table)
    table.resize(table.fontMetrics().averageCharWidth() * characters, 200)
    table.show()
    widths = [table.columnWidth(c) for c in range(table.columnCount())]
    assert sum(widths) <= table.viewport().width()
    one_line = table.fontMetrics().horizontalAdvance(LONG)
    assert (widths[1] - 16 < one_line) == is_tight
    assert (NBSP not in table.itemDelegate().words(LONG)) == is_tight
    line = table.fontMetrics().height()
    assert (table.rowHeight(0) >= 2 * line + 14) == is_tight
