"""Prices the owner typed: they count in place of ours, are marked as theirs, and never more than they were typed for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from advisor.advice import Kind
from advisor.evidence import Basis, Estimate, Source, together
from advisor.problems import AdvisorError
from advisor.quotes import TYPED, listed
from tests.advisor.answers import KINDS, changed, need, setting_of, the_catalog, worked


def quoted(document: dict[str, Any], *quotes: dict[str, Any], **money: Any) -> dict[str, Any]:
    return changed(document, money={"currency": "EUR", **(document.get("money") or {}), **money, "quotes": list(quotes)})


def lines(document: dict[str, Any], start: str, code: str) -> list[Any]:
    option = next(o for o in worked(document).told().options if o.id.startswith(start))
    return [x for x in option.cost.lines if x.code == code and x.amount]


def index(group: Any, id: str) -> int:
    return next(i for i in range(group.n) if group.ids(i) == id)


PI = "edge_new:raspberry-pi-5"


def test_a_quote_for_a_device_takes_the_place_of_our_price_to_the_cent() -> None:
    quote = {"price_of": "device:raspberry-pi-5", "amount": 119.9, "seen_on": "2026-11-20"}
    (ours,), (theirs,) = lines(KINDS["edge_new"], PI, "T01"), lines(quoted(KINDS["edge_new"], quote), PI, "T01")
    assert ours.basis != "yours"
    assert ours.price_of == theirs.price_of == ("device:raspberry-pi-5",)
    assert float(theirs.amount) == round(119.9 * theirs.quantity, 2)
    assert (theirs.low, theirs.high) == (theirs.amount, theirs.amount)
    assert (theirs.basis, theirs.source, theirs.as_of, theirs.age) == ("yours", TYPED, "2026-11-20", None)


def test_the_ledger_and_the_bill_call_it_yours() -> None:
    quote = {"price_of": "device:jetson-orin-nano-super-devkit", "amount": 260, "seen_on": "2026-11-20"}
    told = worked(quoted(KINDS["edge_new"], quote)).told()
    assert told.options[0].id == "edge_new:jetson-orin-nano-super-devkit"
    row = next(r for r in told.ledger if r.id == "bill.T01.price")
    assert (row.basis, row.value, row.as_of) == ("yours", pytest.approx(260), "2026-11-20")
    bill = next(s for s in told.report.sections if s.id == "bill").table
    assert "your price of 20\u00a0November\u00a02026" in next(r for r in bill.rows if r[0] == "T01")[1]


def test_with_a_quote_in_hand_nobody_is_sent_to_ask_for_a_price() -> None:
    quote = {"price_of": "device:jetson-orin-nano-super-devkit", "amount": 260, "seen_on": "2026-11-20"}
    ours, theirs = (worked(d).told() for d in (KINDS["edge_new"], quoted(KINDS["edge_new"], quote)))
    for told, asked in ((ours, True), (theirs, False)):
        assert told.options[0].id == "edge_new:jetson-orin-nano-super-devkit"
        words = " ".join((*told.options[0].cautions, *told.plan.first_steps))
        assert ("fresh price" in words) == asked
    assert "your quote" in theirs.plan.first_steps[0]


def test_a_quote_of_one_of_two_things_leaves_the_other_as_it_is() -> None:
    whole = "edge_new:rpi-ai-hat-plus-2+raspberry-pi-5"
    (ours,) = lines(KINDS["edge_new"], whole, "T01")
    board = listed(the_catalog(), "device:raspberry-pi-5")
    (theirs,) = lines(quoted(KINDS["edge_new"], {"price_of": "device:raspberry-pi-5", "amount": 100}), whole, "T01")
    rate = worked(KINDS["edge_new"]).setting.money.rate
    assert theirs.unit_price == pytest.approx(ours.unit_price - board.usd * rate + 100)
    # A sum is no better than its weaker half.
    assert theirs.basis != "yours"


def test_an_amount_in_another_currency_is_changed_at_the_days_rate() -> None:
    (theirs,) = lines(quoted(KINDS["edge_new"], {"price_of": "device:raspberry-pi-5", "amount": 100, "currency": "CHF"}), PI, "T01")
    euro, franc = (the_catalog().exchange(c)[0] for c in ("EUR", "CHF"))
    assert theirs.unit_price == pytest.approx(100 / franc * euro)


MACHINE = "aws:t4g.nano:eu-central-1"


def test_a_months_price_of_a_machine_is_one_of_730_hours() -> None:
    document = quoted(KINDS["cloud_instance"], {"price_of": f"machine:{MACHINE}", "amount": 7.3, "per": "month"})
    w = worked(document)
    g = next(g for g in w.groups if g.kind is Kind.CLOUD_INSTANCE)
    i = index(g, f"cloud_instance:{MACHINE}:on-demand")
    rent = next(x for x in g.bills.lines if x.text == "line.rent")
    assert float(np.asarray(rent.unit_price)[i]) * w.setting.money.rate == pytest.approx(0.01)
    assert rent.origin(i).basis is Basis.YOURS
    assert sum(g.ids(k) == g.ids(i) for k in range(g.n)) == 1


def test_nothing_is_reserved_without_a_quote() -> None:
    for document in KINDS.values():
        assert all(p.purchase != "reserved" for o in worked(document).told().options for p in o.parts)


def test_a_reserved_price_stands_beside_the_one_by_the_hour_and_binds_to_its_term() -> None:
    quote = {"price_of": f"machine:{MACHINE}", "amount": 0.001, "bound_months": 60}
    w = worked(quoted(KINDS["cloud_instance"], quote))
    g = next(g for g in w.groups if g.kind is Kind.CLOUD_INSTANCE)
    reserved, hourly = (index(g, f"cloud_instance:{MACHINE}:{how}") for how in ("reserved", "on-demand"))
    assert g.looks(reserved).parts[0].purchase == "reserved"
    assert "caution.bound" in g.looks(reserved).cautions
    hours, rest = (next(np.asarray(x.quantity) for x in g.bills.lines if x.text == t) for t in ("line.rent", "line.rent_rest"))
    # Three years are looked at; five are paid, the last two after the years that a month's limit speaks of.
    assert hours[reserved] == pytest.approx(hours[hourly])
    assert rest[reserved] == pytest.approx(hours[hourly] * 24 / 36)
    assert rest[hourly] == 0
    monthly, whole = g.bills.cash_monthly(3)[reserved], (g.bills.totals[reserved] - g.bills.own_totals[reserved]) / 36
    assert monthly < whole
    rent = next(x for x in g.bills.lines if x.text == "line.rent")
    assert float(np.asarray(rent.high)[reserved]) == pytest.approx(1)
    assert float(np.asarray(rent.high)[hourly]) > 1
    assert w.choice.best.id == f"cloud_instance:{MACHINE}:reserved"


def test_a_term_shorter_than_the_years_leaves_the_rest_in_doubt() -> None:
    def high(months: int | None) -> float:
        quote = {"price_of": f"machine:{MACHINE}", "amount": 0.001, "bound_months": months}
        g = next(g for g in worked(quoted(KINDS["cloud_instance"], quote)).groups if g.kind is Kind.CLOUD_INSTANCE)
        rent = next(x for x in g.bills.lines if x.text == "line.rent")
        return float(np.asarray(rent.high)[-1])

    assert high(36) == pytest.approx(1)
    assert 1 < high(12) < high(None)


def test_more_machines_on_peak_days_are_not_to_be_had_at_a_reserved_price() -> None:
    peak = {"units_per_day": 40_000_000, "busiest_hour_units": 9_000_000, "days_per_year": 5}
    quote = {"price_of": f"machine:{MACHINE}", "amount": 0.001, "bound_months": 36}
    document = quoted(changed(KINDS["cloud_instance"], load__rare_peak=peak), quote)
    w = worked(document)
    g = next(g for g in w.groups if g.kind is Kind.CLOUD_INSTANCE)
    reserved, hourly = (index(g, f"cloud_instance:{MACHINE}:{how}") for how in ("reserved", "on-demand"))
    usual, further = (next(x for x in g.bills.lines if x.text == t) for t in ("line.rent", "line.rent_more"))
    assert np.asarray(further.quantity)[reserved] > 0
    assert np.asarray(further.quantity)[hourly] == 0
    total = np.asarray(usual.quantity)[reserved] + np.asarray(further.quantity)[reserved]
    assert total == pytest.approx(np.asarray(usual.quantity)[hourly])
    assert further.origin(reserved).basis is Basis.PUBLISHED
    assert np.asarray(further.unit_price)[reserved] == np.asarray(usual.unit_price)[hourly]


def test_peak_days_are_paid_at_the_owners_price_of_an_hour_where_there_is_one() -> None:
    peak = {"units_per_day": 40_000_000, "busiest_hour_units": 9_000_000, "days_per_year": 5}
    quotes = ({"price_of": f"machine:{MACHINE}", "amount": 0.001, "bound_months": 36}, {"price_of": f"machine:{MACHINE}", "amount": 0.5})
    document = quoted(changed(KINDS["cloud_instance"], load__rare_peak=peak), *quotes)
    g = next(g for g in worked(document).groups if g.kind is Kind.CLOUD_INSTANCE)
    reserved, hourly = (index(g, f"cloud_instance:{MACHINE}:{how}") for how in ("reserved", "on-demand"))
    usual, further, hidden = (next(x for x in g.bills.lines if x.text == t) for t in ("line.rent", "line.rent_more", "line.hidden"))
    assert np.asarray(further.unit_price)[reserved] == pytest.approx(np.asarray(usual.unit_price)[hourly])
    assert further.origin(reserved).basis is Basis.YOURS
    rent = sum(float((np.asarray(x.quantity) * x.unit_price)[reserved]) for x in (usual, further))
    assert np.asarray(hidden.unit_price)[reserved] == pytest.approx(rent)


def test_peak_hours_at_a_list_price_that_is_doubtful_keep_the_doubt() -> None:
    peak = {"units_per_day": 40_000_000, "busiest_hour_units": 9_000_000, "days_per_year": 5}
    machine = offer_with("price_far_below_same_type_elsewhere", 0)
    term, hour = {"price_of": f"machine:{machine}", "amount": 0.5, "bound_months": 36}, {"price_of": f"machine:{machine}", "amount": 0.9}
    document = changed(KINDS["cloud_instance"], load__rare_peak=peak)
    name = f"cloud_instance:{machine}:reserved"
    for quotes, is_flagged in (((term,), True), ((term, hour), False)):
        g, i = by_id(quoted(document, *quotes))[name]
        assert g.flagged[i] == is_flagged
    g, i = by_id(quoted(KINDS["cloud_instance"], term))[name]
    assert not g.flagged[i]


def test_a_reserved_machine_has_the_same_first_steps_as_any_rented_one() -> None:
    quote = {"price_of": f"machine:{MACHINE}", "amount": 0.001, "bound_months": 36}
    told = worked(quoted(changed(KINDS["cloud_instance"], rules={"data": "ordinary"}), quote)).told()
    assert told.options[0].parts[0].purchase == "reserved"
    assert any("AWS" in step for step in told.plan.first_steps)


def test_who_is_bound_for_months_has_no_machine_by_the_hour() -> None:
    machine = "aws:g5g.xlarge:eu-central-1"
    quote = {"price_of": f"machine:{machine}", "amount": 0.0001, "bound_months": 12}
    g = next(g for g in worked(quoted(KINDS["cloud_batch"], quote)).groups if g.kind is Kind.CLOUD_BATCH)
    assert g.broken(index(g, f"cloud_batch:{machine}:reserved")) == ("rule.bound",)
    assert g.broken(index(g, f"cloud_batch:{machine}:on-demand")) == ()


def offer_with(reason: str, usable: int) -> str:
    o = the_catalog().offers
    code = o.reasons.index(reason)
    row = int(np.flatnonzero((o.reason_code == code) & (o.usable == usable) & (o.type_chip[o.type_row] == "") & o.owner_can_use)[0])
    return f"{o.provider_text(row)}:{o.type_text(row)}:{o.region_text(row)}"


def by_id(document: dict[str, Any]) -> dict[str, tuple[Any, int]]:
    g = next(g for g in worked(document).groups if g.kind is Kind.CLOUD_INSTANCE)
    return {g.ids(i): (g, i) for i in range(g.n)}


def test_a_quote_cures_a_doubtful_price_and_nothing_else() -> None:
    doubtful, closed = offer_with("price_far_below_same_type_elsewhere", 0), offer_with("type_not_for_owner", 0)
    before = by_id(KINDS["cloud_instance"])
    after = by_id(quoted(KINDS["cloud_instance"], *({"price_of": f"machine:{m}", "amount": 0.5} for m in (doubtful, closed))))
    for machine, may in ((doubtful, True), (closed, False)):
        assert f"cloud_instance:{machine}:on-demand" not in before
        assert (f"cloud_instance:{machine}:on-demand" in after) == may
    g, i = after[f"cloud_instance:{doubtful}:on-demand"]
    assert not g.flagged[i]
    assert not any(c.startswith("caution.price") for c in g.looks(i).cautions)


def test_a_doubt_that_is_not_about_the_price_stays_with_a_quote() -> None:
    machine = offer_with("type_caution", 1)
    g, i = by_id(quoted(KINDS["cloud_instance"], {"price_of": f"machine:{machine}", "amount": 0.5}))[f"cloud_instance:{machine}:on-demand"]
    assert g.flagged[i]
    assert "caution.price.type_caution" in g.looks(i).cautions


SPEECH = "groq:whisper-large-v3-turbo"


def test_a_quote_for_a_service() -> None:
    ours, theirs = (
        lines(d, f"cloud_api:{SPEECH}", "T16")[0]
        for d in (KINDS["cloud_api"], quoted(KINDS["cloud_api"], {"price_of": f"service:{SPEECH}", "amount": 0.0002}))
    )
    unit = listed(the_catalog(), f"service:{SPEECH}")
    rate = worked(KINDS["cloud_api"]).setting.money.rate
    assert theirs.unit_price == pytest.approx(ours.unit_price * 0.0002 / (unit.usd * rate))
    assert theirs.basis == "yours"


def test_an_undated_service_is_sure_once_its_price_is_typed() -> None:
    s = next(s for s in the_catalog().services if s.source.as_of is None and s.task == "vision" and "OBJECT" in s.name)
    before, after = (
        next(g for g in worked(d).groups if g.ids(0).startswith("cloud_api") and not g.ids(0).endswith("serverless"))
        for d in (need(), quoted(need(), {"price_of": f"service:{s.id}", "amount": 2.0}))
    )
    i = index(before, f"cloud_api:{s.id}:pay-per-use")
    assert before.flagged[i]
    assert not after.flagged[i]
    assert "caution.undated" not in after.looks(i).cautions


def test_words_in_and_words_out_are_two_prices() -> None:
    text = "ovhcloud:gpt-oss-120b"
    both = [{"price_of": f"service:{text}:{side}", "amount": a} for side, a in (("in", 0.2), ("out", 0.9))]
    ours, half, whole = (
        next(o for o in worked(d).told().options if text in o.id and o.kind is Kind.HYBRID).cost.lines
        for d in (KINDS["hybrid"], quoted(KINDS["hybrid"], both[0]), quoted(KINDS["hybrid"], *both))
    )
    per_use = [next(x for x in found if x.code == "T16" and x.amount) for found in (ours, half, whole)]
    assert [x.basis for x in per_use] == ["published", "published", "yours"]
    assert len({x.unit_price for x in per_use}) == 3


def test_a_quote_for_a_function_and_for_data_out() -> None:
    name = "azure:Functions-consumption:eastus"
    document = quoted(
        KINDS["cloud_instance"],
        {"price_of": f"function:{name}:calls", "amount": 0.5},
        {"price_of": "data-out", "amount": 0.2},
        currency="USD",
    )
    calls = next(x for x in lines(document, f"cloud_api:{name}", "T16") if x.price_of == (f"function:{name}:calls",))
    assert (calls.unit_price, calls.basis) == (pytest.approx(0.5e-6), "yours")
    (out,) = lines(document, "cloud_instance", "T17")
    assert (out.unit_price, out.basis) == (pytest.approx(0.2), "yours")


def test_every_price_named_in_a_bill_can_be_typed() -> None:
    for document in KINDS.values():
        for option in worked(document).told().options:
            for name in {n for x in option.cost.lines for n in x.price_of}:
                assert "." in name.partition(":")[0] or listed(the_catalog(), name) is not None, name


@pytest.mark.parametrize(
    ("quote", "field"),
    [
        ({"price_of": "device:no-such-thing", "amount": 5}, "price_of"),
        ({"price_of": "machine:aws:t3a.nano:the-moon", "amount": 5}, "price_of"),
        ({"price_of": "service:groq:whisper-large-v3-turbo:in", "amount": 5}, "price_of"),
        ({"price_of": "function:aws:Lambda:us-east-1:processor", "amount": 5}, "price_of"),
        ({"price_of": "rubbish", "amount": 5}, "price_of"),
        ({"price_of": "device:rpi-ai-hat-plus-26", "amount": 5}, "price_of"),
        ({"price_of": f"machine:{MACHINE}", "amount": 5e-324, "per": "month"}, "amount"),
        ({"price_of": "device:raspberry-pi-5", "amount": 5, "per": "month"}, "per"),
        ({"price_of": "data-out", "amount": 5, "bound_months": 12}, "bound_months"),
        ({"price_of": "device:raspberry-pi-5", "amount": 5, "seen_on": "2027-01-01"}, "seen_on"),
        ({"price_of": "device:raspberry-pi-5", "amount": 5, "seen_on": "2026-02-31"}, "seen_on"),
        ({"price_of": "device:raspberry-pi-5", "amount": 0}, "amount"),
        ({"price_of": "device:raspberry-pi-5", "amount": -3}, "amount"),
    ],
)
def test_a_quote_that_cannot_be_is_refused_by_its_field(quote: dict[str, Any], field: str) -> None:
    with pytest.raises(AdvisorError) as refused:
        setting_of(quoted(need(), quote))
    (problem,) = refused.value.problems
    assert problem.field == f"money.quotes[0].{field}"
    assert problem.what_to_do


def test_two_prices_for_one_thing_are_refused() -> None:
    quote = {"price_of": "device:raspberry-pi-5", "amount": 5}
    with pytest.raises(AdvisorError) as refused:
        setting_of(quoted(need(), quote, {**quote, "amount": 6}))
    assert refused.value.problems[0].field == "money.quotes[1].price_of"


def test_one_by_the_hour_may_stand_beside_one_with_a_term_but_not_two_terms() -> None:
    hourly, year, years = ({"price_of": f"machine:{MACHINE}", "amount": 0.001, "bound_months": m} for m in (None, 12, 36))
    assert setting_of(quoted(KINDS["cloud_instance"], hourly, year)).quotes.rents
    with pytest.raises(AdvisorError) as refused:
        setting_of(quoted(KINDS["cloud_instance"], year, years))
    assert refused.value.problems[0].field == "money.quotes[1].price_of"


def test_an_old_quote_is_in_doubt_like_any_old_price() -> None:
    fresh, old = (
        lines(quoted(KINDS["edge_new"], {"price_of": "device:raspberry-pi-5", "amount": 100, "seen_on": day}), PI, "T01")[0]
        for day in ("2026-10-01", "2024-10-01")
    )
    assert fresh.low == fresh.amount == fresh.high
    assert old.low < old.amount < old.high


def test_a_sum_names_its_weakest_and_oldest_part() -> None:
    old, new = Estimate(1, 2, 3, Basis.PUBLISHED, Source("a", "2024-01-01")), Estimate(1, 2, 3, Basis.PUBLISHED, Source("b", "2026-01-01"))
    mine = Estimate(5, 5, 5, Basis.YOURS, Source("c", None))
    found = together([new, mine, old])
    assert (found.low, found.likely, found.high, found.basis, found.source.title) == (7, 9, 11, Basis.PUBLISHED, "a")
