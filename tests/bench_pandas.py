"""Advice over the whole catalog as a straightforward calculation over tables of pandas: what `advisor` is held against.

It is on its best terms: offers, types and regions are merged beforehand, forecasts of a machine come from the same function, and
what all offers pay alike or each pays its seller beside the rent (own hours, data out) is handed to it for nothing. It does rented
machines by the month and by the hour, devices and services; no mixes, no computers of the owner's, no futures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from advisor.advice import Kind
from advisor.catalog import USABLE_NO, USABLE_YES
from advisor.cost import NOT_CASH
from advisor.forecast import machines_from_builds, machines_from_offers
from advisor.load import UNEVENNESS, busiest_upload_mbps, heap_hours, machines_for_heap, machines_for_rate, sized
from advisor.options.field import field_of
from advisor.options.group import normal_share
from advisor.options.rented import START_HOURS
from advisor.options.services import services_for
from advisor.options.weighing import hours_of
from advisor.units import DAYS_PER_YEAR, HOURS_PER_DAY, HOURS_PER_MONTH, MONTHS_PER_YEAR, SECONDS_PER_HOUR
from advisor.work import unit_times

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from advisor.catalog import Catalog
    from advisor.options import Group, Setting
    from advisor.work import UnitTimes


# Lines of an offer that pandas works out by itself.
_RECKONED: Final = ("line.rent", "line.hidden", "line.discount")


def alike(setting: Setting, groups: Sequence[Group]) -> dict[str, dict[str, Any]]:
    """What pandas need not work out: sums of lines [USD] that all offers of a kind have alike, and of small lines that hang on the seller
    alone; own hours, rules that remove all.
    """
    out: dict[str, dict[str, Any]] = {}
    field = field_of(setting)
    for g in groups:
        # Of the rented ways only those over all offers of the list.
        if g.kind not in (Kind.CLOUD_INSTANCE, Kind.CLOUD_BATCH) or field is None or g.n != len(field.rows):
            continue
        counted = [x for x in g.bills.lines if x.has_amount()]
        paid = [(x, float(x.quantity) * float(x.unit_price)) for x in counted if not np.ndim(x.quantity) and not np.ndim(x.unit_price)]
        wide = [x for x in counted if (np.ndim(x.quantity) or np.ndim(x.unit_price)) and x.text not in _RECKONED]
        out[str(g.kind)] = {
            "upfront": sum(a for x, a in paid if x.when == "upfront"),
            "later": sum(a for x, a in paid if x.when != "upfront"),
            "cash_later": sum(a for x, a in paid if x.when not in ("upfront", "end") and x.code not in NOT_CASH),
            "by_offer": pd.Series(sum((np.nan_to_num(x.amounts(g.n)) for x in wide), np.zeros(g.n)), field.rows) if wide else None,
            "down": sum((a * (1 - x.low)) ** 2 for x, a in paid),
            "up": sum((a * (x.high - 1)) ** 2 for x, a in paid),
            "hours": float(hours_of(setting.case, g)[0]),
            "limit_s": g.limit_s,
            "ruled_out": any(r.mask.all() for r in g.removals if r.rule not in ("rule.too-slow", "rule.monthly")),
        }
    return out


class Rival:
    """The same calculation over tables of pandas."""

    def __init__(self, prices: Catalog, today: date) -> None:
        o = prices.offers
        low, high = o.price_doubt(np.arange(len(o)), today)
        offers = pd.DataFrame({
            "row": np.arange(len(o)),
            "type": o.type_row, "region": o.region_row, "price": o.usd_per_hour, "price_low": low, "price_high": high,
            "usable": o.usable, "open": o.owner_can_use, "strangers": np.array(["community_host" in r for r in o.reasons])[o.reason_code],
        })  # fmt: skip
        regions = pd.DataFrame({
            "region": np.arange(len(o.region_name)), "place": o.region_name, "country": o.region_country, "in_eu": o.region_in_eu,
        })  # fmt: skip
        types = pd.DataFrame({"type": np.arange(len(o.type_name)), "provider": o.type_provider, "machine": o.type_name})
        offers = offers[(offers.usable != USABLE_NO) & (offers.price > 0) & offers.open]
        self.offers = offers.merge(regions, on="region").merge(types, on="type")
        self.machines = machines_from_offers(prices, np.arange(len(o.type_name)))
        t = prices.round_trips
        # As in advisor.catalog.round_trips: likely, low and high with a wired last mile of 15, 5 and 40 ms.
        trips = pd.DataFrame({
            "from": t.country, "provider": t.provider, "place": t.region,
            "likely": (t.ms[:, 0] + 15) / 1000, "low": (t.ms[:, 1] + 5) / 1000, "high": (t.ms[:, 2] + 40) / 1000,
        })  # fmt: skip
        self.trips = {country: found.drop(columns="from") for country, found in trips.groupby("from")}
        self.prices = prices
        self.devices: dict[Any, tuple[Any, pd.DataFrame]] = {}

    def readvise(self, s: Setting, alike: dict[str, dict[str, Any]]) -> dict[str, tuple[str, float]]:
        """The best of each kind by score, with its bill [USD]; `alike` are the lines that every offer of a kind pays alike."""
        out = {}
        if s.work.steps:
            offers = self._timed(s)
            out["cloud_instance"] = self._best(s, self._all_month(s, offers), "cloud_instance", alike)
            if s.case.is_batch and s.case.limit_s is not None:
                out["cloud_batch"] = self._best(s, self._by_the_hour(s, offers), "cloud_batch", alike)
            out["edge_new"] = self._bought(s)
        out["cloud_api"] = self._services(s)
        return {kind: found for kind, found in out.items() if found is not None}

    def _bought(self, s: Setting) -> tuple[str, float] | None:
        """Devices by their bills: the price, power, failures; enough for the busiest hour of a site."""
        case, d = s.case, s.demand
        if case.owned not in self.devices:
            builds = self.prices.builds(case.owned)
            rows = [
                (
                    b.id,
                    *(sum(getattr(p, e) for _, p in b.priced) for e in ("low", "likely", "high")),
                    b.idle_w.likely,
                    b.load_w.likely,
                    b.max_w,
                )
                for b in builds
            ]
            names = ("id", "low", "price", "high", "idle_w", "load_w", "max_w")
            self.devices[case.owned] = machines_from_builds(builds, self.prices), pd.DataFrame(rows, columns=list(names))
        machines, f = self.devices[case.owned]
        t: UnitTimes = unit_times(s.work, machines, s.own, s.own_guess)
        f = f.assign(t=t.likely, t_low=t.low, t_high=t.high, fits=t.fits, alone=t.alone_s)
        rate = max(d.peak_hour_units, d.rare_hour_units) / case.sites / SECONDS_PER_HOUR
        size = sized(t.queued_s, t.spread, rate, UNEVENNESS[case.arrivals], case.percentile / 100, case.limit_s)
        f = f.assign(count=np.maximum(size.units, 1) * case.sites, p=size.p_s, enough=size.enough)
        busy = d.units / d.duration * f.alone / SECONDS_PER_HOUR
        f["kwh"] = (f.idle_w * DAYS_PER_YEAR * HOURS_PER_DAY + (f.load_w - f.idle_w) * busy) / 1000 * f["count"]
        f["T01"], f["T04"] = f["count"] * f.price, f.kwh * case.years * s.electricity.likely
        f["T11"] = f["count"] * s.judged("failure.per_year").likely * case.years * f.price
        f["total"] = f.T01 + f.T04 + f.T11
        ok = f.enough & f.fits & np.isfinite(f.t)
        if case.upfront_max is not None:
            ok &= f.T01 * s.money.rate <= case.upfront_max + 0.005
        if case.monthly_max is not None:
            ok &= (f.T04 + f.T11) / (case.years * MONTHS_PER_YEAR) * s.money.rate <= case.monthly_max + 0.005
        return self._cheapest(f[ok], case.limit_s, f.t_low / f.t, f.t_high / f.t)

    def _services(self, s: Setting) -> tuple[str, float] | None:
        """Services by what their units cost."""
        found = services_for(s)
        f = pd.DataFrame([(o.id, o.usd, o.answer.low, o.answer.likely, o.answer.high, o.in_eu, o.flagged) for o in found])
        if f.empty:
            return None
        f.columns = ["id", "usd", "t_low", "t", "t_high", "in_eu", "flagged"]
        f["total"], f["p"] = s.demand.units * f.usd, 2 * f.t
        return self._cheapest(f[~f.flagged], s.case.limit_s, f.t_low / f.t, f.t_high / f.t)

    def _cheapest(self, f: pd.DataFrame, limit_s: float | None, low: pd.Series, high: pd.Series) -> tuple[str, float] | None:
        if f.empty:
            return None
        met = pd.Series(1.0, f.index)
        if limit_s is not None:
            sigma = np.maximum(np.log(high / low) / (2 * 1.2816), 1e-6)
            met = pd.Series(normal_share((np.log(limit_s / f.p) / sigma[f.index]).to_numpy()), f.index)
        best = (f.total * (2 - met)).idxmin()
        return str(f.id[best]), float(f.total[best])

    def _timed(self, s: Setting) -> pd.DataFrame:
        """The offers that run the model, with the time a unit takes on each and what the way there adds."""
        t: UnitTimes = unit_times(s.work, self.machines, s.own, s.own_guess)
        self.spread = t.spread
        waited_for = t.first_word if t.first_word is not None and s.case.speed_of == "first-word" else (t.low, t.likely, t.high)
        kinds = pd.DataFrame({
            "type": np.arange(len(t.likely)), "t_low": waited_for[0], "t": waited_for[1], "t_high": waited_for[2], "per_s": t.per_s,
            "whole_low": t.low, "whole": t.likely, "whole_high": t.high, "queued": t.queued_s,
            "alone": t.alone_s, "runs": t.fits & (t.reach == 0),
        })  # fmt: skip
        kinds = kinds[kinds.runs & np.isfinite(kinds.whole)]
        offers = self.offers.merge(kinds, on="type")
        far = s.judged("network.other_s")
        found = self.trips.get(s.case.country)
        if found is None:
            offers = offers.assign(low=far.low, likely=far.likely, high=far.high)
        else:
            offers = offers.merge(found, how="left", on=["provider", "place"])
            offers = offers.fillna({"low": far.low, "likely": far.likely, "high": far.high})
        case = s.case
        upload = 0.0 if case.traffic_from == "internet" else case.input_kb * 8 / 1000 / case.uplink_mbps
        sending = upload
        if not case.is_batch:
            # In the busiest hour one input waits for those before it.
            full = min(busiest_upload_mbps(case, s.demand) / case.uplink_mbps, 0.95)
            sending *= 1 + UNEVENNESS[case.arrivals] * full / (2 * (1 - full))
        line = {"mobile": 0.04, "metered": 0.02}.get(case.internet, 0.0)
        offers["x_low"] = offers.low + upload * 0.7 + line / 2
        offers["x"] = offers.likely + sending + line
        offers["x_high"] = offers.high + sending * 2 + line * 3
        return offers

    def _queue(self, s: Setting, f: pd.DataFrame, hour: float) -> Any:
        case, apart = s.case, s.work.text is not None
        room = None
        if case.limit_s is not None:
            room = np.maximum(case.limit_s - f.x, 1e-9)
            room = (room - f.t if apart else room).to_numpy()
        rate, unevenness, q = hour / SECONDS_PER_HOUR, UNEVENNESS[case.arrivals], case.percentile / 100
        return sized(f.queued.to_numpy(), self.spread, rate, unevenness, q, room, wait_only=apart)

    def _all_month(self, s: Setting, f: pd.DataFrame) -> pd.DataFrame:
        case, d = s.case, s.demand
        if case.is_batch:
            f = self._heaps(s, f)
        else:
            size = self._queue(s, f, d.peak_hour_units)
            f = f.assign(units=size.units, queue=size.p_s, enough=size.enough)
            if s.work.text is not None:
                f["p"] = f.t + f.queue + f.x
                f["p_low"], f["p_high"] = f.t_low + f.queue + f.x_low, f.t_high + f.queue + f.x_high
                f["enough"] &= f.p <= (np.inf if case.limit_s is None else case.limit_s)
            else:
                f["p"] = f.queue + f.x
                f["p_low"] = np.minimum(f.queue * (f.t_low / f.t) + f.x_low, f.p)
                f["p_high"] = np.maximum(f.queue * (f.t_high / f.t) + f.x_high, f.p)
        f["hours"] = 0.0
        for year in d.years:
            same = case.is_batch or year.busiest_hour_units == d.peak_hour_units
            units = f.units if same else self._queue(s, f, year.busiest_hour_units).units
            f["hours"] += units * year.share * HOURS_PER_MONTH * MONTHS_PER_YEAR
            if year.rare_hour_units:
                rare = machines_for_rate(year.rare_hour_units / SECONDS_PER_HOUR, f.alone.to_numpy())
                f["hours"] += np.maximum(rare - units, 0) * d.rare_days_per_year * HOURS_PER_DAY * year.share
        return f

    def _heaps(self, s: Setting, f: pd.DataFrame) -> pd.DataFrame:
        case, d = s.case, s.demand
        limit = case.limit_s or np.inf
        upload_s = 0.0 if case.traffic_from == "internet" else case.input_kb * 8 / 1000 / case.uplink_mbps
        upload = upload_s * d.heap_units / SECONDS_PER_HOUR
        room = max(limit / SECONDS_PER_HOUR - START_HOURS - upload, 0.0)
        units = machines_for_heap(d.heap_units, f.per_s.to_numpy(), max(room, 1e-6))
        took = (heap_hours(d.heap_units, f.per_s.to_numpy(), np.maximum(units, 1)) + START_HOURS + upload) * SECONDS_PER_HOUR
        f = f.assign(units=units, p=took)
        f["p_low"], f["p_high"] = f.p * f.whole_low / f.whole, f.p * f.whole_high / f.whole
        f["enough"] = np.isfinite(f.p) & (f.p <= limit * 1.0001) & (f.units < 1000)
        return f

    def _by_the_hour(self, s: Setting, f: pd.DataFrame) -> pd.DataFrame:
        case, d = s.case, s.demand
        f = self._heaps(s, f)
        heap = d.units / d.duration / max(d.heaps_per_year, 1e-9)
        upload_s = 0.0 if case.traffic_from == "internet" else case.input_kb * 8 / 1000 / case.uplink_mbps
        each = heap_hours(heap, f.per_s.to_numpy(), f.units.to_numpy())
        f["hours"] = np.maximum(each * f.units, upload_s * heap / SECONDS_PER_HOUR) + START_HOURS * f.units
        f["hours"] *= d.heaps_per_year * d.duration
        return f

    def _best(self, s: Setting, f: pd.DataFrame, kind: str, alike: dict[str, dict[str, Any]]) -> tuple[str, float] | None:
        """Bills, ranges, rules and scores of all; the best."""
        case, fixed = s.case, alike[kind]
        hidden = s.judged("cloud.hidden_share")
        f["rent"] = f.hours * f.price
        f["hidden"] = hidden.likely * f.rent
        f["small"] = 0.0 if fixed["by_offer"] is None else f.row.map(fixed["by_offer"])
        f["later"] = f.rent + f.hidden + f.small + fixed["later"]
        worth = 1.0
        if case.discount:
            worth = (1 - (1 + case.discount) ** -case.years) / (case.years * np.log1p(case.discount))
        f["total"] = f.later * worth + fixed["upfront"]
        down = (f.rent * (1 - f.price_low)) ** 2 + (f.hidden * (1 - hidden.low / hidden.likely)) ** 2 + fixed["down"]
        up = (f.rent * (f.price_high - 1)) ** 2 + (f.hidden * (hidden.high / hidden.likely - 1)) ** 2 + fixed["up"]
        f["low"], f["high"] = f.total - np.sqrt(down), f.total + np.sqrt(up)
        ok = f.enough & ~(f.strangers & (case.data != "none"))
        if case.stay == "country":
            ok &= f.country == case.country
        elif case.stay == "eu":
            ok &= f.in_eu
        ok &= not fixed["ruled_out"]
        if case.monthly_max is not None:
            monthly = (f.rent + f.hidden + f.small + fixed["cash_later"]) / (case.years * MONTHS_PER_YEAR)
            ok &= monthly * s.money.rate <= case.monthly_max + 0.005
        if (ok & (f.usable == USABLE_YES)).any():
            ok &= f.usable == USABLE_YES
        if not ok.any():
            return None
        f["burden"] = f.total + (0.0 if case.staff_hour is not None else s.wage.likely * fixed["hours"])
        with np.errstate(divide="ignore", invalid="ignore"):
            sigma = np.maximum(np.log(f.p_high / f.p_low) / (2 * 1.2816), 1e-6)
            met = normal_share((np.log(fixed["limit_s"] / f.p) / sigma).to_numpy()) if np.isfinite(fixed["limit_s"]) else 1.0
        near = f.in_eu & self.prices.in_eu(case.country)
        far = np.where(f.country == case.country, 0.0, np.where(near, 1.0, 2.0))
        f["score"] = (f.burden * (2 - met) * (1 + 0.01 * far)).where(ok, np.inf)
        equal = f[f.score <= f.score.min() * (1 + 1e-9) + 1e-9]
        ids = kind + ":" + equal.provider + ":" + equal.machine + ":" + equal.place + ":on-demand"
        return str(ids.min()), float(equal.total[ids.idxmin()])
