"""How hard our words are to read: python -m tests.wording (part of make check).

Scores what the answers of all stories say (`tests/stories`), and every sentence of the phrase book with a short word in
each place. Fails where a story, or the book as a whole, is above the grade we allow, or any sentence is too long.
"""

from __future__ import annotations

import re
import sys
from string import Formatter
from typing import Final

from advisor.readability import readability
from advisor.words import LANGUAGES, Words
from tests.explain.texts import NO_PROSE, names, sentences
from tests.stories.told import ALL, told

MOST_GRADE: Final = 8.0
MOST_WORDS: Final = 30
_SHOWN: Final = 5
_SENTENCE: Final = re.compile(r"[^.!?]+[.!?]+(?=\s|$)")


def of_story(name: str) -> tuple[float, int]:
    """The grade of a story's answer and its longest sentence."""
    t = told(name)
    found = readability((x for where, x in sentences(t) if where not in NO_PROSE), names(t))
    return found.grade or 0.0, found.longest_sentence_words


def of_book(language: str) -> dict[str, str]:
    """Every phrase that is a sentence, by key, with a short word in each place; laws are known by their names."""
    book = Words(language, "EUR")._book
    out = {}
    for key, text in book.items():
        if _SENTENCE.search(text) and not key.startswith("law."):
            out[key] = text.format(**{name: "it" for _, name, _, _ in Formatter().parse(text) if name is not None})
    return out


def hardest(book: dict[str, str]) -> list[tuple[float, str, str]]:
    """Grade, key and text of the hardest phrases."""
    graded = [(readability([text]).grade or 0.0, key, text) for key, text in book.items()]
    return sorted(graded, reverse=True)[:_SHOWN]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> int:
    """Prints the grades; 1 where something is too hard."""
    bad = []
    stories = {name: of_story(name) for name in ALL}
    bad += [f"{name}: grade {grade}, longest sentence {longest} words" for name, (grade, longest) in stories.items()
            if grade > MOST_GRADE or longest > MOST_WORDS]  # fmt: skip
    grades = sorted(grade for grade, _ in stories.values())
    _say(f"{len(stories)} answers: grade {grades[0]} to {grades[-1]}, longest sentence {max(n for _, n in stories.values())} words.")
    for language in LANGUAGES:
        book = of_book(language)
        whole = readability(book.values())
        _say(f"{len(book)} phrases ({language}): grade {whole.grade}, longest sentence {whole.longest_sentence_words} words. The hardest:")
        for grade, key, text in hardest(book):
            _say(f"  {grade:4.1f}  {key}: {text}")
        if (whole.grade or 0) > MOST_GRADE or whole.longest_sentence_words > MOST_WORDS:
            bad.append(f"phrase book {language}: grade {whole.grade}, longest sentence {whole.longest_sentence_words} words")
    for line in bad:
        sys.stderr.write(f"Too hard (at most grade {MOST_GRADE:g} and {MOST_WORDS} words): {line}" + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
