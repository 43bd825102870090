"""What an Ollama server has: its tags, and what it says of each."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.http import Client, HttpError, shown
from modelreg_cli.importers.discovery.reading import asked_json, id_of
from modelreg_cli.importers.draft import Request

_PORT = 11434
_FROM = re.compile(r"^FROM\s+\S*sha256[:-]([0-9a-f]{64})\s*$", re.MULTILINE | re.IGNORECASE)
_ADAPTER = re.compile(r"^ADAPTER\s", re.MULTILINE | re.IGNORECASE)
_SUM = re.compile(r"(?:sha256:)?([0-9a-f]{64})\Z")


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
