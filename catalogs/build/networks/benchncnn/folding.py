"""Batch-norm folding: an inference graph carries no batch norm, only its convolution's bias."""
import torch
from torch import Tensor, nn
from torch.nn import functional as F


def drop_batch_norm(module: nn.Module) -> None:
    """Replace every BatchNorm2d by Identity (timm's BatchNormAct2d by its activation), in place."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, getattr(child, "act", nn.Identity()))
        else:
            drop_batch_norm(child)


def fold_batch_norm(model: nn.Module) -> nn.Module:
    """Drop batch norms and give each convolution the bias that folding one leaves behind."""
    drop_batch_norm(model)
    for module in model.modules():
        if isinstance(module, nn.Conv2d) and module.bias is None:
            module.bias = nn.Parameter(torch.empty(module.out_channels, device=module.weight.device))
    return model


class SoftmaxHead(nn.Module):
    """A classifier followed by the softmax its ncnn graph ends with."""

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, image: Tensor) -> Tensor:
        return F.softmax(self.classifier(image), dim=-1)
