"""Times the owner's model on this computer, in processes of its own that a hostile file cannot get out of.

Read `client` (the asking side) and `protocol` first; `conduct` runs a measurement, `steps` are its fresh processes,
`containment` and `graph` look at a file before it is run. Importing this package loads nothing heavy.
"""

from advisor.benchmark.client import measure, profile
from advisor.benchmark.sample import sample_model

__all__ = ["measure", "profile", "sample_model"]
