"""Which ONNX operators a chip can run: what its runtimes say of each operator of a model.

A chip is as good as its best runtime, a runtime as good as its worst operator. Unknown never becomes yes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from advisor.catalog import Catalog

# How a model gets on with a chip's software, the best first: all of it runs; a part may run or has to run on the processor
# beside it; a part runs under conditions; nobody says whether a part runs; a part does not.
RUNS, MAY_BE_SLOW, SLOW, IN_PART, NOT_TOLD, RUNS_NOT = range(6)
# A processor of unknown make runs what every processor runs.
ANY_PROCESSOR: Final = "onnxruntime:CPU"
_OTHERS: Final = "*"
# What becomes of an operator, by what its runtime says of it and by what the runtime does with one that it cannot run.
_LEVELS: Final = {
    ("partly", "processor"): MAY_BE_SLOW, ("unknown", "processor"): MAY_BE_SLOW, ("no", "processor"): SLOW,
    ("partly", "stops"): IN_PART, ("unknown", "stops"): NOT_TOLD, ("no", "stops"): RUNS_NOT,
    ("partly", "unknown"): IN_PART, ("unknown", "unknown"): NOT_TOLD, ("no", "unknown"): NOT_TOLD,
}  # fmt: skip


def runtimes_of(cell: str) -> tuple[str, ...]:
    """The runtimes in a cell of chips.csv, without the remarks behind their names."""
    return tuple(dict.fromkeys(name for part in cell.split("|") if (name := re.split(r"\s*[(;]", part)[0].strip())))


@lru_cache(maxsize=4)
def _told(catalog: Catalog) -> tuple[Mapping[str, Mapping[str, str]], frozenset[str]]:
    """What each runtime says of each operator, and every operator that any of them names."""
    by_runtime: dict[str, dict[str, str]] = {}
    for r in catalog.table("operator_support"):
        by_runtime.setdefault(r["runtime"], {})[r["operator"]] = r["support"]
    return by_runtime, frozenset(o for said in by_runtime.values() for o in said if o != _OTHERS)


def _said(catalog: Catalog, runtime: str, operator: str) -> str:
    by_runtime, known = _told(catalog)
    said = by_runtime.get(runtime, {})
    # A name that nobody lists is none of ONNX's; "all others" does not speak of it.
    return said.get(operator) or (said.get(_OTHERS, "unknown") if operator in known else "unknown")


@lru_cache(maxsize=4)
def _facts(catalog: Catalog) -> Mapping[str, tuple[str, str]]:
    """Where each runtime runs, and what it does with an operator it cannot run."""
    return {r["runtime"]: (r["runs_on"], r["unsupported"]) for r in catalog.table("runtimes")}


def _runtimes(catalog: Catalog, chip_id: str, on_processor: bool) -> tuple[str, ...]:
    """The runtimes that bear the speed told of a chip: on its processor, or on the accelerator in it."""
    chip = catalog.chips.get(chip_id)
    if chip is None or not chip.runtimes:
        return (ANY_PROCESSOR,) if on_processor else ()
    facts, other = _facts(catalog), "accelerator" if on_processor else "processor"
    found = tuple(r for r in runtimes_of(chip.runtimes) if facts.get(r, ("", ""))[0] != other)
    return found or ((ANY_PROCESSOR,) if on_processor else ())


def _level(catalog: Catalog, runtime: str, operator: str) -> int:
    said = _said(catalog, runtime, operator)
    if said == "yes":
        return RUNS
    rest = _facts(catalog).get(runtime, ("", "unknown"))[1]
    if rest == "processor":
        # The processor takes over only what it knows itself.
        there = _said(catalog, ANY_PROCESSOR, operator)
        rest = {"no": "stops", "unknown": "unknown"}.get(there, rest)
    return _LEVELS[said, rest]


@lru_cache(maxsize=4096)
def level_of(catalog: Catalog, chip_id: str, on_processor: bool, operators: tuple[str, ...]) -> int:
    """How a model with these operators gets on with a chip, from RUNS to RUNS_NOT; '' is a chip of unknown make."""
    levels = [max((_level(catalog, r, o) for o in operators), default=RUNS) for r in _runtimes(catalog, chip_id, on_processor)]
    return min(levels, default=NOT_TOLD)


def lacking(catalog: Catalog, chip_id: str, on_processor: bool, operators: tuple[str, ...]) -> tuple[str, ...]:
    """The operators on which the best of a chip's runtimes falls short of running them itself."""
    runtimes = _runtimes(catalog, chip_id, on_processor)
    if not runtimes:
        return operators
    best = min(runtimes, key=lambda r: max((_level(catalog, r, o) for o in operators), default=RUNS))
    levels = {o: _level(catalog, best, o) for o in operators}
    worst = max(levels.values(), default=RUNS)
    return tuple(sorted(o for o, level in levels.items() if level == worst > RUNS))


def untold(chips: Sequence[Mapping[str, str]], runtimes: set[str], supported: set[str]) -> Iterator[tuple[int, str]]:
    """Rows of recommended chips with a runtime of which nothing is told, and what is missing."""
    for i, c in enumerate(chips):
        if c["recommendable"] == "yes":
            for name in runtimes_of(c["supported_runtimes"]):
                if name not in runtimes:
                    yield i, f"names “{name[:40]}”, which runtimes does not have."
                elif name not in supported:
                    yield i, f"names “{name[:40]}”, of which operator_support tells nothing."
