"""benchncnn classifiers that torchvision or timm already define, with batch norm folded."""
from collections.abc import Callable

import timm
from timm.layers import set_fused_attn
from torch import nn
from torchvision import models

from catalogs.build.networks.benchncnn.folding import SoftmaxHead, fold_batch_norm


def torchvision_classifier(build: Callable[..., nn.Module]) -> nn.Module:
    """A torchvision network with random weights and no batch norm."""
    return SoftmaxHead(fold_batch_norm(build(weights=None)))


def timm_classifier(name: str) -> nn.Module:
    """A timm network with random weights and no batch norm."""
    # The graph spells attention out. The switch is one for the whole library, so it is put back.
    set_fused_attn(False)
    try:
        return SoftmaxHead(fold_batch_norm(timm.create_model(name, pretrained=False)))
    finally:
        set_fused_attn(True)


def caffe_squeezenet() -> nn.Module:
    """SqueezeNet 1.1 (arXiv:1602.07360) of the Caffe release, which pads its last 1x1 convolution."""
    network = models.squeezenet1_1(weights=None)
    network.classifier[1].padding = (1, 1)
    return SoftmaxHead(network)


def caffe_resnet18() -> nn.Module:
    """ResNet-18 (arXiv:1512.03385) as ported to Caffe: the first block also projects its shortcut."""
    network = models.resnet18(weights=None)
    network.layer1[0].downsample = nn.Conv2d(64, 64, 1)
    return SoftmaxHead(fold_batch_norm(network))


def caffe_resnet50() -> nn.Module:
    """ResNet-50 (arXiv:1512.03385) of the original Caffe release: stride in the first 1x1, not the 3x3."""
    network = models.resnet50(weights=None)
    for block in network.modules():
        if isinstance(block, models.resnet.Bottleneck):
            block.conv1.stride, block.conv2.stride = block.conv2.stride, (1, 1)
    return SoftmaxHead(fold_batch_norm(network))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "squeezenet": caffe_squeezenet,
    "shufflenet_v2": lambda: torchvision_classifier(models.shufflenet_v2_x1_0),
    "mnasnet": lambda: torchvision_classifier(models.mnasnet1_0),
    "vgg16": lambda: torchvision_classifier(models.vgg16),
    "resnet18": caffe_resnet18,
    "resnet50": caffe_resnet50,
    "efficientnet_b0": lambda: timm_classifier("efficientnet_b0"),
    "efficientnetv2_b0": lambda: timm_classifier("tf_efficientnetv2_b0"),
    "regnety_400m": lambda: timm_classifier("regnety_004"),
    "vision_transformer": lambda: timm_classifier("vit_base_patch32_384"),
}
