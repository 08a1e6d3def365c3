"""How the seconds that the owner gives are spent."""

from __future__ import annotations

from typing import Final

START_S: Final = 0.8  # a fresh process with its libraries loaded, roughly
SLOW_START_S: Final = 15.0
_FULL_ROUNDS: Final = 6
_THOROUGH_S: Final = 120.0
_USUAL_S: Final = 25.0


class Plan:
    """At the usual 30 s: six rounds of 1.2 s, then batches, several askers, pauses and the ladder; heat and long pauses need more.

    Six rounds because the range of six fresh processes holds the middle of all with 97 % (1 - 2 x 0.5^6).
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.rounds = _FULL_ROUNDS if seconds >= 15 else 4 if seconds >= 8 else 3
        self.round_s = min(max(seconds * 0.04, 0.1), 5.0)
        self.look_s = min(max(seconds * 0.01, 0.05), 1.0)
        self.extra_s = min(max(seconds * 0.012, 0.05), 2.0)
        self.ladder_s = min(max(seconds * 0.008, 0.03), 1.0)
        self.compare_s = min(max(seconds * 0.1, 0.5), 20.0)
        thorough, usual = seconds >= _THOROUGH_S, seconds >= _USUAL_S
        # A processor's clock falls within a second of rest; what the system swaps or parks takes longer.
        self.pauses, self.pause_s = (6, 4.0) if thorough else (3, 1.0) if usual else (0, 0.0)
        self.sustained_s = 0.2 * seconds if thorough else 0.0
        self.sizes_s = self.extra_s if usual else 0.0
