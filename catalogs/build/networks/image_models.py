"""The image models of the timm library (Apache-2.0), each at the input sizes it was published with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import timm
import torch
from timm.models import get_pretrained_cfg, list_models

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def shapes_of(model: str) -> set[str]:
    """Input sizes in the library's own settings of a model."""
    settings = get_pretrained_cfg(model, allow_unregistered=True)
    found = {"x".join(map(str, s)) for s in (settings.input_size, settings.test_input_size) if s} if settings is not None else set()
    return found or {"3x224x224"}


def jobs(published: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(model, input shape) of the published rows and of the library."""
    return sorted({*published, *((m, s) for m in list_models() for s in shapes_of(m))})


def built(model: str, shape: str) -> Iterator[tuple[torch.nn.Module, torch.Tensor, torch.Tensor]]:
    """The network as trained and, where it differs, as merged for use, with inputs for one and for two images.

    Raises RuntimeError where the library no longer has the model or it does not take the size.
    """
    size = tuple(int(x) for x in shape.split("x"))
    one, two = (torch.empty(n, *size, device="meta") for n in (1, 2))
    network = None
    for option in ({}, {"img_size": size[1:]}, {"img_size": size[1]}):
        try:
            with torch.device("meta"):
                network = timm.create_model(model, pretrained=False, **option).eval()
            with torch.no_grad():
                network(one)
            break
        except (AssertionError, RuntimeError, TypeError, ValueError):
            network = None
    if network is None:
        raise RuntimeError(f"{model} does not take {math.prod(size)} numbers")
    yield network, one, two
    if any(hasattr(m, a) for m in network.modules() for a in ("reparameterize", "switch_to_deploy", "fuse")):
        with torch.device("meta"):
            merged = timm.utils.reparameterize_model(network)
        yield merged.eval(), one, two
