"""Design tokens turned into a palette and a style sheet. Nothing else in the program names a colour.

The palette is set by hand because a scheme asked of Qt is not honoured on every platform (Fusion on a bare display
stays light), and because tests must see the dark pages too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

if TYPE_CHECKING:
    from advisor.store import Scheme

ASSETS: Final = Path(__file__).resolve().parent.parent / "assets"
_LIGHT, _DARK = "light", "dark"


def tokens() -> dict[str, Any]:
    """The design tokens as read from `assets/tokens.json`."""
    loaded: dict[str, Any] = json.loads((ASSETS / "tokens.json").read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Theme:
    """One look: colours by role, text sizes in points, spacing in pixels. `strong` = the system asks for more contrast."""

    name: str
    colours: dict[str, str]
    points: dict[str, float]
    space: dict[str, int]
    strong: bool

    def colour(self, role: str) -> QColor:
        """The colour of a role (text, border, edge, ...)."""
        return QColor(self.colours[role])


def make(name: str, base_points: float, *, strong: bool = False) -> Theme:
    """The theme called light or dark for a body text of `base_points`."""
    all_tokens = tokens()
    colours = dict(all_tokens[name])
    if strong:
        # More contrast: borders as strong as text, no soft fills that weaken the words on them.
        colours |= dict.fromkeys(("border", "divider", "text_muted"), colours["text"])
        colours |= dict.fromkeys(("accent_soft", "good_soft", "caution_soft", "bad_soft"), colours["surface"])
    scale = all_tokens["type_scale_of_system_size"]
    points = {role: round(base_points * factor, 2) for role, factor in scale.items()}
    return Theme(name, colours, points, all_tokens["spacing_px_at_100pct"], strong)


_current: Theme | None = None
_system_points: float | None = None


def current() -> Theme:
    """The theme on screen; for widgets that paint themselves."""
    global _current
    if _current is None:
        _current = make(_LIGHT, QApplication.font().pointSizeF())
    return _current


def wanted(app: QApplication, scheme: Scheme) -> str:
    """Which of the two looks to use: the owner's choice, or what the system says (light where it says nothing)."""
    if scheme in (_LIGHT, _DARK):
        return scheme
    return _DARK if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else _LIGHT


def apply(app: QApplication, scheme: Scheme, text_percent: int) -> Theme:
    """Dress the whole program; may be called again at any time."""
    global _current, _system_points
    if _system_points is None:
        # Some bare systems report tiny fonts; nobody should have to read below 10 points.
        _system_points = max(app.font().pointSizeF(), 10.5)
    # Both are kept in names: PySide drops the inner object when the outer one is a passing value.
    hints = app.styleHints()
    accessibility = hints.accessibility()
    strong = accessibility.contrastPreference() == Qt.ContrastPreference.HighContrast
    _current = make(wanted(app, scheme), _system_points * text_percent / 100, strong=strong)
    font = app.font()
    font.setPointSizeF(_current.points["body"])
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setFont(font)
    app.setPalette(palette(_current))
    app.setStyleSheet(sheet(_current))
    return _current


def palette(theme: Theme) -> QPalette:
    """The palette of a theme."""
    p = QPalette()
    roles = {
        QPalette.ColorRole.Window: "window",
        QPalette.ColorRole.Base: "surface",
        QPalette.ColorRole.AlternateBase: "window",
        QPalette.ColorRole.Button: "surface",
        QPalette.ColorRole.ToolTipBase: "surface",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.PlaceholderText: "text_muted",
        QPalette.ColorRole.Highlight: "accent",
        QPalette.ColorRole.HighlightedText: "on_accent",
        QPalette.ColorRole.Link: "accent",
        QPalette.ColorRole.Mid: "border",
        QPalette.ColorRole.Midlight: "divider",
    }
    for role, name in roles.items():
        p.setColor(role, theme.colour(name))
    return p


def sheet(theme: Theme) -> str:
    """The style sheet of a theme. The 2 px of a focus ring are always reserved, so that nothing moves when focus does."""
    points = {f"pt_{role}": f"{size:.2f}pt" for role, size in theme.points.items()}
    numbers = {"radius": str(theme.space["control_radius"]), "card": str(theme.space["card_radius"])}
    return _SHEET.substitute(theme.colours | points | numbers)


_SHEET = Template(
    """
QWidget { color: $text; font-size: $pt_body; }
QWidget#shell, QWidget#column, QScrollArea, QDialog { background: $window; border: none; }
QFrame#rail { background: $surface; border: none; border-right: 1px solid $divider; }
QFrame#bar { background: $surface; border: none; border-top: 1px solid $divider; }
QFrame#narrowRail { background: $surface; border: none; border-bottom: 1px solid $divider; }

QLabel { background: transparent; }
QLabel[role="heading"] { font-size: $pt_heading; font-weight: 600; }
QLabel[role="section"] { font-size: $pt_section; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="hint"] { color: $text_muted; }
QLabel[role="small"] { color: $text_muted; font-size: $pt_small; }
QLabel[role="step"] { color: $text_muted; }
QLabel[role="step"][state="here"] { color: $text; font-weight: 600; }
QLabel[role="step"][state="done"] { color: $text; }
QLabel[role="problem"] { color: $bad; font-weight: 600; }
QLabel[role="figure"] { font-size: $pt_section; font-weight: 600; }
QLabel[role="chip"] { background: $good_soft; color: $good; border: 1px solid $good; border-radius: 4px; padding: 2px 9px; }
QLabel[role="chip"][tone="caution"] { background: $caution_soft; color: $caution; border-color: $caution; }
QLabel[role="chip"][tone="bad"] { background: $bad_soft; color: $bad; border-color: $bad; }

QPushButton {
  background: $surface; color: $text; border: 1px solid $border; border-radius: ${radius}px;
  padding: 9px 20px; margin: 1px; min-height: 20px;
}
QPushButton:hover { border-color: $accent; }
QPushButton:focus { border: 2px solid $focus; margin: 0px; }
QPushButton[main="true"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[main="true"]:hover { background: $accent_hover; }
QPushButton[main="true"]:focus { border: 2px solid $text; }
QPushButton[quiet="true"] { background: transparent; border-color: transparent; color: $accent; padding: 4px 0px; text-align: left; }
QPushButton[quiet="true"]:hover { text-decoration: underline; }
QPushButton[quiet="true"]:focus { border-color: $focus; }
QPushButton[quiet="true"]:disabled { color: $text; }
QPushButton[fold="true"] {
  background: transparent; border: 1px solid transparent; padding: 0px; min-height: 0px; font-weight: 600;
}
QPushButton[fold="true"]:hover { color: $accent; }
QPushButton[fold="true"]:focus { border: 2px solid $focus; }

QFrame[card="true"] { background: $surface; border: 1px solid $border; border-radius: ${card}px; margin: 1px; }
QFrame[choice="true"] { background: $surface; border: 1px solid $border; border-radius: ${card}px; margin: 1px; }
QFrame[choice="true"][hover="true"] { border-color: $accent; }
QFrame[choice="true"][chosen="true"] { background: $accent_soft; border: 2px solid $accent; margin: 0px; }
QFrame[choice="true"][focused="true"] { border: 2px solid $focus; margin: 0px; }
QFrame[choice="true"][chosen="true"][focused="true"] { border: 2px solid $text; margin: 0px; }
QFrame[box="problem"] { background: $bad_soft; border: 2px solid $bad; border-radius: ${radius}px; }
QFrame[box="caution"] { background: $caution_soft; border: none; border-left: 4px solid $caution; border-radius: 4px; }
QFrame[box="good"] { background: $good_soft; border: none; border-left: 4px solid $good; border-radius: 4px; }
QFrame[box="accent"] { background: $accent_soft; border: none; border-left: 4px solid $accent; border-radius: 4px; }
QFrame[line="true"] { background: $divider; border: none; max-height: 1px; min-height: 1px; }

QRadioButton { background: transparent; spacing: 0px; }

QLineEdit, QComboBox {
  background: $surface; color: $text; border: 1px solid $border; border-radius: ${radius}px;
  padding: 7px 10px; margin: 1px; min-height: 22px;
  selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:focus, QComboBox:focus { border: 2px solid $focus; margin: 0px; }
QLineEdit[wrong="true"], QComboBox[wrong="true"] { border: 2px solid $bad; margin: 0px; }
QComboBox { combobox-popup: 0; }
QComboBox::drop-down { border: none; width: 30px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView {
  background: $surface; color: $text; border: 1px solid $border; selection-background-color: $accent;
  selection-color: $on_accent; outline: 0;
}
QComboBox QAbstractItemView::item { min-height: 28px; padding: 2px 10px; }

QProgressBar { background: $divider; border: none; border-radius: 6px; min-height: 12px; max-height: 12px; }
QProgressBar::chunk { background: $accent; border-radius: 6px; }

QTableWidget { background: $surface; border: 1px solid $divider; border-radius: ${radius}px; }
QTableWidget:focus { border: 2px solid $focus; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: transparent; color: $text; font-weight: 600; border: none;
  border-bottom: 1px solid $border; padding: 0px 8px; }

QMenu { background: $surface; color: $text; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 6px 24px; border-radius: 4px; }
QMenu::item:selected { background: $accent; color: $on_accent; }
QMenu::separator { height: 1px; background: $divider; margin: 4px 8px; }
QMenu::indicator { width: 10px; height: 10px; margin-left: 8px; border-radius: 5px; border: 1px solid transparent; }
QMenu::indicator:checked { background: $accent; border-color: $on_accent; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0px; }
QScrollBar::handle:vertical { background: $border; border-radius: 4px; min-height: 32px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0px; }
QScrollBar::handle:horizontal { background: $border; border-radius: 4px; min-width: 32px; margin: 2px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0px; height: 0px; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QToolTip { background: $surface; color: $text; border: 1px solid $border; padding: 4px; }
"""
)
