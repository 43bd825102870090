"""What an import would write: every draft against the file that is there, decisions and snapshot with it."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.load import Catalog, load_file
from modelreg_cli.catalog.revise import fresh, revised
from modelreg_cli.catalog.write import replace_file
from modelreg_cli.errors import ModelregError
from modelreg_cli.importers import decisions, snapshot
from modelreg_cli.importers.decisions import Taken
from modelreg_cli.importers.draft import Draft, Facts, Importer, Listed, Refusal, Request, text_of
from modelreg_cli.importers.merge import Conflict, Merged, merge, seen_of

#: A file that is out of use needs no word that upstream has dropped it too.
_OUT_OF_USE = ("retired", "disabled")
_OWN_KINDS = ("decisions", "snapshot")


@dataclass(frozen=True, slots=True)
class Change:
    """One file that an import writes: its value before and after it; `fields` are the values that it takes from upstream."""

    path: str
    kind: str
    action: Literal["created", "changed"]
    text: str
    fields: tuple[str, ...] = ()
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """A draft, the file that was there, and what came of it."""

    draft: Draft
    ours: dict[str, Any]
    merged: Merged


@dataclass(slots=True)
class Plan:
    """Everything an import would do."""

    changes: list[Change] = field(default_factory=list)
    unchanged: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    open: list[Refusal] = field(default_factory=list)
    observed: str = ""
    tally: dict[str, int] = field(default_factory=dict)
    unmapped: dict[str, int] = field(default_factory=dict)
    met: list[Met] = field(default_factory=list)
    listing: list[Listed] = field(default_factory=list)

    def counts(self, action: str) -> dict[str, int]:
        """Files by kind."""
        return dict(
            sorted(Counter(change.kind for change in self.changes if change.action == action and change.kind not in _OWN_KINDS).items())
        )

    def reasons(self) -> dict[str, int]:
        """Open decisions by reason."""
        return dict(sorted(Counter(refusal.reason for refusal in self.open).items()))


def plan(importer: Importer, request: Request, root: Path) -> Plan:
    """Reads the source and compares it with the catalog; writes nothing.

    What the request lacks (people's links, earlier imports) is read from its catalog.

    Raises:
        ModelregError: the source can not be read, or a file of decisions or a snapshot here is broken.
    """
    catalog = request.catalog
    _readable(catalog, importer.name)
    taken, seen = decisions.taken(catalog, importer.name), snapshot.seen_by(catalog, importer.name)
    facts = importer.facts(replace(request, links=taken.links(), ours=frozenset(seen)))
    return _Planner(importer.name, catalog, root, facts, taken, seen).plan()


def write(root: Path, made: Plan) -> None:
    """Writes every change; a reader sees each file old or new, never half. The snapshot comes last."""
    for change in sorted(made.changes, key=lambda change: (change.kind == "snapshot", change.path)):
        replace_file(root / change.path, change.text)


def _readable(catalog: Catalog, importer: str) -> None:
    """What people decided must be read whole, or the import would forget it."""
    folders = tuple(f"catalog/{folder}/{importer}/" for folder in ("decisions", "snapshots"))
    for finding in catalog.findings:
        if finding.path.startswith(folders) and finding.severity == "error":
            raise ModelregError(f"{finding.path} can not be read: {finding.message}", "repair it first: `modelreg validate` tells the line")


class _Planner:
    def __init__(self, importer: str, catalog: Catalog, root: Path, facts: Facts, taken: Taken, seen: snapshot.Seen) -> None:
        self._importer, self._catalog, self._root, self._facts = importer, catalog, root, facts
        self._taken, self._before = taken, seen
        self._seen: snapshot.Seen = {}
        self._plan = Plan(observed=facts.observed, tally=facts.tally, unmapped=facts.unmapped)
        self._plan.refusals = list(facts.refusals)

    def plan(self) -> Plan:
        paths: dict[str, Draft] = {}
        for draft in self._facts.drafts:
            if draft.path in paths:
                raise ModelregError(f"the importer gave {draft.path} twice", "this is a bug of modelreg; please report it")
            paths[draft.path] = draft
            self._plan.refusals += draft.decisions
            self._draft(draft)
        for path in sorted(self._before.keys() - paths.keys()):
            self._absent(path)
        self._listed(paths)
        self._own_files()
        return self._plan

    def _listed(self, drafts: dict[str, Draft]) -> None:
        """What a server lists; known ones of which it says something new are changed."""
        told = {drafts[change.path].subject for change in self._plan.changes if change.action == "changed" and change.path in drafts}
        told |= {refusal.subject for refusal in decisions.open_ones(self._plan.refusals, self._taken) if refusal.reason == "conflict"}
        for one in self._facts.listing:
            changed = one.state == "known" and one.name in told
            self._plan.listing.append(one._replace(state="changed") if changed else one)

    def _draft(self, draft: Draft) -> None:
        path = draft.path
        loaded = self._loaded(path)
        if (self._root / path).exists():
            if draft.once:
                self._plan.unchanged[draft.kind] += 1
            elif loaded is None:
                self._refuse(draft, "broken-here", f"{path} has errors, so nothing is written to it")
                self._keep(path)
            else:
                self._meet(draft, loaded)
        elif path in self._before:
            self._refuse(draft, "removed-here", f"{path} was removed here; it is not made again")
            self._keep(path)
        else:
            self._plan.changes.append(Change(path, draft.kind, "created", text_of(draft), after=draft.data))
            if not draft.once:
                self._seen[path] = seen_of(draft)

    def _meet(self, draft: Draft, ours: dict[str, Any]) -> None:
        """A draft and the file that is there."""
        path = draft.path
        merged = merge(ours, draft, self._before.get(path, {}), self._taken.settled(draft.group, draft.subject))
        self._plan.met.append(Met(draft, ours, merged))
        for conflict in merged.conflicts:
            self._conflict(draft, conflict)
        self._seen[path] = dict(sorted(merged.seen.items()))
        if merged.data == ours:
            self._plan.unchanged[draft.kind] += 1
            return
        text = revised((self._root / path).read_text("utf-8"), merged.data, draft.kind)
        wrong = load_file(path, text.encode("utf-8"))[1]
        if wrong:
            self._refuse(draft, "does-not-fit", f"with upstream's new values {path} would have an error: {wrong[0].message}")
            self._keep(path)
            return
        self._plan.changes.append(Change(path, draft.kind, "changed", text, tuple(merged.taken), ours, merged.data))

    def _conflict(self, draft: Draft, conflict: Conflict) -> None:
        reason = "vanished-upstream" if conflict.vanished else "conflict"
        words = f"{draft.path}: upstream has it no more" if conflict.vanished else f"{draft.path}: changed here and upstream, differently"
        self._plan.refusals.append(Refusal(draft.group, draft.subject, reason, words, conflict.field, conflict.upstream, conflict.ours))

    def _absent(self, path: str) -> None:
        """A file that was imported once, of which upstream says nothing now."""
        location, ours = layout.locate(path), self._loaded(path)
        if not (self._root / path).exists() or location is None:
            return
        self._keep(path)
        told = path in self._facts.still_there or location.kind not in self._facts.covers
        if told or ours is None or ours.get("status") in _OUT_OF_USE:
            return
        subject = str(ours.get("wire_id", location.id))
        words = f"{path} was imported, and upstream has it no more; it stays until people retire it"
        self._plan.refusals.append(Refusal(location.parts[0], subject, "vanished-upstream", words))

    def _keep(self, path: str) -> None:
        if path in self._before:
            self._seen[path] = self._before[path]

    def _loaded(self, path: str) -> dict[str, Any] | None:
        location = layout.locate(path)
        found = self._catalog.of(location.kind).get(location.id) if location else None
        return found.data if found else None

    def _refuse(self, draft: Draft, reason: str, detail: str) -> None:
        self._plan.refusals.append(Refusal(draft.group, draft.subject, reason, detail))

    def _own_files(self) -> None:
        """Decisions and snapshots, where they differ from what is there."""
        self._plan.open = decisions.open_ones(self._plan.refusals, self._taken)
        subjects = self._facts.subjects
        kept = {} if subjects is None else decisions.others(self._catalog, self._importer, subjects)
        made = decisions.files(self._importer, self._plan.refusals, self._taken, self._present("decisions"), kept)
        for path, value in {**made, **snapshot.files(self._importer, self._seen, self._present("snapshot"))}.items():
            kind = "decisions" if path in made else "snapshot"
            ours = self._loaded(path)
            if ours == value:
                continue
            text = fresh(path, value, kind) if ours is None else revised((self._root / path).read_text("utf-8"), value, kind)
            wrong = load_file(path, text.encode("utf-8"))[1]
            if wrong:
                raise ModelregError(f"{path} would not load: {wrong[0].message}", "this is a bug of modelreg; please report it")
            self._plan.changes.append(Change(path, kind, "created" if ours is None else "changed", text))

    def _present(self, kind: str) -> list[str]:
        return [loaded.location.path for id_, loaded in self._catalog.of(kind).items() if id_.partition("/")[0] == self._importer]
