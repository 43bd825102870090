"""What an Ollama server has: its tags, and which bytes each of them stands for."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.http import Client, HttpError, shown
from modelreg_cli.importers.discovery.reading import asked_json, id_of
from modelreg_cli.importers.draft import Request

_PORT = 11434
_FROM = re.compile(r"^FROM\s+\S*sha256[:-]([0-9a-f]{64})\s*$", re.MULTILINE | re.IGNORECASE)
_ADAPTER = re.compile(r"^ADAPTER\s", re.MULTILINE | re.IGNORECASE)
_SUM = re.compile(r"(?:sha256:)?([0-9a-f]{64})\Z")
_HUB = re.compile(r"(?:hf\.co|huggingface\.co)/([^/:]+/[^/:]+)(?::(.+))?\Z")


class Tag(NamedTuple):
    """One tag: digest of its manifest, of its weights (where the server tells it), and what its header says."""

    name: str
    digest: str | None
    weights: str | None = None
    adapted: bool = False
    size: str | None = None
    capabilities: tuple[str, ...] = ()
    info: Mapping[str, Any] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The tag, and without `latest`, which goes without saying."""
        short = self.name.removesuffix(":latest")
        return (self.name,) if short == self.name else (self.name, short)

    @property
    def vector(self) -> int | None:
        """Numbers in a vector, of a model that embeds."""
        told = self.info.get(f"{self.info.get('general.architecture')}.embedding_length")
        return told if "embedding" in self.capabilities and isinstance(told, int) and not isinstance(told, bool) and told > 0 else None


def address(host: str) -> str:
    """OLLAMA_HOST, in all the forms that Ollama takes, as an address; empty: this machine.

    Raises:
        ModelregError: it is none.
    """
    scheme, mark, rest = host.strip().partition("://")
    scheme, rest, port = (scheme, rest, {"https": 443, "http": 80}.get(scheme, _PORT)) if mark else ("http", scheme, _PORT)
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        port = parts.port or port
    except ValueError:
        raise ModelregError(f"OLLAMA_HOST {host[:100]!r} is no address", "host, host:port, or http://host:port") from None
    name = parts.hostname or "127.0.0.1"
    name = "127.0.0.1" if name == "0.0.0.0" else name  # what a server listens on; a client asks this machine
    return f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}{parts.path.rstrip('/')}"


def release(client: Client, base: str) -> str | None:
    """The release that runs there, where it says so."""
    told = asked_json(client, f"{base}/api/version", "it wants no token of ours")
    version = told.get("version") if isinstance(told, dict) else None
    return id_of(version)


def tags(client: Client, base: str, request: Request) -> tuple[list[Tag], int]:
    """Every tag with what the server says of it, and how many entries name none.

    Raises:
        Unavailable: the server does not answer, or is no Ollama.
    """
    told = asked_json(client, f"{base}/api/tags", "it wants a token, which Ollama itself does not")
    entries = told.get("models") if isinstance(told, dict) else None
    if not isinstance(entries, list):
        raise Unavailable(f"{shown(base)} does not list models as Ollama does", "is it an Ollama server?")
    found: dict[str, Tag] = {}
    wrong = 0
    for done, entry in enumerate(entries):
        request.progress(done, len(entries))
        name = id_of(entry.get("model") or entry.get("name")) if isinstance(entry, dict) else None
        if name is None:
            wrong += 1
        elif name not in found:
            found[name] = _shown(client, base, name, _sum(entry.get("digest")))
    return list(found.values()), wrong


def _shown(client: Client, base: str, name: str, digest: str | None) -> Tag:
    """What a server shows of a tag; one that it lists and does not show is known by its name only."""
    try:
        told = client.request("POST", f"{base}/api/show", body={"model": name}, safe=True).json()
    except HttpError as error:
        if error.status not in (400, 404, 500):
            raise
        told = {}
    told = told if isinstance(told, dict) else {}
    file = str(told.get("modelfile", ""))
    weights = _FROM.search(file)
    details, info, can = told.get("details"), told.get("model_info"), told.get("capabilities")
    size = details.get("quantization_level") if isinstance(details, dict) else None
    return Tag(
        name,
        digest,
        weights[1].lower() if weights else None,
        _ADAPTER.search(file) is not None,
        size.lower() if isinstance(size, str) else None,
        tuple(word for word in can if isinstance(word, str)) if isinstance(can, list) else (),
        info if isinstance(info, dict) else {},
    )


def _sum(value: Any) -> str | None:
    found = _SUM.match(value) if isinstance(value, str) else None
    return found[1] if found else None


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
