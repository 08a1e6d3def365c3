"""Bar charts as vector pictures: the bar is the range, the mark the likely value, the figure stands beside it.

There is no axis with figures of its own: every figure on the page is one of the answer's.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from advisor.report.fonts import FALLBACK_FAMILY, FAMILY, font_files, picture_width, shortened, text_width

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.advice import Chart
    from advisor.report.tables import Glue

POINTS_PER_INCH: Final = 72
SIZE: Final = 9.5
_ROW: Final = 35.0
_NAME: Final = 13.0
_GAP: Final = 8.0
_BAR: Final = 11.0
_MARK: Final = 15.0


def chart_svg(chart: Chart, glue: Glue, colours: Mapping[str, str], width: float) -> bytes:
    """The chart as SVG, `width` points wide; the same chart gives the same bytes.

    `colours` holds `text`, `divider`, and one colour per role (edge, cloud, hybrid, none).
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    _register_fonts()
    height = _ROW * len(chart.bars) + 2
    # Text stays text, so that it can be selected and searched; the salt makes the names inside the file repeatable.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "edgewise", "axes.unicode_minus": True}):
        figure = Figure(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH), dpi=POINTS_PER_INCH)
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        _draw(axes, chart, glue, colours, width)
        out = io.BytesIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return out.getvalue()


def _draw(axes: Any, chart: Chart, glue: Glue, colours: Mapping[str, str], width: float) -> None:
    from matplotlib.font_manager import FontProperties
    from matplotlib.patches import FancyBboxPatch, Rectangle

    plain = FontProperties(family=[FAMILY, FALLBACK_FAMILY], size=SIZE)
    # Bold, not semibold: both families have it, so nothing has to be guessed.
    strong = FontProperties(family=[FAMILY, FALLBACK_FAMILY], size=SIZE, weight=700)
    left = 1.0
    values = max(text_width(b.text, SIZE, semibold=True) for b in chart.bars)
    right = max(width - values - _GAP, left + width * 0.1)
    start = min(0.0, *(b.low for b in chart.bars))
    end = max(b.high for b in chart.bars)
    scale = (right - left) / (end - start) if end > start else 0.0

    def x(value: float) -> float:
        return left + (value - start) * scale

    axes.add_patch(Rectangle((x(0) - 0.4, 0), 0.8, _ROW * len(chart.bars), facecolor=colours["border"], linewidth=0))
    for i, bar in enumerate(chart.bars):
        # The name stands on a line of its own, so that a long one need not be cut or torn.
        middle = _ROW * i + _NAME + _BAR / 2 + 4.5
        if i:
            axes.add_patch(Rectangle((0, _ROW * i - 0.2), width, 0.4, facecolor=colours["divider"], linewidth=0))
        colour = colours.get(bar.role, colours["none"])
        shape = FancyBboxPatch(
            (x(bar.low), middle - _BAR / 2), max(x(bar.high) - x(bar.low), 1.0), _BAR,
            boxstyle="round,pad=0,rounding_size=1.5", facecolor=colour, linewidth=0,
        )  # fmt: skip
        axes.add_patch(shape)
        # White under the mark, so that it is seen on every colour and beside the bar alike.
        for half, face in ((2.4, "#FFFFFF"), (1.2, colours["text"])):
            axes.add_patch(Rectangle((x(bar.likely) - half, middle - _MARK / 2), 2 * half, _MARK, facecolor=face, linewidth=0))
        name = shortened(" ".join(glue.chunks(bar.label)), width - 2 * _GAP, SIZE, picture_width)
        top = _ROW * i + _NAME / 2 + 1.5
        axes.text(_GAP / 2, top, name, fontproperties=plain, color=colours["text"], va="center_baseline", ha="left", parse_math=False)
        axes.text(
            x(bar.high) + _GAP * 0.75, middle, bar.text,
            fontproperties=strong, color=colours["text"], va="center_baseline", ha="left", parse_math=False,
        )  # fmt: skip


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    """Makes the report's fonts known to matplotlib, once."""
    from matplotlib import font_manager

    for file in font_files():
        font_manager.fontManager.addfont(file)
