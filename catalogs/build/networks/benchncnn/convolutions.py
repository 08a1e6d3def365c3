"""Convolution + activation units shared by the hand-written benchncnn networks."""
from torch import Tensor, nn


def activation(name: str) -> list[nn.Module]:
    """The named activation as a list of zero or one module."""
    return {
        "": [],
        "relu": [nn.ReLU()],
        "leaky": [nn.LeakyReLU(0.1)],
        "hswish": [nn.Hardswish()],
        "sigmoid": [nn.Sigmoid()],
    }[name]


def conv(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, act: str = "",
         groups: int = 1, pad: int | None = None) -> nn.Sequential:
    """Convolution with folded batch norm (hence a bias) and its activation; "same" padding unless given."""
    padding = kernel // 2 if pad is None else pad
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups), *activation(act))


def depthwise(channels: int, kernel: int = 3, stride: int = 1, act: str = "", pad: int | None = None) -> nn.Sequential:
    """One filter a channel."""
    return conv(channels, channels, kernel, stride, act, channels, pad)


def separable(inputs: int, outputs: int, stride: int = 1, act: str = "relu") -> nn.Sequential:
    """3x3 depthwise then pointwise convolution (MobileNet v1, arXiv:1704.04861)."""
    return nn.Sequential(depthwise(inputs, 3, stride, act), conv(inputs, outputs, act=act))


class InvertedResidual(nn.Module):
    """Expand, depthwise, project, with a skip where shapes allow (MobileNet v2, arXiv:1801.04381)."""

    def __init__(self, inputs: int, hidden: int, outputs: int, kernel: int = 3, stride: int = 1,
                 act: str = "relu", expand: bool = True) -> None:
        super().__init__()
        self.skip = stride == 1 and inputs == outputs and expand
        self.expand = conv(inputs, hidden, act=act) if expand else nn.Identity()
        self.depthwise = depthwise(hidden, kernel, stride, act)
        self.project = conv(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.skip else y


class GlobalClassifier(nn.Module):
    """Global average pooling, a fully connected layer and softmax."""

    def __init__(self, channels: int, classes: int = 1000) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.linear = nn.Linear(channels, classes)
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x: Tensor) -> Tensor:
        return self.softmax(self.linear(self.pool(x).flatten(1)))


def shuffle_channels(x: Tensor, groups: int) -> Tensor:
    """Interleave the channels of `groups` groups (ShuffleNet, arXiv:1707.01083)."""
    batch, channels, height, width = x.shape
    return x.view(batch, groups, channels // groups, height, width).transpose(1, 2).reshape(x.shape)
