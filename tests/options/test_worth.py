"""A mix is shown only where it beats here alone and there alone on something the owner asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from advisor.advice import Kind
from advisor.options.hybrids.worth import beats_both, least_score
from tests.advisor.answers import need, worked
from tests.options.made_up import a_group

HERE, THERE, MIX = Kind.EDGE_NEW, Kind.CLOUD_API, Kind.HYBRID
SETTING = worked(need()).setting


@pytest.mark.parametrize(
    ("here", "there", "mix", "shown"),
    [
        # Cheaper than both, than one, than none.
        ({"totals": [300]}, {"totals": [200]}, [100], True),
        ({"totals": [300]}, {"totals": [200]}, [250], False),
        ({"totals": [200]}, {"totals": [300]}, [250], False),
        ({"totals": [300]}, {"totals": [200]}, [400], False),
        # What breaks a rule is no rival, however cheap.
        ({"totals": [10], "out": [0]}, {"totals": [500]}, [400], True),
        ({"totals": [500]}, {"totals": [10], "out": [0]}, [400], True),
        ({"totals": [10], "out": [0]}, {"totals": [20], "out": [0]}, [9999], True),
        # A dearer one of the same side keeps the rule.
        ({"totals": [10, 300], "out": [0]}, {"totals": [500]}, [400], False),
        # Equal is not better.
        ({"totals": [300]}, {"totals": [200]}, [200], False),
        # A doubtful price is a rival only where its side has no other.
        ({"totals": [500]}, {"totals": [50, 600], "flagged": [0]}, [400], True),
        ({"totals": [500]}, {"totals": [50, 60], "flagged": [0, 1]}, [400], False),
    ],
)
def test_which_mixes_are_shown(here: dict, there: dict, mix: list[float], shown: bool) -> None:
    sides = [a_group(HERE, **here)], [a_group(THERE, **there)]
    assert beats_both(SETTING, a_group(MIX, mix), *sides).tolist() == [shown]


def test_each_row_is_judged_by_itself() -> None:
    sides = [a_group(HERE, [300])], [a_group(THERE, [200])]
    assert beats_both(SETTING, a_group(MIX, [100, 199, 201, 1000]), *sides).tolist() == [True, True, False, False]


def test_own_hours_count_in_the_comparison() -> None:
    sides = [a_group(HERE, [300])], [a_group(THERE, [300])]
    wage = SETTING.wage.likely
    assert beats_both(SETTING, a_group(MIX, [100], hours=150 / wage), *sides).tolist() == [True]
    assert beats_both(SETTING, a_group(MIX, [100], hours=250 / wage), *sides).tolist() == [False]


def test_the_wish_counts_in_the_comparison() -> None:
    """Who wants nothing to leave the house is shown no mix beside a way that keeps all of it here."""
    private = replace(SETTING, case=replace(SETTING.case, prefer="most-private"))
    sides = [a_group(HERE, [300])], [a_group(THERE, [200])]
    assert not beats_both(private, a_group(MIX, [100]), *sides).any()
    assert beats_both(private, a_group(MIX, [100]), [a_group(HERE, [300], out=[0])], sides[1]).all()


def test_a_side_without_a_feasible_way_has_no_score() -> None:
    assert least_score(SETTING, []) == np.inf
    assert least_score(SETTING, [a_group(HERE, [5, 6], out=[0, 1])]) == np.inf
    assert least_score(SETTING, [a_group(HERE, [5, 6], out=[0]), a_group(HERE, [7])]) == pytest.approx(6)
