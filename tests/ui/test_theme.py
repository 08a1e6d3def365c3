"""The tokens hold: contrast of every pair that meets on screen, chart colours apart for every kind of eye."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ui import theme

SCHEMES = ("light", "dark")
# Text on ground at 4.5:1, parts of controls at 3:1 (WCAG 2.2, 1.4.3 and 1.4.11).
TEXT_PAIRS = [
    ("text", "window"),
    ("text", "surface"),
    ("text_muted", "window"),
    ("text_muted", "surface"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("accent", "surface"),
    ("accent", "window"),
    ("text", "accent_soft"),
    ("text_muted", "accent_soft"),
    ("good", "good_soft"),
    ("text", "good_soft"),
    ("caution", "caution_soft"),
    ("text", "caution_soft"),
    ("bad", "bad_soft"),
    ("bad", "window"),
    ("bad", "surface"),
    ("text", "bad_soft"),
]
PART_PAIRS = [
    ("border", "surface"),
    ("border", "window"),
    ("focus", "window"),
    ("focus", "surface"),
    ("accent", "accent_soft"),
    ("edge", "surface"),
    ("cloud", "surface"),
    ("hybrid", "surface"),
    ("edge", "window"),
    ("cloud", "window"),
    ("hybrid", "window"),
    ("good", "surface"),
    ("bad", "window"),
]
# Machado, Oliveira, Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency", severity 1.0.
EYES = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def linear(colour: str) -> tuple[float, float, float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return r, g, b


def contrast(one: str, other: str) -> float:
    lights = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def lab(rgb: tuple[float, float, float]) -> tuple[float, float, float]:
    r, g, b = (min(max(v, 0.0), 1.0) for v in rgb)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(colour: str, eye: str) -> tuple[float, float, float]:
    rgb = linear(colour)
    r, g, b = (sum(m * v for m, v in zip(row, rgb, strict=True)) for row in EYES[eye])
    return lab((r, g, b))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_and_parts_stand_out(scheme: str) -> None:
    colours = theme.tokens()[scheme]
    weak = [f"{a} on {b}" for a, b in TEXT_PAIRS if contrast(colours[a], colours[b]) < 4.5]
    weak += [f"{a} on {b}" for a, b in PART_PAIRS if contrast(colours[a], colours[b]) < 3]
    assert weak == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("eye", EYES)
def test_chart_colours_are_told_apart(scheme: str, eye: str) -> None:
    colours = theme.tokens()[scheme]
    for one, other in combinations(("edge", "cloud", "hybrid"), 2):
        distance = sum((p - q) ** 2 for p, q in zip(seen(colours[one], eye), seen(colours[other], eye), strict=True)) ** 0.5
        assert distance >= 28, f"{one} and {other}"


def test_strong_contrast_takes_soft_fills_away() -> None:
    strong = theme.make("light", 11, strong=True)
    assert strong.colours["border"] == strong.colours["text"]
    assert strong.colours["accent_soft"] == strong.colours["surface"]


def test_the_choice_of_the_owner_wins_over_the_system(dressed: QApplication) -> None:
    dark = theme.apply(dressed, "dark", 150)
    assert dressed.palette().color(QPalette.ColorRole.Window) == QColor(dark.colours["window"])
    light = theme.apply(dressed, "light", 100)
    assert dark.points["body"] == pytest.approx(light.points["body"] * 1.5)


def test_only_the_tokens_name_colours() -> None:
    named = [
        f"{path.name}: {found[0]}"
        for path in (theme.ASSETS.parent / "ui").rglob("*.py")
        for found in re.finditer(r"#[0-9A-Fa-f]{6}\b|\brgba?\(|Qt\.GlobalColor\.", Path(path).read_text(encoding="utf-8"))
    ]
    assert named == []
