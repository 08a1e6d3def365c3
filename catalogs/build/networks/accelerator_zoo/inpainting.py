"""Image-to-image generators: LaMa-dilated, AOT-GAN, the first-order motion model and DDColor."""
from __future__ import annotations

import timm
import torch
from torch import Tensor, nn
from torch.nn.functional import grid_sample, interpolate, pixel_shuffle

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, image, tensor

RELU = nn.ReLU()


def padded(cin: int, cout: int, k: int, stride: int = 1, dilation: int = 1, bias: bool = True) -> nn.Sequential:
    """Reflection padding then a convolution."""
    return nn.Sequential(nn.ReflectionPad2d(dilation * (k // 2)),
                         nn.Conv2d(cin, cout, k, stride, 0, dilation, bias=bias))


def normal(cin: int, cout: int, k: int = 3, stride: int = 1, act: bool = True) -> nn.Sequential:
    """Zero-padded convolution, batch norm, ReLU."""
    return nn.Sequential(nn.Conv2d(cin, cout, k, stride, k // 2), nn.BatchNorm2d(cout), *([RELU] if act else []))


class Multidilated(nn.Module):
    """Channel quarters convolved with dilations 1, 2, 4, 8 and summed (the ``cat_in`` form)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(padded(dim // 4, dim, 3, dilation=d, bias=False) for d in (1, 2, 4, 8))

    def forward(self, x: Tensor) -> Tensor:
        parts = [conv(p) for conv, p in zip(self.convs, x.chunk(4, 1), strict=True)]
        return parts[0] + parts[1] + parts[2] + parts[3]


class MultidilatedBlock(nn.Module):
    """Residual pair of multi-dilated convolutions."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.body = nn.Sequential(Multidilated(dim), nn.BatchNorm2d(dim), RELU, Multidilated(dim), nn.BatchNorm2d(dim))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class LamaDilated(nn.Module):
    """LaMa's dilated baseline (Suvorov et al., 2022): three downsamplings and nine multi-dilated blocks."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = [padded(4, width, 7), nn.BatchNorm2d(width), RELU]
        for i in range(3):
            layers.append(normal(width << i, width << (i + 1), 3, 2))
        layers += [MultidilatedBlock(width * 8) for _ in range(9)]
        for i in (3, 2, 1):
            layers += [nn.ConvTranspose2d(width << i, width << (i - 1), 3, 2, 1, 1), nn.BatchNorm2d(width << (i - 1)), RELU]
        self.body = nn.Sequential(*layers, padded(width, 3, 7), nn.Sigmoid())

    def forward(self, picture: Tensor, mask: Tensor) -> Tensor:
        painted = self.body(torch.cat([picture * (1 - mask), mask], 1))
        return mask * painted + (1 - mask) * picture


class AotBlock(nn.Module):
    """Aggregated contextual transformation (Zeng et al., 2021): four dilations, fusion and a normalised gate."""

    def __init__(self, dim: int = 256) -> None:
        super().__init__()
        self.branches = nn.ModuleList(nn.Sequential(padded(dim, dim // 4, 3, dilation=d), RELU) for d in (1, 2, 4, 8))
        self.fuse, self.gate = padded(dim, dim, 3), padded(dim, dim, 3)

    def forward(self, x: Tensor) -> Tensor:
        out = self.fuse(torch.cat([branch(x) for branch in self.branches], 1))
        mask = self.gate(x)
        mean, spread = mask.mean((2, 3), keepdim=True), mask.std((2, 3), keepdim=True) + 1e-9
        mask = (5 * (2 * (mask - mean) / spread - 1)).sigmoid()
        return x * (1 - mask) + out * mask


class AotGan(nn.Module):
    """AOT-GAN generator."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(4, 64, 7), RELU, nn.Conv2d(64, 128, 4, 2, 1), RELU,
                                  nn.Conv2d(128, 256, 4, 2, 1), RELU)
        self.middle = nn.Sequential(*(AotBlock() for _ in range(8)))
        self.up1, self.up2 = nn.Conv2d(256, 128, 3, padding=1), nn.Conv2d(128, 64, 3, padding=1)
        self.out = nn.Conv2d(64, 3, 3, padding=1)

    def forward(self, picture: Tensor, mask: Tensor) -> Tensor:
        x = self.middle(self.down(torch.cat([picture * (1 - mask) + mask, mask], 1)))
        for up in (self.up1, self.up2):
            x = RELU(up(interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=True)))
        painted = self.out(x).tanh()
        return picture * (1 - mask) + painted * mask


class Hourglass(nn.Module):
    """Encoder-decoder with skips of the first-order motion model (Siarohin et al., 2019)."""

    def __init__(self, width: int, cin: int, most: int = 1024, depth: int = 5) -> None:
        super().__init__()
        widths = [min(most, width << (i + 1)) for i in range(depth)]
        self.down = nn.ModuleList(normal(a, b) for a, b in zip([cin, *widths], widths))
        self.up = nn.ModuleList(
            normal((1 if i == depth - 1 else 2) * widths[i], min(most, width << i)) for i in reversed(range(depth)))
        self.pool = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        kept = [x]
        for down in self.down:
            kept.append(self.pool(down(kept[-1])))
        y = kept.pop()
        for up in self.up:
            y = torch.cat([up(interpolate(y, scale_factor=2.0)), kept.pop()], 1)
        return y


class KeypointDetector(nn.Module):
    """Ten key points with their Jacobians at a quarter of the resolution."""

    def __init__(self, points: int = 10) -> None:
        super().__init__()
        self.points = points
        self.blur = nn.Conv2d(3, 3, 13, padding=6, groups=3, bias=False)
        self.body = Hourglass(32, 3)
        self.heat, self.jacobian = nn.Conv2d(35, points, 7), nn.Conv2d(35, 4 * points, 7)

    def forward(self, x: Tensor) -> list[Tensor]:
        y = self.body(self.blur(x)[:, :, ::4, ::4])
        heat = (self.heat(y).flatten(2) / 0.1).softmax(2).view(1, self.points, 58, 58)
        grid = heat.new_zeros(1, 1, 58, 58, 2)
        place = (heat.unsqueeze(-1) * grid).sum((2, 3))
        slopes = self.jacobian(y).view(1, self.points, 4, 58, 58)
        return [place, (heat.unsqueeze(2) * slopes).flatten(3).sum(-1).view(1, self.points, 2, 2)]


class ResidualPair(nn.Module):
    """Pre-activated residual block."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.body = nn.Sequential(*(nn.Sequential(nn.BatchNorm2d(dim), RELU, nn.Conv2d(dim, dim, 3, padding=1))
                                    for _ in range(2)))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class MotionGenerator(nn.Module):
    """Dense motion from sparse key points, then an occlusion-aware warped generator."""

    def __init__(self, points: int = 10) -> None:
        super().__init__()
        self.points = points
        self.blur = nn.Conv2d(3, 3, 13, padding=6, groups=3, bias=False)
        self.motion = Hourglass(64, 4 * (points + 1))
        self.mask, self.occlusion = nn.Conv2d(108, points + 1, 7, padding=3), nn.Conv2d(108, 1, 7, padding=3)
        self.first = normal(3, 64, 7)
        self.down = nn.Sequential(normal(64, 128), nn.AvgPool2d(2), normal(128, 256), nn.AvgPool2d(2))
        self.middle = nn.Sequential(*(ResidualPair(256) for _ in range(6)))
        self.up1, self.up2, self.out = normal(256, 128), normal(128, 64), nn.Conv2d(64, 3, 7, padding=3)

    def forward(self, source: Tensor, driving: Tensor, jacobian: Tensor, place: Tensor, slopes: Tensor) -> Tensor:
        k, side = self.points, 64
        small = self.blur(source)[:, :, ::4, ::4]
        grid = small.new_zeros(1, 1, side, side, 2)
        heat = ((grid - driving.view(1, k, 1, 1, 2)) ** 2).sum(-1).mul(-50).exp()
        heat = heat - ((grid - place.view(1, k, 1, 1, 2)) ** 2).sum(-1).mul(-50).exp()
        turn = (slopes @ jacobian).view(1, k, 1, 1, 2, 2)
        moved = (turn @ (grid - driving.view(1, k, 1, 1, 2)).unsqueeze(-1)).squeeze(-1) + place.view(1, k, 1, 1, 2)
        moves = torch.cat([grid, moved], 1)
        copies = small.repeat(k + 1, 1, 1, 1)
        warped = grid_sample(copies, moves.view(k + 1, side, side, 2), align_corners=False).view(1, k + 1, 3, side, side)
        heat = torch.cat([heat.new_zeros(1, 1, side, side), heat], 1).unsqueeze(2)
        y = self.motion(torch.cat([heat, warped], 2).view(1, -1, side, side))
        flow = (moves.permute(0, 1, 4, 2, 3) * self.mask(y).softmax(1).unsqueeze(2)).sum(1).permute(0, 2, 3, 1)
        x = grid_sample(self.down(self.first(source)), flow, align_corners=False) * self.occlusion(y).sigmoid()
        x = self.middle(x)
        for up in (self.up1, self.up2):
            x = up(interpolate(x, scale_factor=2.0))
        return self.out(x).sigmoid()


class WideUp(nn.Module):
    """DDColor pixel decoder step: 1x1, pixel shuffle, concatenation with a normalised skip, 3x3."""

    def __init__(self, cin: int, skip: int, cout: int) -> None:
        super().__init__()
        self.grow = nn.Conv2d(cin, 4 * cout, 1)
        self.norm, self.mix = nn.BatchNorm2d(skip), nn.Conv2d(cout + skip, cout, 3, padding=1)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        y = pixel_shuffle(RELU(self.grow(x)), 2)
        return RELU(self.mix(RELU(torch.cat([y, self.norm(skip)], 1))))


class ColorLayer(nn.Module):
    """Cross-attention to pixels, self-attention among colour queries, feed-forward."""

    def __init__(self, dim: int = 256, heads: int = 8, inner: int = 2048) -> None:
        super().__init__()
        self.cross, self.own = (nn.MultiheadAttention(dim, heads, batch_first=True) for _ in range(2))
        self.norms = nn.ModuleList(nn.LayerNorm(dim) for _ in range(3))
        self.feed = nn.Sequential(nn.Linear(dim, inner), RELU, nn.Linear(inner, dim))

    def forward(self, q: Tensor, pixels: Tensor, places: Tensor) -> Tensor:
        q = self.norms[0](q + self.cross(q, pixels + places, pixels)[0])
        q = self.norms[1](q + self.own(q, q, q)[0])
        return self.norms[2](q + self.feed(q))


class DDColor(nn.Module):
    """DDColor-tiny (Kang et al., 2023): ConvNeXt-T, pixel decoder, nine colour-query layers."""

    def __init__(self) -> None:
        super().__init__()
        self.net = timm.create_model("convnext_tiny", features_only=True)
        self.ups = nn.ModuleList([WideUp(768, 384, 512), WideUp(512, 192, 512), WideUp(512, 96, 256)])
        self.last = nn.Conv2d(256, 256 * 16, 1)
        self.inputs = nn.ModuleList(nn.Conv2d(c, 256, 1) for c in (512, 512, 256))
        self.query, self.layers = nn.Embedding(100, 256), nn.ModuleList(ColorLayer() for _ in range(9))
        self.color = nn.Sequential(nn.Linear(256, 256), RELU, nn.Linear(256, 256), RELU, nn.Linear(256, 256))
        self.refine = nn.Conv2d(103, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.net(x)
        y, levels = maps[3], []
        for up, skip in zip(self.ups, maps[2::-1], strict=True):
            y = up(y, skip)
            levels.append(y)
        full = pixel_shuffle(RELU(self.last(y)), 4)
        pixels = [conv(m).flatten(2).transpose(1, 2) for conv, m in zip(self.inputs, levels, strict=True)]
        q = self.query.weight.unsqueeze(0)
        for i, layer in enumerate(self.layers):
            q = layer(q, pixels[i % 3], pixels[i % 3].new_zeros(pixels[i % 3].shape))
        colors = (self.color(q) @ full.flatten(2)).unflatten(2, full.shape[2:])
        return self.refine(torch.cat([colors, x], 1))


def catalogue() -> Catalogue:
    """Generators, keyed by (model, component)."""
    k = 10
    return {
        ("lama_dilated", "LaMa-Dilated"): lambda: (LamaDilated(), (image(512), image(512, channels=1))),
        ("aotgan", "AOT-GAN"): lambda: (AotGan(), (image(512), image(512, channels=1))),
        ("fomm", "FOMMDetector"): lambda: (KeypointDetector(), (image(256),)),
        ("fomm", "FOMMGenerator"): lambda: (MotionGenerator(), (
            image(256), tensor(1, k, 2), tensor(1, k, 2, 2), tensor(1, k, 2), tensor(1, k, 2, 2))),
        ("ddcolor", "DDColor"): lambda: (DDColor(), (image(224),)),
    }
