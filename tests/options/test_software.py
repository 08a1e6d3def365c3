"""Software that cannot run a step of the owner's model: a rule where it stops, a caution where the processor takes over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor import __version__
from advisor.catalog.operators import level_of
from advisor.explain import explain
from advisor.findings import Findings
from advisor.model_profile import ModelProfile
from advisor.need import from_json
from advisor.options import candidates
from advisor.recommend import choose
from advisor.work import work_of
from tests.advisor.answers import KINDS, SEED, need, setting_of, the_catalog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from advisor.options import Group

PLAIN = ("Add", "Concat", "MaxPool", "Relu", "Sigmoid")
HAILO = "edge_new:hailo-8-m2+raspberry-pi-5"
BOARD = "edge_new:raspberry-pi-5"
JETSON = "edge_new:jetson-orin-nano-super-devkit"
MAC = "edge_new:apple-mac-mini-m4-16gb"
ALL = sorted({r["operator"] for r in the_catalog().table("operator_support")} - {"*"})
CHIPS = sorted(c.id for c in the_catalog().chips.values() if c.recommendable)


def groups(document: Mapping[str, Any], *operators: str) -> tuple[Group, ...]:
    setting = setting_of(document)
    return candidates(replace(setting, work=replace(setting.work, operators=operators)))


def bought(*operators: str) -> Group:
    return next(g for g in groups(need(), *operators) if g.ids(0).startswith("edge_new"))


def row(g: Group, name: str) -> int:
    return next(i for i in range(g.n) if g.ids(i) == name)


def beside(g: Group, name: str) -> set[str]:
    return {c for c in g.looks(row(g, name)).cautions if c.startswith("caution.operators")}


def test_a_compiler_that_stops_at_a_step_rules_its_chips_out() -> None:
    g = bought(*PLAIN, "TopK")
    out = {g.ids(i) for i in range(g.n) if "rule.operators" in g.broken(i)}
    assert HAILO in out
    assert all("hailo" in name or "hat-plus-2" in name for name in out)
    assert g.looks(row(g, HAILO)).falls_short == ("TopK",)
    assert beside(g, HAILO) == set()


def test_a_step_left_to_the_processor_is_a_caution_and_no_rule() -> None:
    g = bought(*PLAIN, "Unique")
    assert "rule.operators" not in g.broken(row(g, JETSON))
    assert beside(g, JETSON) == {"caution.operators.slow"}
    assert g.looks(row(g, JETSON)).falls_short == ("Unique",)
    assert beside(g, BOARD) == set()


@pytest.mark.parametrize(
    ("step", "name", "key"),
    [
        ("Conv", HAILO, "in-part"),
        ("Einsum", HAILO, "not-told"),
        ("Conv", MAC, "may-be-slow"),
        ("com.microsoft:GroupQueryAttention", JETSON, "may-be-slow"),
    ],
)
def test_support_in_part_or_unknown_is_a_caution(step: str, name: str, key: str) -> None:
    g = bought(*PLAIN, step)
    assert "rule.operators" not in g.broken(row(g, name))
    assert beside(g, name) == {f"caution.operators.{key}"}


def test_what_runs_wholly_has_nothing_beside_it() -> None:
    g = bought(*PLAIN)
    for name in (HAILO, BOARD, JETSON):
        assert "rule.operators" not in g.broken(row(g, name))
        assert beside(g, name) == set()


def test_without_the_model_file_nothing_changes() -> None:
    for document in KINDS.values():
        setting = setting_of(document)
        assert setting.work.operators == ()
        for g in candidates(setting):
            assert all("rule.operators" not in r.rule or not np.any(r.mask) for r in g.removals)
            assert not any(c.startswith("caution.operators") for i in range(min(g.n, 40)) for c in g.looks(i).cautions)


def test_a_step_that_no_processor_knows_rules_out_every_processor() -> None:
    found = groups(need(), *PLAIN, "ImageDecoder")
    existing = next(g for g in found if g.ids(0).startswith("edge_existing"))
    assert "rule.operators" in existing.broken(0)
    new = next(g for g in found if g.ids(0).startswith("edge_new"))
    assert "rule.operators" in new.broken(row(new, BOARD))
    rented = [g for g in found if g.ids(0).startswith("cloud_instance")]
    assert all("caution.operators.not-told" in g.looks(i).cautions for g in rented for i in range(0, g.n, 500))


def test_a_rented_card_that_leaves_steps_to_the_processor_says_so() -> None:
    found = groups(KINDS["cloud_batch"], *PLAIN, "Unique")
    g = next(g for g in found if g.ids(0).startswith("cloud_batch"))
    said = [i for i in range(0, g.n, 50) if "caution.operators.slow" in g.looks(i).cautions]
    plain = [i for i in range(0, g.n, 50) if i not in said]
    assert said
    assert all(g.looks(i).falls_short == ("Unique",) for i in said[:20])
    assert all(g.looks(i).falls_short == () for i in plain[:20])


def test_a_mix_carries_what_falls_short_on_either_side() -> None:
    document = KINDS["hybrid"]
    mixes = [g for g in groups(document, *PLAIN, "Conv") if g.ids(0).startswith("hybrid")]
    assert mixes
    for g in mixes:
        for i in range(g.n):
            looks = g.looks(i)
            assert bool(looks.falls_short) == any(c.startswith("caution.operators") for c in looks.cautions)


def test_the_steps_are_named_in_the_fold_and_nowhere_else() -> None:
    setting = setting_of(KINDS["edge_new"])
    setting = replace(setting, work=replace(setting.work, operators=(*PLAIN, "GatherElements", "Mod", "TopK", "Unique", "MatMulInteger")))
    found = candidates(setting)
    told = explain(Findings(setting, found, choose(setting, found, SEED), (), (), None), "en", __version__)
    rule = next(r for r in told.refused if r.rule == "operators")
    assert rule.text.startswith("Its software cannot run every step of your model.")
    where = {s.id for s in told.report.sections if any("GatherElements" in x or "Unique" in x for x in (*s.paragraphs, *s.bullets))}
    assert where == {"method"}
    method = next(s for s in told.report.sections if s.id == "method")
    assert method.folded
    out = next(x for x in method.paragraphs if x.startswith("Some ways were ruled out"))
    assert "GatherElements, MatMulInteger, Mod and more." in out


def profile(**changes: Any) -> ModelProfile:
    facts: dict[str, Any] = {
        "name": "m.onnx", "sha256": "0" * 64, "size_bytes": 1000, "opset": 17, "producer": "", "inputs": (), "outputs": (),
        "params_millions": 1.0, "weight_bytes": 4e6, "gmacs": 1.0, "activations_millions": 1.0, "layers": 3,
        "operators": {"Relu": 1, "MyBlock": 2}, "precision": "fp32",
    }  # fmt: skip
    return ModelProfile(**{**facts, **changes})


def test_the_operators_are_those_of_the_model_file() -> None:
    own = setting_of(need()).case
    own = replace(own, need=from_json(need(job__model={"onnx": "m.onnx"})))
    assert work_of(own, the_catalog(), profile(operator_types=("Add", "Relu")), None).operators == ("Add", "Relu")
    # Facts written by an older version count functions of the model's own: nobody lists such names, so nothing is known of them.
    assert work_of(own, the_catalog(), profile(), None).operators == ("MyBlock", "Relu")
    assert work_of(setting_of(need()).case, the_catalog(), profile(operator_types=("Add",)), None).operators == ()


@given(
    chip=st.sampled_from(["", *CHIPS]),
    on_processor=st.booleans(),
    some=st.lists(st.sampled_from(ALL), max_size=6),
    more=st.sampled_from([*ALL, "MadeUp"]),
)
def test_one_more_step_never_makes_it_easier(chip: str, on_processor: bool, some: list[str], more: str) -> None:
    c = the_catalog()
    assert level_of(c, chip, on_processor, (*some, more)) >= level_of(c, chip, on_processor, tuple(some)) or not some
