"""Work by class of operator, and sizes that a model works out itself."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from advisor.benchmark.operator_work import graph_work
from advisor.benchmark.sizes import shapes_in
from advisor.operator_classes import COLUMNS


def weights(*shape):
    return np.ones(shape, np.float32)


def counted(model, **shapes):
    found = graph_work(model.graph, shapes_in(model, shapes).get)
    return None if found is None else {k: round(v * (1 if k == "operators" else 1e6)) for k, v in found.classes.items() if v}


@pytest.mark.parametrize(
    ("channels", "kernel", "group", "column"),
    [
        (64, (64, 64, 3, 3), 1, "macs_conv"),
        (32, (64, 32, 3, 3), 1, "macs_conv_narrow"),
        (64, (64, 64, 1, 1), 1, "macs_pointwise"),
        (64, (16, 64, 1, 1), 1, "macs_pointwise_narrow"),
        (64, (64, 1, 3, 3), 64, "macs_depthwise"),
        (64, (64, 16, 3, 3), 4, "macs_grouped"),
    ],
)
def test_convolutions_by_kind(make, channels, kernel, group, column):
    model = make([helper.make_node("Conv", ["x", "w"], ["y"], group=group)], {"x": None}, {"y": None}, {"w": weights(*kernel)})
    found = counted(model, x=(1, channels, 9, 9))
    side = 10 - kernel[-1]
    kind = column.removeprefix("macs_").removesuffix("_narrow")
    assert found == {
        column: kernel[0] * side**2 * np.prod(kernel[1:]),
        f"moved_{kind}": channels * 81 + kernel[0] * side**2,
        "operators": 1,
        "once": np.prod(kernel),
    }


def test_product_with_a_table_is_linear_and_of_two_results_a_product(make):
    nodes = [helper.make_node("MatMul", ["x", "w"], ["a"]), helper.make_node("MatMul", ["a", "z"], ["y"])]
    found = counted(make(nodes, {"x": None, "z": None}, {"y": None}, {"w": weights(8, 8)}), x=(8, 8), z=(8, 8))
    assert (found["macs_linear"], found["macs_matmul"], found["once"]) == (512, 512, 64)


def test_small_steps_that_follow_each_other_move_their_ends_only(make):
    """A GELU written as five steps reads once and writes once, as its single form does."""
    steps = [
        helper.make_node("Div", ["x", "r"], ["a"]),
        helper.make_node("Erf", ["a"], ["b"]),
        helper.make_node("Add", ["b", "o"], ["c"]),
        helper.make_node("Mul", ["x", "c"], ["d"]),
        helper.make_node("Mul", ["d", "h"], ["y"]),
    ]
    tables = {"r": weights(1), "o": weights(1), "h": weights(1)}
    long = counted(make(steps, {"x": None}, {"y": None}, tables), x=(10, 20))
    short = counted(make([helper.make_node("Softplus", ["x"], ["y"])], {"x": None}, {"y": None}), x=(10, 20))
    assert long == short == {"moved_smooth": 400, "operators": 1}


def test_result_that_others_need_as_well_is_written(make):
    """The sum before a norm goes on to the next sum too."""
    nodes = [
        helper.make_node("Add", ["x", "z"], ["s"]),
        helper.make_node("LayerNormalization", ["s", "g"], ["n"]),
        helper.make_node("MatMul", ["n", "w"], ["m"]),
        helper.make_node("Transpose", ["s"], ["t"]),
        helper.make_node("Concat", ["m", "t"], ["y"], axis=0),
    ]
    model = make(nodes, {"x": None, "z": None}, {"y": None}, {"g": weights(16), "w": weights(16, 16)})
    found = counted(model, x=(16, 16), z=(16, 16))
    assert found["moved_norm"] == 4 * 256
    assert found["moved_move"] == 2 * 256 + 4 * 256


def test_looks_at_the_same_memory_cost_nothing_and_known_results_are_made_beforehand(make):
    nodes = [
        helper.make_node("Reshape", ["x", "to"], ["r"]),
        helper.make_node("Transpose", ["w"], ["wt"]),
        helper.make_node("MatMul", ["r", "wt"], ["m"]),
        helper.make_node("Flatten", ["m"], ["y"]),
    ]
    model = make(nodes, {"x": None}, {"y": None}, {"w": weights(5, 12), "to": np.array([10, 12])})
    found = counted(model, x=(2, 5, 12))
    assert found == {"macs_linear": 600, "moved_linear": 120 + 50, "operators": 1, "once": 60}


def test_recurrent_layer_takes_one_step_after_the_other(make):
    node = helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=6)
    found = counted(make([node], {"x": None}, {"y": None}, {"w": weights(1, 24, 5), "r": weights(1, 24, 6)}), x=(10, 1, 5))
    assert found["operators"] == 10
    assert found["macs_linear"] == 10 * 24 * 11


def test_pool_looks_at_its_window(make):
    node = helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2])
    found = counted(make([node], {"x": None}, {"y": None}), x=(1, 4, 8, 8))
    assert found == {"macs_pool": 256, "moved_pool": 256 + 64, "operators": 1}


def self_sized(make):
    """Pads the picture to a multiple of 7 that it works out from its own height; ONNX's inference alone gives up on it."""
    number = {"seven": np.array(7), "two": np.array([2]), "none": np.array([0, 0, 0, 0, 0, 0]), "last": np.array([0])}
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "two"], ["h"]),
        helper.make_node("Mod", ["h", "seven"], ["rest"]),
        helper.make_node("Sub", ["seven", "rest"], ["more"]),
        helper.make_node("Equal", ["rest", "last"], ["even"]),
        helper.make_node("Where", ["even", "last", "more"], ["pad"]),
        helper.make_node("Concat", ["none", "pad", "last"], ["pads"], axis=0),
        helper.make_node("Pad", ["x", "pads"], ["p"]),
        helper.make_node("Conv", ["p", "w"], ["y"]),
    ]
    return make(nodes, {"x": ["n", 3, "h", "w"]}, {"y": None}, number | {"w": weights(8, 3, 1, 1)})


@pytest.mark.parametrize(("height", "padded"), [(20, 21), (21, 21), (22, 28)])
def test_sizes_that_a_model_works_out_are_followed(make, height, padded):
    model = self_sized(make)
    assert shapes_in(model, {"x": (1, 3, height, 5)})["y"] == (1, 8, padded, 5)
    assert counted(model, x=(1, 3, height, 5))["macs_pointwise_narrow"] == padded * 5 * 24


def test_size_that_hangs_on_what_is_in_the_picture_stays_open(make):
    nodes = [
        helper.make_node("NonZero", ["x"], ["i"]),
        helper.make_node("Cast", ["i"], ["f"], to=1),
        helper.make_node("MatMul", ["w", "f"], ["y"]),
    ]
    model = make(nodes, {"x": None}, {"y": None}, {"w": weights(3, 2)})
    assert counted(model, x=(4, 4)) is None


def test_a_bomb_among_the_sizes_is_not_worked_out(make):
    """Tables of a size no computer holds are named, never made."""
    number = {"far": np.array([10**6, 10**6]), "start": np.array(0), "end": np.array(10**12), "step": np.array(1)}
    nodes = [
        helper.make_node("ConstantOfShape", ["far"], ["big"]),
        helper.make_node("Range", ["start", "end", "step"], ["long"]),
        helper.make_node("Expand", ["x", "far"], ["wide"]),
        helper.make_node("Add", ["big", "wide"], ["y"]),
    ]
    model = make(nodes, {"x": None}, {"y": None, "long": (None, TensorProto.INT64)}, number)
    found = shapes_in(model, {"x": (1, 1)})
    assert found["big"] == found["wide"] == (10**6, 10**6)


def test_classes_are_those_that_published_models_were_counted_by(make):
    model = make([helper.make_node("Relu", ["x"], ["y"])], {"x": None}, {"y": None})
    found = graph_work(model.graph, shapes_in(model, {"x": (1, 100)}).get)
    assert tuple(found.classes) == COLUMNS
    assert (found.gmacs, found.activations_millions) == (0, 0)


def test_steps_of_a_quantised_model_are_told_from_their_sizes(make):
    nodes = [
        helper.make_node("DequantizeLinear", ["wq", "ws"], ["w"]),
        helper.make_node("QuantizeLinear", ["x", "ws", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "ws", "z"], ["d"]),
        helper.make_node("Conv", ["d", "w"], ["y"]),
    ]
    tables = {"wq": np.ones((64, 64, 1, 1), np.int8), "ws": np.array(0.1, np.float32), "z": np.array(0, np.int8)}
    model = make(nodes, {"x": None}, {"y": None}, tables)
    found = counted(model, x=(1, 64, 4, 4))
    assert found["macs_pointwise"] == 64 * 64 * 16
    assert found["once"] == 64 * 64


def test_onnx_is_quiet_about_a_graph_it_cannot_infer(make):
    broken = make([helper.make_node("Concat", ["x", "w"], ["y"], axis=7)], {"x": None}, {"y": None}, {"w": weights(2)})
    assert "y" not in shapes_in(broken, {"x": (2, 2)})
    assert isinstance(broken, onnx.ModelProto)
