"""Everything the owner has answered so far, as one frozen value.

Only inputs are kept; the answer is always worked out again. `None` = not asked yet (or left to our default),
`NOT_SURE` = the owner said so. Saving writes a temporary file beside the old one and swaps it in, so a power cut
leaves either the old answers or the new ones, never half of both.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from advisor import measurement as measurements
from advisor import model_profile
from advisor import need as needs
from advisor.need import (
    Budget,
    Business,
    FeatureModel,
    HostedService,
    Job,
    Load,
    Model,
    Need,
    NotSure,
    OnnxModel,
    Owned,
    Quality,
    Quote,
    ReferenceModel,
    Rented,
    Rules,
    Site,
    Speed,
    TextModel,
    YesNo,
)
from advisor.problems import AdvisorError, Problem
from advisor.schema_check import check, read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.measurement import Measurement
    from advisor.model_profile import ModelProfile

FORMAT: Final = "edgewise/session/1"
ENDING: Final = ".edgewise"

ModelChoice = Literal["file", "none", "service", "size"]


@dataclass(frozen=True, slots=True)
class Session:
    """The owner's answers. Units and names are those of NEED.json; `done` lists the pages that were finished."""

    # the need
    task: str | None = None
    unit: str | None = None
    units_per_day: float | None = None
    busiest_hour_units: float | None = None
    days_per_week: float | None = None
    open_hours_per_day: float | None = None
    arrivals: str | None = None
    growth_percent_per_year: float | None = None
    sites: int | None = None
    input_kb_per_unit: float | None = None
    limit_ms: float | NotSure | None = None
    speed_of: str | None = None
    simple_rule_could_do: YesNo = None
    # the model
    model_choice: ModelChoice | None = None
    reference: str | None = None
    model_path: str | None = None
    sizes: tuple[tuple[str, int], ...] = ()
    samples_path: str | None = None
    try_copies: bool | None = None
    service: str | None = None
    params_millions: float | None = None
    gmacs: float | None = None
    params_billions: float | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    profile: ModelProfile | None = None
    measurement: Measurement | None = None
    elsewhere: tuple[Measurement, ...] = ()
    # data and rules
    data: str | None = None
    data_must_stay: str | None = None
    identifies_people: YesNo = None
    decision_about_people: YesNo = None
    legal_basis_confirmed: YesNo = None
    must_work_without_internet: YesNo = None
    longest_outage_minutes: float | NotSure | None = None
    # the place
    firm: str | None = None
    country: str | None = None
    people: int | None = None
    it_skill: str | None = None
    internet: str | None = None
    uplink_mbps: float | None = None
    traffic_comes_from: str | None = None
    place: str | None = None
    power: str | None = None
    power_limit_w: float | None = None
    owned: tuple[Owned, ...] = ()
    rented: tuple[Rented, ...] = ()
    currency: str | None = None
    upfront_max: float | None = None
    monthly_max: float | None = None
    horizon_years: float | None = None
    prefer: str | None = None
    discount_percent: float | None = None
    with_tax: bool | None = None
    lost_hour: float | None = None
    line_down_hours_per_year: float | None = None
    retrainings_per_year: float | None = None
    labels_per_retraining: float | None = None
    people_using: int | None = None
    fittings_per_site: float | None = None
    it_firm_per_month: float | None = None
    care_contract: bool | None = None
    second_line_per_month: float | None = None
    # prices from a quote or a bill; one whose name has a dot is a tariff: that field of the need
    quotes: tuple[Quote, ...] = ()
    # the wizard
    done: tuple[str, ...] = ()
    catalog_version: str | None = None
    program_version: str | None = None

    def finished(self, page: str) -> Session:
        """The same answers with one more page finished."""
        return self if page in self.done else replace(self, done=(*self.done, page))

    def with_model_file(
        self, path: str, profile: ModelProfile | None, sizes: tuple[tuple[str, int], ...] = (), samples_path: str | None = None
    ) -> Session:
        """The same answers with this model file; a test run of another file, other samples or another size is dropped."""
        same = (self.model_path, self.sizes, self.samples_path) == (path, sizes, samples_path) and _sha(self.profile) == _sha(profile)
        return replace(
            self,
            model_path=path,
            profile=profile,
            sizes=sizes,
            samples_path=samples_path,
            measurement=self.measurement if same else None,
            elsewhere=self.elsewhere if same else (),
            done=self.done if same else tuple(p for p in self.done if p != "test_run"),
        )

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """All test runs: that of this computer first, then those brought from others."""
        return (*((self.measurement,) if self.measurement else ()), *self.elsewhere)

    def with_elsewhere(self, found: Measurement) -> Session:
        """The same answers with a test run from another computer, which says its name; an older one of that computer goes.

        Raises:
            AdvisorError: it is of another model, or does not say which computer it is of.
        """
        name = found.machine.name
        if self.profile is not None and found.model.sha256 != self.profile.sha256:
            what = f"The test run is of another model ({found.model.name}), not of {self.profile.name}."
            raise AdvisorError(
                Problem("BAD_FIELD", "measurement", what, "Its times would mislead you.", "Choose a test run of your model.")
            )
        if name is None:
            what = "The test run does not say which computer it is of."
            raise AdvisorError(
                Problem("BAD_FIELD", "measurement", what, "So we cannot tell whose time it is.", "Pack the test with --machine and a name.")
            )
        return replace(self, elsewhere=(*(m for m in self.elsewhere if m.machine.name != name), found))

    def name(self) -> str:
        """What the owner would call these answers in a list; empty if nothing tells."""
        return self.firm or ""

    def to_json(self) -> dict[str, Any]:
        """The session file as plain values."""
        flat = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _NESTED}
        return {
            "format": FORMAT,
            **flat,
            "sizes": [list(pair) for pair in self.sizes],
            "owned": [asdict(o) for o in self.owned],
            "rented": [asdict(r) for r in self.rented],
            "quotes": [asdict(q) for q in self.quotes],
            "done": list(self.done),
            "profile": self.profile.to_json() if self.profile else None,
            "measurement": self.measurement.to_json() if self.measurement else None,
            "elsewhere": [m.to_json() for m in self.elsewhere],
        }


_NESTED = ("sizes", "owned", "rented", "quotes", "done", "profile", "measurement", "elsewhere")


def _sha(profile: ModelProfile | None) -> str | None:
    return profile.sha256 if profile else None


def to_need(session: Session) -> Need | tuple[Problem, ...]:
    """The need these answers make, or everything that is still missing."""
    model = _model(session)
    problems = []
    if session.task is None:
        problems.append(_missing("job.task", "We do not know the job yet.", "Choose what the model should do."))
    if session.units_per_day is None:
        problems.append(_missing("load.units_per_day", "We do not know how much work there is.", "Say how many come on a usual day."))
    if isinstance(model, Problem):
        problems.append(model)
    if session.country is None:
        problems.append(_missing("business.country", "We do not know your country.", "Choose the country of your firm."))
    tariffs = {q.price_of: q for q in session.quotes if is_tariff(q)}
    problems += [_other_currency(q, session.currency) for q in tariffs.values() if q.currency not in (None, session.currency)]
    if problems or session.task is None or session.units_per_day is None or session.country is None or isinstance(model, Problem):
        return tuple(problems)
    need = Need(
        business=Business(session.country, session.firm, session.people, session.it_skill),
        job=Job(
            session.task,
            model,
            session.unit,
            retrainings_per_year=session.retrainings_per_year,
            labels_per_retraining=session.labels_per_retraining,
            people_using=session.people_using,
        ),
        load=Load(
            units_per_day=session.units_per_day,
            days_per_week=session.days_per_week,
            open_hours_per_day=session.open_hours_per_day,
            busiest_hour_units=session.busiest_hour_units,
            growth_percent_per_year=session.growth_percent_per_year,
            sites=session.sites,
            arrivals=session.arrivals,
            input_kb_per_unit=session.input_kb_per_unit,
        ),
        speed=Speed(session.limit_ms, None, session.speed_of),
        rules=Rules(
            data=session.data,
            data_must_stay=session.data_must_stay,
            must_work_without_internet=session.must_work_without_internet,
            longest_outage_minutes=session.longest_outage_minutes,
            identifies_people=session.identifies_people,
            legal_basis_confirmed=session.legal_basis_confirmed,
            decision_about_people=session.decision_about_people,
        ),
        site=Site(
            internet=session.internet,
            uplink_mbps=session.uplink_mbps,
            traffic_comes_from=session.traffic_comes_from,
            place=session.place,
            power=session.power,
            power_limit_w=session.power_limit_w,
            line_down_hours_per_year=session.line_down_hours_per_year,
            mobile_price_per_gb=_amount(tariffs, "site.mobile_price_per_gb"),
            owned=session.owned,
            rented=session.rented,
        ),
        money=Budget(
            session.currency,
            session.upfront_max,
            session.monthly_max,
            session.horizon_years,
            electricity_per_kwh=_amount(tariffs, "money.electricity_per_kwh"),
            staff_hour=_amount(tariffs, "money.staff_hour"),
            discount_percent=session.discount_percent,
            with_tax=session.with_tax,
            lost_hour=session.lost_hour,
            fittings_per_site=session.fittings_per_site,
            it_firm_per_month=session.it_firm_per_month,
            care_contract=session.care_contract,
            second_line_per_month=session.second_line_per_month,
            quotes=tuple(q for q in session.quotes if not is_tariff(q)),
        ),
        quality=Quality(simple_rule_could_do=session.simple_rule_could_do),
        prefer=session.prefer,
    )
    try:
        # The schema has the last word, so that the window can never ask for what the command line would refuse.
        return needs.from_json(need.to_json())
    except AdvisorError as error:
        return error.problems


def is_tariff(quote: Quote) -> bool:
    """Whether a price is one that NEED.json has a field of its own for, such as `money.electricity_per_kwh`."""
    return "." in quote.price_of.partition(":")[0]


def _amount(tariffs: Mapping[str, Quote], field: str) -> float | None:
    return tariffs[field].amount if field in tariffs else None


def _other_currency(quote: Quote, now: str | None) -> Problem:
    return Problem(
        "BAD_FIELD",
        quote.price_of,
        f"You typed a price in {quote.currency}, but you reckon in {now or 'another currency'} now.",
        "We would take it for another amount.",
        "Open your prices and type it again.",
    )


def _model(session: Session) -> Model | Problem:
    match session.model_choice:
        case "file" if session.model_path:
            return OnnxModel(session.model_path)
        case "file":
            return _missing("job.model.onnx", "No model file is chosen.", "Choose the file of your model.")
        case "none" if session.reference:
            return ReferenceModel(session.reference)
        case "service" if session.service:
            return HostedService(session.service)
        case "service":
            return _missing("job.model.hosted_service", "No online service is chosen.", "Choose one from the list.")
        case "size" if session.params_billions is not None:
            return TextModel(session.params_billions, session.prompt_tokens or 500, session.output_tokens or 150)
        case "size" if session.params_millions is not None:
            return FeatureModel(session.params_millions, session.gmacs)
        case "size":
            return _missing("job.model.features.params_millions", "The size of the model is missing.", "Type how many weights it has.")
        case _:
            return _missing("job.model", "We do not know which model you mean.", "Choose one of the answers.")


def _missing(field: str, what: str, do: str) -> Problem:
    return Problem("MISSING_FIELD", field, what, "", do)


def from_json(document: Mapping[str, Any]) -> Session:
    """The session in a parsed session file.

    Raises:
        AdvisorError: a field is missing, unknown or does not fit.
    """
    check(document, "session")
    values = {f.name: document[f.name] for f in fields(Session) if f.name in document and f.name not in _NESTED}
    profile, measured = document.get("profile"), document.get("measurement")
    try:
        return Session(
            **values,
            sizes=tuple((str(name), int(size)) for name, size in document.get("sizes", ())),
            owned=tuple(Owned(**o) for o in document.get("owned", ())),
            rented=tuple(Rented(**r) for r in document.get("rented", ())),
            quotes=tuple(Quote(**q) for q in document.get("quotes", ())),
            done=tuple(document.get("done", ())),
            profile=model_profile.from_json(profile) if profile else None,
            measurement=measurements.from_json(measured) if measured else None,
            elsewhere=tuple(measurements.from_json(m) for m in document.get("elsewhere", ())),
        )
    except (KeyError, TypeError, ValueError):
        raise AdvisorError(_damaged("the file")) from None


def save(session: Session, path: Path) -> None:
    """Write the session so that the file is whole at every moment.

    Raises:
        AdvisorError: the folder or the disk does not take it; the old file is untouched.
    """
    text = json.dumps(session.to_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    write_whole(path, text.encode("utf-8"))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: temporary file in the same folder, flushed to disk, then swapped in.

    Raises:
        AdvisorError: the folder or the disk does not take it; an older file is untouched.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise AdvisorError(
            Problem(
                "NO_ACCESS",
                path.name,
                f"We could not save {path.name} in {path.parent} ({error.strerror or 'the disk refused it'}).",
                "Your answers are still open in this window.",
                "Choose another folder, or make room on the disk.",
            ),
        ) from None


def load(path: Path) -> Session:
    """The session in a file.

    Raises:
        AdvisorError: the file cannot be read, is damaged, or was written by a newer program.
    """
    document = read_json(path, "a file of saved answers")
    written = document.get("format")
    if isinstance(written, str) and written.startswith("edgewise/session/") and written != FORMAT:
        raise AdvisorError(
            Problem(
                "NEWER",
                path.name,
                f"{path.name} was saved by another version of this program.",
                "This version cannot read it.",
                "Open it with the version that saved it, or start anew.",
            ),
        )
    try:
        return from_json(document)
    except AdvisorError:
        raise AdvisorError(_damaged(path.name)) from None


def _damaged(name: str) -> Problem:
    return Problem("DAMAGED", name, f"{name} is damaged.", "We could not read the answers in it.", "Open an older copy, or start anew.")


MODEL_CHOICES: Final = get_args(ModelChoice)
