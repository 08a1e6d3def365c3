"""Every message survives its line; anything else is no message; the asking side stays light."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.benchmark.protocol import (
    Failed,
    Finished,
    Job,
    Limits,
    Progress,
    Started,
    Warned,
    event_line,
    job_line,
    parse_event,
    parse_job,
)
from advisor.problems import ExitCode, Problem

words = st.text(max_size=20)
shares = st.floats(0, 1)
events = st.one_of(
    st.builds(Started, st.integers(1, 2**31)),
    st.builds(Progress, words, shares, words),
    st.builds(Warned, words, words, words),
    st.builds(Finished, st.dictionaries(words, st.one_of(words, shares, st.none()))),
    st.builds(Failed, st.lists(st.builds(Problem, words, words, words, words, words)).map(tuple), st.sampled_from(ExitCode)),
)


@given(events)
def test_event_survives_its_line(event):
    line = event_line(event)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert parse_event(line) == event


@given(words, st.dictionaries(words, st.integers(1, 9999)), st.none() | words, st.floats(1, 999), st.none() | st.integers(1, 2**40))
def test_job_survives_its_line(path, sizes, inputs, seconds, memory):
    job = Job("measure", path, sizes, inputs, seconds, limits=Limits(memory_bytes=memory))
    assert parse_job(job_line(job)) == job


@given(st.binary(max_size=60))
def test_anything_else_is_no_event(line):
    assert parse_event(line) is None or b"event" in line


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"null", b'{"event": "finished"}', b'{"event": "progress", "share": "x"}', b"7\n"])
def test_half_a_message_is_no_event(line):
    assert parse_event(line) is None


@pytest.mark.parametrize("line", [b"", b"[1]", b'{"kind": "measure"}', b'{"kind": "measure", "path": "x", "surprise": 1}', b"\xff"])
def test_junk_is_no_job(line):
    with pytest.raises(ValueError, match=r".*"):
        parse_job(line)


def test_asking_side_loads_nothing_heavy():
    code = (
        "import sys, advisor.benchmark, advisor.benchmark.client, advisor.benchmark.protocol;"
        "sys.stdout.write(','.join(m for m in ('onnx','onnxruntime','numpy','pandas','jsonschema') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
