"""How hard our words are to read: the Flesch-Kincaid school grade, worked out here without word lists.

Source: Kincaid, Fishburne, Rogers & Chissom (1975), "Derivation of new readability formulas", Research Branch Report
8-75: grade = 0.39 x words per sentence + 11.8 x syllables per word - 15.59. Figures and names are left out of the
count as one short word each, as a reader takes them in at a glance.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from advisor.advice import Readability

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_FIGURE: Final = re.compile(r"[^\sA-Za-z]?\d[\d.,\u00a0%]*")
_SENTENCE_END: Final = re.compile(r"[.!?]+(?:\s|$)|\n+")
# A closing e is silent unless it is all the word has, as are -es and -ed after most consonants.
_SILENT: Final = re.compile(r"(?:[^laeiouy]e|[^aeioudt]ed|[^aeiouszxg]es)$")


def syllables(word: str) -> int:
    """Syllables of an English word by its groups of vowels; at least one."""
    plain = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", plain))
    if groups > 1 and len(plain) > 3 and _SILENT.search(plain):
        groups -= 1
    return max(groups, 1)


def readability(texts: Iterable[str], names: Sequence[str] = ()) -> Readability:
    """The grade of all texts together and the longest sentence; names of products count as one short word."""
    words = sentences = beats = longest = 0
    by_length = sorted((n for n in names if n), key=len, reverse=True)
    for whole in texts:
        text = whole
        for name in by_length:
            text = text.replace(name, "it")
        text = _FIGURE.sub(" ten ", text)
        for sentence in _SENTENCE_END.split(text):
            found = _WORD.findall(sentence)
            if len(found) < 2:
                continue
            sentences += 1
            words += len(found)
            beats += sum(syllables(w) for w in found)
            longest = max(longest, len(found))
    if not sentences:
        return Readability(None, 0)
    return Readability(round(0.39 * words / sentences + 11.8 * beats / words - 15.59, 1), longest)
