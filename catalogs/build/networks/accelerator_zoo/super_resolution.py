"""Single-image super-resolution networks at the zoo's 128x128 input."""
from __future__ import annotations

import torch
from torch import Tensor, nn

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, on_image


class QuickSRNet(nn.Module):
    """QuickSRNet (Berger et al., 2023): a plain chain of 3x3 convolutions and a pixel shuffle."""

    def __init__(self, width: int, depth: int, scale: int, skip: bool) -> None:
        super().__init__()
        chain: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1), nn.Hardtanh(0, 1)]
        for _ in range(depth):
            chain += [nn.Conv2d(width, width, 3, padding=1), nn.Hardtanh(0, 1)]
        self.body = nn.Sequential(*chain)
        self.skip = nn.Conv2d(3, 3 * scale * scale, 1) if skip else None
        self.out = nn.Conv2d(width, 3 * scale * scale, 3, padding=1)
        self.shuffle = nn.PixelShuffle(scale)

    def forward(self, x: Tensor) -> Tensor:
        y = self.out(self.body(x))
        y = y if self.skip is None else y + self.skip(x)
        return self.shuffle(y).clamp(0, 1)


class Collapsible(nn.Module):
    """A kxk convolution widened to 256 channels and squeezed by a 1x1 one, as SESR trains (and the zoo exports) it."""

    def __init__(self, cin: int, cout: int, k: int, residual: bool = False) -> None:
        super().__init__()
        self.expand, self.squeeze = nn.Conv2d(cin, 256, k, padding=k // 2, bias=False), nn.Conv2d(256, cout, 1)
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        y = self.squeeze(self.expand(x))
        return x + y if self.residual else y


class SESR(nn.Module):
    """SESR-M5 (Bhardwaj et al., 2022), not collapsed: the zoo's 0.343 M parameters are those of this form."""

    def __init__(self, width: int = 16, depth: int = 5, scale: int = 4) -> None:
        super().__init__()
        self.first = nn.Sequential(Collapsible(3, width, 5), nn.ReLU())
        self.body = nn.Sequential(*(nn.Sequential(Collapsible(width, width, 3, residual=True), nn.ReLU())
                                    for _ in range(depth)))
        self.last, self.shuffle = Collapsible(width, 3 * scale * scale, 5), nn.PixelShuffle(scale)

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = self.last(self.body(y) + y)
        return self.shuffle(y + torch.cat([x] * (y.shape[1] // 3), 1)).clamp(0, 1)


class XLSR(nn.Module):
    """XLSR (Ayazoglu, 2021): grouped-convolution blocks, 28k parameters, clipped output."""

    class Block(nn.Module):
        """Four-group 3x3 convolution, ReLU and a pointwise mix."""

        def __init__(self, dim: int = 32) -> None:
            super().__init__()
            self.grouped = nn.ModuleList(nn.Conv2d(dim // 4, dim // 4, 3, padding=1) for _ in range(4))
            self.mix = nn.Sequential(nn.ReLU(), nn.Conv2d(dim, dim, 1))

        def forward(self, x: Tensor) -> Tensor:
            return self.mix(torch.cat([g(p) for g, p in zip(self.grouped, x.chunk(4, 1), strict=True)], 1))

    def __init__(self, scale: int = 4) -> None:
        super().__init__()
        self.side = nn.Conv2d(3, 16, 3, padding=1)
        self.main = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), *(XLSR.Block() for _ in range(3)))
        self.join = nn.Sequential(nn.Conv2d(48, 32, 1), nn.ReLU(), nn.Conv2d(32, 3 * scale * scale, 3, padding=1))
        self.shuffle = nn.PixelShuffle(scale)

    def forward(self, x: Tensor) -> Tensor:
        return self.shuffle(self.join(torch.cat([self.main(x), self.side(x)], 1))).clamp(0, 1)


class SRVGG(nn.Module):
    """SRVGGNetCompact of Real-ESRGAN (Wang et al., 2021): 32 convolutions with PReLU, x4."""

    def __init__(self, width: int = 64, depth: int = 32, scale: int = 4) -> None:
        super().__init__()
        chain: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1), nn.PReLU(width)]
        for _ in range(depth):
            chain += [nn.Conv2d(width, width, 3, padding=1), nn.PReLU(width)]
        self.body = nn.Sequential(*chain, nn.Conv2d(width, 3 * scale * scale, 3, padding=1), nn.PixelShuffle(scale))
        self.grow = nn.Upsample(scale_factor=float(scale), mode="nearest")

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + self.grow(x)


class DenseBlock(nn.Module):
    """Five densely connected convolutions with residual scaling."""

    def __init__(self, width: int = 64, growth: int = 32) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(width + i * growth, growth if i < 4 else width, 3, padding=1) for i in range(5))

    def forward(self, x: Tensor) -> Tensor:
        parts = [x]
        for conv in self.convs[:4]:
            parts.append(nn.functional.leaky_relu(conv(torch.cat(parts, 1)), 0.2))
        return x + 0.2 * self.convs[4](torch.cat(parts, 1))


class ResidualDense(nn.Module):
    """Three dense blocks with an outer residual."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(*(DenseBlock() for _ in range(3)))

    def forward(self, x: Tensor) -> Tensor:
        return x + 0.2 * self.body(x)


class RRDBNet(nn.Module):
    """ESRGAN generator (Wang et al., 2018), x4, 23 residual-in-residual dense blocks."""

    def __init__(self, width: int = 64, depth: int = 23) -> None:
        super().__init__()
        self.first, self.trunk = nn.Conv2d(3, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.body = nn.Sequential(*(ResidualDense() for _ in range(depth)))
        act = nn.LeakyReLU(0.2)
        self.grow = nn.Sequential(*(nn.Sequential(nn.Upsample(scale_factor=2.0), nn.Conv2d(width, width, 3, padding=1), act)
                                    for _ in range(2)))
        self.last = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), act, nn.Conv2d(width, 3, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        return self.last(self.grow(y + self.trunk(self.body(y))))


def catalogue() -> Catalogue:
    """Super-resolution networks, keyed by (model, component)."""
    return {
        ("quicksrnetsmall", "QuickSRNetSmall"): on_image(lambda: QuickSRNet(32, 2, 4, skip=False), 128),
        ("quicksrnetmedium", "QuickSRNetMedium"): on_image(lambda: QuickSRNet(32, 5, 4, skip=False), 128),
        ("quicksrnetlarge", "QuickSRNetLarge"): on_image(lambda: QuickSRNet(64, 11, 4, skip=True), 128),
        ("sesr_m5", "SESR-M5"): on_image(SESR, 128),
        ("xlsr", "XLSR"): on_image(XLSR, 128),
        ("real_esrgan_general_x4v3", "Real-ESRGAN-General-x4v3"): on_image(SRVGG, 128),
        ("real_esrgan_x4plus", "Real-ESRGAN-x4plus"): on_image(RRDBNet, 128),
        ("esrgan", "ESRGAN"): on_image(RRDBNet, 128),
    }
