"""How wrong the forecasts are: python -m advisor.forecast.accuracy SOURCES DOCUMENT DAY.

Every chip is forecast without its own rows (or, where the chip is known, every fifth of its rows without that fifth),
and every range is drawn from the errors of the other chips. Writes docs/accuracy.md.
"""

from __future__ import annotations

import csv
import io
import lzma
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.learned import balanced
from advisor.forecast.tables import NARROWEST, WIDEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.forecast.evidence import Row, Tables
    from advisor.forecast.learned import Learned

WORDS: Final = {
    "cpu.family-fit": "Processor never seen, cores, clock and instruction set known",
    "cpu.same-chip-fit": "Processor with published rows, a model it never ran",
    "gpu.spec-ratio": "Graphics chip never seen, arithmetic and memory speed known, one call at a time",
    "gpu.same-chip-fit": "Graphics chip with published rows (same rows, so this flatters)",
    "gpu.batch": "Graphics chip never seen, large batches, work known by class of operator",
    "gpu.batch.totals": "Graphics chip never seen, large batches, work known by its totals",
    "npu.same-chip-fit": "Small accelerator with published rows, a model it never ran",
    "npu.spec-ratio": "Small accelerator never seen, 8-bit peak known",
    "npu.spill": "Reading a model that a small accelerator has no room for, a model it never ran",
    "text.cpu": "Text model writing, processor never seen, memory speed known",
    "text.shared": "Text model writing, chip that shares the computer's memory, never seen",
    "text.gpu": "Text model writing, graphics card never seen",
}


@dataclass(frozen=True, slots=True)
class Score:
    """One tier: rows, chips, median and 90th percentile of |forecast/published - 1|, share inside the 80 % range, its half-width."""

    rows: int
    chips: int
    median: float
    p90: float
    coverage: float
    half_width: float


def packed(folder: Path) -> Tables:
    """The tables kept compressed in a folder, `name.csv.xz` or `name.csv`."""

    @cache
    def read(name: str) -> Sequence[Row]:
        path = folder / f"{name}.csv.xz"
        if path.exists():
            text = lzma.decompress(path.read_bytes()).decode("utf-8-sig")
        else:
            text = (folder / f"{name}.csv").read_text(encoding="utf-8")
        return tuple(csv.DictReader(io.StringIO(text)))

    return read


def score(errors: Sequence[tuple[str, float]]) -> Score | None:
    """The score of log errors (published over forecast) by chip, every chip counting the same; `None` below three chips."""
    names = sorted({e[0] for e in errors})
    if len(names) < 3:
        return None
    inside, width, weight, off = [], [], [], []
    for name in names:
        low, high = balanced([e for e in errors if e[0] != name])
        low, high = float(np.clip(low, -np.log(WIDEST), -np.log(NARROWEST))), float(np.clip(high, np.log(NARROWEST), np.log(WIDEST)))
        mine = [e[1] for e in errors if e[0] == name]
        inside += [low <= x <= high for x in mine]
        off += [abs(np.exp(-x) - 1) for x in mine]
        weight += [1 / len(mine)] * len(mine)
        width.append((high - low) / 2)
    order = np.argsort(off)
    share = np.cumsum(np.array(weight)[order]) / np.sum(weight)
    sorted_off = np.array(off)[order]
    return Score(
        len(errors),
        len(names),
        float(sorted_off[np.searchsorted(share, 0.5)]),
        float(sorted_off[min(int(np.searchsorted(share, 0.9)), len(off) - 1)]),
        float(np.average(inside, weights=weight)),
        float(np.exp(np.mean(width))),
    )


def report(tables: Tables, day: str) -> str:
    """The document."""
    from advisor.forecast.learning import learn

    learned = learn(tables)
    lines = [
        "# How good the forecasts are",
        "",
        f"Worked out on {day} from the public latencies in catalogs/sources with",
        "`python -m advisor.forecast.accuracy catalogs/sources docs/accuracy.md DAY`.",
        "",
        "Each chip was forecast without any of its own rows, and its range was drawn from the errors of the other chips only.",
        "Every chip counts the same, however many rows it has. 80 of 100 figures should lie inside their range.",
        "",
        "| What is forecast | rows | chips | middle error | 9 of 10 within | inside the range | range, factor either way |",
        "|---|---|---|---|---|---|---|",
    ]
    thin = []
    for tier, words in WORDS.items():
        s = score(learned.errors.get(tier, ()))
        if s is None:
            thin.append(words)
            continue
        lines.append(
            f"| {words} | {s.rows:,} | {s.chips} | {s.median:.0%} | {s.p90:.0%} | {s.coverage:.0%} | {s.half_width:.2f} |",
        )
    lines += (
        ["", "Too few chips to judge, so the range is a judgement or rests on two chips: " + "; ".join(thin) + ".", ""] if thin else [""]
    )
    lines += by_class(learned)
    lines += by_counted_work(tables)
    lines += [
        "## What falls short",
        "",
        "- No published row runs our very runtime version. Times of other runtimes are brought to ours by chips that were timed with both;",
        "  on Arm and on x86 that is one chip each.",
        "- How many cores a published cloud figure used is mostly not told. Such rows are left out; rented processors rest on desktop",
        "  and board processors, plus a judged share for strangers on the same machine.",
        "- Graphics chips at one call at a time rest on a dozen chips, most with one network. Range: about 2.5 times either way.",
        "- Small accelerators are published as frames a second of a filled pipeline; one answer takes longer, by as",
        "  much as on accelerators published both ways (npu.pipeline in speed_classes.csv). Where a model has no room on the chip, what",
        "  a Raspberry Pi's connector lets through is a judgement, and so are models of text made of parts (mixtures of experts).",
        "- Reading a prompt on processors and answers side by side are judgements.",
        "- Where a model's work is not known, it is guessed from its size and the range is four times wider either way.",
        "",
        "- What a class of operator costs on processors was timed on one processor only, on one thread.",
        "- Networks that could not be counted (18 of 150 in the accelerator tables) are told by their size and layers.",
        "",
        "The owner's own measurement is always better than any of this.",
        "",
    ]
    return "\n".join(lines)


def by_class(learned: Learned) -> list[str]:
    """What work by class of operator gains on our own runtime, over the totals of the same models; families left out."""
    out = [
        "Models timed by us with onnxruntime on one processor (catalogs/sources/own_timings.csv.xz), the processor's speed known:",
        "",
        "| What is known of the model | models | middle error | 9 of 10 within |",
        "|---|---|---|---|",
    ]
    for key, words in (("totals", "GMACs, activations, operators"), ("classes", "Work by class of operator, its family never seen")):
        off = np.abs(np.expm1([-e for _, e in learned.errors[f"work.cpu.{key}"]]))
        out.append(f"| {words} | {len(off)} | {np.median(off):.1%} | {np.quantile(off, 0.9):.0%} |")
    return [*out, ""]


_PAIRS: Final = (
    ("timm gpu eager", "timm cpu", "Graphics card, large batches, from a processor (PyTorch)"),
    ("timm gpu eager", "timm gpu eager", "Graphics card, large batches, from another card (PyTorch)"),
    ("ncnn-cpu", "ncnn-cpu", "Processor from another processor (ncnn)"),
    ("ncnn-vulkan", "ncnn-cpu", "Small graphics chip from a processor (ncnn)"),
    ("aihub npu", "aihub npu", "Small accelerator from another one, by counted work alone"),
)


def by_counted_work(tables: Tables) -> list[str]:
    """Cross-validated errors of forecasts from counted work: published models forecast without any model of their family."""
    from advisor.forecast.counted import Rooflines
    from advisor.forecast.published import Known

    lines = Rooflines(Known(tables, []))
    out = [
        "## From one measured machine to a published one, whole families of models left out",
        "",
        "Every published model is forecast from the counted work of its operators, a roofline learned without its family, and the",
        "surprise that the other machine had with it (a share of it, learned over all pairs).",
        "",
        "| What is forecast | figures | share carried over | middle error | 9 of 10 within |",
        "|---|---|---|---|---|",
    ]
    for target, own, words in _PAIRS:
        errors = lines.left_out(target, own)
        if len(errors):
            off = np.abs(np.expm1(-errors))
            carry = lines.carry(target, own).share
            out.append(f"| {words} | {len(off):,} | {carry:.2f} | {np.median(off):.1%} | {np.quantile(off, 0.9):.0%} |")
    out += [
        "",
        "Published predictors on like work (catalogs/sources/anchors.csv; on other data, mostly means, which are higher than middle",
        "errors):",
        "",
        "- New network on a known graphics card: Li, Sun & Jog 2023 state 7 %. Compare the first two rows above: a little below it.",
        "- New graphics card: NeuSight 2025 6 % (middle; kernels described one by one), Li, Sun & Jog 15 %. Compare T3 (three figures",
        "  known) and T4 (data sheet only) of the practice exam below: we are worse than NeuSight, and without any figure worse than both.",
        "- Family of networks never seen on a known platform: BRP-NAS on NNLQ's families 13 to 52 % (means). Compare the last three rows",
        "  above and T1 below: in or below that range, but on other machines and other families.",
        "- Where kernels are measured on the target itself (nn-Meter, LitePred: 99 of 100 within a tenth; NNLQP 1 %) we cannot keep up: we",
        "  do not measure on machines the owner does not have.",
        "",
    ]
    return out


EXAM: Final = "## The practice exam (make exam)"
_EXAM_WORDS: Final = """
Forecasts in bulk from one measured machine to machines with published rows (T1, T2), with three figures (T3) or a data sheet only
(T4), for models whose whole family is left out. Errors are in per cent of the time; `cover` should be 0.80; `half` is the range as a
factor either way; `met` names the goals that are missed.
"""


def exam_of(document: str) -> str:
    """The table of the exam in a document, '' where there is none."""
    _, _, rest = document.partition(EXAM)
    return rest.partition(_EXAM_WORDS)[2].strip()


def with_exam(document: str, table: str) -> str:
    """The document with this table of the exam at its end."""
    plain = document.partition(EXAM)[0].rstrip()
    return f"{plain}\n\n{EXAM}\n{_EXAM_WORDS}\n{table}\n" if table else f"{plain}\n"


def main(arguments: Sequence[str]) -> None:
    """Writes the document."""
    sources, document, day = arguments
    path = Path(document)
    told = exam_of(path.read_text(encoding="utf-8")) if path.exists() else ""
    path.write_text(with_exam(report(packed(Path(sources)), day), told), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
