"""Rows of the catalog's small tables as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.evidence import Estimate, Source


@dataclass(frozen=True, slots=True)
class Default:
    """What the calculation takes where the owner left a field blank."""

    path: str
    value: str
    low: float | None
    high: float | None
    unit: str
    source: Source


@dataclass(frozen=True, slots=True)
class Chip:
    """One chip. Peaks are dense; `None` = not confirmed. Speeds in TFLOPS/TOPS, memory in GB, bandwidth in GB/s.

    `doubts`: facts on which sources differ, with the lowest and highest figure over the one used.
    """

    id: str
    name: str
    kind: str
    family: str
    fp32_tflops: float | None
    fp16_tflops: float | None
    int8_tops: float | None
    memory_gb: float | None
    bandwidth_gbps: float | None
    tdp_w: float | None
    cores: float | None
    base_ghz: float | None
    simd: str
    runtimes: str
    recommendable: bool
    as_of: str
    doubts: tuple[tuple[str, float, float], ...] = ()

    def doubt(self, fact: str) -> tuple[float, float]:
        """Lowest and highest figure of a fact (a column of chips.csv) over the one used; (1, 1) where the sources agree."""
        return next(((low, high) for name, low, high in self.doubts if name == fact), (1.0, 1.0))


@dataclass(frozen=True, slots=True)
class OwnedClass:
    """A typical machine a firm may own: achieved speed [GFLOPS, fp32, all cores], power at the wall [W], memory [GB].

    `takes_card`: it has a full slot for a card, which may draw `card_w` at most; `m2_slot`: it has a free M.2 slot (key M).
    """

    id: str
    words: tuple[str, ...]
    year_from: int
    year_to: int
    cores: int
    gflops: Estimate
    bandwidth_gbps: float
    idle_w: Estimate
    busy_w: Estimate
    memory_gb: float
    takes_card: bool
    card_w: float
    m2_slot: bool


@dataclass(frozen=True, slots=True)
class SampleWorkload:
    """A typical job for owners without a model. `volume_source` says where its usual volumes are from."""

    id: str
    task: str
    unit: str
    name: str
    model: str
    params_millions: float | None
    gmacs: float | None
    activations_millions: float | None
    precision: str | None
    params_billions: float | None
    prompt_tokens: float | None
    output_tokens: float | None
    context_tokens: float | None
    input_kb: float
    output_kb: float
    units_small: float
    units_typical: float
    units_busy: float
    volume_source: str
    source: Source


@dataclass(frozen=True, slots=True)
class Build:
    """A device that can be bought and set to work: alone, or a card in a host. Power in W at the wall.

    `priced` are the things to pay for by the names of their prices (`advisor.quotes`), in USD.
    """

    id: str
    device_id: str
    device_name: str
    name: str
    form: str
    chip_ids: tuple[str, ...]
    memory_gb: float | None
    priced: tuple[tuple[str, Estimate], ...]
    idle_w: Estimate
    load_w: Estimate
    max_w: float
    host_id: str | None
    host_name: str
    host_purchase: str
    host_free: str | None
    cautions: tuple[str, ...]
    lock_in: str


@dataclass(frozen=True, slots=True)
class Service:
    """A pay-per-use service billed by its own unit ("1000 pages", "minute of input audio/video")."""

    id: str
    task: str
    provider: str
    name: str
    unit: str
    usd_per_unit: float
    retires_on: str | None
    caution: str
    source: Source


@dataclass(frozen=True, slots=True)
class TextService:
    """A hosted text model, billed by the million tokens in and out."""

    id: str
    provider: str
    model: str
    size_class: str
    usd_per_1m_in: float
    usd_per_1m_out: float
    context_tokens: float | None
    in_eu: bool
    retires_on: str | None
    caution: str
    source: Source


@dataclass(frozen=True, slots=True)
class Function:
    """A pay-per-use function: own code that sleeps until it is called. Prices in USD."""

    id: str
    provider: str
    name: str
    region: str
    usd_per_gb_s: float
    usd_per_vcpu_s: float
    usd_per_request: float
    source: Source


@dataclass(frozen=True, slots=True)
class Speed:
    """What a chip really gets through, fitted from published latencies."""

    chip_id: str
    unit: str
    gmacs_per_s: float
    overhead_s: float
    log_spread: float
    rows: int
    sources: str
