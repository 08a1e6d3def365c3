"""Names as people know them, for the short names in the price lists."""

from __future__ import annotations

import re
from typing import Final

_PROVIDERS: Final = {
    "anthropic": "Anthropic",
    "aws": "AWS",
    "azure": "Azure",
    "azure_ai": "Azure",
    "bedrock": "Amazon Bedrock",
    "bedrock_converse": "Amazon Bedrock",
    "cohere": "Cohere",
    "cohere_chat": "Cohere",
    "cr8dl": "CR8DL",
    "cudo": "CUDO",
    "dashscope": "Alibaba Cloud",
    "dataoorts": "Dataoorts",
    "deepgram": "Deepgram",
    "deepseek": "DeepSeek",
    "digitalocean": "DigitalOcean",
    "elevenlabs": "ElevenLabs",
    "exoscale": "Exoscale",
    "fluidstack": "FluidStack",
    "gcp": "Google Cloud",
    "gemini": "Google Gemini",
    "google": "Google",
    "groq": "Groq",
    "hetzner": "Hetzner",
    "hyperstack": "Hyperstack",
    "jarvislabs": "Jarvislabs",
    "lambda": "Lambda",
    "latitudesh": "Latitude.sh",
    "meta": "Meta",
    "minimax": "MiniMax",
    "mistral": "Mistral",
    "moonshot": "Moonshot",
    "nebius": "Nebius",
    "novita": "Novita",
    "novonimbus": "Novonimbus",
    "oblivus": "Oblivus",
    "oci": "Oracle Cloud",
    "openai": "OpenAI",
    "ovhcloud": "OVHcloud",
    "paperspace": "Paperspace",
    "runpod": "RunPod",
    "scaleway": "Scaleway",
    "seeweb": "Seeweb",
    "sfcompute": "SF Compute",
    "together_ai": "Together AI",
    "verda": "Verda",
    "xai": "xAI",
    "zai": "Z.ai",
}


def provider_name(short: str) -> str:
    """A provider's name as people know it."""
    return _PROVIDERS.get(short, short)


def model_name(id: str) -> str:
    """A model's name without the marks of one seller's list: "amazon.nova-micro-v1:0" is nova-micro-v1."""
    return re.sub(r"^[a-z]+\.(?=[a-z])|:\d+$", "", id)
