"""A whole validation: trees opened, catalog loaded, rules run, findings narrowed to what was asked and given their lines."""

import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from modelreg_cli.catalog import codes
from modelreg_cli.catalog.canonical import is_within, not_canonical
from modelreg_cli.catalog.changed import changed
from modelreg_cli.catalog.load import Catalog, Progress, load
from modelreg_cli.catalog.placed import placed
from modelreg_cli.catalog.schema import stale
from modelreg_cli.catalog.tree import Commit, Folder, Tree, commit_of, open_tree
from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.finding import Finding
from modelreg_cli.rules.check import Change, check


@dataclass(frozen=True, slots=True)
class Question:
    """What to validate: a folder or one of its commits, against a base, narrowed to paths below the top."""

    root: Path
    today: date
    at: str | None = None
    base: str | None = None
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, sorted, and what was looked at."""

    findings: list[Finding]
    models: int
    offerings: int
    files: int
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether there is an error among them."""
        return any(finding.severity == "error" for finding in self.findings)


def examine(question: Question, progress: Progress | None = None) -> Report:
    """Validates.

    Raises:
        ModelregError: no catalog, no such commit, no such path, or a policy that does not read.
    """
    started = time.monotonic()
    tree = open_tree(question.root, question.at)
    catalog = load(tree, progress)
    change = _change(question, tree) if question.base is not None else None
    found = check(catalog, question.today, change)
    found.extend(not_canonical(catalog, change.paths if change else None))
    if question.at is None:
        found.extend(_stale_schemas(question.root))
    found = placed(_narrowed(found, question.paths, tree), tree)
    return Report(found, len(catalog.of("model")), len(catalog.of("offering")), catalog.files, time.monotonic() - started)


def _stale_schemas(root: Path) -> list[Finding]:
    hint = "it is made from the entities: `modelreg validate --fix` writes it"
    names = stale(root) if (root / "schemas").is_dir() else []
    return [codes.SCHEMA_STALE.about(f"schemas/{name}", "it is not what the entities say", hint=hint) for name in names]


def _change(question: Question, tree: Tree) -> Change:
    """What the tree is compared with: the commit where its branch left the base."""
    base = commit_of(question.root, question.base or "")
    head = tree.commit if isinstance(tree, Commit) else base.repository.resolve("HEAD")
    fork = base.repository.fork(base.commit, head)
    before = replace(base, commit=fork)
    try:
        return Change(load(before), changed(before, tree))
    except ModelregError:
        if "catalog" in {path.partition("/")[0] for path in before.repository.run("ls-tree", "--name-only", fork).decode().split("\n")}:
            raise
        # there was no catalog yet, so everything is new
        return Change(Catalog(before, {}), frozenset(tree.paths()))


def _narrowed(findings: list[Finding], paths: tuple[str, ...], tree: Tree) -> list[Finding]:
    """The findings in these files or folders.

    Raises:
        ModelregError: there is no such file or folder.
    """
    if not paths:
        return findings
    known = tree.paths()
    for path in paths:
        there = isinstance(tree, Folder) and ((tree.root / path).exists() or (tree.root / path).is_symlink())
        if not there and not any(is_within(one, path) for one in (*known, *(finding.path for finding in findings))):
            raise ModelregError(
                f"there is no file {path}", did_you_mean(path, known) or "paths are relative to here, or to the top of the catalog"
            )
    return [finding for finding in findings if any(is_within(finding.path, path) for path in paths)]
