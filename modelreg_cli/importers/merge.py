"""Three-way: what upstream says now, what it said last time, and what stands here.

  upstream as last time          our value stays, whatever people wrote
  upstream new, ours as last     upstream's value is taken
  upstream new, ours changed     ours stays; a decision `conflict` until people settle it
  upstream speaks for the first time and says more than ours, contradicting nothing: what it adds is taken
A changed price is a new entry below the old one, and a floating name's new version a new entry of its history.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

from modelreg_cli.catalog.text import pointer_to
from modelreg_cli.importers.draft import Draft
from modelreg_cli.importers.leaves import (
    BLOCKED,
    PROVENANCE,
    READ_ON,
    Path,
    as_text,
    digest,
    field_of,
    is_keyed,
    item_of,
    leaf,
    leaves,
    path_of,
    put,
    said,
)
from modelreg_cli.importers.more import PRICES, added, grown, over

#: What people decided on a conflict, by (field, upstream's value as one text): keep, ignore or accept.
Settled = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that both sides changed."""

    field: str
    upstream: Any
    ours: Any
    vanished: bool = False


@dataclass(slots=True)
class Merged:
    """Our new value, what is seen of upstream from now on, which leaves were taken, what grew, and what needs people."""

    data: dict[str, Any]
    seen: dict[str, str] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    added: list[Path] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def seen_of(draft: Draft) -> dict[str, str]:
    """Field -> digest of everything that upstream says in a draft."""
    told = leaves(draft.data, keyed=draft.partial)
    return {field_of(path): mark for path, value in sorted(told.items()) if (mark := digest(path, value))}


def merge(ours: dict[str, Any], draft: Draft, seen: dict[str, str], settled: Settled) -> Merged:
    """Our file after this import."""
    theirs = leaves(draft.data, keyed=draft.partial)
    if draft.some_rates and PRICES in theirs:
        theirs[PRICES] = over(leaf(ours, PRICES), theirs[PRICES])
    result = Merged(copy.deepcopy(ours))
    observed = next((source["retrieved"] for source in draft.data.get("sources", {}).values()), "")
    for path in sorted({*theirs, *(path_of(name) for name in seen)}):
        name, value = field_of(path), theirs.get(path)
        if draft.partial and value is None:
            _see(result, name, seen[name])
            continue
        now, before, mine = digest(path, value), seen.get(name), digest(path, leaf(ours, path))
        if draft.partial and mine is not None and not is_keyed(path):
            before = None  # it was seen in another file: one file does not correct what another one said
        # a vanished price is told as long as it stands here: it stays seen as it was
        if value is None and path == PRICES and mine is not None:
            _told(result, Conflict(name, None, _short(leaf(ours, path)), vanished=True), settled, before)
        elif now in (before, mine):
            _see(result, name, now)
        elif mine == before or settled.get((name, as_text(said(path, value)))) == "accept":
            put(result.data, path, _next(path, leaf(ours, path), value, observed))
            result.taken.append(name)
            _see(result, name, now)
        elif before is None and (more := grown(path, leaf(ours, path), value)) is not None:
            put(result.data, path, more)
            result.added += added(path, leaf(ours, path), more)
            result.taken.append(name)
            _see(result, name, now)
        else:
            conflict = Conflict(name, said(path, value), _short(said(path, leaf(ours, path))))
            _told(result, conflict, settled, before, now)
    if result.taken:
        if READ_ON in theirs and isinstance(result.data.get("source"), dict):
            put(result.data, READ_ON, theirs[READ_ON])
        _provenance(result, ours, draft)
    return result


def _see(result: Merged, name: str, mark: str | None) -> None:
    if mark:
        result.seen[name] = mark


def _told(result: Merged, conflict: Conflict, settled: Settled, before: str | None, now: str | None = None) -> None:
    """A conflict, unless people settled just this one; until then upstream's value counts as not seen."""
    answer = settled.get((conflict.field, as_text(conflict.upstream)))
    _see(result, conflict.field, now if answer in ("keep", "ignore") and not conflict.vanished else before)
    if answer is None or conflict.vanished:
        result.conflicts.append(conflict)


def _next(path: Path, ours: Any, value: Any, observed: str) -> Any:
    """A leaf after taking upstream's value: histories grow, everything else is replaced."""
    if path == PRICES and isinstance(ours, list) and isinstance(value, list):
        return sorted([*ours, *value], key=_since)
    if path == ("serves",) and ours is not None and ours is not BLOCKED and not value["pinned"]:
        return [*(ours if isinstance(ours, list) else [ours]), {**value, "from": observed}]
    return value


def _since(price: Any) -> str:
    """Entries stand oldest first, also when a source is read that is older than what is here."""
    return str(price.get("from", price.get("observed", ""))) if isinstance(price, dict) else ""


def _provenance(result: Merged, ours: dict[str, Any], draft: Draft) -> None:
    """The source of what was taken: of the whole file where the importer made it, else of the single values."""
    whole = any(ours.get("sourced", {}).get("") == name for name in draft.data.get("sources", ()))
    for key in PROVENANCE & draft.data.keys():
        known = dict(ours.get(key, {}))
        if key == "sources":
            known |= draft.data[key]
        elif whole:
            known = {**draft.data[key], **known}
        else:
            name = next(iter(draft.data["sources"]))
            grew = {path[0] for path in result.added}
            known |= {_pointer(result.data, ours, path_of(field), draft.partial): name for field in result.taken if field not in grew}
            known |= {pointer_to(*path): name for path in result.added}
        result.data[key] = known


def _pointer(data: dict[str, Any], ours: dict[str, Any], path: Path, partial: bool) -> str:
    """Where a leaf is; of a thing that is new, where it is as a whole."""
    if not is_keyed(path):
        return pointer_to(*(path if path[0] in ours or not partial else path[:1]))
    if path[0] not in ours:
        return pointer_to(path[0])
    place = data[path[0]].index(item_of(data[path[0]], path[1]))
    return pointer_to(path[0], place, *(path[2:] if item_of(ours.get(path[0], []), path[1]) else ()))


def _short(value: Any) -> Any:
    return "a value of another form" if value is BLOCKED else value
