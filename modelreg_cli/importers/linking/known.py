"""What a catalog has, under the names that a public catalog gives it: ids by alias, and models that it does not know."""

from collections.abc import Collection
from dataclasses import dataclass

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.model import Model
from modelreg_cli.entities.version import Version
from modelreg_cli.importers.linking.ids import Place, split


@dataclass(frozen=True, slots=True)
class Known:
    """A version under one of its public names."""

    publisher: str
    id: str
    model: Model
    version: Version
    place: Place

    @property
    def key(self) -> str:
        """publisher/id."""
        return f"{self.publisher}/{self.id}"

    @property
    def name(self) -> str:
        """Its name for people."""
        return self.version.name or self.model.name

    @property
    def release_date(self) -> str | None:
        """The day of its release."""
        return self.version.released

    @property
    def last_updated(self) -> str | None:
        """The day of its last change."""
        return self.version.updated

    @property
    def repository(self) -> str | None:
        """The Hugging Face repository of its own weights, Org/Name."""
        upstream = self.version.upstream
        return upstream.repo if upstream and upstream.hub == "huggingface" else None


def aliased(catalog: Catalog, namespace: str) -> dict[str, Known]:
    """Every version under its aliases of one namespace, and under those of the model whose default it is."""
    found: dict[str, Known] = {}
    versions, models = catalog.entities(Version), catalog.entities(Model)
    own: dict[str, str] = {}
    for ref, version in sorted(versions.items()):
        model_ref, _, id_ = ref.partition("@")
        model = models.get(model_ref)
        if model is None:
            continue
        keys = _keys(version.aliases, namespace)
        exact = next((key for key in keys if split(key).date == id_), keys[0] if keys else None)
        for key in keys:
            found[key] = _known(key, model_ref, id_, model, version, exact if key != exact else None)
        if exact:
            own[ref] = exact
    for model_ref, model in sorted(models.items()):
        ref = f"{model_ref}@{model.default}"
        for key in _keys(model.aliases, namespace) if ref in versions else []:
            found[key] = _known(key, model_ref, str(model.default), model, versions[ref], own.get(ref))
    return found


def without_alias(catalog: Catalog, namespace: str, publishers: dict[str, str], known: Collection[str]) -> dict[str, Known]:
    """The default versions of models that have no alias there; `publishers` is our id -> the one there.

    They are listed under publisher/model, as one of that name would be; keys in `known` are left out.
    """
    found: dict[str, Known] = {}
    versions = catalog.entities(Version)
    for model_ref, model in sorted(catalog.entities(Model).items()):
        publisher, _, model_id = model_ref.partition("/")
        mine = [ref for ref in versions if ref.startswith(f"{model_ref}@")]
        default = f"{model_ref}@{model.default}" if model.default else mine[0] if len(mine) == 1 else ""
        key = f"{publishers.get(publisher, publisher)}/{model_id}"
        told = any(_keys(versions[ref].aliases, namespace) for ref in mine) or _keys(model.aliases, namespace)
        if default in versions and not told and key not in known:
            found[key] = _known(key, model_ref, default.partition("@")[2], model, versions[default], None)
    return found


def _known(key: str, model_ref: str, id_: str, model: Model, version: Version, means: str | None) -> Known:
    publisher, _, upstream = key.partition("/")
    ours, _, model_id = model_ref.partition("/")
    return Known(publisher, upstream, model, version, Place(ours, model_id, id_, means))


def _keys(aliases: list[str] | None, namespace: str) -> list[str]:
    prefix = f"{namespace}:"
    return [alias.removeprefix(prefix) for alias in aliases or () if alias.startswith(prefix) and "/" in alias]
