"""Names as people know them, for the short names in the price lists."""

from __future__ import annotations

from typing import Final

_PROVIDERS: Final = {
    "aws": "AWS", "azure": "Azure", "azure_ai": "Azure", "bedrock": "Amazon Bedrock", "bedrock_converse": "Amazon Bedrock",
    "cohere": "Cohere", "cohere_chat": "Cohere", "dashscope": "Alibaba Cloud", "deepgram": "Deepgram", "deepseek": "DeepSeek",
    "elevenlabs": "ElevenLabs", "gcp": "Google Cloud", "gemini": "Google Gemini", "google": "Google", "groq": "Groq", "minimax": "MiniMax",
    "mistral": "Mistral", "moonshot": "Moonshot", "nebius": "Nebius", "oci": "Oracle Cloud", "openai": "OpenAI", "ovhcloud": "OVHcloud",
    "scaleway": "Scaleway", "together_ai": "Together AI", "xai": "xAI", "zai": "Z.ai", "anthropic": "Anthropic", "meta": "Meta",
}  # fmt: skip


def provider_name(short: str) -> str:
    """A provider's name as people know it."""
    return _PROVIDERS.get(short, short)
