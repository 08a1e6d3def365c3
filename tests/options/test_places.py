"""Measurements of several machines: each stands at its own machine and nowhere else."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from advisor import answer
from advisor.advice import Kind
from advisor.answer import Inputs
from advisor.evidence import Basis
from advisor.measurement import Round, Software, run_of
from advisor.need import from_json
from advisor.options import places_of
from advisor.problems import AdvisorError
from tests.advisor.answers import SEED, TODAY, need, the_catalog
from tests.advisor.test_measurement import a_measurement

if TYPE_CHECKING:
    from advisor.advice import Advice, Option
    from advisor.measurement import Measurement

OWN = need(site={"owned": [{"what": "office PC 2021", "free": "always", "is_this_computer": True}]}, job__model={"onnx": "m.onnx"})
THE_CATALOG = the_catalog()
RENTED = "aws:m7a.xlarge"
SERVER = "office server 2023"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers without turning points, which have tests of their own."""
    monkeypatch.setattr(answer, "turning_points", lambda *_: ())


def answered(document: dict[str, Any], measurements: tuple[Measurement, ...] = ()) -> Advice:
    inputs = Inputs(from_json(document), measurements=measurements)
    return answer.advise(inputs, THE_CATALOG, today=TODAY, seed=SEED, language="en")


def timed(ms: float, trust: str = "good", day: str | None = None, **machine: Any) -> Measurement:
    made = a_measurement()
    rounds = tuple(Round(ms * x, 200) for x in (1.0, 1.05, 1.1))
    runs = (run_of("single-stream", [ms] * 400, threads=1),)
    return replace(
        made, machine=replace(made.machine, **machine), runs=runs, rounds=rounds, best_round_ms=ms, range_ms=(ms, ms * 1.1), trust=trust,
        measured_on=day,
    )  # fmt: skip


def rented(ms: float, **machine: Any) -> Measurement:
    return timed(ms, cpu="AMD EPYC 9R14", **{"logical_cores": 4, "memory_gb": 16.2, "name": RENTED, **machine})


def two_computers() -> dict[str, Any]:
    asked = deepcopy(OWN)
    asked["site"]["owned"].append({"what": SERVER, "free": "always"})
    return asked


def owned_options(a: Advice) -> dict[str, Option]:
    return {o.name: o for o in a.options if o.kind is Kind.EDGE_EXISTING}


def refused(*measurements: Measurement) -> str:
    with pytest.raises(AdvisorError) as caught:
        places_of(measurements, (), THE_CATALOG)
    assert caught.value.problems[0].field == "--measurement"
    return caught.value.problems[0].sentence()


@pytest.mark.usefixtures("quick")
def test_each_measurement_stands_at_its_own_computer() -> None:
    here, there = timed(60.0), timed(250.0, cpu="Another processor", name=f" {SERVER.upper()}")
    alone, both, only_there = (answered(two_computers(), measurements=ms) for ms in ((here,), (there, here), (there,)))
    bases = {name: o.basis for name, o in owned_options(both).items()}
    assert set(bases.values()) == {Basis.MEASURED}
    (server,) = (o for name, o in owned_options(both).items() if SERVER in name)
    (pc,) = (o for name, o in owned_options(both).items() if SERVER not in name)
    assert 250 <= server.latency_ms.p50 < 450
    assert 60 <= pc.latency_ms.p50 < 130
    # What was measured there says nothing of this computer, which stays a forecast.
    (pc,) = (o for name, o in owned_options(only_there).items() if SERVER not in name)
    assert pc.basis is Basis.ESTIMATED
    (server,) = (o for name, o in owned_options(alone).items() if SERVER in name)
    assert server.basis is Basis.ESTIMATED


@pytest.mark.usefixtures("quick")
def test_a_rented_machine_takes_its_own_time_and_says_so() -> None:
    asked = deepcopy(OWN)
    asked["site"]["rented"] = [{"provider": "aws", "instance_type": "m7a.xlarge", "spare_share": 1.0}]
    a = answered(asked, measurements=(timed(900.0), rented(33.0)))
    (option,) = (o for o in a.options if o.id == f"cloud_instance:{RENTED}:own")
    assert option.basis is Basis.MEASURED
    without = answered(asked, measurements=(timed(900.0),))
    (forecast,) = (o for o in without.options if o.id == option.id)
    assert forecast.basis is Basis.ESTIMATED
    assert option.latency_ms.p50 != pytest.approx(forecast.latency_ms.p50, rel=0.02)
    words = " ".join(x for s in a.report.sections for x in (*s.paragraphs, *s.bullets))
    assert "On AWS m7a.xlarge the model ran in 3 fresh starts" in words
    rows = {r.id: r for r in a.ledger}
    assert rows["measured.2.best"].value == pytest.approx(0.033)
    assert rows["measured.2.best"].basis is Basis.MEASURED
    assert "AMD EPYC 9R14" in rows["measured.2.best"].source


@pytest.mark.usefixtures("quick")
def test_an_offer_of_the_list_is_measured_wherever_it_is_rented() -> None:
    asked = deepcopy(OWN)
    asked["site"]["owned"] = []
    # The profile is missing, so the work is known from a measurement of this computer.
    a = answered(asked, (timed(900.0),))
    option = next(o for o in a.options if o.kind is Kind.CLOUD_INSTANCE and o.feasible)
    name = option.parts[0].catalog_id
    o = THE_CATALOG.offers
    row = o.type_row_of(*name.split(":", 1))
    m = timed(12.0, name=name, logical_cores=max(round(float(o.type_vcpus[row])), 1), memory_gb=float(o.type_memory_gib[row]) * 1.07)
    b = answered(asked, measurements=(m,))
    same = [x for x in b.options if x.kind is Kind.CLOUD_INSTANCE and x.parts[0].catalog_id == name]
    assert same
    assert {x.basis for x in same} == {Basis.MEASURED}
    assert {x.basis for x in b.options if x.kind is Kind.CLOUD_INSTANCE and x.parts[0].catalog_id != name} <= {Basis.ESTIMATED}


@pytest.mark.parametrize("how", ["device", "chip"])
def test_a_device_to_buy_is_measured_by_its_id_or_its_chip(how: str) -> None:
    device = next(d for d in THE_CATALOG.devices if d["device_id"] == "raspberry-pi-5")
    m = timed(222.0, **({"name": device["device_id"]} if how == "device" else {"chip_id": device["chip_ids"]}))
    found = places_of((m,), (), THE_CATALOG)
    assert found.here is None
    assert found.devices["raspberry-pi-5"] is m
    assert {d["chip_ids"] for d in THE_CATALOG.devices if d["device_id"] in found.devices} == {device["chip_ids"]}


def test_of_several_on_one_machine_the_most_trusted_and_newest_counts() -> None:
    poor, old, new = timed(9.0, "poor", "2026-11-24"), timed(8.0, day="2026-11-20"), timed(7.0, day="2026-11-23")
    found = places_of((new, poor, old), (), THE_CATALOG)
    assert found.here is new
    assert found.spare == (poor, old)


@pytest.mark.parametrize(
    ("machine", "word"),
    [
        ({"logical_cores": 8}, "processor cores"),
        ({"memory_gb": 64.0}, "GB of memory"),
        ({"name": "aws:no-such-type"}, "no such machine"),
        ({"name": "the neighbour's PC"}, "no such machine"),
    ],
)
def test_a_measurement_that_cannot_be_of_that_machine_is_refused(machine: dict[str, Any], word: str) -> None:
    assert word in refused(rented(10.0, **machine))


def test_a_graphics_machine_is_not_measured_by_its_processor() -> None:
    o = THE_CATALOG.offers
    row = next(i for i in range(len(o.type_name)) if o.type_provider[i] == "aws" and str(o.type_chip[i]) and o.type_vcpus[i] == 4)
    name = f"aws:{o.type_name[row]}"
    m = rented(10.0, name=name, memory_gb=float(o.type_memory_gib[row]) * 1.07)
    assert "graphics chip" in refused(m)
    on_card = replace(m, software=Software("1.32.0", ("CUDAExecutionProvider", "CPUExecutionProvider"), {"CUDAExecutionProvider": 1.0}))
    assert places_of((on_card,), (), THE_CATALOG).rented == {name: on_card}


def test_two_computers_without_a_name_are_refused() -> None:
    assert "different computers" in refused(timed(10.0), timed(11.0, cpu="Another processor"))
    assert places_of((timed(10.0), timed(11.0)), (), THE_CATALOG).spare
