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
from advisor.explain.verdict import _MIX
from advisor.findings import Relaxed, Turn
from advisor.measurement import run_of
from advisor.moves import Scale
from advisor.need import TASKS
from advisor.need_paths import plain_path
from advisor.options import Removal
from advisor.options.field import field_of
from advisor.options.hybrids.designs import hard_cases
from advisor.played import play_listed
from advisor.recommend import Candidate
from advisor.turnable import CHOICES, NUMBERS
from advisor.words import Words
from tests.advisor.answers import KINDS, SEED, changed, need, with_case
from tests.advisor.test_answer import OWN, with_copy
from tests.advisor.test_played import BUSY
from tests.advisor.test_relaxing import NOTHING as NO_WAY
from tests.explain.keys import HEALTH, MEASURED, Asked, asked, findings, keys, shown
from tests.options.test_hybrid import DESIGNS, HARD_MODEL
from tests.options.test_places import SERVER, timed, two_computers
from tests.options.test_quotes import MACHINE, quoted
from tests.options.test_rules import CHAT
from tests.stories.told import STORIES, need_of
from tests.stories.told import findings as of_story

if TYPE_CHECKING:
    from advisor.findings import Findings

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
# A first model looks at every photo, a much larger one at a few of them.
FURTHER = need(
    job={"task": "segmentation", "unit": "photo", "model": {"features": {"params_millions": 3.2, "gmacs": 4.4}},
         "more_models": [HARD_MODEL]},
    load={"units_per_day": 20_000, "busiest_hour_units": 2500, "input_kb_per_unit": 30}, speed__limit_ms=8000,
    site={"owned": [{"what": "office PC 2021"}], "uplink_mbps": 500},
)  # fmt: skip


def money(**more: Any) -> dict[str, Any]:
    return {"currency": "EUR", **more}


def bound(months: int, **more: Any) -> dict[str, Any]:
    """A price for a machine that binds for so many months."""
    return quoted(INSTANCE, {"price_of": f"machine:{MACHINE}", "amount": 0.001, "bound_months": months}, **more)


RARE = {"units_per_day": 40_000_000, "busiest_hour_units": 9_000_000, "days_per_year": 5}
PRICED = {"price_of": "device:jetson-orin-nano-super-devkit", "amount": 100, "seen_on": "2026-11-20"}
TAUGHT = need(job__retrainings_per_year=4, job__labels_per_retraining=9)


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
    ("something is paid besides power", asked(need(money=money(lost_hour=30))), asked(need()), "reason.nothing_to_buy.more line.lost_work"),
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
    ("a month may cost no more than a spot price", asked(changed(BATCH, money=money(monthly_max=0.2))), asked(BATCH),
     "risk.taken_away risk.taken_away.do"),
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
    ("a machine may not stand still for days, and no spare is bought", asked(DESIGNS["failover"]),
     asked(changed(DESIGNS["failover"], rules__longest_outage_minutes=3 * 24 * 60)),
     "route.failover reason.route.failover step.route.failover risk.device_dies_standby risk.device_dies_standby.do zero.standby"),
    ("a line that may not be missed", asked(DESIGNS["standby"]), asked(changed(DESIGNS["standby"], rules__longest_outage_minutes=5)),
     "route.standby reason.route.standby step.route.standby"),
    ("only hard questions ask for a large model", asked(DESIGNS["hard"]),
     asked(changed(DESIGNS["hard"], quality={"needs_large_model": False})),
     "route.hard reason.route.hard step.route.hard risk.sorted_wrong risk.sorted_wrong.do"),
    ("a model that is trained again", asked(DESIGNS["learn"]), asked(changed(DESIGNS["learn"], job__retrainings_per_year=0)),
     "route.learn reason.route.learn step.route.learn line.retraining_rent zero.in_retraining zero.model_back"),
    ("sale days", asked(DESIGNS["overflow"]), asked(changed(DESIGNS["overflow"], load__rare_peak=None)), "route.overflow"),
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
    ("a simple rule might do", asked(need(quality={"simple_rule_could_do": "not-sure"})), asked(need()),
     "reason.plain.unsure name.plain-way"),
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
    ("a cheaper way may be too slow", asked(NEW), asked(changed(NEW, speed__limit_ms=60_000)), "reason.smaller_bill.slow"),
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
    ("a discount", asked(need(money={"currency": "EUR", "discount_percent": 5})), asked(need()), "line.discount bill.part.undiscounted"),
    # ---- the bill
    ("tax is wanted", asked(need(money=money(with_tax=True))), asked(need()),
     "assumed.tax line.tax line.tax.upfront table.options.tax table.bill.note.tax"),
    ("tax is wanted where we know no rate", asked(need(business__country="US", money=money(with_tax=True))),
     asked(need(money=money(with_tax=True))), "assumed.tax_unknown left_out.tax_unknown"),
    ("tax on nothing", asked(need(money=money(with_tax=True, electricity_per_kwh=0))), asked(need(money=money(with_tax=True))),
     "zero.nothing_taxed"),
    ("bound for longer than they look ahead", asked(bound(60)), asked(bound(36)), "line.rent_rest"),
    ("tax on what is paid at the end", asked(bound(60, with_tax=True)), asked(bound(36, with_tax=True)), "line.tax.end"),
    ("more machines on peak days than are bound", asked(changed(bound(36), load__rare_peak=RARE)), asked(bound(36)), "line.rent_more"),
    ("a price of a day", asked(quoted(NEW, PRICED)), asked(NEW), "bill.price_yours"),
    ("a price of no day", asked(quoted(NEW, {k: v for k, v in PRICED.items() if k != "seen_on"})), asked(quoted(NEW, PRICED)),
     "bill.price_typed"),
    ("cables and a case have a price", asked(changed(NEW, money=money(fittings_per_site=50))), asked(NEW), "line.fittings"),
    ("cables and a case cost nothing", asked(changed(NEW, money=money(fittings_per_site=0))), asked(NEW), "zero.T03"),
    ("nobody works with it", asked(need(job__people_using=0)), asked(need()), "zero.T24"),
    ("an IT firm", asked(changed(NEW, money=money(it_firm_per_month=80))), asked(NEW), "line.it_firm zero.it_firm"),
    ("an IT firm that asks nothing more", asked(changed(NEW, money=money(it_firm_per_month=0))), asked(NEW), "zero.it_firm_free"),
    ("a care contract", asked(changed(NEW, money=money(care_contract=True))), asked(NEW), "line.care zero.care_replaces"),
    ("a second line", asked(changed(API, money=money(second_line_per_month=20))), asked(API), "line.second_line"),
    ("an hour without it costs nothing", asked(need(money=money(lost_hour=0))), asked(need()), "zero.nothing_lost"),
    ("trained again, with hours in money", asked(changed(TAUGHT, money=money(staff_hour=30))), asked(TAUGHT), "line.retraining"),
    ("trained again, with hours not in money", asked(TAUGHT), asked(changed(TAUGHT, money=money(staff_hour=30))), "line.retraining.hours"),
    ("never trained again", asked(need(job__retrainings_per_year=0)), asked(need()), "zero.not_trained_again"),
    ("half a year more", asked(need(money=money(horizon_years=2.5))), asked(need()), "years.part"),
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


def turns_told() -> dict[str, Turn]:
    """For each phrase of what is moved, or of how its value is written, a turning point that asks for it."""
    out: dict[str, Turn] = {}
    for n in NUMBERS:
        path, at = n.path.replace("[]", "[0]"), 0.4 if n.scale is Scale.SHARE else 20.0
        shown_as = "percent" if n.shown == "share" else n.shown
        out[f"turn.{plain_path(n.path)}"] = out[f"turn.shown.{shown_as}"] = Turn(path, 10.0, at, "up", Kind.CLOUD_API, "x")
        out[f"turn.shown.{shown_as}.one"] = Turn(path, 10.0, 1.0, "down", Kind.CLOUD_API, "x")
    for c in CHOICES:
        path = c.path.replace("[]", "[0]")
        for v in c.values:
            key = f"turn.{plain_path(c.path)}.{'null' if v is None else str(v).lower()}"
            out[key] = Turn(path, None, v, "to", Kind.CLOUD_API, "x")
    return out


TOLD_BY = turns_told()
TURNS = sorted(k for k in BOOK if k.startswith("turn.") and not re.fullmatch(r"turn\.(text\..*|none|start)", k))


@pytest.mark.parametrize("key", TURNS)
def test_a_turning_point_is_told_where_it_was_found(key: str) -> None:
    found = findings(asked(need(money=money(quotes=[{"price_of": "device:raspberry-pi-5", "amount": 90}]))))
    # A phrase that is in no table can never be said.
    turn = TOLD_BY[key]
    way = "yes" if turn.direction == "to" else turn.direction
    whole = ".whole" if any(n.path.replace("[]", "[0]") == turn.input and n.scale is Scale.WHOLE for n in NUMBERS) else ""
    assert {key, f"turn.text.{way}{whole}", "then", "kind.cloud_api"} <= shown(replace(found, turns=(turn,)))
    assert key not in shown(found)


@pytest.mark.parametrize(
    ("document", "turn", "key"),
    [
        (need(), Turn("load.units_per_day", 10.0, 5.0, "down", Kind.CLOUD_API, "x"), "turn.text.down"),
        (need(), Turn("load.sites", 2.0, 1.0, "down", Kind.CLOUD_API, "x"), "turn.text.down.whole"),
        (need(), Turn("load.sites", 1.0, 2.0, "up", Kind.CLOUD_API, "x"), "turn.text.up.whole"),
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


def test_while_turning_points_are_looked_for_it_is_said() -> None:
    found = findings(asked(need()))
    assert "changes.sought" in shown(replace(found, turns=None))
    assert "changes.sought" not in shown(found)


RELAXED = sorted(k for k in BOOK if re.fullmatch(r"relax\.[a-z]+\..*", k))


@pytest.mark.parametrize("key", RELAXED)
def test_what_would_have_to_give_way_is_told_where_it_was_found(key: str) -> None:
    found = findings(asked(NO_WAY["budget"]))
    path, _, value = key.removeprefix("relax.").rpartition(".")
    to: float | str | bool
    if key == "relax.rules.confidential_share":
        path, to = "rules.confidential_share", 0.0
    elif path.count(".") == 0:
        path, to = key.removeprefix("relax."), 600.0
    else:
        to = False if value == "false" else value
    r = Relaxed(path, 10.0 if isinstance(to, float) else None, to, Kind.EDGE_NEW, "x", "A small computer")
    told = shown(replace(found, relaxed=(r,)))
    assert {key, "section.relax"} <= told
    assert not {"relax.two", "relax.none"} & told
    both = shown(replace(found, relaxed=(replace(r, with_input="load.sites"), replace(r, with_input=path))))
    assert {key, "relax.two"} <= both
    assert {"section.relax", "relax.none"} <= shown(replace(found, relaxed=()))
    assert not {key, "section.relax", "relax.none", "relax.two"} & shown(found)


def test_that_the_busiest_hour_was_played_is_said_where_it_was() -> None:
    found = findings(asked(BUSY))
    choice, played = play_listed(found.choice, SEED)
    assert "method.played" in shown(replace(found, choice=choice, played=played))
    assert "method.played" not in shown(found)


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


def mix(route: str) -> Findings:
    """Findings with a mix of this design as the best way."""
    if route != "further":
        return findings(asked(DESIGNS[route]))
    found = findings(asked(FURTHER))
    # No other way beside it, so that it is worth its place.
    g = next(hard_cases(found.setting, field_of(found.setting), [], []))
    best = Candidate(g, 0, g.ids(0), float(g.bills.totals[0]), float(g.bills.totals[0]))
    return replace(found, choice=replace(found.choice, best=best, listed=(best, *found.choice.listed)))


ROUTES = ("private", *(r.removeprefix("route.") for r in _MIX))
OF_ROUTES = {r: {k for k in BOOK if re.fullmatch(rf"((reason|step)\.)?route\.{r}", k)} for r in ROUTES}


@pytest.mark.parametrize("routing", ROUTES)
def test_a_mix_is_told_by_its_rule(routing: str) -> None:
    found = mix(routing)
    assert the_best(found).group.looks(the_best(found).row).routing == f"route.{routing}"
    assert OF_ROUTES[routing] <= shown(found)
    for other in set(ROUTES) - {routing}:
        assert not OF_ROUTES[other] & shown(found)


@pytest.mark.parametrize("routing", ROUTES)
@pytest.mark.parametrize("buys", [False, True])
def test_the_verdict_of_a_mix_follows_its_rule_and_its_parts(routing: str, buys: bool) -> None:
    found = mix(routing)
    best = the_best(found)
    here = ("buy", "own")
    parts = tuple(replace(p, purchase="buy" if buys else "own") if p.purchase in here else p for p in best.group.looks(best.row).parts)
    key = "verdict.hybrid" + (f".{routing}" if routing != "private" else "") + (".buy" if buys else "")
    told = shown(chosen(found, best, parts=parts))
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
    asked_for = keys(asked(changed(NEW, prefer=wish)))
    assert f"reason.smaller_bill.{wish}" in asked_for
    assert f"reason.smaller_bill.{wish}" not in keys(asked(NEW))


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
    r"section\..*|title|footer|bill\.part\..*|years\.(first_day|year)|col\..*|table\..*|chart\..*|compare\.chart|name\.no-change|verdict\.(best|possible|not)":
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
    ends = {f"turn.text.{x}" for x in ("up", "down", "yes", "up.whole", "down.whole")}
    turns = ends | {"turn.none", "turn.start", "then", "changes.none", "changes.sought"}
    gives_way = {*RELAXED, "relax.two", "relax.none", "section.relax"}
    sure = {f"confidence.{c}" for c in Confidence} | {"why_sure.close"}
    known = {f"known.widest.{x}" for x in ("hours", "speed", "growth", "line")} | {k for k in BOOK if k.startswith("known.settled.")}
    mixes = {k for k in BOOK if k.startswith("verdict.hybrid")}.union(*OF_ROUTES.values())
    rules = {*RULES, *(k for k in BOOK if k.startswith("short.")), "rules.removed", "rules.way", "verdict.not"}
    words = {f"kind.{k}" for k in Kind} | {f"task.{t}" for t in TASKS}
    return (
        pairs
        | {*OF_LOOKS, *TURNS, *turns, *sure, *known, *mixes, *rules, *BLANKS}
        | words
        | _BELOW
        | gives_way
        | {"assumed", "field.site.rented.spare_share", "method.played"}
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
    r"word\..*|scene\..*|method\.(copy\.(other|all-alike|few)|operators.*)|"
    r"reason\.measured\.there|assumed\.left_out"
)
