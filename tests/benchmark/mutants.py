"""Changes models at random, byte by byte and field by field, and tells what is not answered with a plain refusal.

Run as a program of its own (a changed model may end the process): `mutants.py SEED COUNT` prints how many of each answer there were
and one line for every error that was not foreseen.
"""

from __future__ import annotations

import contextlib
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import onnx

from advisor.benchmark import graph
from advisor.benchmark.containment import check_file
from advisor.benchmark.inputs import plan
from advisor.benchmark.looking import check_memory, ports_of
from advisor.problems import AdvisorError
from tests.benchmark.odd_files import CASES

MEMORY = 4 * 10**9
_LARGEST = 60_000
# By the type of a protobuf field (descriptor.proto): values at and beyond the edges.
_EDGES: dict[int, tuple[Any, ...]] = {
    1: (0.0, 1e300), 2: (0.0, float("nan"), 1e38), 3: (0, -1, 1, 2**62, -(2**63), 10**9), 4: (0, 2**63), 5: (0, -1, 1, 2**31 - 1, -(2**31)),
    9: ("", "x", "a/b", "\u202e", "../x"), 12: (b"", b"x"), 13: (0, 1, 2**32 - 1), 14: (0, 1, 2, 5, 7, 9),
}  # fmt: skip
_MESSAGE = 11


def bases(folder: Path) -> list[bytes]:
    """Small models to start from."""
    found = []
    for case in CASES:
        if case.how != "file" and case.id != "ten_thousand_answers":
            (folder / case.id).mkdir()
            path = case.make(folder / case.id)
            if path.is_file() and path.stat().st_size < _LARGEST:
                found.append(path.read_bytes())
    return found


def by_bytes(draw: random.Random, body: bytes) -> bytes:
    """A copy with a few bytes changed, lost, doubled or moved."""
    out = bytearray(body)
    for _ in range(draw.choice((1, 1, 2, 4, 8))):
        at, size = draw.randrange(len(out)), draw.choice((1, 2, 8, 40))
        match draw.randrange(5):
            case 0 | 1:
                out[at] = draw.choice((0, 1, 8, 127, 128, 255, draw.randrange(256)))
            case 2:
                del out[at : at + size]
            case 3:
                out[at:at] = out[max(0, at - size) : at]
            case _:
                there = draw.randrange(len(out))
                out[at : at + size] = out[there : there + size]
        out = out or bytearray(b"\0")
    return bytes(out)


def by_fields(draw: random.Random, body: bytes) -> bytes:
    """A copy with a few fields set to edge values, cleared, doubled or dropped."""
    model = onnx.ModelProto()
    try:
        model.ParseFromString(body)
    except Exception:  # noqa: BLE001 -- not every base can be parsed; bytes will do for those
        return by_bytes(draw, body)
    for _ in range(draw.choice((1, 2, 3))):
        _change(draw, model)
    try:
        return model.SerializeToString()
    except Exception:  # noqa: BLE001 -- a value that cannot be written
        return by_bytes(draw, body)


def _change(draw: random.Random, message: Any) -> None:
    while fields := message.ListFields():
        field, value = draw.choice(fields)
        many = hasattr(value, "__len__") and not isinstance(value, (str, bytes))
        if field.type == _MESSAGE and draw.random() > 0.1:
            if many and not len(value):
                return
            message = draw.choice(list(value)) if many else value
            continue
        if field.type == _MESSAGE:
            if many:
                value.add().CopyFrom(draw.choice(list(value))) if draw.random() < 0.5 else value.pop()
            else:
                message.ClearField(field.name)
        elif many:
            edge = draw.choice(_EDGES[field.type])
            with contextlib.suppress(ValueError):
                if len(value) and draw.random() < 0.7:
                    value[draw.randrange(len(value))] = edge
                else:
                    value.append(edge)
        elif draw.random() < 0.15:
            message.ClearField(field.name)
        else:
            # An enumeration takes only values of its own.
            with contextlib.suppress(ValueError):
                setattr(message, field.name, draw.choice(_EDGES[field.type]))
        return


def answer(path: Path) -> str:
    """The code of the refusal, or OK; what is done to a file before anything of it is run."""
    try:
        check_file(path)
        model = graph.read(path, MEMORY)
        inputs = plan(path.name, model, ports_of(model), {}, None)
        check_memory(path.name, model, inputs, MEMORY)
        graph.profile(model, path, {i.name: i.shape for i in inputs}).to_json()
    except AdvisorError as error:
        return error.problems[0].code
    return "OK"


def main(seed: int, count: int) -> None:
    """Prints the answers."""
    draw, codes = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        start = bases(Path(folder))
        path = Path(folder) / "model.onnx"
        for _ in range(count):
            body = draw.choice(start)
            path.write_bytes(by_fields(draw, body) if draw.random() < 0.6 else by_bytes(draw, body))
            try:
                codes[answer(path)] += 1
            except Exception as error:  # noqa: BLE001 -- what this is for
                sys.stdout.write(f"UNFORESEEN {type(error).__name__}: {str(error)[:200]!r}\n")
    sys.stdout.write(f"ANSWERS {dict(codes)}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
