"""Reading models.dev: its repository as a folder or archive of TOML files, or its published api.json."""

import json
import posixpath
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelreg_cli.errors import ModelregError
from modelreg_cli.importers import files
from modelreg_cli.importers.draft import Refusal
from modelreg_cli.importers.linking.ids import HUB
from modelreg_cli.importers.models_dev.shape import BaseFacts, Misshapen, OfferingFacts, ProviderFacts, shaped

REPOSITORY = "https://github.com/anomalyco/models.dev"
PUBLISHED = "https://models.dev/api.json"


@dataclass(frozen=True, slots=True)
class Base:
    """A file of models/: `key` is upstream's id, publisher/id."""

    publisher: str
    id: str
    facts: BaseFacts
    url: str

    @property
    def key(self) -> str:
        """Upstream's id of it."""
        return f"{self.publisher}/{self.id}"

    @property
    def name(self) -> str:
        """Its name for people."""
        return self.facts.name

    @property
    def release_date(self) -> str | None:
        """Its day of release, as upstream says."""
        return self.facts.release_date

    @property
    def last_updated(self) -> str | None:
        """The day of its last change, as upstream says."""
        return self.facts.last_updated

    @property
    def repository(self) -> str | None:
        """The Hugging Face repository of its own weights, Org/Name."""
        return next((repo for repo, quantization in self.repositories() if quantization is None), None)

    def repositories(self) -> list[tuple[str, str | None]]:
        """All its Hugging Face repositories, each with the quantization that upstream names."""
        found = []
        for weights in self.facts.weights:
            rest = weights.url.removeprefix(HUB).strip("/")
            if weights.url.startswith(HUB) and rest.count("/") == 1 and not re.search(r"[\s?#@]", rest):
                found.append((rest, weights.quantization.lower() if weights.quantization else None))
        return found


@dataclass(frozen=True, slots=True)
class Listing:
    """One model of one provider: the wire id is what the provider's API wants."""

    provider: str
    wire_id: str
    facts: OfferingFacts
    url: str


@dataclass(frozen=True, slots=True)
class Seller:
    """A provider."""

    id: str
    facts: ProviderFacts
    url: str


@dataclass(frozen=True, slots=True)
class Upstream:
    """Everything that one source holds, in its own words. `refused` are subjects (group, id) that could not be read."""

    bases: tuple[Base, ...]
    sellers: tuple[Seller, ...]
    listings: tuple[Listing, ...]
    refusals: tuple[Refusal, ...]
    observed: str
    has_bases: bool
    unread: frozenset[tuple[str, str]] = frozenset()


def read(source: Path, observed: str | None, revision: str | None, today: str) -> Upstream:
    """The source, whichever of its three forms it has.

    Raises:
        ModelregError: it can not be read, or holds nothing of models.dev.
    """
    if source.is_file() and source.suffix == ".json":
        return _published(source, observed, today)
    found = files.read(source, ".toml")
    contents, dangling = _from_top(found)
    if not contents:
        raise ModelregError(
            f"{source} holds no providers/*/provider.toml", "name the top of the models.dev repository, or an archive of it"
        )
    return _Toml(files.day_of(observed, found, today), revision or found.revision).read(contents, dangling)


def _from_top(found: files.Files) -> tuple[dict[str, bytes], dict[str, str]]:
    """Paths below the folder that holds providers/ (a forge's archives put everything into one folder)."""
    tops = {
        path.rsplit("providers/", 1)[0] for path in found.contents if posixpath.basename(path) == "provider.toml" and path.count("/") >= 2
    }
    if not tops:
        return {}, {}
    top = min(tops, key=lambda prefix: (prefix.count("/"), prefix))
    return (
        {path[len(top) :]: raw for path, raw in found.contents.items() if path.startswith((f"{top}providers/", f"{top}models/"))},
        {path[len(top) :]: to for path, to in found.dangling.items() if path.startswith((f"{top}providers/", f"{top}models/"))},
    )


class _Toml:
    def __init__(self, observed: str, revision: str | None) -> None:
        self._observed = observed
        self._revision = revision
        self._refusals: list[Refusal] = []
        self._unread: set[tuple[str, str]] = set()

    def read(self, contents: dict[str, bytes], dangling: dict[str, str]) -> Upstream:
        bases, sellers, listings = [], [], []
        for path, raw in files.below(contents, "models"):
            publisher, _, rest = path.partition("/")
            base = self._shaped(BaseFacts, f"models/{path}", raw, publisher, f"models/{path.removesuffix('.toml')}")
            if base:
                bases.append(Base(publisher, rest.removesuffix(".toml"), base, self._url(f"models/{path}")))
        for path, raw in files.below(contents, "providers"):
            provider, _, rest = path.partition("/")
            wire_id = rest.removeprefix("models/").removesuffix(".toml")
            if rest == "provider.toml":
                seller = self._shaped(ProviderFacts, f"providers/{path}", raw, provider, f"providers/{provider}")
                if seller:
                    sellers.append(Seller(provider, seller, self._url(f"providers/{path}")))
            elif rest.startswith("models/"):
                listing = self._shaped(OfferingFacts, f"providers/{path}", raw, provider, wire_id)
                if listing:
                    listings.append(Listing(provider, wire_id, listing, self._url(f"providers/{path}")))
        self._tell_dangling(dangling)
        return Upstream(tuple(bases), tuple(sellers), tuple(listings), tuple(self._refusals), self._observed, True, frozenset(self._unread))

    def _shaped(self, shape: Any, path: str, raw: bytes, group: str, subject: str) -> Any:
        try:
            return shaped(shape, tomllib.loads(raw.decode("utf-8")))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            self._refuse(group, subject, "unreadable", f"{path} is not TOML: {error}"[:1000])
        except Misshapen as error:
            self._refuse(group, subject, "not-understood", f"{path}: {error}")
        return None

    def _refuse(self, group: str, subject: str, reason: str, detail: str) -> None:
        self._refusals.append(Refusal(group, subject, reason, detail))
        self._unread.add((group, subject))

    def _tell_dangling(self, dangling: dict[str, str]) -> None:
        for path, target in sorted(dangling.items()):
            top, _, rest = path.partition("/")
            group, _, below = rest.partition("/")
            subject = below.removeprefix("models/").removesuffix(".toml") if top == "providers" else path.removesuffix(".toml")
            self._refuse(group, subject, "dangling-link", f"a link to {target}, where there is no file")

    def _url(self, path: str) -> str:
        return f"{REPOSITORY}/blob/{self._revision}/{path}".replace(" ", "%20") if self._revision else REPOSITORY


def _published(source: Path, observed: str | None, today: str) -> Upstream:
    content, day = _json(source), files.day_of(observed, files.Files({}), today)
    sellers: list[Seller] = []
    listings: list[Listing] = []
    refused: list[Refusal] = []
    for provider, item in sorted(content.items()):
        models = item.get("models") if isinstance(item, dict) else None
        rest = {key: value for key, value in item.items() if key != "models"} if isinstance(item, dict) else item
        try:
            sellers.append(Seller(provider, shaped(ProviderFacts, rest), PUBLISHED))
        except Misshapen as error:
            refused.append(Refusal(provider, f"providers/{provider}", "not-understood", str(error)))
        for wire_id, value in sorted(models.items()) if isinstance(models, dict) else ():
            try:
                listings.append(Listing(provider, wire_id, shaped(OfferingFacts, value), PUBLISHED))
            except Misshapen as error:
                refused.append(Refusal(provider, wire_id, "not-understood", str(error)))
    unread = frozenset((refusal.group, refusal.subject) for refusal in refused)
    return Upstream((), tuple(sellers), tuple(listings), tuple(refused), day, False, unread)


def _json(source: Path) -> dict[str, Any]:
    if source.stat().st_size > files.MAX_JSON:
        raise ModelregError(f"{source.name} has more than {files.MAX_JSON:,} bytes", "is it the right file?")
    try:
        content = json.loads(source.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ModelregError(f"{source.name} is not JSON: {error}", "fetch it again from models.dev/api.json") from None
    if not isinstance(content, dict) or not any(isinstance(item, dict) and "models" in item for item in content.values()):
        raise ModelregError(f"{source.name} is not models.dev's api.json", "it maps a provider to its name and its models")
    return content
