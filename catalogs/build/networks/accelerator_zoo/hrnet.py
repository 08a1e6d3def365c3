"""HRNet (Wang et al., 2020) for pose, face and OCR segmentation, on timm's body; Lite-HRNet-18 (Yu et al., 2021)."""
from __future__ import annotations

import timm
import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, on_image
from catalogs.build.networks.accelerator_zoo.segmentation import resize
from catalogs.build.networks.accelerator_zoo.yolo_blocks import Conv

RELU = nn.ReLU()


class Body(nn.Module):
    """Stem and four multi-resolution stages; returns all resolutions."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = timm.create_model(f"hrnet_w{width}", num_classes=0)
        self.net.incre_modules = self.net.downsamp_modules = self.net.final_layer = self.net.classifier = None

    def forward(self, x: Tensor) -> list[Tensor]:
        n = self.net
        return n.stages(n.act2(n.bn2(n.conv2(n.act1(n.bn1(n.conv1(x)))))))


class Pose(nn.Module):
    """Heatmaps from the finest branch only (the last fusion of the others is dead and removed)."""

    def __init__(self, width: int, joints: int = 17) -> None:
        super().__init__()
        self.body, self.out = Body(width), nn.Conv2d(width, joints, 1)
        last = self.body.net.stage4[-1]
        last.fuse_layers = nn.ModuleList([last.fuse_layers[0]])
        last.num_out = 1

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.body(x)[0])


def joined(maps: list[Tensor]) -> Tensor:
    """All resolutions at the finest one, concatenated."""
    return torch.cat([maps[0], *(resize(m, maps[0]) for m in maps[1:])], 1)


class Face(nn.Module):
    """HRNetV2 landmark heatmaps."""

    def __init__(self, width: int = 18, points: int = 29) -> None:
        super().__init__()
        total = 15 * width
        self.body = Body(width)
        self.out = nn.Sequential(Conv(total, total, act=RELU), nn.Conv2d(total, points, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.out(joined(self.body(x)))


class ObjectContext(nn.Module):
    """HRNet with object-contextual representations (Yuan et al., 2020)."""

    def __init__(self, width: int = 48, classes: int = 19) -> None:
        super().__init__()
        total = 15 * width
        self.body = Body(width)
        self.aux = nn.Sequential(Conv(total, total, act=RELU), nn.Conv2d(total, classes, 1))
        self.pixels = Conv(total, 512, 3, act=RELU)
        self.query = nn.Sequential(Conv(512, 256, act=RELU), Conv(256, 256, act=RELU))
        self.key = nn.Sequential(Conv(512, 256, act=RELU), Conv(256, 256, act=RELU))
        self.value, self.up = Conv(512, 256, act=RELU), Conv(256, 512, act=RELU)
        self.mix, self.out = Conv(1024, 512, act=RELU), nn.Conv2d(512, classes, 1)

    def forward(self, x: Tensor) -> list[Tensor]:
        y = joined(self.body(x))
        rough, y = self.aux(y), self.pixels(y)
        regions = rough.flatten(2).softmax(2) @ y.flatten(2).transpose(1, 2)
        regions = regions.transpose(1, 2).unsqueeze(3)
        scores = (self.query(y).flatten(2).transpose(1, 2) @ self.key(regions).flatten(2)) * 256 ** -0.5
        context = scores.softmax(-1) @ self.value(regions).flatten(2).transpose(1, 2)
        context = self.up(context.transpose(1, 2).unflatten(2, y.shape[2:]))
        return [rough, self.out(self.mix(torch.cat([context, y], 1)))]


def shuffle(x: Tensor) -> Tensor:
    """Channel shuffle of two groups."""
    b, c, h, w = x.shape
    return x.view(b, 2, c // 2, h, w).transpose(1, 2).reshape(b, c, h, w)


class Weighting(nn.Module):
    """Conditional channel weighting over all resolutions of a stage."""

    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        halves = [w // 2 for w in widths]
        total = sum(halves)
        self.halves = halves
        self.cross = nn.Sequential(Conv(total, total // 8, act=RELU), Conv(total // 8, total, act=nn.Sigmoid()))
        self.deep = nn.ModuleList(Conv(h, h, 3, groups=h, act=None) for h in halves)
        self.gates = nn.ModuleList(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(h, h // 4, 1), RELU,
                                                 nn.Conv2d(h // 4, h, 1), nn.Sigmoid()) for h in halves)

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        pairs = [m.chunk(2, 1) for m in maps]
        small = maps[-1].shape[2:]
        weights = self.cross(torch.cat([adaptive_avg_pool2d(p[1], small) for p in pairs], 1)).split(self.halves, 1)
        results = []
        for (kept, x), weight, deep, gate in zip(pairs, weights, self.deep, self.gates, strict=True):
            x = deep(x * interpolate(weight, size=x.shape[2:], mode="nearest"))
            results.append(shuffle(torch.cat([kept, x * gate(x)], 1)))
        return results


class Fuse(nn.Module):
    """Sum of every resolution brought to every other."""

    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        self.rows = nn.ModuleList()
        for i, out in enumerate(widths):
            row = nn.ModuleList()
            for j, cin in enumerate(widths):
                if j > i:
                    row.append(nn.Sequential(Conv(cin, out, act=None), nn.Upsample(scale_factor=2.0 ** (j - i))))
                else:
                    steps = [nn.Sequential(Conv(cin, cin, 3, 2, groups=cin, act=None),
                                           Conv(cin, out if k == i - j - 1 else cin, act=None if k == i - j - 1 else RELU))
                             for k in range(i - j)]
                    row.append(nn.Sequential(*steps))
            self.rows.append(row)

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        return [RELU(sum(step(m) for step, m in zip(row, maps, strict=True))) for row in self.rows]


class LiteHRNet(nn.Module):
    """Lite-HRNet-18 with the iterative depthwise head."""

    def __init__(self, joints: int = 17) -> None:
        super().__init__()
        self.first = Conv(3, 32, 3, 2, act=RELU)
        self.left = nn.Sequential(Conv(16, 16, 3, 2, groups=16, act=None), Conv(16, 16, act=RELU))
        self.right = nn.Sequential(Conv(16, 32, act=RELU), Conv(32, 32, 3, 2, groups=32, act=None),
                                   Conv(32, 16, act=RELU))
        widths, stages, previous = [40, 80, 160, 320], (2, 4, 2), [32]
        self.moves, self.modules_ = nn.ModuleList(), nn.ModuleList()
        for s, count in enumerate(stages):
            now = widths[:s + 2]
            move = nn.ModuleList()
            for i, w in enumerate(now):
                source = previous[min(i, len(previous) - 1)]
                down = i >= len(previous)
                keep = i < len(previous) and source == w
                move.append(nn.Identity() if keep else nn.Sequential(
                    Conv(source, source, 3, 2 if down else 1, groups=source, act=None), Conv(source, w, act=RELU)))
            self.moves.append(move)
            self.modules_.append(nn.ModuleList(
                nn.ModuleList([Weighting(now), Weighting(now), Fuse(now)]) for _ in range(count)))
            previous = now
        self.head = nn.ModuleList(
            nn.Sequential(Conv(w, w, 3, groups=w, act=None), Conv(w, n, act=RELU))
            for w, n in zip(widths[::-1], [160, 80, 40, 40]))
        self.out = nn.Conv2d(40, joints, 1)

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.first(x).chunk(2, 1)
        maps = [shuffle(torch.cat([self.left(a), self.right(b)], 1))]
        for move, modules in zip(self.moves, self.modules_, strict=True):
            maps = [m(maps[min(i, len(maps) - 1)]) for i, m in enumerate(move)]
            for module in modules:
                for step in module:
                    maps = step(maps)
        y: Tensor | None = None
        for conv, m in zip(self.head, reversed(maps), strict=True):
            y = conv(m if y is None else m + resize(y, m))
        return self.out(y)


def catalogue() -> Catalogue:
    """HRNet family, keyed by (model, component)."""
    return {
        ("hrnet_pose", "HRNetPose"): on_image(lambda: Pose(32), 256, 192),
        ("hrnet_w48_pose", "HRNetPose-W48"): on_image(lambda: Pose(48), 256, 192),
        ("hrnet_face", "HRNetFace"): on_image(Face, 256),
        ("hrnet_w48_ocr", "HRNet-W48-OCR"): on_image(ObjectContext, 1024, 2048),
        ("litehrnet", "LiteHRNet"): on_image(LiteHRNet, 256, 192),
    }
