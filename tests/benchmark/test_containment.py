"""What may be opened, judged from the outside."""

import io
import os
import struct
import zipfile

import pytest

from advisor.benchmark.containment import check_file, check_part
from advisor.benchmark.refusals import shown
from advisor.problems import AdvisorError


def code_of(path):
    with pytest.raises(AdvisorError) as caught:
        check_file(path)
    problem = caught.value.problems[0]
    for part in (problem.what_happened, problem.what_it_means, problem.what_to_do):
        assert not any(w in part.lower() for w in ("invalid", "sorry", "please", "oops", "traceback"))
    return problem.code, problem.what_happened


def packed(inside):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(inside, b"x" * 10)
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "code", "word"),
    [
        (b"", "DAMAGED", "damaged"),
        (b"\0" * 4096, "DAMAGED", "damaged"),
        (packed("archive/data.pkl"), "NOT_A_MODEL", "PyTorch"),
        (packed("model.onnx"), "NOT_A_MODEL", "zip"),
        (b"\x80\x04\x95pickle", "NOT_A_MODEL", "pickle"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 50, "NOT_A_MODEL", "Keras"),
        (struct.pack("<I", 28) + b"TFL3" + b"\0" * 50, "NOT_A_MODEL", "Lite"),
        (struct.pack("<I", 24) + b"ORTM" + b"\x07" * 50, "NOT_A_MODEL", "ORT"),
        (b"GGUF\3\0\0\0" + b"\0" * 50, "NOT_A_MODEL", "GGUF"),
        (struct.pack("<Q", 16) + b'{"w":{"dtype":1}' + b"\0" * 16, "NOT_A_MODEL", "safetensors"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "NOT_A_MODEL", "Git"),
        (b"<!DOCTYPE html><html></html>", "NOT_A_MODEL", "web page"),
        (b'<?xml version="1.0"?><net name="x"/>', "NOT_A_MODEL", "XML"),
        ("Grüße aus der Bäckerei\n".encode(), "NOT_A_MODEL", "text"),
        ("text in another code".encode("utf-16"), "NOT_A_MODEL", "text"),
        (b"\x1f\x8b\x08" + bytes(range(64)), "NOT_A_MODEL", "gzip"),
        (b"\x7fELF" + bytes(range(64)), "NOT_A_MODEL", "program"),
        (bytes(range(255, 0, -1)) * 8, "NOT_A_MODEL", "not a model"),
    ],
)
def test_first_bytes_tell(tmp_path, body, code, word):
    path = tmp_path / "model.onnx"
    path.write_bytes(body)
    found = code_of(path)
    assert found[0] == code
    assert word.lower() in found[1].lower()


def test_models_pass(dense_file, tmp_path):
    check_file(dense_file)
    odd = tmp_path / "Modèle 100% \U0001f600 #1.ONNX"
    odd.write_bytes(dense_file.read_bytes())
    check_file(odd)


def test_lost_beginning_of_a_model_is_damage(tmp_path, dense_file):
    body = dense_file.read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(bytes(range(200, 216)) + body[16:])
    assert code_of(path)[0] == "DAMAGED"


def test_folder_and_missing(tmp_path):
    assert code_of(tmp_path)[0] == "NOT_A_MODEL"
    assert code_of(tmp_path / "gone.onnx")[0] == "NO_ACCESS"
    assert code_of(tmp_path / ("x" * 5000))[0] == "NO_ACCESS"


@pytest.mark.skipif(os.name != "posix", reason="pipes and links of this kind are POSIX's")
def test_pipes_links_and_leave(tmp_path, dense_file):
    pipe = tmp_path / "pipe.onnx"
    os.mkfifo(pipe)
    assert code_of(pipe)[0] == "NOT_A_MODEL"
    loop = tmp_path / "loop.onnx"
    loop.symlink_to(loop)
    assert code_of(loop)[0] == "NO_ACCESS"
    broken = tmp_path / "broken.onnx"
    broken.symlink_to(tmp_path / "nowhere")
    assert code_of(broken)[0] == "NO_ACCESS"
    dense_file.chmod(0)
    assert code_of(dense_file)[0] == "NO_ACCESS"


def test_more_than_protobuf_can_hold(tmp_path, dense_file):
    path = tmp_path / "big.onnx"
    path.write_bytes(dense_file.read_bytes())
    with path.open("r+b") as file:
        file.truncate(2**31)
    assert code_of(path)[0] == "TOO_BIG"


@pytest.mark.parametrize(
    "location",
    [
        "../w.bin",
        "a/../../w.bin",
        "/etc/hostname",
        "\\\\host\\share\\w.bin",
        "C:\\w.bin",
        "http://127.0.0.1/w",
        "file:w",
        "~/w",
        "",
        "a\0b",
    ],
)
def test_parts_outside_are_unsafe(tmp_path, location):
    with pytest.raises(AdvisorError) as caught:
        check_part(tmp_path / "model.onnx", location)
    assert caught.value.problems[0].code == "UNSAFE"


@pytest.mark.skipif(os.name != "posix", reason="links of this kind are POSIX's")
def test_linked_parts_are_unsafe(tmp_path):
    home = tmp_path / "model"
    home.mkdir()
    (tmp_path / "w.bin").write_bytes(b"weights")
    (home / "soft").symlink_to(tmp_path / "w.bin")
    os.link(tmp_path / "w.bin", home / "hard")
    os.mkfifo(home / "pipe")
    for location in ("soft", "hard", "pipe"):
        with pytest.raises(AdvisorError) as caught:
            check_part(home / "model.onnx", location)
        assert caught.value.problems[0].code == "UNSAFE"


def test_parts_beside_the_model(tmp_path):
    (tmp_path / "w.bin").write_bytes(b"weights")
    assert check_part(tmp_path / "model.onnx", "w.bin") == tmp_path / "w.bin"
    with pytest.raises(AdvisorError) as caught:
        check_part(tmp_path / "model.onnx", "other.bin")
    assert caught.value.problems[0].code == "MISSING_PART"
    assert "other.bin" in caught.value.problems[0].sentence()


def test_names_are_shown_without_tricks():
    assert shown("\u202egnp.onnx") == "?gnp.onnx"
    assert "\x1b" not in shown("\x1b[31mred")
    assert len(shown("m" * 300)) <= 80
