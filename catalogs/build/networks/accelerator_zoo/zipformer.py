"""Zipformer transducer encoder (Yao et al., 2024), streaming form, approximated from its published sizes."""
from __future__ import annotations

import torch
from torch import Tensor, nn

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, tensor

DIM, HEADS, KEYS, CONTEXT, KERNEL = 384, 8, 192, 64, 31
LAYERS, INNERS, FACTORS = (2, 4, 3, 2, 4), (1024, 1024, 2048, 2048, 1024), (1, 2, 4, 8, 2)


class DoubleSwish(nn.Module):
    """x * sigmoid(x - 1)."""

    def forward(self, x: Tensor) -> Tensor:
        return x * (x - 1).sigmoid()


class Convolution(nn.Module):
    """Gated pointwise, causal depthwise over cached frames, pointwise."""

    def __init__(self) -> None:
        super().__init__()
        self.into, self.out = nn.Conv1d(DIM, 2 * DIM, 1), nn.Conv1d(DIM, DIM, 1)
        self.deep, self.act = nn.Conv1d(DIM, DIM, KERNEL, groups=DIM), DoubleSwish()

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.into(x.transpose(1, 2)).chunk(2, 1)
        value = value * gate.sigmoid()
        value = torch.cat([value.new_zeros(1, DIM, KERNEL - 1), value], 2)
        return self.out(self.act(self.deep(value))).transpose(1, 2)


class ZipLayer(nn.Module):
    """Three feed-forwards, two convolutions and two uses of one attention map."""

    def __init__(self, inner: int, context: int) -> None:
        super().__init__()
        self.context = context
        self.feeds = nn.ModuleList(nn.Sequential(nn.Linear(DIM, inner), DoubleSwish(), nn.Linear(inner, DIM))
                                   for _ in range(3))
        self.convs = nn.ModuleList(Convolution() for _ in range(2))
        self.qk, self.place = nn.Linear(DIM, 2 * KEYS + 4 * HEADS), nn.Linear(DIM, 4 * HEADS, bias=False)
        self.values = nn.ModuleList(nn.Linear(DIM, KEYS // 2) for _ in range(2))
        self.outs = nn.ModuleList(nn.Linear(KEYS // 2, DIM) for _ in range(2))
        self.pool, self.bypass = nn.Linear(DIM, DIM, bias=False), nn.Parameter(torch.empty(DIM))

    def past(self, x: Tensor, width: int) -> Tensor:
        """Prefix the cached frames."""
        return torch.cat([x.new_zeros(1, self.context, width), x], 1)

    def attend(self, scores: Tensor, x: Tensor, which: int) -> Tensor:
        value = self.past(self.values[which](x), KEYS // 2).unflatten(-1, (HEADS, -1)).transpose(1, 2)
        return self.outs[which]((scores @ value).transpose(1, 2).flatten(2))

    def forward(self, x: Tensor) -> Tensor:
        start, frames = x, x.shape[1]
        x = x + self.feeds[0](x)
        x = x + self.pool(x.cumsum(1) * x.new_zeros(1, frames, 1))
        q, k, p = self.qk(x).split([KEYS, KEYS, 4 * HEADS], -1)
        k = self.past(k, KEYS).unflatten(-1, (HEADS, -1)).permute(0, 2, 3, 1)
        span = frames + self.context
        place = self.place(x.new_zeros(1, span + frames - 1, DIM)).unflatten(-1, (HEADS, 4)).permute(0, 2, 3, 1)
        near = p.unflatten(-1, (HEADS, 4)).transpose(1, 2) @ place
        scores = q.unflatten(-1, (HEADS, -1)).transpose(1, 2) @ k + near[..., :span].contiguous()
        scores = scores.softmax(-1)
        for which in (0, 1):
            x = x + self.attend(scores, x, which)
            x = x + self.convs[which](x)
            x = x + self.feeds[which + 1](x)
        x = x * ((x * x).mean(-1, keepdim=True) + 1e-4) ** -0.5
        return start + (x - start) * self.bypass


class ZipformerEncoder(nn.Module):
    """Convolutional front end and five stacks at frame rates 1, 1/2, 1/4, 1/8, 1/2; output at half rate."""

    def __init__(self) -> None:
        super().__init__()
        act = DoubleSwish()
        self.front = nn.Sequential(nn.Conv2d(1, 8, 3, padding=(0, 1)), act, nn.Conv2d(8, 32, 3, 2), act,
                                   nn.Conv2d(32, 128, 3, (1, 2)), act)
        self.into = nn.Linear(128 * 19, DIM)
        self.stacks = nn.ModuleList(
            nn.Sequential(*(ZipLayer(inner, CONTEXT // factor) for _ in range(n)))
            for n, inner, factor in zip(LAYERS, INNERS, FACTORS, strict=True))
        self.queries = nn.ParameterList(nn.Parameter(torch.empty(DIM)) for _ in FACTORS)
        self.out = nn.Linear(DIM, 512)

    def forward(self, mel: Tensor) -> Tensor:
        y = self.front(mel.unsqueeze(1))
        x = self.into(y.transpose(1, 2).flatten(2))
        x = x[:, :32]
        for stack, factor, query in zip(self.stacks, FACTORS, self.queries, strict=True):
            if factor == 1:
                x = stack(x)
                continue
            groups = x.unflatten(1, (-1, factor))
            weight = (groups * query).sum(-1, keepdim=True).softmax(2)
            slow = stack((groups * weight).sum(2))
            x = x + slow.unsqueeze(2).expand(-1, -1, factor, -1).reshape(x.shape)
        return self.out(x.unflatten(1, (-1, 2)).mean(2))


def catalogue() -> Catalogue:
    """Zipformer encoder, keyed by (model, component)."""
    return {("zipformer", "ZipformerEncoder"): lambda: (ZipformerEncoder(), (tensor(1, 71, 80),))}
