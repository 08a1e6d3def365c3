"""Counting multiply-adds by operator, and from onnxruntime's own record of an answer."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from advisor.benchmark import session
from advisor.benchmark.arithmetic import node_macs, traced_macs


@pytest.mark.parametrize(
    ("op", "attributes", "inputs", "output", "macs"),
    [
        # Worked out by hand from each operator's definition.
        ("Attention", {}, [(2, 5, 16), (2, 7, 16), (2, 7, 16)], (2, 5, 16), 2 * 2 * 5 * 7 * 16),
        ("Attention", {}, [(2, 4, 5, 16), (2, 4, 7, 16), (2, 4, 7, 16)], (2, 4, 5, 16), 2 * 2 * 4 * 5 * 7 * 16),
        ("MultiHeadAttention", {}, [(2, 5, 16)], (2, 5, 16), 2 * 2 * 5 * 5 * 16),
        ("Einsum", {"equation": "bij,bjk->bik"}, [(2, 3, 4), (2, 4, 5)], (2, 3, 5), 2 * 3 * 4 * 5),
        ("Einsum", {"equation": "ij->ji"}, [(3, 4)], (4, 3), 0),
        ("MatMulNBits", {"K": 64, "N": 8}, [(3, 64), (8, 2, 16)], (3, 8), 3 * 8 * 64),
        ("GRU", {"hidden_size": 6}, [(10, 2, 5), (1, 18, 5)], (10, 1, 2, 6), 10 * 2 * 3 * 6 * 11),
        ("RNN", {}, [(10, 2, 5), (2, 6, 5)], (10, 2, 2, 6), 10 * 2 * 2 * 6 * 11),
        ("QLinearConv", {}, [(1, 3, 8, 8), (), (), (4, 3, 3, 3)], (1, 4, 8, 8), 4 * 64 * 27),
        ("QLinearMatMul", {}, [(3, 5), (), (), (5, 7)], (3, 7), 105),
    ],
)
def test_formulas(op, attributes, inputs, output, macs):
    node = helper.make_node(op, [f"i{n}" for n in range(len(inputs))], ["o"], **attributes)
    assert node_macs(node, inputs, [output]) == (macs, int(np.prod(output)))


def test_attention_that_makes_query_key_and_value_itself():
    node = helper.make_node("Attention", ["x", "w"], ["o"], domain="com.microsoft")
    assert node_macs(node, [(2, 5, 16), (16, 48)], [(2, 5, 16)]) == (2 * 5 * 16 * 48 + 2 * 2 * 5 * 5 * 16, 160)


@pytest.mark.parametrize(
    ("op", "inputs", "output"),
    [
        ("Conv", [(1, 3, 8, 8), None], (1, 4, 8, 8)),
        ("Conv", [(1, 3, 8, 8)], None),
        ("MatMul", [None, (4, 4)], (3, 4)),
        ("MatMul", [()], ()),
        ("Gemm", [(0, 4), (4, 4)], (0, 4)),
        ("Attention", [None], (2, 5, 16)),
        ("LSTM", [(10, 2, 5), None], (10, 1, 2, 6)),
        ("ConvTranspose", [None, (3, 4, 2, 2)], (1, 4, 8, 8)),
        ("Conv", [], (1,)),
    ],
)
def test_what_cannot_be_counted_is_not_guessed(op, inputs, output):
    node = helper.make_node(op, [f"i{n}" for n in range(len(inputs))], ["o"])
    assert node_macs(node, inputs, [output]) is None


@pytest.mark.parametrize("equation", ["...ij,jk->...ik", "bij,jk->bik"])
def test_einsum_of_unknown_form_is_not_guessed(equation):
    node = helper.make_node("Einsum", ["a", "b"], ["c"], equation=equation)
    assert node_macs(node, [(3, 4), (4, 5)], [(3, 5)]) is None


def test_record_of_a_real_answer_counts_every_turn_of_a_loop(make, tmp_path):
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
    loop.graph.initializer.append(numpy_helper.from_array(np.eye(4, dtype=np.float32), "w"))
    path = tmp_path / "loop.onnx"
    onnx.save(loop, path)
    events = session.record(path, {"x": np.ones((2, 4), np.float32), "t": np.array(5)}, as_written=True)
    assert traced_macs(events) == (5 * 2 * 4 * 4, 5 * 8)
    assert session.node_share(events) == {"CPUExecutionProvider": 1.0}


def test_record_with_operators_that_need_more_than_sizes_is_not_counted():
    sizes = {"input_type_shape": [{"float": [2, 3]}, {"float": [3, 4]}], "output_type_shape": [{"float": [2, 4]}]}
    assert traced_macs([{"args": {"op_name": "MatMul", **sizes}}]) == (24, 8)
    assert traced_macs([{"args": {"op_name": "MatMul", **sizes}}, {"args": {"op_name": "Einsum", **sizes}}]) is None
    assert traced_macs([{"args": {"op_name": "Relu", **sizes}}, {"args": {"op_name": "MatMul"}}, {}]) == (0, 0)
