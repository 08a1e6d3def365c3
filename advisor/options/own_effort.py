"""What a way asks of the firm beside set-up and upkeep: work lost in outages, training again, teaching, leaving one day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from advisor.cost import Line, left_out, nothing, stated
from advisor.evidence import Basis, Estimate, Source, together
from advisor.options.setting import both, own_time, priced
from advisor.units import DAYS_PER_YEAR, HOURS_PER_DAY, SECONDS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effort:
    """The lines T21, T23, T24 and T27, and the own hours in the last three over the horizon."""

    lines: tuple[Line, ...]
    hours: Floats | float


def effort(
    setting: Setting,
    how: str,
    down: Estimate | None,
    *,
    own_model: bool = True,
    places: int = 1,
    convert: Floats | float = 0.0,
    rents: bool = True,
) -> Effort:
    """The lines of one kind of way.

    Args:
        how: the kind, as in the defaults `hours.exit.*`.
        down: hours a year that it stands still while work comes; `None` where work can wait.
        own_model: whether the firm's own model runs; a seller trains that of a service.
        places: where a new model has to be put in.
        convert: hours to convert it for the machine each time.
        rents: whether a machine is rented to train it; else it is trained where it works, or that rent stands in the bill already.
    """
    again, rent, again_hours = (
        _training_again(setting, places, convert, rents=rents) if own_model else (nothing("T23", "zero.no_retraining"), (), 0.0)
    )
    teach = _teaching(setting)
    leave = setting.judged(f"hours.exit.{how}") if how == "hosted" else setting.own_hours(f"hours.exit.{how}")
    lines = (
        _lost_work(setting, down),
        again,
        *rent,
        _taught(setting, teach),
        own_time(setting, "T27", "end", "line.exit", leave),
    )
    return Effort(lines, again_hours + (teach.likely if teach is not None else 0.0) + leave.likely)


def down_here(setting: Setting, *, spare: bool) -> Estimate | None:
    """Hours a year that a machine in the building stands still while work comes: the mains, and a failure until it is replaced."""
    case = setting.case
    if case.is_batch:
        return None
    parts = []
    if case.power == "mains":
        parts.append(setting.catalog.mains_outage(case.country).scaled(_open_share(setting)))
    if not spare:
        fails, days = setting.judged("failure.per_year"), setting.judged("replacement.usual_days")
        a_day = case.open_hours_per_day * case.days_per_year / DAYS_PER_YEAR
        parts.append(_times(fails, days).scaled(a_day))
    return together(parts) if parts else _none()


def down_there(setting: Setting) -> Estimate | None:
    """Hours a year that a machine or service of others cannot be reached while work comes: the line, the mains, the seller."""
    case = setting.case
    if case.is_batch:
        return None
    share = _open_share(setting)
    parts = [setting.judged("cloud.outage_hours_a_year").scaled(share)]
    if case.traffic_from != "internet":
        own = case.line_down_hours_per_year
        # The survey asked firms: they notice an outage while they work.
        line = setting.judged("outage.line_hours_a_year") if own is None else Estimate(own, own, own, Basis.YOURS, Source("your answer"))
        parts.append(line)
        if case.power == "mains":
            parts.append(setting.catalog.mains_outage(case.country).scaled(share))
    return together(parts)


def other_side_steps_in() -> Estimate:
    """No hour of standing still: two sides fail at once so seldom that we count it as never."""
    return Estimate(0.0, 0.0, 0.0, Basis.ESTIMATED, Source("the other side steps in"))


def _open_share(setting: Setting) -> float:
    case = setting.case
    return min(case.open_hours_per_day * case.days_per_year / (DAYS_PER_YEAR * HOURS_PER_DAY), 1.0)


def _none() -> Estimate:
    return Estimate(0.0, 0.0, 0.0, Basis.ESTIMATED, Source("a spare stands on the shelf, and no mains can fail"))


def _times(a: Estimate, b: Estimate) -> Estimate:
    """The product of two judged figures, with the doubts of both; the source is that of the first."""
    low, high = both((a.low / a.likely, a.high / a.likely), (b.low / b.likely, b.high / b.likely))
    likely = a.likely * b.likely
    return Estimate(float(low) * likely, likely, float(high) * likely, Basis.ESTIMATED, a.source)


def _lost_work(setting: Setting, down: Estimate | None) -> Line:
    """T21: in money where the owner told what an hour without it costs, else as hours."""
    if down is None:
        return nothing("T21", "zero.can_wait")
    hours, case = down.scaled(setting.case.years), setting.case
    if not hours.likely:
        return nothing("T21", "zero.no_standstill")
    if case.lost_hour == 0:
        return nothing("T21", "zero.nothing_lost")
    if case.lost_hour is None:
        return left_out("T21", "line.lost_work.hours", hours.likely, "hours", hours.source.title)
    usd = setting.money.usd(case.lost_hour)
    line = priced("T21", "monthly", "line.lost_work", hours, "hours", usd, hours.basis, hours.source.title, hours.source.as_of)
    return replace(line, own=True)


def _training_again(
    setting: Setting, places: int, convert: Floats | float, *, rents: bool
) -> tuple[Line, tuple[Line, ...], Floats | float]:
    """T23: hours of the firm's people, rent of a machine that trains, and the hours as a number."""
    case = setting.case
    if case.retrainings_per_year is None:
        return left_out("T23", "left_out.retraining"), (), 0.0
    if not case.retrainings_per_year:
        return nothing("T23", "zero.not_trained_again"), (), 0.0
    times = case.retrainings_per_year * case.years
    parts = [setting.own_hours("model_training.hours"), setting.own_hours("model_training.install_hours").scaled(places)]
    if case.labels_per_retraining:
        parts.append(setting.judged("labels.seconds_each").scaled(case.labels_per_retraining / SECONDS_PER_HOUR))
    each = together(parts)
    hours = own_time(setting, "T23", "yearly", "line.retraining", each.scaled(times), convert * times)
    rent: tuple[Line, ...] = ()
    if rents and case.stay != "on-site":
        # What must not leave the house is trained on a machine there.
        long, price = setting.judged("model_training.machine_hours"), setting.judged("model_training.machine_usd_per_hour")
        ends = both((long.low / long.likely, long.high / long.likely), (price.low / price.likely, price.high / price.likely))
        source = stated(Basis.ESTIMATED, price.source.title, price.source.as_of)
        rent = (Line("T23", "yearly", "line.retraining_rent", long.likely * times, "hours", price.likely, *ends, source),)
    return hours, rent, (each.likely + convert) * times


def _taught(setting: Setting, hours: Estimate | None) -> Line:
    """T24."""
    if hours is None:
        return left_out("T24", "left_out.training_staff")
    return own_time(setting, "T24", "upfront", "line.teaching", hours) if hours.likely else nothing("T24", "zero.T24")


def _teaching(setting: Setting) -> Estimate | None:
    """Hours to teach those who work with it; the law of the European Union asks for it, elsewhere we know of none."""
    case = setting.case
    if not setting.catalog.in_eu(case.country):
        return None
    each = setting.judged("hours.training")
    if case.people_using is not None:
        return each.scaled(case.people_using)
    return _times(each, setting.judged("teaching.people"))
