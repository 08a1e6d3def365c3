"""Published transformer configurations built with Hugging Face transformers (random weights, eager attention)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import transformers as hf
from torch import Tensor, nn
from transformers import masking_utils

from catalogs.build.networks.accelerator_zoo.meta import Builder, Catalogue, image, tensor, tokens

SEQUENCE = 384
# An image's pixel mask is all ones; deciding so needs data, which meta tensors lack.
masking_utils._ignore_bidirectional_mask_sdpa = lambda *_, **__: True


class Outputs(nn.Module):
    """Call a transformers model by keyword and return only its named tensors, as the export does."""

    def __init__(self, net: nn.Module, inputs: tuple[str, ...], outputs: tuple[str, ...], **fixed: Any) -> None:
        super().__init__()
        self.net, self.inputs, self.outputs, self.fixed = net, inputs, outputs, fixed

    def forward(self, *values: Tensor) -> list[Tensor]:
        result = self.net(**dict(zip(self.inputs, values, strict=True)), **self.fixed)
        return [getattr(result, name) for name in self.outputs]


class MaskedText(nn.Module):
    """A text encoder whose 0/1 padding mask is turned into an additive one inside the graph."""

    def __init__(self, net: nn.Module, output: str) -> None:
        super().__init__()
        self.net, self.output = net, output

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        additive = (1.0 - mask[:, None, None, :].float()) * -1e4
        return getattr(self.net(input_ids=ids, attention_mask=additive), self.output)


def eager(net_class: type[nn.Module], config: Any) -> nn.Module:
    """Build a model whose attention is written out as two matrix products and a softmax."""
    config._attn_implementation = "eager"
    return net_class(config)


def thaw(net: nn.Module) -> nn.Module:
    """Replace DETR's frozen batch norms by ordinary ones, so that they count as (foldable) batch norms."""
    for name, child in net.named_children():
        if "FrozenBatchNorm" in type(child).__name__:
            setattr(net, name, nn.BatchNorm2d(child.weight.numel()))
        else:
            thaw(child)
    return net


def on_text(net_class: type[nn.Module], config: Callable[[], Any], output: str, length: int = SEQUENCE) -> Builder:
    """A text encoder on one padded sequence (ids and mask)."""
    def build() -> tuple[nn.Module, tuple[Tensor, ...]]:
        return MaskedText(eager(net_class, config()), output), (tokens(length), tokens(length))
    return build


def on_pixels(net_class: type[nn.Module], config: Callable[[], Any], outputs: tuple[str, ...], height: int,
              width: int | None = None, **fixed: Any) -> Builder:
    """A vision model on one image."""
    return lambda: (
        thaw(Outputs(eager(net_class, config()), ("pixel_values",), outputs, **fixed)), (image(height, width),))


def albert_base() -> Any:
    """ALBERT base v2 (Lan et al., 2020): one shared layer applied twelve times."""
    return hf.AlbertConfig(vocab_size=30000, embedding_size=128, hidden_size=768, num_hidden_layers=12,
                           num_attention_heads=12, intermediate_size=3072, hidden_act="gelu_new")


def bert(layers: int = 12, hidden: int = 768) -> Any:
    """BERT (Devlin et al., 2019)."""
    return hf.BertConfig(num_hidden_layers=layers, hidden_size=hidden, intermediate_size=4 * hidden,
                         num_attention_heads=hidden // 64)


def electra(hidden: int = 768, embedding: int = 768, heads: int = 12, inner: int = 3072) -> Any:
    """ELECTRA discriminator (Clark et al., 2020)."""
    return hf.ElectraConfig(hidden_size=hidden, embedding_size=embedding, num_attention_heads=heads,
                            intermediate_size=inner)


def nomic() -> Any:
    """Nomic Embed v1.5 (Nussbaum et al., 2024): rotary BERT with SwiGLU and no biases."""
    return hf.NomicBertConfig(vocab_size=30528, hidden_size=768, num_hidden_layers=12, num_attention_heads=12,
                              intermediate_size=3072, max_position_embeddings=2048)


def beit_base() -> Any:
    """BEiT base (Bao et al., 2022) with per-layer relative position bias."""
    return hf.BeitConfig(num_labels=1000, use_relative_position_bias=True, use_absolute_position_embeddings=False,
                         use_shared_relative_position_bias=False, use_mean_pooling=True, use_mask_token=False)


def video_mae() -> Any:
    """VideoMAE base (Tong et al., 2022), Kinetics-400 classifier."""
    return hf.VideoMAEConfig(num_labels=400)


def segformer(depths: list[int], widths: list[int], decoder: int) -> Any:
    """SegFormer (Xie et al., 2021) with the ADE20K head."""
    return hf.SegformerConfig(depths=depths, hidden_sizes=widths, decoder_hidden_size=decoder, num_labels=150)


def depth_anything(size: str = "small") -> Any:
    """Depth Anything v1/v2 (Yang et al., 2024): DINOv2 ViT with a DPT head."""
    hidden, heads, layers, fused, necks, stages = {
        "small": (384, 6, 12, 64, [48, 96, 192, 384], [9, 10, 11, 12]),
        "base": (768, 12, 12, 128, [96, 192, 384, 768], [9, 10, 11, 12]),
        "large": (1024, 16, 24, 256, [256, 512, 1024, 1024], [21, 22, 23, 24])}[size]
    backbone = hf.Dinov2Config(image_size=518, patch_size=14, hidden_size=hidden, num_attention_heads=heads,
                               num_hidden_layers=layers, out_indices=stages, apply_layernorm=True,
                               reshape_hidden_states=False)
    backbone._attn_implementation = "eager"
    return hf.DepthAnythingConfig(backbone_config=backbone, reassemble_hidden_size=hidden, patch_size=14,
                                  neck_hidden_sizes=necks, fusion_hidden_size=fused, head_in_index=-1)


def detr(net: str, dc5: bool = False, conditional: bool = False) -> Any:
    """DETR (Carion et al., 2020) or Conditional DETR (Meng et al., 2021) on a timm ResNet."""
    config = hf.ConditionalDetrConfig if conditional else hf.DetrConfig
    return config(use_timm_backbone=True, backbone=net, use_pretrained_backbone=False, dilation=dc5, num_labels=91,
                  num_queries=300 if conditional else 100)


def clip(patch: int = 16) -> Any:
    """CLIP ViT-B (Radford et al., 2021)."""
    config = hf.CLIPConfig(vision_config={"patch_size": patch}, text_config={})
    for part in (config, config.vision_config, config.text_config):
        part._attn_implementation = "eager"
    return config


class ClipBoth(nn.Module):
    """Image and text towers with their similarity, one graph as the zoo exports it."""

    def __init__(self, patch: int = 16) -> None:
        super().__init__()
        self.net = hf.CLIPModel(clip(patch))

    def forward(self, pixels: Tensor, ids: Tensor) -> Tensor:
        return self.net(input_ids=ids, pixel_values=pixels).logits_per_image


def opus_mt() -> Any:
    """OPUS-MT (Tiedemann & Thottingal, 2020): Marian base, six and six layers."""
    return hf.MarianConfig(vocab_size=65001, d_model=512, encoder_layers=6, decoder_layers=6,
                           encoder_attention_heads=8, decoder_attention_heads=8, encoder_ffn_dim=2048,
                           decoder_ffn_dim=2048, pad_token_id=65000, scale_embedding=True,
                           activation_function="swish", static_position_embeddings=True)


def wavlm() -> Any:
    """WavLM base plus (Chen et al., 2022)."""
    return hf.WavLMConfig()


def text_models() -> Catalogue:
    """BERT-like encoders."""
    return {
        ("albert_base_v2_hf", "Albert-Base-V2-Hf"): on_text(hf.AlbertForMaskedLM, albert_base, "logits"),
        ("bert_base_uncased_hf", "Bert-Base-Uncased-Hf"): on_text(hf.BertForMaskedLM, bert, "logits"),
        ("bert_large_uncased_hf", "Bert-Large-Uncased-Hf"): on_text(
            hf.BertForMaskedLM, lambda: bert(24, 1024), "logits"),
        ("distil_bert_base_uncased_hf", "Distil-Bert-Base-Uncased-Hf"): on_text(
            hf.DistilBertForMaskedLM, hf.DistilBertConfig, "logits"),
        ("electra_bert_base_discrim_google", "Electra-Bert-Base-Discrim-Google"): on_text(
            hf.ElectraForPreTraining, electra, "logits"),
        ("electra_bert_small_discrim_google", "Electra-Bert-Small-Discrim-Google"): on_text(
            hf.ElectraForPreTraining, lambda: electra(256, 128, 4, 1024), "logits"),
        ("mobile_bert_uncased_google", "Mobile-Bert-Uncased-Google"): on_text(
            hf.MobileBertForMaskedLM, hf.MobileBertConfig, "logits"),
        ("nomic_embed_text", "Nomic-Embed-Text"): on_text(hf.NomicBertModel, nomic, "last_hidden_state", 128),
        ("minilm_v2", "MiniLM-v2"): on_text(
            hf.BertModel, lambda: hf.BertConfig(hidden_size=384, num_hidden_layers=6, intermediate_size=1536),
            "last_hidden_state", 128),
        ("opus_mt", "OpusMTEncoder"): on_text(
            hf.models.marian.modeling_marian.MarianEncoder, opus_mt, "last_hidden_state", 256),
    }


def vision_models() -> Catalogue:
    """Image and video models."""
    found: Catalogue = {
        ("beit", "Beit"): on_pixels(hf.BeitForImageClassification, beit_base, ("logits",), 224),
        ("segformer_base", "Segformer-Base"): on_pixels(
            hf.SegformerForSemanticSegmentation, lambda: segformer([2, 2, 2, 2], [32, 64, 160, 256], 256),
            ("logits",), 512),
        ("segformer_b2", "Segformer-B2"): on_pixels(
            hf.SegformerForSemanticSegmentation, lambda: segformer([3, 4, 6, 3], [64, 128, 320, 512], 768),
            ("logits",), 512),
        ("video_mae", "Video-MAE"): lambda: (
            Outputs(eager(hf.VideoMAEForVideoClassification, video_mae()), ("pixel_values",), ("logits",)),
            (tensor(1, 16, 3, 224, 224),)),
        ("openai_clip", "OpenAI-Clip"): lambda: (ClipBoth(), (image(224), tokens(77))),
        ("huggingface_wavlm_base_plus", "HuggingFace-WavLM-Base-Plus"): lambda: (
            Outputs(eager(hf.WavLMModel, wavlm()), ("input_values",), ("last_hidden_state",)), (tensor(1, 80000),)),
        ("dinov2_small", "DinoV2-Small"): on_pixels(
            hf.Dinov2Model, lambda: hf.Dinov2Config(hidden_size=384, num_attention_heads=6, image_size=518,
                                                    patch_size=14), ("last_hidden_state",), 518),
        ("yolos_tiny", "YOLOS-Tiny"): on_pixels(
            hf.YolosForObjectDetection, lambda: hf.YolosConfig(
                hidden_size=192, num_attention_heads=3, intermediate_size=768, image_size=[512, 864],
                use_mid_position_embeddings=False, num_labels=91), ("logits", "pred_boxes"), 512, 864),
    }
    for model, name in (("depth_anything", "Depth-Anything"), ("depth_anything_v2", "Depth-Anything-V2")):
        found[model, name] = on_pixels(hf.DepthAnythingForDepthEstimation, depth_anything, ("predicted_depth",), 518)
    found["depth_anything_v2_base", "Depth-Anything-V2-Base"] = on_pixels(
        hf.DepthAnythingForDepthEstimation, lambda: depth_anything("base"), ("predicted_depth",), 518)
    boxes = ("logits", "pred_boxes")
    for depth in ("50", "101"):
        for suffix, dc5 in (("", False), ("-DC5", True)):
            model = f"detr_resnet{depth}{suffix.lower().replace('-', '_')}"
            found[model, f"DETR-ResNet{depth}{suffix}"] = on_pixels(
                hf.DetrForObjectDetection, lambda d=depth, c=dc5: detr(f"resnet{d}", c), boxes, 480)
    found["conditional_detr_resnet50", "Conditional-DETR-ResNet50"] = on_pixels(
        hf.ConditionalDetrForObjectDetection, lambda: detr("resnet50", conditional=True), boxes, 480)
    return found


def catalogue() -> Catalogue:
    """All transformers-built architectures, keyed by (model, component)."""
    return {**text_models(), **vision_models()}
