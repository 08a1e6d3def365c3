"""Smaller task networks: YAMNet, PoseNet, CavaFace, EyeGaze, EasyOCR and the Zipformer decoder and joiner."""
from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torchvision import models

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, image, on_image, tensor, tokens
from catalogs.build.networks.accelerator_zoo.yolo_blocks import Conv

RELU = nn.ReLU()


def mobilenet_v1(channels: int, stop_stride: int = 32, act: nn.Module | None = None) -> nn.Sequential:
    """MobileNet v1 trunk (Howard et al., 2017); strides beyond ``stop_stride`` become dilations."""
    act = act or RELU
    plan = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    layers: list[nn.Module] = [Conv(channels, 32, 3, 2, act=act)]
    width, reached, dilation = 32, 2, 1
    for cout, stride in plan:
        if reached * stride > stop_stride:
            stride, dilation = 1, dilation * stride
        reached *= stride
        deep = nn.Conv2d(width, width, 3, stride, dilation, dilation, groups=width, bias=False)
        layers += [deep, nn.BatchNorm2d(width), act, Conv(width, cout, act=act)]
        width = cout
    return nn.Sequential(*layers)


class YamNet(nn.Module):
    """YAMNet audio-event classifier on one 96x64 log-mel patch."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.out = mobilenet_v1(1), nn.Linear(1024, 521)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.body(x).mean((2, 3))).sigmoid()


class PoseNet(nn.Module):
    """PoseNet / PersonLab (Papandreou et al., 2018) on MobileNet v1 at stride 16, with the peak search."""

    def __init__(self) -> None:
        super().__init__()
        self.body = mobilenet_v1(3, 16, nn.ReLU6())
        self.outs = nn.ModuleList(nn.Conv2d(1024, n, 1) for n in (17, 34, 32, 32))
        self.peak = nn.MaxPool2d(3, 1, 1)

    def forward(self, x: Tensor) -> list[Tensor]:
        y = self.body(x)
        heat, *offsets = (out(y) for out in self.outs)
        heat = heat.sigmoid()
        return [heat, *offsets, self.peak(heat)]


class FaceBlock(nn.Module):
    """Improved residual block with squeeze-excitation (Deng et al., ArcFace, 2019)."""

    def __init__(self, cin: int, cout: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.BatchNorm2d(cin), nn.Conv2d(cin, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout),
                                  nn.PReLU(cout), nn.Conv2d(cout, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout))
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(cout, cout // 16, 1, bias=False), RELU,
                                  nn.Conv2d(cout // 16, cout, 1, bias=False), nn.Sigmoid())
        self.skip = nn.MaxPool2d(1, stride) if cin == cout else Conv(cin, cout, 1, stride, act=None)

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(x)
        return y * self.gate(y) + self.skip(x)


def cava_face() -> nn.Module:
    """IR-SE-100 embedding network."""
    layers: list[nn.Module] = [Conv(3, 64, 3, act=nn.PReLU(64))]
    width = 64
    for cout, n in ((64, 3), (128, 13), (256, 30), (512, 3)):
        for i in range(n):
            layers.append(FaceBlock(width, cout, 1 if i else 2))
            width = cout
    return nn.Sequential(*layers, nn.BatchNorm2d(512), nn.Flatten(), nn.Linear(512 * 49, 512), nn.BatchNorm1d(512))


class PreResidual(nn.Module):
    """Pre-activated bottleneck of the stacked hourglass (Newell et al., 2016)."""

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        half = cout // 2
        self.body = nn.Sequential(nn.BatchNorm2d(cin), RELU, nn.Conv2d(cin, half, 1), nn.BatchNorm2d(half), RELU,
                                  nn.Conv2d(half, half, 3, padding=1), nn.BatchNorm2d(half), RELU, nn.Conv2d(half, cout, 1))
        self.skip = nn.Conv2d(cin, cout, 1) if cin != cout else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + self.skip(x)


class StackedHourglass(nn.Module):
    """One recursive hourglass."""

    def __init__(self, depth: int, dim: int) -> None:
        super().__init__()
        self.up, self.low, self.back = (PreResidual(dim, dim) for _ in range(3))
        self.inner = StackedHourglass(depth - 1, dim) if depth > 1 else PreResidual(dim, dim)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.back(self.inner(self.low(self.pool(x))))
        return self.up(x) + interpolate(y, size=x.shape[2:], mode="nearest")


class EyeGaze(nn.Module):
    """Landmark-based gaze estimation (Park et al., 2018): three hourglasses and a dense gaze head."""

    def __init__(self, dim: int = 32, points: int = 34, stacks: int = 3) -> None:
        super().__init__()
        def lead(cin: int, *extra: nn.Module) -> nn.Sequential:
            return nn.Sequential(Conv(cin, 64, 7, act=RELU), PreResidual(64, 128), nn.MaxPool2d(2), PreResidual(128, 128),
                                 *extra, PreResidual(128, dim))
        self.pre, self.pre2 = lead(1), lead(dim, nn.MaxPool2d(2))
        self.stacks = nn.ModuleList(nn.Sequential(StackedHourglass(4, dim), PreResidual(dim, dim), Conv(dim, dim, act=RELU))
                                    for _ in range(stacks))
        self.outs = nn.ModuleList(nn.Conv2d(dim, points, 1) for _ in range(stacks))
        self.merge = nn.ModuleList(nn.Conv2d(dim, dim, 1) for _ in range(stacks - 1))
        self.merge_out = nn.ModuleList(nn.Conv2d(points, dim, 1) for _ in range(stacks - 1))
        self.gaze = nn.Sequential(nn.Linear(dim * 12 * 20 + 2 * points, 256), RELU, nn.Linear(256, 2))
        self.points = points

    def forward(self, x: Tensor) -> list[Tensor]:
        first = y = self.pre(x.unsqueeze(1))
        heats = []
        for i, (stack, out) in enumerate(zip(self.stacks, self.outs, strict=True)):
            feature = stack(y)
            heats.append(out(feature))
            if i < len(self.merge):
                y = y + self.merge_out[i](heats[-1]) + self.merge[i](feature)
        heat = (heats[-1].flatten(2) * 20).softmax(2)
        place = torch.cat([(heat * heat.new_zeros(1, 1, heat.shape[2])).sum(2) for _ in range(2)], 1)
        gaze = self.gaze(torch.cat([self.pre2(first).flatten(1), place], 1))
        return [torch.stack(heats, 1), place, gaze]


class Craft(nn.Module):
    """CRAFT text detector (Baek et al., 2019): VGG16-BN with a U-shaped decoder."""

    def __init__(self) -> None:
        super().__init__()
        features = list(models.vgg16_bn(weights=None).features)
        cuts = (0, 12, 19, 29, 39)
        self.slices = nn.ModuleList(nn.Sequential(*features[a:b]) for a, b in zip(cuts, cuts[1:]))
        self.deep = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(512, 1024, 3, 1, 6, 6), nn.Conv2d(1024, 1024, 1))
        self.ups = nn.ModuleList(nn.Sequential(Conv(i, m, act=RELU), Conv(m, o, 3, act=RELU))
                                 for i, m, o in ((1536, 512, 256), (768, 256, 128), (384, 128, 64), (192, 64, 32)))
        self.out = nn.Sequential(nn.Conv2d(32, 32, 3, padding=1), RELU, nn.Conv2d(32, 32, 3, padding=1), RELU,
                                 nn.Conv2d(32, 16, 3, padding=1), RELU, nn.Conv2d(16, 16, 1), RELU, nn.Conv2d(16, 2, 1))

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        for part in self.slices:
            x = part(x)
            maps.append(x)
        y = self.deep(x)
        for up, skip in zip(self.ups, reversed(maps), strict=True):
            if y.shape[2:] != skip.shape[2:]:
                y = interpolate(y, size=skip.shape[2:], mode="bilinear", align_corners=False)
            y = up(torch.cat([y, skip], 1))
        return [self.out(y).permute(0, 2, 3, 1).contiguous(), y]


class Crnn(nn.Module):
    """CRNN recogniser (Shi et al., 2017), the small English EasyOCR model: VGG features and two bidirectional LSTMs."""

    def __init__(self, classes: int = 97) -> None:
        super().__init__()
        def plain(cin: int, cout: int) -> nn.Sequential:
            return nn.Sequential(nn.Conv2d(cin, cout, 3, padding=1), RELU)
        self.features = nn.Sequential(
            plain(1, 32), nn.MaxPool2d(2), plain(32, 64), nn.MaxPool2d(2), plain(64, 128), plain(128, 128),
            nn.MaxPool2d((2, 1)), Conv(128, 256, 3, act=RELU), Conv(256, 256, 3, act=RELU), nn.MaxPool2d((2, 1)),
            nn.Conv2d(256, 256, 2), RELU)
        self.lstms = nn.ModuleList(nn.LSTM(256, 256, bidirectional=True, batch_first=True) for _ in range(2))
        self.mixes = nn.ModuleList(nn.Linear(512, 256) for _ in range(2))
        self.out = nn.Linear(256, classes)

    def forward(self, x: Tensor) -> Tensor:
        y = self.features(x).mean(2).transpose(1, 2)
        for lstm, mix in zip(self.lstms, self.mixes, strict=True):
            y = mix(lstm(y)[0])
        return self.out(y)


class ZipformerDecoder(nn.Module):
    """Stateless transducer predictor: embedding, grouped causal convolution, projection."""

    def __init__(self, vocabulary: int = 6254, dim: int = 512) -> None:
        super().__init__()
        self.embed, self.conv = nn.Embedding(vocabulary, dim), nn.Conv1d(dim, dim, 2, groups=dim // 4, bias=False)
        self.out = nn.Linear(dim, dim)

    def forward(self, ids: Tensor) -> Tensor:
        y = RELU(self.conv(self.embed(ids).transpose(1, 2))).transpose(1, 2)
        return self.out(y).squeeze(1)


class ZipformerJoiner(nn.Module):
    """Sum of encoder and predictor states, tanh, vocabulary projection."""

    def __init__(self, vocabulary: int = 6254, dim: int = 512) -> None:
        super().__init__()
        self.out = nn.Linear(dim, vocabulary)

    def forward(self, encoder: Tensor, predictor: Tensor) -> Tensor:
        return self.out((encoder + predictor).tanh())


def catalogue() -> Catalogue:
    """Task networks, keyed by (model, component)."""
    return {
        ("yamnet", "YamNet"): lambda: (YamNet(), (tensor(1, 1, 96, 64),)),
        ("posenet_mobilenet", "Posenet-Mobilenet"): on_image(PoseNet, 513, 257),
        ("cavaface", "CavaFace"): on_image(cava_face, 112),
        ("eyegaze", "EyeGaze"): lambda: (EyeGaze(), (tensor(1, 96, 160),)),
        ("easyocr", "EasyOCRDetector"): on_image(Craft, 608, 800),
        ("easyocr", "EasyOCRRecognizer"): lambda: (Crnn(), (image(64, 800, 1),)),
        ("zipformer", "ZipformerDecoder"): lambda: (ZipformerDecoder(), (tokens(2),)),
        ("zipformer", "ZipformerJoiner"): lambda: (ZipformerJoiner(), (tensor(1, 512), tensor(1, 512))),
    }
