"""New files of a catalog are written where the catalog is valid with them, all or none."""

from datetime import UTC, datetime
from pathlib import Path

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.load import Catalog, load
from modelreg_cli.catalog.overlay import Overlay
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.catalog.write import write_all
from modelreg_cli.errors import ModelregError, Refused
from modelreg_cli.finding import Finding
from modelreg_cli.rules.check import Change, check

_SHOWN = 5


def errors_with(root: Path, before: Catalog, texts: dict[str, str]) -> list[Finding]:
    """Errors that the catalog would have with these files, and has not now.

    Raises:
        ModelregError: a path that means nothing in a catalog.
    """
    if wrong := [path for path in texts if layout.locate(path) is None]:
        raise ModelregError(f"{wrong[0]} has no place in a catalog", "ids are small letters, digits and ._- inside")
    change = Change(before, frozenset(texts))
    found = check(load(Overlay(Folder(root), texts)), datetime.now(UTC).date(), change)
    return [finding for finding in found if finding.severity == "error"]


def write_checked(root: Path, before: Catalog, texts: dict[str, str], write: bool) -> None:
    """Writes files that the catalog is valid with; without `write` it only checks.

    Raises:
        Refused: it would not be valid.
        ModelregError: a path that means nothing, or a folder that cannot be written.
    """
    if errors := errors_with(root, before, texts):
        told = "; ".join(f"{one.path}{one.pointer and f' {one.pointer}'}: {one.message}" for one in errors[:_SHOWN])
        more = f" (and {len(errors) - _SHOWN} more)" if len(errors) > _SHOWN else ""
        raise Refused(f"the catalog would not be valid: {told}{more}", errors[0].hint)
    if write:
        write_all({root / path: text for path, text in texts.items()})
