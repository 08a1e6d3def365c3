"""A plain card for each chip of the catalog: what it is, whether it can run the owner's model, how one gets it, what it burns.

`finder.Finder(ground.ground_of(session, catalog, today))` finds chips by a `Query` and makes their cards. It only puts together
what the catalog, the forecast and the price rules already know; peak figures stand under the details and never rank anything.
The values here are light to read: a window may have them before the calculation is read.
"""

from advisor.chip_cards.kinds import KINDS
from advisor.chip_cards.values import ChipCard, Found, Query, Runs, Way

__all__ = ["KINDS", "ChipCard", "Found", "Query", "Runs", "Way"]
