"""The table of importers: name -> importer."""

from modelreg_cli.errors import ModelregError, did_you_mean, listed
from modelreg_cli.importers.discovery.anthropic import Anthropic
from modelreg_cli.importers.discovery.ollama import Ollama
from modelreg_cli.importers.discovery.openai import OpenAI
from modelreg_cli.importers.draft import Importer
from modelreg_cli.importers.genai_prices.importer import GenaiPrices
from modelreg_cli.importers.huggingface.importer import HuggingFace
from modelreg_cli.importers.litellm.importer import LiteLLM
from modelreg_cli.importers.models_dev.importer import ModelsDev
from modelreg_cli.importers.weights.gguf import GgufFile
from modelreg_cli.importers.weights.safetensors import SafetensorsFile

_PUBLISHED: tuple[Importer, ...] = (HuggingFace(), ModelsDev(), LiteLLM(), GenaiPrices(), GgufFile(), SafetensorsFile())
_RUNNING: tuple[Importer, ...] = (Ollama(), OpenAI(), Anthropic())
all_importers: dict[str, Importer] = {importer.name: importer for importer in (*_PUBLISHED, *_RUNNING)}


def importer_called(name: str) -> Importer:
    """The importer of a name.

    Raises:
        ModelregError: there is none.
    """
    if name not in all_importers:
        raise ModelregError(
            f"no importer is called {name!r}", did_you_mean(name, all_importers) or f"one of: {listed(sorted(all_importers))}"
        )
    return all_importers[name]
