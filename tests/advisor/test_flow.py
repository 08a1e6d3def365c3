"""The path through the wizard: every branch ends, the seven stay seven, progress never falls."""

from dataclasses import replace
from itertools import pairwise

import pytest

from advisor import flow
from advisor.session import MODEL_CHOICES, Session


def walk(session: Session) -> list[str]:
    here, seen = flow.START, [flow.START]
    while (following := flow.next_page(session, here)) is not None:
        seen.append(following)
        here = following
    return seen


@pytest.mark.parametrize("choice", [None, *MODEL_CHOICES])
def test_every_branch_ends_at_the_recommendation_without_a_page_twice(choice: str | None) -> None:
    pages = walk(replace(Session(), model_choice=choice))
    assert pages[-1] == flow.RESULT
    assert len(set(pages)) == len(pages)
    assert tuple(pages) == flow.path(replace(Session(), model_choice=choice))


@pytest.mark.parametrize(
    ("choice", "own_page", "timed"),
    [("file", "model_file", True), ("none", None, False), ("service", "model_service", False), ("size", "model_size", False)],
)
def test_each_kind_of_model_has_its_own_page_and_only_a_file_is_timed(choice: str, own_page: str | None, timed: bool) -> None:
    pages = walk(replace(Session(), model_choice=choice))
    assert [p for p in pages if p.startswith("model_")] == ([own_page] if own_page else [])
    assert ("test_run" in pages) is timed


@pytest.mark.parametrize("choice", MODEL_CHOICES)
def test_progress_goes_from_one_to_seven_and_never_falls(choice: str) -> None:
    session = replace(Session(), model_choice=choice)
    steps = [flow.progress(session)]
    for page in flow.path(session)[1:]:
        session = session.finished(page)
        steps.append(flow.progress(session))
    assert steps[0] == 1
    assert steps[-1] == len(flow.GROUPS) == 7
    assert all(before <= after for before, after in pairwise(steps))


def test_every_page_but_the_start_belongs_to_one_group() -> None:
    assert flow.group_of(flow.START) == 0
    assert [flow.group_of(p) for p in flow.PAGES[1:]] == sorted(flow.group_of(p) for p in flow.PAGES[1:])
    assert {flow.group_of(p) for p in flow.PAGES[1:]} == set(range(1, 8))


def test_a_change_returns_to_the_check_or_opens_the_page_it_needs() -> None:
    session = replace(Session(), model_choice="none")
    for page in flow.path(session)[1:-1]:
        session = session.finished(page)
    assert flow.after_change(session, "model") == flow.CHECK
    assert flow.after_change(replace(session, model_choice="service"), "model") == "model_service"


@pytest.mark.parametrize(
    ("field", "page"),
    [
        ("load.units_per_day", "volume"),
        ("job.model", "model"),
        ("job.model.onnx", "model_file"),
        ("site.owned[0].what", "computers"),
        ("site.uplink_mbps", "site"),
        ("money.currency", "firm"),
        ("something.else", "check"),
    ],
)
def test_a_problem_leads_to_the_page_that_asks(field: str, page: str) -> None:
    assert flow.page_of(field) == page
