"""YOLO detectors and segmenters: v3-tiny, v5, v8, v10, v11 and FastSAM, from their published layer tables."""
from __future__ import annotations

from torch import nn

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, on_image
from catalogs.build.networks.accelerator_zoo.yolo_blocks import AnchorHead, C2PSA, C2f, C3, Conv, DistributionHead, Graph, Join, SCDown, SPPF

P = (-1,)


def up() -> nn.Module:
    """Nearest doubling."""
    return nn.Upsample(scale_factor=2.0, mode="nearest")


def yolov3_tiny(classes: int = 80, light: bool = False) -> nn.Module:
    """YOLOv3-tiny trunk with the anchor-free decoupled head (its current released form)."""
    rows: list[tuple[nn.Module, tuple[int, ...]]] = []
    width = 3
    for out in (16, 32, 64, 128, 256):
        rows += [(Conv(width, out, 3), P), (nn.MaxPool2d(2, 2), P)]
        width = out
    rows += [(Conv(256, 512, 3), P), (nn.ZeroPad2d((0, 1, 0, 1)), P), (nn.MaxPool2d(2, 1), P),
             (Conv(512, 1024, 3), P), (Conv(1024, 256), P), (Conv(256, 512, 3), P),
             (Conv(256, 128), (14,)), (up(), P), (Join(), (-1, 8)), (Conv(384, 256, 3), P)]
    return Graph(rows, (19, 15), DistributionHead([256, 512], classes, light))


def yolov5(width: float, depth: float, classes: int = 80) -> nn.Module:
    """YOLOv5 release 6/7: C3 blocks, SPPF, anchors."""
    a, b, c, d, e = (int(w * width) for w in (64, 128, 256, 512, 1024))
    n3, n6, n9 = (max(round(n * depth), 1) for n in (3, 6, 9))
    rows = [(Conv(3, a, 6, 2, pad=2), P), (Conv(a, b, 3, 2), P), (C3(b, b, n3), P), (Conv(b, c, 3, 2), P),
            (C3(c, c, n6), P), (Conv(c, d, 3, 2), P), (C3(d, d, n9), P), (Conv(d, e, 3, 2), P), (C3(e, e, n3), P),
            (SPPF(e), P), (Conv(e, d), P), (up(), P), (Join(), (-1, 6)), (C3(2 * d, d, n3, False), P),
            (Conv(d, c), P), (up(), P), (Join(), (-1, 4)), (C3(2 * c, c, n3, False), P),
            (Conv(c, c, 3, 2), P), (Join(), (-1, 14)), (C3(d, d, n3, False), P),
            (Conv(d, d, 3, 2), P), (Join(), (-1, 10)), (C3(e, e, n3, False), P)]
    return Graph(rows, (17, 20, 23), AnchorHead([c, d, e], classes))


def yolov8(width: float, depth: float, most: int = 1024, classes: int = 80, masks: int = 0) -> nn.Module:
    """YOLOv8: C2f blocks and an anchor-free head, with prototype masks when asked."""
    a, b, c, d, e = (int(min(w, most) * width) for w in (64, 128, 256, 512, 1024))
    n3, n6 = (max(round(n * depth), 1) for n in (3, 6))
    rows = [(Conv(3, a, 3, 2), P), (Conv(a, b, 3, 2), P), (C2f(b, b, n3, True), P), (Conv(b, c, 3, 2), P),
            (C2f(c, c, n6, True), P), (Conv(c, d, 3, 2), P), (C2f(d, d, n6, True), P), (Conv(d, e, 3, 2), P),
            (C2f(e, e, n3, True), P), (SPPF(e), P), (up(), P), (Join(), (-1, 6)), (C2f(e + d, d, n3), P),
            (up(), P), (Join(), (-1, 4)), (C2f(d + c, c, n3), P), (Conv(c, c, 3, 2), P), (Join(), (-1, 12)),
            (C2f(c + d, d, n3), P), (Conv(d, d, 3, 2), P), (Join(), (-1, 9)), (C2f(d + e, e, n3), P)]
    head = DistributionHead([c, d, e], classes, masks=masks, prototypes=int(min(256, most) * width))
    return Graph(rows, (15, 18, 21), head)


def yolov10(width: float = 0.25, depth: float = 1 / 3, classes: int = 80) -> nn.Module:
    """YOLOv10-N (Wang et al., 2024), one-to-one head only."""
    a, b, c, d, e = (int(w * width) for w in (64, 128, 256, 512, 1024))
    n3, n6 = (max(round(n * depth), 1) for n in (3, 6))
    rows = [(Conv(3, a, 3, 2), P), (Conv(a, b, 3, 2), P), (C2f(b, b, n3, True), P), (Conv(b, c, 3, 2), P),
            (C2f(c, c, n6, True), P), (SCDown(c, d), P), (C2f(d, d, n6, True), P), (SCDown(d, e), P),
            (C2f(e, e, n3, True), P), (SPPF(e), P), (C2PSA(e), P), (up(), P), (Join(), (-1, 6)),
            (C2f(e + d, d, n3), P), (up(), P), (Join(), (-1, 4)), (C2f(d + c, c, n3), P), (Conv(c, c, 3, 2), P),
            (Join(), (-1, 13)), (C2f(c + d, d, n3), P), (SCDown(d, d), P), (Join(), (-1, 10)),
            (C2f(d + e, e, n3, True, block="cib"), P)]
    return Graph(rows, (16, 19, 22), DistributionHead([c, d, e], classes, light=True))


def yolov11(width: float = 0.25, depth: float = 0.5, most: int = 1024, classes: int = 80, masks: int = 0) -> nn.Module:
    """YOLO11 n/s: C3k2 blocks, C2PSA and depthwise class branches."""
    a, b, c, d, e = (int(min(w, most) * width) for w in (64, 128, 256, 512, 1024))
    n = max(round(2 * depth), 1)

    def block(cin: int, cout: int, deep: bool, ratio: float = 0.5) -> nn.Module:
        return C2f(cin, cout, n, True, ratio, "c3k" if deep else "half")

    rows = [(Conv(3, a, 3, 2), P), (Conv(a, b, 3, 2), P), (block(b, c, False, 0.25), P), (Conv(c, c, 3, 2), P),
            (block(c, d, False, 0.25), P), (Conv(d, d, 3, 2), P), (block(d, d, True), P), (Conv(d, e, 3, 2), P),
            (block(e, e, True), P), (SPPF(e), P), (C2PSA(e, n), P), (up(), P), (Join(), (-1, 6)),
            (block(e + d, d, False), P), (up(), P), (Join(), (-1, 4)), (block(d + d, c, False), P),
            (Conv(c, c, 3, 2), P), (Join(), (-1, 13)), (block(c + d, d, False), P), (Conv(d, d, 3, 2), P),
            (Join(), (-1, 10)), (block(d + e, e, True), P)]
    head = DistributionHead([c, d, e], classes, light=True, masks=masks, prototypes=int(min(256, most) * width))
    return Graph(rows, (16, 19, 22), head)


def catalogue() -> Catalogue:
    """CSP-style YOLO networks, keyed by (model, component)."""
    third = 1 / 3
    return {
        ("yolov3", "Yolo-v3"): on_image(yolov3_tiny, 416),
        ("yolov5", "Yolo-v5"): on_image(lambda: yolov5(0.75, 2 * third), 640),
        ("yolov5s", "Yolo-v5-s"): on_image(lambda: yolov5(0.5, third), 640),
        ("yolov5n", "Yolo-v5-n"): on_image(lambda: yolov5(0.25, third), 640),
        ("yolov8_det", "YOLOv8-Detection"): on_image(lambda: yolov8(0.25, third), 640),
        ("yolov8_seg", "YOLOv8-Segmentation"): on_image(lambda: yolov8(0.25, third, masks=32), 640),
        ("yolov8s_det", "YOLOv8-s-Detection"): on_image(lambda: yolov8(0.5, third), 640),
        ("yolov8m_det", "YOLOv8-m-Detection"): on_image(lambda: yolov8(0.75, 2 * third, 768), 640),
        ("fastsam_s", "FastSam-S"): on_image(lambda: yolov8(0.5, third, classes=1, masks=32), 640),
        ("fastsam_x", "FastSam-X"): on_image(lambda: yolov8(1.25, 1.0, 512, classes=1, masks=32), 640),
        ("yolov10_det", "YOLOv10-Detection"): on_image(yolov10, 640),
        ("yolov11_det", "YOLOv11-Detection"): on_image(yolov11, 640),
        ("yolov11_seg", "YOLOv11-Segmentation"): on_image(lambda: yolov11(masks=32), 640),
        ("yolov11s_det", "YOLOv11-s-Detection"): on_image(lambda: yolov11(0.5), 640),
    }
