"""Sample files that are broken or meant to hurt: each is refused in one plain sentence that names the file."""

import gc
import io
import os
import pickle
import struct
import zipfile
import zlib

import numpy as np
import pytest

from advisor.benchmark.samples import SampleFiles
from advisor.model_profile import Port
from advisor.problems import AdvisorError

PICTURE = (Port("x", "float", (1, 3, 8, 8)),)


def npz(**arrays):
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def npy(header):
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + b"\0" * 64


def png(width, height, body=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def secret():
    body = bytearray(npz(x=np.zeros((1, 3, 8, 8), np.float32)))
    # The mark of a password in each part's own head and in the list at the end.
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(sign) + at] |= 1
    return bytes(body)


class Trap:
    def __reduce__(self):
        return os.mkdir, ("TRAP_WAS_RUN",)


BAD = {
    "cut.npz": npz(x=np.zeros(100))[:60],
    "garbled.npz": npz(x=np.zeros(4000)).replace(b"\x93NUMPY", b"\x93NUMPZ"),
    "secret.npz": secret(),
    "empty.npz": b"",
    "no-table.npz": npz(),
    "pickled.npz": npz(x=np.array([Trap()], dtype=object)),
    "pickled.npy": pickle.dumps(Trap()),
    "huge.npy": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1099511627776), }"),
    "below-zero.npy": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-5, 4), }"),
    "code.npy": npy("__import__('os').mkdir('TRAP_WAS_RUN')"),
    "bomb.png": png(60_000, 60_000, zlib.compress(b"\0" * 1000)),
    "cut.png": png(8, 8)[:30],
    "nothing.jpg": b"\xff\xd8\xff\xe0",
    "words.csv": b"name,place\nAnna,Rome\n",
    "holes.csv": b"1,2,3\n4,,6\n",
    "uneven.csv": b"1,2,3\n4,5\n",
    "zeros.csv": b"1,\0,3\n",
    "one-line.csv": b"1," * 200_000,
    "picture.csv": png(8, 8),
    "latin.txt": b"\xc4pfel",
}


# numpy leaves a damaged archive open; the process that reads it ends a moment later.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_samples_are_refused_in_one_sentence(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / name
    path.write_bytes(BAD[name])
    with pytest.raises((AdvisorError, MemoryError)) as caught:
        SampleFiles(path, PICTURE).feed(0)
    # Out of memory is told as TOO_BIG by the process around it.
    if isinstance(caught.value, AdvisorError):
        problem = caught.value.problems[0]
        assert problem.code == "NEEDS_SAMPLE"
        assert problem.field == name
        assert problem.sentence().isprintable()
    assert [p.name for p in tmp_path.iterdir()] == [name]
    del caught
    gc.collect()


@pytest.mark.skipif(os.name != "posix", reason="pipes and such links are POSIX's")
def test_pipes_and_circles_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "circle.npy").symlink_to(tmp_path / "circle.npy")
    for name in ("pipe.npz", "circle.npy"):
        with pytest.raises(AdvisorError) as caught:
            SampleFiles(tmp_path / name, PICTURE).feed(0)
        assert caught.value.problems[0].code in ("NEEDS_SAMPLE", "NO_ACCESS")


def test_a_bomb_in_a_zip_ends_at_the_limit_of_memory(tmp_path, dense_file):
    """Six gigabytes of zeros in a file of six megabytes: told as too big, by the process that reads it."""
    from dataclasses import replace

    from advisor.benchmark import client
    from advisor.benchmark.protocol import Limits

    path = tmp_path / "bomb.npz"
    header = npy(f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({3 * 2**28 // 8}, 64), }}")[:-64]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.npy", "w", force_zip64=True) as out:
        out.write(header)
        for _ in range(6):
            out.write(bytes(2**20))
    job = replace(client.profile_job(dense_file, inputs=path), limits=Limits(30, 20, 10**9))
    with pytest.raises(AdvisorError) as caught:
        client.run_job(job)
    assert caught.value.problems[0].code == "TOO_BIG"
