"""The whole calculation in one pass: need, model, measurement and catalog in, advice out.

Values in, values out: no clock, no chance that is not passed in, no look at this computer.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from babel import Locale

from advisor import __version__, quotes
from advisor.advice import Advice, Kind, Provenance
from advisor.case import open_case
from advisor.cost import Money
from advisor.explain import explain
from advisor.explain.verdict import headline
from advisor.findings import Findings
from advisor.forecast import Workload, expected, forecast, machines_from_owned, own_run
from advisor.forecast.tables import speeds_of
from advisor.load import demand
from advisor.need import from_json
from advisor.options import Places, Setting, candidates, electricity_price, hour_of_work, places_of
from advisor.played import play_listed
from advisor.problems import AdvisorError, Problem
from advisor.readability import readability
from advisor.recommend import NO_CHANGE, choose, decide, stopped
from advisor.relaxing import relaxations
from advisor.turning_points import CancelledError, Tries, turning_points
from advisor.words import LANGUAGES
from advisor.work import work_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from advisor.advice import Option
    from advisor.case import Case
    from advisor.catalog import Catalog
    from advisor.explain import Told
    from advisor.measurement import Measurement
    from advisor.model_profile import ModelProfile
    from advisor.need import Need
    from advisor.options import Group
    from advisor.recommend import Candidate, Choice
    from advisor.relaxing import Found
    from advisor.turning_points import Outcome
    from advisor.work import Work


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an answer is worked out from. Each measurement says which machine it is of (`options.places`); `health` is a parsed H.json."""

    need: Need
    profile: ModelProfile | None = None
    measurements: tuple[Measurement, ...] = ()
    health: Mapping[str, Any] | None = None


def advise(inputs: Inputs, catalog: Catalog, *, today: date, seed: int, language: str) -> Advice:
    """The whole answer.

    Args:
        today: the day it is given for; prices age by it.
        seed: of the drawn futures.
        language: one of `advisor.words.LANGUAGES`.

    Raises:
        AdvisorError: the need names something the catalog does not know, or a model whose facts are missing; or there
            are no words in `language`.
    """
    whole = begin(inputs, catalog, today=today, seed=seed, language=language).complete()
    assert whole is not None
    return whole


def begin(inputs: Inputs, catalog: Catalog, *, today: date, seed: int, language: str) -> Begun:
    """The answer without its turning points, which take longer than everything else.

    Raises:
        AdvisorError: as `advise`.
    """
    if language not in LANGUAGES:
        raise AdvisorError(
            Problem(
                "LANGUAGE",
                "--language",
                f"There is no report in the language {language} yet.",
                "",
                f"Use one of: {', '.join(LANGUAGES)}.",
            )
        )
    setting, groups, choice = decided(inputs, catalog, today, seed)
    choice, played = play_listed(choice, seed)
    tries = Tries(inputs.need.to_json(), lambda document: _again(inputs, document, catalog, today))
    provenance = _provenance(inputs, catalog, today, seed, language)
    found = Findings(setting, groups, choice, None, inputs.measurements, inputs.health, played=played)
    return Begun(found, tries, provenance, lambda document: _best_of(inputs, document, catalog, today))


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer whose turning points are still to be found, and where nothing fits what would have to give way."""

    found: Findings
    tries: Tries
    provenance: Provenance
    best_of: Callable[[dict[str, Any]], Found | None]

    def at_once(self) -> Advice:
        """The answer as far as it is known; its report says that the turning points are still looked for."""
        return _told(self.found, self.provenance)

    def complete(self, cancelled: Callable[[], bool] = lambda: False) -> Advice | None:
        """The whole answer; `None` if it was cancelled. Called again, it goes on where it was.

        Args:
            cancelled: asked before each recomputation (some hundredths of a second).
        """
        found, choice = self.found, self.found.choice
        now = _outcome((choice.best,) if choice.best else (), choice.none_because)

        def best_of(document: dict[str, Any]) -> Found | None:
            if cancelled():
                raise CancelledError
            return self.best_of(document)

        try:
            turns = turning_points(found.setting, now, self.tries, cancelled)
            nothing = choice.none_because == "nothing-feasible"
            need, case = found.setting.case.need, found.setting.case
            relaxed = relaxations(need, case, found.groups, best_of) if nothing else None
        except CancelledError:
            return None
        return _told(replace(found, turns=turns, relaxed=relaxed), self.provenance)


def _again(inputs: Inputs, document: dict[str, Any], catalog: Catalog, today: date) -> Outcome | None:
    """What is advised for a changed document; `None` where such a need would be refused."""
    try:
        changed = _setting(inputs, from_json(document), catalog, today)
    except AdvisorError:
        return None
    return _outcome(*_order_of(changed))


def _best_of(inputs: Inputs, document: dict[str, Any], catalog: Catalog, today: date) -> Found | None:
    """Kind, id and name of the best way of a changed document; `None` where nothing fits or such a need would be refused."""
    try:
        order, because = _order_of(_setting(inputs, from_json(document), catalog, today))
    except AdvisorError:
        return None
    return None if because is not None else (order[0].kind, order[0].id, order[0].group.looks(order[0].row).name)


def _order_of(changed: Setting) -> tuple[Sequence[Candidate], str | None]:
    """As `decide`, without looking at any way where the answer is not to start whatever could be done."""
    because = stopped(changed.case)
    return ((), because) if because is not None else decide(changed, candidates(changed))


def _told(found: Findings, provenance: Provenance) -> Advice:
    told = explain(found, provenance.language, __version__)
    kind, head = headline(found)
    return Advice(
        headline=head,
        none_because=found.choice.none_because,
        kind=kind,
        sentence=told.sentence,
        confidence=found.choice.confidence,
        reasons=told.reasons,
        refused_rules=told.refused,
        options=told.options,
        turning_points=told.turning_points,
        ledger=told.ledger,
        assumptions=told.assumptions,
        risks=told.risks,
        plan=told.plan,
        governance=told.governance,
        law_notes=told.law_notes,
        health=found.health,
        provenance=provenance,
        readability=readability(_owner_texts(told), _names(told.options)),
        report=told.report,
        relaxations=told.relaxations,
    )


def decided(inputs: Inputs, catalog: Catalog, today: date, seed: int) -> tuple[Setting, tuple[Group, ...], Choice]:
    """The whole calculation, over every offer of the catalog, before turning points and words: what a changed answer asks for at once.

    Returns:
        the ground, every way that was looked at, and the choice among them with its shares of drawn futures.

    Raises:
        AdvisorError: as `advise`.
    """
    setting = setting_of(inputs, catalog, today)
    groups = candidates(setting)
    return setting, groups, choose(setting, groups, seed)


def _outcome(order: Sequence[Candidate], because: str | None) -> Outcome:
    return (order[0].kind, order[0].id) if order and because is None else (Kind.NONE, NO_CHANGE)


def setting_of(inputs: Inputs, catalog: Catalog, today: date) -> Setting:
    """What every candidate of an answer shares: the case, the work, the catalog and money.

    Raises:
        AdvisorError: as `advise`.
    """
    return _setting(inputs, inputs.need, catalog, today)


def _setting(inputs: Inputs, need: Need, catalog: Catalog, today: date) -> Setting:
    case = _with_health(open_case(need, catalog), inputs.health)
    work = work_of(case, catalog, inputs.profile, inputs.measurements[0] if inputs.measurements else None)
    _check_names(case, catalog)
    timed = work.text is None and bool(work.steps)
    places = places_of(inputs.measurements, case.owned, catalog) if timed else Places()
    rate, source = catalog.exchange(case.currency)
    money = Money(case.currency, rate, source.title, source.as_of)
    return Setting(
        case=case,
        demand=demand(case),
        work=work,
        catalog=catalog,
        money=money,
        today=today,
        own=own_run(places.here) if places.here is not None else None,
        own_guess=_guess(case, work, places.here, catalog) if places.here is not None else None,
        electricity=electricity_price(case, catalog, money),
        wage=hour_of_work(case, catalog, money),
        quotes=quotes.read(need.money.quotes, catalog, case.currency, today),
        places=places,
    )


def _check_names(case: Case, catalog: Catalog) -> None:
    """Nothing, if everything the owner names is known; silence about a name would make the advice wrong."""
    problems = []
    if case.country not in Locale("en").territories:
        problems.append(
            Problem(
                "BAD_FIELD",
                "business.country",
                f"We know no country with the letters {case.country}.",
                "Prices, wages and law differ from country to country.",
                "Use its two letters, such as DE for Germany or US for the United States.",
            )
        )
    for i, o in enumerate(case.owned):
        for field, id in (("chip_id", o.chip_id), ("gpu_chip_id", o.gpu_chip_id)):
            if id is not None and id not in catalog.chips:
                problems.append(
                    Problem(
                        "BAD_FIELD",
                        f"site.owned[{i}].{field}",
                        f"We know no chip with the id {id}.",
                        "We would have to guess how fast it is.",
                        "Set it to null, and say the kind and year of the computer in what.",
                    )
                )
    known = sorted({str(p) for p in catalog.offers.type_provider}) if case.rented else []
    for i, r in enumerate(case.rented):
        if catalog.offers.type_row_of(r.provider, r.instance_type) is None:
            problems.append(
                Problem(
                    "BAD_FIELD",
                    f"site.rented[{i}].{'instance_type' if r.provider in known else 'provider'}",
                    f"We know no machine {r.instance_type} of {r.provider}.",
                    "So we cannot tell whether it could do the job.",
                    f"Check its name, or take it out. Providers we know: {', '.join(known)}.",
                )
            )
    if problems:
        raise AdvisorError(problems)


def _with_health(case: Case, health: Mapping[str, Any] | None) -> Case:
    """The case with the verdict of a health check in place of the path of its file."""
    if health is None or case.health in ("passed", "failed"):
        return case
    return replace(case, health="failed" if health.get("verdict") == "failed" else "passed")


def _guess(case: Case, work: Work, here: Measurement, catalog: Catalog) -> float | None:
    """What is forecast for this computer without its time for the model [s]: by known graphs timed on it, else by its age and kind."""
    mine = [o for o in case.owned if o.is_this_computer]
    if not mine or not work.steps:
        return None
    model = work.steps[0].work
    told = expected(model, here, speeds_of(catalog)) if isinstance(model, Workload) else None
    if told is not None:
        return told
    kind = catalog.owned_class(mine[0].what, mine[0].memory_gb)
    guess = float(forecast(model, machines_from_owned(mine, [kind], catalog), None).latency_likely[0])
    return guess if np.isfinite(guess) else None


def _provenance(inputs: Inputs, catalog: Catalog, today: date, seed: int, language: str) -> Provenance:
    measured = [m.to_json() for m in inputs.measurements]
    return Provenance(
        app_version=__version__,
        today=today.isoformat(),
        language=language,
        catalog_version=catalog.version,
        catalog_sha256=catalog.sha256,
        seed=seed,
        need_sha256=_sha(inputs.need.to_json()),
        measurement_sha256=_sha(measured) if measured else None,
    )


def _sha(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _owner_texts(told: Told) -> tuple[str, ...]:
    p = told.plan
    return (
        told.sentence,
        *told.reasons,
        *(r.text for r in told.refused),
        *(t.text for t in told.turning_points),
        *(r.text for r in told.relaxations),
        *(x for r in told.risks for x in (r.text, r.do)),
        *p.first_steps,
        *p.next_steps,
        *p.monitoring,
        p.retraining_rule,
        *p.incident,
        *p.switch_off,
        *(a.text for a in told.assumptions),
        *told.law_notes,
    )


def _names(options: tuple[Option, ...]) -> tuple[str, ...]:
    return tuple({x for o in options for p in o.parts for x in (p.what, p.catalog_id) if x})
