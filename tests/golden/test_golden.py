"""The example needs get the answers on file; `python -m tests.golden.refresh` writes them anew."""

import json

import pytest

from tests.advisor.answers import EXAMPLE_NAMES
from tests.golden.refresh import FOLDER, text_of


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_the_answer_is_the_one_on_file(name: str) -> None:
    assert json.loads(text_of(name)) == json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def test_no_answer_on_file_without_its_need() -> None:
    assert {p.stem for p in FOLDER.glob("*.json")} == set(EXAMPLE_NAMES)
