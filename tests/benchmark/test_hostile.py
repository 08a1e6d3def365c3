"""Files that try to hurt us: the class of the answer, over the whole collection where it lies beside the project."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.benchmark import client
from advisor.benchmark.protocol import Limits
from advisor.problems import AdvisorError

MAKER = Path(__file__).resolve().parents[2].parent / "shared" / "hostile" / "make_hostile.py"


def answer(path):
    job = replace(client.measure_job(path, seconds=2), limits=Limits(40, 8))
    try:
        found = client.run_job(job)
    except AdvisorError as error:
        return error.problems[0].code
    return "RAN_WITH_WARNING" if found.ran_with_warning else "OK"


@pytest.mark.slow
@pytest.mark.skipif(not MAKER.exists(), reason="the collection of hostile files is not here")
def test_hostile_files_get_the_right_class_of_answer(tmp_path, record_property):
    subprocess.run([sys.executable, str(MAKER), str(tmp_path)], check=True, capture_output=True)
    cases = json.loads((tmp_path / "cases.json").read_text(encoding="utf-8"))
    got = {c["id"]: answer(Path(c["open"])) for c in cases}
    wrong = {c["id"]: (c["expect"], got[c["id"]]) for c in cases if got[c["id"]] not in c["expect"].split("|")}
    share = 1 - len(wrong) / len(cases)
    record_property("right_class_share", share)
    sys.stdout.write(f"\nright class of answer: {len(cases) - len(wrong)} of {len(cases)} ({share:.1%}); others: {wrong}\n")
    assert not (tmp_path / "PICKLE_WAS_RUN").exists()
    assert share >= 0.95
