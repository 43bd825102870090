"""Changed paths of a proposal: what each is, and whether it may be so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.load import load_file
from modelreg_cli.gate.facts import Area, Document
from modelreg_cli.gate.sparse import Sparse, SparseState
from modelreg_cli.gate.statements import FOLDER, Notary
from modelreg_cli.git import Entry, Repository

CATALOG = "catalog/"
_EVIDENCE = ("results", "scan")
#: Names that every system shows and keeps as they are.
_PLAIN = re.compile(r"[A-Za-z0-9 !#$%&'()+,.;=@^_`{}~/\[\]-]+\Z")


@dataclass(frozen=True, slots=True)
class Change:
    """One path of `git diff-tree`, below the top of the repository of the catalog; None: there was, or is, nothing."""

    path: str
    before: Entry | None
    after: Entry | None


def changes(repository: Repository, before: str, after: str, folder: str = "") -> list[Change]:
    """What differs between two trees; a rename is a path that goes and one that comes. Sorted by path.

    Paths outside the folder of the catalog begin with a slash.
    """
    pieces = repository.run("diff-tree", "-r", "-z", "--no-renames", "--raw", "--no-abbrev", before, after).split(b"\0")
    found = []
    for meta, name in zip(pieces[::2], pieces[1::2], strict=False):
        old_mode, new_mode, old, new, _ = meta.decode().removeprefix(":").split(" ")
        path = name.decode("utf-8", "surrogateescape")
        path = path.removeprefix(folder) if path.startswith(folder) else f"/{path}"
        found.append(Change(path, _entry(old_mode, old, path), _entry(new_mode, new, path)))
    return sorted(found, key=lambda change: change.path)


def _entry(mode: str, oid: str, path: str) -> Entry | None:
    return None if set(mode) == {"0"} else Entry(mode, oid, path)


def area_of(change: Change, old: SparseState, new: SparseState) -> Area:
    """What a path is to the gate; whatever is no catalog data is the control plane."""
    path = change.path
    if path.startswith(FOLDER):
        return "statement"
    place = layout.locate(path)
    meaning = place and (place.kind == "catalog" or (place.kind == "tag" and place.id in old.protected))
    if not path.startswith(CATALOG) or meaning:
        return "control"
    if place and place.kind == "scan":
        return "results"
    if place and place.kind == "results":
        # what nobody can read may have been measured
        told = [state.at(path) for state, there in ((old, change.before), (new, change.after)) if there]
        reported = all(document is not None and document.get("basis") == "reported" for document in told)
        return "data" if reported else "results"
    return "data"


def wrong_with(change: Change, area: Area, old: SparseState, tree: Sparse, notary: Notary) -> Iterator[str]:
    """Why a path may not be as the merge result has it."""
    if area == "statement" and change.before is not None:
        yield "a signed statement is never changed or removed: add another one"
    if change.after is None:
        return
    yield from _mode(change)
    if not _PLAIN.match(change.path.removeprefix("/")):
        yield f"its name has characters that systems show or keep differently: {change.path!a}"
        return
    if change.before is None:
        yield from _collisions(change.path, tree)
    if change.path.startswith(CATALOG) and area != "statement" and change.after.mode == "100644":
        yield from _document(change.path, old, tree)
    elif area == "statement":
        wrong = [finding.message for finding in layout.check(change.path)]
        yield from wrong or notary.wrong_with(change.path, tree)


def _mode(change: Change) -> Iterator[str]:
    mode = change.after.mode if change.after else ""
    if mode in ("120000", "160000"):
        yield "a link" if mode == "120000" else "a submodule"
    elif mode != "100644" and (change.path.startswith(CATALOG) or mode != "100755"):
        yield f"a file of mode {mode}, where 100644 is wanted"


def _collisions(path: str, tree: Sparse) -> Iterator[str]:
    """Names in the same folder, at any level, that some systems take for the same."""
    if path.startswith("/"):
        return
    steps = path.split("/")
    for depth, step in enumerate(steps):
        folder = "/".join(steps[:depth])
        other = next((name for name in tree.names_in(folder) if name != step and name.casefold() == step.casefold()), None)
        if other:
            yield f"{step} differs from {other} only in case"


def _document(path: str, old: SparseState, tree: Sparse) -> Iterator[str]:
    """What is wrong with the file alone, and with protected tags where none may be."""
    raw = next((raw for _, raw in tree.read([path])), b"")
    loaded, findings = load_file(path, raw)
    errors = [finding for finding in findings if finding.severity == "error"]
    yield from (f"{finding.line or ''}{': ' if finding.line else ''}{finding.message}" for finding in errors)
    if loaded is None:
        if not errors:
            yield "it cannot be read"
        return
    yield from _tags(loaded.location.kind, loaded.data, old.protected)
    worn = [tag for tag in loaded.data.get("tags") or () if tag in old.protected]
    yield from (f"{tag} is written with escapes, so that nobody finds it" for tag in worn if tag.encode() not in raw)


def _texts(value: object) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(item)


def _tags(kind: str, document: Document, protected: frozenset[str]) -> Iterator[str]:
    """A protected tag is worn by a version, in its own list, and by nothing else."""
    worn = [] if kind == "version" else list(document.get("tags") or ())
    artifacts = document.get("artifacts") if kind == "version" else ()
    worn += [tag for artifact in artifacts or () for tag in artifact.get("tags") or ()]
    if kind == "overlay":
        for tag in sorted(set(_texts([document.get(word) for word in ("set", "add", "replace")])) & protected):
            yield f"{tag} is protected, and no overlay gives it: `modelreg adopt` copies a version, and that can wear it"
    for tag in sorted(set(worn) & protected):
        yield f"{tag} is protected, and worn by versions only"
    if kind == "tag":
        for tag in sorted(set(document.get("implies") or ()) & protected):
            yield f"{tag} is protected, and no tag may imply it"
