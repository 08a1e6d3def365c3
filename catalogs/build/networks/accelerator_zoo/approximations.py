"""Where an architecture or its input is a judgement rather than the published definition; the note beside its row."""
from __future__ import annotations

APPROXIMATE: dict[tuple[str, str], str] = {
    ("albert_base_v2_hf", "Albert-Base-V2-Hf"): "the stated count includes the pooler, which the masked-LM graph never runs",
    ("beit", "Beit"): "the stated count includes the twelve expanded position-bias constants (5.6 M)",
    ("video_mae", "Video-MAE"): "the stated count includes the constant sinusoidal position table (1.2 M)",
    ("mobile_bert_uncased_google", "Mobile-Bert-Uncased-Google"):
        "stated count is 25.3 M; with the masked-LM head (11.7 M, 4.5 GMAC) it is 36.6 M, stated file size lies between",
    ("yolov3", "Yolo-v3"): "guessed to be v3-tiny with the anchor-free head, from the layer count",
    ("gear_guard_net", "PPE-Detection"): "guessed to be YOLOv7-tiny with 2 classes, from parameter and layer counts",
    ("mediapipe_pose", "PoseDetector"): "block depths fitted to the stated parameters; input taken as 128x128",
    ("mediapipe_pose", "PoseLandmarkDetector"): "hand landmark network deepened to the stated parameters",
    ("mediapipe_selfie", "MediaPipe-Selfie-Segmentation"): "widths from memory; input taken as 256x256",
    ("mediapipe_face", "FaceLandmarkDetector"): "input taken as 192x192, the detector's is the listed 256x256",
    ("trocr", "TrOCREncoder"): "input taken as 384x384, the checkpoint's fixed size; the list says 320x320",
    ("sam2", "SAM2Encoder"): "input taken as 1024x1024, to which a 720p picture is resized",
    ("sam2", "SAM2Decoder"): "input taken as the 64x64 map of a 1024x1024 picture",
    ("easyocr", "EasyOCRRecognizer"): "input taken as 1x64x800; LSTM written as unrolled steps",
    ("deepbox", "VGG3DDetection"): "input taken as one 224x224 crop",
    ("detectron2_detection", "Detectron2ProposalGenerator"): "guessed to be the R50-C4 model, from the layer count; no top-k or NMS",
    ("depth_anything_v3", "Depth-Anything-V3"): "single view, depth head only",
    ("zipformer", "ZipformerEncoder"): "approximate layer; 9 % more parameters than stated",
    ("ddrnet23_slim", "DDRNet23-Slim"): "auxiliary head left out",
    ("pidnet", "PidNet"): "auxiliary heads left out",
    ("bevdet", "BEVDet"): "bird's-eye pooling written as one scatter-add",
    ("opus_mt", "OpusMTEncoder"): "generic 65k-token Marian, 256 tokens",
    **{(m, c): "stem and top-down head widths are approximate" for m, c in (
        ("ffnet_40s", "FFNet-40S"), ("ffnet_54s", "FFNet-54S"), ("ffnet_78s", "FFNet-78S"),
        ("ffnet_78s_lowres", "FFNet-78S-LowRes"), ("ffnet_122ns_lowres", "FFNet-122NS-LowRes"))},
}
