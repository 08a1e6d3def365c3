"""MediaPipe-style detectors and landmark networks (Bazarevsky et al., BlazeFace 2019; Zhang et al., Hands 2020)."""
from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, on_image


class Blaze(nn.Module):
    """Depthwise convolution, pointwise, residual (pooled and zero-padded when the shape changes), activation."""

    def __init__(self, cin: int, cout: int, k: int = 3, stride: int = 1, prelu: bool = False) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(cin, cin, k, stride, k // 2, groups=cin), nn.Conv2d(cin, cout, 1))
        self.pool = nn.MaxPool2d(stride, stride) if stride > 1 else nn.Identity()
        self.extra, self.act = cout - cin, nn.PReLU(cout) if prelu else nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        side = self.pool(x)
        if self.extra:
            side = nn.functional.pad(side, (0, 0, 0, 0, 0, self.extra))
        return self.act(self.body(x) + side)


def chain(cin: int, cout: int, n: int, k: int = 3, prelu: bool = False) -> nn.Sequential:
    """A stride-2 block and ``n`` blocks at its width."""
    return nn.Sequential(Blaze(cin, cout, k, 2, prelu), *(Blaze(cout, cout, k, 1, prelu) for _ in range(n)))


def flat(x: Tensor, width: int) -> Tensor:
    """Anchors of a map as rows."""
    return x.permute(0, 2, 3, 1).reshape(1, -1, width)


class FaceDetector(nn.Module):
    """BlazeFace, back-camera model, 896 anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.deep = nn.Sequential(nn.Conv2d(3, 24, 5, 2, 2), nn.ReLU(), *(Blaze(24, 24) for _ in range(7)),
                                  chain(24, 24, 7), chain(24, 48, 7), chain(48, 96, 7))
        self.last = nn.Sequential(nn.Conv2d(96, 96, 3, 2, 1, groups=96), nn.Conv2d(96, 96, 1), nn.ReLU())
        self.scores = nn.ModuleList([nn.Conv2d(96, 2, 1), nn.Conv2d(96, 6, 1)])
        self.boxes = nn.ModuleList([nn.Conv2d(96, 32, 1), nn.Conv2d(96, 96, 1)])

    def forward(self, x: Tensor) -> list[Tensor]:
        deep = self.deep(x)
        maps = (deep, self.last(deep))
        return [torch.cat([flat(c(m), 1) for c, m in zip(self.scores, maps, strict=True)], 1),
                torch.cat([flat(c(m), 16) for c, m in zip(self.boxes, maps, strict=True)], 1)]


class FaceLandmarks(nn.Module):
    """Face mesh, 468 points, 192x192."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.PReLU(16), *(Blaze(16, 16, prelu=True) for _ in range(2)),
                                   *(chain(a, b, 2, prelu=True) for a, b in ((16, 32), (32, 64), (64, 128), (128, 128))))
        self.points, self.flag = self.branch(2, 1404), self.branch(0, 1)

    @staticmethod
    def branch(n: int, out: int) -> nn.Sequential:
        """Last stage, narrowing and a full-size convolution."""
        return nn.Sequential(chain(128, 128, n, prelu=True), nn.Conv2d(128, 32, 1), nn.PReLU(32),
                             Blaze(32, 32, prelu=True), nn.Conv2d(32, out, 3))

    def forward(self, x: Tensor) -> list[Tensor]:
        y = self.trunk(x)
        return [self.flag(y).sigmoid().flatten(), self.points(y).view(1, 468, 3) / 192]


class PalmDetector(nn.Module):
    """BlazePalm with a small feature pyramid, 2944 anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Sequential(nn.Conv2d(3, 32, 5, 2, 2), nn.ReLU(), *(Blaze(32, 32) for _ in range(7)),
                               chain(32, 64, 7), chain(64, 128, 7))
        self.b, self.c = chain(128, 256, 7), chain(256, 256, 7)
        self.grow1, self.mix1 = nn.ConvTranspose2d(256, 256, 2, 2), Blaze(256, 256)
        self.grow2, self.mix2 = nn.ConvTranspose2d(256, 128, 2, 2), Blaze(128, 128)
        self.scores = nn.ModuleList(nn.Conv2d(w, n, 1) for w, n in ((128, 2), (256, 2), (256, 6)))
        self.boxes = nn.ModuleList(nn.Conv2d(w, 18 * n, 1) for w, n in ((128, 2), (256, 2), (256, 6)))

    def forward(self, x: Tensor) -> list[Tensor]:
        a = self.a(x)
        b = self.b(a)
        c = self.c(b)
        middle = self.mix1(b + self.grow1(c))
        maps = (self.mix2(a + self.grow2(middle)), middle, c)
        return [torch.cat([flat(s(m), 1) for s, m in zip(self.scores, maps, strict=True)], 1),
                torch.cat([flat(s(m), 18) for s, m in zip(self.boxes, maps, strict=True)], 1)]


class HandLandmarks(nn.Module):
    """Hand landmark network; with deeper chains and 31 points the (approximate) BlazePose landmark network."""

    def __init__(self, depths: tuple[int, ...] = (4, 4, 4, 4), values: int = 63) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 24, 3, 2, 1), nn.ReLU(), Blaze(24, 24, 5), Blaze(24, 24, 5), Blaze(24, 48, 5, 2))
        def stage(cin: int, cout: int) -> nn.Sequential:
            return nn.Sequential(Blaze(cin, cin, 5), Blaze(cin, cin, 5), Blaze(cin, cout, 5, 2))
        self.down = nn.ModuleList([stage(48, 96), stage(96, 96), stage(96, 96)])
        self.merge = nn.ModuleList([Blaze(96, 96, 5), Blaze(96, 96, 5)])
        self.narrow = nn.Conv2d(96, 48, 1)
        self.deep = nn.Sequential(*(Blaze(48, 48, 5) for _ in range(4)), chain(48, 96, 4, 5), chain(96, 288, depths[0], 5),
                                  *(chain(288, 288, depth, 5) for depth in depths[1:]))
        self.flags, self.points = nn.Conv2d(288, 2, 2), nn.Conv2d(288, values, 2)

    def forward(self, x: Tensor) -> list[Tensor]:
        x0 = self.first(x)
        x1 = self.down[0](x0)
        x2 = self.down[1](x1)
        x3 = self.down[2](x2)
        y = self.merge[0](x2 + interpolate(x3, scale_factor=2.0, mode="bilinear"))
        y = self.merge[1](x1 + interpolate(y, scale_factor=2.0, mode="bilinear"))
        y = x0 + interpolate(self.narrow(y), scale_factor=2.0, mode="bilinear")
        y = self.deep(y)
        return [self.flags(y).sigmoid().flatten(1), self.points(y).flatten(1) / 256]


class PoseDetector(nn.Module):
    """BlazePose person detector, 896 anchors; depths are fitted to the stated parameter count."""

    def __init__(self) -> None:
        super().__init__()
        self.deep = nn.Sequential(nn.Conv2d(3, 48, 5, 2, 2), nn.ReLU(), *(Blaze(48, 48, 5) for _ in range(4)),
                                  chain(48, 96, 4, 5), chain(96, 192, 4, 5))
        self.last = chain(192, 288, 5, 5)
        self.scores = nn.ModuleList([nn.Conv2d(192, 2, 1), nn.Conv2d(288, 6, 1)])
        self.boxes = nn.ModuleList([nn.Conv2d(192, 24, 1), nn.Conv2d(288, 72, 1)])

    def forward(self, x: Tensor) -> list[Tensor]:
        deep = self.deep(x)
        maps = (deep, self.last(deep))
        return [torch.cat([flat(c(m), 1) for c, m in zip(self.scores, maps, strict=True)], 1),
                torch.cat([flat(c(m), 12) for c, m in zip(self.boxes, maps, strict=True)], 1)]


def catalogue() -> Catalogue:
    """MediaPipe networks, keyed by (model, component)."""
    return {
        ("mediapipe_face", "FaceDetector"): on_image(FaceDetector, 256),
        ("mediapipe_face", "FaceLandmarkDetector"): on_image(FaceLandmarks, 192),
        ("mediapipe_hand", "HandDetector"): on_image(PalmDetector, 256),
        ("mediapipe_hand", "HandLandmarkDetector"): on_image(HandLandmarks, 256),
        ("mediapipe_hand_gesture", "PalmDetector"): on_image(PalmDetector, 256),
        ("mediapipe_pose", "PoseDetector"): on_image(PoseDetector, 128),
        ("mediapipe_pose", "PoseLandmarkDetector"): on_image(lambda: HandLandmarks((7, 7, 8, 8), 124), 256),
    }
