"""Files that try to hurt us: the class of the answer, over our own collection and over the one that may lie beside the project."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.benchmark import client, graph
from advisor.benchmark.containment import check_file
from advisor.benchmark.protocol import Limits
from advisor.problems import AdvisorError
from tests.benchmark.odd_files import CASES

MAKER = Path(__file__).resolve().parents[2].parent / "shared" / "hostile" / "make_hostile.py"
READ = [c for c in CASES if c.how in ("file", "read")]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links, sockets and such names are POSIX's")


def answer(path):
    job = replace(client.measure_job(path, seconds=2), limits=Limits(40, 8))
    try:
        found = client.run_job(job)
    except AdvisorError as error:
        return error.problems[0].code
    return "RAN_WITH_WARNING" if found.ran_with_warning else "OK"


@POSIX
@pytest.mark.parametrize("case", READ, ids=[c.id for c in READ])
def test_what_is_seen_before_anything_is_run(case, tmp_path):
    """By the very code that the process runs first, here without the process: fast enough for every day."""
    (tmp_path / "canary.bin").write_bytes(bytes(64))
    home = tmp_path / "m"
    home.mkdir()
    path = case.make(home)
    if case.how == "read":
        check_file(path)
    with pytest.raises(AdvisorError) as caught:
        check_file(path) if case.how == "file" else graph.read(path, 4 * 10**9)
    problem = caught.value.problems[0]
    assert problem.code in case.expect
    words = problem.sentence()
    assert words.isprintable()
    assert not re.search(r"invalid|sorry|please|oops|traceback|error", words, re.IGNORECASE)


@POSIX
@pytest.mark.slow
def test_odd_files_get_the_right_class_of_answer(tmp_path, record_property):
    got = {}
    for c in CASES:
        (tmp_path / c.id).mkdir()
        got[c.id] = answer(c.make(tmp_path / c.id))
    wrong = {c.id: (sorted(c.expect), got[c.id]) for c in CASES if got[c.id] not in c.expect}
    share = 1 - len(wrong) / len(CASES)
    record_property("right_class_share", share)
    sys.stdout.write(f"\nright class of answer, our own: {len(CASES) - len(wrong)} of {len(CASES)} ({share:.1%}); others: {wrong}\n")
    assert share >= 0.95


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


_OPENED = re.compile(r'^\d+ +(?:open|openat|openat2)\((?:AT_FDCWD, |\d+, )?"([^"]*)"[^)]*\) = \d+', re.MULTILINE)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace") or sys.platform != "linux", reason="strace tells what a process opens")
@pytest.mark.parametrize("id", [c.id for c in CASES if c.id.startswith("outside_")] + ["weights_given_as_inputs_too"])
def test_no_socket_and_no_file_of_others_is_opened(id, tmp_path):
    """Under strace, the whole measurement with all its processes: nothing but the model's folder, the system and our own code."""
    (tmp_path / "canary.bin").write_bytes(b"CANARY")
    home = tmp_path / "m"
    home.mkdir()
    path = next(c for c in CASES if c.id == id).make(home)
    log = tmp_path / "calls.txt"
    start = "import sys; sys.path.insert(0, sys.argv[1]); from tests.benchmark.test_hostile import answer; from pathlib import Path; "
    command = [sys.executable, "-c", start + "answer(Path(sys.argv[2]))", str(Path(__file__).parents[2]), str(path)]
    env = {k: v for k, v in os.environ.items() if k not in ("CI", "ORT_DISABLE_TELEMETRY")}
    traced = ["strace", "-f", "-qq", "-o", str(log), "-e", "trace=open,openat,openat2,socket,connect", *command]
    subprocess.run(traced, check=True, env=env)
    told = log.read_text(encoding="utf-8", errors="replace")
    opened = _OPENED.findall(told)
    # The look itself works: the model was opened, by a process of ours.
    assert str(path) in opened
    assert not re.search(r"\bsocket\((?!AF_UNIX)", told)
    assert not any("canary" in name for name in opened)
    own = tuple(str(p) for p in (home, Path(__file__).parents[2], sys.prefix, sys.base_prefix, Path(sys.executable).resolve().parents[1]))
    system = ("/lib", "/usr", "/proc", "/sys", "/dev", "/etc")
    # Python looks for a folder that takes temporary files, and our own steps keep theirs there.
    passing = re.compile(re.escape(tempfile.gettempdir()) + r"/(tmp\w+.*|[a-z0-9_]{8})$")
    foreign = [n for n in opened if n.startswith("/") and not n.startswith((*own, *system)) and not passing.match(n)]
    assert not foreign
    assert "/etc/hostname" not in opened
