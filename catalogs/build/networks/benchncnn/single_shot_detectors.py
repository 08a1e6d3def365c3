"""benchncnn single-shot detectors up to their raw predictions: SqueezeNet-SSD, MobileNet-SSD, BlazeFace."""
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from catalogs.build.networks.benchncnn.classifiers import MOBILENET_V1
from catalogs.build.networks.benchncnn.convolutions import conv, depthwise, separable

CLASSES = 21
BLAZE_BLOCKS = ((24, 1), (28, 1), (32, 2), (36, 1), (42, 1), (48, 2), (56, 1), (64, 1), (72, 1), (80, 1), (88, 1),
                (96, 2), (96, 1), (96, 1), (96, 1), (96, 1))
"""(output channels, stride) of BlazeFace's blocks."""


class SingleShotDetector(nn.Module):
    """Boxes and class probabilities from a chain of feature maps (SSD, arXiv:1512.02325); no box decoding."""

    def __init__(self, stages: list[nn.Module], channels: list[int], priors: list[int], kernel: int,
                 normalized: bool = False) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.normalize = nn.BatchNorm2d(channels[0]) if normalized else nn.Identity()
        self.boxes = nn.ModuleList([conv(c, 4 * p, kernel) for c, p in zip(channels, priors)])
        self.scores = nn.ModuleList([conv(c, CLASSES * p, kernel) for c, p in zip(channels, priors)])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        boxes, scores = [], []
        for index, stage in enumerate(self.stages):
            x = stage(x)
            source = self.normalize(x) if index == 0 else x
            boxes.append(self.boxes[index](source).permute(0, 2, 3, 1).flatten(1))
            scores.append(self.scores[index](source).permute(0, 2, 3, 1).flatten(1))
        return torch.cat(boxes, 1), F.softmax(torch.cat(scores, 1).view(-1, CLASSES), dim=-1)


class Fire(nn.Module):
    """Squeeze to a few channels, expand by 1x1 and 3x3 (SqueezeNet, arXiv:1602.07360)."""

    def __init__(self, inputs: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = conv(inputs, squeezed, act="relu")
        self.point = conv(squeezed, expanded, act="relu")
        self.three = conv(squeezed, expanded, 3, act="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze(x)
        return torch.cat([self.point(x), self.three(x)], 1)


def ceil_pool() -> nn.MaxPool2d:
    """Caffe's 3x3 pooling of stride 2, which rounds its output size up."""
    return nn.MaxPool2d(3, 2, ceil_mode=True)


def shrink(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """SSD's extra feature layer: 1x1 then 3x3 of stride 2."""
    return nn.Sequential(conv(inputs, hidden, act="relu"), conv(hidden, outputs, 3, 2, "relu"))


def squeezenet_ssd() -> nn.Module:
    """SSD (arXiv:1512.02325) on SqueezeNet 1.1 with two more fire modules."""
    stages: list[nn.Module] = [
        nn.Sequential(conv(3, 64, 3, 2, "relu", pad=0), ceil_pool(), Fire(64, 16, 64), Fire(128, 16, 64),
                      ceil_pool(), Fire(128, 32, 128), Fire(256, 32, 128)),
        nn.Sequential(ceil_pool(), Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256)),
        nn.Sequential(ceil_pool(), Fire(512, 96, 384)),
        nn.Sequential(ceil_pool(), Fire(768, 96, 384)),
        shrink(768, 128, 256),
        shrink(256, 64, 128),
    ]
    return SingleShotDetector(stages, [256, 512, 768, 768, 256, 128], [4, 6, 6, 6, 6, 4], 3, normalized=True)


def mobilenet_layers(first: int, last: int) -> list[nn.Module]:
    """Separable convolutions number `first` to `last` (from one) of MobileNet v1 (arXiv:1704.04861)."""
    inputs = [32, *[outputs for outputs, _ in MOBILENET_V1]]
    return [separable(inputs[n - 1], *MOBILENET_V1[n - 1]) for n in range(first, last + 1)]


def mobilenet_ssd() -> nn.Module:
    """SSD (arXiv:1512.02325) on MobileNet v1 with 1x1 prediction layers."""
    stages: list[nn.Module] = [nn.Sequential(conv(3, 32, 3, 2, "relu"), *mobilenet_layers(1, 11)),
                               nn.Sequential(*mobilenet_layers(12, 13)), shrink(1024, 256, 512),
                               shrink(512, 128, 256), shrink(256, 128, 256), shrink(256, 64, 128)]
    return SingleShotDetector(stages, [512, 1024, 512, 256, 256, 128], [3, 6, 6, 6, 6, 6], 1)


class BlazeBlock(nn.Module):
    """BlazeFace's block (arXiv:1907.05047): depthwise, pointwise, a shortcut padded to the new channels."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.stride, self.extra = stride, outputs - inputs
        self.depthwise = depthwise(inputs, 3, stride, pad=1 if stride == 1 else 0)
        self.point = conv(inputs, outputs)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        y = F.pad(x, (0, 2, 0, 2)) if self.stride == 2 else x
        shortcut = F.max_pool2d(x, 2) if self.stride == 2 else x
        if self.extra:
            shortcut = F.pad(shortcut, (0, 0, 0, 0, 0, self.extra))
        return self.relu(self.point(self.depthwise(y)) + shortcut)


def blazeface() -> nn.Module:
    """BlazeFace's feature extractor (arXiv:1907.05047), without prediction heads."""
    layers: list[nn.Module] = [nn.ZeroPad2d((1, 2, 1, 2)), conv(3, 24, 5, 2, "relu", pad=0)]
    channels = 24
    for outputs, stride in BLAZE_BLOCKS:
        layers.append(BlazeBlock(channels, outputs, stride))
        channels = outputs
    return nn.Sequential(*layers)


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "squeezenet_ssd": squeezenet_ssd, "mobilenet_ssd": mobilenet_ssd, "blazeface": blazeface,
}
