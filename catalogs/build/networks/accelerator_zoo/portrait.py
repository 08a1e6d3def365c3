"""Portrait segmentation: MediaPipe Selfie (approximate)."""
from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import interpolate

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, on_image
from catalogs.build.networks.accelerator_zoo.yolo_blocks import Conv

RELU, SWISH = nn.ReLU(), nn.Hardswish()


class Squeeze(nn.Module):
    """Squeeze-excitation."""

    def __init__(self, dim: int, inner: int, gate: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(dim, inner, 1), RELU, nn.Conv2d(inner, dim, 1), gate)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.body(x)


class Inverted(nn.Module):
    """MobileNetV3 inverted residual (Howard et al., 2019)."""

    def __init__(self, cin: int, inner: int, cout: int, k: int, stride: int, squeeze: bool, act: nn.Module) -> None:
        super().__init__()
        gate = [Squeeze(inner, max(8, inner // 4), nn.Hardsigmoid())] if squeeze else []
        self.body = nn.Sequential(Conv(cin, inner, act=act), Conv(inner, inner, k, stride, inner, act=act), *gate,
                                  Conv(inner, cout, act=None))
        self.add = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.add else self.body(x)


class Merge(nn.Module):
    """Decoder step: upsample, gate the skip by the pooled sum, pointwise and depthwise refinement."""

    def __init__(self, cin: int, skip: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(cin, skip, 1)
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(skip, skip, 1), RELU, nn.Conv2d(skip, skip, 1),
                                  nn.Sigmoid())
        self.mix = nn.Sequential(nn.Conv2d(skip, skip, 1), RELU)
        self.deep = nn.Sequential(nn.Conv2d(skip, skip, 3, padding=1, groups=skip), RELU)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = self.narrow(interpolate(x, size=skip.shape[2:], mode="bilinear", align_corners=False))
        y = self.mix(x + skip * self.gate(x + skip))
        return y + self.deep(y)


class SelfieSegmentation(nn.Module):
    """MobileNetV3-small encoder to stride 16, LR-ASPP context, three gated decoder steps."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Conv(3, 16, 3, 2, act=SWISH)
        self.a = Inverted(16, 16, 16, 3, 2, True, RELU)
        self.b = nn.Sequential(Inverted(16, 72, 24, 3, 2, False, RELU), Inverted(24, 88, 24, 3, 1, False, RELU))
        self.c = nn.Sequential(Inverted(24, 96, 32, 5, 2, True, SWISH), Inverted(32, 128, 32, 5, 1, True, SWISH),
                               Inverted(32, 128, 32, 5, 1, True, SWISH), Inverted(32, 96, 32, 5, 1, True, SWISH))
        self.context, self.gate = Conv(32, 128, act=RELU), nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(32, 128, 1), nn.Sigmoid())
        self.merges = nn.ModuleList([Merge(128, 24), Merge(24, 16), Merge(16, 16)])
        self.out = nn.Sequential(nn.ConvTranspose2d(16, 1, 2, 2), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        first = self.first(x)
        a = self.a(first)
        b = self.b(a)
        c = self.c(b)
        y = self.context(c) * self.gate(c)
        for merge, skip in zip(self.merges, (b, a, first), strict=True):
            y = merge(y, skip)
        return self.out(y)


def catalogue() -> Catalogue:
    """Portrait networks, keyed by (model, component)."""
    return {
        ("mediapipe_selfie", "MediaPipe-Selfie-Segmentation"): on_image(SelfieSegmentation, 256),
    }
