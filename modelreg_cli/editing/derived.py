"""A new model that was made from another: lineage, what both have in common, and what the parent's licence says of that."""

from modelreg_cli.catalog.layout import is_id, path_of
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.editing.assign import edited
from modelreg_cli.editing.files import Files
from modelreg_cli.editing.release import Released, Wish, copied, version_path
from modelreg_cli.entities.license import License
from modelreg_cli.errors import ModelregError, Refused

_ALLOWED = {
    "yes": "allows derivatives",
    "no": "forbids derivatives",
    "conditional": "allows derivatives under conditions",
    "unknown": "does not say whether derivatives are allowed",
}
#: What a model that was made from another has in common with it.
_OF_MODEL = ("family", "tasks", "modalities", "license", "languages")


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
    taken = {key: value for key, value in copied(old, wish, protected).items() if key not in ("upstream", "weights", "license")}
    done = edited("version", taken, list(wish.assignments))
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
    files.put(version_path(new, version), done.value)
    return Released(f"{new}@{version}", None, [*done.notes, *notes])


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
