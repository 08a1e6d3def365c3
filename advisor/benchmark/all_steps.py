"""Every step that a job may start in a fresh process, by name. Each gives plain values back; `whole_run` puts them together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark.copy_steps import compare, pair, shrink
from advisor.benchmark.looking import inspect, look
from advisor.benchmark.scenes import after_idle, end_to_end, sizes, sustained
from advisor.benchmark.steps import batches, ladder, round_, streams

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.benchmark.opened import Tell
    from advisor.benchmark.protocol import Job

STEPS: Final[dict[str, Callable[[Job, Tell], dict[str, Any]]]] = {
    "inspect": inspect,
    "look": look,
    "round": round_,
    "batches": batches,
    "streams": streams,
    "after-idle": after_idle,
    "sustained": sustained,
    "end-to-end": end_to_end,
    "sizes": sizes,
    "ladder": ladder,
    "shrink": shrink,
    "compare": compare,
    "pair": pair,
}
