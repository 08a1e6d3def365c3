"""Architectures taken unchanged from torchvision, at the AI Hub input shapes."""
from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.models import detection, segmentation, video

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, Builder, on_image, tensor

CLASSIFIERS: dict[str, tuple[str, str, int]] = {
    # zoo model: (component, torchvision constructor, input side)
    "alexnet": ("AlexNet", "alexnet", 224),
    "convnext_tiny": ("ConvNext-Tiny", "convnext_tiny", 224),
    "convnext_small": ("ConvNext-Small", "convnext_small", 224),
    "convnext_base": ("ConvNext-Base", "convnext_base", 224),
    "convnext_large": ("ConvNext-Large", "convnext_large", 224),
    "densenet121": ("DenseNet-121", "densenet121", 224),
    "densenet161": ("DenseNet-161", "densenet161", 224),
    "densenet169": ("DenseNet-169", "densenet169", 224),
    "densenet201": ("DenseNet-201", "densenet201", 224),
    "efficientnet_b0": ("EfficientNet-B0", "efficientnet_b0", 224),
    "efficientnet_b1": ("EfficientNet-B1", "efficientnet_b1", 240),
    "efficientnet_b2": ("EfficientNet-B2", "efficientnet_b2", 288),
    "efficientnet_b3": ("EfficientNet-B3", "efficientnet_b3", 300),
    "efficientnet_b4": ("EfficientNet-B4", "efficientnet_b4", 380),
    "efficientnet_b5": ("EfficientNet-B5", "efficientnet_b5", 456),
    "efficientnet_b6": ("EfficientNet-B6", "efficientnet_b6", 528),
    "efficientnet_b7": ("EfficientNet-B7", "efficientnet_b7", 600),
    "efficientnet_v2_s": ("EfficientNet-V2-s", "efficientnet_v2_s", 384),
    "efficientnet_v2_m": ("EfficientNet-V2-m", "efficientnet_v2_m", 480),
    "efficientnet_v2_l": ("EfficientNet-V2-l", "efficientnet_v2_l", 480),
    "googlenet": ("GoogLeNet", "googlenet", 224),
    "inception_v3": ("Inception-v3", "inception_v3", 224),
    "maxvit_t": ("MaxVit-T", "maxvit_t", 224),
    "mnasnet05": ("MNASNet05", "mnasnet0_5", 224),
    "mnasnet075": ("MNASNet075", "mnasnet0_75", 224),
    "mnasnet10": ("MNASNet10", "mnasnet1_0", 224),
    "mnasnet13": ("MNASNet13", "mnasnet1_3", 224),
    "mobilenet_v2": ("MobileNet-v2", "mobilenet_v2", 224),
    "mobilenet_v3_large": ("MobileNet-v3-Large", "mobilenet_v3_large", 224),
    "mobilenet_v3_small": ("MobileNet-v3-Small", "mobilenet_v3_small", 224),
    "regnet": ("RegNet", "regnet_x_3_2gf", 224),
    "resnet18": ("ResNet18", "resnet18", 224),
    "resnet34": ("ResNet34", "resnet34", 224),
    "resnet50": ("ResNet50", "resnet50", 224),
    "resnet101": ("ResNet101", "resnet101", 224),
    "resnet152": ("ResNet152", "resnet152", 224),
    "resnext50": ("ResNeXt50", "resnext50_32x4d", 224),
    "resnext101": ("ResNeXt101", "resnext101_32x8d", 224),
    "resnext101_64x4d": ("ResNeXt101-64x4d", "resnext101_64x4d", 224),
    "shufflenet_v2": ("Shufflenet-v2", "shufflenet_v2_x0_5", 224),
    "shufflenet_v2_x1_0": ("Shufflenet-v2-x1-0", "shufflenet_v2_x1_0", 224),
    "shufflenet_v2_x1_5": ("Shufflenet-v2-x1-5", "shufflenet_v2_x1_5", 224),
    "shufflenet_v2_x2_0": ("Shufflenet-v2-x2-0", "shufflenet_v2_x2_0", 224),
    "squeezenet1_0": ("SqueezeNet-1.0", "squeezenet1_0", 224),
    "squeezenet1_1": ("SqueezeNet-1.1", "squeezenet1_1", 224),
    "swin_tiny": ("Swin-Tiny", "swin_t", 224),
    "swin_small": ("Swin-Small", "swin_s", 224),
    "swin_base": ("Swin-Base", "swin_b", 224),
    "swin_v2_tiny": ("Swin-V2-Tiny", "swin_v2_t", 256),
    "swin_v2_small": ("Swin-V2-Small", "swin_v2_s", 256),
    "swin_v2_base": ("Swin-V2-Base", "swin_v2_b", 256),
    "vgg11": ("VGG11", "vgg11", 224),
    "vgg16": ("VGG16", "vgg16", 224),
    "vgg19": ("VGG19", "vgg19", 224),
    "vit": ("VIT", "vit_b_16", 224),
    "vit_b_32": ("VIT-B-32", "vit_b_32", 224),
    "vit_l_16": ("VIT-L-16", "vit_l_16", 224),
    "vit_l_32": ("VIT-L-32", "vit_l_32", 224),
    "wideresnet50": ("WideResNet50", "wide_resnet50_2", 224),
    "wideresnet101": ("WideResNet101", "wide_resnet101_2", 224),
}
REGNETS = {"x": ("400mf", "800mf", "1_6gf", "8gf", "16gf", "32gf"),
           "y": ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf")}
SEGMENTERS: dict[str, tuple[str, str, int]] = {
    "deeplabv3_resnet50": ("DeepLabV3-ResNet50", "deeplabv3_resnet50", 513),
    "deeplabv3_resnet101": ("DeepLabV3-ResNet101", "deeplabv3_resnet101", 513),
    "deeplabv3_mobilenet_v3_large": ("DeepLabV3-MobileNet-V3-Large", "deeplabv3_mobilenet_v3_large", 513),
    "fcn_resnet50": ("FCN-ResNet50", "fcn_resnet50", 512),
    "fcn_resnet101": ("FCN-ResNet101", "fcn_resnet101", 512),
    "lraspp_mobilenet_v3_large": ("LRASPP-MobileNet-V3-Large", "lraspp_mobilenet_v3_large", 512),
}
VIDEOS: dict[str, tuple[str, str, int, int]] = {
    # zoo model: (component, torchvision constructor, frames, input side)
    "resnet_3d": ("ResNet-3D", "r3d_18", 16, 112),
    "resnet_mixed": ("ResNet-Mixed-Convolution", "mc3_18", 16, 112),
    "resnet_2plus1d": ("ResNet-2Plus1D", "r2plus1d_18", 16, 112),
    "s3d": ("S3D", "s3d", 16, 224),
    "mvit_v2_s": ("MViT-V2-S", "mvit_v2_s", 16, 224),
    "swin3d_t": ("Swin3D-T", "swin3d_t", 16, 224),
}


class MainOutput(nn.Module):
    """Keep the main map of a torchvision segmenter (the auxiliary head is not exported)."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)["out"]


def classifier(name: str) -> nn.Module:
    """A torchvision classifier without its training-only auxiliary heads."""
    extra = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    if not name.startswith("regnet"):
        return models.get_model(name, weights=None, **extra)
    with torch.device("cpu"):  # RegNet derives its widths from tensor values
        return models.get_model(name, weights=None).to("meta")


def segmenter(name: str) -> nn.Module:
    """A torchvision segmentation model, 21 classes."""
    return MainOutput(getattr(segmentation, name)(weights=None, weights_backbone=None, num_classes=21))


def on_clip(name: str, frames: int, side: int) -> Builder:
    """A torchvision video classifier on one clip."""
    return lambda: (getattr(video, name)(weights=None), (tensor(1, 3, frames, side, side),))


def catalogue() -> Catalogue:
    """All torchvision architectures, keyed by (model, component)."""
    found: Catalogue = {}
    for model, (component, name, side) in CLASSIFIERS.items():
        found[model, component] = on_image(partial(classifier, name), side)
    for family, sizes in REGNETS.items():
        for size in sizes:
            model = f"regnet_{family}_{size}"
            component = f"RegNet-{family.upper()}-{size.upper().replace('_', '.')}"
            found[model, component] = on_image(partial(classifier, model), 224)
    for model, (component, name, side) in SEGMENTERS.items():
        found[model, component] = on_image(partial(segmenter, name), side)
    for model, (component, name, frames, side) in VIDEOS.items():
        found[model, component] = on_clip(name, frames, side)
    found["ssdlite_mobilenet_v3_large", "SSDLite-Backbone"] = on_image(
        lambda: detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None).backbone, 320)
    return found
