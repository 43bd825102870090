"""Findings get their lines: only files that have findings are read for that."""

from collections.abc import Iterable

from modelreg_cli.catalog import document
from modelreg_cli.catalog.text import source_line
from modelreg_cli.catalog.tree import Tree
from modelreg_cli.finding import Finding


def placed(findings: Iterable[Finding], tree: Tree) -> list[Finding]:
    """The findings with line, column and source line where they are about a value; sorted."""
    done: list[Finding] = []
    waiting: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.line or not finding.pointer:
            done.append(finding)
        else:
            waiting.setdefault(finding.path, []).append(finding)
    there = set(tree.paths()) if waiting else set()
    for path, raw in tree.read(sorted(there & set(waiting))):
        done.extend(at_places(waiting.pop(path), raw.decode("utf-8", "replace")))
    for lost in waiting.values():
        done.extend(lost)
    return sorted(done)


def at_places(findings: list[Finding], text: str) -> list[Finding]:
    """Findings about values of one text, with their lines."""
    places = document.places(text)
    out = []
    for finding in findings:
        pointer = finding.pointer
        while pointer not in places and pointer:
            pointer = pointer.rpartition("/")[0]
        if not pointer:
            out.append(finding)  # about something that is missing at the top
            continue
        place = places[pointer]
        mark = place.key if finding.on_key or pointer != finding.pointer else place.value
        out.append(finding.at(mark.line, mark.column, mark.length, source_line(text, mark.line)))
    return out
