"""A change as people and programs read it: what matters most comes first."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from modelreg_cli.history.meaning import Meaning
from modelreg_cli.history.units import unit_of
from modelreg_cli.render.events import sentence
from modelreg_cli.render.findings import shown
from modelreg_cli.render.markdown import code, fitted
from modelreg_cli.render.words import plain, tokens, weights
from modelreg_cli.review.changeset import ChangeSet, FileChange

_PROTECTED, _BYTES, _UNREADABLE, _OUTSIDE = "Protected tags", "Bytes", "Cannot be read", "Outside the catalog"
#: Headings in order, with the classes of change that stand under them.
_HEADINGS: dict[str, tuple[str, ...]] = {
    _PROTECTED: (),
    _UNREADABLE: ("unreadable",),
    _OUTSIDE: (),
    _BYTES: ("digest",),
    "Licences": ("license",),
    "Prices": ("price", "correction"),
    "Status": ("status", "deprecation"),
    "Removed": ("removed",),
    "Renamed": ("renamed",),
    "Added": ("added",),
    "Results": ("result",),
    "Names and versions": ("serves", "default", "alias"),
    "Other values": ("limits", "tag", "other"),
}
_HEADING_OF = {class_: heading for heading, classes in _HEADINGS.items() for class_ in classes}
_SHORT = 12


class Line(NamedTuple):
    """One line of a change: its heading, what it is of, what happened."""

    heading: str
    subject: str
    told: str


def lines_of(change: ChangeSet) -> list[Line]:
    """Every line, in the order of the headings."""
    found = [*_protected(change), *_outside(change), *(line for file in change.files for line in _file(file, change.units))]
    order = list(_HEADINGS)
    return sorted(found, key=lambda line: order.index(line.heading))


def text(change: ChangeSet, title: str, colored: bool = False) -> str:
    """The change under its headings, a line a value."""
    lines = lines_of(change)
    width = min(44, max((len(shown(line.subject)) for line in lines), default=0))
    out = [f"{title}: {summary(change)}"]
    heading = subject = ""
    for line in lines:
        if line.heading != heading:
            heading, subject = line.heading, ""
            out += ["", f"\x1b[1m{heading}\x1b[0m" if colored else heading]
        out.append(f"  {'' if line.subject == subject else shown(line.subject):<{width}}  {shown(line.told)}".rstrip())
        subject = line.subject
    return "".join(f"{line}\n" for line in out)


def markdown(change: ChangeSet, title: str) -> str:
    """The change for the text of a pull request; what authors wrote stands in spans of code."""
    out = [f"**{title}**: {summary(change)}"]
    heading = ""
    for line in lines_of(change):
        if line.heading != heading:
            heading = line.heading
            out += ["", f"### {heading}", ""]
        out.append(f"- {code(line.subject)}{f': {code(line.told)}' if line.told else ''}")
    return fitted(out)


def as_value(change: ChangeSet) -> dict[str, Any]:
    """The change as one value: protected tags, files with each changed value, files outside the catalog."""
    return {
        "protected": [{"ref": one.ref, "tag": one.tag, "action": one.action, "why": list(one.why)} for one in change.protected],
        "files": [_value(file, change.units) for file in change.files],
        "outside": [{"path": one.path, "action": one.action} for one in change.beside],
    }


def summary(change: ChangeSet) -> str:
    """2 added, 1 changed; 1 file outside the catalog."""
    counts: dict[str, int] = {}
    for file in change.files:
        counts[file.action] = counts.get(file.action, 0) + 1
    order = ("added", "changed", "renamed", "removed", "unreadable")
    told = ", ".join(f"{counts[action]:,} {action}" for action in order if action in counts) or "nothing in the catalog changed"
    outside = f"; {len(change.beside):,} file{'' if len(change.beside) == 1 else 's'} outside the catalog" if change.beside else ""
    return told + outside


def refs_of(change: ChangeSet) -> list[str]:
    """Refs of everything that changed, each once; publishers and providers, which come along, last."""
    order = sorted(change.files, key=lambda file: file.kind in ("publisher", "provider"))
    return list(dict.fromkeys(file.ref for file in order))


def _value(file: FileChange, units: dict[str, str]) -> dict[str, Any]:
    return {
        "path": file.path,
        "kind": file.kind,
        "ref": file.ref,
        "action": file.action,
        "renamed_from": file.moved_from or None,
        "reason": file.reason or None,
        "changes": [
            {"field": one.pointer, "class": one.class_, "before": one.before, "after": one.after, "unit": _unit(file, one, units)}
            for one in file.meanings
        ],
    }


def _protected(change: ChangeSet) -> Iterator[Line]:
    words = {"given": "would wear {tag}", "touched": "wears {tag}, and changes", "taken off": "would wear {tag} no more"}
    for one in change.protected:
        told = words[one.action].format(tag=one.tag)
        yield Line(_PROTECTED, one.ref, f"{told}: {', '.join(one.why)}" if one.why else told)


def _outside(change: ChangeSet) -> Iterator[Line]:
    for one in change.beside:
        yield Line(_OUTSIDE, one.path, one.action)


def _file(file: FileChange, units: dict[str, str]) -> Iterator[Line]:
    subject = file.id.rpartition("/")[0] if file.kind in ("results", "scan") else file.ref
    if file.action == "renamed":
        yield Line("Renamed", subject, f"before: {file.moved_from}")
    elif file.action == "unreadable":
        yield Line(_UNREADABLE, file.path, file.reason)
    elif file.action in ("added", "removed"):
        heading = _HEADING_OF["result" if file.kind == "results" else file.action]
        yield Line(heading, subject, _gist(file))
    for one in file.meanings:
        yield Line(_HEADING_OF[one.class_], subject, _told(file, one, units))


def _told(file: FileChange, one: Meaning, units: dict[str, str]) -> str:
    if one.class_ == "digest":
        artifact = (file.after or {})["artifacts"][int(one.pointer.split("/")[2])].get("id")
        was, now = (f"{value[:_SHORT]}..." if value else "no digests" for value in (one.before, one.after))
        return f"artifact {artifact} has other files: {was} -> {now}"
    row = {
        "kind": "changed", "class": one.class_, "before": one.before, "after": one.after,
        "entity": file.kind, "pointer": one.pointer, "unit": _unit(file, one, units),
    }  # fmt: skip
    return f"{sentence(row)}{_share(one)}"


def _unit(file: FileChange, one: Meaning, units: dict[str, str]) -> str | None:
    return unit_of(one.pointer, file.after or {}, units) if one.class_ in ("price", "correction") and file.after else None


def _share(one: Meaning) -> str:
    """By how much a price rose or fell."""
    before, after = one.before, one.after
    if one.class_ not in ("price", "correction") or not all(isinstance(value, (int, float)) for value in (before, after)) or not before:
        return ""
    return f" ({(after - before) / before:+.0%})"


def _gist(file: FileChange) -> str:
    """What matters about a file that is new or gone."""
    document = file.after or file.before or {}
    if file.kind == "version":
        limits, architecture = (part if isinstance(part := document.get(name), dict) else {} for name in ("limits", "architecture"))
        parameters = architecture.get("parameters")
        total, context = parameters.get("total") if isinstance(parameters, dict) else None, limits.get("context")
        told = [
            f"{weights(total)} parameters" if isinstance(total, int) else "",
            f"{tokens(context)} context" if isinstance(context, int) else "",
            f"{plain(document['weights'])} weights" if "weights" in document else "",
            f"wearing {plain(document['tags'])}" if document.get("tags") else "",
        ]
        return ", ".join(part for part in told if part)
    if file.kind == "model":
        told = [plain(document.get(name)) for name in ("name", "type", "license")]
        return ", ".join(part for part in told if part)
    kind = "created" if file.action == "added" else "removed"
    row = {"kind": kind, "class": None, "before": file.before, "after": file.after, "entity": file.kind, "pointer": "", "unit": None}
    return sentence(row).removeprefix(kind).strip()
