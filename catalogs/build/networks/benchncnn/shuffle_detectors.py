"""benchncnn detectors on ShuffleNet v2 up to their scores: NanoDet-m, Yolo-FastestV2, FastestDet."""
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from catalogs.build.networks.benchncnn.convolutions import conv, depthwise, shuffle_channels

CLASSES = 80
BOX_SIDES = 32
"""NanoDet's distribution over eight distances for each of four sides (arXiv:2006.04388)."""
BLOCKS = (4, 8, 4)


class ShuffleBlock(nn.Module):
    """ShuffleNet v2's unit (arXiv:1807.11164): half of the channels pass, or both halves shrink."""

    def __init__(self, inputs: int, outputs: int, stride: int, act: str) -> None:
        super().__init__()
        half = outputs // 2
        source = inputs if stride == 2 else half
        self.shortcut = nn.Sequential(depthwise(inputs, 3, 2), conv(inputs, half, act=act)) if stride == 2 else None
        self.branch = nn.Sequential(conv(source, half, act=act), depthwise(half, 3, stride), conv(half, half, act=act))

    def forward(self, x: Tensor) -> Tensor:
        if self.shortcut is not None:
            return torch.cat([self.shortcut(x), self.branch(x)], 1)
        passed, worked = x.chunk(2, 1)
        return torch.cat([passed, self.branch(worked)], 1)


class ShuffleStage(nn.Module):
    """A strided unit then plain ones, channels shuffled between units (and after the last if asked)."""

    def __init__(self, inputs: int, outputs: int, count: int, act: str, shuffle_last: bool) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([ShuffleBlock(inputs if n == 0 else outputs, outputs, 2 if n == 0 else 1, act)
                                     for n in range(count)])
        self.shuffles = count if shuffle_last else count - 1

    def forward(self, x: Tensor) -> Tensor:
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index < self.shuffles:
                x = shuffle_channels(x, 2)
        return x


class ShuffleBackbone(nn.Module):
    """ShuffleNet v2 (arXiv:1807.11164) giving its feature maps at strides 8, 16 and 32."""

    def __init__(self, widths: tuple[int, int, int], act: str, shuffle_last: bool) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv(3, 24, 3, 2, act), nn.MaxPool2d(3, 2, 1))
        inputs = (24, *widths)
        self.stages = nn.ModuleList([ShuffleStage(i, o, n, act, shuffle_last)
                                     for i, o, n in zip(inputs, widths, BLOCKS)])

    def forward(self, x: Tensor) -> list[Tensor]:
        x, features = self.stem(x), []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features


class NanoDet(nn.Module):
    """NanoDet-m (RangiLyu/nanodet): path aggregation (arXiv:1803.01534) by addition, a separable head a scale."""

    def __init__(self) -> None:
        super().__init__()
        widths = (116, 232, 464)
        self.backbone = ShuffleBackbone(widths, "leaky", shuffle_last=True)
        self.laterals = nn.ModuleList([conv(width, 96) for width in widths])
        self.heads = nn.ModuleList([self.head() for _ in widths])

    @staticmethod
    def head() -> nn.Sequential:
        """Two separable convolutions and the joint class and distance prediction."""
        layers = [layer for _ in range(2) for layer in (depthwise(96, act="leaky"), conv(96, 96, act="leaky"))]
        return nn.Sequential(*layers, conv(96, CLASSES + BOX_SIDES))

    def forward(self, x: Tensor) -> list[tuple[Tensor, Tensor]]:
        fine, middle, coarse = (lateral(f) for lateral, f in zip(self.laterals, self.backbone(x)))
        middle = middle + F.interpolate(coarse, scale_factor=2, mode="bilinear")
        fine = fine + F.interpolate(middle, scale_factor=2, mode="bilinear")
        middle = middle + F.interpolate(fine, scale_factor=0.5, mode="bilinear")
        coarse = coarse + F.interpolate(middle, scale_factor=0.5, mode="bilinear")
        results = []
        for head, feature in zip(self.heads, (fine, middle, coarse)):
            scores, sides = head(feature).split([CLASSES, BOX_SIDES], 1)
            results.append((scores.sigmoid().flatten(2).transpose(1, 2).contiguous(),
                            sides.flatten(2).transpose(1, 2).contiguous()))
        return results


def wide_separables(channels: int) -> nn.Sequential:
    """Two 5x5 separable convolutions, linear after each pointwise one."""
    return nn.Sequential(*[layer for _ in range(2)
                           for layer in (depthwise(channels, 5, act="relu"), conv(channels, channels))])


class YoloFastestV2(nn.Module):
    """Yolo-FastestV2 (dog-qiuqiu/Yolo-FastestV2): shared separable heads for class, objectness and box."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = ShuffleBackbone((48, 96, 192), "relu", shuffle_last=False)
        self.laterals = nn.ModuleList([conv(288, 72, act="relu"), conv(192, 72, act="relu")])
        self.class_branches = nn.ModuleList([wide_separables(72) for _ in range(2)])
        self.box_branches = nn.ModuleList([wide_separables(72) for _ in range(2)])
        self.box, self.objectness, self.classes = (
            nn.ModuleList([conv(72, outputs, act=act) for _ in range(2)])
            for outputs, act in ((12, "sigmoid"), (3, "sigmoid"), (CLASSES, "")))

    def forward(self, x: Tensor) -> list[Tensor]:
        _, middle, coarse = self.backbone(x)
        raised = F.interpolate(coarse, scale_factor=2, mode="nearest")
        features = (self.laterals[0](torch.cat([raised, middle], 1)), self.laterals[1](coarse))
        results = []
        for index, feature in enumerate(features):
            classes, boxes = self.class_branches[index](feature), self.box_branches[index](feature)
            scores = self.classes[index](classes).permute(0, 2, 3, 1).contiguous().softmax(-1)
            joined = torch.cat([self.box[index](boxes), self.objectness[index](classes),
                                scores.permute(0, 3, 1, 2).contiguous()], 1)
            results.append(joined.permute(0, 2, 3, 1).contiguous())
        return results


class FastestDet(nn.Module):
    """FastestDet (dog-qiuqiu/FastestDet): three scales joined at stride 16, one anchor-free decoupled head."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = ShuffleBackbone((48, 96, 192), "relu", shuffle_last=False)
        self.pool = nn.AvgPool2d(3, 2, 1)
        self.entry = conv(336, 96, act="relu")
        self.pyramid = nn.ModuleList([nn.Sequential(*[depthwise(96, 5, act="relu") for _ in range(depth)])
                                      for depth in (1, 2, 3)])
        self.join, self.relu, self.exit = conv(288, 96), nn.ReLU(), conv(96, 96, act="relu")
        self.objectness, self.box, self.classes = (
            nn.Sequential(depthwise(96, 5, act="relu"), conv(96, outputs, act=act))
            for outputs, act in ((1, "sigmoid"), (4, ""), (CLASSES, "")))

    def forward(self, x: Tensor) -> Tensor:
        fine, middle, coarse = self.backbone(x)
        raised = F.interpolate(coarse, scale_factor=2, mode="nearest")
        x = self.entry(torch.cat([self.pool(fine), middle, raised], 1))
        x = self.exit(self.relu(x + self.join(torch.cat([branch(x) for branch in self.pyramid], 1))))
        return torch.cat([self.objectness(x), self.box(x), self.classes(x).softmax(1)], 1)


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "nanodet_m": NanoDet, "yolo-fastestv2": YoloFastestV2, "FastestDet": FastestDet,
}
