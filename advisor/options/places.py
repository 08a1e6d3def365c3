"""Which machine each measurement was made on: this computer, another one in the building, a device to buy, one to rent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.catalog.names import provider_name
from advisor.forecast import own_run
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.advice import Part
    from advisor.catalog import Catalog, Offers
    from advisor.forecast import OwnRun
    from advisor.measurement import Machine, Measurement
    from advisor.need import Owned

_TRUST: Final = {"good": 2, "fair": 1, "poor": 0}
# A machine shows a little less memory than it is sold with, and a list may count in GB or GiB.
_LEAST_MEMORY, _MOST_MEMORY = 0.7, 1.1
# Firmware may keep more or less of it after an update.
_SAME_MEMORY: Final = 0.05
_PROCESSOR: Final = "CPUExecutionProvider"


@dataclass(frozen=True, slots=True)
class Places:
    """Measurements by the machine they were made on; one each, the one to be trusted most.

    `here` is of this computer, `owned` of others the owner has (by row), `rented` by "provider:type", `devices` by id of the
    catalog (every device with no chip but the measured one). `spare` are further ones of a machine that has a better one.
    """

    here: Measurement | None = None
    owned: Mapping[int, Measurement] = field(default_factory=dict)
    rented: Mapping[str, Measurement] = field(default_factory=dict)
    devices: Mapping[str, Measurement] = field(default_factory=dict)
    spare: tuple[Measurement, ...] = ()

    def owned_runs(self) -> Mapping[int, OwnRun]:
        """Runs on the owner's other computers, by row."""
        return {i: own_run(m) for i, m in self.owned.items()}

    def device_runs(self, ids: Sequence[str]) -> Mapping[int, OwnRun]:
        """Runs on these devices, by row."""
        return {i: own_run(self.devices[id]) for i, id in enumerate(ids) if id in self.devices}

    def rented_runs(self, offers: Offers, types: NDArray[np.int64]) -> Mapping[int, OwnRun]:
        """Runs on machine types to rent; `types` are their rows in the catalog."""
        rows = {offers.type_row_of(*name.split(":", 1)): m for name, m in self.rented.items()}
        return {i: own_run(m) for row, m in rows.items() for i in np.flatnonzero(types == row).tolist()}

    def name_of(self, m: Measurement) -> str | None:
        """What the machine of a measurement is called; `None` for this computer."""
        if m is self.here or (m in self.spare and m.machine.name is None):
            return None
        name = m.machine.name or m.machine.cpu
        provider, colon, kind = name.partition(":")
        return f"{provider_name(provider)} {kind}" if colon and name in self.rented else name

    def of_part(self, part: Part, owned: Sequence[Owned]) -> Measurement | None:
        """The measurement of what a part of an option is, `None` if it was not measured."""
        if part.catalog_id in self.rented:
            return self.rented[part.catalog_id]
        if part.purchase == "buy":
            return self.devices.get(part.catalog_id)
        for i, o in enumerate(owned):
            if o.what == part.what and (o.is_this_computer or i in self.owned):
                return self.here if o.is_this_computer else self.owned[i]
        return None


def places_of(measurements: Sequence[Measurement], owned: Sequence[Owned], catalog: Catalog) -> Places:
    """Each measurement at its machine.

    Raises:
        AdvisorError: a measurement names a machine that is in neither the answers nor the catalog, or does not fit it; two
            without a name are of different computers.
    """
    found: dict[tuple[str, str], list[Measurement]] = {}
    problems: list[Problem] = []
    for m in measurements:
        try:
            found.setdefault(_place(m, owned, catalog), []).append(m)
        except AdvisorError as error:
            problems.extend(error.problems)
    here = found.get(("here", ""), [])
    problems.extend(_another(here[0], m) for m in here[1:] if not _same(here[0].machine, m.machine))
    if problems:
        raise AdvisorError(problems)
    best = {key: max(enumerate(ms), key=lambda x: (_TRUST[x[1].trust], x[1].measured_on or "", x[0]))[1] for key, ms in found.items()}
    kept = {id(m) for m in best.values()}

    def of(kind: str) -> dict[str, Measurement]:
        return {name: m for (k, name), m in best.items() if k == kind}

    return Places(
        here=best.get(("here", "")),
        owned={int(i): m for i, m in of("owned").items()},
        rented=of("rented"),
        devices={**_with_chip(of("chip"), catalog), **of("device")},
        spare=tuple(m for m in measurements if id(m) not in kept),
    )


def _with_chip(chips: Mapping[str, Measurement], catalog: Catalog) -> dict[str, Measurement]:
    return {d["device_id"]: chips[d["chip_ids"]] for d in catalog.devices if d["chip_ids"] in chips}


def _place(m: Measurement, owned: Sequence[Owned], catalog: Catalog) -> tuple[str, str]:
    name, chip = m.machine.name, m.machine.chip_id
    if name is not None:
        return _named(name, m, owned, catalog)
    mine = [o for o in owned if o.is_this_computer]
    if chip is None or any(o.chip_id in (None, chip) for o in mine):
        return "here", ""
    for i, o in enumerate(owned):
        if o.chip_id == chip:
            return "owned", str(i)
    return ("chip", chip) if chip in catalog.chips else ("here", "")


def _named(name: str, m: Measurement, owned: Sequence[Owned], catalog: Catalog) -> tuple[str, str]:
    for i, o in enumerate(owned):
        if " ".join(o.what.split()).casefold() == " ".join(name.split()).casefold():
            return ("here", "") if o.is_this_computer else ("owned", str(i))
    provider, _, kind = name.partition(":")
    row = catalog.offers.type_row_of(provider, kind)
    if row is not None:
        _check_rented(name, row, m, catalog)
        return "rented", name
    if any(d["device_id"] == name for d in catalog.devices):
        return "device", name
    raise AdvisorError(
        Problem(
            "BAD_FIELD",
            "--measurement",
            f"A measurement says that it was made on “{name[:60]}”, and we know no such machine.",
            "We cannot tell whose time it is.",
            "Use the name of a computer as in your answers, or the id of a machine as in A.json (parts, catalog_id).",
        )
    )


def _check_rented(name: str, row: int, m: Measurement, catalog: Catalog) -> None:
    """Nothing, if the machine that was measured can be the one it is said to be."""
    o = catalog.offers
    cores, gib = float(o.type_vcpus[row]), float(o.type_memory_gib[row])
    sold, seen = gib * 1.073741824, m.machine.memory_gb
    wrong = ""
    if cores >= 1 and m.machine.logical_cores != round(cores):
        wrong = f"it has {m.machine.logical_cores} processor cores, and {name} has {cores:.0f}"
    elif seen and np.isfinite(sold) and not _LEAST_MEMORY * sold <= seen <= _MOST_MEMORY * sold:
        wrong = f"it has {seen:.3g} GB of memory, and {name} has {sold:.3g} GB"
    elif str(o.type_chip[row]) and not any(p != _PROCESSOR and x > 0 for p, x in m.software.node_share_by_provider.items()):
        wrong = f"the model ran on its processor, and what you pay for in {name} is its graphics chip"
    if wrong:
        raise AdvisorError(
            Problem(
                "BAD_FIELD",
                "--measurement",
                f"A measurement cannot stand for {name}: {wrong}.",
                "Its time would mislead you.",
                "Measure on the machine that was advised, or leave it out.",
            )
        )


def _same(one: Machine, other: Machine) -> bool:
    cores = one.cpu == other.cpu and one.logical_cores == other.logical_cores
    return cores and abs(one.memory_gb - other.memory_gb) <= _SAME_MEMORY * one.memory_gb


def _another(first: Measurement, other: Measurement) -> Problem:
    return Problem(
        "BAD_FIELD",
        "--measurement",
        f"Two measurements are of different computers ({first.machine.cpu[:40]} and {other.machine.cpu[:40]}).",
        "Only one can be this computer, and we cannot tell what the other is.",
        "Measure there with --machine and its name as in your answers, or write that name into “machine.name” of its file.",
    )
