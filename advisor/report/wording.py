"""The few words that only the printed page needs; all others come with the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Wording:
    """Words in one language. `page` has the places {i} and {n}; `roles` explains the colours of the charts."""

    page: str
    roles: dict[str, str]
    inside_title: str
    inside: str
    files: dict[str, str]
    other_file: str
    replaced: str


ENGLISH: Final = Wording(
    page="page {i} of {n}",
    roles={"edge": "in your building", "cloud": "rented", "hybrid": "a mix of both", "none": "no change"},
    inside_title="Files inside this report",
    inside="These files are stored in this PDF. Edgewise can open it and work the answer out again.",
    files={
        "NEED.json": "your answers",
        "M.json": "the test run on your computer",
        "H.json": "the check of your model and data",
        "A.json": "the whole answer",
        "ledger.csv": "every figure with its source",
        "provenance.json": "versions and fingerprints",
    },
    other_file="more details",
    replaced="Some characters could not be printed. We put {mark} in their place.",
)

GERMAN: Final = Wording(
    page="Seite {i} von {n}",
    roles={"edge": "bei Ihnen im Haus", "cloud": "gemietet", "hybrid": "eine Mischung", "none": "nichts ändern"},
    inside_title="Dateien in diesem Bericht",
    inside="Diese Dateien stecken in diesem PDF. Edgewise kann es öffnen und die Antwort neu berechnen.",
    files={
        "NEED.json": "Ihre Antworten",
        "M.json": "der Testlauf auf Ihrem Computer",
        "H.json": "die Prüfung von Modell und Daten",
        "A.json": "die ganze Antwort",
        "ledger.csv": "jede Zahl mit ihrer Quelle",
        "provenance.json": "Versionen und Fingerabdrücke",
    },
    other_file="weitere Angaben",
    replaced="Einige Zeichen ließen sich nicht drucken. Dort steht {mark}.",
)


def wording(language: str) -> Wording:
    """The words in `language` (ISO 639); English for a language we have no words in."""
    return GERMAN if language == "de" else ENGLISH
