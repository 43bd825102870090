"""Two states of a repository -> what changed: file by file, value by value, and which protected tags it concerns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.changed import changed
from modelreg_cli.catalog.text import pointer_to
from modelreg_cli.catalog.tree import TOP, Commit, Folder, Tree
from modelreg_cli.catalog.tree_id import blob_id
from modelreg_cli.git import Repository
from modelreg_cli.history.difference import differences
from modelreg_cli.history.meaning import Meaning, meanings, served
from modelreg_cli.history.subject import ref_of
from modelreg_cli.history.units import METERS, units_of
from modelreg_cli.review.governed import digest_of, governed
from modelreg_cli.review.state import Document, State

Action = Literal["added", "removed", "renamed", "changed", "unreadable"]
#: Kinds whose change may concern any version: every wearer of a protected tag is looked at.
_GLOBAL = ("license",)


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of the catalog: its entity before and after, and what each change of a value means.

    `moved_from` is the ref that a renamed one had; `reason` says why one cannot be read.
    """

    path: str
    kind: str
    id: str
    ref: str
    action: Action
    before: Document | None
    after: Document | None
    meanings: tuple[Meaning, ...] = ()
    reason: str = ""
    moved_from: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A changed file that is no entity of the catalog: policy, pipelines, schemas, statements."""

    path: str
    action: Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Protected:
    """What a change does to a version and a protected tag.

    given: it wears the tag after it, and not before; touched: it wears it before and after, and a governed value is
    another (`why` names them); taken off: it wears it no more, or is gone.
    """

    ref: str
    tag: str
    action: Literal["given", "touched", "taken off"]
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Everything that differs between two states; `units` is what a rate is for, by meter."""

    files: tuple[FileChange, ...]
    beside: tuple[Beside, ...]
    protected: tuple[Protected, ...]
    units: dict[str, str]

    def __bool__(self) -> bool:
        return bool(self.files or self.beside)


def changeset(base: Commit, after: Tree) -> ChangeSet:
    """What changed between a commit and another commit of its repository, or a checkout.

    Raises:
        ModelregError: a policy that does not read, or no catalog.
    """
    old, new = State(base), State(after)
    paths = changed(base, after)
    old.fetch(sorted(paths))
    new.fetch(sorted(paths))
    there = old.paths, new.paths
    places = [place for path in sorted(paths) if (place := layout.locate(path))]
    files = _renames([change for place in places if (change := _file(place, old, new, there))])
    odd = [_beside(path, path in there[0], path in there[1]) for path in sorted(paths) if not layout.locate(path)]
    return ChangeSet(tuple(files), (*odd, *_outside(base, after)), tuple(protected(old, new, files)), units_of(new.at(METERS)))


def _file(place: layout.Location, old: State, new: State, there: tuple[frozenset[str], frozenset[str]]) -> FileChange | None:
    before, after = old.at(place.path), new.at(place.path)
    ref = ref_of(place.kind, place.id, after or before)
    change = FileChange(place.path, place.kind, place.id, ref, "changed", before, after)
    if place.path not in there[1]:
        return replace(change, action="removed")
    if after is None:
        return replace(change, action="unreadable", reason=new.reason(place.path))
    return file_change(place, before, after)


def file_change(place: layout.Location, before: Document | None, after: Document) -> FileChange | None:
    """What happens to one file that is there afterwards; None where no value is another.

    `before` is None where there was no such file, or nobody could read it.
    """
    change = FileChange(place.path, place.kind, place.id, ref_of(place.kind, place.id, after), "changed", before, after)
    if before is None:
        return replace(change, action="added")
    told = tuple(_told(place.kind, before, after))
    return replace(change, meanings=told) if told else None


def _told(kind: str, before: Document, after: Document) -> Iterator[Meaning]:
    """Changes of values; the files of an artifact are told by their digest."""
    if kind != "version":
        yield from meanings(kind, before, after)
        return
    artifacts = [_artifacts(document) for document in (before, after)]
    for at, (id_, artifact) in enumerate(artifacts[1].items()):
        was, now = digest_of(artifacts[0].get(id_, {})), digest_of(artifact)
        if id_ in artifacts[0] and was != now:
            yield Meaning(pointer_to("artifacts", at, "digest"), was, now, "digest")
    both = artifacts[0].keys() & artifacts[1].keys()
    yield from meanings(kind, *(_without_files(document, both) for document in (before, after)))


def _artifacts(document: Document) -> dict[str, Document]:
    listed = document.get("artifacts")
    return {str(item.get("id")): item for item in listed if isinstance(item, dict)} if isinstance(listed, list) else {}


def _without_files(document: Document, ids: Iterable[str]) -> Document:
    listed = document.get("artifacts")
    if not isinstance(listed, list):
        return document
    kept = [
        {key: value for key, value in item.items() if key != "files"} if isinstance(item, dict) and str(item.get("id")) in ids else item
        for item in listed
    ]
    return document | {"artifacts": kept}


def _renames(files: list[FileChange]) -> list[FileChange]:
    """A file that went and one of the same kind and content that came are one that moved."""
    gone = [change for change in files if change.action == "removed" and change.before]
    moved: dict[str, FileChange] = {}
    for change in files:
        twin = next((one for one in gone if one.kind == change.kind and one.before == change.after), None)
        if change.action == "added" and twin:
            gone.remove(twin)
            moved[twin.path] = moved[change.path] = replace(change, action="renamed", before=twin.before, moved_from=_old_ref(twin, change))
    return [moved.get(change.path, change) for change in files if not (change.path in moved and change.action == "removed")]


def _old_ref(gone: FileChange, change: FileChange) -> str:
    return gone.ref if gone.ref != change.ref else gone.id


def _beside(path: str, before: bool, after: bool) -> Beside:
    return Beside(path, "changed" if before and after else "added" if after else "removed")


def _outside(base: Commit, after: Tree) -> Iterator[Beside]:
    """Changed files of the repository outside catalog/."""
    if isinstance(after, Commit):
        args = ("diff-tree", "-r", "-z", "--no-renames", "--name-status", base.commit, after.commit, "--")
        pieces = base.repository.run(*args).decode("utf-8", "surrogateescape").split("\0")
        named = {path: letter for letter, path in zip(pieces[::2], pieces[1::2], strict=False)}
        words: dict[str, Literal["added", "removed", "changed"]] = {"A": "added", "D": "removed"}
        for path, letter in sorted(named.items()):
            if not path.startswith(f"{base.folder}{TOP}/"):
                yield Beside(path, words.get(letter, "changed"))
    elif isinstance(after, Folder):
        yield from _outside_here(base.repository, base, after.root)


def _outside_here(repository: Repository, base: Commit, root: Path) -> Iterator[Beside]:
    """The same for a checkout: what Git knows, and new files that it is not told to ignore."""
    known = {entry.path: entry for entry in repository.files(base.commit) if entry.path.startswith(base.folder)}
    listed = repository.run("ls-files", "-z", "--cached", "--others", "--exclude-standard").decode("utf-8", "surrogateescape")
    here = {f"{base.folder}{path}" for path in listed.split("\0") if path}
    for path in sorted({*known, *here}):
        below = path.removeprefix(base.folder)
        if below.startswith(f"{TOP}/"):
            continue
        file = root / below
        entry = known.get(path)
        there = file.is_file() or file.is_symlink()
        if entry is None and there:
            yield Beside(path, "added")
        elif entry and not there and entry.mode != "160000":
            yield Beside(path, "removed")
        elif entry and there and _differs(file, entry.oid):
            yield Beside(path, "changed")


def _differs(file: Path, oid: str) -> bool:
    raw = str(file.readlink()).encode("utf-8", "surrogateescape") if file.is_symlink() else file.read_bytes()
    return blob_id(raw, "sha256" if len(oid) == 64 else "sha1") != oid


def protected(old: State, new: State, files: Iterable[FileChange]) -> Iterator[Protected]:
    """Each version and protected tag that a change gives, touches or takes off; the tags are those of the state before it."""
    new.protected = old.protected
    if not old.protected:
        return
    for ref in sorted(set(_concerned(old, new, files))):
        was, now = set(old.worn(ref)), set(new.worn(ref))
        if not was and not now:
            continue
        why = tuple(_why(old, new, ref, files)) if was & now else ()
        for tag in sorted(was | now):
            if tag not in was:
                yield Protected(ref, tag, "given")
            elif tag not in now:
                yield Protected(ref, tag, "taken off")
            elif why:
                yield Protected(ref, tag, "touched", why)


def _concerned(old: State, new: State, files: Iterable[FileChange]) -> Iterator[str]:
    """Refs of versions whose governed values a change may concern."""
    for change in files:
        location = layout.locate(change.path)
        if change.kind == "version":
            yield change.id
            if change.action == "renamed":
                yield change.moved_from
        elif change.kind == "model":
            yield from (*old.versions_of(change.id), *new.versions_of(change.id))
            if change.action == "renamed":
                yield from old.versions_of(change.moved_from)
        elif change.kind == "offering":
            yield from (ref for ref in (_now(change.before), _now(change.after)) if ref)
        elif change.kind in _GLOBAL and location:
            yield from (*old.wearers(), *new.wearers())


def _now(document: Document | None) -> str | None:
    return served((document or {}).get("serves"))


def _why(old: State, new: State, ref: str, files: Iterable[FileChange]) -> Iterator[str]:
    """Which governed values differ, as pointers into what is governed, and which names lead here or no more."""
    was, now = governed(old, ref), governed(new, ref)
    for found in differences(was, now):
        yield pointer_to(*found.steps).removeprefix("/version")
    for change in files:
        if change.kind == "offering":
            before, after = _now(change.before), _now(change.after)
            if before != after and ref in (before, after):
                yield f"{change.ref} {'leads here' if after == ref else 'leads here no more'}"
