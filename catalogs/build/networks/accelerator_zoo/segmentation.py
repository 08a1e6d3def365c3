"""Segmentation networks with a classical backbone: FFNet, UNet, DeepLabV3+, PSPNet, BGNet."""
from __future__ import annotations

import math

import timm
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torchvision import models

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, on_image
from catalogs.build.networks.accelerator_zoo.yolo_blocks import Conv

RELU = nn.ReLU()


def resize(x: Tensor, like: Tensor | tuple[int, ...]) -> Tensor:
    """Bilinear resize to the spatial size of a map."""
    size = tuple(like.shape[2:]) if isinstance(like, Tensor) else like
    return interpolate(x, size=size, mode="bilinear", align_corners=False)


class Basic(nn.Module):
    """ResNet basic block (He et al., 2016)."""

    def __init__(self, cin: int, cout: int, stride: int = 1, last: bool = True) -> None:
        super().__init__()
        self.body = nn.Sequential(Conv(cin, cout, 3, stride, act=RELU), Conv(cout, cout, 3, act=None))
        self.skip = Conv(cin, cout, 1, stride, act=None) if stride > 1 or cin != cout else nn.Identity()
        self.act = RELU if last else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.body(x) + self.skip(x))


class FFNet(nn.Module):
    """FFNet (Mehta et al., 2022): a deep basic-block backbone and a light top-down head. Head widths are approximate."""

    def __init__(self, depths: tuple[int, ...], widths: tuple[int, ...], head: tuple[int, ...]) -> None:
        super().__init__()
        self.stem = nn.Sequential(Conv(3, 32, 3, 2, act=RELU), Conv(32, widths[0], 3, 2, act=RELU))
        self.stages, width = nn.ModuleList(), widths[0]
        for i, (depth, cout) in enumerate(zip(depths, widths, strict=True)):
            first = Basic(width, cout, 2 if i else 1)
            self.stages.append(nn.Sequential(first, *(Basic(cout, cout) for _ in range(depth - 1))))
            width = cout
        self.adapt = nn.ModuleList(Conv(w, h, act=RELU) for w, h in zip(widths, head, strict=True))
        self.fuse = nn.ModuleList(Conv(head[i + 1], head[i], 3, act=RELU) for i in range(3))
        self.out = nn.Sequential(Conv(sum(head), 128, act=RELU), nn.Conv2d(128, 19, 1))

    def forward(self, x: Tensor) -> Tensor:
        maps, y = [], self.stem(x)
        for stage, adapt in zip(self.stages, self.adapt, strict=True):
            y = stage(y)
            maps.append(adapt(y))
        for i in (2, 1, 0):
            maps[i] = maps[i] + self.fuse[i](resize(maps[i + 1], maps[i]))
        return self.out(torch.cat([maps[0], *(resize(m, maps[0]) for m in maps[1:])], 1))


def double(cin: int, cout: int) -> nn.Sequential:
    """Two 3x3 convolutions with batch norm and ReLU."""
    return nn.Sequential(Conv(cin, cout, 3, act=RELU), Conv(cout, cout, 3, act=RELU))


class UNet(nn.Module):
    """U-Net (Ronneberger et al., 2015), padded, batch-normalised, transposed-convolution upsampling."""

    def __init__(self, classes: int = 2) -> None:
        super().__init__()
        widths = (64, 128, 256, 512, 1024)
        self.down = nn.ModuleList(double(a, b) for a, b in zip((3, *widths), widths))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, 2) for w in widths[:4])
        self.up = nn.ModuleList(double(2 * w, w) for w in widths[:4])
        self.pool, self.out = nn.MaxPool2d(2), nn.Conv2d(64, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        maps = [self.down[0](x)]
        for down in self.down[1:]:
            maps.append(down(self.pool(maps[-1])))
        y = maps[-1]
        for i in (3, 2, 1, 0):
            y = self.up[i](torch.cat([maps[i], self.grow[i](y)], 1))
        return self.out(y)


def separable(cin: int, cout: int, dilation: int = 1) -> nn.Sequential:
    """Depthwise 3x3 then pointwise, each normalised."""
    deep = nn.Conv2d(cin, cin, 3, 1, dilation, dilation, groups=cin, bias=False)
    return nn.Sequential(deep, nn.BatchNorm2d(cin), RELU, Conv(cin, cout, act=RELU))


def dilated(cin: int, cout: int, dilation: int) -> nn.Sequential:
    """Dilated 3x3 convolution with batch norm and ReLU."""
    return nn.Sequential(nn.Conv2d(cin, cout, 3, 1, dilation, dilation, bias=False), nn.BatchNorm2d(cout), RELU)


class DeepLabPlus(nn.Module):
    """DeepLabV3+ (Chen et al., 2018): ASPP on the deep map, decoder with the shallow one."""

    def __init__(self, backbone: nn.Module, shallow: int, deep: int, classes: int, light: bool) -> None:
        super().__init__()
        conv3 = separable if light else dilated
        self.backbone = backbone
        self.branches = nn.ModuleList([Conv(deep, 256, act=RELU), *(conv3(deep, 256, r) for r in (6, 12, 18))])
        self.pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), Conv(deep, 256, act=RELU))
        self.mix, self.side = Conv(1280, 256, act=RELU), Conv(shallow, 48, act=RELU)
        self.out = nn.Sequential(conv3(304, 256, 1), conv3(256, 256, 1), nn.Conv2d(256, classes, 1))

    def forward(self, x: Tensor) -> Tensor:
        low, deep = self.backbone(x)
        parts = [branch(deep) for branch in self.branches] + [resize(self.pooled(deep), deep)]
        y = resize(self.mix(torch.cat(parts, 1)), low)
        return resize(self.out(torch.cat([y, self.side(low)], 1)), x)


class MobileFeatures(nn.Module):
    """MobileNetV2 (Sandler et al., 2018) at output stride 16: the 24- and 320-channel maps."""

    def __init__(self) -> None:
        super().__init__()
        blocks = list(models.mobilenet_v2(weights=None).features[:-1])
        for i, block in enumerate(blocks):
            for m in block.modules():
                if i >= 14 and isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3):
                    m.stride, m.dilation, m.padding = (1, 1), (2, 2), (2, 2)
        self.low, self.deep = nn.Sequential(*blocks[:4]), nn.Sequential(*blocks[4:])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low = self.low(x)
        return low, self.deep(low)


class XceptionFeatures(nn.Module):
    """Aligned Xception-65 (Chollet, 2017; Chen et al., 2018) at output stride 16."""

    def __init__(self) -> None:
        super().__init__()
        self.net = timm.create_model("xception65", features_only=True, output_stride=16, out_indices=(1, 4))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low, deep = self.net(x)
        return low, deep


class PSPNet(nn.Module):
    """PSPNet (Zhao et al., 2017): ResNet-101 with a deep stem at stride 8 and pyramid pooling, ADE20K classes."""

    def __init__(self, classes: int = 150) -> None:
        super().__init__()
        net = models.resnet101(weights=None, replace_stride_with_dilation=[False, True, True])
        net.layer1[0].conv1 = nn.Conv2d(128, 64, 1, bias=False)
        net.layer1[0].downsample[0] = nn.Conv2d(128, 256, 1, bias=False)
        self.body = nn.Sequential(Conv(3, 64, 3, 2, act=RELU), Conv(64, 64, 3, act=RELU), Conv(64, 128, 3, act=RELU),
                                  nn.MaxPool2d(3, 2, 1), net.layer1, net.layer2, net.layer3, net.layer4)
        self.pyramid = nn.ModuleList(nn.Sequential(nn.AdaptiveAvgPool2d(b), Conv(2048, 512, act=RELU))
                                     for b in (1, 2, 3, 6))
        self.out = nn.Sequential(Conv(4096, 512, 3, act=RELU), nn.Conv2d(512, classes, 1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(x)
        y = torch.cat([y, *(resize(level(y), y) for level in self.pyramid)], 1)
        return resize(self.out(y), x)


class EdgeFeature(nn.Module):
    """BGNet edge-guided fusion with a channel-wise 1-D attention."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        t = int(abs((math.log2(dim) + 1) / 2))
        k = t if t % 2 else t + 1
        self.conv, self.mix = Conv(dim, dim, 3, act=RELU), nn.Conv1d(1, 1, k, padding=k // 2, bias=False)

    def forward(self, x: Tensor, edge: Tensor) -> Tensor:
        y = self.conv(x * resize(edge, x) + x)
        weight = self.mix(y.mean((2, 3)).unsqueeze(1)).sigmoid()
        return y * weight.transpose(1, 2).unsqueeze(-1)


class ContextAggregation(nn.Module):
    """BGNet multi-dilation aggregation of a deep and a shallow map."""

    def __init__(self, deep: int, dim: int) -> None:
        super().__init__()
        quarter = dim // 4
        self.into = Conv(deep + dim, dim, act=None)
        self.branches = nn.ModuleList(dilated(quarter, quarter, d) for d in (1, 2, 3, 4))
        self.mix, self.out = Conv(dim, dim, act=None), Conv(dim, dim, 3, act=RELU)

    def forward(self, low: Tensor, deep: Tensor) -> Tensor:
        x = self.into(torch.cat([low, resize(deep, low)], 1))
        p = list(x.chunk(4, 1))
        near = [p[0] + p[1], p[0] + p[1] + p[2], p[1] + p[2] + p[3], p[2] + p[3]]
        return self.out(self.mix(torch.cat([b(n) for b, n in zip(self.branches, near, strict=True)], 1)) + x)


class BGNet(nn.Module):
    """BGNet (Sun et al., 2022): boundary-guided camouflaged-object detection on Res2Net-50."""

    def __init__(self) -> None:
        super().__init__()
        self.net = timm.create_model("res2net50_26w_4s", features_only=True, out_indices=(1, 2, 3, 4))
        self.edge_low, self.edge_deep = Conv(256, 64, act=None), Conv(2048, 256, act=None)
        self.edge = nn.Sequential(Conv(320, 256, 3, act=RELU), Conv(256, 256, 3, act=RELU), nn.Conv2d(256, 1, 1))
        widths = ((256, 64), (512, 128), (1024, 256), (2048, 256))
        self.fusions = nn.ModuleList(EdgeFeature(w) for w, _ in widths)
        self.narrow = nn.ModuleList(Conv(w, r, act=None) for w, r in widths)
        self.joins = nn.ModuleList([ContextAggregation(128, 64), ContextAggregation(256, 128),
                                    ContextAggregation(256, 256)])
        self.outs = nn.ModuleList(nn.Conv2d(w, 1, 1) for w in (64, 128, 256))

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = self.net(x)
        low, deep = self.edge_low(maps[0]), self.edge_deep(maps[3])
        edge = self.edge(torch.cat([resize(deep, low), low], 1))
        mask = edge.sigmoid()
        parts = [n(f(m, mask)) for n, f, m in zip(self.narrow, self.fusions, maps, strict=True)]
        y, results = parts[3], [resize(edge, x)]
        for i in (2, 1, 0):
            y = self.joins[i](parts[i], y)
            results.append(resize(self.outs[i](y), x))
        return results


def catalogue() -> Catalogue:
    """Segmentation networks, keyed by (model, component)."""
    slim, head = (64, 128, 192, 320), (64, 128, 128, 256)
    found: Catalogue = {
        ("ffnet_40s", "FFNet-40S"): on_image(lambda: FFNet((4, 5, 6, 4), slim, head), 1024, 2048),
        ("ffnet_54s", "FFNet-54S"): on_image(lambda: FFNet((5, 8, 8, 5), slim, head), 1024, 2048),
        ("ffnet_78s", "FFNet-78S"): on_image(lambda: FFNet((6, 12, 12, 8), slim, head), 1024, 2048),
        ("ffnet_78s_lowres", "FFNet-78S-LowRes"): on_image(
            lambda: FFNet((6, 12, 12, 8), slim, (128, 16, 16, 16)), 512, 1024),
        ("ffnet_122ns_lowres", "FFNet-122NS-LowRes"): on_image(
            lambda: FFNet((16, 16, 16, 12), (64, 96, 160, 320), (128, 16, 16, 16)), 512, 1024),
        ("unet_segmentation", "Unet-Segmentation"): on_image(UNet, 224),
        ("deeplabv3_plus_mobilenet", "DeepLabV3-Plus-MobileNet"): on_image(
            lambda: DeepLabPlus(MobileFeatures(), 24, 320, 21, light=False), 513),
        ("deeplab_xception", "DeepLabXception"): on_image(
            lambda: DeepLabPlus(XceptionFeatures(), 256, 2048, 21, light=True), 480, 520),
        ("pspnet", "PSPNet"): on_image(PSPNet, 473),
        ("bgnet", "BGNet"): on_image(BGNet, 416),
    }
    return found
