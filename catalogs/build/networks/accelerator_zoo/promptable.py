"""Promptable segmentation and query detection on plain or hierarchical ViTs: SAM 2, SAM, RF-DETR."""
from __future__ import annotations

from typing import Any

import torch
import transformers as hf
from torch import Tensor, nn
from transformers.models.sam import modeling_sam
from transformers.models.sam2 import modeling_sam2

from catalogs.build.networks.accelerator_zoo.meta import Catalogue, image, on_image, tensor
from catalogs.build.networks.accelerator_zoo.transformer_models import Outputs, eager


def sam2_vision() -> Any:
    """SAM 2.1 small (Ravi et al., 2024): Hiera-S with a four-level neck."""
    backbone = hf.Sam2HieraDetConfig(blocks_per_stage=[1, 2, 11, 2], global_attention_blocks=[7, 10, 13])
    backbone._attn_implementation = "eager"
    return hf.Sam2VisionConfig(backbone_config=backbone)


class Sam2Encoder(nn.Module):
    """Image encoder with the decoder's two high-resolution projections, as exported."""

    def __init__(self) -> None:
        super().__init__()
        self.net = eager(modeling_sam2.Sam2VisionModel, sam2_vision())
        self.fine, self.middle = nn.Conv2d(256, 32, 1), nn.Conv2d(256, 64, 1)
        self.no_memory = nn.Parameter(torch.empty(1, 256, 1, 1))

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = self.net(pixel_values=x).fpn_hidden_states
        fine, middle, coarse = sorted(maps, key=lambda m: -m.shape[-1])[:3]
        return [self.fine(fine), self.middle(middle), coarse + self.no_memory]


class Sam2Decoder(nn.Module):
    """Point prompt encoder and mask decoder; position and dense embeddings are constants of the graph."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.net = eager(modeling_sam2.Sam2MaskDecoder, hf.Sam2MaskDecoderConfig())
        self.place, self.dense = (nn.Parameter(torch.empty(1, 256, side, side)) for _ in range(2))
        self.gaussian, self.labels = nn.Parameter(torch.empty(2, 128)), nn.Parameter(torch.empty(1, 1, 1, 256))

    def forward(self, coarse: Tensor, middle: Tensor, fine: Tensor, points: Tensor) -> list[Tensor]:
        angle = (2 * points / 1024 - 1) @ self.gaussian * 6.2832
        sparse = torch.cat([angle.sin(), angle.cos()], -1) + self.labels
        masks, scores, *_ = self.net(
            image_embeddings=coarse, image_positional_embeddings=self.place, sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=self.dense, multimask_output=True, high_resolution_features=[fine, middle])
        return [masks, scores]


def sam_vision(size: str) -> Any:
    """SAM (Kirillov et al., 2023) image encoders."""
    hidden, layers, heads, spread = {"b": (768, 12, 12, [2, 5, 8, 11]), "l": (1024, 24, 16, [5, 11, 17, 23])}[size]
    return hf.SamVisionConfig(hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads,
                              global_attn_indexes=spread, mlp_dim=4 * hidden)


class SamDecoder(nn.Module):
    """SAM mask decoder on one 64x64 embedding and two points."""

    def __init__(self) -> None:
        super().__init__()
        self.net = eager(modeling_sam.SamMaskDecoder, hf.SamMaskDecoderConfig())
        self.place, self.dense = (nn.Parameter(torch.empty(1, 256, 64, 64)) for _ in range(2))

    def forward(self, coarse: Tensor, sparse: Tensor) -> list[Tensor]:
        masks, scores, *_ = self.net(
            image_embeddings=coarse, image_positional_embeddings=self.place, sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=self.dense, multimask_output=True)
        return [masks, scores]


def rf_detr() -> Any:
    """RF-DETR base (Robinson et al., 2025): windowed DINOv2-S and a three-layer deformable decoder."""
    backbone = hf.RfDetrDinov2Config(
        hidden_size=384, num_attention_heads=6, num_hidden_layers=12, image_size=560, patch_size=14, num_windows=4,
        out_indices=[2, 5, 8, 11], use_mask_token=False)
    backbone._attn_implementation = "eager"
    return hf.RfDetrConfig(backbone_config=backbone, num_labels=91, group_detr=1)


def catalogue() -> Catalogue:
    """Promptable and query-based models, keyed by (model, component)."""
    side = 1024  # a 720p picture is resized to 1024x1024 before the encoder
    return {
        ("sam2", "SAM2Encoder"): on_image(Sam2Encoder, side),
        ("sam2", "SAM2Decoder"): lambda: (Sam2Decoder(side // 16), (
            tensor(1, 256, side // 16, side // 16), tensor(1, 64, side // 8, side // 8),
            tensor(1, 32, side // 4, side // 4), tensor(1, 1, 2, 2))),
        ("sam", "SAMEncoder"): lambda: (Outputs(
            eager(modeling_sam.SamVisionModel, sam_vision("b")), ("pixel_values",), ("last_hidden_state",)), (image(1024),)),
        ("sam", "SAMDecoder"): lambda: (SamDecoder(), (tensor(1, 256, 64, 64), tensor(1, 1, 2, 256))),
        ("rf_detr", "RF-DETR"): lambda: (Outputs(
            eager(hf.RfDetrForObjectDetection, rf_detr()), ("pixel_values",), ("logits", "pred_boxes")), (image(560),)),
        ("mobilesam", "MobileSamDecoder"): lambda: (SamDecoder(), (tensor(1, 256, 64, 64), tensor(1, 1, 2, 256))),
    }
