"""Whom LiteLLM means by `litellm_provider`, and what stands before a wire id in the names of its entries.

A provider's file may say it itself, by the alias litellm:<name>; a provider that has LiteLLM's name needs no line here.
"""

import re
from typing import NamedTuple

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.offering import Provider

_NAMESPACE = "litellm:"


class Meant(NamedTuple):
    """Our provider; `before` is what may stand before the wire id; `flat`: an id of theirs never has a slash.

    `slashed` is the provider of those names that have one, where that is another. A name below a region (`eu/`) is a price there.
    """

    provider: str
    before: str = ""
    flat: bool = False
    slashed: str = ""


_VERTEX = Meant("google-vertex", "vertex_ai/")
_BEDROCK = Meant("amazon-bedrock", "bedrock/", flat=True)
MEANT = {
    "abliteration": Meant("abliteration-ai"),
    "amazon_nova": Meant("nova", "amazon-nova/"),
    "anthropic": Meant("anthropic", flat=True),
    "azure": Meant("azure", flat=True),
    "azure_ai": Meant("azure", flat=True),
    "bedrock": _BEDROCK,
    "bedrock_converse": _BEDROCK,
    "bedrock_mantle": Meant("amazon-bedrock", "bedrock_mantle/", flat=True),
    "bigmodel": Meant("zhipuai"),
    "cloudflare": Meant("cloudflare-workers-ai"),
    "cohere_chat": Meant("cohere", "cohere_chat/"),
    "dashscope": Meant("alibaba"),
    "fireworks_ai": Meant("fireworks-ai"),
    "fireworks_ai-embedding-models": Meant("fireworks-ai", "fireworks_ai/"),
    "friendliai": Meant("friendli"),
    "gemini": Meant("google", flat=True),
    "github_copilot": Meant("github-copilot"),
    "gmi": Meant("gmicloud"),
    "gradient_ai": Meant("digitalocean"),
    "meta_llama": Meant("llama"),
    "moonshot": Meant("moonshotai"),
    "novita": Meant("novita-ai"),
    "nvidia_nim": Meant("nvidia"),
    "openai": Meant("openai", flat=True),
    "opencode_go": Meant("opencode-go"),
    "perplexity": Meant("perplexity", slashed="perplexity-agent"),
    "snowflake": Meant("snowflake-cortex"),
    "text-completion-openai": Meant("openai", "text-completion-openai/", flat=True),
    "together_ai": Meant("togetherai"),
    "vercel_ai_gateway": Meant("vercel"),
    "vertex_ai": _VERTEX,
    "vertex_ai-ai21_models": _VERTEX,
    "vertex_ai-anthropic_models": Meant("google-vertex-anthropic", "vertex_ai/"),
    "vertex_ai-deepseek_models": _VERTEX,
    "vertex_ai-embedding-models": _VERTEX,
    "vertex_ai-image-models": _VERTEX,
    "vertex_ai-language-models": _VERTEX,
    "vertex_ai-llama_models": _VERTEX,
    "vertex_ai-minimax_models": _VERTEX,
    "vertex_ai-mistral_models": _VERTEX,
    "vertex_ai-moonshot_models": _VERTEX,
    "vertex_ai-openai_models": _VERTEX,
    "vertex_ai-qwen_models": _VERTEX,
    "vertex_ai-video-models": _VERTEX,
    "vertex_ai-zai_models": _VERTEX,
}
_REGION = re.compile(r"(eu|us|us-gov|au|uk|jp|apac|[a-z]{2}-(?:gov-)?[a-z]+-[0-9])/(.+)\Z")


class Wire(NamedTuple):
    """A provider of ours, what its API wants, and the region that a price is of."""

    provider: str
    id: str
    region: str | None


class Providers:
    """Finds the provider of an entry in one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._ids = frozenset(catalog.entities(Provider))
        self._aliases = {
            alias.removeprefix(_NAMESPACE): Meant(id_)
            for id_, provider in catalog.entities(Provider).items()
            for alias in provider.aliases or ()
            if alias.startswith(_NAMESPACE)
        }

    def meant(self, name: str) -> Meant | None:
        """Whom an entry's provider means; None where the catalog has nobody of that name."""
        found = self._aliases.get(name) or MEANT.get(name) or Meant(name)
        return found if found.provider in self._ids else None

    def wire(self, key: str, name: str, meant: Meant) -> Wire | None:
        """The wire id of an entry; None where its name holds more than that."""
        rest = key.removeprefix(meant.before or f"{name}/")
        region = _REGION.match(rest) if meant.flat else None
        id_ = region[2] if region else rest
        if not id_ or (meant.flat and "/" in id_):
            return None
        provider = meant.slashed if meant.slashed in self._ids and "/" in id_ else meant.provider
        return Wire(provider, id_, region[1] if region else None)
