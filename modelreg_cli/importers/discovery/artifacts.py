"""Which artifact of the catalog a tag of Ollama is: by its bytes, by its name, by its repository."""

import re
from collections import defaultdict
from typing import Any, NamedTuple

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.importers.discovery.tags import Tag

_HUB = re.compile(r"(?:hf\.co|huggingface\.co)/([^/:]+/[^/:]+)(?::(.+))?\Z")


class Meant(NamedTuple):
    """What a tag is here, and by which rule; or a reason code and words why that is not certain, with candidates."""

    ref: str | None
    rule: str
    why: str = ""
    candidates: tuple[str, ...] = ()


class Artifacts:
    """Every artifact of a catalog, by its bytes, its repository and its Ollama aliases."""

    def __init__(self, catalog: Catalog) -> None:
        self._sums: dict[str, set[str]] = defaultdict(set)
        self._on_hub: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._aliases: dict[str, str] = {}
        self._counts: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._digests: dict[str, set[str]] = {}
        for ref, loaded in catalog.of("version").items():
            self._alias(ref, loaded.data)
            shape = loaded.data.get("architecture") or {}
            self._counts[str(shape.get("name")), (shape.get("parameters") or {}).get("total") or 0].add(ref)
            for one in loaded.data.get("artifacts") or ():
                self._artifact(f"{ref}#{one['id']}", one)
        for model, loaded in catalog.of("model").items():
            self._alias(f"{model}@{loaded.data.get('default', '')}", loaded.data)

    def meant(self, tag: Tag) -> Meant | None:
        """What the tag is, where bytes or an alias tell; None where they say nothing."""
        if tag.adapted:
            return Meant(None, "no-certain-link", "an adapter sits on its weights")
        same = self._sums.get(tag.weights or "", set())
        if len(same) == 1:
            return Meant(min(same), "digest")
        if same:
            return Meant(None, "no-certain-link", "several artifacts have its bytes", tuple(sorted(same)))
        hub = _HUB.match(tag.name)
        here = self._on_hub.get((hub[1].lower(), (hub[2] or "").lower()), set()) if hub else set()
        alias = next((self._aliases[name.lower()] for name in tag.names if name.lower() in self._aliases), None)
        ref, rule = (alias, "alias") if alias else (min(here), "repository") if len(here) == 1 else (None, "")
        if ref is None:
            return None
        if tag.weights and self._digests.get(ref):
            return Meant(None, "other-bytes", f"its weights are {tag.weights[:12]}..., which are not those of {ref}", (ref,))
        return Meant(ref, rule)

    def alike(self, tag: Tag) -> tuple[str, ...]:
        """Versions of its architecture with just as many parameters."""
        count, name = tag.info.get("general.parameter_count"), tag.info.get("general.architecture")
        return tuple(sorted(self._counts.get((name, count), ()))) if isinstance(count, int) and count and isinstance(name, str) else ()

    def _artifact(self, ref: str, one: dict[str, Any]) -> None:
        self._alias(ref, one)
        sums = {file["sha256"] for file in one.get("files") or () if "sha256" in file}
        self._digests[ref] = sums
        for digest in sums if one.get("format") == "gguf" else ():
            self._sums[digest].add(ref)
        found = re.match(r"hf://([^/@]+/[^/@]+)", one.get("uri") or "")
        if found and one.get("format") == "gguf":
            self._on_hub[found[1].lower(), str(one.get("quantization", "")).lower()].add(ref)

    def _alias(self, ref: str, data: dict[str, Any]) -> None:
        for alias in data.get("aliases") or ():
            if alias.startswith("ollama:"):
                self._aliases[alias.removeprefix("ollama:").lower()] = ref
