"""Whether a machine's software runs every step of the owner's model: a rule that removes, or a caution beside the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.catalog.operators import IN_PART, MAY_BE_SLOW, NOT_TOLD, RUNS, RUNS_NOT, SLOW, lacking, level_of
from advisor.options.group import Removal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.catalog import Catalog
    from advisor.forecast import Machines
    from advisor.options.setting import Setting

    Ints = NDArray[np.int64]

_CAUTIONS: Final = {
    MAY_BE_SLOW: "caution.operators.may-be-slow",
    SLOW: "caution.operators.slow",
    IN_PART: "caution.operators.in-part",
    NOT_TOLD: "caution.operators.not-told",
}


def levels(catalog: Catalog, machines: Machines, operators: tuple[str, ...]) -> Ints:
    """How the model gets on with each machine's software; without a model file nothing speaks against any."""
    if not operators:
        return np.full(machines.n, RUNS, dtype=np.int64)
    pairs = zip(machines.chip.tolist(), machines.is_processor.tolist(), strict=True)
    return np.array([level_of(catalog, chip, on_processor, operators) for chip, on_processor in pairs], dtype=np.int64)


def about_software(found: Ints) -> Removal:
    """The rule on software that cannot run a step of the model and has nowhere to leave it."""
    return Removal("rule.operators", found >= RUNS_NOT)


def cautions(found: Ints, i: int) -> tuple[str, ...]:
    """What is said beside machine `i`, if anything."""
    key = _CAUTIONS.get(int(found[i]))
    return () if key is None else (key,)


def falls_short(setting: Setting, machines: Machines, i: int) -> tuple[str, ...]:
    """The steps of the model that machine `i` does not run wholly by itself."""
    operators = setting.work.operators
    return lacking(setting.catalog, str(machines.chip[i]), bool(machines.is_processor[i]), operators) if operators else ()
