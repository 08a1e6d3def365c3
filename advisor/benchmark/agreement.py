"""Counts how often a slimmer copy answers as the model itself does. What counts as the same depends on the kind of answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from advisor.slimmer import Agreement, wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# A number may move by this share of the span of all answers and still count as the same.
CLOSE: Final = 0.01
# Where a row may be scores or may be measures, the first must stay first and no number move further than this of its span.
NEAR: Final = 0.05
_SCORES: Final = re.compile(r"logit|prob|score|class|softmax|label", re.IGNORECASE)


class Tally:
    """Takes pairs of answers one after the other; `result` counts them. The rules are set by the first answer."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._rules: list[str] = []
        # By answer and output: same so far, and how far the numbers moved.
        self._same: list[bool] = []
        self._moved: list[dict[int, float]] = []
        self._low: dict[int, float] = {}
        self._high: dict[int, float] = {}
        self._firsts: set[tuple[Any, ...]] = set()

    def add(self, own: Sequence[Any], copy: Sequence[Any], rows: int = 1) -> None:
        """One run of both on the same input; with `rows` above 1 each row of all outputs is an answer of its own."""
        a, b = [_plain(x) for x in own], [_plain(x) for x in copy]
        if not self._rules:
            lone = sum(_is_float(x) for x in a) == 1
            self._rules = [_rule(name, x, lone) for name, x in zip(self._names, a, strict=True)]
        if rows > 1 and all(hasattr(x, "shape") and x.ndim and x.shape[0] == rows for x in (*a, *b)):
            for i in range(rows):
                self._add([x[i : i + 1] for x in a], [x[i : i + 1] for x in b])
        else:
            self._add(a, b)

    def _add(self, a: list[Any], b: list[Any]) -> None:
        import numpy as np

        same, moved = True, {}
        first: list[Any] = []
        for k, (rule, x, y) in enumerate(zip(self._rules, a, b, strict=True)):
            if rule == "exact":
                same &= _equal(x, y)
                continue
            if x.shape != y.shape or not np.array_equal(np.isfinite(x), np.isfinite(y)):
                same = False
                continue
            known = np.isfinite(x)
            # Differences may be larger than a half number holds.
            off = np.abs(x.astype(np.float64) - y.astype(np.float64))[known]
            worst = float(off.max(initial=0.0))
            low, high = float(x[known].min(initial=np.inf)), float(x[known].max(initial=-np.inf))
            if known.any():
                self._low[k], self._high[k] = min(self._low.get(k, low), low), max(self._high.get(k, high), high)
                moved[k] = worst
            if rule != "close" and x.size:
                tops = x.argmax(axis=-1)
                same &= bool((tops == y.argmax(axis=-1)).all())
                first.append(tops.tobytes())
            if rule == "top-1-and-near" and known.any():
                same &= worst <= NEAR * (high - low)
        self._same.append(same)
        self._moved.append(moved)
        if first:
            self._firsts.add(tuple(first))

    def result(self, inputs: str) -> Agreement | None:
        """The count; `None` if there was no answer to compare. `inputs`: `sample` or `made-up`."""
        n = len(self._same)
        if not n:
            return None
        span = {k: self._high[k] - self._low[k] for k in self._low}

        def close(moved: dict[int, float]) -> bool:
            return all(m <= CLOSE * span[k] for k, m in moved.items() if self._rules[k] == "close")

        alike = sum(same and close(moved) for same, moved in zip(self._same, self._moved, strict=True))
        low, high = wilson(alike, n)
        changes = [m / span[k] for moved in self._moved for k, m in moved.items() if span[k] > 0]
        order = ("close", "top-1-and-near", "top-1", "exact")
        rules = [r for r in order if r in self._rules]
        return Agreement(
            same_share=alike / n,
            low=low,
            high=high,
            n=n,
            inputs=inputs,
            rule="+".join(rules),
            distinct=len(self._firsts) or None,
            largest_change=max(changes, default=None),
        )


def _equal(x: Any, y: Any) -> bool:
    import numpy as np

    if isinstance(x, list) or isinstance(y, list):
        return isinstance(x, list) and isinstance(y, list) and len(x) == len(y) and all(_equal(a, b) for a, b in zip(x, y, strict=True))
    return bool(np.array_equal(x, y)) if hasattr(x, "shape") else bool(x == y)


def _is_float(x: Any) -> bool:
    return hasattr(x, "dtype") and x.dtype.kind == "f"


def _plain(x: Any) -> Any:
    """An answer as a table; scores by class (a list of one mapping for each row) become rows of scores."""
    import numpy as np

    if isinstance(x, list) and x and all(isinstance(d, dict) and d for d in x):
        keys = sorted(x[0], key=str)
        if all(sorted(d, key=str) == keys for d in x):
            return np.asarray([[float(d[k]) for k in keys] for d in x], dtype=np.float64)
    if isinstance(x, list) and x and all(isinstance(t, np.ndarray) and t.shape == x[0].shape for t in x):
        return np.stack(x)
    return x


def _rule(name: str, x: Any, lone: bool) -> str:
    """What counts as the same for an output; `lone`: it is the only one with broken numbers."""
    if not _is_float(x):
        return "exact"
    if x.ndim < 2 or x.shape[-1] < 2:
        return "close"
    if _are_shares(x):
        return "top-1"
    if x.ndim == 2 and lone:
        return "top-1" if _SCORES.search(name) else "top-1-and-near"
    return "close"


def _are_shares(x: NDArray[Any]) -> bool:
    """Whether the last axis holds shares of a whole."""
    import numpy as np

    return bool(x.size and np.isfinite(x).all() and x.min() >= -1e-6 and np.allclose(x.sum(axis=-1, dtype=np.float64), 1.0, atol=1e-2))
