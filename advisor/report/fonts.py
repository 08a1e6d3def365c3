"""The fonts of the report: where they lie, which characters they have, how wide a text is.

Source Sans Pro (SIL Open Font Licence 1.1) comes from the package `font-source-sans-pro`; DejaVu Sans, which
matplotlib brings along, fills in characters that Source Sans lacks. A font file laid into `assets/report/fonts`
(for instance one with Chinese characters) is used for what both lack.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ASSETS: Final = Path(__file__).resolve().parents[2] / "assets"
FAMILY: Final = "Source Sans Pro"
FALLBACK_FAMILY: Final = "DejaVu Sans"
# Width in em that is assumed for a character of a font we do not measure.
_UNKNOWN_WIDTH: Final = 1.0
# In pictures one character of the fallback font turns the whole line into that wider font.
_WIDER_FALLBACK: Final = 1.2
# Kerning and rounding can make a set line a little wider than the sum of its characters.
_SLACK: Final = 1.02


@lru_cache(maxsize=1)
def font_files() -> tuple[Path, ...]:
    """The font files in order of preference: regular, semibold, bold, their fallbacks, then what the house adds."""
    import font_source_sans_pro
    import matplotlib

    main = Path(font_source_sans_pro.__file__).parent / "files"
    fallback = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    files = [main / f"SourceSansPro-{weight}.ttf" for weight in ("Regular", "Semibold", "Bold")]
    files += [fallback / name for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
    extra = ASSETS / "report" / "fonts"
    if extra.is_dir():
        files += sorted(f for f in extra.iterdir() if f.suffix.lower() in {".ttf", ".otf"})
    return tuple(f for f in files if f.is_file())


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Code points that at least one of the fonts can draw."""
    points: set[int] = set()
    for file in font_files():
        points.update(_advances(file))
    return frozenset(points)


@lru_cache(maxsize=8)
def _advances(file: Path) -> dict[int, float]:
    from matplotlib.ft2font import FT2Font, LoadFlags

    font = FT2Font(file)
    em = font.units_per_EM
    # Unscaled, a glyph's advance is in units of the em square.
    return {point: font.load_glyph(glyph, flags=LoadFlags.NO_SCALE).horiAdvance / em for point, glyph in font.get_charmap().items()}


@lru_cache(maxsize=2)
def _widths(semibold: bool) -> dict[int, float]:
    files = font_files()
    chosen = [f for f in files if f.stem.endswith("Semibold" if semibold else "Regular")] + list(files)
    widths: dict[int, float] = {}
    for file in reversed(chosen):
        widths.update(_advances(file))
    return widths


def text_width(text: str, size: float, *, semibold: bool = False) -> float:
    """The width of one line of text, in the unit of `size` (points), with two per cent to spare."""
    widths = _widths(semibold)
    return _SLACK * size * sum(widths.get(ord(c), _UNKNOWN_WIDTH) for c in text)


def picture_width(text: str, size: float) -> float:
    """As `text_width`, for a line inside a picture, where a line is set in one font only."""
    own = _advances(font_files()[0])
    return text_width(text, size) * (1.0 if all(ord(c) in own for c in text) else _WIDER_FALLBACK)


def shortened(line: str, width: float, size: float, measure: Callable[[str, float], float] = text_width) -> str:
    """The line, cut and ended with an ellipsis if it is wider than `width` points at type size `size`."""
    if measure(line, size) <= width:
        return line
    while line and measure(f"{line}…", size) > width:
        line = line[:-1]
    return f"{line.rstrip()}…"
