"""benchncnn YOLO detectors up to their raw predictions: MobileNet-YOLO, YOLOv4-tiny, Yolo-Fastest."""
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from catalogs.build.networks.benchncnn.classifiers import mobilenet_v2_blocks
from catalogs.build.networks.benchncnn.convolutions import InvertedResidual, conv, depthwise, separable
from catalogs.build.networks.benchncnn.single_shot_detectors import mobilenet_layers

FASTEST_BLOCKS = (
    ((8, 8, 4, 1), (4, 8, 4, 1), (4, 24, 8, 2), (8, 32, 8, 1), (8, 32, 8, 1), (8, 32, 8, 2), (8, 48, 8, 1),
     (8, 48, 8, 1), (8, 48, 16, 1), *[(16, 96, 16, 1)] * 4, (16, 96, 24, 2), *[(24, 136, 24, 1)] * 4),
    ((24, 136, 48, 2), *[(48, 224, 48, 1)] * 5),
)
"""(input, hidden, output channels, stride) of Yolo-Fastest 1.1's blocks, before and after its finer tap."""


class MobileNetYolo(nn.Module):
    """MobileNet v1 (arXiv:1704.04861) with two YOLO predictions (arXiv:1612.08242) joined by a deconvolution."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(conv(3, 32, 3, 2, "relu"), *mobilenet_layers(1, 11))
        self.coarse = nn.Sequential(*mobilenet_layers(12, 13), separable(1024, 1024))
        self.upsample = nn.ConvTranspose2d(1024, 512, 4, 2, 1, groups=512, bias=False)
        self.merged = separable(512, 1024)
        self.predictions = nn.ModuleList([conv(1024, 125), conv(1024, 125)])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        fine = self.fine(x)
        coarse = self.coarse(fine)
        merged = self.merged(fine + self.upsample(coarse))
        return self.predictions[0](coarse), self.predictions[1](merged)


class MobileNetV2Yolo(nn.Module):
    """MobileNet v2 (arXiv:1801.04381) with two separable YOLOv3 predictions (arXiv:1804.02767)."""

    def __init__(self) -> None:
        super().__init__()
        blocks = mobilenet_v2_blocks()
        self.fine = nn.Sequential(conv(3, 32, 3, 2, "relu"), InvertedResidual(32, 32, 16, expand=False),
                                  *blocks[:12], conv(96, 576, act="relu"))
        self.coarse = nn.Sequential(depthwise(576, 3, 2, "relu"), conv(576, 160), *blocks[13:],
                                    conv(320, 1280, act="relu"), separable(1280, 576))
        self.upsample = nn.Sequential(nn.ConvTranspose2d(576, 576, 1, 2, groups=576, bias=False),
                                      nn.MaxPool2d(2, 1, 1))
        self.lateral, self.merged = separable(576, 576), separable(576, 576)
        self.predictions = nn.ModuleList([conv(576, 75), conv(576, 75)])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        fine = self.fine(x)
        coarse = self.coarse(fine)
        merged = self.merged(self.upsample(coarse) + self.lateral(fine))
        return self.predictions[0](coarse), self.predictions[1](merged)


class CrossStage(nn.Module):
    """YOLOv4-tiny's partial block (CSPNet, arXiv:1911.11929): half of the channels go through two convolutions."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.entry = conv(channels, channels, 3, act="leaky")
        self.first, self.second = conv(half, half, 3, act="leaky"), conv(half, half, 3, act="leaky")
        self.join = conv(channels, channels, act="leaky")
        self.pool = nn.MaxPool2d(2, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The pooled block output and the features before their concatenation."""
        x = self.entry(x)
        first = self.first(x.chunk(2, 1)[1])
        joined = self.join(torch.cat([self.second(first), first], 1))
        return self.pool(torch.cat([x, joined], 1)), joined


class YoloV4Tiny(nn.Module):
    """YOLOv4-tiny (Scaled-YOLOv4, arXiv:2011.08036), 80 classes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv(3, 32, 3, 2, "leaky"), conv(32, 64, 3, 2, "leaky"))
        self.blocks = nn.ModuleList([CrossStage(64), CrossStage(128), CrossStage(256)])
        self.neck = nn.Sequential(conv(512, 512, 3, act="leaky"), conv(512, 256, act="leaky"))
        self.coarse = nn.Sequential(conv(256, 512, 3, act="leaky"), conv(512, 255))
        self.lateral = conv(256, 128, act="leaky")
        self.fine = nn.Sequential(conv(384, 256, 3, act="leaky"), conv(256, 255))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x, joined = self.stem(x), x
        for block in self.blocks:
            x, joined = block(x)
        neck = self.neck(x)
        raised = F.interpolate(self.lateral(neck), scale_factor=2, mode="nearest")
        return self.coarse(neck), self.fine(torch.cat([raised, joined], 1))


def fastest_head(channels: int, outputs: int) -> nn.Sequential:
    """Two 5x5 separable convolutions, linear after each pointwise one, and the prediction."""
    separables = [layer for _ in range(2) for layer in (depthwise(channels, 5, act="leaky"), conv(channels, channels))]
    return nn.Sequential(*separables, conv(channels, outputs))


class YoloFastest(nn.Module):
    """Yolo-Fastest 1.1 (dog-qiuqiu/Yolo-Fastest): inverted residuals, spatial pyramid pooling, two YOLO heads."""

    def __init__(self) -> None:
        super().__init__()
        fine, coarse = ([InvertedResidual(i, h, o, 3, s, "leaky") for i, h, o, s in part] for part in FASTEST_BLOCKS)
        self.fine = nn.Sequential(conv(3, 8, 3, 2, "leaky"), *fine)
        self.coarse = nn.Sequential(*coarse)
        self.pools = nn.ModuleList([nn.MaxPool2d(k, 1, k // 2) for k in (9, 5, 3)])
        self.neck = conv(192, 96, act="leaky")
        self.coarse_head, self.fine_head = fastest_head(96, 255), fastest_head(120, 255)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        fine = self.fine(x)
        coarse = self.coarse(fine)
        neck = self.neck(torch.cat([*(pool(coarse) for pool in self.pools), coarse], 1))
        raised = F.interpolate(neck, scale_factor=2, mode="nearest")
        return self.coarse_head(neck), self.fine_head(torch.cat([raised, fine], 1))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "mobilenet_yolo": MobileNetYolo, "mobilenetv2_yolov3": MobileNetV2Yolo, "yolov4-tiny": YoloV4Tiny,
    "yolo-fastest-1.1": YoloFastest,
}
