"""Which protected tags a change gives, touches or takes off, and what a verdict on that needs to know."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from modelreg_cli.catalog import layout
from modelreg_cli.entities.policy import Policy
from modelreg_cli.gate.facts import Action, Bound, Document, Earlier, Evidence, Subject
from modelreg_cli.gate.files import Change
from modelreg_cli.gate.neighbours import findings_of_model
from modelreg_cli.gate.sparse import SparseState
from modelreg_cli.gate.statement import digest
from modelreg_cli.gate.statements import Notary, statements_about
from modelreg_cli.review.changeset import FileChange, Protected, protected
from modelreg_cli.review.governed import digest_of, governed
from modelreg_cli.rules.policy import POLICY

#: Values of a version that a source has to stand behind.
_SOURCED = ("license", "upstream", "limits", "modalities", "capabilities", "lacks", "dimensions", "architecture")


@dataclass(frozen=True, slots=True)
class Sides:
    """Both states of a change, and the policy of the first one."""

    old: SparseState
    new: SparseState
    policy: Policy
    changes: tuple[Change, ...]
    today: date
    moment: str | None = None


def subjects(sides: Sides) -> list[Subject]:
    """Every version and tag that the change concerns, and every benchmark that it gives another meaning."""
    files = [made for change in sides.changes if (made := _file(change, sides))]
    found = {(one.ref, one.tag): one for one in protected(sides.old, sides.new, files)}
    for one in _evidence_touched(sides):
        found.setdefault((one.ref, one.tag), one)
    return [*(_subject(found[key], sides) for key in sorted(found)), *_redefined(sides)]


def _file(change: Change, sides: Sides) -> FileChange | None:
    """The change as the changeset tells it, without what its values mean."""
    place = layout.locate(change.path)
    if place is None:
        return None
    before, after = sides.old.at(place.path), sides.new.at(place.path)
    return FileChange(place.path, place.kind, place.id, place.id, "removed" if change.after is None else "changed", before, after)


def _evidence_touched(sides: Sides) -> Iterator[Protected]:
    """Versions that wear a tag and whose measured results or scans are edited or removed."""
    for change in sides.changes:
        place = layout.locate(change.path)
        if place is None or place.kind not in ("results", "scan") or change.before is None:
            continue
        if place.kind == "results" and (sides.old.at(place.path) or {}).get("basis") == "reported":
            continue
        ref = place.id.rpartition("/")[0]
        for tag in set(sides.old.worn(ref)) & set(sides.new.worn(ref)):
            yield Protected(ref, tag, "touched", (place.path,))


def _subject(one: Protected, sides: Sides) -> Subject:
    action: Action = one.action
    if one.action == "taken off":
        return Subject(one.ref, one.tag, action if sides.new.version(one.ref) is not None else "gone")
    publisher, _, name = one.ref.partition("@")[0].partition("/")
    version = sides.new.version(one.ref) or {}
    model = sides.new.of("model", publisher, name) or {}
    artifacts = {str(item.get("id")): item for item in version.get("artifacts") or ()}
    value = governed(sides.new, one.ref) or {}
    results, scans = (_evidence(kind, one.ref, sides) for kind in ("results", "scans"))
    catalog = str((sides.old.at("catalog/catalog.yaml") or {}).get("name"))
    evidence = digest_of_evidence((*results, *scans), sides.old)
    bound = Bound(digest(value), evidence, hashlib.sha256(sides.old.tree.beside(POLICY) or b"").hexdigest(), catalog)
    made = Subject(
        one.ref,
        one.tag,
        action,
        one.why,
        type=str(model.get("type", "")),
        tasks=tuple(model.get("tasks") or ()),
        bound=bound,
        digests={id_: digest_of(artifact) for id_, artifact in artifacts.items()},
        files={id_: frozenset(str(file.get("sha256")) for file in item.get("files") or ()) for id_, item in artifacts.items()},
        licenses={id_: sides.new.of("license", id_) for id_ in value.get("licenses", {})},
        unsourced=tuple(_unsourced(version, model)),
        wrong=tuple(findings_of_model(sides.new, one.ref, sides.today)),
        results=results,
        scans=scans,
        statements=tuple(
            statements_about(one.ref, one.tag, bound, sides.new.tree, Notary(sides.old.tree, sides.policy, sides.today, sides.moment))
        ),
    )
    earlier = dict(_earlier(one.ref, one.tag, sides))
    files = (*results, *(file for other in earlier.values() for file in other.results))
    return replace(made, earlier=earlier, offerings=dict(_offerings(files, sides.old)))


def _evidence(kind: str, ref: str, sides: Sides) -> tuple[Evidence, ...]:
    """Every file of results or scans of a version, on either side, and where it comes from."""
    folder = f"catalog/{kind}/{ref.replace('@', '/')}/"
    before = {entry.path: entry.oid for entry in sides.old.tree.below(folder)}
    after = {entry.path: entry.oid for entry in sides.new.tree.below(folder)}
    return tuple(_one_file(path, before.get(path), after.get(path), sides) for path in sorted({*before, *after}))


def _one_file(path: str, before: str | None, after: str | None, sides: Sides) -> Evidence:
    document = (sides.old if after is None else sides.new).at(path)
    if after is None:
        return Evidence(path, "removed here", document)
    return Evidence(path, "base" if before == after else "added here" if before is None else "changed here", document)


def digest_of_evidence(files: Iterable[Evidence], old: SparseState) -> str:
    """A digest of all evidence that lay on the base, which a statement is bound to."""
    paths = sorted(file.path for file in files if file.standing == "base")
    return digest([[path, hashlib.sha256(raw).hexdigest()] for path, raw in old.tree.read(paths)])


def _unsourced(version: Document, model: Document) -> Iterator[str]:
    for field in _SOURCED:
        if field in version and not _has_source(version, f"/{field}"):
            yield f"/{field}"
    if "license" in model and "license" not in version and not _has_source(model, "/license"):
        yield "/license of the model"


def _has_source(document: Document, pointer: str) -> bool:
    """Whether a source stands behind the value, behind what holds it, or behind each of its parts."""
    sourced = document.get("sourced") or {}
    if "" in sourced or pointer in sourced:
        return True
    value = document[pointer[1:]]
    return isinstance(value, dict) and bool(value) and all(f"{pointer}/{key}" in sourced for key in value)


def _earlier(ref: str, tag: str, sides: Sides) -> Iterator[tuple[str, Earlier]]:
    """The versions on the base that the policy compares with, by its word for them."""
    for need in sides.policy.protected_tags[tag].benchmarks or ():
        if need.max_regression is None:
            continue
        against = need.max_regression.against
        other = _previous(ref, tag, sides.old) if against == "previous-curated" else against
        document = sides.old.version(other) if other else None
        if other and document is not None:
            publisher, _, name = other.partition("@")[0].partition("/")
            kind = (sides.old.of("model", publisher, name) or {}).get("type")
            digests = (digest_of(item) for item in document.get("artifacts") or ())
            yield against, Earlier(other, frozenset(filter(None, digests)), _on_base(other, sides), kind in ("hosted", "router"))


def _previous(ref: str, tag: str, old: SparseState) -> str | None:
    """The newest other version of the model that wears the tag."""
    others = [other for other in old.versions_of(ref.partition("@")[0]) if other != ref and tag in old.worn(other)]
    return max(others, key=lambda other: (str((old.version(other) or {}).get("released", "")), other), default=None)


def _on_base(ref: str, sides: Sides) -> tuple[Evidence, ...]:
    entries = sides.old.tree.below(f"catalog/results/{ref.replace('@', '/')}/")
    return tuple(Evidence(entry.path, "base", sides.old.at(entry.path)) for entry in entries)


def _offerings(files: Iterable[Evidence], old: SparseState) -> Iterator[tuple[tuple[str, str], Document]]:
    """The offerings that results were measured of, as the base has them."""
    for file in files:
        endpoint = (file.document or {}).get("endpoint")
        if endpoint:
            provider, wire_id = endpoint["provider"], endpoint["wire_id"]
            offering = old.of("offering", provider, layout.slug(wire_id))
            if offering and offering.get("wire_id") == wire_id:
                yield (provider, wire_id), offering


def _redefined(sides: Sides) -> Iterator[Subject]:
    """Benchmarks that the policy asks for and whose unit, or which way is better, changes."""
    for change in sides.changes:
        place = layout.locate(change.path)
        if place is None or place.kind != "benchmark" or change.before is None:
            continue
        if _meaning(sides.old.at(place.path)) == _meaning(sides.new.at(place.path)):
            continue
        for tag, needs in sides.policy.protected_tags.items():
            if any(need.benchmark == place.id for need in needs.benchmarks or ()):
                yield Subject(f"benchmark {place.id}", tag, "redefined", ("unit, direction or metrics",))


def _meaning(document: Document | None) -> object:
    """What decides how a value is read: metrics in their order (the first is the default), unit and direction."""
    metrics = (document or {}).get("metrics")
    return [(id_, metric.get("unit"), metric.get("better")) for id_, metric in metrics.items()] if isinstance(metrics, dict) else None
