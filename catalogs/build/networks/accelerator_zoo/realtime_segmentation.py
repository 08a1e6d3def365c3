"""Two- and three-branch real-time segmentation: DDRNet-23-slim and PIDNet-S at Cityscapes resolution."""
from __future__ import annotations

import torch
from torch import Tensor, nn

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, on_image
from catalogs.build.networks.accelerator_zoo.segmentation import Basic, resize
from catalogs.build.networks.accelerator_zoo.yolo_blocks import Conv

RELU = nn.ReLU()


def basics(cin: int, cout: int, n: int, stride: int = 1) -> nn.Sequential:
    """Chain of basic blocks whose last one is not activated."""
    return nn.Sequential(*(Basic(cin if i == 0 else cout, cout, stride if i == 0 else 1, last=i < n - 1)
                           for i in range(n)))


class Bottleneck(nn.Module):
    """Bottleneck with expansion two and no final activation."""

    def __init__(self, cin: int, inner: int, stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(Conv(cin, inner, act=RELU), Conv(inner, inner, 3, stride, act=RELU),
                                  Conv(inner, 2 * inner, act=None))
        plain = stride == 1 and cin == 2 * inner
        self.skip = nn.Identity() if plain else Conv(cin, 2 * inner, 1, stride, act=None)

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + self.skip(x)


def before(cin: int, cout: int, k: int = 1, groups: int = 1) -> nn.Sequential:
    """Batch norm, ReLU, convolution."""
    return nn.Sequential(nn.BatchNorm2d(cin), RELU, nn.Conv2d(cin, cout, k, padding=k // 2, groups=groups, bias=False))


class PyramidPooling(nn.Module):
    """DAPPM (Hong et al., 2021) or, ``parallel``, the PAPPM of PIDNet."""

    def __init__(self, cin: int, inner: int, cout: int, parallel: bool) -> None:
        super().__init__()
        pools = [nn.AvgPool2d(k, s, k // 2) for k, s in ((5, 2), (9, 4), (17, 8))] + [nn.AdaptiveAvgPool2d(1)]
        self.scales = nn.ModuleList(nn.Sequential(p, before(cin, inner)) for p in pools)
        self.own = before(cin, inner)
        self.process = (nn.ModuleList([before(4 * inner, 4 * inner, 3, 4)]) if parallel
                        else nn.ModuleList(before(inner, inner, 3) for _ in range(4)))
        self.mix, self.skip = before(5 * inner, cout), before(cin, cout)
        self.parallel = parallel

    def forward(self, x: Tensor) -> Tensor:
        own = self.own(x)
        if self.parallel:
            grown = [resize(s(x), x) + own for s in self.scales]
            parts = [own, self.process[0](torch.cat(grown, 1))]
        else:
            parts = [own]
            for scale, process in zip(self.scales, self.process, strict=True):
                parts.append(process(resize(scale(x), x) + parts[-1]))
        return self.mix(torch.cat(parts, 1)) + self.skip(x)


class SegmentHead(nn.Sequential):
    """3x3 convolution and a pointwise classifier, both preceded by batch norm and ReLU."""

    def __init__(self, cin: int, inner: int, classes: int) -> None:
        super().__init__(before(cin, inner, 3), nn.BatchNorm2d(inner), RELU, nn.Conv2d(inner, classes, 1))


def stem(width: int = 32) -> nn.Sequential:
    """Two stride-2 convolutions and the first two stages (to stride 8)."""
    return nn.Sequential(Conv(3, width, 3, 2, act=RELU), Conv(width, width, 3, 2, act=RELU),
                         basics(width, width, 2), RELU, basics(width, 2 * width, 2, 2), RELU)


class DDRNet(nn.Module):
    """DDRNet-23-slim (Hong et al., 2021), without the auxiliary head."""

    def __init__(self, w: int = 32, classes: int = 19) -> None:
        super().__init__()
        self.stem = stem(w)
        self.deep3, self.deep4 = basics(2 * w, 4 * w, 2, 2), basics(4 * w, 8 * w, 2, 2)
        self.fine3, self.fine4 = basics(2 * w, 2 * w, 2), basics(2 * w, 2 * w, 2)
        self.narrow3, self.narrow4 = Conv(4 * w, 2 * w, act=None), Conv(8 * w, 2 * w, act=None)
        self.down3 = Conv(2 * w, 4 * w, 3, 2, act=None)
        self.down4 = nn.Sequential(Conv(2 * w, 4 * w, 3, 2, act=RELU), Conv(4 * w, 8 * w, 3, 2, act=None))
        self.fine5, self.deep5 = Bottleneck(2 * w, 2 * w), Bottleneck(8 * w, 8 * w, 2)
        self.pool, self.head = PyramidPooling(16 * w, 128, 4 * w, parallel=False), SegmentHead(4 * w, 64, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = self.stem(image)
        deep, fine = self.deep3(x), self.fine3(x)
        active = RELU(deep)
        deep = deep + self.down3(RELU(fine))
        fine = fine + resize(self.narrow3(active), fine)
        deep, fine = self.deep4(RELU(deep)), self.fine4(RELU(fine))
        active = RELU(deep)
        deep = deep + self.down4(RELU(fine))
        fine = self.fine5(RELU(fine + resize(self.narrow4(active), fine)))
        return self.head(fine + resize(self.pool(self.deep5(RELU(deep))), fine))


class PixelGuidance(nn.Module):
    """Pag module of PIDNet: the fine map takes the context map where the two agree."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.fine, self.deep = Conv(width, inner, act=None), Conv(width, inner, act=None)

    def forward(self, fine: Tensor, deep: Tensor) -> Tensor:
        alike = (self.fine(fine) * resize(self.deep(deep), fine)).sum(1, keepdim=True).sigmoid()
        return (1 - alike) * fine + alike * resize(deep, fine)


class LightBag(nn.Module):
    """Boundary-attention fusion of PIDNet-S."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fine, self.deep = Conv(width, width, act=None), Conv(width, width, act=None)

    def forward(self, fine: Tensor, deep: Tensor, edge: Tensor) -> Tensor:
        edge = edge.sigmoid()
        return self.fine((1 - edge) * deep + fine) + self.deep(deep + edge * fine)


class PIDNet(nn.Module):
    """PIDNet-S (Xu et al., 2023), inference heads only."""

    def __init__(self, w: int = 32, classes: int = 19) -> None:
        super().__init__()
        self.stem = stem(w)
        self.i3, self.i4 = basics(2 * w, 4 * w, 3, 2), basics(4 * w, 8 * w, 3, 2)
        self.i5 = nn.Sequential(Bottleneck(8 * w, 8 * w, 2), RELU, Bottleneck(16 * w, 8 * w))
        self.p3, self.p4, self.p5 = basics(2 * w, 2 * w, 2), basics(2 * w, 2 * w, 2), Bottleneck(2 * w, 2 * w)
        self.narrow3, self.narrow4 = Conv(4 * w, 2 * w, act=None), Conv(8 * w, 2 * w, act=None)
        self.pag3, self.pag4 = PixelGuidance(2 * w, w), PixelGuidance(2 * w, w)
        self.d3, self.d4, self.d5 = basics(2 * w, w, 1), Bottleneck(w, w), Bottleneck(2 * w, 2 * w)
        self.diff3, self.diff4 = Conv(4 * w, w, 3, act=None), Conv(8 * w, 2 * w, 3, act=None)
        self.pool, self.bag = PyramidPooling(16 * w, 96, 4 * w, parallel=True), LightBag(4 * w)
        self.head = SegmentHead(4 * w, 128, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = self.stem(image)
        p, d = self.p3(x), self.d3(x)
        i = RELU(self.i3(x))
        p = self.pag3(p, self.narrow3(i))
        d = d + resize(self.diff3(i), d)
        i = RELU(self.i4(i))
        p, d = self.p4(RELU(p)), self.d4(RELU(d))
        p = self.pag4(p, self.narrow4(i))
        d = d + resize(self.diff4(i), d)
        p, d = self.p5(RELU(p)), self.d5(RELU(d))
        return self.head(self.bag(p, resize(self.pool(self.i5(i)), p), d))


def catalogue() -> Catalogue:
    """Real-time segmentation networks, keyed by (model, component)."""
    return {("ddrnet23_slim", "DDRNet23-Slim"): on_image(DDRNet, 1024, 2048),
            ("pidnet", "PidNet"): on_image(PIDNet, 1024, 2048)}
