"""Slimmer copies: made and timed for real, compared honestly, refused plainly, and nothing of them left behind."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from advisor import measurement
from advisor.benchmark import client, scratch
from advisor.benchmark.copies import wanted
from advisor.benchmark.protocol import Limits, Progress
from advisor.benchmark.shrinking import make
from advisor.problems import AdvisorError, ExitCode


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    """Copies go where we can look for what is left of them; the processes below take it from the environment."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield place
    # onnxruntime leaves a note of its own there when it is loaded.
    assert [p.name for p in place.iterdir() if p.name != ".ses"] == []


def quick(path, precision, **kwargs):
    return replace(client.measure_job(path, seconds=1, precision=precision, **kwargs), limits=Limits(120, 20))


def saved(model, path):
    path.write_bytes(model.SerializeToString())
    return path


@pytest.fixture
def classifier(make):
    """Class scores of 16 numbers, ten classes, wide enough that slimmer numbers change little."""
    rng = np.random.default_rng(3)
    nodes = [
        helper.make_node("MatMul", ["x", "a"], ["h"]),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("MatMul", ["r", "b"], ["s"]),
        helper.make_node("Softmax", ["s"], ["y"], axis=-1),
    ]
    tables = {n: rng.standard_normal(shape).astype(np.float32) for n, shape in {"a": (16, 64), "b": (64, 10)}.items()}
    return make(nodes, {"x": ["batch", 16]}, {"y": ["batch", 10]}, tables)


@pytest.fixture
def pictures(make):
    """A convolution with a picture in and ten scores out; nothing in it but convolutions."""
    rng = np.random.default_rng(4)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["h"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("GlobalAveragePool", ["r"], ["p"]),
        helper.make_node("Flatten", ["p"], ["scores"]),
    ]
    tables = {"w": rng.standard_normal((10, 3, 3, 3)).astype(np.float32)}
    return make(nodes, {"x": ["batch", 3, 16, 16]}, {"scores": ["batch", 10]}, tables)


def test_every_copy_is_made_compared_and_timed(classifier, tmp_path):
    events = []
    found = client.run_job(quick(saved(classifier, tmp_path / "m.onnx"), "all"), events.append)
    shares = {e.stage: e.share for e in events if isinstance(e, Progress)}
    # Half the way is the model itself, the rest the copies.
    assert shares["rounds"] < 0.5 <= shares["compare"] < shares["copy-rounds"] < 1
    timed = {r.precision for r in found.runs if r.scenario == "single-stream"}
    assert timed == {"as-is", "int8", "fp16"}
    assert found.as_is.precision == "as-is"
    assert [c.how for c in found.copies] == ["dynamic", "half"]
    for copy in found.copies:
        assert not copy.left_out
        assert len(copy.round_ms) == len(copy.beside_ms) == 3
        assert copy.size_mb > 0
    for said in found.agreement.values():
        assert 0 <= said.low <= said.same_share <= said.high <= 1
        assert said.inputs == "made-up"
        assert said.rule == "top-1"
        assert 1 < said.distinct <= said.n
    # Half-length numbers round a hundred times finer than 8-bit ones.
    assert found.agreement["fp16"].largest_change < found.agreement["int8"].largest_change
    assert found.advised_copy is None
    assert measurement.from_json(found.to_json()) == found


@pytest.mark.parametrize("opset", [11, 17])
def test_samples_of_the_owner_set_up_one_copy_and_judge_all(pictures, tmp_path, opset):
    """Older operator sets know no scale for each channel."""
    pictures.opset_import[0].version = opset
    folder = tmp_path / "samples"
    folder.mkdir()
    rng = np.random.default_rng(5)
    for i in range(12):
        np.save(folder / f"{i:02}.npy", rng.random((1, 3, 16, 16), dtype=np.float32))
    found = client.run_job(quick(saved(pictures, tmp_path / "m.onnx"), "int8", inputs=folder))
    static, dynamic = found.copies
    assert (static.precision, static.how, static.left_out) == ("int8", "static", "")
    assert found.agreement["int8"].inputs == "sample"
    # A third of the samples set the copy up; it is judged by the others.
    assert found.agreement["int8"].n == 8
    # Without samples there would be nothing in a plain convolution to make smaller.
    assert (dynamic.precision, dynamic.how) == ("int8-dynamic", "dynamic")
    assert "no part" in dynamic.left_out
    assert any(w.code == "COPY_LEFT_OUT" for w in found.warnings)


def test_convolutions_without_samples_leave_the_model_measured(pictures, tmp_path):
    found = client.run_job(quick(saved(pictures, tmp_path / "m.onnx"), "int8"))
    assert found.agreement == {}
    assert {r.precision for r in found.runs} == {"as-is"}
    assert "no part" in found.copies[0].left_out


@pytest.mark.parametrize(("precision", "words"), [("int8", "8-bit"), ("all", "")])
def test_slim_models_are_not_slimmed_again(make, tmp_path, precision, words):
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
        helper.make_node("MatMulInteger", ["q", "w", "z"], ["m"]),
        helper.make_node("Cast", ["m"], ["y"], to=TensorProto.FLOAT),
    ]
    model = make(nodes, {"x": ["batch", 8]}, {"y": ["batch", 8]}, {"w": np.ones((8, 8), np.int8)})
    job = quick(saved(model, tmp_path / "m.onnx"), precision)
    if precision == "all":
        # What was asked for besides the copies is still given.
        found = client.run_job(job)
        assert all("slim copy already" in c.left_out for c in found.copies)
        return
    with pytest.raises(AdvisorError) as caught:
        client.run_job(job)
    problem = caught.value.problems[0]
    assert (problem.code, problem.field, caught.value.exit_code) == ("UNSUPPORTED", "precision", ExitCode.REFUSED)
    assert words in problem.what_happened


def test_models_that_answer_at_random_are_not_compared(make, tmp_path):
    nodes = [helper.make_node("RandomUniformLike", ["x"], ["r"]), helper.make_node("MatMul", ["r", "w"], ["y"])]
    model = make(nodes, {"x": ["batch", 8]}, {"y": ["batch", 8]}, {"w": np.ones((8, 8), np.float32)})
    with pytest.raises(AdvisorError, match="differently each time"):
        client.run_job(quick(saved(model, tmp_path / "m.onnx"), "fp16"))


def test_weights_in_another_file_come_along(classifier, tmp_path):
    import onnx

    path = tmp_path / "m.onnx"
    onnx.save_model(classifier, str(path), save_as_external_data=True, location="m.data", size_threshold=0)
    assert (tmp_path / "m.data").exists()
    for how in ("dynamic", "half"):
        folder = tmp_path / how
        folder.mkdir()
        made, size = make(path, folder, how, (), 2**32)
        assert made.exists()
        assert size == sum(p.stat().st_size for p in folder.iterdir()) > 0
    assert path.stat().st_size < 2000


def test_a_copy_is_made_where_simplifying_fails(classifier, tmp_path, monkeypatch):
    def fails(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("onnxruntime.quantization.shape_inference.quant_pre_process", fails)
    folder = tmp_path / "copies"
    folder.mkdir()
    made, _ = make(saved(classifier, tmp_path / "m.onnx"), folder, "dynamic", (), 2**32)
    assert [p.name for p in folder.iterdir()] == [made.name]


def test_names_of_the_copies():
    assert wanted("as-is", 100) == ()
    assert wanted("all", 0) == (("int8", "dynamic"), ("fp16", "half"))
    assert wanted("int8", 6) == (("int8", "static"), ("int8-dynamic", "dynamic"))


def test_a_folder_is_held_and_swept_once_nobody_holds_it(own_temporary_folder):
    with scratch.private_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        scratch.sweep()
        assert folder.exists()
    assert not folder.exists()
    left = own_temporary_folder / "edgewise-copies-left"
    left.mkdir()
    (left / "lock").touch()
    (left / "copy.onnx").touch()
    being_made = own_temporary_folder / "edgewise-copies-new"
    being_made.mkdir()
    scratch.sweep()
    assert not left.exists()
    assert being_made.exists()
    being_made.rmdir()


def test_a_cancel_while_copying_leaves_nothing(classifier, tmp_path, own_temporary_folder):
    """The process is ended at once, with no chance to tidy up."""
    seen = []

    def on_event(event):
        if getattr(event, "stage", "") in ("compare", "copy-rounds"):
            seen.extend(own_temporary_folder.glob("edgewise-copies-*"))

    with pytest.raises(AdvisorError) as caught:
        client.run_job(quick(saved(classifier, tmp_path / "m.onnx"), "all"), on_event, lambda: bool(seen))
    assert caught.value.problems[0].code == "CANCELLED"
    assert seen
    assert not any(Path(p).exists() for p in seen)
