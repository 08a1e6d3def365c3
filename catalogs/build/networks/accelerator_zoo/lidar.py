"""SalsaNext (Cortinhal et al., 2020): semantic segmentation of a lidar range image."""
from __future__ import annotations

import torch
from torch import Tensor, nn

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, image


class LidarContext(nn.Module):
    """SalsaNext context block: 1x1 shortcut and two 3x3 convolutions."""

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        self.skip = nn.Sequential(nn.Conv2d(cin, cout, 1), nn.LeakyReLU())
        self.a = nn.Sequential(nn.Conv2d(cout, cout, 3, padding=1), nn.LeakyReLU(), nn.BatchNorm2d(cout))
        self.b = nn.Sequential(nn.Conv2d(cout, cout, 3, padding=2, dilation=2), nn.LeakyReLU(), nn.BatchNorm2d(cout))

    def forward(self, x: Tensor) -> Tensor:
        x = self.skip(x)
        return x + self.b(self.a(x))


class LidarTrio(nn.Module):
    """Three chained convolutions (3x3, dilated 3x3, dilated 2x2) concatenated and mixed."""

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        def conv(width: int, k: int, d: int, p: int) -> nn.Sequential:
            return nn.Sequential(nn.Conv2d(width, cout, k, padding=p, dilation=d), nn.LeakyReLU(), nn.BatchNorm2d(cout))
        self.a, self.b, self.c = conv(cin, 3, 1, 1), conv(cout, 3, 2, 2), conv(cout, 2, 2, 1)
        self.mix = nn.Sequential(nn.Conv2d(3 * cout, cout, 1), nn.LeakyReLU(), nn.BatchNorm2d(cout))

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)
        b = self.b(a)
        return self.mix(torch.cat([a, b, self.c(b)], 1))


class SalsaDown(nn.Module):
    """SalsaNext encoder block with optional average pooling."""

    def __init__(self, cin: int, cout: int, pool: bool = True) -> None:
        super().__init__()
        self.skip, self.trio = nn.Sequential(nn.Conv2d(cin, cout, 1), nn.LeakyReLU()), LidarTrio(cin, cout)
        self.pool = nn.AvgPool2d(3, 2, 1) if pool else nn.Identity()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.skip(x) + self.trio(x)
        return self.pool(y), y


class SalsaNext(nn.Module):
    """SalsaNext (Cortinhal et al., 2020): range-image segmentation with pixel-shuffle decoding."""

    def __init__(self, classes: int = 20) -> None:
        super().__init__()
        self.context = nn.Sequential(LidarContext(5, 32), LidarContext(32, 32), LidarContext(32, 32))
        self.down = nn.ModuleList([SalsaDown(32, 64), SalsaDown(64, 128), SalsaDown(128, 256), SalsaDown(256, 256),
                                   SalsaDown(256, 256, pool=False)])
        self.up = nn.ModuleList([LidarTrio(64 + 256, 128), LidarTrio(32 + 256, 128), LidarTrio(32 + 128, 64),
                                 LidarTrio(16 + 64, 32)])
        self.shuffle, self.out = nn.PixelShuffle(2), nn.Conv2d(32, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        y, skips = self.context(x), []
        for down in self.down:
            y, full = down(y)
            skips.append(full)
        for up, skip in zip(self.up, reversed(skips[:4]), strict=True):
            y = up(torch.cat([self.shuffle(y), skip], 1))
        return self.out(y).softmax(1)


def catalogue() -> Catalogue:
    """Lidar networks, keyed by (model, component)."""
    return {("salsanext", "SalsaNext"): lambda: (SalsaNext(), (image(64, 2048, 5),))}
