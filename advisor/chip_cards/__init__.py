"""A plain card for each chip of the catalog: what it is, whether it can run the owner's model, how one gets it, what it burns.

`Finder(ground_of(session, catalog, today))` finds chips by a `Query` and makes their cards. It only puts together what the
catalog, the forecast and the price rules already know; peak figures stand under the details and never rank anything.
"""

from advisor.chip_cards.finder import Finder
from advisor.chip_cards.ground import Ground, ground_of
from advisor.chip_cards.kinds import KINDS
from advisor.chip_cards.values import ChipCard, Found, Query, Runs, Way

__all__ = ["KINDS", "ChipCard", "Finder", "Found", "Ground", "Query", "Runs", "Way", "ground_of"]
