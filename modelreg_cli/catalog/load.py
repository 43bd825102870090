"""Tree -> Catalog: every document read, checked against its schema and made into an entity; nothing is raised for a wrong file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar

import jsonschema_rs
from pydantic import ValidationError

from modelreg_cli.catalog import codes, document, layout
from modelreg_cli.catalog.explain import explain
from modelreg_cli.catalog.layers import attributed, over
from modelreg_cli.catalog.layout import Location
from modelreg_cli.catalog.schema import schema_of
from modelreg_cli.catalog.text import Unreadable, escape
from modelreg_cli.catalog.tree import Tree
from modelreg_cli.entities.all_kinds import all_kinds
from modelreg_cli.entities.base import Entity
from modelreg_cli.finding import Finding

E = TypeVar("E", bound=Entity)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """One file that reads well: where it lies, its plain value, and the entity."""

    location: Location
    data: dict[str, Any]
    entity: Entity


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every entity by kind and id, and what was wrong with the files that gave none.

    `refused` has the ids of those files by kind: they are there, so a ref to one does not dangle.
    """

    tree: Tree
    by_kind: dict[str, dict[str, Loaded]]
    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    refused: dict[str, set[str]] = field(default_factory=dict)

    def has(self, kind: str, id_: str) -> bool:
        """Whether there is a file of that id, readable or not."""
        return id_ in self.by_kind.get(kind, ()) or id_ in self.refused.get(kind, ())

    def of(self, kind: str) -> dict[str, Loaded]:
        """All files of a kind, by id."""
        return self.by_kind.get(kind, {})

    def entities(self, entity: type[E]) -> dict[str, E]:
        """All entities of one class, by id."""
        return {id_: loaded.entity for id_, loaded in self.of(kind_of(entity)).items() if isinstance(loaded.entity, entity)}

    def get(self, entity: type[E], id_: str) -> E | None:
        """One entity, or None."""
        loaded = self.of(kind_of(entity)).get(id_)
        return loaded.entity if loaded and isinstance(loaded.entity, entity) else None

    def all(self) -> Iterable[Loaded]:
        """Every file that reads well."""
        for files in self.by_kind.values():
            yield from files.values()


@cache
def kind_of(entity: type[Entity]) -> str:
    """The kind of an entity class."""
    return next(kind for kind, known in all_kinds.items() if known is entity)


@cache
def validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    """The compiled schema of a kind."""
    return jsonschema_rs.Draft202012Validator(schema_of(kind), validate_formats=True)


def load(tree: Tree, progress: Progress | None = None) -> Catalog:
    """The catalog of a tree.

    Raises:
        ModelregError: the tree has no catalog/ at all.
        Unavailable: what the catalog extends is not here.
    """
    tree = over(tree)
    paths, findings = tree.listed()
    by_kind: dict[str, dict[str, Loaded]] = {kind: {} for kind in all_kinds}
    without: list[str] = []
    unread = set(paths)
    for done, (path, raw) in enumerate(tree.read(paths)):
        if progress and done % 500 == 0:
            progress(done, len(paths))
        unread.discard(path)
        loaded, wrong = load_file(path, raw)
        findings.extend(wrong)
        if loaded:
            by_kind[loaded.location.kind][loaded.location.id] = loaded
        else:
            without.append(path)
    if progress:
        progress(len(paths), len(paths))
    findings.extend(_unreadable(path) for path in sorted(unread))
    findings.extend(case_collisions(paths))
    return Catalog(tree, by_kind, findings, len(paths), ids_of([*without, *unread]))


def findings_of(tree: Tree, paths: list[str]) -> list[Finding]:
    """What is wrong with some files of a tree, taken alone."""
    tree = over(tree)
    listed, findings = tree.listed()
    findings += case_collisions(listed)
    unread = set(paths).intersection(listed)
    for path, raw in tree.read(sorted(unread)):
        unread.discard(path)
        findings += load_file(path, raw)[1]
    findings += [_unreadable(path) for path in unread]
    return sorted(attributed(tree, (finding for finding in findings if finding.path in paths)))


def _unreadable(path: str) -> Finding:
    return codes.FILE_UNREADABLE.about(path, "the file cannot be read", hint="check its permissions")


def ids_of(paths: Iterable[str]) -> dict[str, set[str]]:
    """Ids of entities by kind, from their paths alone."""
    found: dict[str, set[str]] = {}
    for path in paths:
        location = layout.locate(path)
        if location:
            found.setdefault(location.kind, set()).add(location.id)
    return found


def load_file(path: str, raw: bytes) -> tuple[Loaded | None, list[Finding]]:
    """One file: its entity, or the reasons why there is none."""
    findings = layout.check(path)
    if path.startswith("catalog/approvals/"):
        return None, findings
    location = layout.locate(path)
    try:
        data = document.load(raw)
    except Unreadable as error:
        return None, [*findings, error.finding(path, raw.decode("utf-8", "replace"))]
    if location is None:
        return None, findings
    if not isinstance(data, dict):
        return None, [*findings, codes.NOT_A_MAPPING.about(path, "the file is a list", hint="a catalog file is `key: value` lines")]
    if not validator(location.kind).is_valid(data):
        return None, [*findings, *explain(path, location.kind, data)]
    try:
        entity = all_kinds[location.kind].model_validate(data)
    except ValidationError as error:
        return None, [*findings, *_from_pydantic(path, error)]
    return Loaded(location, data, entity), findings


def _from_pydantic(path: str, error: ValidationError) -> list[Finding]:
    """What the entity refuses although the schema does not (a whole number written 1.0 is the known case)."""
    found = []
    for item in error.errors(include_url=False):
        code = codes.WRONG_TYPE if "type" in item["type"] else codes.WRONG_VALUE
        pointer = "".join(f"/{escape(str(step))}" for step in item["loc"])
        found.append(replace(code.about(path, item["msg"], pointer), fixable=False))
    return found


def case_collisions(paths: list[str]) -> list[Finding]:
    """Paths that differ only in case from one before them."""
    seen: dict[str, str] = {}
    found = []
    for path in paths:
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            found.append(
                codes.PATH_CASE_COLLISION.about(
                    path, f"differs from {other} only in case", hint="one of them cannot be checked out on Windows or macOS; rename it"
                )
            )
    return found
