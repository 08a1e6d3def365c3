"""What cards are told against: the owner's model as far as it is known, country, currency, price of electricity, today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from advisor.answer import Inputs, setting_of
from advisor.need import Need
from advisor.problems import AdvisorError
from advisor.session import is_tariff, to_need
from advisor.words import Words

if TYPE_CHECKING:
    from datetime import date

    from advisor.catalog import Catalog
    from advisor.evidence import Estimate
    from advisor.forecast import OwnRun
    from advisor.session import Session
    from advisor.work import Work

_NOWHERE: Final = "ZZ"


@dataclass(frozen=True, slots=True)
class Ground:
    """`work` is `None` while the model is not known and has no steps where it is a service; `limit_s` where the owner set one [s].

    `electricity` in USD per kWh, `per_usd` units of the owner's currency for a US dollar.
    """

    catalog: Catalog
    today: date
    words: Words
    per_usd: float
    country: str | None
    electricity: Estimate
    work: Work | None
    limit_s: float | None
    own: OwnRun | None
    own_guess: float | None

    def money(self, usd: float) -> str:
        """An amount of US dollars in the owner's currency, rounded."""
        return self.words.money(usd * self.per_usd)


def ground_of(session: Session, catalog: Catalog, today: date) -> Ground:
    """The ground in these answers; what they leave open stays open."""
    country = session.country
    currency = session.currency or catalog.currency_of(country or _NOWHERE)
    try:
        rate, _ = catalog.exchange(currency)
    except AdvisorError:
        currency, rate = "USD", 1.0
    bare = Ground(
        catalog, today, Words("en", currency), rate, country, catalog.electricity_for(country or _NOWHERE), None, None, None, None
    )
    # How much work there is and where says nothing of the time of one answer: a blank there must not hide the model.
    # Tariffs in another currency are for the answer to complain of.
    quotes = tuple(q for q in session.quotes if not is_tariff(q) or q.currency in (None, session.currency))
    told = replace(session, quotes=quotes)
    enough = replace(told, task=session.task or "other", units_per_day=session.units_per_day or 1.0, country=country or _NOWHERE)
    need = to_need(enough)
    if not isinstance(need, Need):
        return bare
    try:
        setting = setting_of(Inputs(need, profile=session.profile, measurements=session.measurements), catalog, today)
    except AdvisorError:
        # A file that was not read yet, or a name this catalog no longer has: the answer itself will say so.
        return bare
    asked = isinstance(session.limit_ms, (int, float)) and not setting.case.is_batch
    return replace(
        bare,
        electricity=setting.electricity,
        work=setting.work,
        limit_s=setting.case.limit_s if asked else None,
        own=setting.own,
        own_guess=setting.own_guess,
    )
