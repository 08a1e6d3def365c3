"""Files that nobody should have to think of: other programs' models, broken copies, tricks, bombs. Made on the spot.

Each case is a function that writes its file into a folder and gives its path; `expect` are the codes of the answer that are right
(`OK` and `RAN_WITH_WARNING` for a result). `how`: what has to be done to tell: `file` (look at its bytes), `read` (read it as a
model), `run` (run it).
"""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Case:
    """One odd file."""

    id: str
    how: str
    expect: frozenset[str]
    make: Callable[[Path], Path]


CASES: Final[list[Case]] = []


def case(how: str, *expect: str) -> Callable[[Callable[[Path], Any]], Callable[[Path], Any]]:
    """Enters a case under the name of its function."""

    def entered(make: Callable[[Path], Any]) -> Callable[[Path], Any]:
        def made(folder: Path) -> Path:
            found = make(folder)
            if isinstance(found, Path):
                return found
            path = folder / "model.onnx"
            path.write_bytes(found if isinstance(found, bytes) else found.SerializeToString())
            return path

        CASES.append(Case(make.__name__, how, frozenset(expect), made))
        return make

    return entered


def port(name: str, shape: Any = (1, 4), kind: int = T.FLOAT) -> onnx.ValueInfoProto:
    return h.make_tensor_value_info(name, kind, None if shape is None else list(shape))


def table(name: str, values: Any, kind: Any = np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(values, dtype=kind), name)


def model(
    nodes: Any, inputs: Any = None, outputs: Any = None, tables: Any = (), opset: int = 17, extra: Any = (), **more: Any
) -> onnx.ModelProto:
    graph = h.make_graph(
        nodes, "g", [port("x")] if inputs is None else inputs, [port("y", None)] if outputs is None else outputs, list(tables)
    )
    imports = [h.make_opsetid("", opset), *(h.make_opsetid(*e) for e in extra)]
    return h.make_model(graph, opset_imports=imports, ir_version=8, **more)


def node(op: str, ins: Any, outs: Any, **attributes: Any) -> onnx.NodeProto:
    return h.make_node(op, list(ins), list(outs), **attributes)


def dense(n: int = 64) -> onnx.ModelProto:
    weights = np.random.default_rng(0).standard_normal((n, n)).astype(np.float32)
    nodes = [node("MatMul", ["x", "weight"], ["h"]), node("Relu", ["h"], ["y"])]
    return model(nodes, [port("x", ("N", n))], [port("y", ("N", n))], [table("weight", weights)])


def field(number: int, body: bytes) -> bytes:
    """One field of a protobuf message that holds bytes."""
    return number_bytes(number << 3 | 2) + number_bytes(len(body)) + body


def number_bytes(value: int) -> bytes:
    out = b""
    while True:
        value, low = value >> 7, value & 0x7F
        out += bytes([low | (0x80 if value else 0)])
        if not value:
            return out


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in files.items():
            archive.writestr(name.replace("__", "/"), body)
    return out.getvalue()


# ---- other programs' files -----------------------------------------------------------------------------------------


@case("file", "NOT_A_MODEL")
def zip_cut_short(_: Path) -> bytes:
    return zipped(**{"model.onnx": dense().SerializeToString()})[:600]


@case("file", "NOT_A_MODEL")
def zip_with_a_password(_: Path) -> bytes:
    body = bytearray(zipped(**{"model.onnx": b"secret" * 100}))
    body[6] |= 1
    return bytes(body)


@case("file", "NOT_A_MODEL")
def keras_zip(_: Path) -> bytes:
    return zipped(**{"metadata.json": b"{}", "config.json": b"{}", "model.weights.h5": b"\x89HDF\r\n\x1a\n"})


@case("file", "NOT_A_MODEL")
def gguf_called_onnx(_: Path) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, 291, 20) + b"general.architecture" + bytes(4000)


@case("file", "NOT_A_MODEL")
def safetensors_with_model_words(_: Path) -> bytes:
    head = json.dumps({f"conv{i}.weight": {"dtype": "F32", "shape": [1], "data_offsets": [4 * i, 4 * i + 4]} for i in range(99)}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(400)


@case("file", "NOT_A_MODEL")
def tensorflow_frozen_graph(_: Path) -> bytes:
    names = [(b"input", b"Placeholder"), (b"conv1/weight", b"Const"), (b"conv1/Conv2D", b"Conv2D"), (b"add", b"Add"), (b"relu", b"Relu")]
    return b"".join(field(1, field(1, name) + field(2, op) + field(3, b"conv1/weight")) for name, op in names * 40)


@case("read", "NOT_A_MODEL")
def tensorflow_saved_model(_: Path) -> bytes:
    graph = b"".join(field(1, field(1, b"n%d" % i) + field(2, b"MatMul")) for i in range(50))
    return b"\x08\x01" + field(2, field(1, field(4, b"serve")) + field(2, graph))


@case("file", "NOT_A_MODEL")
def caffe_model(_: Path) -> bytes:
    layer = field(1, b"conv1") + field(2, b"Convolution") + field(7, field(5, bytes(400)))
    return field(1, b"LeNet with weight and bias") + b"".join(field(100, layer) for _ in range(9))


@case("file", "NOT_A_MODEL")
def core_ml_model(_: Path) -> bytes:
    return b"\x08\x07" + field(2, field(1, field(1, b"image"))) + field(500, field(1, b"MatMul Relu weight" * 20))


@case("file", "NOT_A_MODEL")
def onnx_sample_input_instead_of_a_model(_: Path) -> bytes:
    return table("data_0", np.zeros((1, 3, 8, 8))).SerializeToString()


@case("file", "NOT_A_MODEL")
def tensorrt_plan(_: Path) -> bytes:
    return b"ftrt" + random.Random(4).randbytes(5000)


@case("file", "NOT_A_MODEL", "DAMAGED")
def weights_file_instead_of_the_model(_: Path) -> bytes:
    return np.random.default_rng(7).standard_normal(5000).astype(np.float32).tobytes()


@case("file", "NOT_A_MODEL")
def old_text_pickle(_: Path) -> bytes:
    return pickle.dumps({"weight": [1.0, 2.0]}, protocol=0)


@case("file", "NOT_A_MODEL")
def not_found_page(_: Path) -> bytes:
    return b"404: Not Found"


@case("file", "NOT_A_MODEL")
def denied_in_xml(_: Path) -> bytes:
    return b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>'


@case("file", "NOT_A_MODEL")
def git_pointer_with_windows_lines(_: Path) -> bytes:
    return b"version https://git-lfs.github.com/spec/v1\r\noid sha256:" + b"0" * 64 + b"\r\nsize 12\r\n"


@case("file", "NOT_A_MODEL")
def mac_shadow_file(folder: Path) -> Path:
    path = folder / "._model.onnx"
    path.write_bytes(b"\0\x05\x16\x07\0\x02\0\0Mac OS X        " + bytes(200) + b"com.apple.quarantine")
    return path


@case("file", "NOT_A_MODEL")
def base64_of_a_model(_: Path) -> bytes:
    import base64

    return base64.encodebytes(dense().SerializeToString())


@case("file", "NOT_A_MODEL")
def encrypted_by_openssl(_: Path) -> bytes:
    return b"Salted__" + random.Random(5).randbytes(9000)


@case("file", "NOT_A_MODEL")
def model_written_as_text(_: Path) -> bytes:
    return b'<ir_version: 8, opset_import: ["" : 17]>\ng (float[N,4] x) => (float[N,4] y) { y = Relu(x) }\n'


# ---- copies that went wrong ----------------------------------------------------------------------------------------


@case("read", "DAMAGED")
def download_filled_up_with_zeros(_: Path) -> bytes:
    body = dense().SerializeToString()
    return body[: len(body) // 2] + bytes(len(body) - len(body) // 2)


@case("read", "DAMAGED")
def line_ends_changed_on_the_way(_: Path) -> bytes:
    return dense().SerializeToString().replace(b"\n", b"\r\n")


@case("read", "DAMAGED", "NOT_A_MODEL")
def taken_for_text_on_the_way(_: Path) -> bytes:
    return dense().SerializeToString().decode("utf-8", "replace").encode()


@case("read", "DAMAGED")
def page_glued_behind_it(_: Path) -> bytes:
    return dense().SerializeToString() + b"\n<!-- end of file -->\n"


@case("file", "DAMAGED")
def mark_of_text_before_it(_: Path) -> bytes:
    return b"\xef\xbb\xbf" + dense().SerializeToString()


@case("read", "INVALID", "DAMAGED")
def two_models_glued_together(_: Path) -> bytes:
    return dense().SerializeToString() * 2


@case("read", "DAMAGED", "INVALID", "NOT_A_MODEL")
def a_hole_in_the_middle(_: Path) -> bytes:
    body = bytearray(dense().SerializeToString())
    body[20:60] = bytes(40)
    return bytes(body)


# ---- names and places ----------------------------------------------------------------------------------------------


@case("run", "OK")
def name_with_a_line_break(folder: Path) -> Path:
    path = folder / "a\nb\tc.onnx"
    path.write_bytes(dense().SerializeToString())
    return path


@case("run", "OK")
def name_that_is_no_text(folder: Path) -> Path:
    path = folder / os.fsdecode(b"na\xefve-\xff.onnx")
    path.write_bytes(dense().SerializeToString())
    return path


@case("run", "OK")
def name_like_an_option(folder: Path) -> Path:
    path = folder / "--size=N.onnx"
    path.write_bytes(dense().SerializeToString())
    return path


@case("file", "NOT_A_MODEL")
def a_socket(folder: Path) -> Path:
    import socket

    # A short relative name: the system allows about 100 letters.
    here = Path.cwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.bind("model.onnx")
    finally:
        os.chdir(here)
    return folder / "model.onnx"


@case("file", "NOT_A_MODEL")
def a_device(_: Path) -> Path:
    return Path("/dev/zero")


@case("file", "NO_ACCESS")
def a_file_taken_for_a_folder(folder: Path) -> Path:
    (folder / "a").write_bytes(b"x")
    return folder / "a" / "model.onnx"


# ---- files beside it -----------------------------------------------------------------------------------------------


def outside(t: onnx.TensorProto, location: str, **more: str) -> onnx.TensorProto:
    for name in ("raw_data", "float_data", "int64_data"):
        t.ClearField(name)
    t.data_location = T.EXTERNAL
    for key, value in {"location": location, **more}.items():
        entry = t.external_data.add()
        entry.key, entry.value = key, value
    return t


@case("read", "UNSAFE")
def outside_in_a_constant(_: Path) -> onnx.ModelProto:
    value = outside(table("v", np.ones(4)), "../canary.bin")
    return model([node("Constant", [], ["k"], value=value), node("Add", ["x", "k"], ["y"])])


@case("read", "UNSAFE")
def outside_in_a_branch(_: Path) -> onnx.ModelProto:
    there = h.make_graph([node("Add", ["x", "k"], ["o"])], "t", [], [port("o", None)], [outside(table("k", np.ones(4)), "/etc/hostname")])
    other = h.make_graph([node("Identity", ["x"], ["e"])], "e", [], [port("e", None)])
    return model([node("If", ["c"], ["y"], then_branch=there, else_branch=other)], tables=[table("c", True, bool)])


@case("read", "UNSAFE")
def outside_in_a_function(_: Path) -> onnx.ModelProto:
    value = outside(table("v", np.ones(4)), "a/../../w.bin")
    inner = h.make_graph([node("Constant", [], ["k"], value=value)], "t", [], [port("k", None)])
    other = h.make_graph([node("Identity", ["a"], ["e"])], "e", [], [port("e", None)])
    steps = [node("Constant", [], ["c"], value=table("c", True, bool)), node("If", ["c"], ["b"], then_branch=inner, else_branch=other)]
    made = h.make_function("f", "F", ["a"], ["b"], steps, [h.make_opsetid("", 17)])
    return model([node("F", ["x"], ["y"], domain="f")], functions=[made], extra=[("f", 1)])


@case("read", "UNSAFE")
def outside_in_the_places_of_a_sparse_table(_: Path) -> onnx.ModelProto:
    sparse = onnx.SparseTensorProto()
    sparse.values.CopyFrom(table("w", np.ones(2)))
    sparse.indices.CopyFrom(outside(table("i", [0, 3], np.int64), "../canary.bin"))
    sparse.dims.extend([4])
    made = model([node("Add", ["x", "w"], ["y"])])
    made.graph.sparse_initializer.append(sparse)
    return made


@case("read", "UNSAFE")
def outside_in_a_sparse_constant(_: Path) -> onnx.ModelProto:
    sparse = onnx.SparseTensorProto()
    sparse.values.CopyFrom(outside(table("w", np.ones(2)), "//host/share/w.bin"))
    sparse.indices.CopyFrom(table("i", [0, 3], np.int64))
    sparse.dims.extend([4])
    return model([node("Constant", [], ["k"], sparse_value=sparse), node("Add", ["x", "k"], ["y"])])


@case("read", "UNSAFE")
def outside_in_training(_: Path) -> onnx.ModelProto:
    made = dense()
    step = made.training_info.add()
    step.initialization.node.append(node("Constant", [], ["k"], value=outside(table("v", np.ones(4)), "../canary.bin")))
    step.initialization.name = "i"
    return made


@case("read", "UNSAFE")
def part_that_is_a_folder(folder: Path) -> onnx.ModelProto:
    (folder / "w").mkdir()
    made = dense()
    outside(made.graph.initializer[0], "w")
    return made


@case("read", "MISSING_PART")
def part_with_a_strange_name(_: Path) -> onnx.ModelProto:
    made = dense()
    outside(made.graph.initializer[0], "NUL \u202e\n.bin")
    return made


@case("read", "DAMAGED")
def part_cut_short(folder: Path) -> onnx.ModelProto:
    (folder / "w.bin").write_bytes(bytes(100))
    made = dense()
    outside(made.graph.initializer[0], "w.bin")
    return made


@case("read", "DAMAGED", "INVALID")
def part_beyond_all_numbers(folder: Path) -> onnx.ModelProto:
    (folder / "w.bin").write_bytes(bytes(100))
    made = dense()
    outside(made.graph.initializer[0], "w.bin", offset=str(2**63), length=str(2**64))
    return made


# ---- models that cannot work ---------------------------------------------------------------------------------------


@case("read", "INVALID")
def size_far_below_zero(_: Path) -> onnx.ModelProto:
    return model([node("Relu", ["x"], ["y"])], [port("x", (-5, 4))])


@case("read", "INVALID")
def answer_that_nothing_makes(_: Path) -> onnx.ModelProto:
    return model([node("Relu", ["x"], ["h"])])


@case("run", "INVALID")
def input_without_a_name(_: Path) -> onnx.ModelProto:
    return model([node("Relu", [""], ["y"])], [port("")])


@case("run", "INVALID", "UNSUPPORTED")
def operator_sets_missing(_: Path) -> onnx.ModelProto:
    made = dense()
    del made.opset_import[:]
    return made


@case("run", "INVALID", "UNSUPPORTED")
def operator_set_below_zero(_: Path) -> onnx.ModelProto:
    made = dense()
    made.opset_import[0].version = -3
    return made


@case("run", "INVALID")
def setting_of_the_wrong_kind(_: Path) -> onnx.ModelProto:
    return model([node("Concat", ["x", "x"], ["y"], axis="one")])


@case("run", "INVALID")
def setting_missing(_: Path) -> onnx.ModelProto:
    return model([node("Concat", ["x", "x"], ["y"])])


@case("run", "INVALID")
def too_many_inputs_of_a_step(_: Path) -> onnx.ModelProto:
    return model([node("Relu", ["x", "x", "x"], ["y"])])


@case("run", "INVALID")
def numbers_of_two_kinds_added(_: Path) -> onnx.ModelProto:
    return model([node("Add", ["x", "k"], ["y"])], tables=[table("k", 1, np.int64)])


@case("run", "INVALID")
def zero_point_of_another_kind(_: Path) -> onnx.ModelProto:
    return model([node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("DequantizeLinear", ["q", "s", "w"], ["y"])],
                 tables=[table("s", 0.1), table("z", 0, np.uint8), table("w", 0, np.int8)])  # fmt: skip


@case("run", "INVALID")
def asks_for_more_than_there_is(_: Path) -> onnx.ModelProto:
    return model([node("TopK", ["x", "k"], ["y", "i"])], tables=[table("k", [50], np.int64)])


@case("run", "INVALID")
def two_unknown_sizes(_: Path) -> onnx.ModelProto:
    return model([node("Reshape", ["x", "s"], ["y"])], tables=[table("s", [-1, -1], np.int64)])


@case("run", "INVALID")
def writes_outside_its_table(_: Path) -> onnx.ModelProto:
    nodes = [node("ScatterElements", ["x", "i", "u"], ["y"], axis=1)]
    return model(nodes, tables=[table("i", [[2**40]], np.int64), table("u", [[1.0]])])


@case("read", "INVALID", "UNSUPPORTED")
def function_in_place_of_an_operator_calls_it(_: Path) -> onnx.ModelProto:
    made = h.make_function("", "Relu", ["a"], ["b"], [node("Relu", ["a"], ["b"])], [h.make_opsetid("", 17)])
    return model([node("Relu", ["x"], ["y"])], functions=[made])


@case("read", "UNSUPPORTED")
def three_hundred_branches_deep(_: Path) -> bytes:
    # Deeper than the library itself writes, so put together by hand.
    body = field(1, field(1, b"x") + field(2, b"y") + field(4, b"Identity"))
    for _level in range(300):
        branch = field(5, field(1, b"then_branch") + field(6, body) + b"\xa0\x01\x05")
        body = field(1, field(1, b"c") + field(2, b"y") + field(4, b"If") + branch)
    graph = body + field(2, b"g") + field(12, field(1, b"y"))
    return b"\x08\x08" + field(7, graph) + field(8, b"\x10\x11")


@case("run", "UNSUPPORTED")
def operator_that_nobody_knows(_: Path) -> onnx.ModelProto:
    return model([node("FlashSoftmaxPlus", ["x"], ["y"])])


@case("run", "UNSUPPORTED")
def operator_of_another_maker_in_a_known_set(_: Path) -> onnx.ModelProto:
    return model([node("NotYetInvented", ["x"], ["y"], domain="com.microsoft")], extra=[("com.microsoft", 1)])


@case("read", "UNSUPPORTED")
def operator_left_over_from_pytorch(_: Path) -> onnx.ModelProto:
    return model([node("ATen", ["x"], ["y"], domain="org.pytorch.aten", operator="roll")], extra=[("org.pytorch.aten", 1)])


@case("read", "UNSUPPORTED")
def operator_of_training(_: Path) -> onnx.ModelProto:
    return model([node("Adam", ["x"], ["y"], domain="ai.onnx.preview.training")], extra=[("ai.onnx.preview.training", 1)])


@case("run", "UNSUPPORTED")
def numbers_with_two_parts(_: Path) -> onnx.ModelProto:
    return model([node("Identity", ["x"], ["y"])], [port("x", (1, 4), T.COMPLEX64)], [port("y", (1, 4), T.COMPLEX64)])


# ---- bombs ---------------------------------------------------------------------------------------------------------


@case("run", "TOO_BIG")
def input_beyond_all_numbers(_: Path) -> onnx.ModelProto:
    return model([node("Relu", ["x"], ["y"])], [port("x", (2**62, 2**62, 4))])


@case("run", "TOO_BIG")
def nothing_of_very_much(_: Path) -> onnx.ModelProto:
    return model([node("Relu", ["x"], ["y"])], [port("x", (0, 2**62))])


@case("run", "TOO_BIG")
def spread_out(_: Path) -> onnx.ModelProto:
    return model([node("Expand", ["x", "s"], ["y"])], [port("x", (1, 1))], tables=[table("s", [10**6, 10**6], np.int64)])


@case("run", "TOO_BIG")
def counted_up(_: Path) -> onnx.ModelProto:
    nodes = [node("Range", ["a", "b", "c"], ["r"]), node("ReduceSum", ["r"], ["s"], keepdims=0), node("Add", ["x", "s"], ["y"])]
    return model(nodes, tables=[table("a", 0.0), table("b", 1e12), table("c", 1.0)])


@case("run", "TOO_BIG")
def padded(_: Path) -> onnx.ModelProto:
    return model([node("Pad", ["x", "p"], ["y"])], tables=[table("p", [0, 10**6, 0, 10**12], np.int64)])


@case("run", "TOO_BIG")
def blown_up(_: Path) -> onnx.ModelProto:
    nodes = [node("Resize", ["x", "", "s"], ["y"], mode="nearest")]
    return model(nodes, [port("x", (1, 1, 8, 8))], tables=[table("s", [1, 1, 1e5, 1e5])])


@case("run", "TOO_BIG")
def one_of_very_many(_: Path) -> onnx.ModelProto:
    nodes = [node("OneHot", ["i", "d", "v"], ["o"]), node("ReduceSum", ["o"], ["s"], keepdims=0), node("Add", ["x", "s"], ["y"])]
    return model(nodes, tables=[table("i", [1, 2], np.int64), table("d", 10**12, np.int64), table("v", [0.0, 1.0])])


@case("run", "TOO_BIG")
def drawn_by_chance(_: Path) -> onnx.ModelProto:
    nodes = [node("RandomNormal", [], ["r"], shape=[10**6, 10**6]), node("ReduceSum", ["r"], ["s"], keepdims=0)]
    nodes += [node("Add", ["x", "s"], ["y"])]
    return model(nodes)


@case("run", "TOO_BIG")
def doubled_forty_times(_: Path) -> onnx.ModelProto:
    nodes = [node("Concat", [f"t{i}", f"t{i}"], [f"t{i + 1}"], axis=0) for i in range(40)]
    return model([node("Identity", ["x"], ["t0"]), *nodes, node("Identity", ["t40"], ["y"])])


@case("run", "TOO_BIG")
def each_with_each(_: Path) -> onnx.ModelProto:
    nodes = [node("Reshape", ["w", "a"], ["c"]), node("Reshape", ["w", "b"], ["r"]), node("MatMul", ["c", "r"], ["m"])]
    nodes += [node("ReduceMax", ["m"], ["s"], keepdims=0), node("Add", ["x", "s"], ["y"])]
    tables = [table("w", np.ones(10**6)), table("a", [-1, 1], np.int64), table("b", [1, -1], np.int64)]
    return model(nodes, tables=tables)


def _loop(body_nodes: Any, more_out: Any = (), trips: int | None = None, state: Any = None) -> onnx.ModelProto:
    body = h.make_graph(
        [node("Identity", ["ci"], ["co"]), *body_nodes], "b",
        [port("i", (), T.INT64), port("ci", (), T.BOOL), port("v", None)], [port("co", (), T.BOOL), port("vo", None), *more_out],
    )  # fmt: skip
    outs = ["y", *(f"s{i}" for i in range(len(more_out)))]
    tables = [table("c", True, bool), *([table("t", trips, np.int64)] if trips else [])]
    return model([node("Loop", ["t" if trips else "", "c", "x"], outs, body=body)], tables=tables)


@case("run", "TOO_SLOW")
def loop_without_an_end(_: Path) -> onnx.ModelProto:
    return _loop([node("Cos", ["v"], ["vo"])])


@case("run", "TOO_SLOW", "TOO_BIG", "CONTAINED")
def loop_that_keeps_everything(_: Path) -> onnx.ModelProto:
    shape = node("Constant", [], ["sh"], value=table("sh", [1000, 1000], np.int64))
    return _loop([node("Cos", ["v"], ["vo"]), shape, node("ConstantOfShape", ["sh"], ["keep"])], [port("keep", None)], 2**40)


@case("run", "TOO_SLOW")
def loops_inside_loops(_: Path) -> onnx.ModelProto:
    def inside(level: int) -> list[onnx.NodeProto]:
        if level == 0:
            return [node("Cos", ["v0"], ["vo0"])]
        below = h.make_graph(
            [node("Identity", [f"c{level - 1}"], [f"d{level - 1}"]), *inside(level - 1)], "b",
            [port(f"i{level - 1}", (), T.INT64), port(f"c{level - 1}", (), T.BOOL), port(f"v{level - 1}", None)],
            [port(f"d{level - 1}", (), T.BOOL), port(f"vo{level - 1}", None)],
        )  # fmt: skip
        return [node("Loop", ["t", "c", f"v{level}"], [f"vo{level}"], body=below)]

    tables = [table("t", 1000, np.int64), table("c", True, bool)]
    return model([node("Identity", ["x"], ["v4"]), *inside(4), node("Identity", ["vo4"], ["y"])], tables=tables)


@case("run", "TOO_SLOW")
def each_box_held_against_all_others(_: Path) -> onnx.ModelProto:
    n = 300_000
    nodes = [node("ConstantOfShape", ["s"], ["b"], value=table("v", [1.0])), node("ReduceSum", ["x"], ["q"], keepdims=0)]
    nodes += [node("Add", ["b", "q"], ["r"]), node("NonMaxSuppression", ["r", "sc", "m", "iou"], ["k"])]
    nodes += [node("Cast", ["k"], ["y"], to=T.FLOAT)]
    # Boxes without a size never overlap, so each is held against all that were kept.
    tables = [table("s", [1, n, 4], np.int64), table("sc", np.random.default_rng(0).random((1, 1, n))), table("m", [n], np.int64)]
    return model(nodes, tables=[*tables, table("iou", [0.5])])


@case("run", "CONTAINED", "INVALID")
def divided_by_nothing(_: Path) -> onnx.ModelProto:
    return model([node("Cast", ["x"], ["i"], to=T.INT32), node("Div", ["i", "z"], ["y"])], outputs=[port("y", None, T.INT32)],
                 tables=[table("z", [0], np.int32)])  # fmt: skip


@case("run", "CONTAINED", "INVALID")
def rest_of_a_division_by_nothing(_: Path) -> onnx.ModelProto:
    return model([node("Cast", ["x"], ["i"], to=T.INT64), node("Mod", ["i", "z"], ["y"])], outputs=[port("y", None, T.INT64)],
                 tables=[table("z", [0], np.int64)])  # fmt: skip


@case("run", "CONTAINED", "INVALID", "RAN_WITH_WARNING")
def window_larger_than_the_picture(_: Path) -> onnx.ModelProto:
    return model([node("AveragePool", ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2])], [port("x", (1, 64, 1, 1))])


@case("run", "INVALID", "TOO_BIG", "CONTAINED", "OK")
def window_of_a_billion(_: Path) -> onnx.ModelProto:
    nodes = [node("MaxPool", ["x"], ["y"], kernel_shape=[10**9, 10**9], pads=[5 * 10**8] * 4)]
    return model(nodes, [port("x", (1, 1, 8, 8))])


# ---- odd, and yet they run -----------------------------------------------------------------------------------------


@case("run", "RAN_WITH_WARNING")
def without_end_in_its_weights(_: Path) -> onnx.ModelProto:
    return model([node("Mul", ["x", "w"], ["y"])], tables=[table("w", [np.inf] * 4)])


@case("run", "RAN_WITH_WARNING")
def nothing_goes_in(_: Path) -> onnx.ModelProto:
    return model([node("Relu", ["x"], ["y"])], [port("x", (0, 4))])


@case("run", "RAN_WITH_WARNING")
def thrown_by_dice(_: Path) -> onnx.ModelProto:
    nodes = [node("Multinomial", ["x"], ["m"], sample_size=50, dtype=T.INT64), node("Cast", ["m"], ["y"], to=T.FLOAT)]
    return model(nodes, [port("x", (1, 40))])


@case("run", "OK", "RAN_WITH_WARNING")
def weights_given_as_inputs_too(_: Path) -> onnx.ModelProto:
    made = dense()
    made.graph.input.append(port("weight", (64, 64)))
    return made


@case("run", "OK")
def answers_in_a_list(_: Path) -> onnx.ModelProto:
    out = h.make_tensor_sequence_value_info("y", T.FLOAT, None)
    return model([node("SplitToSequence", ["x"], ["y"], axis=1)], outputs=[out])


@case("run", "OK")
def answers_in_a_map(_: Path) -> onnx.ModelProto:
    kind = onnx.TypeProto()
    kind.sequence_type.elem_type.map_type.key_type = T.INT64
    kind.sequence_type.elem_type.map_type.value_type.tensor_type.elem_type = T.FLOAT
    out = h.make_value_info("y", kind)
    step = node("ZipMap", ["x"], ["y"], domain="ai.onnx.ml", classlabels_int64s=[1, 2, 3, 4])
    return model([step], outputs=[out], extra=[("ai.onnx.ml", 1)])


@case("run", "OK", "UNSUPPORTED", "NEEDS_SAMPLE", "RAN_WITH_WARNING")
def words_go_in(_: Path) -> onnx.ModelProto:
    step = node("LabelEncoder", ["x"], ["y"], domain="ai.onnx.ml", keys_strings=["a", "b"], values_floats=[1.0, 2.0], default_float=0.0)
    return model([step], [port("x", (1, 4), T.STRING)], extra=[("ai.onnx.ml", 2)])


@case("run", "OK", "UNSUPPORTED")
def half_numbers(_: Path) -> onnx.ModelProto:
    return model([node("Sigmoid", ["x"], ["y"])], [port("x", (1, 4), T.FLOAT16)], [port("y", None, T.FLOAT16)])


@case("run", "OK", "UNSUPPORTED")
def other_half_numbers(_: Path) -> onnx.ModelProto:
    nodes = [node("Cast", ["x"], ["f"], to=T.FLOAT), node("Exp", ["f"], ["y"])]
    return model(nodes, [port("x", (1, 4), T.BFLOAT16)])


@case("run", "OK", "UNSUPPORTED")
def sixty_axes(_: Path) -> onnx.ModelProto:
    return model([node("Sigmoid", ["x"], ["y"])], [port("x", (1,) * 60)])


@case("run", "OK")
def ten_thousand_answers(_: Path) -> onnx.ModelProto:
    return model([node("Add", ["x", "x"], [f"y{i}"]) for i in range(10_000)], outputs=[port(f"y{i}") for i in range(10_000)])


@case("run", "NEEDS_SAMPLE")
def free_sizes_below_zero(_: Path) -> onnx.ModelProto:
    return model([node("Relu", ["x"], ["y"])], [port("x", (-1, 3, -1, -1))])


@case("run", "OK", "INVALID")
def the_same_step_name_everywhere(_: Path) -> onnx.ModelProto:
    made = dense()
    for step in made.graph.node:
        step.name = "step"
    return made


@case("run", "OK", "UNSUPPORTED", "INVALID")
def first_operator_set(_: Path) -> onnx.ModelProto:
    made = model([node("Relu", ["x"], ["y"], consumed_inputs=[0])], opset=1)
    made.ir_version = 3
    return made
