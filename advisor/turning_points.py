"""Which answer would change the advice, and at what value: solved by working the whole answer out again.

Each input is moved alone, all else as it is. Numbers are moved in steps in both directions until the kind of advice
changes, then the place is closed in on; yes-or-no answers are turned round.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from advisor.advice import Kind
from advisor.findings import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.case import Case
    from advisor.need import Need

# Kind and id of what is advised; kind `none` where it is not to start.
Outcome = tuple[Kind, str]
# Steps away from today's value; beyond a factor of 300 a firm is another firm.
_STEPS: Final = (1.5, 3.0, 10.0, 40.0, 300.0)
# The place is known to this part of its value.
CLOSE_ENOUGH: Final = 0.004
_NUMBERS: Final = (
    "load.units_per_day", "load.busiest_hour_units", "load.growth_percent_per_year", "load.input_kb_per_unit", "speed.limit_ms",
    "money.upfront_max", "money.monthly_max", "site.uplink_mbps", "rules.longest_outage_minutes",
)  # fmt: skip
_CHOICES: Final[tuple[tuple[str, tuple[Any, ...]], ...]] = (
    ("rules.must_work_without_internet", (True, False)),
    ("rules.data_must_stay", ("on-site", "anywhere")),
    ("quality.simple_rule_could_do", (True, False)),
    ("rules.legal_basis_confirmed", (True,)),
    ("quality.health", ("passed",)),
)


def turning_points(need: Need, case: Case, today: Outcome, again: Callable[[dict[str, Any]], Outcome | None]) -> tuple[Turn, ...]:
    """Every answer that alone changes the kind of advice, the nearest first.

    Args:
        today: kind and id of what is advised now.
        again: the same for a changed NEED.json document, `None` where such a need would be refused.
    """
    document = need.to_json()
    kind = today[0]
    found = [t for path in _NUMBERS for t in _of_number(document, path, case, kind, again)]
    for path, values in _CHOICES:
        for value in values:
            if _get(document, path) != value and not (value is False and _get(document, path) is None):
                other = again(_with(document, path, value))
                if other is not None and other[0] != kind:
                    found.append(Turn(path, _get(document, path), value, "to", *other))
    return tuple(sorted(found, key=_distance))


def _of_number(
    document: dict[str, Any], path: str, case: Case, kind: Kind, again: Callable[[dict[str, Any]], Outcome | None]
) -> Iterator[Turn]:
    now = _today(path, case)
    if now is None or now <= 0:
        return
    for up in (True, False):
        near = now
        for step in _STEPS:
            far = now * step if up else now / step
            if not _can_be(path, far, case):
                break
            other = again(_with(document, path, _fit(path, far)))
            if other is None:
                break
            if other[0] != kind:
                yield _solved(document, path, near, far, other, kind, again, now)
                break
            near = far


def _solved(
    document: dict[str, Any], path: str, near: float, far: float, beyond: Outcome, kind: Kind,
    again: Callable[[dict[str, Any]], Outcome | None], now: float,
) -> Turn:  # fmt: skip
    up = far > near
    while abs(math.log(far / near)) > CLOSE_ENOUGH:
        middle = math.sqrt(near * far)
        other = again(_with(document, path, _fit(path, middle)))
        if other is not None and other[0] == kind:
            near = middle
        else:
            far, beyond = middle, other or beyond
    return Turn(path, now, _fit(path, far), "up" if up else "down", *beyond)


def _can_be(path: str, value: float, case: Case) -> bool:
    """Whether a day can be like that: its work fits into the open hours, and no hour is busier than the busiest."""
    told = case.need.load.busiest_hour_units is not None
    if path == "load.units_per_day":
        return not told or value <= case.busiest_hour_units * case.open_hours_per_day
    if path == "load.busiest_hour_units":
        return case.units_per_day / case.open_hours_per_day <= value <= case.units_per_day
    return True


def _today(path: str, case: Case) -> float | None:
    match path:
        case "load.units_per_day":
            return None if case.batch else case.units_per_day
        case "load.busiest_hour_units":
            return None if case.is_batch else case.busiest_hour_units
        case "load.growth_percent_per_year":
            return case.growth * 100
        case "load.input_kb_per_unit":
            return case.input_kb
        case "speed.limit_ms":
            return None if case.limit_s is None else case.limit_s * 1000
        case "money.upfront_max":
            return case.upfront_max
        case "money.monthly_max":
            return case.monthly_max
        case "site.uplink_mbps":
            return case.uplink_mbps
        case _:
            return case.longest_outage_s / 60


def _fit(path: str, value: float) -> float:
    """The value rounded to what an owner could type: five digits that mean something."""
    places = 4 - math.floor(math.log10(abs(value)))
    return float(round(value, places))


def _distance(t: Turn) -> tuple[int, float, str]:
    if isinstance(t.at, float) and isinstance(t.now, float):
        return (0, abs(math.log(t.at / t.now)), t.input)
    return (1, 0.0, t.input)


def _get(document: dict[str, Any], path: str) -> Any:
    group, field = path.split(".")
    return (document.get(group) or {}).get(field)


def _with(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    group, field = path.split(".")
    return {**document, group: {**(document.get(group) or {}), field: value}}
