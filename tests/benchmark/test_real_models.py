"""Real models of other people: each gives a result at its natural size, and without it a result or one clear question."""

import sys
from dataclasses import replace

import pytest

from advisor.benchmark import client
from advisor.benchmark.protocol import Limits
from advisor.problems import AdvisorError
from tests.real_models import natural_input, real_models

pytestmark = pytest.mark.slow


def outcome(model, inputs=None):
    job = replace(client.measure_job(model.path, inputs=inputs, seconds=1), limits=Limits(90, 30))
    try:
        return client.run_job(job), None
    except AdvisorError as error:
        return None, error.problems


def test_each_runs_at_its_natural_size_or_asks_once(tmp_path):
    models = real_models()
    if not models:
        pytest.skip("the real models are not here")
    failed = {}
    for m in models:
        values = tmp_path / f"{m.name}.npz"
        try:
            natural_input(m, values)
        except (AdvisorError, ValueError, TypeError, KeyError):
            values = None
        if m.expected == "RUNS":
            found, problems = outcome(m, values)
            if found is None and not (values is None and _asks_once(problems)):
                failed[m.name] = problems[0].sentence()
            elif found is not None and found.best_round_ms <= 0:
                failed[m.name] = "no time"
            if values is not None and m.shapes:
                found, problems = outcome(m)
                if found is None and not _asks_once(problems):
                    failed[m.name + ", size not told"] = problems[0].sentence()
        else:
            found, problems = outcome(m, values)
            if found is None and not (len(problems) == 1 and problems[0].sentence().isprintable()):
                failed[m.name] = str(problems)
    sys.stdout.write(f"\nreal models: {len(models)}, without a result or a clear question: {failed}\n")
    assert not failed


def _asks_once(problems):
    return len(problems) == 1 and problems[0].code == "NEEDS_SAMPLE" and bool(problems[0].what_to_do)
