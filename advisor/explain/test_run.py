"""What the owner's own test run says: how it was made, what it was fed, and whether a slimmer copy of the model counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.advice import Table
from advisor.evidence import Basis
from advisor.explain.figures import YOURS, Figures, Origin
from advisor.measurement import AS_IS, LOWERS_TRUST
from advisor.slimmer import is_faster, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.findings import Findings
    from advisor.measurement import Measurement, Run
    from advisor.slimmer import Copy


def origin(m: Measurement) -> Origin:
    """Where figures of a test run come from."""
    return Origin(Basis.MEASURED, f"test run on {m.machine.cpu}", m.measured_on)


def reasons(f: Figures, m: Measurement, elsewhere: str | None) -> Iterator[str]:
    """That the model was timed, here or on the machine called `elsewhere`, and the slimmer copy that we reckon with, if any."""
    run, where = m.as_is, origin(m)
    told = {
        "count": f.count("measured.count", run.count, "answer", where),
        "median": f.time("measured.median", run.median_ms / 1000, where),
    }
    if elsewhere is None:
        yield f.words.say("reason.measured", **told)
    else:
        yield f.words.say("reason.measured.there", name=f.quoted("measured.name", elsewhere, YOURS), **told)
    copy = m.advised_copy
    if copy is not None:
        yield f.words.say("reason.copy", **_figures(f, m, copy))


def first_steps(f: Figures, m: Measurement) -> Iterator[str]:
    """What has to be done before a slimmer copy can do the work."""
    copy = m.advised_copy
    if copy is not None:
        yield f.words.say("step.copy", name=_name(f, m, copy))


def warned(f: Figures, found: Findings) -> tuple[str, ...]:
    """What the test run warned of: a figure measured on a busy computer is worth less."""
    out = []
    for k, m in enumerate(found.measurements, start=1):
        out += [
            f.quoted(f"measured.{k}.warning.{n}", f"{w.text} {w.advice}".strip(), origin(m))
            for n, w in enumerate(m.warnings, start=1)
            if w.code in LOWERS_TRUST
        ]
    return tuple(out)


def method(f: Figures, found: Findings) -> Iterator[str]:
    """How each test run was made and what it was fed; and what came of its slimmer copies."""
    for k, m in enumerate(found.measurements, start=1):
        yield _made(f, m, "measured" if k == 1 else f"measured.{k}", found.setting.places.name_of(m))


def scenes(f: Figures, found: Findings) -> Table:
    """What the first test run timed besides single answers: one row for each way of asking, with how many answers it rests on."""
    say = f.words.say
    rows: list[tuple[str, ...]] = []
    for m in found.measurements[:1]:
        where = origin(m)
        for n, run in enumerate(_told(m), start=1):
            id = f"measured.run.{n}"
            ends = (min(run.samples_ms) / 1000, max(run.samples_ms) / 1000)
            together = run.batch * run.concurrency
            many = f.text(f"{id}.together", together, "", f"{together}", where) if together > 1 else ""
            rows.append(
                (
                    say(f"scene.{run.scenario}", count=many),
                    f.time(f"{id}.time", run.median_ms / 1000, where, *ends),
                    f.time_range(f"{id}.range", ends[0], run.median_ms / 1000, ends[1], where),
                    f.text(f"{id}.count", run.count, "", f.words.exact(run.count), where),
                )
            )
    return Table("", (say("col.timed"), say("col.time_half"), say("col.time_all"), say("col.answers")), tuple(rows))


def _told(m: Measurement) -> Iterator[Run]:
    """The runs of the model itself; one input alone is no batch."""
    return (r for r in m.runs if r.precision == AS_IS and not (r.scenario == "offline" and r.batch == 1))


def _made(f: Figures, m: Measurement, id: str, elsewhere: str | None) -> str:
    say, where = f.words.say, origin(m)
    low, high = (x / 1000 for x in m.range_ms)
    told = {
        "rounds": f.text(f"{id}.rounds", len(m.rounds), "", f"{len(m.rounds)}", where),
        "best": f.time(f"{id}.best", m.best_round_ms / 1000, where),
        "worst": f.time(f"{id}.worst", high, where, low, high),
        "trust": say(f"method.trust.{m.trust}"),
    }
    if elsewhere is not None:
        told["name"] = f.quoted(f"{id}.machine", elsewhere, YOURS)
    out = [say("method.measured" if elsewhere is None else "method.measured.there", **told)]
    for n, i in enumerate(m.model.inputs, start=1):
        size = " x ".join(map(str, i.get("shape", ())))
        values = say("method.fed.sample" if i.get("values") == "sample" else "method.fed.made_up")
        name = f.quoted(f"{id}.input.{n}.name", str(i.get("name", "")), where)
        out.append(say("method.fed", name=name, size=f.quoted(f"{id}.input.{n}", size, where), values=values) if size else "")
    out += [
        say(f"method.copy.{_key(m, c)}", **_figures(f, m, c, id)) for c in m.copies if c.takes is not None and c.precision in m.agreement
    ]
    return " ".join(part for part in out if part)


def _key(m: Measurement, copy: Copy) -> str:
    found = verdict(copy, m.agreement.get(copy.precision))
    # One copy is reckoned with: the fastest of those that may be.
    return "other" if found == "advised" and copy != m.advised_copy and is_faster(copy) else found


def _name(f: Figures, m: Measurement, copy: Copy, of: str = "measured") -> str:
    return f.quoted(f"{of}.copy.{copy.precision}.name", copy.precision, origin(m))


def _figures(f: Figures, m: Measurement, copy: Copy, of: str = "measured") -> dict[str, str]:
    where, said, takes = origin(m), m.agreement[copy.precision], copy.takes or (1.0, 1.0, 1.0)
    id = f"{of}.copy.{copy.precision}"
    low, high = said.low * said.n, said.high * said.n
    return {
        "name": _name(f, m, copy, of),
        "share": f.text(f"{id}.time", takes[1], "", f.words.number(takes[1]), where, takes[0], takes[2]),
        "same": f.text(f"{id}.same", round(said.same_share * said.n), "", f"{round(said.same_share * said.n)}", where, low, high),
        "n": f.text(f"{id}.n", said.n, "", f"{said.n}", where),
        "inputs": f.words.say(f"copy.inputs.{said.inputs}"),
    }
