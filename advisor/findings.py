"""What was worked out, before it is put into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.advice import Kind
    from advisor.measurement import Measurement
    from advisor.options import Group, Setting
    from advisor.queue_simulation import Played
    from advisor.recommend import Choice


@dataclass(frozen=True, slots=True)
class Turn:
    """An answer of the owner at which the kind of advice changes.

    `input` is its dotted path in NEED.json, `now` its value there (or the one we took), `at` where the kind changes;
    `direction` up, down or to. `then_kind` and `then_id` are what is advised 2 % beyond, or with the answer `at`.
    `distance` is how far away it is in factors (natural logarithm), for an answer that is chosen as `advisor.turnable` has it.
    """

    input: str
    now: float | str | bool | None
    at: float | str | bool | None
    direction: str
    then_kind: Kind
    then_id: str
    distance: float = 0.0


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An answer that makes some way possible if it gives way from `now` to `to`; `with_input` names the one that must give way with it.

    Values are in the units of NEED.json. `then_kind`, `then_id` and `then_name` are of the best way that is then possible.
    """

    input: str
    now: float | str | bool | None
    to: float | str | bool
    then_kind: Kind
    then_id: str
    then_name: str
    with_input: str | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that the words are made from; `turns` is `None` while the turning points are still looked for.

    `relaxed` is `None` where no answer has to give way, or none was looked for yet. `played`: the queues of listed ways as they
    were played through, by id.
    """

    setting: Setting
    groups: tuple[Group, ...]
    choice: Choice
    turns: tuple[Turn, ...] | None
    measurements: tuple[Measurement, ...]
    health: Mapping[str, Any] | None
    relaxed: tuple[Relaxed, ...] | None = None
    played: Mapping[str, Played] = field(default_factory=dict)
