"""Opens a model in onnxruntime and turns its errors into plain answers. Only the benchmark's processes import it."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark import refusals
from advisor.problems import AdvisorError, ExitCode, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Sends the input to a service on the internet; never used here.
_REMOTE: Final = frozenset({"AzureExecutionProvider"})
_MEMORY: Final = re.compile(
    r"bad.?alloc|bad allocation|failed to allocate|out of memory|bfcarena|safeint|integer overflow|vector::_M_default_append"
    r"|length_error|cannot create std::vector|too large|exceeds? max",
    re.IGNORECASE,
)
_UNKNOWN_PART: Final = re.compile(
    r"not a registered function|no schema registered|no op registered|unsupported model ir|not implemented"
    r"|could not find an implementation|not currently registered or supported"
    r"|type 'tensor\((float8|float4|u?int4|u?int2|complex|bfloat16)|opset \d+ is under development|only guarantee"
    r"|unsupported type|not supported|nesting|recursion",
    re.IGNORECASE,
)
_NOT_FED: Final = re.compile(r"can't be converted to mldatatype", re.IGNORECASE)
_LOCALE: Final = re.compile(r"construct locale", re.IGNORECASE)
_MISSING: Final = re.compile(r"no such file|cannot open file|file_size|external data path|file does not exist", re.IGNORECASE)


def providers() -> list[str]:
    """The parts of this computer that can run models, best first (onnxruntime's own order); the processor is last."""
    import onnxruntime

    return [p for p in onnxruntime.get_available_providers() if p not in _REMOTE]


def open_session(model: Path | bytes, threads: int, *, profile_to: Path | None = None, as_written: bool = False) -> Any:
    """An onnxruntime session; `as_written`: without onnxruntime's own changes. Raises whatever onnxruntime raises."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Spinning threads look busy to the rest of the computer and slow each other down when cores are few.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.add_session_config_entry("session.load_model_format", "ONNX")
    if as_written:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    if profile_to is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile_to)
    if "CUDAExecutionProvider" in providers():
        # The card's libraries may lie in Python packages, where the system does not look for them.
        onnxruntime.preload_dlls()
    source = model if isinstance(model, bytes) else str(model)
    if isinstance(model, Path) and refusals.as_text(str(model)) != str(model):
        # onnxruntime takes no path that is not text.
        source = model.read_bytes()
    return onnxruntime.InferenceSession(source, options, providers=providers())


def runner(session: Any, feed: Mapping[str, Any]) -> Callable[[], list[Any]]:
    """One answer of the session, with everything prepared beforehand."""
    names = None
    values = dict(feed)

    def run() -> list[Any]:
        outputs: list[Any] = session.run(names, values)
        return outputs

    return run


def record(model: Path, feed: Mapping[str, Any], *, as_written: bool = False) -> list[dict[str, Any]]:
    """The steps of one answer as onnxruntime's own profile tells them: operator, sizes, part of the computer."""
    with tempfile.TemporaryDirectory() as folder:
        session = open_session(model, 1, profile_to=Path(folder) / "steps", as_written=as_written)
        session.run(None, dict(feed))
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    return [e for e in events if e.get("cat") == "Node" and "kernel" in e["name"] and "provider" in e.get("args", {})]


def node_share(events: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Share of the steps that each part of the computer ran, from `record`."""
    ran = Counter(e["args"]["provider"] for e in events)
    return {p: round(n / len(events), 4) for p, n in ran.most_common()}


def problem_of(error: BaseException, name: str, *, running: bool, made_up: bool, limit: int | None, sample: str = "") -> AdvisorError:
    """The plain answer to an error of onnxruntime.

    Args:
        running: the model was open and gave no answer; else it could not be opened.
        made_up: the values (or some size) were ours, so the fault may be in them and not in the model.
        limit: memory we allowed [bytes].
        sample: what was fed from the owner's sample, which may be at fault; '' if nothing was.
    """
    said, kind = str(error), type(error).__name__
    if isinstance(error, MemoryError) or _MEMORY.search(said):
        return AdvisorError(refusals.too_big(name, "needs more memory than we may use", limit))
    if _LOCALE.search(said):
        problem = refusals.unsupported(name, "English text rules (en_US.UTF-8) that this computer lacks")
        return AdvisorError(
            Problem(problem.code, problem.field, problem.what_happened, problem.what_it_means, "Add that language to the computer.")
        )
    if running:
        if _NOT_FED.search(said):
            return AdvisorError(refusals.unsupported(name, "a kind of number for its input that we cannot make"))
        if sample:
            return AdvisorError(refusals.sample_fails(name, sample))
        if made_up:
            return AdvisorError(refusals.needs_sample(name, (), "Our made-up input made it stop with an error."))
        return AdvisorError(refusals.malformed(name, "it stops with an error when it runs"))
    if kind == "InvalidProtobuf":
        return AdvisorError(refusals.damaged(name))
    if kind == "NotImplemented" or _UNKNOWN_PART.search(said):
        return AdvisorError(refusals.unsupported(name, "a part or a kind of number that is not supported"))
    if kind == "NoSuchFile" or _MISSING.search(said):
        return AdvisorError(refusals.missing_part(name, ("its weights",)))
    return AdvisorError(refusals.malformed(name))


STOPPED: Final = ExitCode.STOPPED
