"""onnxruntime's errors in plain words, by class."""

import pytest

from advisor.benchmark.session import problem_of


def named(kind):
    return type(kind, (Exception,), {})


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "TOO_BIG"),
        (named("RuntimeException")("std::bad_alloc"), "TOO_BIG"),
        (named("RuntimeException")("SafeIntExceptionHandler: integer overflow"), "TOO_BIG"),
        (named("Fail")("Failed to construct locale with name:en_US.UTF-8"), "UNSUPPORTED"),
        (named("InvalidProtobuf")("Load model failed: Protobuf parsing failed."), "DAMAGED"),
        (named("NotImplemented")("Could not find an implementation for X(1)"), "UNSUPPORTED"),
        (named("Fail")("com.x:Y(-1) is not a registered function/op"), "UNSUPPORTED"),
        (named("NoSuchFile")("w.bin"), "MISSING_PART"),
        (named("Fail")("cannot get file size: No such file or directory w.bin"), "MISSING_PART"),
        (named("InvalidGraph")("This is an invalid model"), "INVALID"),
    ],
)
def test_opening(error, code):
    found = problem_of(error, "m.onnx", running=False, made_up=False, limit=None)
    assert found.problems[0].code == code
    assert type(error).__name__ not in found.problems[0].sentence() or code == "TOO_BIG"


def test_a_sample_may_be_at_fault():
    error = named("InvalidArgument")("Got invalid dimensions")
    found = problem_of(error, "m.onnx", running=True, made_up=False, limit=None, sample="x 1 x 80000").problems[0]
    assert (found.code, found.field) == ("NEEDS_SAMPLE", "m.onnx")
    assert "x 1 x 80000" in found.what_it_means
    assert problem_of(MemoryError(), "m.onnx", running=True, made_up=False, limit=None, sample="x 1").problems[0].code == "TOO_BIG"


@pytest.mark.parametrize(("made_up", "code"), [(True, "NEEDS_SAMPLE"), (False, "INVALID")])
def test_running(made_up, code):
    error = named("InvalidArgument")("Got invalid dimensions")
    assert problem_of(error, "m.onnx", running=True, made_up=made_up, limit=None).problems[0].code == code
