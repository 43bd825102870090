"""Repairs what has one right form: stale schemas, missing quotes, repeated items, style."""

from collections.abc import Iterable
from pathlib import Path

from modelreg_cli.catalog import codes, document
from modelreg_cli.catalog.format import format_text
from modelreg_cli.catalog.layout import locate
from modelreg_cli.catalog.schema import all_schemas
from modelreg_cli.catalog.text import decode
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.catalog.write import replace_file
from modelreg_cli.finding import Finding


def fix(root: Path, findings: Iterable[Finding]) -> list[str]:
    """Repairs the fixable ones among findings; the paths that were written or removed."""
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fixable:
            by_path.setdefault(finding.path, []).append(finding)
    return [path for path, found in sorted(by_path.items()) if _fix(root, path, found)]


def _fix(root: Path, path: str, findings: list[Finding]) -> bool:
    file = root / path
    if any(finding.code == codes.SCHEMA_STALE.name for finding in findings):
        wanted = all_schemas().get(file.name)
        if wanted is None:
            file.unlink(missing_ok=True)
        else:
            replace_file(file, wanted)
        return True
    raw = dict(Folder(root).read([path])).get(path)
    if raw is None:
        return False  # it went away meanwhile
    before = decode(raw)
    text = _with_quotes(before, [finding for finding in findings if finding.code == codes.WRONG_TYPE.name])
    location = locate(path)
    unique = any(finding.code == codes.DUPLICATE_ITEM.name for finding in findings)
    text = format_text(text, location.kind if location else None, unique=unique)
    if text != before:
        replace_file(file, text)
    return text != before


def _with_quotes(text: str, findings: list[Finding]) -> str:
    """Puts values in quotes where they stand, as they are written: 1.10 becomes "1.10"."""
    places = document.places(text)
    lines = text.split("\n")
    marks = {places[finding.pointer].value for finding in findings if finding.pointer in places}
    for mark in sorted(marks, key=lambda mark: (mark.line, mark.column), reverse=True):
        line, first = lines[mark.line - 1], mark.column - 1
        last = first + mark.length
        lines[mark.line - 1] = f'{line[:first]}"{line[first:last]}"{line[last:]}'
    return "\n".join(lines)
