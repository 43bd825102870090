"""Where a repository belongs in the catalog: by its aliases, and by what versions say of where their bytes came from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from modelreg_cli.catalog.load import Catalog


@dataclass(frozen=True, slots=True)
class Place:
    """Publisher, model and version; `there`: the version's file exists already."""

    publisher: str
    model: str
    version: str
    there: bool = False

    @property
    def ref(self) -> str:
        """publisher/model@version."""
        return f"{self.publisher}/{self.model}@{self.version}"


def place_of(ref: str, there: bool) -> Place:
    """The place that publisher/model@version names."""
    publisher, _, rest = ref.partition("/")
    model, _, version = rest.partition("@")
    return Place(publisher, model, version, there)


def versions_of(catalog: Catalog, names: Iterable[str]) -> list[str]:
    """Versions that the catalog has of a repository of the hub, by any of its names, the default one first, then the newest."""
    wanted = {f"hf:{name}".lower() for name in names}
    found = []
    for ref, loaded in catalog.of("version").items():
        upstream = loaded.data.get("upstream") or {}
        if _named(loaded.data, wanted) or (upstream.get("hub") == "huggingface" and f"hf:{upstream.get('repo')}".lower() in wanted):
            found.append(ref)
    models = [id_ for id_, loaded in catalog.of("model").items() if _named(loaded.data, wanted)]
    defaults = [default for id_ in (*models, *(ref.partition("@")[0] for ref in found)) if (default := _default(catalog, id_))]
    found.sort(key=lambda ref: str(catalog.of("version")[ref].data.get("released", "")), reverse=True)
    known = {*found, *(default for default in defaults if default.partition("@")[0] in models)}
    return list(dict.fromkeys(ref for ref in (*defaults, *found) if ref in known))


def parent_of(catalog: Catalog, bases: Iterable[str]) -> str | None:
    """The version, or else the model, that the first known one of these repositories is."""
    for base in bases:
        found = versions_of(catalog, [base])
        if found:
            return found[0]
        for id_, loaded in catalog.of("model").items():
            if _named(loaded.data, {f"hf:{base}".lower()}):
                return id_
    return None


def _named(data: dict[str, Any], names: set[str]) -> bool:
    return any(str(alias).lower() in names for alias in data.get("aliases", ()))


def _default(catalog: Catalog, model: str) -> str | None:
    """The version that a model's name means."""
    ref = f"{model}@{catalog.of('model')[model].data.get('default')}"
    return ref if ref in catalog.of("version") else None
