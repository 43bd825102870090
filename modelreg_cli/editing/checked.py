"""Files are written where the catalog is valid with them, all or none; only what the change brings counts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.catalog.placed import placed
from modelreg_cli.catalog.planned import with_texts
from modelreg_cli.catalog.tree import Commit, Folder, commit_of
from modelreg_cli.catalog.write import write_all
from modelreg_cli.errors import ModelregError, Refused
from modelreg_cli.finding import Finding
from modelreg_cli.rules.check import Change, check

_SHOWN = 5


def brought(root: Path, before: Catalog, texts: Mapping[str, str]) -> list[Finding]:
    """What would be wrong with these files and is not now, with its lines; sorted.

    What may not be done to published files is asked of the last commit, where there is one.

    Raises:
        ModelregError: a path that means nothing in a catalog.
    """
    if wrong := [path for path in texts if layout.locate(path) is None]:
        raise ModelregError(f"{wrong[0]} has no place in a catalog", "ids are small letters, digits and ._- inside")
    folder = Folder(root)
    after = with_texts(before, folder, dict(texts))
    change = Change(before, frozenset(), _published(before, folder, texts))
    return placed(check(after, datetime.now(UTC).date(), change), after.tree)


def _published(before: Catalog, folder: Folder, texts: Mapping[str, str]) -> Catalog | None:
    """The catalog with these files as the last commit has them; None where that is how they lie here, or there is no commit."""
    try:
        commit = commit_of(folder.root, "HEAD")
        known = commit.oids()
    except ModelregError:
        return None
    was: dict[str, str | None] = dict.fromkeys(texts)
    was |= {path: raw.decode("utf-8", "replace") for path, raw in _committed(commit, [path for path in texts if path in known]).items()}
    now = {path: raw.decode("utf-8", "replace") for path, raw in folder.read(sorted(texts))}
    return None if was == dict.fromkeys(texts) | now else with_texts(before, folder, was)


def _committed(commit: Commit, paths: list[str]) -> dict[str, bytes]:
    return dict(commit.read(paths))


def write_checked(root: Path, before: Catalog, texts: Mapping[str, str], write: bool) -> None:
    """Writes files that the catalog is valid with; without `write` it only checks.

    Raises:
        Refused: it would not be valid.
        ModelregError: a path that means nothing, or a folder that cannot be written.
    """
    if errors := [one for one in brought(root, before, texts) if one.severity == "error"]:
        told = "; ".join(f"{one.path}{one.pointer and f' {one.pointer}'}: {one.message}" for one in errors[:_SHOWN])
        more = f" (and {len(errors) - _SHOWN} more)" if len(errors) > _SHOWN else ""
        raise Refused(f"the catalog would not be valid: {told}{more}", errors[0].hint)
    if write:
        write_all({root / path: text for path, text in texts.items()})
