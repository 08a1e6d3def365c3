"""Whisper (Radford et al., 2022) and TrOCR (Li et al., 2021) as the zoo exports them.

The encoder also projects the cross-attention keys and values of every decoder layer, and the decoder makes one
step against fixed-length caches. Whisper's attention is written head by head, as in the exported graph, so every
head's projection reads the whole input again.
"""
from __future__ import annotations

from collections.abc import Iterator

import timm
import torch
from torch import Tensor, nn

from catalogs.build.networks.accelerator_zoo.meta import Builder, Catalogue, image, tensor, tokens

FRAMES = 1500  # 30 s of audio after the stride-2 convolution
WHISPER_SPAN = 200  # decoder cache length of the export
TROCR_SPAN = 20


class SplitAttention(nn.Module):
    """Attention with one projection per head; keys and values may come from a cache."""

    def __init__(self, dim: int, heads: int, project_kv: bool = True) -> None:
        super().__init__()
        size = dim // heads
        self.scale = size ** -0.5
        self.q = nn.ModuleList(nn.Linear(dim, size) for _ in range(heads))
        self.k = nn.ModuleList(nn.Linear(dim, size, bias=False) for _ in range(heads)) if project_kv else None
        self.v = nn.ModuleList(nn.Linear(dim, size) for _ in range(heads)) if project_kv else None
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Tensor, keys: list[Tensor] | None = None, values: list[Tensor] | None = None,
                mask: Tensor | None = None) -> Tensor:
        heads = []
        for i, query in enumerate(self.q):
            q = query(x) * self.scale
            k, v = (self.k[i](x), self.v[i](x)) if self.k is not None else (keys[i], values[i])
            if self.k is not None and keys is not None:
                k, v = torch.cat([keys[i], k], 1), torch.cat([values[i], v], 1)
            scores = q @ k.transpose(1, 2)
            heads.append(torch.softmax(scores if mask is None else scores + mask, -1) @ v)
        return self.out(torch.cat(heads, -1))


class FeedForward(nn.Sequential):
    """Two linear layers around an activation."""

    def __init__(self, dim: int, inner: int, act: type[nn.Module] = nn.GELU) -> None:
        super().__init__(nn.Linear(dim, inner), act(), nn.Linear(inner, dim))


class EncoderLayer(nn.Module):
    """Pre-norm transformer layer."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(dim), SplitAttention(dim, heads)
        self.norm2, self.feed = nn.LayerNorm(dim), FeedForward(dim, 4 * dim)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.feed(self.norm2(x))


class CrossCache(nn.Module):
    """Keys and values of the encoder states for each head of each decoder layer."""

    def __init__(self, source: int, dim: int, heads: int, layers: int, key_bias: bool) -> None:
        super().__init__()
        size = dim // heads
        self.k = nn.ModuleList(nn.Linear(source, size, bias=key_bias) for _ in range(layers * heads))
        self.v = nn.ModuleList(nn.Linear(source, size) for _ in range(layers * heads))

    def forward(self, x: Tensor) -> list[Tensor]:
        return [p(x) for p in self.k] + [p(x) for p in self.v]


class WhisperEncoder(nn.Module):
    """Two convolutions, a transformer, and the decoder's cross-attention cache."""

    def __init__(self, dim: int, heads: int, layers: int, decoder_layers: int, mels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(mels, dim, 3, padding=1)
        self.conv2 = nn.Conv1d(dim, dim, 3, stride=2, padding=1)
        self.positions = nn.Parameter(torch.empty(FRAMES, dim))
        self.layers = nn.Sequential(*(EncoderLayer(dim, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(dim)
        self.cache = CrossCache(dim, dim, heads, decoder_layers, key_bias=False)

    def forward(self, mel: Tensor) -> list[Tensor]:
        x = nn.functional.gelu(self.conv2(nn.functional.gelu(self.conv1(mel))))
        return self.cache(self.norm(self.layers(x.transpose(1, 2) + self.positions)))


class DecoderLayer(nn.Module):
    """Cached self-attention, cached cross-attention, feed-forward; pre- or post-norm."""

    def __init__(self, dim: int, heads: int, inner: int, post_norm: bool, act: type[nn.Module]) -> None:
        super().__init__()
        self.post_norm = post_norm
        self.norms = nn.ModuleList(nn.LayerNorm(dim) for _ in range(3))
        self.own = SplitAttention(dim, heads)
        self.cross = SplitAttention(dim, heads, project_kv=False)
        self.feed = FeedForward(dim, inner, act)

    def forward(self, x: Tensor, cache: Iterator[list[Tensor]], mask: Tensor | None) -> Tensor:
        steps = (lambda y: self.own(y, next(cache), next(cache), mask),
                 lambda y: self.cross(y, next(cache), next(cache)), self.feed)
        for norm, step in zip(self.norms, steps, strict=True):
            x = norm(x + step(x)) if self.post_norm else x + step(norm(x))
        return x


class StepDecoder(nn.Module):
    """One decoding step: token id, mask, then for each layer self k, self v, cross k, cross v (heads x time x size)."""

    def __init__(self, dim: int, heads: int, layers: int, inner: int, vocabulary: int, positions: int,
                 post_norm: bool = False, tied: bool = True, act: type[nn.Module] = nn.GELU) -> None:
        super().__init__()
        self.embed, self.positions = nn.Embedding(vocabulary, dim), nn.Embedding(positions, dim)
        self.layers = nn.ModuleList(DecoderLayer(dim, heads, inner, post_norm, act) for _ in range(layers))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, vocabulary, bias=False)
        self.post_norm = post_norm
        if tied:
            self.head.weight = self.embed.weight

    def forward(self, ids: Tensor, place: Tensor, mask: Tensor, *caches: Tensor) -> Tensor:
        x = self.embed(ids) + self.positions(place)
        x = self.norm(x) if self.post_norm else x
        cache = iter([list(c.split(1)) for c in caches])
        for layer in self.layers:
            x = layer(x, cache, mask)
        return self.head(x if self.post_norm else self.norm(x))


def caches(heads: int, size: int, layers: int, past: int, source: int) -> tuple[Tensor, ...]:
    """Empty caches in the order StepDecoder reads them."""
    one = (tensor(heads, past, size),) * 2 + (tensor(heads, source, size),) * 2
    return one * layers


def whisper(dim: int, heads: int, layers: int, decoder_layers: int, mels: int = 80,
            vocabulary: int = 51865) -> tuple[Builder, Builder]:
    """Encoder and decoder builders of one Whisper size."""
    def encoder() -> tuple[nn.Module, tuple[Tensor, ...]]:
        return WhisperEncoder(dim, heads, layers, decoder_layers, mels), (tensor(1, mels, 2 * FRAMES),)

    def decoder() -> tuple[nn.Module, tuple[Tensor, ...]]:
        past = caches(heads, dim // heads, decoder_layers, WHISPER_SPAN - 1, FRAMES)
        return (StepDecoder(dim, heads, decoder_layers, 4 * dim, vocabulary, 448),
                (tokens(1), tokens(1), tensor(1, 1, WHISPER_SPAN), *past))
    return encoder, decoder


class TrocrEncoder(nn.Module):
    """Distilled DeiT-small at 384 pixels and the decoder's cross-attention cache."""

    def __init__(self) -> None:
        super().__init__()
        self.net = timm.create_model("deit_small_distilled_patch16_224", img_size=384, num_classes=0)
        self.cache = CrossCache(384, 256, 8, 6, key_bias=True)

    def forward(self, pixels: Tensor) -> list[Tensor]:
        return self.cache(self.net.forward_features(pixels))


def trocr_decoder() -> tuple[nn.Module, tuple[Tensor, ...]]:
    """TrOCR small decoder: six post-norm layers of width 256 with an untied head."""
    net = StepDecoder(256, 8, 6, 1024, 64044, 514, post_norm=True, tied=False, act=nn.ReLU)
    return net, (tokens(1), tokens(1), tensor(1, 1, TROCR_SPAN), *caches(8, 32, 6, TROCR_SPAN - 1, 578))


def catalogue() -> Catalogue:
    """Whisper and TrOCR, keyed by (model, component)."""
    sizes = {"whisper_tiny": (384, 6, 4, 4), "whisper_base": (512, 8, 6, 6), "whisper_small": (768, 12, 12, 12),
             "whisper_medium": (1024, 16, 24, 24)}
    found: Catalogue = {}
    for model, size in sizes.items():
        found[model, "HfWhisperEncoder"], found[model, "HfWhisperDecoder"] = whisper(*size)
    turbo = whisper(1280, 20, 32, 4, mels=128, vocabulary=51866)
    found["whisper_large_v3_turbo", "HfWhisperEncoder"], found["whisper_large_v3_turbo", "HfWhisperDecoder"] = turbo
    small = whisper(*sizes["whisper_small"])
    found["whisper_small_quantized", "WhisperSmallEncoderQuantizable"] = small[0]
    found["whisper_small_quantized", "WhisperSmallDecoderQuantizable"] = small[1]
    found["trocr", "TrOCREncoder"] = lambda: (TrocrEncoder(), (image(384),))
    found["trocr", "TrOCRDecoder"] = trocr_decoder
    return found
