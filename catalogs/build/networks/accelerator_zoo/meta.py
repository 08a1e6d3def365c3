"""Meta-device inputs and the builder type shared by every catalogue in this folder."""
from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

Built = tuple[nn.Module, tuple[torch.Tensor, ...]]
Builder = Callable[[], Built]
Catalogue = dict[tuple[str, str], Builder]


def tensor(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """An uninitialised tensor of the given shape on the meta device."""
    return torch.empty(*shape, dtype=dtype, device="meta")


def tokens(length: int, batch: int = 1) -> torch.Tensor:
    """Integer token ids (or a 0/1 mask) of shape batch x length."""
    return torch.zeros(batch, length, dtype=torch.long, device="meta")


def image(height: int, width: int | None = None, channels: int = 3) -> torch.Tensor:
    """A single image, square when only the height is given."""
    return tensor(1, channels, height, width or height)


def on_image(make: Callable[[], nn.Module], height: int, width: int | None = None, channels: int = 3) -> Builder:
    """Pair a module constructor with one image input."""
    return lambda: (make(), (image(height, width, channels),))
