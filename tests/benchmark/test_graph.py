"""What is read from a file without running it."""

from math import prod

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from advisor.benchmark import graph
from advisor.benchmark.arithmetic import node_macs
from advisor.benchmark.sample import model_bytes, sample_model
from advisor.problems import AdvisorError

ROOM = 10**9


def read(model, tmp_path, name="model.onnx"):
    path = tmp_path / name
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    return graph.read(path, ROOM), path


def code_of(model, tmp_path):
    with pytest.raises(AdvisorError) as caught:
        read(model, tmp_path)
    return caught.value.problems[0].code


def weights(*shape):
    return np.ones(shape, np.float32)


def work(model, tmp_path, **shapes):
    found = graph.profile(*read(model, tmp_path), shapes)
    return found.gmacs * 1e9, found.activations_millions * 1e6


def test_convolution_is_counted(make, tmp_path):
    model = make(
        [helper.make_node("Conv", ["x", "w"], ["y"], strides=[2, 2], pads=[1, 1, 1, 1])],
        {"x": ["n", 3, "h", "w"]},
        {"y": None},
        {"w": weights(8, 3, 3, 3)},
    )
    out = 2 * 8 * 16 * 16
    assert work(model, tmp_path, x=(2, 3, 32, 32)) == pytest.approx((out * 27, out))


def test_depthwise_transposed_and_dense_are_counted(make, tmp_path):
    depthwise = make([helper.make_node("Conv", ["x", "w"], ["y"], group=4)], {"x": None}, {"y": None}, {"w": weights(4, 1, 3, 3)})
    assert work(depthwise, tmp_path, x=(1, 4, 10, 10)) == pytest.approx((4 * 64 * 9, 4 * 64))
    up = make([helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2])], {"x": None}, {"y": None}, {"w": weights(4, 6, 2, 2)})
    assert work(up, tmp_path, x=(1, 4, 5, 5)) == pytest.approx((100 * 6 * 4, 6 * 100))
    dense = make([helper.make_node("Gemm", ["x", "w"], ["y"], transB=1)], {"x": None}, {"y": None}, {"w": weights(7, 5)})
    assert work(dense, tmp_path, x=(3, 5)) == pytest.approx((3 * 5 * 7, 21))
    turned = make([helper.make_node("Gemm", ["x", "w"], ["y"], transA=1)], {"x": None}, {"y": None}, {"w": weights(5, 7)})
    assert work(turned, tmp_path, x=(5, 3)) == pytest.approx((3 * 5 * 7, 21))


def test_recurrent_and_whole_number_products_are_counted(make, tmp_path):
    lstm = make(
        [helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=6)],
        {"x": None},
        {"y": None},
        {"w": weights(1, 24, 5), "r": weights(1, 24, 6)},
    )
    assert work(lstm, tmp_path, x=(10, 2, 5))[0] == pytest.approx(10 * 2 * 4 * 6 * 11)
    whole = make(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])],
        {"x": (None, TensorProto.UINT8)},
        {"y": (None, TensorProto.INT32)},
        {"w": np.ones((5, 7), np.int8)},
    )
    assert work(whole, tmp_path, x=(3, 5))[0] == pytest.approx(105)


def test_dearer_branch_counts_and_unknown_loop_does_not(make, tmp_path):
    def body(name, *nodes):
        return helper.make_graph(list(nodes), name, [], [helper.make_tensor_value_info(f"{name}.o", TensorProto.FLOAT, None)])

    cheap = body("a", helper.make_node("Identity", ["x"], ["a.o"]))
    dear = body("b", helper.make_node("MatMul", ["x", "w"], ["b.o"]))
    branch = make(
        [helper.make_node("If", ["c"], ["y"], then_branch=cheap, else_branch=dear)],
        {"x": [2, 4], "c": ([], TensorProto.BOOL)},
        {"y": None},
        {"w": weights(4, 4)},
    )
    assert work(branch, tmp_path, x=(2, 4), c=())[0] == pytest.approx(32)
    turn = helper.make_graph(
        [helper.make_node("Identity", ["ci"], ["co"]), helper.make_node("MatMul", ["v", "w"], ["vo"])],
        "turn",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("ci", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, None),
        ],
        [helper.make_tensor_value_info("co", TensorProto.BOOL, []), helper.make_tensor_value_info("vo", TensorProto.FLOAT, None)],
    )
    loop = make([helper.make_node("Loop", ["t", "", "x"], ["y"], body=turn)], {"x": [2, 4], "t": ([], TensorProto.INT64)}, {"y": None})
    loop.graph.initializer.append(onnx.numpy_helper.from_array(weights(4, 4), "w"))
    found = graph.profile(*read(loop, tmp_path), {"x": (2, 4), "t": ()})
    assert found.gmacs is None
    assert found.activations_millions is None


@given(st.lists(st.integers(1, 9), min_size=2, max_size=4), st.integers(1, 9))
def test_product_is_rows_times_columns(left, columns):
    node = helper.make_node("MatMul", ["a", "b"], ["c"])
    out = (*left[:-1], columns)
    assert node_macs(node, [tuple(left), (left[-1], columns)], [out]) == (prod(left) * columns, prod(out))


def test_unknown_sizes_give_no_count(dense, tmp_path):
    found = graph.profile(*read(dense, tmp_path))
    assert found.gmacs is None
    assert found.inputs[0].shape == ("batch", 64)
    assert found.free_sizes == ("batch",)
    assert found.params_millions == pytest.approx(0.004096)
    assert found.weight_bytes == 4096 * 4
    assert (found.precision, found.layers, found.operators) == ("fp32", 1, {"MatMul": 1, "Relu": 1})


def test_nameless_sizes_are_called_by_their_place(make, tmp_path):
    model = make([helper.make_node("Relu", ["x"], ["y"])], {"x": [None, 3, "?", "?"]}, {"y": None})
    assert graph.profile(*read(model, tmp_path)).free_sizes == ("x[0]", "x[2]", "x[3]")


def test_example_is_the_same_every_time_and_of_its_kind(tmp_path):
    assert model_bytes() == model_bytes()
    path = sample_model(tmp_path / "deep" / "folder")
    before = path.stat().st_mtime_ns
    assert sample_model(path.parent).stat().st_mtime_ns == before
    found = graph.profile(graph.read(path, ROOM), path, {"photo": (1, 3, 224, 224)})
    assert 4 < found.params_millions < 6
    # MobileNetV2 at width 1 has 0.30 GMACs and 6.7 million activations.
    assert found.gmacs == pytest.approx(0.33, abs=0.05)
    assert found.activations_millions == pytest.approx(6.7, abs=0.3)


def test_cut_and_empty_models(dense, make, tmp_path):
    body = dense.SerializeToString()
    assert code_of(body[: len(body) // 2], tmp_path) == "DAMAGED"
    assert code_of(body[:-1], tmp_path) == "DAMAGED"
    empty = onnx.ModelProto(ir_version=8)
    assert code_of(empty, tmp_path) == "NOT_A_MODEL"
    empty.opset_import.append(helper.make_opsetid("", 17))
    assert code_of(empty, tmp_path) == "INVALID"
    del dense.graph.output[:]
    assert code_of(dense, tmp_path) == "INVALID"


def test_impossible_graphs(make, tmp_path):
    circle = make([helper.make_node("Add", ["x", "b"], ["a"]), helper.make_node("Add", ["x", "a"], ["b"])], {"x": [1]}, {"b": [1]})
    assert code_of(circle, tmp_path) == "INVALID"
    lost = make([helper.make_node("Add", ["x", "nowhere"], ["y"])], {"x": [1]}, {"y": [1]})
    assert code_of(lost, tmp_path) == "INVALID"
    twice = make([helper.make_node("Relu", ["x"], ["y"])], {"x": [1]}, {"y": [1]})
    twice.graph.input.append(twice.graph.input[0])
    assert code_of(twice, tmp_path) == "INVALID"
    odd = make([helper.make_node("Relu", ["x"], ["y"])], {"x": ([1], 9999)}, {"y": [1]})
    assert code_of(odd, tmp_path) == "INVALID"


def test_steps_may_stand_in_any_order(make, tmp_path):
    nodes = [helper.make_node("Relu", ["b"], ["y"]), helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Relu", ["x"], ["a"])]
    model, _ = read(make(nodes, {"x": [1]}, {"y": [1]}), tmp_path)
    assert len(model.graph.node) == 3


def test_lying_weights(dense, tmp_path):
    dense.graph.initializer[0].raw_data = b"\0" * 4
    assert code_of(dense, tmp_path) == "INVALID"
    dense.graph.initializer[0].dims[0] = -64
    assert code_of(dense, tmp_path) == "INVALID"


def test_unknown_makers_and_versions(make, tmp_path):
    own = make([helper.make_node("Secret", ["x"], ["y"], domain="com.example")], {"x": [1]}, {"y": [1]}, domains=("com.example",))
    assert code_of(own, tmp_path) == "UNSUPPORTED"
    assert code_of(make([helper.make_node("Relu", ["x"], ["y"])], {"x": [1]}, {"y": [1]}, opset=999), tmp_path) == "UNSUPPORTED"
    newer = make([helper.make_node("Relu", ["x"], ["y"])], {"x": [1]}, {"y": [1]})
    newer.ir_version = 99
    assert code_of(newer, tmp_path) == "UNSUPPORTED"


def function(name, *callees):
    nodes, last = [], "a"
    for i, callee in enumerate(callees):
        out = "b" if i == len(callees) - 1 else f"t{i}"
        nodes.append(helper.make_node(callee, [last], [out], domain="f" if callee.startswith("F") else ""))
        last = out
    return helper.make_function("f", name, ["a"], ["b"], nodes, [helper.make_opsetid("", 17), helper.make_opsetid("f", 1)])


@pytest.mark.parametrize(
    ("functions", "code"),
    [
        ([function("F0", "F0")], "INVALID"),
        ([function("F0", "F1"), function("F1", "F0")], "INVALID"),
        ([*(function(f"F{i}", f"F{i + 1}", f"F{i + 1}") for i in range(30)), function("F30", "Relu")], "UNSUPPORTED"),
        ([*(function(f"F{i}", f"F{i + 1}") for i in range(1500)), function("F1500", "Relu")], "UNSUPPORTED"),
    ],
)
def test_functions_that_never_end(make, tmp_path, functions, code):
    node = helper.make_node("F0", ["x"], ["y"], domain="f")
    assert code_of(make([node], {"x": [1]}, {"y": [1]}, functions=functions, domains=("f",)), tmp_path) == code


def test_operator_types_are_those_a_runtime_has_to_know(make, tmp_path):
    """Functions of the model's own are looked into, branches too; other makers' operators carry their domain."""
    branch = helper.make_graph([helper.make_node("Tanh", ["x"], ["b"])], "b", [], [helper.make_tensor_value_info("b", 1, [1])])
    nodes = [
        helper.make_node("F0", ["x"], ["t"], domain="f"),
        helper.make_node("Gelu", ["t"], ["u"], domain="com.microsoft"),
        helper.make_node("If", ["c"], ["v"], then_branch=branch, else_branch=branch),
        helper.make_node("Add", ["u", "v"], ["y"]),
    ]
    functions = [function("F0", "F1", "F1"), function("F1", "Relu", "Sigmoid")]
    inputs = {"x": [1], "c": ([], TensorProto.BOOL)}
    found = graph.profile(*read(make(nodes, inputs, {"y": [1]}, functions=functions, domains=("f", "com.microsoft")), tmp_path))
    assert found.operator_types == ("Add", "If", "Relu", "Sigmoid", "Tanh", "com.microsoft:Gelu")
    assert found.operators["F0"] == 1


def external(dense, **said):
    table = dense.graph.initializer[0]
    table.ClearField("raw_data")
    table.data_location = TensorProto.EXTERNAL
    for key, value in said.items():
        entry = table.external_data.add()
        entry.key, entry.value = key, str(value)
    return dense


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"location": "../w.bin"}, "UNSAFE"),
        ({"location": "gone.bin"}, "MISSING_PART"),
        ({"location": "w.bin", "length": 10**9}, "DAMAGED"),
        ({"location": "w.bin", "offset": -8192}, "DAMAGED"),
        ({"location": "w.bin", "offset": 8192, "length": 64 * 64 * 4}, "DAMAGED"),
        ({"location": "w.bin", "length": 4}, "INVALID"),
        ({"location": "w.bin", "__class__": "x"}, "INVALID"),
        ({"location": "w.bin", "offset": "one"}, "INVALID"),
    ],
)
def test_second_files(dense, tmp_path, said, code):
    (tmp_path / "w.bin").write_bytes(b"\0" * 64 * 64 * 4)
    assert code_of(external(dense, **said), tmp_path) == code


def test_good_second_file(dense, tmp_path):
    (tmp_path / "w.bin").write_bytes(b"\0" * 64 * 64 * 4)
    found = graph.profile(*read(external(dense, location="w.bin", offset=0, length=64 * 64 * 4), tmp_path), {"x": (1, 64)})
    assert found.external_files == ("w.bin",)
    assert found.gmacs == pytest.approx(64 * 64 / 1e9)


def test_weights_beyond_memory(dense, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(dense.SerializeToString())
    with pytest.raises(AdvisorError) as caught:
        graph.read(path, 1000)
    assert caught.value.problems[0].code == "TOO_BIG"


def test_function_that_is_given_too_much_is_refused(make, tmp_path):
    model = make([helper.make_node("Twice", ["x", "x"], ["y"], domain="own")], {"x": [2]}, {"y": None})
    double = helper.make_node("Add", ["a", "a"], ["b"])
    model.functions.append(helper.make_function("own", "Twice", ["a"], ["b"], [double], [helper.make_opsetid("", 17)]))
    model.opset_import.append(helper.make_opsetid("own", 1))
    assert code_of(model, tmp_path) == "INVALID"
