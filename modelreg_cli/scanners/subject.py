"""What is scanned: an artifact of a version with the places of its files, or a path alone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.version import Artifact, File, Version
from modelreg_cli.errors import ModelregError, UnknownRef, did_you_mean
from modelreg_cli.scanners.files import found_in, walked
from modelreg_cli.scanners.remote import local
from modelreg_cli.scanners.scanner import Verdict


class Item(NamedTuple):
    """One file: where it lies, or why it can not be read; `listed` as the artifact has it; `away` what its header says elsewhere."""

    path: str
    file: Path | None
    why: str = ""
    listed: File | None = None
    away: Verdict | None = None


class Subject(NamedTuple):
    """`version` and `artifact` are empty of a path alone."""

    name: str
    items: tuple[Item, ...]
    version: str = ""
    artifact: str = ""
    listed: tuple[File, ...] | None = None


#: Says what the header of a file that lies elsewhere tells.
Elsewhere = Callable[[Artifact, File], Verdict]


def of_path(path: Path) -> Subject:
    """A file or folder of this machine."""
    return Subject(str(path), tuple(Item(place.path, place.file, place.why) for place in walked(path)))


def artifacts_of(catalog: Catalog, version: str, artifact: str | None, *, one: bool) -> list[Artifact]:
    """The artifacts of a version that are meant; `one`: it must be one.

    Raises:
        UnknownRef: it has no such artifact.
        ModelregError: it has none at all, or several.
    """
    entity = catalog.get(Version, version)
    if entity is None:
        raise UnknownRef(f"{version} cannot be read", "`modelreg validate` says why")
    known = {made.id: made for made in entity.artifacts or ()}
    if not known:
        raise ModelregError(f"{version} has no artifact, so there are no bytes to scan", "`modelreg import gguf` or `safetensors` adds one")
    if artifact is not None and artifact not in known:
        raise UnknownRef(f"{version} has no artifact {artifact}", did_you_mean(artifact, known) or f"it has: {', '.join(known)}")
    if artifact is None and one and len(known) > 1:
        raise ModelregError(f"{version} has several artifacts", f"--artifact says whose files these are: {', '.join(known)}")
    return [known[artifact]] if artifact else list(known.values())


def of_artifact(version: str, artifact: Artifact, given: Sequence[Path], elsewhere: Elsewhere) -> Subject:
    """An artifact: its files in the places that were given, else where its address says.

    Raises:
        ModelregError: a place that is not there.
        Unavailable: a server does not answer.
    """
    at = local(artifact.uri)
    places = list(given) or ([at] if at else [])
    for place in given:
        if not place.exists():
            raise ModelregError(f"there is no {place}", "name the file or folder that holds the artifact's files")
    name, listed = f"{version}#{artifact.id}", tuple(artifact.files or ())
    if not listed:
        found = [one for place in places if place.exists() for one in walked(place)]
        return Subject(name, tuple(Item(one.path, one.file, one.why) for one in found), version, artifact.id)
    there = found_in(places, [file.path for file in listed])
    items = []
    for file in listed:
        found_at = there.get(file.path)
        if found_at is not None:
            items.append(Item(file.path, found_at.file, found_at.why, file))
        elif places:
            items.append(Item(file.path, None, "not among the files that are here", file))
        else:
            items.append(Item(file.path, None, "its bytes are not on this machine", file, elsewhere(artifact, file)))
    return Subject(name, tuple(items), version, artifact.id, listed)
