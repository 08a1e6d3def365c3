"""Every story and every example gets the answer on file, to the byte; `python -m tests.golden.refresh` writes them anew."""

import pytest

from tests.golden.refresh import FOLDER, text_of
from tests.stories.told import ALL, STORIES, need_of


@pytest.mark.parametrize("name", ALL)
def test_the_answer_is_the_one_on_file(name: str) -> None:
    assert text_of(name).encode() == (FOLDER / f"{name}.txt").read_bytes()


def test_no_answer_on_file_without_its_need() -> None:
    assert {p.stem for p in FOLDER.glob("*.txt")} == set(ALL)


def test_twenty_stories_of_all_sorts() -> None:
    needs = [need_of(name) for name in STORIES]
    assert len(STORIES) == 20
    assert len({n["business"]["country"] for n in needs}) == 20
    assert len({n["job"]["task"] for n in needs}) == 14
    assert {next(iter(n["job"]["model"])) for n in needs} >= {"features", "reference", "text_model"}
