"""Detectors outside the CSP yolo tables: YOLOv7-tiny, YOLOv6-N, YOLOX-S, RTMDet-m,
a Faster R-CNN C4 proposal network and the DeepBox orientation net."""
from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision import models

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, on_image
from catalogs.build.networks.accelerator_zoo.yolo import P, up
from catalogs.build.networks.accelerator_zoo.yolo_blocks import AnchorHead, C3, Conv, Graph, Join

LEAKY, RELU = nn.LeakyReLU(0.1), nn.ReLU()


class Elan(nn.Module):
    """Tiny ELAN aggregation of YOLOv7 (Wang et al., 2022)."""

    def __init__(self, cin: int, inner: int, cout: int) -> None:
        super().__init__()
        self.a, self.b = Conv(cin, inner, act=LEAKY), Conv(cin, inner, act=LEAKY)
        self.c, self.d = Conv(inner, inner, 3, act=LEAKY), Conv(inner, inner, 3, act=LEAKY)
        self.out = Conv(4 * inner, cout, act=LEAKY)

    def forward(self, x: Tensor) -> Tensor:
        b = self.b(x)
        c = self.c(b)
        return self.out(torch.cat([self.d(c), c, b, self.a(x)], 1))


class PoolPyramid(nn.Module):
    """Parallel 5/9/13 poolings between two pointwise convolutions; ``bypass`` adds the CSP branch of YOLOv7."""

    def __init__(self, cin: int, inner: int, cout: int, act: nn.Module, bypass: bool) -> None:
        super().__init__()
        self.into = Conv(cin, inner, act=act)
        self.side = Conv(cin, inner, act=act) if bypass else None
        self.mix = Conv(4 * inner, inner if bypass else cout, act=act)
        self.out = Conv(2 * inner, cout, act=act) if bypass else nn.Identity()
        self.pools = nn.ModuleList(nn.MaxPool2d(k, 1, k // 2) for k in (5, 9, 13))

    def forward(self, x: Tensor) -> Tensor:
        y = self.into(x)
        y = self.mix(torch.cat([y, *(pool(y) for pool in self.pools)], 1))
        return self.out(y if self.side is None else torch.cat([y, self.side(x)], 1))


def yolov7_tiny(classes: int = 80) -> nn.Module:
    """YOLOv7-tiny with leaky activations."""
    def conv(cin: int, cout: int, k: int = 1, s: int = 1) -> nn.Module:
        return Conv(cin, cout, k, s, act=LEAKY)

    rows = [(conv(3, 32, 3, 2), P), (conv(32, 64, 3, 2), P), (Elan(64, 32, 64), P), (nn.MaxPool2d(2), P),
            (Elan(64, 64, 128), P), (nn.MaxPool2d(2), P), (Elan(128, 128, 256), P), (nn.MaxPool2d(2), P),
            (Elan(256, 256, 512), P), (PoolPyramid(512, 256, 256, LEAKY, bypass=True), P),
            (conv(256, 128), P), (up(), P), (conv(256, 128), (6,)), (Join(), (-1, 11)), (Elan(256, 64, 128), P),
            (conv(128, 64), P), (up(), P), (conv(128, 64), (4,)), (Join(), (-1, 16)), (Elan(128, 32, 64), P),
            (conv(64, 128, 3, 2), P), (Join(), (-1, 14)), (Elan(256, 64, 128), P),
            (conv(128, 256, 3, 2), P), (Join(), (-1, 9)), (Elan(512, 128, 256), P),
            (conv(64, 128, 3), (19,)), (conv(128, 256, 3), (22,)), (conv(256, 512, 3), (25,))]
    return Graph(rows, (26, 27, 28), AnchorHead([128, 256, 512], classes))


class DecoupledHead(nn.Module):
    """Per scale a stem and separate class and box branches (YOLOX; Ge et al., 2021)."""

    def __init__(self, widths: list[int], inner: int | None, depth: int, classes: int, act: nn.Module,
                 objectness: bool, stem: bool = True) -> None:
        super().__init__()
        inners = [inner or w for w in widths]

        def branch(w: int) -> nn.Sequential:
            return nn.Sequential(*(Conv(w, w, 3, act=act) for _ in range(depth)))

        self.stems = nn.ModuleList(Conv(w, i, act=act) if stem else nn.Identity()
                                   for w, i in zip(widths, inners, strict=True))
        self.cls, self.box = (nn.ModuleList(branch(i) for i in inners) for _ in range(2))
        self.scores = nn.ModuleList(nn.Conv2d(i, classes, 1) for i in inners)
        self.sides = nn.ModuleList(nn.Conv2d(i, 4, 1) for i in inners)
        self.sure = nn.ModuleList(nn.Conv2d(i, 1, 1) for i in inners) if objectness else None

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        boxes, scores, sures = [], [], []
        for i, x in enumerate(maps):
            x = self.stems[i](x)
            b = self.box[i](x)
            scores.append(self.scores[i](self.cls[i](x)).sigmoid().flatten(2))
            boxes.append(self.sides[i](b).flatten(2))
            if self.sure is not None:
                sures.append(self.sure[i](b).sigmoid().flatten(2))
        box, score = torch.cat(boxes, 2), torch.cat(scores, 2)
        centre = box.new_zeros(1, 2, box.shape[-1])
        near, far = box.chunk(2, 1)
        corners = torch.cat([centre - near, centre + far], 1) * box.new_zeros(1, 1, box.shape[-1])
        best, label = (score * torch.cat(sures, 2) if sures else score).max(1)
        return [corners.transpose(1, 2).contiguous(), best, label]


class Focus(nn.Module):
    """Every second pixel into channels, then a convolution."""

    def __init__(self, cout: int) -> None:
        super().__init__()
        self.conv = Conv(12, cout, 3)

    def forward(self, x: Tensor) -> Tensor:
        rows = x[..., ::2, :], x[..., 1::2, :]
        return self.conv(torch.cat([r[..., s::2] for s in (0, 1) for r in rows], 1))


def yolox_s(classes: int = 80) -> nn.Module:
    """YOLOX-S: CSPDarknet, PAFPN and the decoupled head."""
    rows = [(Focus(32), P), (Conv(32, 64, 3, 2), P), (C3(64, 64, 1), P), (Conv(64, 128, 3, 2), P),
            (C3(128, 128, 3), P), (Conv(128, 256, 3, 2), P), (C3(256, 256, 3), P), (Conv(256, 512, 3, 2), P),
            (PoolPyramid(512, 256, 512, nn.SiLU(), bypass=False), P), (C3(512, 512, 1, False), P),
            (Conv(512, 256), P), (up(), P), (Join(), (-1, 6)), (C3(512, 256, 1, False), P),
            (Conv(256, 128), P), (up(), P), (Join(), (-1, 4)), (C3(256, 128, 1, False), P),
            (Conv(128, 128, 3, 2), P), (Join(), (-1, 14)), (C3(256, 256, 1, False), P),
            (Conv(256, 256, 3, 2), P), (Join(), (-1, 10)), (C3(512, 512, 1, False), P)]
    return Graph(rows, (17, 20, 23), DecoupledHead([128, 256, 512], 128, 2, classes, nn.SiLU(), objectness=True))


def plain(cin: int, cout: int, n: int) -> nn.Sequential:
    """A chain of re-parameterised (fused) 3x3 convolutions with ReLU."""
    return nn.Sequential(*(Conv(cin if i == 0 else cout, cout, 3, act=RELU) for i in range(n)))


class BiFusion(nn.Module):
    """Three-scale fusion of YOLOv6 v3: deep (doubled), same, and shallow (halved) maps."""

    def __init__(self, same: int, shallow: int, cout: int) -> None:
        super().__init__()
        self.grow = nn.ConvTranspose2d(cout, cout, 2, 2)
        self.same, self.shallow = Conv(same, cout, act=RELU), Conv(shallow, cout, act=RELU)
        self.shrink, self.mix = Conv(cout, cout, 3, 2, act=RELU), Conv(3 * cout, cout, act=RELU)

    def forward(self, deep: Tensor, same: Tensor, shallow: Tensor) -> Tensor:
        parts = [self.grow(deep), self.same(same), self.shrink(self.shallow(shallow))]
        return self.mix(torch.cat(parts, 1))


class SimCspSppf(nn.Module):
    """CSP form of the chained pooling used by YOLOv6-N/S."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        half = dim // 2
        self.before = nn.Sequential(Conv(dim, half, act=RELU), Conv(half, half, 3, act=RELU), Conv(half, half, act=RELU))
        self.side = Conv(dim, half, act=RELU)
        self.after = nn.Sequential(Conv(4 * half, half, act=RELU), Conv(half, half, 3, act=RELU))
        self.out, self.pool = Conv(dim, dim, act=RELU), nn.MaxPool2d(5, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.before(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.out(torch.cat([self.side(x), self.after(torch.cat(parts, 1))], 1))


def yolov6_n(classes: int = 80) -> nn.Module:
    """YOLOv6-N v3 (Li et al., 2023), deployed (fused) form."""
    def conv(cin: int, cout: int, k: int = 1, s: int = 1) -> nn.Module:
        return Conv(cin, cout, k, s, act=RELU)

    rows = [(conv(3, 16, 3, 2), P), (conv(16, 32, 3, 2), P), (plain(32, 32, 2), P), (conv(32, 64, 3, 2), P),
            (plain(64, 64, 4), P), (conv(64, 128, 3, 2), P), (plain(128, 128, 6), P), (conv(128, 256, 3, 2), P),
            (plain(256, 256, 2), P), (SimCspSppf(256), P), (conv(256, 64), P), (BiFusion(128, 64, 64), (-1, 6, 4)),
            (plain(64, 64, 4), P), (conv(64, 32), P), (BiFusion(64, 32, 32), (-1, 4, 2)), (plain(32, 32, 4), P),
            (conv(32, 32, 3, 2), P), (Join(), (-1, 13)), (plain(64, 64, 4), P), (conv(64, 64, 3, 2), P),
            (Join(), (-1, 10)), (plain(128, 128, 4), P)]
    return Graph(rows, (15, 18, 21), DecoupledHead([32, 64, 128], None, 1, classes, nn.SiLU(), objectness=False))


class NextBlock(nn.Module):
    """CSPNeXt block of RTMDet (Lyu et al., 2022): 3x3 convolution and a 5x5 depthwise-separable one."""

    def __init__(self, dim: int, add: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(Conv(dim, dim, 3), Conv(dim, dim, 5, groups=dim), Conv(dim, dim))
        self.add = add

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.add else self.body(x)


class NextLayer(nn.Module):
    """CSP layer of CSPNeXt blocks with optional channel attention."""

    def __init__(self, cin: int, cout: int, n: int, add: bool, attention: bool) -> None:
        super().__init__()
        half = cout // 2
        self.a, self.b, self.out = Conv(cin, half), Conv(cin, half), Conv(2 * half, cout)
        self.body = nn.Sequential(*(NextBlock(half, add) for _ in range(n)))
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(cout, cout, 1), nn.Hardsigmoid()) if attention else None

    def forward(self, x: Tensor) -> Tensor:
        y = torch.cat([self.body(self.a(x)), self.b(x)], 1)
        return self.out(y if self.gate is None else y * self.gate(y))


def rtmdet_m(classes: int = 80) -> nn.Module:
    """RTMDet-m; the head's shared convolutions are separate once their batch norms are fused, as exported."""
    a, b, c, d, e = 48, 96, 192, 384, 768
    rows = [(nn.Sequential(Conv(3, 24, 3, 2), Conv(24, 24, 3), Conv(24, a, 3)), P),
            (Conv(a, b, 3, 2), P), (NextLayer(b, b, 2, True, True), P), (Conv(b, c, 3, 2), P),
            (NextLayer(c, c, 4, True, True), P), (Conv(c, d, 3, 2), P), (NextLayer(d, d, 4, True, True), P),
            (Conv(d, e, 3, 2), P), (PoolPyramid(e, d, e, nn.SiLU(), bypass=False), P),
            (NextLayer(e, e, 2, False, True), P), (Conv(e, d), P), (up(), P), (Join(), (-1, 6)),
            (NextLayer(e, d, 2, False, False), P), (Conv(d, c), P), (up(), P), (Join(), (-1, 4)),
            (NextLayer(d, c, 2, False, False), P), (Conv(c, c, 3, 2), P), (Join(), (-1, 14)),
            (NextLayer(d, d, 2, False, False), P), (Conv(d, d, 3, 2), P), (Join(), (-1, 10)),
            (NextLayer(e, e, 2, False, False), P),
            (Conv(c, c, 3), (17,)), (Conv(d, c, 3), (20,)), (Conv(e, c, 3), (23,))]
    return Graph(rows, (24, 25, 26), DecoupledHead([c] * 3, c, 2, classes, nn.SiLU(), objectness=False, stem=False))


class BoxOrientation(nn.Module):
    """3D box regression from a 2D crop (Mousavian et al., 2017): VGG19-BN features and three heads."""

    def __init__(self) -> None:
        super().__init__()
        self.features = models.vgg19_bn(weights=None).features
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(25088, inner), nn.ReLU(), nn.Linear(inner, inner), nn.ReLU(), nn.Linear(inner, out))
            for inner, out in ((256, 4), (256, 2), (512, 3)))

    def forward(self, x: Tensor) -> list[Tensor]:
        y = self.features(x).flatten(1)
        return [head(y) for head in self.heads]


class ProposalGenerator(nn.Module):
    """Faster R-CNN (Ren et al., 2015) C4: ResNet-50 to stride 16 and the region proposal head, 15 anchors."""

    def __init__(self, anchors: int = 15) -> None:
        super().__init__()
        net = models.resnet50(weights=None)
        self.body = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool, net.layer1, net.layer2, net.layer3)
        self.mix = nn.Sequential(nn.Conv2d(1024, 1024, 3, padding=1), RELU)
        self.scores, self.boxes = nn.Conv2d(1024, anchors, 1), nn.Conv2d(1024, 4 * anchors, 1)

    def forward(self, x: Tensor) -> list[Tensor]:
        y = self.body(x)
        z = self.mix(y)
        scores = self.scores(z).permute(0, 2, 3, 1).reshape(1, -1)
        shift, scale = self.boxes(z).unflatten(1, (-1, 4)).permute(0, 3, 4, 1, 2).reshape(1, -1, 4).chunk(2, -1)
        anchor = shift.new_zeros(shift.shape)
        centre, half = shift * anchor + anchor, scale.exp() * anchor * 0.5
        return [y, scores, torch.cat([centre - half, centre + half], -1)]


def catalogue() -> Catalogue:
    """Detectors, keyed by (model, component)."""
    return {
        ("yolov7", "Yolo-v7"): on_image(yolov7_tiny, 640),
        ("yolov6", "Yolo-v6"): on_image(yolov6_n, 640),
        ("yolox", "Yolo-X"): on_image(yolox_s, 640),
        ("rtmdet", "RTMDet"): on_image(rtmdet_m, 640),
        ("gear_guard_net", "PPE-Detection"): on_image(lambda: yolov7_tiny(2), 320, 192),
        ("detectron2_detection", "Detectron2ProposalGenerator"): on_image(ProposalGenerator, 800),
        ("deepbox", "VGG3DDetection"): on_image(BoxOrientation, 224),
    }
