"""A commit's changed files -> events."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from modelreg_cli.catalog.layout import Location, locate
from modelreg_cli.git import Objects, Repository
from modelreg_cli.history.authors import Author, Merged
from modelreg_cli.history.blobs import Blobs
from modelreg_cli.history.meaning import meanings
from modelreg_cli.history.migrations import Migration, all_migrations, migrated
from modelreg_cli.history.subject import about, named, ref_of, worn
from modelreg_cli.history.units import METERS, unit_of, units_of
from modelreg_cli.history.walk import Blob, Revision, blobs_before

Document = dict[str, Any]
_ROOT = "catalog/catalog.yaml"
_TOGETHER = 500


class Event(NamedTuple):
    """One row of the table `event`, and the refs that it concerns."""

    kind: str
    entity: str
    id: str
    ref: str
    pointer: str
    before: Any
    after: Any
    class_: str | None
    unit: str | None
    author: Author
    about: frozenset[str]


class Teller:
    """Tells the events of commits in the order of the line."""

    def __init__(
        self,
        repository: Repository,
        objects: Objects,
        prefix: str,
        merged: Merged,
        start: str | None,
        migrations: Mapping[int, Migration] = all_migrations,
    ) -> None:
        self._repository, self._objects, self._prefix, self._merged, self._migrations = repository, objects, prefix, merged, migrations
        self._blobs = Blobs(objects)
        self._version = self._version_at(start) if start else 1
        self._units = units_of(self._document_at(start, METERS) if start else None)

    def events(self, revision: Revision) -> Iterator[Event]:
        """What became true with a commit."""
        authors = self._merged.authors(revision) if len(revision.parents) > 1 else {}
        plain = Author(revision.author, revision.email)
        version = self._version
        changes = sorted(((self._below(was), self._below(now)) for was, now in revision.changes), key=lambda pair: pair[1].path)
        for _, after in changes:
            if after.path == _ROOT and after.there:
                self._version = _number(self._blobs.read(after).document, self._version)
            elif after.path == METERS and after.there:
                self._units = units_of(self._blobs.read(after).document)
        for at in range(0, len(changes), _TOGETHER):
            together = changes[at : at + _TOGETHER]
            self._blobs.fetch(blob for pair in together for blob in pair if locate(blob.path))
            for before, after in together:
                who = authors.get(self._prefix + after.path) or authors.get(self._prefix + before.path) or plain
                yield from self._file(revision, before, after, version, who)

    def _below(self, blob: Blob) -> Blob:
        return blob._replace(path=blob.path.removeprefix(self._prefix))

    def _file(self, revision: Revision, before: Blob, after: Blob, version: int, who: Author) -> Iterator[Event]:
        old, new = locate(before.path) if before.there else None, locate(after.path) if after.there else None
        if old and new and old.kind != new.kind:
            gone, made = after._replace(mode="000000"), before._replace(mode="000000")
            yield from self._file(revision, before, gone, version, who)
            yield from self._file(revision, made, after, version, who)
            return
        was, now = self._state(old, before, version), self._state(new, after, self._version)
        place = new or old
        if place is None:
            return
        event = _Maker(place, who, was, now, self._units)
        if new is None:
            yield event.made("removed", "", was, None)
        elif now is None:
            if old is None or was is not None or self._blobs.read(before).reason != self._blobs.read(after).reason:
                yield event.made("unreadable", "", None, self._blobs.read(after).reason)
        elif old is None:
            yield event.made("created", "", None, now)
        else:
            if old.id != new.id:
                refs = ref_of(old.kind, old.id, was), ref_of(new.kind, new.id, now)
                pair = refs if refs[0] != refs[1] else (old.id, new.id)
                yield event.made("renamed", "", *pair, more=(*about(old.kind, old.id, was), *refs))
            if was is None and (was := self._last_readable(revision, old)) is None:
                yield event.made("created", "", None, now)
                return
            event = event._replace(was=was)
            for pointer, one, other, class_ in meanings(place.kind, was, now):
                yield event.made("changed", pointer, one, other, class_)

    def _state(self, place: Location | None, blob: Blob, version: int) -> Document | None:
        found = self._blobs.read(blob).document if place else None
        return None if found is None or place is None else migrated(place.kind, found, version, self._migrations)

    def _last_readable(self, revision: Revision, place: Location) -> Document | None:
        """What a file said before it could not be read any more."""
        for commit, blob in blobs_before(self._repository, revision.parents[0], self._prefix + place.path):
            if not blob.there:
                return None
            state = self._state(place, blob, 1)
            if state is not None:
                return self._state(place, blob, self._version_at(commit))
        return None

    def _document_at(self, commit: str, path: str) -> Document | None:
        oid = self._objects.ids([f"{commit}:{self._prefix}{path}"])[0]
        return self._blobs.read(Blob("100644", oid, path)).document if oid else None

    def _version_at(self, commit: str) -> int:
        return _number(self._document_at(commit, _ROOT), 1)


class _Maker(NamedTuple):
    """Makes events of one file in one commit."""

    place: Location
    who: Author
    was: Document | None
    now: Document | None
    units: Mapping[str, str]

    def made(self, kind: str, pointer: str, before: Any, after: Any, class_: str | None = None, more: tuple[str, ...] = ()) -> Event:
        entity, id_ = self.place.kind, self.place.id
        refs = {*more, *about(entity, id_, self.was or self.now), *about(entity, id_, self.now or self.was)}
        if kind in ("created", "removed"):
            refs |= {*worn(before), *worn(after)}
            class_ = "result" if entity == "results" else None
        if class_ is not None:
            refs |= {*named(entity, id_, class_, before), *named(entity, id_, class_, after)}
        ref = ref_of(entity, id_, self.now or self.was)
        unit = unit_of(pointer, self.now or {}, self.units) if class_ in ("price", "correction") else None
        return Event(kind, entity, id_, ref, pointer, before, after, class_, unit, self.who, frozenset(refs))


def _number(root: Document | None, known: int) -> int:
    version = (root or {}).get("schema_version")
    return version if isinstance(version, int) and not isinstance(version, bool) and version > 0 else known
