"""Text models on many machines at once: the prompt is read at the speed of arithmetic, words are written at that of memory."""

from __future__ import annotations

from typing import Final

import numpy as np

from advisor.forecast.call import keys, sentences
from advisor.forecast.values import REFUSED, Forecast, Machines, TextWorkload

# 4-bit blocks with their scales: 4.5 bits a weight, the usual form of text models on small machines.
BYTES_PER_WEIGHT: Final = 0.5625
# Memory of the words in flight: 16 kB a token and billion weights (models with grouped heads, 16-bit).
CACHE_GB_PER_TOKEN_AND_BILLION: Final = 16.4e-6
# Room for the program itself [GB].
PROGRAM_GB: Final = 0.7
# Time between two words that no memory is fast enough to avoid [s]: launches of a few hundred small steps.
STEP_S: Final = 0.0015


def forecast_text(work: TextWorkload, m: Machines) -> Forecast:
    """Times of one call; see `advisor.forecast.forecast`. Always the 4-bit form: a larger form is slower in proportion."""
    weights_gb = work.params_billions * BYTES_PER_WEIGHT
    cache_gb = work.context_tokens * work.params_billions * CACHE_GB_PER_TOKEN_AND_BILLION
    room = m.text_gb - weights_gb - PROGRAM_GB
    fits = room >= cache_gb
    gmacs = work.params_billions * work.prompt_tokens
    # While writing, on average half of the answer's cache is read with the weights.
    moved = weights_gb + cache_gb * max(work.prompt_tokens + work.output_tokens / 2, 1) / max(work.context_tokens, 1)
    read = [gmacs / (m.prompt_speed * f) for f in (m.prompt_high, 1.0, m.prompt_low)]
    word = [moved / (m.words_gbps * f) + STEP_S * k for f, k in ((m.words_high, 0.5), (1.0, 1.0), (m.words_low, 2.0))]
    first = [r + w for r, w in zip(read, word, strict=True)]
    whole = [r + w * work.output_tokens for r, w in zip(read, word, strict=True)]
    # Answers side by side share the reading of the weights as long as their words in flight find room.
    with np.errstate(divide="ignore", invalid="ignore"):
        seats = np.clip(np.floor(room / max(cache_gb, 1e-9)), 1.0, m.side_by_side)
    together = (weights_gb + seats * (moved - weights_gb)) / moved
    busy = [r + w * work.output_tokens * together / seats for r, w in zip(read, word, strict=True)]
    known = np.isfinite(whole[1])
    tier = np.where(known, m.words_tier, REFUSED)
    low, likely, high = whole
    return Forecast(
        low, likely, high, 1 / high, np.fmax(1 / busy[1], 1 / likely), np.fmax(1 / busy[0], 1 / low), first[0], first[1], first[2],
        1 / word[2], 1 / word[1], 1 / word[0], fits, m.reach, tier, np.zeros(m.n, dtype=bool), keys(tier), sentences(tier, m.words_note),
    )  # fmt: skip
