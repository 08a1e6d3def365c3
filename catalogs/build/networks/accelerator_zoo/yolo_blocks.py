"""Blocks of the CSP-style YOLO detectors (Jocher et al. v5-v11; Wang et al., YOLOv10, 2024), written from their papers."""
from __future__ import annotations

import torch
from torch import Tensor, nn


class Conv(nn.Sequential):
    """Convolution, batch norm, activation."""

    def __init__(self, cin: int, cout: int, k: int = 1, s: int = 1, groups: int = 1, act: nn.Module | None = nn.SiLU(),
                 pad: int | None = None) -> None:
        layers = [nn.Conv2d(cin, cout, k, s, k // 2 if pad is None else pad, groups=groups, bias=False),
                  nn.BatchNorm2d(cout)]
        super().__init__(*layers, *([act] if act is not None else []))


class Bottleneck(nn.Module):
    """Two convolutions with an optional shortcut."""

    def __init__(self, cin: int, cout: int, shortcut: bool, ks: tuple[int, int] = (3, 3), ratio: float = 1.0) -> None:
        super().__init__()
        inner = int(cout * ratio)
        self.body = nn.Sequential(Conv(cin, inner, ks[0]), Conv(inner, cout, ks[1]))
        self.add = shortcut and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.add else self.body(x)


class C3(nn.Module):
    """CSP bottleneck with three convolutions (v5; the C3k of v11 uses 3x3 pairs)."""

    def __init__(self, cin: int, cout: int, n: int, shortcut: bool = True, ks: tuple[int, int] = (1, 3)) -> None:
        super().__init__()
        inner = cout // 2
        self.a, self.b, self.out = Conv(cin, inner), Conv(cin, inner), Conv(2 * inner, cout)
        self.body = nn.Sequential(*(Bottleneck(inner, inner, shortcut, ks) for _ in range(n)))

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.cat([self.body(self.a(x)), self.b(x)], 1))


class CIB(nn.Module):
    """Compact inverted block of YOLOv10, optionally with a 7x7 depthwise kernel."""

    def __init__(self, dim: int, shortcut: bool, large: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(Conv(dim, dim, 3, groups=dim), Conv(dim, 2 * dim),
                                  Conv(2 * dim, 2 * dim, 7 if large else 3, groups=2 * dim), Conv(2 * dim, dim),
                                  Conv(dim, dim, 3, groups=dim))
        self.add = shortcut

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.add else self.body(x)


class C2f(nn.Module):
    """Split, chain of blocks, concatenate all: C2f of v8, C2fCIB of v10, C3k2 of v11."""

    def __init__(self, cin: int, cout: int, n: int, shortcut: bool = False, ratio: float = 0.5,
                 block: str = "plain") -> None:
        super().__init__()
        inner = int(cout * ratio)
        make = {"plain": lambda: Bottleneck(inner, inner, shortcut),
                "half": lambda: Bottleneck(inner, inner, True, ratio=0.5),
                "c3k": lambda: C3(inner, inner, 2, True, (3, 3)),
                "cib": lambda: CIB(inner, shortcut, large=True)}[block]
        self.into, self.out = Conv(cin, 2 * inner), Conv((2 + n) * inner, cout)
        self.blocks = nn.ModuleList(make() for _ in range(n))

    def forward(self, x: Tensor) -> Tensor:
        parts = list(self.into(x).chunk(2, 1))
        for block in self.blocks:
            parts.append(block(parts[-1]))
        return self.out(torch.cat(parts, 1))


class SPPF(nn.Module):
    """Three chained 5x5 poolings concatenated with their input."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.into, self.out = Conv(dim, dim // 2), Conv(dim * 2, dim)
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.into(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.out(torch.cat(parts, 1))


class SCDown(nn.Sequential):
    """Pointwise then depthwise stride-2 downsampling of YOLOv10."""

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__(Conv(cin, cout), Conv(cout, cout, 3, 2, groups=cout, act=None))


class PixelAttention(nn.Module):
    """Attention over pixels with half-size keys and a depthwise position encoding."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.heads = max(dim // 64, 1)
        self.size = dim // self.heads
        self.key = self.size // 2
        self.qkv = Conv(dim, dim + 2 * self.key * self.heads, act=None)
        self.place, self.out = Conv(dim, dim, 3, groups=dim, act=None), Conv(dim, dim, act=None)

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        q, k, v = self.qkv(x).view(b, self.heads, -1, h * w).split([self.key, self.key, self.size], 2)
        scores = ((q.transpose(2, 3) @ k) * self.key ** -0.5).softmax(-1)
        y = (v @ scores.transpose(2, 3)).view(b, c, h, w) + self.place(v.reshape(b, c, h, w))
        return self.out(y)


class C2PSA(nn.Module):
    """Half of the channels pass through attention and a feed-forward (PSA of v10, C2PSA of v11)."""

    def __init__(self, dim: int, n: int = 1) -> None:
        super().__init__()
        half = dim // 2
        self.into, self.out = Conv(dim, dim), Conv(dim, dim)
        self.attentions = nn.ModuleList(PixelAttention(half) for _ in range(n))
        self.feeds = nn.ModuleList(
            nn.Sequential(Conv(half, dim), Conv(dim, half, act=None)) for _ in range(n))

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.into(x).chunk(2, 1)
        for attention, feed in zip(self.attentions, self.feeds, strict=True):
            b = b + attention(b)
            b = b + feed(b)
        return self.out(torch.cat([a, b], 1))


class Join(nn.Module):
    """Concatenate channels."""

    def forward(self, *maps: Tensor) -> Tensor:
        return torch.cat(maps, 1)


class Graph(nn.Module):
    """Layers with explicit sources: each row is (module, sources), -1 the previous layer, else a layer's number."""

    def __init__(self, rows: list[tuple[nn.Module, tuple[int, ...]]], outputs: tuple[int, ...], head: nn.Module) -> None:
        super().__init__()
        self.layers = nn.ModuleList(module for module, _ in rows)
        self.sources = [sources for _, sources in rows]
        self.outputs, self.head = outputs, head

    def forward(self, x: Tensor) -> list[Tensor]:
        kept: list[Tensor] = []
        for layer, sources in zip(self.layers, self.sources, strict=True):
            x = layer(*(x if s == -1 else kept[s] for s in sources))
            kept.append(x)
        return self.head([kept[i] for i in self.outputs])


class DistributionHead(nn.Module):
    """Decoupled anchor-free head with distribution focal boxes; ``light`` has depthwise class branches (v10, v11)."""

    def __init__(self, widths: list[int], classes: int = 80, light: bool = False, masks: int = 0,
                 prototypes: int = 64) -> None:
        super().__init__()
        box, cls = max(16, widths[0] // 4, 64), max(widths[0], min(classes, 100))

        def class_branch(w: int) -> nn.Sequential:
            if light:
                return nn.Sequential(Conv(w, w, 3, groups=w), Conv(w, cls), Conv(cls, cls, 3, groups=cls),
                                     Conv(cls, cls), nn.Conv2d(cls, classes, 1))
            return nn.Sequential(Conv(w, cls, 3), Conv(cls, cls, 3), nn.Conv2d(cls, classes, 1))

        def plain_branch(w: int, inner: int, out: int) -> nn.Sequential:
            return nn.Sequential(Conv(w, inner, 3), Conv(inner, inner, 3), nn.Conv2d(inner, out, 1))

        self.boxes = nn.ModuleList(plain_branch(w, box, 64) for w in widths)
        self.scores = nn.ModuleList(class_branch(w) for w in widths)
        self.expectation = nn.Conv2d(16, 1, 1, bias=False)
        coefficient = max(widths[0] // 4, masks)
        self.coefficients = nn.ModuleList(plain_branch(w, coefficient, masks) for w in widths) if masks else None
        self.prototype = nn.Sequential(
            Conv(widths[0], prototypes, 3), nn.ConvTranspose2d(prototypes, prototypes, 2, 2),
            Conv(prototypes, prototypes, 3), Conv(prototypes, masks)) if masks else None

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        joined = [torch.cat([b(m), c(m)], 1).flatten(2) for b, c, m in zip(self.boxes, self.scores, maps, strict=True)]
        box, score = torch.cat(joined, 2).split([64, joined[0].shape[1] - 64], 1)
        cells = box.shape[-1]
        sides = self.expectation(box.view(1, 4, 16, cells).transpose(1, 2).softmax(1)).view(1, 4, cells)
        near, far = sides.chunk(2, 1)
        centre = near.new_zeros(1, 2, cells)
        corners = torch.cat([centre - near, centre + far], 1) * near.new_zeros(1, 1, cells)
        best, label = score.sigmoid().max(1)
        results = [corners.transpose(1, 2), best, label]
        if self.coefficients is not None:
            rows = [c(m).flatten(2) for c, m in zip(self.coefficients, maps, strict=True)]
            results += [torch.cat(rows, 2), self.prototype(maps[0])]
        return results


class AnchorHead(nn.Module):
    """Anchor-based head: one 1x1 convolution a scale, sigmoid and box decoding."""

    def __init__(self, widths: list[int], classes: int = 80, anchors: int = 3) -> None:
        super().__init__()
        self.outs = nn.ModuleList(nn.Conv2d(w, anchors * (5 + classes), 1) for w in widths)
        self.anchors, self.classes = anchors, classes

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        rows = []
        for out, m in zip(self.outs, maps, strict=True):
            y = out(m).view(1, self.anchors, 5 + self.classes, *m.shape[2:]).permute(0, 1, 3, 4, 2).contiguous()
            place, size, rest = y.sigmoid().split([2, 2, 1 + self.classes], -1)
            grid = place.new_zeros(place.shape)
            y = torch.cat([(place * 2 + grid) * 8, (size * 2) ** 2 * grid, rest], -1)
            rows.append(y.view(1, -1, 5 + self.classes))
        box, sure, score = torch.cat(rows, 1).split([4, 1, self.classes], -1)
        half = box[..., 2:] * 0.5
        corners = torch.cat([box[..., :2] - half, box[..., :2] + half], -1)
        best, label = (score * sure).max(-1)
        return [corners, best, label]
