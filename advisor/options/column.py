"""A number for each of many candidates, worked out only for those that are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def column(n: int, at: Callable[[Ints | slice], Floats]) -> Floats:
    """An array of shape (n,) that `at` works out for the rows asked for."""
    return cast("Floats", Column(n, at))


class Column(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands in the place of an array of shape (n,), of which an answer shows a dozen of 80,000 numbers.

    Rows that are picked are worked out for themselves; as a whole it is worked out once, when it is reckoned with.
    """

    def __init__(self, n: int, at: Callable[[Ints | slice], Floats]) -> None:
        self.shape, self.ndim = (n,), 1
        self._at = at
        self._whole: Floats | None = None

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Any:
        if self._whole is None and isinstance(rows, (int, np.integer)):
            return self._at(np.array([rows]))[0]
        if self._whole is None and isinstance(rows, np.ndarray) and rows.dtype.kind == "i" and rows.ndim == 1:
            return self._at(rows)
        return np.asarray(self)[rows]

    def copy(self) -> Floats:
        """All of it, to be written to."""
        return np.array(self, copy=True)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if self._whole is None:
            self._whole = self._at(slice(None))
            self._whole.setflags(write=False)
        return np.array(self._whole, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **how: Any) -> Any:
        return getattr(ufunc, method)(*(np.asarray(x) if isinstance(x, Column) else x for x in inputs), **how)
