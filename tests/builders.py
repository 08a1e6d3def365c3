"""A complete made-up answer for one bakery: the values that the window, the PDF and their tests are tried with.

Every numeral in the words has a ledger row whose `text_form` is exactly the text shown. Prices, devices and times
are invented; nothing here may be quoted.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from advisor.advice import (
    HEADLINE_OF,
    Advice,
    Assumption,
    Bar,
    Chart,
    Confidence,
    Cost,
    CostLine,
    CostYear,
    Fact,
    Governance,
    Headline,
    Kind,
    Latency,
    LedgerRow,
    Option,
    Part,
    Plan,
    Provenance,
    Readability,
    RefusedRule,
    Report,
    Risk,
    Section,
    Table,
    TurningPoint,
)
from advisor.evidence import Basis
from advisor.ledger import Ledger
from advisor.need import Budget, Business, Job, Load, Need, Owned, ReferenceModel, Rules, Site, Speed

NBSP: Final = "\u00a0"
TODAY: Final = "2026-11-24"
MONTHS: Final = 36
BASIS_IN_WORDS: Final = {
    Basis.MEASURED: "measured",
    Basis.PUBLISHED: "published",
    Basis.ESTIMATED: "estimated",
    Basis.YOURS: "you told us",
}

_PRICE_LIST = "Made-up price list of small computers"
_TARIFF = "Made-up electricity statistics for households and small firms"
_CLOUD_LIST = "Made-up cloud price list, region Frankfurt"
_OWNER = "your answers"
_TEST_RUN = "test run on your office computer"
_METHOD = "our forecast from published timings of similar chips"


def a_need(**changes: Any) -> Need:
    """The bakery's answers."""
    need = Need(
        business=Business(country="DE", name="Bäckerei Sommer", people=6, it_skill="low"),
        job=Job(task="image-classification", model=ReferenceModel("photo-check"), unit="photo", model_calls_per_unit=1),
        load=Load(units_per_day=400, days_per_week=6, open_hours_per_day=12, busiest_hour_units=120, growth_percent_per_year=15),
        speed=Speed(limit_ms=1000, percentile=95, of="answer"),
        rules=Rules(data="ordinary", data_must_stay="eu", must_work_without_internet=True, longest_outage_minutes=60),
        site=Site(
            internet="wired", uplink_mbps=20, traffic_comes_from="site", place="indoors", power="mains",
            owned=(Owned("office PC 2017", memory_gb=8, free="nights", is_this_computer=True),),
        ),
        money=Budget(currency="EUR", upfront_max=400, monthly_max=30, horizon_years=3),
    )  # fmt: skip
    return replace(need, **changes)


def an_advice(**changes: Any) -> Advice:
    """The whole answer: buy one small computer. Any field can be exchanged."""
    return replace(_advice(), **changes)


def a_report(**changes: Any) -> Report:
    """The words of that answer."""
    return replace(_advice().report, **changes)


def euro(amount: float | Decimal, places: int = 0) -> str:
    """An amount as we write it in English: "€1,480", "€0.31"; below zero with a true minus sign."""
    return f"{'−' if amount < 0 else ''}€{abs(amount):,.{places}f}"


def _line(
    ledger: Ledger, code: str, when: str, text: str, quantity: float, unit: str, price: str, spread: float, basis: Basis, source: str
) -> CostLine:
    amount = (Decimal(price) * Decimal(str(quantity))).quantize(Decimal("0.01"))
    low, high = (
        (amount * Decimal(str(1 - spread))).quantize(Decimal("0.01")),
        (amount * Decimal(str(1 + spread))).quantize(Decimal("0.01")),
    )
    as_of = None if basis is Basis.ESTIMATED else "2026-11-01"
    ledger.note(f"bill.{code}.quantity", quantity, unit, f"{quantity:,g}", Basis.ESTIMATED, "how long and how often, from your answers")
    ledger.note(f"bill.{code}.price", float(price), "EUR", euro(Decimal(price), 2), basis, source, as_of)
    ledger.note(f"bill.{code}.amount", float(amount), "EUR", euro(amount, 2), basis, source, as_of, float(low), float(high))
    ledger.note(f"bill.{code}.range", float(amount), "EUR", f"{euro(low)} to {euro(high)}", basis, source, as_of, float(low), float(high))
    return CostLine(code, when, text, quantity, unit, float(price), amount, low, high, basis, source, as_of)


def _cost(lines: tuple[CostLine, ...], units: float) -> Cost:
    def total(name: str) -> Decimal:
        return sum((getattr(line, name) for line in lines), Decimal(0))

    upfront = sum((line.amount or Decimal(0) for line in lines if line.when == "upfront"), Decimal(0))
    monthly = ((total("amount") - upfront) / MONTHS).quantize(Decimal("0.01"))
    discount = sum((line.amount or Decimal(0) for line in lines if line.code == "T28"), Decimal(0))
    paid = total("amount") - discount
    each = ((paid - upfront) / 3).quantize(Decimal("0.01"))
    amounts = (each, each, paid - upfront - 2 * each)
    years = tuple(CostYear(k + 1, 12, a, a, a, upfront + sum(amounts[: k + 1], Decimal(0))) for k, a in enumerate(amounts))
    return Cost(
        "EUR", upfront, monthly, total("amount"), total("low"), total("high"), float(total("amount")) / units, lines,
        running=paid - upfront, end=Decimal(0), discount=discount, undiscounted=paid, years=years,
    )  # fmt: skip


def _flat_cost(total: str, low: str, high: str, upfront: str = "0") -> Cost:
    line = CostLine(
        "T06", "monthly", "Rent and use", MONTHS, "months", None,
        Decimal(total) - Decimal(upfront), Decimal(low) - Decimal(upfront), Decimal(high) - Decimal(upfront),
        Basis.PUBLISHED, _CLOUD_LIST, "2026-11-01",
    )  # fmt: skip
    first = CostLine(
        "T01", "upfront", "Setting up", 1, "times", float(upfront),
        Decimal(upfront), Decimal(upfront), Decimal(upfront), Basis.ESTIMATED, _METHOD,
    )  # fmt: skip
    return _cost((line, first), 400 * 313 * 3)


def _option(id: str, kind: Kind, name: str, parts: tuple[Part, ...], cost: Cost, latency: Latency, **more: Any) -> Option:
    values: dict[str, Any] = {
        "routing": None, "sends_inputs_out": kind not in (Kind.EDGE_NEW, Kind.EDGE_EXISTING, Kind.NONE), "feasible": True, "why_not": (),
        "speed_met_probability": 0.97, "headroom": 4.0, "busiest_hour_utilisation": 0.06, "energy_kwh_per_year": 35.0,
        "co2e_kg_per_year": 13.0, "upkeep_hours_per_month": 1.0, "lock_in": "none", "basis": Basis.ESTIMATED, "win_share": 0.0,
    }  # fmt: skip
    return Option(id=id, kind=kind, headline=HEADLINE_OF[kind], name=name, parts=parts, cost=cost, latency_ms=latency, **{**values, **more})


def _advice() -> Advice:
    ledger = Ledger()
    lines = (
        _line(ledger, "T01", "upfront", "Small computer with case and power", 1, "piece", "165.00", 0.10, Basis.PUBLISHED, _PRICE_LIST),
        _line(ledger, "T02", "upfront", "Camera and mount above the counter", 1, "piece", "48.00", 0.20, Basis.PUBLISHED, _PRICE_LIST),
        _line(ledger, "T03", "upfront", "Setting it up, by you or a helper", 5, "hours", "38.00", 0.40, Basis.ESTIMATED, _METHOD),
        _line(ledger, "T05", "monthly", "Electricity", 105, "kWh", "0.31", 0.15, Basis.PUBLISHED, _TARIFF),
        _line(ledger, "T09", "monthly", "Looking after it: updates, checks", 18, "hours", "38.00", 0.30, Basis.ESTIMATED, _METHOD),
        _line(ledger, "T11", "yearly", "Backup of settings and photos", 3, "years", "24.00", 0.10, Basis.PUBLISHED, _PRICE_LIST),
        _line(ledger, "T14", "once-later", "A new memory card in the second year", 1, "piece", "19.00", 0.20, Basis.PUBLISHED, _PRICE_LIST),
        _line(ledger, "T17", "yearly", "Repair, weighed with how often it is needed", 3, "years", "21.50", 0.50, Basis.ESTIMATED, _METHOD),
        _line(ledger, "T28", "end", "Selling the computer at the end", 1, "piece", "-30.00", 0.00, Basis.ESTIMATED, _METHOD),
    )  # fmt: skip
    options = _options(lines)
    report = _report(ledger, options)
    rows = ledger.rows()
    report = replace(report, sections=(*report.sections, _ledger_section(rows)))
    return Advice(
        headline=Headline.EDGE,
        none_because=None,
        kind=Kind.EDGE_NEW,
        sentence=report.verdict,
        confidence=Confidence.FAIRLY_SURE,
        reasons=_section(report, "why").bullets,
        refused_rules=(RefusedRule("rules.must_work_without_internet", 41, "It must work without internet, so pure cloud is out."),),
        options=options,
        turning_points=(
            TurningPoint(
                "load.units_per_day", 400, 9200, "up", Kind.CLOUD_INSTANCE, "cloud-instance-frankfurt",
                _section(report, "changes").bullets[0],
            ),
        ),
        ledger=rows,
        assumptions=(Assumption("money.electricity_per_kwh", _section(report, "assumptions").bullets[0], "assume.electricity"),),
        risks=(Risk("The memory card wears out.", "Keep a spare one in the drawer."),),
        plan=Plan(
            first_steps=_section(report, "first-steps").steps,
            monitoring=_section(report, "monitoring").bullets,
            retraining_rule="Train again when the share of wrong answers doubles.",
            incident=_section(report, "incident").steps,
            switch_off=_section(report, "switch-off").steps,
            review_date="2027-11-24",
        ),
        governance=(
            Governance("GOVERN 2.1", "One person is named who looks after it.", "you", "open"),
            Governance("MEASURE 2.3", "Speed was measured on your own computer.", "program", "done"),
        ),
        law_notes=_section(report, "law").bullets,
        health=None,
        provenance=Provenance(
            app_version="0.1.0",
            today=TODAY,
            language="en",
            catalog_version="2026-11-23",
            catalog_sha256="5d" * 32,
            seed=0,
            need_sha256="a7" * 32,
            measurement_sha256="c3" * 32,
        ),
        readability=Readability(grade=5.9, longest_sentence_words=19),
        report=report,
    )  # fmt: skip


def _section(report: Report, id: str) -> Section:
    return next(s for s in report.sections if s.id == id)


def _options(lines: tuple[CostLine, ...]) -> tuple[Option, ...]:
    small = Part("answers", "counter-box-5", "Counter Box 5, 8 GB", 1, "buy")
    cloud = Part("answers", "fra-small-2", "small rented machine", 1, "on-demand", "eu-central", "Made-up Cloud")
    office = Part("answers", "office-pc-2017", "office PC 2017", 1, "own")
    return (
        _option(
            "edge-new-counter-box-5", Kind.EDGE_NEW, "Small computer in the shop", (small,),
            _cost(lines, 400 * 313 * 3), Latency(140, 180, 150, 240), win_share=0.83,
        ),
        _option(
            "hybrid-counter-box-5-frankfurt", Kind.HYBRID, "Small computer, cloud helps out", (small, cloud),
            _flat_cost("1834.20", "1498.00", "2310.00", "403.00"), Latency(140, 210, 160, 320),
            routing="Answer in the shop; send a photo out when more than 20 wait.", win_share=0.12,
        ),
        _option(
            "cloud-instance-frankfurt", Kind.CLOUD_INSTANCE, "Machine rented all month", (cloud,),
            _flat_cost("2410.00", "2050.00", "2990.00"), Latency(120, 190, 140, 410),
            feasible=False, why_not=("It stops when your internet stops.",),
        ),
        _option(
            "cloud-api-photo", Kind.CLOUD_API, "Paid per photo", (Part("answers", "photo-api", "photo service", 1, "pay-per-use"),),
            _flat_cost("1962.00", "1390.00", "2720.00"), Latency(310, 640, 450, 1300),
            feasible=False, why_not=("It stops when your internet stops.",),
        ),
        _option(
            "edge-existing-office-pc-2017", Kind.EDGE_EXISTING, "Your office PC", (office,),
            _flat_cost("912.00", "640.00", "1310.00"), Latency(420, 980, 760, 1650),
            feasible=False, why_not=("It is only free at night.",), basis=Basis.MEASURED,
        ),
        _option("no-change", Kind.NONE, "Change nothing", (), _flat_cost("0", "0", "0"), Latency(None, None, None, None), win_share=0.05),
    )  # fmt: skip


_ROLE: Final = {Headline.EDGE: "edge", Headline.CLOUD: "cloud", Headline.HYBRID: "hybrid", Headline.NOT_YET: "none"}


def _report(ledger: Ledger, options: tuple[Option, ...]) -> Report:
    best = options[0]
    note = ledger.note
    yours, est, pub, meas = Basis.YOURS, Basis.ESTIMATED, Basis.PUBLISHED, Basis.MEASURED
    years = note("horizon", 3, "years", f"3{NBSP}years", yours, _OWNER, TODAY)
    photos = note("load", 400, "photos/day", f"400{NBSP}photos", yours, _OWNER, TODAY)
    busiest = note("load.busiest", 120, "photos/hour", f"120{NBSP}photos", yours, _OWNER, TODAY)
    limit = note("speed.limit", 1000, "ms", f"1{NBSP}second", yours, _OWNER, TODAY)
    total = note("best.total.rounded", 1245, "EUR", "€1,200", est, _METHOD, None, 890, 1600)
    total_range = note("best.total.range", 1245, "EUR", "€890 to €1,600", est, _METHOD, None, 890, 1600)
    p95 = note("best.p95", 180, "ms", f"180{NBSP}ms", est, _METHOD, None, 150, 240)
    p95_range = note("best.p95.range", 180, "ms", f"150 to 240{NBSP}ms", est, _METHOD, None, 150, 240)
    upkeep = note("best.upkeep", 0.5, "hours/month", "half an hour", est, _METHOD, None, 0.3, 1)
    turning = note("turn.load", 9200, "photos/day", f"9,200{NBSP}photos", est, "found by working the answer out again")
    turning_pay = note("turn.wage", 74, "EUR/hour", "€74", est, "found by working the answer out again")
    futures = note("best.win_share", 83, "%", f"83{NBSP}of{NBSP}100", est, "seeded draws of prices, growth and speed", None)
    power = note("best.power", 35, "kWh/year", f"35{NBSP}kWh", est, _METHOD, None, 28, 44)
    tariff = note("assume.electricity", 0.31, "EUR/kWh", "€0.31 per kWh", pub, _TARIFF, "2026-06-30", 0.27, 0.36)
    wage = note("assume.staff_hour", 38, "EUR/hour", "€38 an hour", pub, "Made-up labour cost survey, table 4", "2025-12-31", 30, 47)
    outages = note(
        "assume.outages", 9, "hours/year", f"9{NBSP}hours a year", pub, "Made-up survey of lines, 1,204 firms", "2026-03-31", 3, 26
    )
    pc = note("pc.p95", 980, "ms", f"980{NBSP}ms", meas, _TEST_RUN, TODAY, 760, 1650)
    answers = note("pc.samples", 200, "answers", f"200{NBSP}answers", meas, _TEST_RUN, TODAY)
    wrong = note("watch.wrong", 5, "%", f"5{NBSP}in{NBSP}100", est, "our rule for small samples")
    look = note("watch.look", 50, "photos", f"50{NBSP}photos", est, "our rule for small samples")
    first_look = note("step.days", 14, "days", f"14{NBSP}days", est, "our rule for small samples")
    options_title = "All ways we compared"
    bars, option_rows = [], []
    for option in options:
        cost, latency = option.cost, option.latency_ms
        shown = note(f"option.{option.id}.total", float(cost.total), "EUR", euro(cost.total), option.basis, _METHOD, None)
        span = note(f"option.{option.id}.range", float(cost.total), "EUR", f"{euro(cost.low)} to {euro(cost.high)}", option.basis, _METHOD)
        wait = "—"
        if latency.p95 is not None:
            wait = note(f"option.{option.id}.p95", latency.p95, "ms", f"{latency.p95:,.0f}{NBSP}ms", option.basis, _METHOD)
        name = option.name if option.feasible else f"{option.name} (not possible)"
        bars.append(Bar(name, _ROLE[option.headline], float(cost.low), float(cost.total), float(cost.high), shown))
        verdict = "our advice" if option is best else ("possible" if option.feasible else option.why_not[0])
        option_rows.append((option.name, shown, span, wait, verdict))
    bill_rows = [
        (
            line.code, line.text, f"{line.quantity:,g}", line.unit, euro(Decimal(str(line.unit_price)), 2),
            euro(line.amount or Decimal(0), 2), f"{euro(line.low or Decimal(0))} to {euro(line.high or Decimal(0))}",
        )
        for line in best.cost.lines
    ]  # fmt: skip
    grand = note("best.total", float(best.cost.total), "EUR", euro(best.cost.total, 2), est, _METHOD)
    grand_range = f"{euro(best.cost.low)} to {euro(best.cost.high)}"
    bill_rows.append(("", "Together", "", "", "", grand, grand_range))
    sections = (
        Section(
            "why", "Why", "owner",
            bullets=(
                "It keeps working when your internet is down. You told us that it must.",
                f"It costs about {total} over {years}. That is less than every other way that fits your rules.",
                f"Nearly every answer comes within {p95}. Your limit is {limit}.",
            ),
        ),
        Section(
            "changes", "What would change this", "owner",
            bullets=(
                f"With more than {turning} a day, a rented machine would be the better way.",
                f"If an hour of your own work costs more than {turning_pay}, paying per photo would win.",
                "If it may stop together with your internet, paying per photo becomes possible.",
            ),
        ),
        Section(
            "first-steps", "What to do first", "owner",
            steps=(
                "Order the Counter Box 5, the camera and the mount.",
                "Ask one person in the shop to look after it. Write the name on the box.",
                f"Let it run beside your own check for {first_look}. Compare the answers.",
                "If the answers agree, switch your own check off.",
            ),
        ),
        Section(
            "compare", "How it compares", "owner",
            paragraphs=(
                f"We worked out each way for {photos} a day and {busiest} in the busiest hour, over {years}.",
                "The dark mark is the likely cost. The bar shows how far it may lie off, four times in five.",
            ),
            chart=Chart(
                f"Cost over {years}", "Bars of the cost of each way, from the lowest to the highest likely amount. "
                "The table below shows the same figures.", "EUR", tuple(bars),
            ),
            table=Table(
                options_title, ("Way", "Likely cost", "Range", "Time to answer", "Can it be done?"), tuple(option_rows), (1, 2, 3),
                f"Time to answer: nineteen of twenty answers come within this time. Costs are for {years}, taxes left out.",
            ),
        ),
        Section(
            "risks", "What can go wrong", "owner",
            table=Table(
                "", ("What may happen", "What to do about it"),
                (
                    ("The memory card wears out and the computer stops.", "Keep a spare card with the same settings in the drawer."),
                    ("The light above the counter changes and answers get worse.", f"Check {look} a month by hand."),
                    ("The person who looks after it leaves.", "Write down two names, not one."),
                ),
            ),
        ),
        Section("monitoring", "Each month", "owner", bullets=(
            f"Check {look} by hand. More than {wrong} wrong: stop and ask for help.",
            "Install the updates. Look whether the last backup is there.",
        )),
        Section("incident", "If it gives wrong answers", "owner", steps=(
            "Go back to your own check at once.", "Keep the photos that went wrong.", "Call the person whose name is on the box.",
        )),
        Section("switch-off", "How to stop using it", "owner", steps=(
            "Save the settings.", "Delete the photos on it.", "Sell or recycle the computer.",
        )),
        Section("bill", "What you pay for", "owner",
            paragraphs=(f"Likely between {total_range} in all. It uses about {power} of electricity a year.",),
            table=Table(
                "The bill, line by line", ("Code", "What", "Quantity", "Unit", "Price", "Amount", "Range"), tuple(bill_rows), (2, 4, 5, 6),
                "Rounded to the cent. Nothing is discounted.",
            ),
        ),
        Section("assumptions", "What we took for granted", "owner", bullets=(
            f"Electricity costs {tariff}.", f"An hour of work costs {wage}.", f"Your line is down about {outages}.",
        )),
        Section("rules", "What your rules ruled out", "owner", bullets=("It must work without internet, so pure cloud is out.",)),
        Section("governance", "Who is in charge", "annex", table=Table(
            "", ("Point", "What it asks", "Who does it", "State"),
            (
                ("GOVERN 2.1", "One person is named who looks after it.", "you", "open"),
                ("MEASURE 2.3", "Speed was measured on your own computer.", "the program", "done"),
            ),
        )),
        Section("law", "Law", "annex", bullets=(
            "Photos of goods without people are not personal data (Regulation (EU) 2016/679, Article 4).",
            "Checks of goods are not a high-risk use (Regulation (EU) 2024/1689, Annex III).",
        )),
        Section("method", "How we worked it out", "annex", paragraphs=(
            f"We timed the model on your office computer: {answers}, of which nineteen in twenty came within {pc}.",
            f"For the Counter Box 5 we started from published timings of the same chip. The range is {p95_range}.",
            f"We drew prices, growth and speed many times. In {futures} draws this way was the best.",
        ), folded=True),
    )  # fmt: skip
    # The sum of the bill shows its range as well; it is another fact than the rounded one above.
    note("best.total.range.exact", float(best.cost.total), "EUR", grand_range, est, _METHOD)
    return Report(
        title="Where to run your photo check",
        firm="Bäckerei Sommer",
        date="24 November 2026",
        verdict="Buy one small computer and run the photo check in your shop.",
        role="edge",
        confidence="Fairly sure",
        confidence_why=f"It was the best way in {futures} futures we tried.",
        facts=(
            Fact(f"Cost over {years}", total, f"likely {total_range}"),
            Fact("Time to answer", p95, f"likely {p95_range}"),
            Fact("Your time each month", upkeep, "for updates and a look at the results"),
        ),
        sections=sections,
        footer="Worked out by Edgewise",
    )


def _ledger_section(rows: tuple[LedgerRow, ...]) -> Section:
    return Section(
        "ledger", "Every figure and where it comes from", "annex",
        table=Table(
            "", ("Figure", "Stands for", "How we know", "Source", "As of"),
            tuple((r.text_form, r.id, BASIS_IN_WORDS[r.basis], r.source, r.as_of or "—") for r in rows),
        ),
        folded=True,
    )  # fmt: skip
