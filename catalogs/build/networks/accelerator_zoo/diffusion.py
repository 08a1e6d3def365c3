"""Stable Diffusion (Rombach et al., 2022) and ControlNet (Zhang et al., 2023): text encoder, UNet, VAE decoder."""
from __future__ import annotations

import torch
import transformers as hf
from torch import Tensor, nn

from catalogs.build.networks.accelerator_zoo.meta import Builder, Catalogue, tensor, tokens

WIDTHS = (320, 640, 1280, 1280)
TIME = 1280
LATENT = 64


class Residual(nn.Module):
    """Two normalised convolutions, optionally modulated by the time embedding."""

    def __init__(self, cin: int, cout: int, time: int | None = TIME) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.GroupNorm(32, cin), nn.SiLU(), nn.Conv2d(cin, cout, 3, padding=1))
        self.time = nn.Sequential(nn.SiLU(), nn.Linear(time, cout)) if time else None
        self.second = nn.Sequential(nn.GroupNorm(32, cout), nn.SiLU(), nn.Conv2d(cout, cout, 3, padding=1))
        self.skip = nn.Conv2d(cin, cout, 1) if cin != cout else nn.Identity()

    def forward(self, x: Tensor, time: Tensor | None = None) -> Tensor:
        y = self.first(x)
        if self.time is not None:
            y = y + self.time(time)[:, :, None, None]
        return self.skip(x) + self.second(y)


class Attention(nn.Module):
    """Multi-head attention written out as matrix products."""

    def __init__(self, dim: int, heads: int, source: int | None = None, bias: bool = False) -> None:
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.q = nn.Linear(dim, dim, bias=bias)
        self.k, self.v = (nn.Linear(source or dim, dim, bias=bias) for _ in range(2))
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Tensor, source: Tensor | None = None) -> Tensor:
        source = x if source is None else source
        q, k, v = (p(t).unflatten(-1, (self.heads, -1)).transpose(1, 2)
                   for p, t in ((self.q, x), (self.k, source), (self.v, source)))
        scores = torch.softmax((q @ k.transpose(-1, -2)) * self.scale, -1)
        return self.out((scores @ v).transpose(1, 2).flatten(2))


class GatedFeedForward(nn.Module):
    """GEGLU feed-forward."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.inner, self.outer = nn.Linear(dim, 8 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.inner(x).chunk(2, -1)
        return self.outer(value * nn.functional.gelu(gate))


class SpatialTransformer(nn.Module):
    """Self-attention, cross-attention to the prompt and GEGLU over the pixels."""

    def __init__(self, dim: int, heads: int, context: int) -> None:
        super().__init__()
        self.norm, self.into, self.out = nn.GroupNorm(32, dim), nn.Conv2d(dim, dim, 1), nn.Conv2d(dim, dim, 1)
        self.norms = nn.ModuleList(nn.LayerNorm(dim) for _ in range(3))
        self.own, self.cross = Attention(dim, heads), Attention(dim, heads, context)
        self.feed = GatedFeedForward(dim)

    def forward(self, x: Tensor, prompt: Tensor) -> Tensor:
        y = self.into(self.norm(x)).flatten(2).transpose(1, 2)
        y = y + self.own(self.norms[0](y))
        y = y + self.cross(self.norms[1](y), prompt)
        y = y + self.feed(self.norms[2](y))
        return x + self.out(y.transpose(1, 2).unflatten(2, x.shape[2:]))


class Stage(nn.Module):
    """One residual block and, where the level has it, one transformer."""

    def __init__(self, cin: int, cout: int, heads: int | None, context: int) -> None:
        super().__init__()
        self.residual = Residual(cin, cout)
        self.attention = SpatialTransformer(cout, heads, context) if heads else None

    def forward(self, x: Tensor, time: Tensor, prompt: Tensor) -> Tensor:
        x = self.residual(x, time)
        return x if self.attention is None else self.attention(x, prompt)


class Down(nn.Module):
    """Encoder half and middle, shared by the UNet and ControlNet; returns all skips and the middle."""

    def __init__(self, context: int, head_size: int | None) -> None:
        super().__init__()
        self.time = nn.Sequential(nn.Linear(WIDTHS[0], TIME), nn.SiLU(), nn.Linear(TIME, TIME))
        self.stem = nn.Conv2d(4, WIDTHS[0], 3, padding=1)
        self.stages, self.shrinks, width = nn.ModuleList(), nn.ModuleList(), WIDTHS[0]
        for level, cout in enumerate(WIDTHS):
            heads = heads_at(level, head_size)
            self.stages.append(nn.ModuleList([Stage(width, cout, heads, context), Stage(cout, cout, heads, context)]))
            self.shrinks.append(nn.Conv2d(cout, cout, 3, 2, 1) if level < 3 else nn.Identity())
            width = cout
        self.middle = Stage(width, width, heads_at(2, head_size), context)
        self.last = Residual(width, width)

    def forward(self, x: Tensor, step: Tensor, prompt: Tensor, hint: Tensor | None = None) -> list[Tensor]:
        time = self.time(step)
        x = self.stem(x)
        x = x if hint is None else x + hint
        skips = [x]
        for level, pair in enumerate(self.stages):
            for stage in pair:
                x = stage(x, time, prompt)
                skips.append(x)
            if level < 3:
                x = self.shrinks[level](x)
                skips.append(x)
        return [*skips, self.last(self.middle(x, time, prompt), time), time]


def heads_at(level: int, head_size: int | None) -> int | None:
    """Heads of a level: eight everywhere in SD 1.5, 64-wide heads in SD 2.1, none at the lowest resolution."""
    return None if level == 3 else WIDTHS[level] // head_size if head_size else 8


class UNet(nn.Module):
    """Denoiser; with ``controlled`` it adds the 13 ControlNet residuals given as further inputs."""

    def __init__(self, context: int = 768, head_size: int | None = None) -> None:
        super().__init__()
        self.down = Down(context, head_size)
        skips = [320, 320, 320, 320, 640, 640, 640, 1280, 1280, 1280, 1280, 1280]
        self.stages, self.grows, width = nn.ModuleList(), nn.ModuleList(), 1280
        for level in (3, 2, 1, 0):
            trio = nn.ModuleList()
            for _ in range(3):
                trio.append(Stage(width + skips.pop(), WIDTHS[level], heads_at(level, head_size), context))
                width = WIDTHS[level]
            self.stages.append(trio)
            self.grows.append(nn.Conv2d(width, width, 3, padding=1) if level else nn.Identity())
        self.head = nn.Sequential(nn.GroupNorm(32, width), nn.SiLU(), nn.Conv2d(width, 4, 3, padding=1))

    def forward(self, x: Tensor, step: Tensor, prompt: Tensor, *control: Tensor) -> Tensor:
        *skips, x, time = self.down(x, step, prompt)
        if control:
            skips = [s + c for s, c in zip(skips, control[:-1], strict=True)]
            x = x + control[-1]
        for level, trio in enumerate(self.stages):
            for stage in trio:
                x = stage(torch.cat([x, skips.pop()], 1), time, prompt)
            if level < 3:
                x = self.grows[level](nn.functional.interpolate(x, scale_factor=2.0, mode="nearest"))
        return self.head(x)


class ControlNet(nn.Module):
    """Copy of the encoder half conditioned on an edge map, with zero convolutions on every output."""

    def __init__(self, context: int = 768) -> None:
        super().__init__()
        widths = [3, 16, 16, 32, 32, 96, 96, 256]
        strides = [1, 1, 2, 1, 2, 1, 2]
        hint: list[nn.Module] = []
        for cin, cout, stride in zip(widths, widths[1:], strides):
            hint += [nn.Conv2d(cin, cout, 3, stride, 1), nn.SiLU()]
        self.hint = nn.Sequential(*hint, nn.Conv2d(256, WIDTHS[0], 3, padding=1))
        self.down = Down(context, None)
        outputs = [320] * 4 + [640] * 3 + [1280] * 6
        self.zeros = nn.ModuleList(nn.Conv2d(width, width, 1) for width in outputs)

    def forward(self, x: Tensor, step: Tensor, prompt: Tensor, edges: Tensor) -> list[Tensor]:
        *states, _ = self.down(x, step, prompt, self.hint(edges))
        return [zero(state) for zero, state in zip(self.zeros, states, strict=True)]


class VaeAttention(nn.Module):
    """Single-head attention over the latent pixels."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm, self.attention = nn.GroupNorm(32, dim), Attention(dim, 1, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.attention(self.norm(x).flatten(2).transpose(1, 2))
        return x + y.transpose(1, 2).unflatten(2, x.shape[2:])


class VaeDecoder(nn.Sequential):
    """Latent 4x64x64 to image 3x512x512."""

    def __init__(self) -> None:
        blocks: list[nn.Module] = [nn.Conv2d(4, 4, 1), nn.Conv2d(4, 512, 3, padding=1), Residual(512, 512, None),
                                   VaeAttention(512), Residual(512, 512, None)]
        width = 512
        for level, cout in enumerate((512, 512, 256, 128)):
            for _ in range(3):
                blocks.append(Residual(width, cout, None))
                width = cout
            if level < 3:
                blocks += [nn.Upsample(scale_factor=2.0), nn.Conv2d(width, width, 3, padding=1)]
        super().__init__(*blocks, nn.GroupNorm(32, width), nn.SiLU(), nn.Conv2d(width, 3, 3, padding=1))


class PromptEncoder(nn.Module):
    """CLIP text tower, last hidden state only."""

    def __init__(self, dim: int, layers: int, heads: int, act: str) -> None:
        super().__init__()
        config = hf.CLIPTextConfig(hidden_size=dim, num_hidden_layers=layers, num_attention_heads=heads,
                                   intermediate_size=4 * dim, hidden_act=act)
        config._attn_implementation = "eager"
        self.net = hf.CLIPTextModel(config)

    def forward(self, ids: Tensor) -> Tensor:
        return self.net(input_ids=ids).last_hidden_state


def denoiser(context: int, head_size: int | None, controlled: bool = False) -> Builder:
    """UNet on one 64x64 latent, its (precomputed) sinusoidal step embedding and 77 prompt states."""
    def build() -> tuple[nn.Module, tuple[Tensor, ...]]:
        inputs = (tensor(1, 4, LATENT, LATENT), tensor(1, 320), tensor(1, 77, context))
        sizes = [(320, 64)] * 3 + [(320, 32)] + [(640, 32)] * 2 + [(640, 16)] + [(1280, 16)] * 2 + [(1280, 8)] * 4
        control = tuple(tensor(1, c, s, s) for c, s in sizes) if controlled else ()
        return UNet(context, head_size), (*inputs, *control)
    return build


def catalogue() -> Catalogue:
    """Stable Diffusion 1.5, 2.1 and ControlNet, keyed by (model, component)."""
    def small_text() -> tuple[nn.Module, tuple[Tensor, ...]]:
        return PromptEncoder(768, 12, 12, "quick_gelu"), (tokens(77),)

    def vae() -> tuple[nn.Module, tuple[Tensor, ...]]:
        return VaeDecoder(), (tensor(1, 4, LATENT, LATENT),)
    return {
        ("controlnet_canny", "text_encoder"): small_text,
        ("controlnet_canny", "unet"): denoiser(768, None, controlled=True),
        ("controlnet_canny", "vae"): vae,
        ("controlnet_canny", "controlnet"): lambda: (ControlNet(), (
            tensor(1, 4, LATENT, LATENT), tensor(1, 320), tensor(1, 77, 768), tensor(1, 3, 512, 512))),
        ("stable_diffusion_v1_5", "text_encoder"): small_text,
        ("stable_diffusion_v1_5", "unet"): denoiser(768, None),
        ("stable_diffusion_v1_5", "vae"): vae,
        ("stable_diffusion_v2_1", "text_encoder"): lambda: (PromptEncoder(1024, 23, 16, "gelu"), (tokens(77),)),
        ("stable_diffusion_v2_1", "unet"): denoiser(1024, 64),
        ("stable_diffusion_v2_1", "vae"): vae,
    }
