"""The owner's own files as inputs of a model: which there are, and the feed that each gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from advisor.benchmark import refusals
from advisor.benchmark.decoding import KINDS, bad_sample, decode
from advisor.benchmark.preparing import answers_in, prepare, sizes_of_text
from advisor.model_profile import Port
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.benchmark.decoding import Decoded
    from advisor.benchmark.made_up import Feed
    from advisor.benchmark.protocol import Job

_MOST_FILES: Final = 2000
_LARGEST: Final = 1_000_000_000


class SampleFiles:
    """Samples in a file or folder, read when they are asked for: each file once, a table for all its rows."""

    def __init__(self, path: Path, ports: Sequence[Port]) -> None:
        """Looks which files there are and into the first; raises AdvisorError (NO_ACCESS, NEEDS_SAMPLE)."""
        if not path.exists():
            raise AdvisorError(refusals.no_access(path.name or str(path), "there is no such file"))
        files = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith(".")) if path.is_dir() else [path]
        if not path.is_dir() and not path.is_file():
            raise AdvisorError(bad_sample(path.name, "is not a plain file"))
        self.files = [f for f in files if f.is_file() and f.suffix.lower() in KINDS][:_MOST_FILES]
        if not self.files:
            raise AdvisorError(bad_sample(path.name, "holds no sample that we can read"))
        self.ports = tuple(ports)
        self._last: tuple[int, Decoded] | None = None
        self._index: list[tuple[int, int]] = []
        for n, file in enumerate(self.files):
            # Tables are looked into to count their rows; any other file is one sample.
            rows = answers_in(self._decoded(n), self.ports) if file.suffix.lower() == ".csv" else 1
            self._index += [(n, row) for row in range(rows)]
            if len(self._index) >= _MOST_FILES:
                break

    @classmethod
    def of(cls, job: Job) -> SampleFiles:
        """The samples of a step whose inputs are settled."""
        return cls(Path(str(job.inputs)), [Port(i["name"], i["dtype"], tuple(i["shape"])) for i in job.step["inputs"]])

    def __len__(self) -> int:
        return len(self._index)

    def feed(self, i: int) -> Feed:
        """Sample i, counted round and round.

        Raises:
            AdvisorError: NEEDS_SAMPLE where the file cannot be read or does not fit.
        """
        number, row = self._index[i % len(self._index)]
        return prepare(self.files[number].name, self._decoded(number), self.ports, row)

    def sizes(self) -> dict[str, int]:
        """Free sizes of the model that the first sample settles: by its shapes, or by the length of its text."""
        out = sizes_of_text(self._decoded(0), self.ports)
        first = self.feed(0)
        for port in self.ports:
            given = first.get(port.name)
            if given is None or not hasattr(given, "shape") or len(given.shape) != len(port.shape):
                continue
            out |= {d: int(n) for d, n in zip(port.shape, given.shape, strict=True) if isinstance(d, str) and n > 0}
        return out

    def _decoded(self, number: int) -> Decoded:
        if self._last is None or self._last[0] != number:
            self._last = (number, decode(self.files[number], read(self.files[number])))
        return self._last[1]


def read(file: Path) -> bytes:
    """The bytes of a sample file.

    Raises:
        AdvisorError: NO_ACCESS, or NEEDS_SAMPLE where it is too large.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise AdvisorError(bad_sample(file.name, "is larger than 1 GB", "Choose a smaller sample."))
        return file.read_bytes()
    except OSError as error:
        raise AdvisorError(refusals.no_access(file.name, error.strerror or "it cannot be opened")) from None
