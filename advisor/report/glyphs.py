"""Only characters that can be drawn, and none that turn the text around: names come from people and files."""

from __future__ import annotations

import unicodedata
from typing import Final

from advisor.report.fonts import covered

# Drawn in place of a character that no font of ours has.
MARK: Final = "\u25a1"
_LINE_ENDS: Final = str.maketrans(dict.fromkeys("\r\n\t\v\f\u0085\u2028\u2029", " "))
# Format characters that are only hints, and variation selectors: dropping them changes no word.
_DROPPED_CATEGORIES: Final = frozenset({"Cc", "Cf"})
# Private characters mean nothing to others, and PDF/A forbids them without a meaning written beside.
_MARKED_CATEGORIES: Final = frozenset({"Co", "Cn", "Cs"})
_VARIATION_SELECTORS: Final = frozenset([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])


class Glyphs:
    """Cleans text and remembers which characters it had to replace."""

    def __init__(self) -> None:
        self._replaced: dict[str, None] = {}

    @property
    def replaced(self) -> tuple[str, ...]:
        """The characters that were replaced by the mark, in the order they were met."""
        return tuple(self._replaced)

    def clean(self, text: str) -> str:
        """The text on one line without control and direction characters; what no font has becomes `MARK`."""
        known = covered()
        out = []
        for char in unicodedata.normalize("NFC", text.translate(_LINE_ENDS)):
            if unicodedata.category(char) in _DROPPED_CATEGORIES or ord(char) in _VARIATION_SELECTORS:
                continue
            if ord(char) in known and unicodedata.category(char) not in _MARKED_CATEGORIES:
                out.append(char)
            else:
                self._replaced[_name(char)] = None
                out.append(MARK)
        return "".join(out)


def _name(char: str) -> str:
    """The character itself, or its number where it cannot stand in a text file (a lone surrogate)."""
    return f"U+{ord(char):04X}" if 0xD800 <= ord(char) <= 0xDFFF else char
