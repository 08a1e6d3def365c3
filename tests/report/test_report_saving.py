"""The file is there as a whole or not at all."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from advisor.problems import AdvisorError
from advisor.report import saving
from advisor.report.saving import save_whole

if TYPE_CHECKING:
    from pathlib import Path


def _refused(path: Path) -> str:
    with pytest.raises(AdvisorError) as caught:
        save_whole(b"new", path)
    (problem,) = caught.value.problems
    assert problem.code == "NO_ACCESS"
    assert path.name in problem.what_happened
    return f"{problem.what_it_means} {problem.what_to_do}"


def test_saves_over_an_older_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"old")
    save_whole(b"new", path)
    assert path.read_bytes() == b"new"
    assert [f.name for f in tmp_path.iterdir()] == ["report.pdf"]


def test_a_left_over_of_a_crash_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / f".report-{os.getpid()}-0.part").write_bytes(b"half")
    save_whole(b"new", tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes() == b"new"
    assert (tmp_path / f".report-{os.getpid()}-0.part").read_bytes() == b"half"


def test_refuses_a_folder_a_missing_folder_a_file_as_folder_and_a_long_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert "folder" in _refused(tmp_path)
    assert "does not exist" in _refused(tmp_path / "none" / "report.pdf")
    assert "not a folder" in _refused(tmp_path / "file" / "report.pdf")
    assert "too long" in _refused(tmp_path / ("n" * 300))
    assert "such a name" in _refused(tmp_path / "a\0b.pdf")
    assert sorted(f.name for f in tmp_path.iterdir()) == ["file"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_refuses_a_closed_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert "may not write" in _refused(tmp_path / "report.pdf")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "full"), "full"),
        (OSError(errno.EROFS, "read only"), "only be read"),
        (PermissionError(errno.EACCES, "in use"), "open in another program"),
        (OSError(errno.EIO, "broken"), "did not take"),
    ],
)
def test_a_failure_half_way_keeps_the_older_file(error: OSError, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"old")

    def fail(handle: int) -> None:
        raise error

    monkeypatch.setattr(saving.os, "fsync", fail)
    assert words in _refused(path)
    assert path.read_bytes() == b"old"
    assert [f.name for f in tmp_path.iterdir()] == ["report.pdf"]
