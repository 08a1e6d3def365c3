"""A sentence stands in an answer because a value asks for it: the value is taken away, and the sentence goes.

`FACTS` holds pairs of needs (measurements, checks) that differ in one fact, and the phrases that hang on it. Phrases that
follow a computed value of their own (a rule, a caution, a turning point, a word for a blank) are held to it family by
family. Every phrase of the book is in one of these places, or in `STRUCTURAL` with the reason why not.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from advisor.advice import Confidence, Kind
from advisor.cost import Bills
from advisor.findings import Turn
from advisor.measurement import run_of
from advisor.need import TASKS
from advisor.options import Removal
from advisor.words import Words
from tests.advisor.answers import KINDS, changed, need, with_case
from tests.advisor.test_answer import OWN, with_copy
from tests.explain.keys import HEALTH, MEASURED, Asked, asked, findings, keys, shown
from tests.options.test_places import SERVER, timed, two_computers
from tests.options.test_rules import CHAT
from tests.stories.told import STORIES, need_of
from tests.stories.told import findings as of_story

if TYPE_CHECKING:
    from advisor.findings import Findings
    from advisor.recommend import Candidate

BOOK = Words("en", "EUR")._book
EXISTING, NEW, API, BATCH, INSTANCE, HYBRID, NONE = (
    KINDS[k] for k in ("edge_existing", "edge_new", "cloud_api", "cloud_batch", "cloud_instance", "hybrid", "none")
)
MEASURED.update(
    here=timed(60.0), poor=timed(60.0, trust="poor"), fair=timed(60.0, trust="fair"), there=timed(80.0, name=SERVER, cpu="Another one"),
    copy=with_copy(100), differs=with_copy(90), made_up=with_copy(100, inputs="made-up"), no_gain=with_copy(100, takes=1.0),
)  # fmt: skip
MEASURED["sample"] = replace(
    timed(60.0), model=replace(timed(60.0).model, inputs=({"name": "x", "dtype": "float", "shape": [1, 3], "values": "sample"},))
)
MEASURED["files"] = replace(
    timed(60.0),
    runs=(
        *timed(60.0).runs,
        run_of(
            "end-to-end",
            [80.0] * 100,
            threads=1,
            details={"read_ms": 2.0, "decode_ms": 9.0, "prepare_ms": 4.0, "model_ms": 60.0, "files": 20},
        ),
    ),
)
HEALTH["failed"] = {"verdict": "failed", "checks": [{"verdict": "failed", "text": "Some photos are twice in it."}, {"verdict": "passed"}]}

API_SERVED = changed(need(), job={"task": "ocr", "unit": "page", "model": {"hosted_service": "mistral:mistral-ocr-4-1"}})
EU_PEOPLE = need(rules={"data": "ordinary"})
FACE = need(job__task="face-recognition", rules={"data": "sensitive", "identifies_people": True})
NOTHING = need(site={}, rules={"data": "none", "must_work_without_internet": True}, money={"currency": "EUR", "upfront_max": 1})
CHAT_HERE = changed(need(), **CHAT)
CARD = need(
    job={"task": "segmentation", "unit": "photo", "model": {"features": {"params_millions": 60, "gmacs": 900}}},
    load__units_per_day=20000, load__busiest_hour_units=3600, speed__limit_ms=400,
    site={"internet": "none", "owned": [{"what": "gaming PC 2020", "free": "always"}]},
)  # fmt: skip
FUNCTION = need(
    site={},
    money={"currency": "EUR", "quotes": [
        {"price_of": f"function:azure:Functions-consumption:eastus:{part}", "amount": amount}
        for part, amount in (("computing", 0.000016), ("calls", 0.2))]},
)  # fmt: skip
NIGHTS = need(site={"owned": [{"what": "office PC 2021", "free": "nights"}]}, speed={"limit_ms": 28_800_000, "of": "batch"})
RENTED_DOC = changed(OWN, site={"owned": [], "rented": [{"provider": "aws", "instance_type": "m7a.xlarge", "spare_share": 1.0}]})
PEAK = need(
    load__rare_peak={"units_per_day": 9000, "busiest_hour_units": 3000, "days_per_year": 8}, site={"uplink_mbps": 400}, prefer="cheapest"
)  # fmt: skip


def task(name: str, **more: Any) -> dict[str, Any]:
    return changed(need(**more), job__task=name)


# What the fact is, with it, without it, and the phrases that hang on it.
FACTS: list[tuple[str, Asked, Asked, str]] = [
    # ---- which way, and what follows from it
    ("a computer that can do it", asked(need()), asked(need(site={})),
     "verdict.edge_existing way.edge_existing reason.nothing_to_buy step.install risk.pc_off risk.pc_off.do changes.pc_off your "
     "zero.owned why.owned-class"),
    ("free all day", asked(need()), asked(need(site={"owned": [{"what": "office PC 2021", "free": "office-hours"}]})),
     "risk.pc_busy risk.pc_busy.do"),
    ("an hour has a price", asked(need(money={"currency": "EUR", "staff_hour": 40})), asked(need()),
     "reason.nothing_to_buy.hours assumed.wage.yours"),
    ("an hour has none", asked(need()), asked(need(money={"currency": "EUR", "staff_hour": 40})), "assumed.wage"),
    ("power costs nothing", asked(need(money={"currency": "EUR", "electricity_per_kwh": 0})), asked(need()), "fact.cost.exact bill.exact"),
    ("power costs something", asked(need()), asked(need(money={"currency": "EUR", "electricity_per_kwh": 0})),
     "fact.cost.note bill.text assumed.electricity"),
    ("power is counted", asked(need()), asked(API), "bill.year bill.co2"),
    ("a machine to look after", asked(need()), asked(API), "monitor.updates"),
    ("nothing here is fast enough", asked(NEW), asked(need()),
     "verdict.edge_new one step.order step.install_new off.device reason.cheapest_bill risk.rough risk.rough.do"),
    ("it may stand still for days", asked(changed(NEW, rules={"data": "none", "longest_outage_minutes": 4000})), asked(NEW),
     "risk.device_dies risk.device_dies.do"),
    ("a spare is needed", asked(NEW), asked(changed(NEW, rules={"data": "none", "longest_outage_minutes": 4000})),
     "risk.device_dies_spare risk.device_dies_spare.do step.order.spare"),
    ("several sites", asked(need(load__sites=3, site={"internet": "none"})), asked(need(site={"internet": "none"})),
     "several step.order.several"),
    ("a quote for the device", asked(changed(NEW, money={"currency": "EUR", "quotes": [
        {"price_of": f"device:{x}", "amount": 100} for x in ("jetson-orin-nano-super-devkit", "raspberry-pi-5")]})), asked(NEW),
     "step.order.quoted"),
    ("a card goes into a computer of theirs", asked(CARD), asked(NEW), "verdict.edge_new.card step.slot"),
    ("a service does the task", asked(API), asked(need()),
     "verdict.cloud_api step.account step.own_examples "
     "risk.price risk.price.do risk.drift_service risk.drift_service.do retraining.service "
     "monitor.bill monitor.notice off.cancel reason.no_hardware risk.line_down risk.line_down.do why.service"),
    ("a model of one's own runs", asked(need()), asked(API), "risk.drift risk.drift.do retraining"),
    ("a function is the cheapest", asked(FUNCTION), asked(need(site={})), "verdict.cloud_api.function risk.cold_start risk.cold_start.do"),
    ("a heap of work", asked(BATCH), asked(need()), "verdict.cloud_batch step.rent fact.time.batch reason.fast.batch reason.per_batch "
     "compare.text.batch table.options.note.batch"),
    ("no heap of work", asked(need()), asked(BATCH), "fact.time reason.fast compare.text table.options.note method.busiest"),
    ("the work grows", asked(need(load__growth_percent_per_year=9)), asked(need()), "method.busiest.grown"),
    ("customers over the internet", asked(INSTANCE), asked(changed(INSTANCE, site={"traffic_comes_from": "site", "uplink_mbps": 1000})),
     "verdict.cloud_instance rule.public-traffic"),
    ("a machine rented already", asked(need_of("web-shop")), asked(changed(need_of("web-shop"), site={"traffic_comes_from": "internet"})),
     "verdict.cloud_instance.own reason.rented_already way.cloud_instance.own zero.already_paid"),
    ("a confidential share", asked(HYBRID), asked(changed(HYBRID, rules={"data": "ordinary"})),
     "route.private reason.route.private risk.staff_secret risk.staff_secret.do step.rule rule.confidential"),
    ("a confidential share, and nothing here", asked(need_of("lawyer")), asked(changed(need_of("lawyer"), rules={"data": "ordinary"})),
     "verdict.hybrid.buy"),
    ("a failed check", asked(NONE), asked(need()),
     "verdict.fix-first reason.health reason.health.told step.health_read step.health_clean step.health_again rule.health "
     "retraining.none off.none why_sure.none risk.waiting risk.waiting.do fact.none.refused fact.none.refused.note fact.none.review "
     "fact.none.review.note reason.after reason.after.hours"),
    ("a passed check", asked(need()), asked(NONE),
     "monitor.sample monitor.stop monitor.review incident.stop incident.keep incident.call off.stop off.save step.side_by_side step.name "
     "method.speed method.score section.bill section.incident fact.cost fact.hours fact.hours.note fact.time.note "
     "table.bill table.bill.note law.literacy known.not_measured nist.GOVERN_1.7"),
    ("what the check found", asked(need(), health="failed"), asked(need()), "reason.health.checks section.health"),
    ("a simple rule would do", asked(need(quality={"simple_rule_could_do": True})), asked(need()),
     "verdict.plain-way reason.plain step.simple_rule reason.after.plain step.look_at step.ask_again"),
    ("a simple rule might do", asked(need(quality={"simple_rule_could_do": "not-sure"})), asked(need()), "reason.plain.unsure"),
    ("a simple rule might forecast", asked(changed(need_of("vineyard"), quality={"simple_rule_could_do": "not-sure"})),
     asked(changed(need_of("vineyard"), quality={})), "reason.plain.unsure.forecast"),
    ("faces without a legal ground", asked(FACE), asked(changed(FACE, rules__legal_basis_confirmed=True)),
     "verdict.fix-first.law reason.only_legal reason.identifies step.lawyer step.simple_door step.law.identifies rule.legal-basis "
     "step.keep_examples"),
    ("people are decided about", asked(need_of("letting-agent")), asked(changed(need_of("letting-agent"), rules={"data": "sensitive"})),
     "reason.decides step.law.decides rule.decision law.banned law.high_risk"),
    ("nothing keeps all rules", asked(NOTHING), asked(changed(NOTHING, money={"currency": "EUR", "upfront_max": 5000})),
     "verdict.nothing-feasible why_sure.rules reason.nothing reason.nearest reason.hardest step.relax step.relax.one"),
    ("a service whose price does not fit, and no model", asked(changed(need(), job__model={"hosted_service": "aws:Polly-neural"})),
     asked(need()), "reason.no_way reason.no_way.service reason.no_way.model step.find_model"),
    # ---- how sure, and against what
    ("another kind can do it", asked(need()), asked(need_of("museum")), "why_sure.share reason.rival method.futures"),
    ("no other kind can", asked(need_of("museum")), asked(need()), "why_sure.only reason.only_kind"),
    ("a dearer way has a smaller bill", asked(NIGHTS), asked(NEW), "reason.smaller_bill.hours"),
    ("a cheaper way may be too slow", asked(need_of("workshop")), asked(need()), "reason.smaller_bill.slow"),
    ("a cheaper price in doubt", asked(need_of("bakery")), asked(need_of("clinic")), "reason.doubted_bill"),
    *((f"the wish {w}", asked(changed(need_of(s), prefer=w)), asked(changed(need_of(s), prefer=None)), k) for w, s, k in (
        ("cheapest", "library", "method.score.cheapest"),
        ("fastest", "photo-studio", "method.score.fastest reason.smaller_bill.fastest"),
        ("least-upkeep", "workshop", "method.score.least-upkeep"),
        ("most-private", "pharmacy", "method.score.most-private"),
    )),
    # ---- speed
    ("the first word counts", asked(HYBRID), asked(changed(HYBRID, speed={"limit_ms": 60_000})),
     "fact.time.first-word reason.fast.first-word"),
    ("the slowest answers count", asked(need(speed={"limit_ms": 2000, "percentile": 99})), asked(need()), "reason.fast.tail share.99"),
    ("nine of ten", asked(need(speed={"limit_ms": 2000, "percentile": 90})), asked(need()), "share.90"),
    ("half", asked(need(speed={"limit_ms": 2000, "percentile": 50})), asked(need()), "share.50"),
    ("all", asked(need(speed={"limit_ms": 2000, "percentile": 100})), asked(need()), "share.100"),
    ("another share", asked(need(speed={"limit_ms": 2000, "percentile": 97})), asked(need()), "share.other"),
    ("the usual share", asked(need()), asked(need(speed={"limit_ms": 2000, "percentile": 97})), "share.95"),
    ("a night's work", asked(NIGHTS), asked(changed(NIGHTS, site__owned=[{"what": "office PC 2021", "free": "always"}])),
     "reason.fast.batch.nights caution.free-nights"),
    ("a heap that a computer here does", asked(NIGHTS), asked(need()), "step.schedule"),
    ("a load for which a piece costs a good part of a cent", asked(API), asked(INSTANCE), "reason.per_unit"),
    ("a load for which a piece costs next to nothing", asked(INSTANCE), asked(API), "reason.per_many"),
    # ---- the test run
    ("a test run", asked(OWN, "here"), asked(need()), "reason.measured why.measured method.measured section.test-run scene.single-stream "
     "col.timed col.time_half col.time_all col.answers known.measured basis.measured nist.MEASURE_2.3 method.fed method.fed.made_up "
     "method.trust.good"),
    ("a test run to be trusted less", asked(OWN, "fair"), asked(OWN, "here"), "method.trust.fair"),
    ("a test run not to be trusted", asked(OWN, "poor"), asked(OWN, "here"), "method.trust.poor"),
    ("no test run", asked(need()), asked(OWN, "here"), "step.test caution.not-measured known.not_measured"),
    ("a test run on the owner's sample", asked(OWN, "sample"), asked(OWN, "here"), "method.fed.sample"),
    ("a model to feed", asked(need()), asked(API_SERVED), "method.prepare.size"),
    ("their own files were timed", asked(OWN, "files"), asked(OWN, "here"), "method.prepare.own"),
    ("a second test run of one machine", asked(OWN, "here", "fair"), asked(OWN, "here"), "method.spare"),
    ("a copy that answers alike", asked(OWN, "copy"), asked(OWN, "here"),
     "reason.copy copy.inputs.sample step.copy caution.copy method.copy.advised"),
    ("a copy that differs", asked(OWN, "differs"), asked(OWN, "copy"), "method.copy.differs"),
    ("a copy tried on made-up inputs", asked(OWN, "made_up"), asked(OWN, "copy"), "method.copy.made-up copy.inputs.made-up"),
    ("a copy no faster", asked(OWN, "no_gain"), asked(OWN, "copy"), "method.copy.alike"),
    ("a test run on another machine", asked(two_computers(), "there", "here"), asked(two_computers(), "here"), "method.measured.there"),
    ("no model yet", asked(need(job__model={"reference": "things-in-pictures"})), asked(need()), "caution.sample-model"),
    # ---- rules, law, people
    ("data about people", asked(EU_PEOPLE), asked(need()), "risk.personal risk.personal.do law.gdpr incident.people reason.stays"),
    ("data about people for a service", asked(changed(API, rules={"data": "ordinary"})), asked(API), "step.contract law.transfer"),
    ("secret data for a service", asked(changed(API, rules={"data": "sensitive"})), asked(API), "step.contract.sensitive"),
    ("the Union", asked(EU_PEOPLE), asked(changed(EU_PEOPLE, business__country="US")), "law.literacy law.gdpr incident.people"),
    ("outside the Union", asked(changed(EU_PEOPLE, business__country="US")), asked(EU_PEOPLE), "law.elsewhere"),
    ("a note on law", asked(EU_PEOPLE), asked(need(business__country="US")), "law.no_advice nist.GOVERN_1.1 section.law"),
    ("a chat in the Union", asked(CHAT_HERE), asked(changed(CHAT_HERE, job__task="text-classification")), "law.transparency"),
    ("it must work offline", asked(need(rules={"data": "none", "must_work_without_internet": True})), asked(need()),
     "reason.offline rule.offline"),
    ("offline with data about people", asked(need(rules={"data": "ordinary", "must_work_without_internet": True})),
     asked(need(rules={"data": "none", "must_work_without_internet": True})), "reason.stays.only"),
    ("no internet", asked(need(site__internet="none")), asked(need()), "rule.offline.none"),
    ("data must stay here", asked(need(rules={"data": "none", "data_must_stay": "on-site"})), asked(need()), "rule.place-of-data.on-site"),
    ("data must stay in the country", asked(need(rules={"data": "none", "data_must_stay": "country"})), asked(need()),
     "rule.place-of-data.country"),
    ("data must stay in the Union", asked(need(rules={"data": "none", "data_must_stay": "eu"})), asked(need()), "rule.place-of-data.eu"),
    ("no standstill", asked(need(rules={"data": "none", "longest_outage_minutes": 2})), asked(need()), "rule.outage"),
    ("a thin line", asked(need(site__uplink_mbps=0.05)), asked(need()), "rule.uplink"),
    ("a small data plan", asked(need(site__internet="mobile", site__mobile_gb_per_month=1)), asked(need()), "rule.mobile-plan"),
    ("a limit at the start", asked(need(money={"currency": "EUR", "upfront_max": 100})), asked(need()), "rule.upfront"),
    ("a limit each month", asked(need(money={"currency": "EUR", "monthly_max": 1})), asked(need()), "rule.monthly"),
    ("a month may go over the limit", asked(changed(API, money={"currency": "EUR", "monthly_max": 0.35})), asked(API),
     "risk.budget risk.budget.do"),
    ("data about people, strangers' machines", asked(EU_PEOPLE), asked(need()), "rule.strangers"),
    ("a large model asked for", asked(changed(CHAT_HERE, quality={"needs_large_model": True})), asked(CHAT_HERE), "rule.quality"),
    ("a small model answers here", asked(changed(CHAT_HERE, rules={"data": "ordinary", "data_must_stay": "on-site"})),
     asked(changed(CHAT_HERE, rules={"data": "ordinary", "data_must_stay": "on-site"}, job__task="text-classification")),
     "risk.quality_text risk.quality_text.do risk.chat_wrong risk.chat_wrong.do"),
    ("an open text model", asked(changed(CHAT_HERE, rules={"data": "ordinary", "data_must_stay": "on-site"})), asked(need()),
     "retraining.open"),
    ("a computer free when nobody asks", asked(need(site={"owned": [{"what": "office PC 2021", "free": "nights"}]})), asked(need()),
     "rule.hours-free"),
    ("a small power limit", asked(changed(NEW, site={"internet": "none", "power_limit_w": 20})), asked(NEW), "rule.power reason.watt"),
    ("a power limit none reaches", asked(changed(NEW, site={"internet": "none", "power_limit_w": 100})), asked(NEW), "reason.watt"),
    ("no mains", asked(changed(NEW, site={"internet": "none", "power": "battery"})), asked(NEW),
     "rule.power.none risk.solar risk.solar.do caution.own_supply"),
    ("weak skill", asked(changed(NEW, business__it_skill="none")), asked(NEW), "risk.skill_none risk.skill_none.do"),
    ("some skill", asked(changed(NEW, business__it_skill="low")), asked(NEW), "risk.skill_low risk.skill_low.do"),
    ("skill not told", asked(changed(NEW, business={"country": "DE"})), asked(NEW), "risk.skill_unknown risk.skill_unknown.do"),
    ("a firm of one", asked(need(business__people=1)), asked(need()), "step.name.alone incident.call.maker"),
    ("a firm of one, and a seller", asked(changed(API, business__people=1)), asked(API), "incident.call.seller"),
    ("a firm of more", asked(need()), asked(need(business__people=1)), "step.name incident.call law.literacy"),
    ("sale days with rented machines", asked(need_of("web-shop")),
     asked(changed(need_of("web-shop"), load__rare_peak=None)), "risk.sale_day risk.sale_day.do"),
    ("sale days", asked(PEAK), asked(changed(PEAK, load={"units_per_day": 400, "busiest_hour_units": 120})), "route.overflow"),
    # ---- tasks
    ("speech", asked(API), asked(need()), "risk.speech risk.speech.do"),
    ("people in pictures", asked(changed(need(), rules={"data": "sensitive"})), asked(need()), "risk.people_seen risk.people_seen.do"),
    ("people in pictures at several sites", asked(changed(need(load__sites=3), rules={"data": "sensitive"})),
     asked(changed(need(), rules={"data": "sensitive"})), "risk.numbers_only risk.numbers_only.do"),
    *((f"the task {t}", asked(task(t)), asked(need()), f"risk.{r} risk.{r}.do") for t, r in (
        ("ocr", "ocr_wrong"), ("translation", "translation"), ("text-classification", "sorting"), ("anomaly-detection", "alarm"),
        ("recommendation", "suggest"))),
    ("a quick line of parts", asked(task("anomaly-detection", load__busiest_hour_units=900, load__units_per_day=9000, speed__limit_ms=900)),
     asked(task("anomaly-detection")), "risk.line_safe risk.line_safe.do"),
    # ---- what we took
    ("a currency of one's own", asked(need()), asked(need(money={"currency": "USD"})), "assumed.exchange"),
    ("a country with a tax we know", asked(need()), asked(need(business__country="US")), "assumed.no_tax.vat"),
    ("a country with a tax we do not know", asked(need(business__country="US")), asked(need()), "assumed.no_tax"),
    ("not sure", asked(need(rules={"data": "not-sure"})), asked(need()), "assumed.unsure"),
    ("a blank", asked(need()), asked(changed(need(), load={**need()["load"], "arrivals": "steady"})), "word.daytime"),
    ("a discount", asked(need(money={"currency": "EUR", "discount_percent": 5})), asked(need()), "line.discount"),
]  # fmt: skip


@pytest.mark.parametrize(("having", "lacking", "wanted"), [f[1:] for f in FACTS], ids=[f[0] for f in FACTS])
def test_a_phrase_goes_when_its_fact_goes(having: Asked, lacking: Asked, wanted: str) -> None:
    names = [k.replace("_1.", " 1.").replace("_2.", " 2.") if k.startswith("nist.") else k for k in wanted.split()]
    assert [k for k in names if k not in keys(having)] == []
    assert [k for k in names if k in keys(lacking)] == []


# ---- families: phrases that follow a value of their own ----------------------------------------------------------


def chosen(found: Findings, best: Candidate, **looks: Any) -> Findings:
    """The findings with another way as the best one, and other things to be said of it."""
    g = best.group
    c = replace(best, group=replace(g, ids=lambda i: g.ids(i), looks=lambda i: replace(g.looks(i), **looks)))
    listed = (c, *(x for x in found.choice.listed if x.id != best.id))
    return replace(found, choice=replace(found.choice, best=c, listed=listed))


def the_best(found: Findings) -> Candidate:
    assert found.choice.best is not None
    return found.choice.best


# What is said about a way because its own facts say so (`advisor.options`, the price list): the key is the value.
OF_LOOKS = {key: field for key in BOOK for start, field in (("caution.", "cautions"), ("lock.", "lock_in"), ("why.", "speed_why"))
            if key.startswith(start)}  # fmt: skip


@pytest.mark.parametrize("key", sorted(OF_LOOKS))
def test_what_is_said_of_a_way_follows_its_facts(key: str) -> None:
    found = findings(asked(NEW))
    field = OF_LOOKS[key]
    others = {"cautions": (), "lock_in": "lock.device", "speed_why": "why.chip-fit"}
    if key in others.values():
        others = {"lock_in": "lock.machine", "speed_why": "why.chip-class"}
    # Only this way is listed, so that no other one says it.
    alone = replace(found, choice=replace(found.choice, near=(), listed=(the_best(found),)))
    having, lacking = (chosen(alone, the_best(alone), **{field: v}) for v in ((key,) if field == "cautions" else key, others[field]))
    assert key in shown(having)
    if key != "lock.none":
        # Changing nothing ties nobody, and is always in the list.
        assert key not in shown(lacking)


RULES = sorted({k for k in BOOK if k.startswith("rule.")})
# The facts of the case behind the ways a rule may be put.
PUT_SO = {
    "rule.place-of-data.on-site": {"stay": "on-site"}, "rule.place-of-data.country": {"stay": "country"},
    "rule.place-of-data.eu": {"stay": "eu"}, "rule.offline.none": {"internet": "none"}, "rule.too-slow.none": {"limit_s": None},
    "rule.power": {"power_limit_w": 20.0}, "rule.upfront": {"upfront_max": 5.0}, "rule.monthly": {"monthly_max": 5.0},
}  # fmt: skip


def ruled_out(rule: str | None, **facts: Any) -> Findings:
    """Findings with a nearest way that breaks one rule (or is in none)."""
    found = findings(asked(need()))
    c = next(x for x in found.choice.listed if x.kind is Kind.EDGE_NEW)
    mask = np.zeros(c.group.n, dtype=bool)
    mask[c.row] = True
    g = replace(c.group, removals=(Removal(rule, mask),) if rule else ())
    near = (replace(c, group=g),) if rule else ()
    listed = tuple(x for x in found.choice.listed if x.kind is not Kind.EDGE_NEW)
    groups = (*(x for x in found.groups if x.kind is Kind.EDGE_EXISTING), g)
    choice = replace(found.choice, listed=listed, near=near, rival=None)
    return replace(found, setting=with_case(found.setting, **facts), groups=groups, choice=choice)


@pytest.mark.parametrize("key", RULES)
def test_a_rule_is_told_where_it_removed_something(key: str) -> None:
    name = re.sub(r"\.(on-site|country|eu|none)$", "", key)
    facts = PUT_SO.get(key, {})
    told = shown(ruled_out(name, **facts))
    assert {key, f"short.{name.removeprefix('rule.')}", "rules.removed", "rules.way", "verdict.not"} <= told
    assert not {key, f"short.{name.removeprefix('rule.')}"} & shown(ruled_out(None, **facts))


TURNS = sorted(k for k in BOOK if re.fullmatch(r"turn\.[a-z_]+\.\S+", k) and not k.startswith("turn.text."))


@pytest.mark.parametrize("key", TURNS)
def test_a_turning_point_is_told_where_it_was_found(key: str) -> None:
    found = findings(asked(need()))
    path, _, value = key.removeprefix("turn.").rpartition(".")
    number = path.count(".") == 0
    turn = (
        Turn(key.removeprefix("turn."), 10.0, 20.0, "up", Kind.CLOUD_API, "x")
        if number
        else Turn(path, None, {"true": True, "false": False}.get(value, value), "to", Kind.CLOUD_API, "x")
    )
    assert {key, "turn.text.up" if number else "turn.text.yes", "then", "kind.cloud_api"} <= shown(replace(found, turns=(turn,)))
    assert key not in shown(found)


@pytest.mark.parametrize(
    ("document", "turn", "key"),
    [
        (need(), Turn("load.units_per_day", 10.0, 5.0, "down", Kind.CLOUD_API, "x"), "turn.text.down"),
        (need(), Turn("load.units_per_day", 10.0, 5.0, "down", Kind.NONE, "x"), "turn.none"),
        (NONE, Turn("quality.health", "failed", "passed", "to", Kind.EDGE_NEW, "x"), "turn.start"),
        *((need(), Turn("load.units_per_day", 10.0, 5.0, "down", k, "x"), f"kind.{k}") for k in Kind if k is not Kind.NONE),
        (need(), Turn("quality.simple_rule_could_do", None, True, "to", Kind.NONE, "x"), "kind.none"),
    ],
)
def test_what_is_beyond_a_turning_point(document: dict[str, Any], turn: Turn, key: str) -> None:
    found = replace(findings(asked(document)), turns=())
    found = replace(found, choice=replace(found.choice, rival=None))
    assert key in shown(replace(found, turns=(turn,)))
    assert key not in shown(found)


def test_no_turning_point_is_said_too() -> None:
    museum = of_story("museum")
    turn = Turn("load.units_per_day", 10.0, 5.0, "down", Kind.EDGE_NEW, "x")
    assert "changes.none" in shown(replace(museum, turns=()))
    assert "changes.none" not in shown(replace(museum, turns=(turn,)))


@pytest.mark.parametrize("name", TASKS)
def test_the_task_is_in_the_title(name: str) -> None:
    found = findings(asked(need()))
    other = "ocr" if name != "ocr" else "chat"
    with_it, without = (shown(replace(found, setting=with_case(found.setting, task=t))) for t in (name, other))
    assert f"task.{name}" in with_it
    assert f"task.{name}" not in without


@pytest.mark.parametrize("confidence", list(Confidence))
def test_how_sure_we_are_is_what_was_found(confidence: Confidence) -> None:
    found = findings(asked(need()))
    for c in Confidence:
        told = shown(replace(found, choice=replace(found.choice, confidence=c)))
        assert (f"confidence.{confidence}" in told) == (c is confidence)
        if confidence is Confidence.TOO_CLOSE:
            assert ("why_sure.close" in told) == (c is confidence)


@pytest.mark.parametrize("routing", ["private", "overflow"])
@pytest.mark.parametrize("buys", [False, True])
def test_the_verdict_of_a_mix_follows_its_rule_and_its_parts(routing: str, buys: bool) -> None:
    found = of_story("lawyer")
    best = the_best(found)
    first, *rest = best.group.looks(best.row).parts
    parts = (replace(first, purchase="buy" if buys else "own"), *rest)
    key = "verdict.hybrid" + (".overflow" if routing == "overflow" else "") + (".buy" if buys else "")
    told = shown(chosen(found, best, parts=parts, routing=f"route.{routing}"))
    assert [k for k in BOOK if k.startswith("verdict.hybrid") and k in told] == [key]


@pytest.mark.parametrize("code", ["T01", "T04", "T11", "T14", "T16"])
def test_the_widest_line_of_the_bill_is_named_with_what_settles_it(code: str) -> None:
    found = of_story({"T14": "radio", "T16": "garage"}.get(code, "farm"))
    best = the_best(found)

    def widened(x: Any) -> Any:
        return replace(x, quantity=np.ones(best.group.n), unit_price=1e7, low=0.1, high=10.0) if x.code == code else x

    lines = tuple(widened(x) for x in best.group.bills.lines)
    wide = replace(best, group=replace(best.group, bills=Bills(best.group.n, lines)))
    told = shown(chosen(found, wide))
    settled = {"T04": "meter", "T11": "time", "T16": "bill"}.get(code, "price")
    assert {"known.widest.line", f"known.settled.{settled}"} <= told
    assert not {"known.widest.hours", "known.settled.hours"} & told
    assert {"known.widest.hours", "known.settled.hours"} <= shown(found)


def test_an_open_speed_and_an_open_growth_are_the_widest_where_they_are() -> None:
    found = of_story("farm")
    best = the_best(found)
    cheap = replace(found, setting=replace(found.setting, wage=found.setting.wage.scaled(1e-9)))
    open_speed = replace(best, group=replace(best.group, limit_s=float(best.group.p_likely[best.row])))
    assert {"known.widest.speed", "known.settled.speed"} <= shown(chosen(cheap, open_speed))
    assert not {"known.widest.speed", "known.settled.speed"} & shown(cheap)


def test_a_growth_we_took_is_the_widest_guess_where_the_bill_hangs_on_it() -> None:
    document = changed(need_of("garage"), load={k: v for k, v in need_of("garage")["load"].items() if k != "growth_percent_per_year"})
    widest = {"known.widest.growth", "known.settled.growth"}

    def free_hours(found: Findings) -> Findings:
        """No hour weighs anything, and the price of a page is sure."""
        best = the_best(found)
        sure = tuple(replace(x, low=1.0, high=1.0) for x in best.group.bills.lines)
        calm = replace(best, burden=best.total, group=replace(best.group, bills=Bills(best.group.n, sure)))
        return chosen(replace(found, setting=replace(found.setting, wage=found.setting.wage.scaled(1e-9))), calm)

    assert widest <= shown(free_hours(findings(asked(document))))
    assert not widest & shown(free_hours(findings(asked(changed(document, load__growth_percent_per_year=5)))))


# ---- why not the cheaper one -------------------------------------------------------------------------------------

_BELOW = {f"reason.smaller_bill.{x}" for x in ("far", "least-upkeep", "most-private")} | {"reason.hours"}


@pytest.mark.parametrize("wish", ["fastest", "least-upkeep", "most-private"])
def test_a_wish_is_why_the_cheaper_way_is_not_advised(wish: str) -> None:
    found = of_story("workshop")
    asked_for = shown(replace(found, setting=with_case(found.setting, prefer=wish)))
    assert f"reason.smaller_bill.{wish}" in asked_for
    assert f"reason.smaller_bill.{wish}" not in shown(found)


def test_a_farther_way_is_told_to_be_farther() -> None:
    found = of_story("workshop")
    best = the_best(found)
    # The same in all but the bill and the distance.
    cheap = Bills(best.group.n, tuple(replace(x, unit_price=x.unit_price * 0.5) for x in best.group.bills.lines))
    away = replace(best, id="away", score=best.score * 1.01, group=replace(
        best.group, ids=lambda i: "away", bills=cheap, far=best.group.far + 2.0))  # fmt: skip
    assert "reason.smaller_bill.far" in shown(replace(found, choice=replace(found.choice, listed=(best, away), near=(), rival=None)))
    assert "reason.smaller_bill.far" not in shown(replace(found, choice=replace(found.choice, listed=(best,), near=(), rival=None)))


def test_hours_are_a_reason_where_there_is_no_third() -> None:
    found = findings(asked(need()))
    best = the_best(found)
    alone = replace(found, groups=(best.group,), choice=replace(found.choice, listed=(best,), near=(), rival=None))
    assert "reason.hours" in shown(alone)
    assert "reason.hours" not in shown(found)


# ---- blanks ------------------------------------------------------------------------------------------------------

TOLD = need(
    business={"country": "DE", "it_skill": "medium", "people": 4},
    job={**need()["job"], "model_calls_per_unit": 1},
    load={**need()["load"], "sites": 1, "arrivals": "steady"},
    speed={"limit_ms": 2000, "percentile": 95, "of": "answer"},
    rules={"data": "none", "data_must_stay": "anywhere", "longest_outage_minutes": 480, "must_work_without_internet": False,
           "identifies_people": False, "decision_about_people": False, "legal_basis_confirmed": True},
    site={"internet": "wired", "uplink_mbps": 20, "traffic_comes_from": "site", "place": "indoors", "power": "mains",
          "owned": [{"what": "office PC 2021", "free": "always"}],
          "rented": [{"provider": "aws", "instance_type": "m7a.xlarge", "spare_share": 0.5}]},
    money={"currency": "EUR", "horizon_years": 3, "discount_percent": 0},
    quality={"needs_large_model": False},
)  # fmt: skip
BLANKS: dict[str, tuple[str, dict[str, Any]]] = {
    # phrase: the field that is left open, and what else has to be so
    **{f"field.{path}": (path, {}) for path in (
        "load.days_per_week", "load.open_hours_per_day", "load.arrivals", "load.growth_percent_per_year", "load.sites",
        "load.input_kb_per_unit", "load.output_kb_per_unit", "speed.limit_ms", "speed.percentile", "speed.of", "rules.data",
        "rules.data_must_stay", "rules.longest_outage_minutes", "rules.must_work_without_internet", "rules.identifies_people",
        "rules.decision_about_people", "site.internet", "site.uplink_mbps", "site.traffic_comes_from", "site.place", "site.power",
        "business.it_skill", "job.model_calls_per_unit", "job.unit", "money.currency", "money.horizon_years",
        "money.discount_percent", "quality.needs_large_model")},
    "field.rules.legal_basis_confirmed": ("rules.legal_basis_confirmed", {"rules__identifies_people": True}),
    "field.speed.limit_ms.batch": ("speed.limit_ms", {"speed__of": "batch"}),
    **{f"field.load.busiest_hour_share.{a}": ("load.busiest_hour_units", {"load__arrivals": a})
       for a in ("steady", "daytime", "evenings", "bursty", "batch")},
}  # fmt: skip


@pytest.mark.parametrize("key", sorted(BLANKS))
def test_a_blank_is_told_and_a_filled_one_is_not(key: str) -> None:
    path, also = BLANKS[key]
    full = changed(TOLD, **also)
    open_one = json.loads(json.dumps(full))
    group, field = path.split(".")
    open_one[group].pop(field, None)
    assert key in keys(asked(open_one))
    assert key not in keys(asked(full))


def test_a_batch_is_not_told_of_single_answers() -> None:
    single = json.loads(json.dumps(TOLD))
    del single["speed"]["percentile"], single["load"]["busiest_hour_units"]
    of_answers = {"field.speed.percentile", "field.load.busiest_hour_share.steady"}
    assert of_answers <= keys(asked(single))
    assert not of_answers & keys(asked(changed(single, speed__of="batch")))


def test_the_spare_part_of_a_rented_machine_is_told_where_it_was_taken() -> None:
    full = json.loads(json.dumps(TOLD))
    del full["site"]["rented"][0]["spare_share"]
    assert "field.site.rented.spare_share" in keys(asked(full))
    assert "field.site.rented.spare_share" not in keys(asked(TOLD))
    assert {"assumed"} <= keys(asked(full))


# ---- all phrases -------------------------------------------------------------------------------------------------

# Phrases without a fact of their own, and why.
STRUCTURAL = {
    r"section\..*|title|footer|col\..*|table\..*|chart\..*|compare\.chart|name\.no-change|verdict\.(best|possible|not)":
        "headings, columns and cells of tables that stand or fall with what is in them",
    r"T\d\d|line\..*|zero\..*|left_out\..*|bill\.price_.*|age\..*":
        "names of the parts of a bill, one a line; held to their lines in tests/options",
    r"basis\..*|known\.(published|yours|estimated|worked_out)": "the four sorts of figures; counted in test_plain_answer",
    r"nist\..*": "outcomes of a framework, one a row; the rows follow the table of the catalog",
    r"word\..*": "words for what a blank was filled with; any default of the catalog may be one of them",
    r"way\..*|fact\.(cost|hours|time)|rules\.ways|reason\.stays": "names and labels of values that every answer has",
    r"scene\..*": "one row of the table of the test run each; held to their runs in tests/advisor/test_answer.py",
    r"method\.(prices|copy\.other|copy\.all-alike|copy\.few|operators.*)|reason\.measured\.there|assumed\.left_out":
        "held to their values in tests/catalogs, tests/options and tests/advisor/test_answer.py",
}  # fmt: skip


def held() -> set[str]:
    """Phrases that a test above takes away with their fact."""
    pairs = {k.replace("_1.", " 1.").replace("_2.", " 2.") if k.startswith("nist.") else k for f in FACTS for k in f[3].split()}
    turns = {"turn.text.up", "turn.text.down", "turn.text.yes", "turn.none", "turn.start", "then", "changes.none"}
    sure = {f"confidence.{c}" for c in Confidence} | {"why_sure.close"}
    known = {f"known.widest.{x}" for x in ("hours", "speed", "growth", "line")} | {k for k in BOOK if k.startswith("known.settled.")}
    mixes = {k for k in BOOK if k.startswith("verdict.hybrid")}
    rules = {*RULES, *(k for k in BOOK if k.startswith("short.")), "rules.removed", "rules.way", "verdict.not"}
    words = {f"kind.{k}" for k in Kind} | {f"task.{t}" for t in TASKS}
    return (
        pairs
        | {*OF_LOOKS, *TURNS, *turns, *sure, *known, *mixes, *rules, *BLANKS}
        | words
        | _BELOW
        | {"assumed", "field.site.rented.spare_share"}
    )


def test_every_phrase_hangs_on_a_fact_or_says_why_not() -> None:
    loose = [k for k in BOOK if k not in held() and not any(re.fullmatch(p, k) for p in STRUCTURAL)]
    assert loose == []


def test_no_key_in_the_table_is_unknown() -> None:
    assert [k for k in held() if k not in BOOK] == []


def test_every_structural_phrase_is_said_somewhere() -> None:
    """A phrase that nothing says is no phrase: headings and names must stand in at least one answer here or in the stories."""
    said: set[str] = set()
    for name in STORIES:
        said |= shown(of_story(name))
    for f in FACTS:
        said |= keys(f[1]) | keys(f[2])
    unused = [k for k in BOOK if k not in held() and k not in said and not re.fullmatch(_UNSAID, k)]
    assert unused == []


# Said in answers that no story here has; each has its own test elsewhere, or stands in for a value the catalog may get.
_UNSAID = (
    r"word\..*|scene\..*|zero\.T\d\d|line\.rent_(rest|more)|method\.(copy\.(other|all-alike|few)|operators.*)|"
    r"reason\.measured\.there|assumed\.left_out|bill\.price_.*|age\..*"
)
