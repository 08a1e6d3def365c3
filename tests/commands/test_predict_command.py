"""`predict` from tables to a table, on the published rows that come with the program."""

import csv

import pytest

COLUMNS = ("case_id", "request_id", "role", "chip_id", "runtime", "precision", "batch", "model", "input_shape", "config_id", "latency_ms")
TARGET = "amlogic-s805-cortex-a5-4-1-536ghz"


def table(path, *rows, columns=COLUMNS, text=None):
    if text is not None:
        path.write_text(text, encoding="utf-8")
        return path
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, (*columns, "params_millions", "gmacs", "activations_millions", "layers_total"), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(config, model, gmacs, **more):
    facts = {"params_millions": 3 * gmacs, "gmacs": gmacs, "activations_millions": 2 + gmacs, "layers_total": 60}
    shape = {"case_id": "C1", "batch": 1, "runtime": "ncnn-cpu", "precision": "fp32", "input_shape": "3x224x224"}
    return {**shape, **facts, "chip_id": config.split("|")[0], "config_id": config, "model": model, **more}


@pytest.fixture
def tables(folder):
    asked = [row(f"{TARGET}|cpu4", "mine", 0.5, request_id="R1"), row(f"{TARGET}|cpu4", "mine_too", 2.0, request_id="R2")]
    models = {
        "mobilenet": 0.57, "squeezenet": 0.8, "resnet18": 1.8, "googlenet": 1.5, "mobilenet_v2": 0.3, "shufflenet": 0.14,
        "mobilenet_v3": 0.22, "shufflenet_v2": 0.15, "blazeface": 0.04, "regnety_400m": 0.4, "mine": 0.5, "mine_too": 2.0,
    }  # fmt: skip
    own = [row("unknown-board|cpu4", model, gmacs, role="own-machine", latency_ms=20 * gmacs) for model, gmacs in models.items()]
    return ["--requests", table(folder / "r.csv", *asked), "--known", table(folder / "k.csv", *own)]


def test_forecasts_are_written_in_the_order_asked(run, tables, folder):
    said = run("predict", *tables, "--out", folder / "P.csv")
    assert (said.code, said.out, said.err) == (0, "2 forecasts written.\n", "")
    with (folder / "P.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["request_id"] for r in rows] == ["R1", "R2"]
    for r in rows:
        assert r["basis"] == "estimated"
        assert 0 < float(r["low_ms"]) <= float(r["latency_ms"]) <= float(r["high_ms"])


@pytest.mark.parametrize(
    ("option", "text", "word"),
    [
        ("--requests", "request_id,case_id\nR1,C1\n", "no column called chip_id"),
        ("--known", "a,b\n1\n", "no column called role"),
        ("--specs", "chip_id,fp16_tflops,memory_bandwidth_gbps\nx,1\n", "line 2, has too many or too few cells"),
        ("--withhold", "chip_id,model\nx,1,2\n", "line 2, has too many or too few cells"),
        ("--withhold", "", "no column called chip_id"),
    ],
)
def test_tables_that_cannot_be_used(run, tables, folder, option, text, word):
    given = table(folder / "given.csv", text=text)
    said = run("predict", *tables, option, given, "--out", folder / "P.csv")
    assert said.code == 2
    assert word in said.err
    assert not (folder / "P.csv").exists()


def test_a_table_in_another_code_is_refused(run, tables, folder):
    (folder / "given.csv").write_bytes("chip_id,model\nü,1\n".encode("utf-16"))
    said = run("predict", *tables, "--withhold", folder / "given.csv", "--out", folder / "P.csv")
    assert "given.csv is not a table" in said.err
