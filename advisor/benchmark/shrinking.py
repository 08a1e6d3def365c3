"""Makes a slimmer copy of a model in a private folder: 8-bit numbers (int8) or half-length ones (fp16).

Runs only in the benchmark's own process and within its limits. The copies are onnxruntime's own: dynamic quantization for
products with tables, static for convolutions too, set up with the owner's samples (its documentation, "Quantize ONNX models":
dynamic for recurrent and transformer models, static for convolutions; convolutions quantized dynamically ran 2.5 to 10 times
slower when tried). Symbolic shape inference is left out: it needs a further library.
"""

from __future__ import annotations

import logging
import platform
import shutil
import tempfile
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark import refusals
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from onnx import ModelProto

    from advisor.benchmark.made_up import Feed
    from advisor.model_profile import ModelProfile

_DYNAMIC: Final = ("MatMul", "Gemm", "LSTM", "Attention", "EmbedLayerNormalization", "Gather")
_STATIC: Final = ("Conv", "MatMul", "Gemm", "Add", "Mul", "MaxPool", "AveragePool", "GlobalAveragePool", "Concat", "Clip", "Relu")
_EIGHT_BIT: Final = frozenset(
    {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "ConvInteger", "QLinearConv", "QLinearMatMul",
     "DynamicQuantizeMatMul", "DynamicQuantizeLSTM", "MatMulIntegerToFloat", "QAttention", "QGemm", "MatMulNBits"}
)  # fmt: skip
_MADE_AT_RANDOM: Final = frozenset({"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"})
# QuantizeLinear takes a scale for each channel from here on (ONNX, Changelog.md, version 13).
_PER_CHANNEL: Final = 13
# Larger files are written in parts, one for each table: no file may pass the limit on what a benchmark process writes.
_ONE_FILE: Final = 200_000_000


def refusal(facts: ModelProfile, how: str) -> str:
    """Why no copy of this kind is to be made, as words that follow the model's name; '' if there is no reason."""
    if any(op in _EIGHT_BIT for op in facts.operators) or facts.precision in ("int8", "int4"):
        return "is a slim copy already: it works with 8-bit numbers or shorter ones"
    if how == "half" and facts.precision in ("fp16", "bf16"):
        return "is a slim copy already: it works with half-length numbers"
    if any(op in _MADE_AT_RANDOM for op in facts.operators):
        return "answers differently each time, so a copy's answers could not be compared with its own"
    return ""


def make(source: Path, folder: Path, how: str, feeds: Sequence[Feed], memory_bytes: int) -> tuple[Path, int]:
    """The copy's file and how many bytes it takes, its other files included.

    Args:
        source: the model, already found safe to read.
        folder: an empty private folder; everything is written there.
        how: `dynamic`, `static` (8-bit numbers) or `half`.
        feeds: the owner's samples, for `static`.

    Raises:
        AdvisorError: UNSUPPORTED, with the reason; the tools raise whatever they like, which `plain_reason` puts into words.
    """
    import onnx

    from advisor.benchmark import graph

    logging.disable(logging.WARNING)
    # The tools put large files aside too; they shall go with the folder, however this process ends.
    tempfile.tempdir = str(folder)
    model = graph.read(source, memory_bytes)
    onnx.external_data_helper.load_external_data_for_model(model, str(source.parent))
    target = folder / "copy.onnx"
    if how == "half":
        _write(_halved(model), target)
    else:
        before = folder / "before"
        before.mkdir()
        if how == "static":
            model = _with_newer_operators(model)
        per_channel = _operator_set(model) >= _PER_CHANNEL
        ready = _prepare(model, before)
        del model
        if how == "dynamic":
            _dynamic(ready, target)
        else:
            _static(ready, target, feeds, per_channel=per_channel)
        shutil.rmtree(before)
        _check_shrunk(source.name, target)
    return target, sum(p.stat().st_size for p in folder.iterdir() if p.is_file())


def not_made(name: str, why: str) -> Problem:
    """No copy is made of this model; `why` follows its name."""
    return Problem("UNSUPPORTED", "precision", f"{refusals.shown(name)} {why}.", "We make no slimmer copy of it.", "Measure it as it is.")


def plain_reason(error: BaseException) -> str:
    """Why the copy could not be made, as a sentence without jargon."""
    if isinstance(error, AdvisorError):
        return error.problems[0].what_happened
    if isinstance(error, OSError):
        return "The copy is too large for the room that we may use."
    if isinstance(error, MemoryError):
        return "Making the copy needs more memory than we may use."
    return "The tool that makes such copies cannot handle a part of this model."


def _halved(model: ModelProto) -> ModelProto:
    from onnxruntime.transformers.float16 import convert_float_to_float16

    # Inputs and outputs stay as they are, so that the copy can stand in for the model.
    halved: ModelProto = convert_float_to_float16(model, keep_io_types=True)
    return halved


def _write(model: ModelProto, target: Path) -> None:
    import onnx

    if model.ByteSize() < _ONE_FILE:
        target.write_bytes(model.SerializeToString())
        return
    onnx.save_model(model, str(target), save_as_external_data=True, all_tensors_to_one_file=False, size_threshold=1024)


def _prepare(model: ModelProto, folder: Path) -> Path:
    """The model simplified as the quantizers like it; as it is where that fails or its file would be too large."""
    from onnxruntime.quantization.shape_inference import quant_pre_process

    raw, ready = folder / "raw.onnx", folder / "ready.onnx"
    _write(model, raw)
    if raw.stat().st_size >= _ONE_FILE or len(list(folder.iterdir())) > 1:
        return raw
    try:
        # A path, not the model: the tool takes the weights out of a model that it is handed.
        quant_pre_process(raw, ready, skip_symbolic_shape=True)
    except Exception:  # noqa: BLE001 -- a step that may be left out; its errors have no common base
        return raw
    return ready


def _dynamic(ready: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(ready, target, op_types_to_quantize=list(_DYNAMIC), weight_type=QuantType.QInt8, per_channel=False)


def _operator_set(model: ModelProto) -> int:
    return max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)


def _with_newer_operators(model: ModelProto) -> ModelProto:
    """The model in the first operator set that knows a scale for each channel; as it is where it cannot be brought there."""
    import onnx

    if _operator_set(model) >= _PER_CHANNEL:
        return model
    try:
        newer: ModelProto = onnx.version_converter.convert_version(model, _PER_CHANNEL)
    except Exception:  # noqa: BLE001 -- the converter knows not every operator and raises what it likes
        return model
    return newer


def _static(ready: Path, target: Path, feeds: Sequence[Feed], *, per_channel: bool) -> None:
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left: Iterator[Feed] = iter(feeds)

        def get_next(self) -> Feed | None:
            return next(self._left, None)

    on_arm = platform.machine().lower() in ("arm64", "aarch64")
    quantize_static(
        ready,
        target,
        Reader(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=list(_STATIC),
        # onnxruntime's advice for each kind of processor (quantize_static, "Choosing parameters for CPU inference").
        activation_type=QuantType.QInt8 if on_arm else QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        reduce_range=not on_arm and not _has_vnni(),
        per_channel=per_channel,
        extra_options={"ActivationSymmetric": on_arm},
    )


def _has_vnni() -> bool:
    from advisor.benchmark import machine

    return any("vnni" in i or i == "amx-int8" for i in machine.describe().isa)


def _check_shrunk(name: str, target: Path) -> None:
    import onnx

    copy: Any = onnx.load_model(str(target), load_external_data=False)
    # The tools leave branches and loops alone, so the main line tells.
    if not any(n.op_type in _EIGHT_BIT for n in copy.graph.node):
        raise AdvisorError(not_made(name, "has no part that can be made smaller this way"))
