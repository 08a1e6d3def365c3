"""Units and the few constants every calculation shares.

SI inside the core (seconds, bytes, watts); milliseconds, megabytes and kilobytes only at file borders.
"""

from typing import Final, NewType

Seconds = NewType("Seconds", float)
Milliseconds = NewType("Milliseconds", float)
Bytes = NewType("Bytes", float)
Watts = NewType("Watts", float)

HOURS_PER_DAY: Final = 24
DAYS_PER_YEAR: Final = 365
WEEKS_PER_YEAR: Final = 365 / 7
MONTHS_PER_YEAR: Final = 12
# 365 x 24 / 12: the month that the cloud bills of all large providers are reckoned with.
HOURS_PER_MONTH: Final = 730
SECONDS_PER_HOUR: Final = 3600
SECONDS_PER_MINUTE: Final = 60
# 1 GB = 10^9 bytes and 1 GiB = 2^30 bytes; the catalog's cloud memory is in GiB, chips' memory in GB.
GIB_IN_GB: Final = 1.073741824
