"""The 35 networks of ncnn's benchncnn as architectures with random weights on the meta device."""
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from catalogs.build.networks.benchncnn import classifiers
from catalogs.build.networks.benchncnn import library_networks
from catalogs.build.networks.benchncnn import shuffle_detectors
from catalogs.build.networks.benchncnn import single_shot_detectors
from catalogs.build.networks.benchncnn import yolo_networks

Build = Callable[[], tuple[nn.Module, tuple[Tensor, ...]]]
NETWORKS: dict[str, Callable[[], nn.Module]] = {
    **library_networks.NETWORKS, **classifiers.NETWORKS, **single_shot_detectors.NETWORKS,
    **yolo_networks.NETWORKS, **shuffle_detectors.NETWORKS,
}
QUANTIZED = "_int8"


def on_meta(network: Callable[[], nn.Module], shape: str) -> tuple[nn.Module, tuple[Tensor, ...]]:
    """Build a network and its input ("3x224x224") on the meta device, ready for inference."""
    with torch.device("meta"):
        return network().eval(), (torch.empty(1, *map(int, shape.split("x"))),)


def benchncnn_models(shapes: Mapping[str, str]) -> dict[str, Build]:
    """{model: () -> (network, inputs)} for each known model of `shapes`; an int8 model is its float twin."""
    found = {name: NETWORKS.get(name.removesuffix(QUANTIZED)) for name in shapes}
    return {name: (lambda network=network, shape=shapes[name]: on_meta(network, shape))
            for name, network in found.items() if network is not None}
