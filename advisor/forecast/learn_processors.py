"""What processors reach: the recipe of one call, the worth of more cores, work per core and clock, each chip's departure."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from advisor.forecast.evidence import Points, number
from advisor.forecast.fitting import Recipe, fit, serial_share, speed_of, thinned, together
from advisor.forecast.learned import SHRINK, Chips, ChipSpeed, Errors, Known, exact, instruction_class, ranged

# Processors with published rows that the chip table lacks: (physical cores, base GHz, instruction set), from the makers'
# product pages (Intel ARK, read 2026-11).
PROCESSORS: Final = {
    "intel-core-i9-10940x": (14.0, 3.3, "avx512"), "intel-core-i7-12700h": (14.0, 2.3, "avx2"),
    "intel-xeon-6240r": (24.0, 2.4, "avx512"), "intel-xeon-w7-2495x": (24.0, 2.5, "avx512"),
}  # fmt: skip
# Runtimes whose speed on processors is comparable with ours after one factor each.
PROCESSOR_ENGINES: Final = ("onnxruntime", "compiled", "ncnn")


def core_facts(chip: str, chips: Chips) -> tuple[float, float, str] | None:
    """(cores, base GHz, instruction class) of a processor, `None` where a fact is missing."""
    if chip in PROCESSORS:
        return PROCESSORS[chip]
    row = chips.get(chip)
    # The clock of a system chip is that of its graphics part.
    if row is None or row["kind"] != "cpu" or not (number(row["base_ghz"]) > 0):
        return None
    return number(row["cores"]), number(row["base_ghz"]), instruction_class(row["simd"])


def _arm(kind: str) -> bool:
    return kind in ("neon", "sve")


def _one_kind_of_core(setup: str) -> bool:
    return setup.count("cortex") <= 1 and setup.count("-x-") <= 1 and "little" not in setup


def learn_processors(p: Points, chips: Chips, kinds: dict[str, Known], speeds: dict[tuple[str, str], ChipSpeed],
                errors: Errors) -> None:  # fmt: skip
    q = p.where((p.unit == "cpu") & (p.precision == "float") & np.isin(p.engine, PROCESSOR_ENGINES) & (p.gmacs > 0.02))
    q = thinned(q, 120)
    joined = np.array([f"{s}#{e}" for s, e in zip(q.setup.tolist(), q.engine.tolist(), strict=True)])
    q = Points(*(joined if name == "setup" else getattr(q, name) for name in q.__slots__))
    recipe, setups = fit(q)
    for name in ("memory", "memory_power", "operator_s", "operator_power"):
        kinds[f"cpu.{name}"] = exact(getattr(recipe, name), q.n)
    first = {s: i for i, s in reversed(list(enumerate(q.setup.tolist())))}
    speed = dict(zip(setups.names, setups.speed.tolist(), strict=True))
    pairs = []
    for name, s in speed.items():
        base, found, rest = name.rpartition("|cpu")
        threads, _, engine = rest.partition("#")
        one = speed.get(f"{base}|cpu1#{engine}")
        if found and threads not in ("", "1") and one and _one_kind_of_core(base):
            pairs.append((float(threads), s / one))
    low, likely, high = serial_share(pairs)
    kinds["cpu.serial_share"] = Known(likely, low, high, len(pairs), "Tencent/ncnn: same chip at one and at several threads")
    _small_numbers(p, kinds)

    # Each setup as work per core and cycle, on its own runtime.
    rows: list[tuple[str, str, str, float, int, str, float, str]] = []
    for name, s in speed.items():
        i = first[name]
        facts = core_facts(str(q.chip[i]), chips)
        kind_row = chips.get(str(q.chip[i]), {})
        slice_of_a_server = kind_row.get("class") == "datacenter" and not np.isfinite(q.threads[i])
        if facts is None or slice_of_a_server or "hyper-v" in name:
            continue
        cores = float(q.threads[i]) if np.isfinite(q.threads[i]) else facts[0]
        if np.isfinite(facts[0]):
            cores = min(cores, facts[0])
        if not np.isfinite(cores):
            continue
        worth = s / float(together(cores, likely)) / facts[1]
        count = int((q.setup == name).sum())
        rows.append((str(q.chip[i]), facts[2], str(q.engine[i]), worth, count, str(q.source[i]), cores, name))
    factors = _engine_factors(rows, kinds)
    per_cycle = {r[7]: r[3] / factors[r[2], _arm(r[1])] for r in rows}
    by_chip: dict[str, list[float]] = {}
    for r in rows:
        by_chip.setdefault(r[0], []).append(float(np.log(per_cycle[r[7]])))
    kind_of = {r[0]: r[1] for r in rows}
    middle = {c: float(np.median(v)) for c, v in by_chip.items()}

    def family(kind: str, without: str) -> float:
        """Log GMACs per second, core and GHz of an instruction class: its chips, pulled to all chips where there are few."""
        own = [m for c, m in middle.items() if kind_of[c] == kind and c != without]
        alike = [m for c, m in middle.items() if _arm(kind_of[c]) == _arm(kind) and c != without]
        every = float(np.median(alike or [m for c, m in middle.items() if c != without]))
        return (sum(own) + 2 * every) / (len(own) + 2)

    for kind in ("avx512", "avx2", "sve", "neon"):
        own = [m for c, m in middle.items() if kind_of[c] == kind]
        value = float(np.exp(family(kind, "")))
        kinds[f"cpu.per_ghz.{kind}"] = Known(value, value, value, len(own), "published calls on processors of this instruction set")
    older = kinds["cpu.per_ghz.avx2"].value / 2
    kinds["cpu.per_ghz.unknown"] = Known(older, older / 2, older * 2, 0, "judgement: half of AVX2")
    # Errors of a chip left out, on its own runtime, row by row.
    for r in rows:
        here = q.where(q.setup == r[7])
        facts = core_facts(r[0], chips)
        assert facts is not None
        guess = np.exp(family(r[1], r[0])) * facts[1] * float(together(r[6], likely)) * factors[r[2], _arm(r[1])]
        off = np.log(here.seconds) - np.log(_seconds(recipe, guess, here))
        errors.setdefault("cpu.family-fit", []).extend((r[0], float(x)) for x in off)
        errors.setdefault("cpu.same-chip-fit", []).extend(_left_out_models(recipe, here, r[0]))
    for chip, logs in by_chip.items():
        facts = core_facts(chip, chips)
        mine = [r for r in rows if r[0] == chip]
        count = sum(r[4] for r in mine)
        assert facts is not None
        cores = facts[0] if np.isfinite(facts[0]) else max(r[6] for r in mine)
        usual = family(facts[2], chip)
        weight = count / (count + SHRINK)
        departure = weight * (float(np.median(logs)) - usual)
        total = float(np.exp(usual + departure)) * facts[1] * float(together(cores, likely))
        speeds[chip, "cpu"] = ChipSpeed(
            chip, "cpu", total, kinds["fill.operators"].value * recipe.operator_s * total**-recipe.operator_power, recipe.error, departure,
            count, "|".join(sorted({r[5] for r in mine})), "published calls on this chip",
        )  # fmt: skip
    # Chips whose cores or clock are not confirmed: the best setup seen, as it was timed.
    best: dict[str, tuple[float, int, str]] = {}
    for name, s in speed.items():
        chip, i = str(q.chip[first[name]]), first[name]
        row = chips.get(chip)
        if row is None or (chip, "cpu") in speeds or row["class"] == "datacenter":
            continue
        ours = s / factors[str(q.engine[i]), row["kind"] == "soc" or _arm(instruction_class(row["simd"]))]
        count = int((q.setup == name).sum())
        if count >= 4 and ours > best.get(chip, (0.0, 0, ""))[0]:
            best[chip] = (float(ours), count, str(q.source[i]))
        errors["cpu.same-chip-fit"] += _left_out_models(recipe, q.where(q.setup == name), chip)
    for chip, (total, count, where) in best.items():
        call = kinds["fill.operators"].value * recipe.operator_s * total**-recipe.operator_power
        speeds[chip, "cpu"] = ChipSpeed(chip, "cpu", total, call, recipe.error, 0.0, count, where, "published calls on this chip")


def _seconds(recipe: Recipe, speed: Any, p: Points) -> Any:
    """Times of these points at `speed`."""
    return recipe.seconds(speed, p.gmacs, p.activations, p.operators)


def _left_out_models(recipe: Recipe, here: Points, chip: str) -> list[tuple[str, float]]:
    """Errors of each row when the setup's speed is read from its other rows only."""
    if here.n < 6:
        return []
    alone = here.gmacs / here.seconds
    order = np.argsort(alone)
    out = []
    for part in np.array_split(order, min(5, here.n)):
        rest = np.ones(here.n, dtype=bool)
        rest[part] = False
        known = here.where(rest)
        s = speed_of(recipe, known.gmacs, known.activations, known.operators, known.seconds)
        there = here.where(~rest)
        out += [
            (chip, float(x)) for x in np.log(there.seconds) - np.log(recipe.seconds(s, there.gmacs, there.activations, there.operators))
        ]
    return out


def _engine_factors(
    rows: list[tuple[str, str, str, float, int, str, float, str]], kinds: dict[str, Known]
) -> dict[tuple[str, bool], float]:
    """How fast each runtime is beside ours, on Arm and on other processors: from chips that were timed with both."""
    out: dict[tuple[str, bool], float] = {}
    for arm in (False, True):
        out["onnxruntime", arm] = 1.0
        for engine in PROCESSOR_ENGINES[1:]:
            logs = []
            for chip in sorted({r[0] for r in rows if _arm(r[1]) == arm}):
                ours = [r[3] for r in rows if r[0] == chip and r[2] == "onnxruntime"]
                theirs = [r[3] for r in rows if r[0] == chip and r[2] == engine]
                if ours and theirs:
                    logs.append(float(np.log(np.median(theirs) / np.median(ours))))
            out[engine, arm] = float(np.exp(np.median(logs))) if logs else 1.0
            if logs:
                kinds[f"cpu.{'arm' if arm else 'x86'}.{engine}"] = ranged(np.exp(logs), "chips timed with both runtimes")
    return out


def _small_numbers(p: Points, kinds: dict[str, Known]) -> None:
    """How much faster 8-bit models run on processors: the same network in both forms on the same setup (ncnn)."""
    n = p.where((p.engine == "ncnn") & (p.unit == "cpu"))
    time: dict[tuple[str, str], list[float]] = {}
    for setup, model, seconds in zip(n.setup.tolist(), n.model.tolist(), n.seconds.tolist(), strict=True):
        time.setdefault((setup, model), []).append(seconds)
    ratios = [
        np.median(time[s, m.removesuffix("_int8")]) / np.median(t)
        for (s, m), t in time.items()
        if m.endswith("_int8") and (s, m.removesuffix("_int8")) in time
    ]
    kinds["cpu.int8"] = ranged(ratios, "Tencent/ncnn: the same network with 32-bit and 8-bit numbers")
