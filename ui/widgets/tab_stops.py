"""Which widgets the Tab key visits, in the order in which they stand on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QRadioButton, QWidget

from ui.widgets.wrapping_row import WrappingRow

if TYPE_CHECKING:
    from collections.abc import Iterator


def tab_stops(top: QWidget) -> Iterator[QWidget]:
    """What takes the focus by Tab inside `top`, in the order of the layouts; one stop for each set of choices."""
    if top.isHidden() or not top.isEnabled():
        return
    if _stops_at(top):
        yield top
    if isinstance(top, WrappingRow):
        for part in top.parts:
            yield from tab_stops(part)
    layout = top.layout()
    if layout is not None:
        yield from _inside(layout)


def _inside(layout: QLayout) -> Iterator[QWidget]:
    for i in range(layout.count()):
        item = layout.itemAt(i)
        if (widget := item.widget()) is not None:
            yield from tab_stops(widget)
        elif (inner := item.layout()) is not None:
            yield from _inside(inner)


def _stops_at(widget: QWidget) -> bool:
    if isinstance(widget, QRadioButton) and (group := widget.group()) is not None:
        return widget is (group.checkedButton() or group.buttons()[0])
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus.value)
