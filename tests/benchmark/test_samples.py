"""The owner's own files: sound, tables, text, lists; each becomes what the model takes, or is refused in plain words."""

import struct
import wave

import numpy as np
import pytest

from advisor.benchmark.decoding import Sound, decode, number
from advisor.benchmark.samples import SampleFiles
from advisor.model_profile import Port
from advisor.problems import AdvisorError


def every(path, *ports):
    files = SampleFiles(path, ports)
    return [files.feed(i) for i in range(len(files))]


def refused(path, *ports):
    with pytest.raises(AdvisorError) as caught:
        every(path, *ports)
    problem = caught.value.problems[0]
    assert problem.code == "NEEDS_SAMPLE"
    return problem.sentence()


def written(path, values, rate=8000, width=2, channels=1):
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(values)
    return path


# ---- sound -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "raw", "read"),
    [
        (1, bytes([128, 192, 0]), [0, 0.5, -1]),
        (2, struct.pack("<3h", 0, 16384, -32768), [0, 0.5, -1]),
        (3, b"".join(struct.pack("<i", v)[:3] for v in (0, 4194304, -8388608)), [0, 0.5, -1]),
        (4, struct.pack("<3i", 0, 2**30, -(2**31)), [0, 0.5, -1]),
    ],
)
def test_whole_numbers_of_every_width_are_read(tmp_path, width, raw, read):
    path = written(tmp_path / "a.wav", raw, width=width)
    sound = decode(path, path.read_bytes())
    assert isinstance(sound, Sound)
    assert sound.rate == 8000
    assert sound.wave.tolist() == pytest.approx(read, abs=1e-6)


def test_broken_numbers_and_several_channels(tmp_path):
    body = struct.pack("<4f", 0.5, -0.5, 1.0, 0.5)
    about = struct.pack("<HHIIHH", 3, 2, 16000, 128000, 8, 32)
    chunks = b"fmt " + struct.pack("<I", 16) + about + b"data" + struct.pack("<I", len(body)) + body
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    sound = decode(path, path.read_bytes())
    assert sound.wave.tolist() == [0.0, 0.75]


def test_a_sound_gives_its_length_and_rate_and_leaves_the_state_alone(tmp_path):
    path = written(tmp_path / "a.wav", struct.pack("<4h", 1, 2, 3, 4), rate=16000)
    ports = (Port("state", "float", (2, 1, 64)), Port("input", "float", ("batch", "samples")), Port("sr", "int64", ()))
    files = SampleFiles(path, ports)
    feed = files.feed(0)
    assert set(feed) == {"input", "sr"}
    assert feed["input"].shape == (1, 4)
    assert feed["sr"].item() == 16000
    assert files.sizes() == {"batch": 1, "samples": 4}


def test_a_sound_is_cut_or_filled_where_the_length_is_fixed(tmp_path):
    path = written(tmp_path / "a.wav", struct.pack("<4h", 8192, 8192, 8192, 8192))
    (long,) = every(path, Port("audio", "float", (1, 6)))
    assert long["audio"].tolist() == [[0.25, 0.25, 0.25, 0.25, 0, 0]]
    (short,) = every(path, Port("audio", "float", (3,)))
    assert short["audio"].shape == (3,)


@pytest.mark.parametrize(
    ("shape", "fed"), [(("batch", "n", 1), (1, 4, 1)), ((1, 1, "n"), (1, 1, 4)), (("n",), (4,)), ((1, 6, 1), (1, 6, 1))]
)
def test_a_sound_runs_along_the_axis_that_is_not_one(tmp_path, shape, fed):
    path = written(tmp_path / "a.wav", struct.pack("<4h", 1, 2, 3, 4))
    (feed,) = every(path, Port("audio", "float", shape))
    assert feed["audio"].shape == fed


def test_sounds_that_do_not_fit_are_refused(tmp_path):
    path = written(tmp_path / "a.wav", struct.pack("<2h", 1, 2))
    assert "does not take plain sound" in refused(path, Port("features", "float", (1, 80, "frames")))
    (tmp_path / "b.wav").write_bytes(b"RIFF....WAVEjunk")
    assert "could not be read" in refused(tmp_path / "b.wav", Port("audio", "float", (1, "n")))


# ---- tables ------------------------------------------------------------------------------------------------------


def test_each_row_of_a_table_is_one_answer(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a;b\n1,5;2\n3;4\n", encoding="utf-8")
    first, second = every(path, Port("x", "float", ("batch", 2)))
    assert first["x"].tolist() == [[1.5, 2.0]]
    assert second["x"].tolist() == [[3.0, 4.0]]
    (both,) = every(path, Port("x", "double", (2, 2)))
    assert both["x"].tolist() == [[1.5, 2], [3, 4]]
    (series,) = every(path, Port("x", "float", (1, "time", 2)))
    assert series["x"].shape == (1, 2, 2)
    (flat, _) = every(path, Port("x", "float", (2,)))
    assert flat["x"].tolist() == [1.5, 2.0]


def test_columns_are_found_by_name_numbers_and_words_alike(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("town,age,unused\nKiel,30,x\nBonn,41,y\n", encoding="utf-8")
    first, second = every(path, Port("age", "float", ("n", 1)), Port("town", "string", ("n", 1)))
    assert (first["age"].tolist(), first["town"].tolist()) == ([[30.0]], [["Kiel"]])
    assert second["town"].tolist() == [["Bonn"]]
    assert "no column called “height”" in refused(path, Port("age", "float", ("n", 1)), Port("height", "float", ("n", 1)))


def test_tables_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("1,2,3\n4,5,6\n", encoding="utf-8")
    assert "has 3 columns, but the model takes 4" in refused(path, Port("x", "float", ("n", 4)))
    assert "takes 5 at once" in refused(path, Port("x", "float", (5, 3)))
    path.write_text("a,b\n1,x\n", encoding="utf-8")
    assert "one cell says “x”" in refused(path, Port("x", "float", ("n", 2)))
    path.write_text("1,2\n3\n", encoding="utf-8")
    assert "different numbers of cells" in refused(path, Port("x", "float", ("n", 2)))
    path.write_text("", encoding="utf-8")
    assert "empty" in refused(path, Port("x", "float", ("n", 2)))


def test_numbers_with_a_point_or_a_comma():
    assert (number("1.5"), number("1,5"), number("-3"), number("1,2,3"), number("x"), number("")) == (1.5, 1.5, -3, None, None, None)


# ---- text, lists, pictures ---------------------------------------------------------------------------------------


def test_a_text_is_fed_as_words_or_gives_its_length(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("We would like to order forty rolls.", encoding="utf-8")
    (fed,) = every(path, Port("text", "string", ("batch", 1)))
    assert fed["text"].tolist() == [["We would like to order forty rolls."]]
    files = SampleFiles(path, (Port("input_ids", "int64", ("batch", "seq")), Port("attention_mask", "int64", ("batch", "seq"))))
    assert files.feed(0) == {}
    # 35 letters, four to a word piece.
    assert files.sizes()["seq"] == 9
    assert "takes none" in refused(path, Port("x", "float", (1, 3)))


def test_a_list_of_tables_and_an_input_that_may_be_left_out(tmp_path):
    np.savez(tmp_path / "a.npz", **{"xs[0]": np.ones((1, 2)), "xs[1]": np.zeros((3, 2)), "y": np.ones(2)})
    (feed,) = every(tmp_path / "a.npz", Port("xs", "sequence", ()), Port("y", "float", (2,)), Port("o", "optional", ()))
    assert [t.shape for t in feed["xs"]] == [(1, 2), (3, 2)]
    assert "o" not in feed


def test_pictures_fit_the_colours_and_the_size(tmp_path):
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", (40, 30), (255, 0, 0)).save(tmp_path / "a.png")
    (grey,) = every(tmp_path / "a.png", Port("x", "float", (1, 1, 8, 6)))
    assert grey["x"].shape == (1, 1, 8, 6)
    (mixed,) = every(tmp_path / "a.png", Port("h0", "float", (2, 1, 64)), Port("x", "float", ("n", 3, "h", "w")))
    assert set(mixed) == {"x"}
    assert "takes none" in refused(tmp_path / "a.png", Port("x", "float", (1, 5)))


def test_a_picture_far_too_large_is_refused(tmp_path, monkeypatch):
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    monkeypatch.setattr(image, "MAX_IMAGE_PIXELS", 1000)
    assert "could not be read" in refused(tmp_path / "a.png", Port("x", "float", (1, 3, 8, 8)))
