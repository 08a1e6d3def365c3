"""Takes a folder of researched facts over into `catalogs/sources/`, compressed so that the bytes never vary.

usage: python -m catalogs.build.take_over FOLDER

This is run once for each new hand-over of data; everything after it needs only this repository.
"""

from __future__ import annotations

import lzma
import sys
from pathlib import Path

SOURCES = Path(__file__).parent.parent / "sources"
TAKEN = {
    "cloud": (
        "prices", "instance_types", "regions", "sources", "hosted_api", "hosted_classes", "hosted_services", "serverless",
        "egress", "electricity", "carbon", "fx", "price_drift",
    ),
    "chips": ("chips", "devices", "chip_aliases", "cloud_cpu_families", "contradictions", "crosscheck"),
    "inputs": (
        "labour", "failure", "outage", "upkeep", "mobile", "cold_start", "vat", "preproc", "volumes", "network", "network_city_region",
    ),
    "business": ("tco_components", "governance_map", "local_checks"),
    "evidence": (
        "published_public", "timm_public", "aihub_public", "aihub_llm", "ncnn_public", "ncnn_models", "models_public",
        "chip_id_map", "noise_floor", "anchors",
    ),
}  # fmt: skip


def main(folder: Path) -> None:
    """Compresses every table named in `TAKEN`, and the accelerator spellings, into the sources folder."""
    for group, names in TAKEN.items():
        for name in names:
            _pack(folder / group / f"{name}.csv", f"{name}.csv.xz")
    _pack(folder / "cloud" / "accelerators.json", "accelerators.json.xz")
    _pack(folder / "inputs" / "network_model.json", "network_model.json.xz")


def _pack(source: Path, name: str) -> None:
    packed = lzma.compress(source.read_bytes(), format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC32, preset=9 | lzma.PRESET_EXTREME)
    (SOURCES / name).write_bytes(packed)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
