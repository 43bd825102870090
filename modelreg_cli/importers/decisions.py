"""catalog/decisions/<importer>/: what people took stays, what no longer applies goes, the rest is as this import found it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.importers.draft import Refusal
from modelreg_cli.importers.leaves import as_text
from modelreg_cli.importers.merge import Settled
from modelreg_cli.importers.parts import base_group, parts

_LONGEST = 100
_Key = tuple[str, str, str, str]  # subject, reason, field, upstream's value as text


@dataclass(frozen=True, slots=True)
class Taken:
    """What people decided, by group; every entry as it stands in its file."""

    entries: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def links(self) -> dict[tuple[str, str], str]:
        """(group, subject) -> the version that people linked."""
        return {
            (group, entry["subject"]): entry["taken"]["version"]
            for group, entries in self.entries.items()
            for entry in entries
            if entry["taken"]["action"] == "link" and "version" in entry["taken"]
        }

    def settled(self, group: str, subject: str) -> Settled:
        """What was decided on the conflicts of one file."""
        return {
            (entry.get("field", ""), as_text(entry.get("upstream"))): entry["taken"]["action"]
            for entry in self.entries.get(group_file(group), ())
            if entry["subject"] == subject and entry["reason"] in ("conflict", "vanished-upstream")
        }


def group_file(group: str) -> str:
    """The name of a group's file: a provider's or publisher's id upstream, made safe for a path."""
    name = layout.slug(group or "-").replace(".part", "_2epart")
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def taken(catalog: Catalog, importer: str) -> Taken:
    """Entries of an importer's decisions that carry `taken`."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for id_, loaded in catalog.of("decisions").items():
        owner, _, name = id_.partition("/")
        if owner == importer:
            found[base_group(name)] += [entry for entry in loaded.data["decisions"] if "taken" in entry]
    return Taken(dict(found))


def others(catalog: Catalog, importer: str, subjects: frozenset[tuple[str, str]]) -> dict[str, list[dict[str, Any]]]:
    """Entries by group of an importer's decisions that are not about these subjects."""
    about = {(group_file(group), subject) for group, subject in subjects}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for id_, loaded in catalog.of("decisions").items():
        owner, _, name = id_.partition("/")
        if owner == importer:
            group = base_group(name)
            found[group] += [entry for entry in loaded.data["decisions"] if (group, entry["subject"]) not in about]
    return found


def files(
    importer: str,
    refusals: Iterable[Refusal],
    old: Taken,
    present: Iterable[str],
    kept: Mapping[str, list[dict[str, Any]]],
) -> dict[str, dict[str, Any]]:
    """Path -> new value of every decisions file; files of `present` that hold nothing any more become empty lists.

    `kept` are entries by group that stay whatever this import found.
    """
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for refusal in refusals:
        groups[group_file(refusal.group)].append(refusal.data())
    for group, entries in kept.items():
        groups[group] += entries
    for group in old.entries:
        groups.setdefault(group, [])
    made: dict[str, dict[str, Any]] = {path: {"decisions": []} for path in present}
    for group, entries in groups.items():
        merged = _with_taken(entries, old.entries.get(group, []))
        for name, part in parts(group, merged):
            made[layout.path_of("decisions", importer, name)] = {"decisions": part}
    return made


def open_ones(refusals: Iterable[Refusal], old: Taken) -> list[Refusal]:
    """Refusals on which people have not decided."""
    known = {group: {_key(entry) for entry in entries} for group, entries in old.entries.items()}
    return [refusal for refusal in refusals if _key(refusal.data()) not in known.get(group_file(refusal.group), ())]


def _with_taken(entries: list[dict[str, Any]], old: list[dict[str, Any]]) -> list[dict[str, Any]]:
    unique = {_key(entry): entry for entry in entries}
    for entry in old:
        fresh = unique.get(_key(entry), entry)
        unique[_key(entry)] = {**fresh, "taken": entry["taken"]}
    return [unique[key] for key in sorted(unique)]


def _key(entry: dict[str, Any]) -> _Key:
    return (entry["subject"], entry["reason"], entry.get("field", ""), as_text(entry.get("upstream")))
