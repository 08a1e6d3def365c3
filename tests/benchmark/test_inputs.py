"""Sizes are asked for, never guessed; values suit the input."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from advisor.benchmark.inputs import plan
from advisor.benchmark.looking import oddities
from advisor.benchmark.made_up import made_up
from advisor.benchmark.samples import SampleFiles
from advisor.model_profile import Port
from advisor.problems import AdvisorError


@pytest.fixture
def empty(make):
    return make([helper.make_node("Relu", ["x"], ["y"])], {"x": None}, {"y": None})


def settled(model, *ports, sizes=None, sample=None):
    return plan("m.onnx", model, [(p, True) for p in ports], sizes or {}, sample)


def every(path, *ports):
    files = SampleFiles(path, ports)
    return [files.feed(i) for i in range(len(files))]


def asked(model, *ports, sizes=None, sample=None):
    with pytest.raises(AdvisorError) as caught:
        settled(model, *ports, sizes=sizes, sample=sample)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("shape", "free"),
    [
        (("batch", 3, "height", "width"), ("height", "width")),
        (("x[0]", 3, "x[2]", "x[3]"), ("x[2]", "x[3]")),
        (("N", "M1", "M2", 3), ("M1", "M2")),
        ((1, 2, "seq_len"), ("seq_len",)),
        (("sequence_length", 576), ("sequence_length",)),
        (("samples",), ("samples",)),
        (("batch_size", "past_sequence_length"), ("past_sequence_length",)),
    ],
)
def test_amounts_are_asked_for_by_name(empty, shape, free):
    problem = asked(empty, Port("x", "float", shape))
    assert problem.code == "NEEDS_SAMPLE"
    assert all(f"--size {name}=NUMBER" in problem.what_to_do for name in free)
    assert "batch" not in problem.what_to_do


@pytest.mark.parametrize("shape", [("batch", 25), ("x[0]", 25), ("N", 3, 224, 224), ("unk__214", 2048), (7, "batch_size", 64)])
def test_one_at_a_time_is_common_knowledge(empty, shape):
    (one,) = settled(empty, Port("x", "float", shape))
    assert one.shape == tuple(d if isinstance(d, int) else 1 for d in shape)
    assert len(one.batch_axes) == 1


def test_one_size_may_serve_several_inputs(empty):
    ids, mask = settled(empty, Port("ids", "int64", ("batch", "seq")), Port("mask", "int64", ("batch", "seq")), sizes={"seq": 128})
    assert ids.shape == mask.shape == (1, 128)
    assert set(made_up([mask], 0)["mask"].ravel()) == {1}
    first, second = settled(empty, Port("ids", "int64", ("N",)), Port("m", "float", ("N", 4)))
    assert (first.shape, second.shape) == ((1,), (1, 4))


def test_place_name_and_sum_are_understood(empty):
    (one,) = settled(empty, Port("x", "float", ("b", 3, "h", "w")), sizes={"x[2]": 48, "w": 192})
    assert one.shape == (1, 3, 48, 192)
    (one,) = settled(empty, Port("x", "float", (1, "past + 1")), sizes={"past": 9})
    assert one.shape == (1, 10)


def test_wrong_sizes_are_named(empty):
    problem = asked(empty, Port("x", "float", (1, "h")), sizes={"hight": 4})
    assert (problem.code, "hight" in problem.what_happened, "h" in problem.what_to_do) == ("BAD_FIELD", True, True)
    assert asked(empty, Port("x", "float", (1, "h")), sizes={"h": 0}).code == "BAD_FIELD"


@pytest.mark.parametrize("kind", ["sequence", "map"])
def test_unusual_inputs_need_a_sample(empty, kind):
    with pytest.raises(AdvisorError) as caught:
        plan("m.onnx", empty, [(Port("x", kind, ()), False)], {}, None)
    assert caught.value.problems[0].code == "NEEDS_SAMPLE"


def test_numbers_stay_inside_the_table_they_point_into(make):
    nodes = [helper.make_node("Cast", ["ids"], ["c"], to=7), helper.make_node("Gather", ["w", "c"], ["y"])]
    model = make(nodes, {"ids": ([1, 50], TensorProto.INT32)}, {"y": None}, {"w": np.ones((7, 4), np.float32)})
    (one,) = settled(model, Port("ids", "int32", (1, 50)))
    values = made_up([one], 3)["ids"]
    assert values.dtype == np.int32
    assert values.min() >= 0
    assert 2 < values.max() < 7


def test_rates_and_lengths_are_plausible(empty):
    wave, rate, length = settled(
        empty,
        Port("waveforms", "float", ("batch", "N")),
        Port("sr", "int64", ()),
        Port("waveforms_lens", "int64", ("batch",)),
        sizes={"N": 16000},
    )
    feed = made_up([wave, rate, length], 0)
    assert (feed["sr"].item(), feed["waveforms_lens"].item()) == (16000, 16000)


def test_made_up_values_repeat_by_seed_and_grow_by_batch(empty):
    (one,) = settled(empty, Port("x", "float", ("batch", 3)))
    assert np.array_equal(made_up([one], 5)["x"], made_up([one], 5)["x"])
    assert not np.array_equal(made_up([one], 5)["x"], made_up([one], 6)["x"])
    assert made_up([one], 5, 8)["x"].shape == (8, 3)


def test_samples_of_several_kinds(tmp_path):
    port = Port("x", "float", ("n", 2))
    np.savez(tmp_path / "a.npz", x=np.ones((3, 2)))
    np.save(tmp_path / "b.npy", np.ones((4, 2)))
    (tmp_path / "c.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    shapes = [f["x"].shape for f in every(tmp_path, port)]
    assert shapes == [(3, 2), (4, 2), (1, 2), (1, 2)]
    (one,) = settled(None, port, sample={"x": (3, 2)})
    assert one.shape == (3, 2)


def test_pictures_as_samples(tmp_path):
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", (40, 30), (255, 0, 0)).save(tmp_path / "a.png")
    (first,) = every(tmp_path / "a.png", Port("x", "float", ("n", 3, "h", "w")))
    assert first["x"].shape == (1, 3, 30, 40)
    assert first["x"].max() == 1
    (last,) = every(tmp_path / "a.png", Port("x", "uint8", (1, 8, 8, 3)))
    assert last["x"].shape == (1, 8, 8, 3)
    assert last["x"][0, 0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize(("name", "body"), [("a.npz", b"junk"), ("a.csv", b"a,b\nx,y\n"), ("a.png", b"junk"), ("a.npy", b"\x93NUMPY")])
def test_bad_samples_are_refused_plainly(tmp_path, name, body):
    (tmp_path / name).write_bytes(body)
    with pytest.raises(AdvisorError) as caught:
        every(tmp_path / name, Port("x", "float", (1, 3, 8, 8)))
    assert caught.value.problems[0].code == "NEEDS_SAMPLE"


def test_sample_of_a_wrong_size_or_missing_input(empty, tmp_path):
    problem = asked(empty, Port("x", "float", (1, 5)), sample={"x": (1, 4)})
    assert "1 x 4" in problem.what_happened
    np.savez(tmp_path / "a.npz", other=np.ones(3), z=np.ones(2))
    with pytest.raises(AdvisorError) as caught:
        every(tmp_path / "a.npz", Port("x", "float", (3,)))
    assert "“x”" in caught.value.problems[0].what_happened


def test_odd_answers_are_noticed():
    a, b = np.array([1.0, 2.0], np.float32), np.array([1.0, 3.0], np.float32)
    assert oddities([a], [a], [[b], [b]]) == []
    assert oddities([a * np.nan], [a * np.nan], [[a * np.nan]]) == ["nan"]
    assert oddities([a[:0]], [a[:0]], [[b]]) == ["empty"]
    assert oddities([a], [b], [[b]]) == ["random"]
    assert oddities([a], [a], [[a], [a]]) == ["constant"]
    assert oddities([a], [a], None) == []
    labels = np.array([3])
    assert oddities([labels], [labels], [[labels], [labels]]) == []


def test_colours_are_common_knowledge_and_memories_start_at_zero(empty):
    (one,) = settled(empty, Port("x", "float", ("batch", "channels", 8, 8)))
    assert one.shape == (1, 3, 8, 8)
    (one,) = settled(empty, Port("x", "float", ("batch", "channels", 8, 8)), sizes={"channels": 1})
    assert one.shape == (1, 1, 8, 8)
    state, past = settled(empty, Port("state", "float", (2, "batch", 64)), Port("past_key", "float", (1, 4, 7, 8)))
    assert not any(v.any() for v in made_up([state, past], 0).values())


def test_inputs_that_may_be_left_out_are(empty):
    left, kept = plan("m.onnx", empty, [(Port("o", "optional", ()), False), (Port("x", "float", (2,)), True)], {}, None)
    assert (left.fill, kept.fill) == ("none", "uniform")
    assert set(made_up([left, kept], 0)) == {"x"}


def test_lists_say_how_to_give_them(empty):
    with pytest.raises(AdvisorError) as caught:
        plan("m.onnx", empty, [(Port("xs", "sequence", ()), False)], {}, None)
    assert "xs[0], xs[1]" in caught.value.problems[0].what_it_means
