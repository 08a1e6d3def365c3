"""Made-up values for a model's inputs, the same for the same seed."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from advisor.benchmark.inputs import Input

    Feed = dict[str, NDArray[Any]]


# Stands for the owner's text where there is no sample; its length is told with the result.
SENTENCE: Final = (
    "We bought a small lamp last week and it came with a broken switch, so we would like to know how we can send it back to you."
)


def bytes_of(inputs: Iterable[Input]) -> int:
    """Memory that the values of all inputs take; an axis without anything counts as one, as numpy does."""
    return sum(prod(max(d, 1) for d in i.shape) * {"double": 8, "int64": 8, "uint64": 8, "string": 50}.get(i.dtype, 4) for i in inputs)


def made_up(inputs: Iterable[Input], seed: int, batch: int | None = None) -> Feed:
    """Values for the inputs, the same for the same seed; `batch` of them together where given."""
    import numpy as np

    rng = np.random.default_rng(seed)
    feed: Feed = {}
    for one in inputs:
        if one.fill == "none":
            continue
        shape = tuple(batch if batch is not None and axis in one.batch_axes else size for axis, size in enumerate(one.shape))
        match one.fill:
            case "uniform":
                values: NDArray[Any] = rng.random(shape, dtype=np.float32)
            case "ids":
                values = rng.integers(0, max(one.high, 1), shape)
            case "value":
                values = np.full(shape, one.high)
            case "text":
                feed[one.name] = np.full(shape, SENTENCE, dtype=object)
                continue
            case "zeros":
                values = np.zeros(shape)
            case _:
                values = np.ones(shape)
        feed[one.name] = np.asarray(values).astype(numpy_kind(one.dtype))
    return feed


def numpy_kind(dtype: str) -> Any:
    """NumPy's kind of number for an element type of ONNX."""
    import numpy as np
    import onnx

    if dtype == "string":
        return np.dtype(object)
    return onnx.helper.tensor_dtype_to_np_dtype(onnx.TensorProto.DataType.Value(dtype.upper()))
