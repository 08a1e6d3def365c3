"""Conducts a job: a profile, or a measurement from the first look at the file to the value.

This process never opens the model itself, so whatever a model does, it lives on to tell of it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from advisor import model_profile
from advisor.benchmark import copies, refusals
from advisor.benchmark.conductor import Conductor, busy_now
from advisor.benchmark.containment import check_file
from advisor.benchmark.planning import Plan
from advisor.benchmark.whole_run import WholeRun
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from advisor.benchmark.conductor import Tell
    from advisor.benchmark.protocol import Job
    from advisor.measurement import Measurement
    from advisor.model_profile import ModelProfile

_HEAVY_GMACS: Final = 1000.0
_HEAVY_NODES: Final = 20_000


def profile(job: Job, tell: Tell) -> ModelProfile:
    """The facts of a model file.

    Raises:
        AdvisorError: what stands in the way.
    """
    check_file(Path(job.path))
    conductor = Conductor(job, tell)
    conductor.progress(0.1, "Reading the model", "read")
    found = conductor.step("inspect", job.limits.answer_s, must_settle=False)
    return model_profile.from_json(found["profile"])


def measure(job: Job, tell: Tell) -> Measurement:
    """The measurement of a model on this computer.

    Raises:
        AdvisorError: what stands in the way.
    """
    if job.precision not in copies.PRECISIONS:
        raise AdvisorError(
            Problem(
                "BAD_FIELD",
                "precision",
                f"We know no copies called {refusals.shown(job.precision, 20)}.",
                "",
                f"Use one of: {', '.join(copies.PRECISIONS)}.",
            )
        )
    if not 1 <= job.seconds <= 3600:
        raise AdvisorError(Problem("BAD_FIELD", "seconds", f"The time is {job.seconds:g} seconds.", "", "Give 1 to 3600."))
    path = Path(job.path)
    check_file(path)
    c = Conductor(job, tell)
    c.progress(0.02, "Reading the model", "read")
    found = c.step("inspect", c.limits.answer_s)
    profile_found = model_profile.from_json(found["profile"])
    # A copy takes about half as long as the model itself.
    c.part = (0.0, 1 / (1 + 0.5 * len(copies.wanted(job.precision, int(found["samples"])))))
    copies.refuse(job.precision, path.name, profile_found)
    c.is_heavy = (profile_found.gmacs or 0) > _HEAVY_GMACS or sum(profile_found.operators.values()) > _HEAVY_NODES
    c.progress(0.06, "Looking at what else the computer is doing", "busy")
    busy_before = busy_now()
    plan = Plan(job.seconds)
    settings = {"inputs": found["inputs"]}
    c.progress(0.08, "Trying the model", "load")
    seen = c.step("look", c.limits.answer_s + 14 * plan.look_s, seconds=plan.look_s, count_work=profile_found.gmacs is None, **settings)
    if profile_found.gmacs is None and seen["work"] is not None:
        profile_found = replace(profile_found, gmacs=seen["work"][0] / 1e9, activations_millions=seen["work"][1] / 1e6)
    return WholeRun(c, plan, found, seen, profile_found, busy_before, settings).measurement()
