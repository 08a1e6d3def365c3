"""Which ONNX operators the installed ONNX Runtime works out on a processor, asked of the library itself.

    python -m catalogs.build.importers.kernels DAY

prints the rows of `onnxruntime:CPU` in catalogs/sources/operator_support.csv. An operator runs if the library has a kernel
for it, or if its definition takes it apart into others (a function in the ONNX standard).
"""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from catalogs.build.tables import Row

RUNTIME: Final = "onnxruntime:CPU"
COLUMNS: Final = ("runtimes", "support", "condition", "operators", "source", "as_of")
_DOMAINS: Final = ("", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc")
# Read before the run, so no kernel is needed.
_NEVER_RUN: Final = ("", "Constant")


def rows_of_library(day: str) -> list[Row]:
    """What runs, what does not, and that a name in no list is not known."""
    import onnx
    from advisor.benchmark.confinement import report_nothing

    report_nothing()
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as library

    kernels = {(k.domain, k.op_name) for k in library.get_all_opkernel_def() if k.provider == "CPUExecutionProvider"}
    standard = {(s.domain, s.name): s for s in onnx.defs.get_all_schemas()}
    apart = {name for name, s in standard.items() if s.has_function or s.has_context_dependent_function}
    known = {k for k in {*kernels, *standard, *((s.domain, s.name) for s in library.get_all_operator_schema())} if k[0] in _DOMAINS}
    runs = {k for k in known if k in kernels or k in apart or k == _NEVER_RUN}
    source = f"kernels of onnxruntime {onnxruntime.__version__}, definitions of onnx {onnx.__version__}"
    return [
        _row("yes", "", sorted(map(_name, runs)), source, day),
        _row("no", "no kernel for a processor", sorted(map(_name, known - runs)), source, day),
        _row("unknown", "neither an operator of ONNX nor of ONNX Runtime", ["*"], source, day),
    ]


def _row(support: str, condition: str, operators: list[str], source: str, day: str) -> Row:
    values = (RUNTIME, support, condition, " ".join(operators), source, day)
    return dict(zip(COLUMNS, values, strict=True))


def _name(key: tuple[str, str]) -> str:
    domain, operator = key
    return f"{domain}:{operator}" if domain else operator


if __name__ == "__main__":
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writerows(rows_of_library(sys.argv[1]))
