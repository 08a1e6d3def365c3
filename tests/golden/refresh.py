"""Writes the answers that the tests compare with: python -m tests.golden.refresh

Each file holds the few figures of one example need that stand for the whole. Read the difference before you keep it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from advisor.explain.verdict import headline
from advisor.findings import Findings
from tests.advisor.answers import EXAMPLE_NAMES, example, told, worked

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).parent


def digest(document: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a need in a few figures; none of them hangs on the machine it is worked out on."""
    w, words = worked(document), told(document)
    kind, _ = headline(Findings(w.setting, w.groups, w.choice, (), (), None))
    best = words.options[0]
    return {
        "kind": str(kind),
        "none_because": w.choice.none_because,
        "option": best.id,
        "upfront": float(best.cost.upfront),
        "total": float(best.cost.total),
        "p95_ms": None if best.latency_ms.p95 is None else float(f"{best.latency_ms.p95:.4g}"),
        "confidence": str(w.choice.confidence),
        "sentence": words.sentence,
        "reasons": list(words.reasons),
    }


def text_of(name: str) -> str:
    """The file of one example."""
    return json.dumps(digest(example(name)), ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Writes every file."""
    for name in EXAMPLE_NAMES:
        (FOLDER / f"{name}.json").write_text(text_of(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
