"""Text models on many machines at once: the prompt is read at the speed of arithmetic, words are written at that of memory.

Each word reads the weights that work on it and everything kept of the talk so far (the cache), so it gets slower as the talk
grows. How much is kept differs from model to model of one size (`advisor.forecast.learn_text.learn_shapes`): the likely model
decides whether it fits, the range of models goes into the range of times, and the sentence says where room hangs on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.call import keys, sentences
from advisor.forecast.values import REFUSED, Forecast, Machines, TextWorkload

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.forecast.tables import Speeds
    from advisor.forecast.values import Bools

# 4-bit blocks with their scales: 4.5 bits a weight, the usual form of text models on small machines.
BYTES_PER_WEIGHT: Final = 0.5625
# Room for the program itself [GB].
PROGRAM_GB: Final = 0.7
TIGHT: Final = "Memory is tight: some models of this size keep more of a long talk than fits here."
IN_PARTS: Final = "Only {active:g} of its {all:g} billion numbers work on each word, as you said; few such models are published."


def cache_gb(speeds: Speeds, params_billions: float, tokens: float) -> tuple[float, float, float]:
    """What models of a size keep of so many tokens, with 16-bit numbers [GB]: little, likely, much."""
    law = speeds.kinds["text.cache"]
    one = float(np.exp(speeds.value("text.cache.constant")) * params_billions ** speeds.value("text.cache.power")) / 1e6
    return one * law.low * tokens, one * tokens, one * law.high * tokens


def prompt_gmacs(speeds: Speeds, work: TextWorkload) -> float:
    """Arithmetic of reading a prompt [GMACs]: each weight that works once a token, and each token with those before it."""
    pair = np.exp(speeds.value("text.attention.constant")) * work.params_billions ** speeds.value("text.attention.power")
    return float(_active(work) * work.prompt_tokens + pair * work.prompt_tokens**2 / 1e9)


def forecast_text(work: TextWorkload, m: Machines) -> Forecast:
    """Times of one call; see `advisor.forecast.forecast`. Always the 4-bit form: a larger form is slower in proportion."""
    weights_gb = work.params_billions * BYTES_PER_WEIGHT
    longest = max(work.context_tokens, work.prompt_tokens + work.output_tokens)
    held = cache_gb(m.speeds, work.params_billions, longest)
    room = m.text_gb - weights_gb - PROGRAM_GB
    gmacs = prompt_gmacs(m.speeds, work)
    # While writing, on average half of the answer's cache is read with the prompt's and the weights that work.
    kept = cache_gb(m.speeds, work.params_billions, max(work.prompt_tokens + work.output_tokens / 2, 1))
    parts = m.speeds.kinds["text.parts"] if work.active_billions is not None else None
    pace = (parts.high, parts.value, parts.low) if parts is not None else (1.0, 1.0, 1.0)
    one = np.ones(m.n)
    active_gb = _active(work) * BYTES_PER_WEIGHT
    read = [gmacs / (m.prompt_speed * f * p) for f, p in zip((m.prompt_high, one, m.prompt_low), pace, strict=True)]
    word = [
        ((active_gb + k) / m.words_gbps / p + m.words_step_s) / f
        for f, k, p in zip((m.words_high, one, m.words_low), kept, pace, strict=True)
    ]
    first = [r + w for r, w in zip(read, word, strict=True)]
    whole = [r + w * work.output_tokens for r, w in zip(read, word, strict=True)]
    # Answers side by side share the reading of the weights as long as their words in flight find room.
    with np.errstate(divide="ignore", invalid="ignore"):
        seats = np.clip(np.floor(room / max(held[1], 1e-9)), 1.0, m.side_by_side)
    # Of a model made of parts, each answer wakes its own.
    together = (np.minimum(active_gb * (seats if parts is not None else 1.0), weights_gb) + seats * kept[1]) / (active_gb + kept[1])
    busy = [r + w * work.output_tokens * together / seats for r, w in zip(read, word, strict=True)]
    known = np.isfinite(whole[1])
    tier = np.where(known, m.words_tier, REFUSED)
    low, likely, high = whole
    told = _told(work, sentences(tier, m.words_note), known, known & (room >= held[1]) & (room < held[2]))
    return Forecast(
        low, likely, high, 1 / high, np.fmax(1 / busy[1], 1 / likely), np.fmax(1 / busy[0], 1 / low), first[0], first[1], first[2],
        1 / word[2], 1 / word[1], 1 / word[0], room >= held[1], m.reach, tier, np.zeros(m.n, dtype=bool), keys(tier), told,
    )  # fmt: skip


def _active(work: TextWorkload) -> float:
    return work.params_billions if work.active_billions is None else min(work.active_billions, work.params_billions)


def _told(work: TextWorkload, sentence: Callable[[int], str], known: Bools, tight: Bools) -> Callable[[int], str]:
    def more(i: int) -> str:
        said = [sentence(i)]
        if work.active_billions is not None and known[i]:
            said.append(IN_PARTS.format(active=_active(work), all=work.params_billions))
        if tight[i]:
            said.append(TIGHT)
        return " ".join(said)

    return more
