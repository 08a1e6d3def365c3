"""Depth Anything 3 small (Lin et al., 2025), single view: DINOv2-S with rotary positions and a DPT depth head.

The camera-ray branch is left out; the zoo's stated parameters equal those of one depth head.
"""
from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, on_image

RELU = nn.ReLU()
ROTARY_FROM, STAGES = 4, (5, 7, 9, 11)


class Layer(nn.Module):
    """ViT block with layer scale; later ones normalise and rotate queries and keys."""

    def __init__(self, dim: int, heads: int, rotary: bool) -> None:
        super().__init__()
        self.heads, self.size = heads, dim // heads
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.qkv, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.feed = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))
        self.scale1, self.scale2 = (nn.Parameter(torch.empty(dim)) for _ in range(2))
        self.norms = nn.ModuleList(nn.LayerNorm(self.size) for _ in range(2)) if rotary else None

    def rotate(self, x: Tensor) -> Tensor:
        """Two-dimensional rotary embedding: rows on one half of the head, columns on the other."""
        table = x.new_zeros(1, 1, x.shape[2], self.size // 2)
        halves = [h * table + torch.cat([-h[..., self.size // 4:], h[..., :self.size // 4]], -1) * table
                  for h in x.chunk(2, -1)]
        return torch.cat(halves, -1)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(self.norm1(x)).unflatten(-1, (3, self.heads, self.size)).permute(2, 0, 3, 1, 4).unbind(0)
        if self.norms is not None:
            q, k = (self.rotate(norm(t)) for norm, t in zip(self.norms, (q, k), strict=True))
        y = ((q * self.size ** -0.5) @ k.transpose(-2, -1)).softmax(-1) @ v
        x = x + self.scale1 * self.out(y.transpose(1, 2).flatten(2))
        return x + self.scale2 * self.feed(self.norm2(x))


class Refine(nn.Module):
    """DPT fusion block (Ranftl et al., 2021)."""

    def __init__(self, dim: int, first: bool) -> None:
        super().__init__()
        def unit() -> nn.Sequential:
            return nn.Sequential(RELU, nn.Conv2d(dim, dim, 3, padding=1), RELU, nn.Conv2d(dim, dim, 3, padding=1))
        self.skip = None if first else unit()
        self.body, self.out = unit(), nn.Conv2d(dim, dim, 1)

    def forward(self, x: Tensor, low: Tensor | None, size: tuple[int, ...] | None) -> Tensor:
        if low is not None and self.skip is not None:
            x = x + low + self.skip(low)
        x = x + self.body(x)
        grown = {"size": size} if size else {"scale_factor": 2.0}
        return self.out(interpolate(x, **grown, mode="bilinear", align_corners=True))


class DepthAnything3(nn.Module):
    """Small model at patch 14."""

    def __init__(self, dim: int = 384, heads: int = 6, layers: int = 12, grid: int = 37, fused: int = 64) -> None:
        super().__init__()
        self.grid = grid
        self.patch = nn.Conv2d(3, dim, 14, 14)
        self.lead, self.camera = nn.Parameter(torch.empty(1, 1, dim)), nn.Parameter(torch.empty(1, 1, dim))
        self.places = nn.Parameter(torch.empty(1, grid * grid + 1, dim))
        self.layers = nn.ModuleList(Layer(dim, heads, i >= ROTARY_FROM) for i in range(layers))
        self.norm, self.joint_norm = nn.LayerNorm(dim), nn.LayerNorm(2 * dim)
        widths = (48, 96, 192, 384)
        self.project = nn.ModuleList(nn.Conv2d(2 * dim, w, 1) for w in widths)
        self.resize = nn.ModuleList([nn.ConvTranspose2d(48, 48, 4, 4), nn.ConvTranspose2d(96, 96, 2, 2), nn.Identity(),
                                     nn.Conv2d(384, 384, 3, 2, 1)])
        self.narrow = nn.ModuleList(nn.Conv2d(w, fused, 3, padding=1, bias=False) for w in widths)
        self.refine = nn.ModuleList(Refine(fused, i == 3) for i in range(4))
        self.out1 = nn.Conv2d(fused, fused // 2, 3, padding=1)
        self.out2 = nn.Sequential(nn.Conv2d(fused // 2, 32, 3, padding=1), RELU, nn.Conv2d(32, 2, 1))

    def forward(self, x: Tensor) -> list[Tensor]:
        y = torch.cat([self.lead, self.patch(x).flatten(2).transpose(1, 2)], 1) + self.places
        local, taken = y, []
        for i, layer in enumerate(self.layers):
            if i == ROTARY_FROM:
                y = torch.cat([self.camera, y[:, 1:]], 1)
            y = layer(y)
            if i % 2 == 0:
                local = y
            if i in STAGES:
                taken.append(torch.cat([local, self.norm(y)], -1))
        maps = []
        for tokens, project, resize, narrow in zip(taken, self.project, self.resize, self.narrow, strict=True):
            z = self.joint_norm(tokens[:, 1:]).transpose(1, 2).unflatten(2, (self.grid, self.grid))
            maps.append(narrow(resize(project(z))))
        z = self.refine[3](maps[3], None, tuple(maps[2].shape[2:]))
        for i in (2, 1, 0):
            z = self.refine[i](z, maps[i], tuple(maps[i - 1].shape[2:]) if i else None)
        z = interpolate(self.out1(z), size=x.shape[2:], mode="bilinear", align_corners=True)
        depth, sure = self.out2(z).chunk(2, 1)
        return [depth.exp(), sure.exp() + 1]


def catalogue() -> Catalogue:
    """Depth Anything 3, keyed by (model, component)."""
    return {("depth_anything_v3", "Depth-Anything-V3"): on_image(DepthAnything3, 518)}
