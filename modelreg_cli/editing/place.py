"""Which file a plain ref or a path names; what needs the index (aliases, bare names, wire ids) is looked up elsewhere."""

import os
from pathlib import Path
from typing import NamedTuple

from modelreg_cli.catalog.layout import Location, locate, path_of
from modelreg_cli.editing.fields import Steps

#: A folder of the catalog -> the file that is its own.
_OWN = ("model", "publisher", "provider", "engine")


class Named(NamedTuple):
    """A file, and the steps to the part of it that is meant."""

    place: Location
    within: Steps = ()


def by_ref(root: Path, asked: str) -> Named | None:
    """publisher/model, publisher/model@version, publisher/model@version#artifact, where that file is there."""
    rest, hash_, artifact = asked.partition("#")
    model, at, version = rest.partition("@")
    ids = model.split("/")
    if len(ids) != 2 or not all(ids) or (hash_ and not at):
        return None
    path = path_of("version", *ids, version) if at else path_of("model", *ids)
    place = locate(path)
    if place is None or not (root / path).is_file():
        return None
    return Named(place, ("artifacts", artifact) if artifact else ())


def by_path(root: Path, asked: str) -> Named | None:
    """catalog/tags/edge.yaml as it is typed here or below the top; without `catalog/` and `.yaml`: tags/edge, providers/openai."""
    here = Path(os.path.normpath(Path.cwd() / asked))
    below = here.relative_to(root).as_posix() if here.is_relative_to(root) else asked
    short = asked.strip("/").removeprefix("catalog/").removesuffix(".yaml")
    tried = [below, f"catalog/{short}.yaml", *(f"catalog/{short}/{name}.yaml" for name in _OWN)]
    found = next((place for path in tried if (place := locate(path)) and (root / path).is_file()), None)
    return Named(found) if found else None
