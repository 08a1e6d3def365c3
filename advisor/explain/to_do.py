"""What to do on Monday: three first steps, and what comes after them.

What can end the plan comes first, then what costs money, then the trial; what keeps it running comes last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.advice import Kind
from advisor.catalog.names import provider_name
from advisor.evidence import Basis
from advisor.explain import against, test_run, verdict
from advisor.explain.figures import OURS, Figures, Origin
from advisor.need import FeatureModel, OnnxModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.explain.verdict import BestWords
    from advisor.findings import Findings

FIRST: Final = 3
_SETTLE, _GET, _TRY, _RUN, _KEEP = range(5)
_SMALL_SAMPLES: Final = Origin(Basis.ESTIMATED, "our rule for small samples")


def steps(f: Figures, found: Findings, best: BestWords | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first three steps, and those that follow."""
    if best is None:
        told = list(dict.fromkeys(_against(f, found)))
    else:
        told = [text for _, text in sorted(_towards(f, found, best), key=lambda x: x[0])]
    return tuple(told[:FIRST]), tuple(told[FIRST:])


def _towards(f: Figures, found: Findings, best: BestWords) -> Iterator[tuple[int, str]]:
    """Every step towards the advised way with its turn; steps of one turn keep their order."""
    say, case = f.words.say, found.setting.case
    parts, kind = best.looks.parts, best.candidate.kind
    rented = next((p for p in parts if p.purchase in ("pay-per-use", "serverless", "on-demand", "reserved", "spot")), None)
    bought = next((p for p in parts if p.purchase == "buy"), None)
    host = next((p for p in parts if p.role == "holds it" and p.purchase == "own"), None)
    timed = verdict.measured(found, best.looks)
    if case.simple_rule == "not-sure":
        yield _SETTLE, say("step.simple_rule")
    if timed is not None:
        for text in test_run.first_steps(f, timed):
            yield _SETTLE, text
    if kind is Kind.EDGE_EXISTING:
        if best.looks.basis is not Basis.MEASURED and isinstance(case.need.job.model, (OnnxModel, FeatureModel)):
            yield _SETTLE, say("step.test")
        yield _TRY, say("step.install", what=say("your", name=parts[0].what))
        if case.is_batch:
            yield _RUN, say("step.schedule")
    if kind is Kind.CLOUD_INSTANCE and parts[0].purchase == "own":
        yield _TRY, say("step.install", what=parts[0].what)
    if host is not None:
        yield _SETTLE, say("step.slot", host=say("your", name=host.what))
    if bought is not None:
        typed = f"device:{bought.catalog_id}" in found.setting.quotes.prices
        if typed or bought.count == 1:
            yield _GET, say("step.order.quoted" if typed else "step.order", what=bought.what)
        else:
            count = f.text("best.machines", bought.count, "", f"{bought.count}", OURS)
            yield _GET, say("step.order.several", count=count, name=bought.what)
        if any(p.role.startswith("spare") for p in parts):
            yield _GET, say("step.order.spare", what=bought.what)
        yield _TRY, say("step.install_new", what=say("your", name=host.what) if host is not None else bought.what)
    if rented is not None:
        provider = provider_name(rented.provider or "")
        if case.data == "sensitive":
            yield _SETTLE, say("step.contract.sensitive", provider=provider)
        elif case.data != "none":
            yield _SETTLE, say("step.contract", provider=provider)
        yield _GET, say("step.account", provider=provider)
        if kind in (Kind.CLOUD_INSTANCE, Kind.CLOUD_BATCH):
            yield _TRY, say("step.rent", what=rented.what)
    if kind is Kind.CLOUD_API or found.setting.work.text is not None:
        yield _TRY, say("step.own_examples", sample=f.text("step.sample", 50, "", "50", _SMALL_SAMPLES))
    if best.looks.routing == "route.private":
        yield _RUN, say("step.rule")
    elif best.looks.routing is not None and f.words.has(f"step.{best.looks.routing}"):
        yield _RUN, say(f"step.{best.looks.routing}")
    yield _RUN, say("step.side_by_side", days=f.time("step.days", 14 * 86400.0, _SMALL_SAMPLES))
    yield _KEEP, say("step.name.alone" if case.need.business.people == 1 else "step.name")


def _against(f: Figures, found: Findings) -> Iterator[str]:
    """What can be done where the advice is not to start (yet)."""
    say, case, choice = f.words.say, found.setting.case, found.choice
    if case.health == "failed":
        yield from (say("step.health_read"), say("step.health_clean"), say("step.health_again"))
        return
    if (case.identifies_people or case.decides_about_people) and not case.legal_basis:
        if case.task == "face-recognition":
            yield say("step.simple_door")
        yield say("step.lawyer")
        yield say("step.law.decides" if case.decides_about_people else "step.law.identifies")
    elif choice.none_because == "plain-way":
        yield say("step.simple_rule")
    if choice.none_because == "nothing-feasible":
        yield say("step.relax" if found.groups else "step.find_model")
        if choice.near:
            yield say("step.relax.one", name=against.called(f, "near.name", choice.near[0]))
    yield say("step.ask_again")
    then = against.afterwards(found)
    if then is not None and choice.none_because == "plain-way":
        yield say("step.look_at", name=against.name_of(f, then))
    else:
        yield say("step.keep_examples", sample=f.text("step.sample", 50, "", "50", _SMALL_SAMPLES))
