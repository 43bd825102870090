"""The hub's words in those of the catalog."""

import re
from typing import Any

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.license import License
from modelreg_cli.entities.vocabulary import Vocabulary

#: The hub's own names of licences that are neither an id here nor an SPDX id.
#: https://huggingface.co/docs/hub/repositories-licenses
_LICENSES = {
    "llama2": "llama-2-community",
    "llama3": "llama-3-community",
    "llama3.1": "llama-3.1-community",
    "llama3.2": "llama-3.2-community",
    "llama3.3": "llama-3.3-community",
    "llama4": "llama-4-community",
    "bigscience-openrail-m": "bigscience-openrail-m",
    "bigcode-openrail-m": "bigcode-openrail-m-v1",
    "gemma": "gemma",
    "stabilityai-ai-community": "stability-ai-community",
}
_RELATIONS = {"finetune": "finetune", "adapter": "adapter", "merge": "merge", "quantized": "quantized"}
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]+)*\Z")
#: Pipelines of the hub -> what goes in and what comes out. https://huggingface.co/tasks
_MODALITIES = {
    "text-generation": ("text", "text"), "text2text-generation": ("text", "text"), "fill-mask": ("text", "text"),
    "question-answering": ("text", "text"), "summarization": ("text", "text"), "translation": ("text", "text"),
    "image-text-to-text": ("text image", "text"), "audio-text-to-text": ("text audio", "text"),
    "video-text-to-text": ("text video", "text"),
    "automatic-speech-recognition": ("audio", "text"), "text-to-speech": ("text", "audio"), "text-to-image": ("text", "image"),
    "text-to-video": ("text", "video"), "image-to-text": ("image", "text"),
}  # fmt: skip


def license_of(card: dict[str, Any], catalog: Catalog) -> tuple[str | None, str | None]:
    """(id of a licence of the catalog, the card's own word): by id, by SPDX id, by the hub's name, by its name in the card."""
    told = card.get("license")
    words = [word for word in (told if isinstance(told, list) else [told], card.get("license_name")) if word]
    flat = [item for word in words for item in (word if isinstance(word, list) else [word]) if isinstance(item, str)]
    known = catalog.entities(License)
    by_spdx = {license_.spdx.lower(): id_ for id_, license_ in known.items()}
    for word in reversed(flat):  # `other` with a name of its own: the name says it
        name = _LICENSES.get(word.lower(), word.lower())
        if name in known:
            return name, word
        if name in by_spdx:
            return by_spdx[name], word
    return None, flat[-1] if flat else None


def words_of(catalog: Catalog, vocabulary: str, told: list[str]) -> list[str]:
    """Words of a vocabulary that the hub's words mean, by themselves or as their aliases."""
    found = catalog.get(Vocabulary, vocabulary)
    terms = found.terms if found else {}
    meant = {alias: word for word, term in terms.items() for alias in (word, *(term.aliases or ()))}
    return list(dict.fromkeys(meant[word] for word in told if word in meant))


def modalities_of(pipeline: str | None) -> dict[str, list[str]] | None:
    """What goes in and comes out, where the pipeline says it."""
    if pipeline not in _MODALITIES:
        return None
    given, made = _MODALITIES[pipeline]
    return {"input": given.split(), "output": made.split()}


def languages_of(card: dict[str, Any]) -> list[str] | None:
    """Codes of the languages that the card names; other words, such as `multilingual`, are none."""
    told = card.get("language")
    codes = [code for code in (told if isinstance(told, list) else [told]) if isinstance(code, str) and _LANGUAGE.match(code)]
    return sorted(set(codes)) or None


def relation_of(card: dict[str, Any], tags: list[str]) -> str | None:
    """How the repository was made from its base model; the hub works it out where the card is silent, and tells it as a tag."""
    told = card.get("base_model_relation")
    if isinstance(told, str) and told in _RELATIONS:
        return _RELATIONS[told]
    found = {relation for relation in _RELATIONS for tag in tags if tag.startswith(f"base_model:{relation}:")}
    return _RELATIONS[next(iter(found))] if len(found) == 1 else None
