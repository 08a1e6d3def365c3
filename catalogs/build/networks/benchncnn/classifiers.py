"""benchncnn classifiers written out: MobileNet v1/v2/v3, ShuffleNet v1, ProxylessNAS, GoogLeNet, AlexNet."""
from collections.abc import Callable

import torch
from torch import Tensor, nn

from catalogs.build.networks.benchncnn.convolutions import (GlobalClassifier, InvertedResidual, activation, conv, depthwise, separable,
                          shuffle_channels)

MOBILENET_V1 = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
"""(output channels, stride) of the separable convolutions of MobileNet v1."""
MOBILENET_V2 = ((6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""(expansion, output channels, blocks, stride) of MobileNet v2 after its first block."""
MOBILENET_V3 = (
    (3, 64, 24, False, "relu", 2), (3, 72, 24, False, "relu", 1), (5, 72, 40, True, "relu", 2),
    (5, 120, 40, True, "relu", 1), (5, 120, 40, True, "relu", 1), (3, 240, 80, False, "hswish", 2),
    (3, 200, 80, False, "hswish", 1), (3, 184, 80, False, "hswish", 1), (3, 184, 80, False, "hswish", 1),
    (3, 480, 112, True, "hswish", 1), (3, 672, 112, True, "hswish", 1), (5, 672, 160, True, "hswish", 1),
    (5, 672, 160, True, "hswish", 2), (5, 960, 160, True, "hswish", 1),
)
"""(kernel, hidden, output channels, squeeze-excite, activation, stride) of MobileNet v3 large."""
PROXYLESS = (
    (5, 48, 32, 2), (3, 96, 32, 1), (7, 96, 40, 2), (3, 120, 40, 1), (5, 120, 40, 1), (5, 120, 40, 1),
    (7, 240, 80, 2), (5, 240, 80, 1), (5, 240, 80, 1), (5, 240, 80, 1), (5, 480, 96, 1), (5, 288, 96, 1),
    (5, 288, 96, 1), (5, 288, 96, 1), (7, 576, 192, 2), (7, 1152, 192, 1), (7, 576, 192, 1), (7, 576, 192, 1),
    (7, 1152, 320, 1),
)
"""(kernel, hidden, output channels, stride) of ProxylessNAS after its first block."""
INCEPTION = (
    (192, 64, 96, 128, 16, 32, 32), (256, 128, 128, 192, 32, 96, 64), (480, 192, 96, 208, 16, 48, 64),
    (512, 160, 112, 224, 24, 64, 64), (512, 128, 128, 256, 24, 64, 64), (512, 112, 144, 288, 32, 64, 64),
    (528, 256, 160, 320, 32, 128, 128), (832, 256, 160, 320, 32, 128, 128), (832, 384, 192, 384, 48, 128, 128),
)
"""Input, 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5 and pool projection channels of GoogLeNet's blocks."""


def mobilenet() -> nn.Module:
    """MobileNet v1 (arXiv:1704.04861)."""
    layers: list[nn.Module] = [conv(3, 32, 3, 2, "relu")]
    channels = 32
    for outputs, stride in MOBILENET_V1:
        layers.append(separable(channels, outputs, stride))
        channels = outputs
    return nn.Sequential(*layers, GlobalClassifier(channels))


def mobilenet_v2_blocks() -> list[nn.Module]:
    """The inverted residuals of MobileNet v2 (arXiv:1801.04381) from 16 to 320 channels."""
    blocks: list[nn.Module] = []
    channels = 16
    for expansion, outputs, count, stride in MOBILENET_V2:
        for index in range(count):
            blocks.append(InvertedResidual(channels, channels * expansion, outputs, 3, stride if index == 0 else 1))
            channels = outputs
    return blocks


def mobilenet_v2() -> nn.Module:
    """MobileNet v2 (arXiv:1801.04381), the Caffe port whose first block also has its 1x1 expansion."""
    return nn.Sequential(conv(3, 32, 3, 2, "relu"), InvertedResidual(32, 32, 16), *mobilenet_v2_blocks(),
                         conv(320, 1280, act="relu"), GlobalClassifier(1280))


class SqueezeExcite(nn.Module):
    """Channel attention with a hard sigmoid gate (MobileNet v3, arXiv:1905.02244)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, channels // 4),
                                  nn.ReLU(), nn.Linear(channels // 4, channels), nn.Hardsigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(x)[:, :, None, None]


class AttentiveResidual(nn.Module):
    """MobileNet v3's inverted residual, squeeze-excite before the second activation (arXiv:1905.02244)."""

    def __init__(self, inputs: int, kernel: int, hidden: int, outputs: int, attend: bool, act: str,
                 stride: int) -> None:
        super().__init__()
        self.skip = stride == 1 and inputs == outputs
        self.layers = nn.Sequential(conv(inputs, hidden, act=act), depthwise(hidden, kernel, stride),
                                    *([SqueezeExcite(hidden)] if attend else []), *activation(act),
                                    conv(hidden, outputs))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x) if self.skip else self.layers(x)


class SeparableResidual(nn.Module):
    """MobileNet v3's first block: depthwise, project, skip (arXiv:1905.02244)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(depthwise(channels, act="relu"), conv(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


def mobilenet_v3() -> nn.Module:
    """MobileNet v3 large (arXiv:1905.02244)."""
    layers: list[nn.Module] = [conv(3, 16, 3, 2, "hswish"), SeparableResidual(16)]
    channels = 16
    for kernel, hidden, outputs, attend, act, stride in MOBILENET_V3:
        layers.append(AttentiveResidual(channels, kernel, hidden, outputs, attend, act, stride))
        channels = outputs
    return nn.Sequential(*layers, conv(160, 960, act="hswish"), nn.AdaptiveAvgPool2d(1), nn.Hardswish(),
                         nn.Flatten(), nn.Linear(960, 1280), nn.Hardswish(), nn.Linear(1280, 1000),
                         nn.Softmax(dim=-1))


def proxylessnasnet() -> nn.Module:
    """ProxylessNAS mobile (arXiv:1812.00332)."""
    layers: list[nn.Module] = [conv(3, 32, 3, 2, "relu"), InvertedResidual(32, 32, 32, expand=False)]
    channels = 32
    for kernel, hidden, outputs, stride in PROXYLESS:
        layers.append(InvertedResidual(channels, hidden, outputs, kernel, stride))
        channels = outputs
    return nn.Sequential(*layers, conv(320, 1280, act="relu"), GlobalClassifier(1280))


class ShuffleUnit(nn.Module):
    """ShuffleNet v1 unit with three groups (arXiv:1707.01083); a strided one concatenates its pooled input.

    The first unit's reduction is not grouped and so not shuffled.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int, stride: int, groups: int = 3) -> None:
        super().__init__()
        self.groups = groups
        branch = outputs - inputs if stride == 2 else outputs
        self.reduce = conv(inputs, hidden, act="relu", groups=groups)
        self.depthwise = depthwise(hidden, 3, stride)
        self.expand = conv(hidden, branch, groups=3)
        self.pool = nn.AvgPool2d(3, 2, ceil_mode=True) if stride == 2 else None
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        y = self.reduce(x)
        if self.groups > 1:
            y = shuffle_channels(y, self.groups)
        y = self.expand(self.depthwise(y))
        return self.relu(x + y if self.pool is None else torch.cat([self.pool(x), y], 1))


def shufflenet() -> nn.Module:
    """ShuffleNet v1 1x with three groups (arXiv:1707.01083)."""
    units: list[nn.Module] = [ShuffleUnit(24, 54, 240, 2, groups=1)]
    for channels, count in ((240, 3), (480, 7), (960, 3)):
        units += [ShuffleUnit(channels, channels // 4, channels, 1) for _ in range(count)]
        if channels < 960:
            units.append(ShuffleUnit(channels, channels // 4, channels * 2, 2))
    return nn.Sequential(conv(3, 24, 3, 2, "relu"), nn.MaxPool2d(3, 2, ceil_mode=True), *units,
                         GlobalClassifier(960))


class Inception(nn.Module):
    """GoogLeNet's four-branch block (arXiv:1409.4842)."""

    def __init__(self, inputs: int, point: int, reduce3: int, three: int, reduce5: int, five: int,
                 pooled: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList([
            conv(inputs, point, act="relu"),
            nn.Sequential(conv(inputs, reduce3, act="relu"), conv(reduce3, three, 3, act="relu")),
            nn.Sequential(conv(inputs, reduce5, act="relu"), conv(reduce5, five, 5, act="relu")),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(inputs, pooled, act="relu")),
        ])

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], 1)


def googlenet() -> nn.Module:
    """GoogLeNet (arXiv:1409.4842) of the Caffe release: 5x5 branches, local response norm, no auxiliary heads."""
    pool = [nn.MaxPool2d(3, 2, ceil_mode=True) for _ in range(4)]
    blocks = [Inception(*shape) for shape in INCEPTION]
    return nn.Sequential(conv(3, 64, 7, 2, "relu"), pool[0], nn.LocalResponseNorm(5), conv(64, 64, act="relu"),
                         conv(64, 192, 3, act="relu"), nn.LocalResponseNorm(5), pool[1], *blocks[:2], pool[2],
                         *blocks[2:7], pool[3], *blocks[7:], GlobalClassifier(1024))


def alexnet() -> nn.Module:
    """AlexNet (Krizhevsky et al., NIPS 2012) of the Caffe release: grouped convolutions, local response norm."""
    return nn.Sequential(
        conv(3, 96, 11, 4, "relu", pad=0), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2),
        conv(96, 256, 5, act="relu", groups=2), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2),
        conv(256, 384, 3, act="relu"), conv(384, 384, 3, act="relu", groups=2),
        conv(384, 256, 3, act="relu", groups=2), nn.MaxPool2d(3, 2), nn.Flatten(),
        nn.Linear(9216, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000),
        nn.Softmax(dim=-1))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "mobilenet": mobilenet, "mobilenet_v2": mobilenet_v2, "mobilenet_v3": mobilenet_v3,
    "proxylessnasnet": proxylessnasnet, "shufflenet": shufflenet, "googlenet": googlenet, "alexnet": alexnet,
}
