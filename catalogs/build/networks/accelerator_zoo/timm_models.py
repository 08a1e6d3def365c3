"""Architectures taken unchanged from timm, at the AI Hub input shapes."""
from __future__ import annotations

from functools import partial

import timm
from torch import nn

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, on_image

NETWORKS: dict[str, tuple[str, str, int]] = {
    # zoo model: (component, timm name, input side)
    "dla102x": ("DLA-102-X", "dla102x", 224),
    "dla34": ("DLA-34", "dla34", 224),
    "efficientformer": ("EfficientFormer", "efficientformer_l1", 224),
    "efficientformer_l3": ("EfficientFormer-L3", "efficientformer_l3", 224),
    "efficientvit_b2_cls": ("EfficientViT-b2-cls", "efficientvit_b2", 224),
    "efficientvit_l2_cls": ("EfficientViT-l2-cls", "efficientvit_l2", 224),
    "efficientvit_b0_cls": ("EfficientViT-b0-cls", "efficientvit_b0", 224),
    "efficientvit_b1_cls": ("EfficientViT-b1-cls", "efficientvit_b1", 224),
    "efficientvit_b3_cls": ("EfficientViT-b3-cls", "efficientvit_b3", 224),
    "fastvit_t8": ("FastViT-T8", "fastvit_t8", 256),
    "levit": ("LeViT", "levit_128s", 224),
    "levit_256": ("LeViT-256", "levit_256", 224),
    "mobile_vit": ("Mobile-VIT", "mobilevit_s", 256),
    "mobile_vit_xs": ("Mobile-VIT-XS", "mobilevit_xs", 256),
    "mobile_vit_xxs": ("Mobile-VIT-XXS", "mobilevit_xxs", 256),
    "mobilenet_v4_small": ("MobileNet-v4-Small", "mobilenetv4_conv_small", 224),
    "mobilenet_v4_medium": ("MobileNet-v4-Medium", "mobilenetv4_conv_medium", 224),
    "mobileone_s0": ("MobileOne-S0", "mobileone_s0", 224),
    "nasnet": ("NASNet", "nasnetalarge", 331),
    "repvgg_a0": ("RepVGG-A0", "repvgg_a0", 224),
    "sequencer2d": ("Sequencer2D", "sequencer2d_s", 224),
    "ghostnet": ("GhostNet", "ghostnet_100", 224),
    "deit_tiny": ("DeiT-Tiny", "deit_tiny_patch16_224", 224),
    "deit_small": ("DeiT-Small", "deit_small_patch16_224", 224),
    "poolformer_s12": ("PoolFormer-S12", "poolformer_s12", 224),
    "xception": ("Xception", "xception41", 299),
}
LISTED_SIDE = {"mobile_vit": 224, "nasnet": 224}


def network(name: str) -> nn.Module:
    """A timm network; attention stays fused, which the counter understands."""
    return timm.create_model(name, pretrained=False)


def catalogue() -> Catalogue:
    """All timm architectures, keyed by (model, component)."""
    return {(model, component): on_image(partial(network, name), LISTED_SIDE.get(model, side))
            for model, (component, name, side) in NETWORKS.items()}
