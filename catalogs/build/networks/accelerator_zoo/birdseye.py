"""Bird's-eye-view detection from six cameras: BEVDet-R50 (Huang et al., 2021) with lift-splat pooling."""
from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torchvision import models

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, tensor
from catalogs.build.networks.accelerator_zoo.segmentation import Basic
from catalogs.build.networks.accelerator_zoo.yolo_blocks import Conv

RELU = nn.ReLU()
CAMERAS, DEPTHS, WIDTH, GRID = 6, 59, 64, 128


class ImageFeatures(nn.Module):
    """ResNet-50 and a two-level pyramid at stride 16."""

    def __init__(self) -> None:
        super().__init__()
        net = models.resnet50(weights=None)
        self.low = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool, net.layer1, net.layer2, net.layer3)
        self.high = net.layer4
        self.side_low, self.side_high = nn.Conv2d(1024, 256, 1), nn.Conv2d(2048, 256, 1)
        self.out = nn.Conv2d(256, 256, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        low = self.low(x)
        high = self.side_high(self.high(low))
        return self.out(self.side_low(low) + interpolate(high, size=low.shape[2:], mode="nearest"))


class BevDet(nn.Module):
    """Lift, splat onto a 128x128 grid, encode, and six centre-heatmap task heads."""

    def __init__(self) -> None:
        super().__init__()
        self.features = ImageFeatures()
        self.depth = nn.Conv2d(256, DEPTHS + WIDTH, 1)
        stages, width = [], WIDTH
        for cout in (128, 256, 512):
            stages.append(nn.Sequential(Basic(width, cout, 2), Basic(cout, cout)))
            width = cout
        self.stages = nn.ModuleList(stages)
        self.neck = nn.Sequential(Conv(640, 512, 3, act=RELU), Conv(512, 512, 3, act=RELU))
        self.neck_out = nn.Sequential(Conv(512, 256, 3, act=RELU), nn.Conv2d(256, 256, 1))
        self.share = Conv(256, 64, 3, act=RELU)
        self.tasks = nn.ModuleList(
            nn.ModuleList(nn.Sequential(Conv(64, 64, 3, act=RELU), nn.Conv2d(64, n, 3, padding=1))
                          for n in (2, 1, 3, 2, 2, classes)) for classes in (1, 2, 2, 1, 2, 2))

    def forward(self, images: Tensor, places: Tensor) -> list[Tensor]:
        depth, context = self.depth(self.features(images.flatten(0, 1))).split([DEPTHS, WIDTH], 1)
        lifted = depth.softmax(1).unsqueeze(2) * context.unsqueeze(1)
        rows = lifted.permute(0, 1, 3, 4, 2).reshape(-1, WIDTH)
        bev = rows.new_zeros(GRID * GRID, WIDTH).scatter_add(0, places.unsqueeze(1).expand(-1, WIDTH), rows)
        x = bev.t().reshape(1, WIDTH, GRID, GRID)
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        x = interpolate(maps[2], size=maps[0].shape[2:], mode="bilinear", align_corners=True)
        x = self.neck(torch.cat([maps[0], x], 1))
        x = self.share(self.neck_out(interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=True)))
        return [head(x) for task in self.tasks for head in task]


def catalogue() -> Catalogue:
    """Bird's-eye-view networks, keyed by (model, component)."""
    points = CAMERAS * DEPTHS * 16 * 44
    return {("bevdet", "BEVDet"): lambda: (BevDet(), (
        tensor(1, CAMERAS, 3, 256, 704), tensor(points, dtype=torch.int64)))}
