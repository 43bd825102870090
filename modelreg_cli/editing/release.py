"""A new version after one that is there, and a new model that was made from one: what is taken over, and what is not."""

from typing import Any, NamedTuple

from modelreg_cli.catalog.layout import is_id, path_of
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.editing.assign import Assignment, edited
from modelreg_cli.editing.files import Files, Value
from modelreg_cli.editing.semver import MEANING, SemVer, Step, asked_by, parsed
from modelreg_cli.entities.license import License
from modelreg_cli.entities.version import Version
from modelreg_cli.errors import ModelregError, Refused, UnknownRef, listed

#: What a version is and is for: true of the next one too, until somebody says otherwise.
TAKEN = (
    "weights",
    "license",
    "modalities",
    "limits",
    "capabilities",
    "lacks",
    "reasoning",
    "dimensions",
    "architecture",
    "parameters",
    "extra",
)
#: What was said, measured, approved or named of the old bytes alone; with the reason.
LEFT = {
    "name": "it is the old version's own",
    "released": "--released says it, else today",
    "updated": "it tells of the old one",
    "status": "the new one is active",
    "deprecation": "it is the end of the old one",
    "knowledge": "later bytes may know more",
    "capability_scores": "they were judged on the old bytes",
    "quality": "it was judged on the old bytes",
    "artifacts": "new bytes have other digests and another place",
    "hardware": "it was recommended for the old one",
    "min_vram_gib": "it was recommended for the old one",
    "aliases": "they name exactly the old one",
    "links": "they are about the old one",
    "changelog": "--changelog says it",
    "sources": "they were read of the old one",
    "sourced": "it points to sources of the old one",
    "notes": "they are about the old one",
}
#: Taken over in part: field -> what of it.
PARTLY = {"upstream": "hub and repo; the revision pins the old bytes", "tags": "all but protected ones, which are earned again"}
_ALLOWED = {
    "yes": "allows derivatives",
    "no": "forbids derivatives",
    "conditional": "allows derivatives under conditions",
    "unknown": "does not say whether derivatives are allowed",
}
#: What a model that was made from another has in common with it.
_OF_MODEL = ("family", "tasks", "modalities", "license", "languages")


class Wish(NamedTuple):
    """What was asked for: a version by name, or a step from the old one."""

    version: str | None
    step: Step | None
    released: str
    changelog: str | None = None
    anyway: bool = False
    default: bool = False
    assignments: tuple[Assignment, ...] = ()


class Released(NamedTuple):
    """The new ref, the step that it is (None: no SemVer), and what is to be said."""

    ref: str
    step: Step | None
    notes: list[str]


def next_version(files: Files, catalog: Catalog, model: str, base: str, wish: Wish, protected: frozenset[str]) -> Released:
    """Puts the new version's file, and the model's default where that is to move.

    Raises:
        Refused: the version is there, comes before its base, or is a smaller step than what changed.
        ModelregError: no version was named, or a field that there is not.
    """
    old = files.value(path_of("version", *model.split("/"), base))
    done = edited("version", _copied(old, wish, protected), list(wish.assignments))
    names = [id_.partition("@")[2] for id_ in catalog.of("version") if id_.startswith(f"{model}@")]
    name, step = _named(model, base, names, wish)
    path = _path(model, name)
    if files.has(path):
        raise Refused(f"{model}@{name} is there already", "ids are never reused; name a later one")
    notes = [*done.notes, *_judged(f"{model}@{base}", old, done.value, step, wish.anyway)]
    files.put(path, done.value)
    notes += _default(files, model, base, name, wish.default, len(names))
    notes += (
        [f"artifacts of {model}@{base} are not taken over: new bytes have other digests (--from, docs/editing.md)"]
        if old.get("artifacts")
        else []
    )
    return Released(f"{model}@{name}", step, notes)


def made_from(
    files: Files, catalog: Catalog, base: str, new: str, relation: str, name: str | None, wish: Wish, protected: frozenset[str]
) -> Released:
    """Puts publisher, model and first version of a model that was made from another.

    Raises:
        Refused: the model is there, or the licence of its parent forbids it.
        ModelregError: a field that there is not, or an id that is none.
    """
    parent, _, _ = base.partition("@")
    publisher, _, slug = new.partition("/")
    if not (is_id(publisher) and is_id(slug)):
        raise ModelregError(f"{new!r} is no id of a model", "write publisher/model in small letters, digits and ._- inside")
    path = path_of("model", publisher, slug)
    if files.has(path):
        raise Refused(f"{new} is there already", f"its next version: modelreg release {new}")
    above = files.value(path_of("model", *parent.split("/")))
    old = files.value(path_of("version", *parent.split("/"), base.partition("@")[2]))
    version = wish.version or "1.0.0"
    license_ = old.get("license") or above.get("license")
    notes = _terms(catalog, license_, wish.anyway)
    copied = {key: value for key, value in _copied(old, wish, protected).items() if key not in ("upstream", "weights", "license")}
    done = edited("version", copied, list(wish.assignments))
    value = {
        "name": name or slug,
        **{key: above[key] for key in _OF_MODEL if key in above},
        **({"license": license_} if license_ else {}),
        "type": "adapter" if relation == "adapter" else above["type"],
        "default": version,
        "lineage": [{"relation": relation, "of": base}],
        **({"tags": kept} if (kept := [tag for tag in above.get("tags") or () if tag not in protected]) else {}),
    }
    publishers = path_of("publisher", publisher)
    if not files.has(publishers):
        files.put(publishers, {"name": publisher})
        notes.append(f"publisher {publisher} is new: modelreg edit {publishers} name=... url=...")
    files.put(path, value)
    files.put(_path(new, version), done.value)
    return Released(f"{new}@{version}", None, [*done.notes, *notes])


def _path(model: str, version: str) -> str:
    if not is_id(version):
        raise ModelregError(f"{version!r} is no version", "major.minor.patch, or upstream's own date or number (2024-08-06, 2512)")
    return path_of("version", *model.split("/"), version)


def base_of(files: Files, catalog: Catalog, model: str, asked: str | None) -> str:
    """The version that the new one follows: the one that was named, else the default one, else the newest.

    Raises:
        UnknownRef: there is no such version, or none at all.
    """
    value = files.value(path_of("model", *model.split("/")))
    names = [id_.partition("@")[2] for id_ in catalog.of("version") if id_.startswith(f"{model}@")]
    chosen = asked or value.get("default") or max(names, key=lambda name: _age(catalog, model, name), default=None)
    if chosen in names:
        return str(chosen)
    if not names:
        raise UnknownRef(f"{model} has no version yet", f"modelreg new {model}@VERSION")
    raise UnknownRef(f"{model} has no version {chosen!r}", f"it has {listed(sorted(names), 'and')}; --from names one")


def _age(catalog: Catalog, model: str, name: str) -> tuple[str, str]:
    version = catalog.get(Version, f"{model}@{name}")
    return (version.released if version else None) or "", name


def _copied(old: Value, wish: Wish, protected: frozenset[str]) -> Value:
    new: dict[str, Any] = {"released": wish.released, **{name: old[name] for name in TAKEN if name in old}}
    if upstream := {key: value for key, value in (old.get("upstream") or {}).items() if key != "revision"}:
        new["upstream"] = upstream
    if tags := [tag for tag in old.get("tags") or () if tag not in protected]:
        new["tags"] = tags
    if wish.changelog:
        new["changelog"] = wish.changelog
    return new


def _named(model: str, base: str, names: list[str], wish: Wish) -> tuple[str, Step | None]:
    """The name of the new version, and how far it is from the old one."""
    old = parsed(base)
    if wish.version is not None:
        new = parsed(wish.version)
        if old and new and new.rank <= old.rank:
            lower = [known for name in names if (known := parsed(name)) and known.rank < new.rank]
            hint = f"name the version that it follows: --from {max(lower, key=lambda one: one.rank)}" if lower else "name a later one"
            raise Refused(f"{wish.version} does not come after {base}", hint)
        return wish.version, old.step_to(new) if old and new else None
    if old is None:
        raise ModelregError(
            f"{model}@{base} is named by a date or number of its own", f"name the new version: modelreg release {model} VERSION"
        )
    if wish.step is None:
        steps = "; ".join(f"--{step} ({old.after(step)}): {meaning}" for step, meaning in MEANING.items())
        raise ModelregError(f"how is the new version of {model} other than {base}?", steps)
    return str(_free(old, wish.step, names)), wish.step


def _free(old: SemVer, step: Step, names: list[str]) -> SemVer:
    new = old.after(step)
    if str(new) in names:
        known = max((found for name in names if (found := parsed(name))), key=lambda one: one.rank)
        raise Refused(f"the next {step} version after {old} is {new}, and that is there already", f"the latest is {known}: --from {known}")
    return new


def _judged(ref: str, old: Value, new: Value, step: Step | None, anyway: bool) -> list[str]:
    """Whether the step is as great as what changed asks for."""
    if step is None:
        return []
    wanted, fields = asked_by(old | {name: None for name in LEFT if name not in new}, new)
    steps = list(MEANING)
    if steps.index(step) > steps.index(wanted):
        told = f"{listed(fields, 'and')} {'is' if len(fields) == 1 else 'are'} other than in {ref}, which asks for a {wanted} version"
        if not anyway:
            raise Refused(told, f"{wanted}: {MEANING[wanted]}; use --{wanted}, or --anyway")
        return [f"{told}; taken anyway"]
    return [f"{step}: {MEANING[step]}"]


def _default(files: Files, model: str, base: str, name: str, moves: bool, known: int) -> list[str]:
    path = path_of("model", *model.split("/"))
    value = files.value(path)
    was = value.get("default")
    if moves:
        files.put(path, {**value, "default": name})
        return []
    if was is None and known == 1:
        files.put(path, {**value, "default": base})
    return [f"{model} still means {was or base}; --default would move it"]


def _terms(catalog: Catalog, license_: str | None, anyway: bool) -> list[str]:
    """What the parent's licence says of models that are made from it."""
    found = catalog.get(License, license_) if license_ else None
    if found is None:
        return ["the licence of its parent is unknown here: find out what it says of derivatives"]
    allowed = found.terms.derivatives
    if allowed == "no" and not anyway:
        raise Refused(f"{license_} forbids derivatives", "--anyway, where its owner allowed it")
    more = [f"it asks: {'; '.join(found.obligations)}"] if found.obligations else []
    more += ["they must carry the same terms"] if found.terms.share_alike == "yes" else []
    return [f"licence {license_} {_ALLOWED[allowed]}{''.join(f'; {one}' for one in more)}"]


def untold() -> set[str]:
    """Fields of a version that nobody has decided about."""
    return set(Version.model_fields) - {*TAKEN, *LEFT, *PARTLY}
