"""A new version after one that is there: what is taken over, what is not, and how far it may be."""

from typing import Any, NamedTuple

from modelreg_cli.catalog.layout import is_id, path_of
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.editing.assign import Assignment, edited
from modelreg_cli.editing.files import Files, Value
from modelreg_cli.editing.semver import MEANING, SemVer, Step, asked_by, parsed
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
    done = edited("version", copied(old, wish, protected), list(wish.assignments))
    names = [id_.partition("@")[2] for id_ in catalog.of("version") if id_.startswith(f"{model}@")]
    name, step = _named(model, base, names, wish)
    path = version_path(model, name)
    if files.has(path):
        raise Refused(f"{model}@{name} is there already", "ids are never reused; name a later one")
    notes = [*done.notes, *_judged(f"{model}@{base}", old, done.value, step, wish.anyway)]
    files.put(path, done.value)
    notes += _default(files, catalog, model, name, wish.default)
    if old.get("artifacts") and not done.value.get("artifacts"):
        notes.append(
            f"artifacts are not taken over: new bytes have other digests; modelreg edit {model}@{name} artifacts+='{{...}}' adds one"
        )
    return Released(f"{model}@{name}", step, notes)


def version_path(model: str, version: str) -> str:
    """Where a version lies.

    Raises:
        ModelregError: it cannot be called so.
    """
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


def copied(old: Value, wish: Wish, protected: frozenset[str]) -> Value:
    """What the next version is until something else is said."""
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
        steps = "".join(f"\n  --{step:<6} {old.after(step)}  {meaning}" for step, meaning in MEANING.items())
        raise ModelregError(f"how is the new version of {model} other than {base}?", f"say it, or name the version:{steps}")
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


def _default(files: Files, catalog: Catalog, model: str, name: str, moves: bool) -> list[str]:
    """Where no default was said, the newest was meant, and is not any more: what is meant must stay what it was."""
    path = path_of("model", *model.split("/"))
    value = files.value(path)
    was = base_of(files, catalog, model, None)
    files.put(path, {**value, "default": name if moves else was})
    return [] if moves else [f"{model} still means {was}; --default would move it"]


def untold() -> set[str]:
    """Fields of a version that nobody has decided about."""
    return set(Version.model_fields) - {*TAKEN, *LEFT, *PARTLY}
