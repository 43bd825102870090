"""Refs: every form that a name can have, and what it means; never a guess."""

import re
from itertools import islice
from typing import Literal, NamedTuple

from modelreg_cli.errors import Ambiguous, UnknownRef, listed, nearest
from modelreg_cli.index.numbers import after
from modelreg_cli.index.words import words_of
from modelreg_cli.query import sets
from modelreg_cli.query.opened import Index

Kind = Literal["model", "version", "artifact", "offering"]
#: So many names are held against what was typed.
_MANY = 5000
#: Letters at the beginning of a word that are taken to be typed right.
_START = 3
_PURL = re.compile(r"pkg:huggingface/([^@?#]+)(?:@([^?#]+))?(?:[?#].*)?\Z")


class Target(NamedTuple):
    """What a ref means. `via` says how it was found where that is not plain; `offering` is set for a wire id."""

    kind: Kind
    model: str
    version: str
    artifact: str | None = None
    offering: str | None = None
    via: str | None = None

    @property
    def ref(self) -> str:
        """The canonical ref."""
        return f"{self.version}#{self.artifact}" if self.artifact else self.version if self.kind != "model" else self.model


def resolve_ref(index: Index, asked: str) -> Target:
    """What a ref means.

    Raises:
        UnknownRef: nothing is called so (with the nearest names), or several things are (with the candidates).
    """
    if not asked.strip():
        raise UnknownRef("an empty name means no model", "name one as publisher/model")
    purl = _PURL.match(asked)
    if purl:
        return _from_purl(index, asked, purl.group(1), purl.group(2))
    found = _exact(index, asked) or _prefixed(index, asked) or _bare(index, asked)
    if found:
        return found
    raise _unknown(index, asked)


def _exact(index: Index, asked: str) -> Target | None:
    """publisher/model, publisher/model@version, publisher/model@version#artifact."""
    rest, hash_, artifact = asked.partition("#")
    model, at, version = rest.partition("@")
    row = index.one("SELECT id, default_version FROM model WHERE id = ?", (model,)) or index.one(
        "SELECT id, default_version FROM model WHERE id = ?", (model.lower(),)
    )
    if row is None:
        return None
    target = _of_model(index, row["id"], None if row["id"] == model else "small letters")
    if at:
        target = _pick_version(index, target, version)
    if hash_:
        target = _pick_artifact(index, target, artifact)
    return target


def _of_model(index: Index, model: str, via: str | None) -> Target:
    row = index.one("SELECT default_version FROM model WHERE id = ?", (model,))
    if row is None or row["default_version"] is None:
        raise UnknownRef(f"{model} has no version", "add one: catalog/models/<publisher>/<model>/<version>.yaml")
    return Target("model", model, row["default_version"], via=via)


def _pick_version(index: Index, target: Target, version: str) -> Target:
    known = index.column("SELECT version FROM version WHERE model = ? ORDER BY position", (target.model,))
    if version in known or version.lower() in known:
        return target._replace(kind="version", version=f"{target.model}@{version if version in known else version.lower()}")
    raise UnknownRef(
        f"{target.model} has no version {version!r}", f"it has {listed(known, 'and')}", [f"{target.model}@{one}" for one in known]
    )


def _pick_artifact(index: Index, target: Target, artifact: str) -> Target:
    known = index.column("SELECT artifact FROM artifact WHERE version = ? ORDER BY artifact", (target.version,))
    if artifact in known or artifact.lower() in known:
        return target._replace(kind="artifact", artifact=artifact if artifact in known else artifact.lower())
    hint = f"it has {listed(known, 'and')}" if known else "it lists no artifacts"
    raise UnknownRef(f"{target.version} has no artifact {artifact!r}", hint, [f"{target.version}#{one}" for one in known])


def _from_purl(index: Index, asked: str, repo: str, revision: str | None) -> Target:
    """The versions and artifacts whose bytes lie at that revision; without one, what has the repository as an alias."""
    if revision is None:
        targets = _aliases(index, "hf", repo)
        return _only(index, asked, targets or _pinned(index, repo, "%"))
    targets = _pinned(index, repo, f"{revision.lower()}%")
    if not targets:
        known = [target.ref for target in _pinned(index, repo, "%")]
        hint = f"other revisions of it: {listed(known[:8], 'and')}" if known else None
        raise UnknownRef(f"nothing in the catalog is pinned to revision {revision} of {repo}", hint, known)
    return _only(index, asked, targets)


def _pinned(index: Index, repo: str, revision: str) -> list[Target]:
    """Versions, then artifacts, whose upstream is that repository at a revision like that (LIKE ignores case)."""
    versions = index.column(
        "SELECT ref FROM version WHERE upstream_hub = 'huggingface' AND upstream_repo = ? COLLATE NOCASE "
        "AND coalesce(upstream_revision, '') LIKE ? ORDER BY ref",
        (repo, revision),
    )
    pinned = f"hf://{repo}@"
    artifacts = index.column(
        "SELECT ref FROM artifact WHERE uri COLLATE NOCASE BETWEEN ? AND ? AND substr(uri, ?) LIKE ? "
        "OR (? = '%' AND uri = ? COLLATE NOCASE) ORDER BY ref",
        (pinned, after(pinned), len(pinned) + 1, revision, revision, pinned[:-1]),
    )
    found = (_exact(index, ref) for ref in versions or artifacts)
    return [target._replace(via=f"its revision at hf:{repo}") for target in found if target]


def _prefixed(index: Index, asked: str) -> Target | None:
    """provider:wire-id or namespace:name; any other prefix makes a bare name."""
    given, colon, name = asked.partition(":")
    if not colon:
        return None
    prefix = given.lower()
    if index.one("SELECT 1 FROM provider WHERE id = ?", (prefix,)):
        wires = index.rows("SELECT * FROM offering WHERE provider = ? AND wire_id = ?", (prefix, name))
        if wires:
            return _of_offering(index, wires[0]["id"], f"wire id of {prefix}")
        known = index.column("SELECT wire_id FROM offering WHERE provider = ?", (prefix,))
        near = nearest(name, known)
        raise UnknownRef(
            f"{prefix} has no offering with the wire id {name!r}",
            f"did you mean {listed([f'{prefix}:{one}' for one in near])}?"
            if near
            else f"`modelreg search --provider {prefix}` has the models that it serves",
            [f"{prefix}:{one}" for one in near],
        )
    if index.one("SELECT 1 FROM alias WHERE namespace = ?", (prefix,)):
        targets = _aliases(index, prefix, name)
        if targets:
            return _only(index, asked, targets)
        if wire := _elsewhere(index, asked):
            return wire
        known = index.column(
            "SELECT name FROM alias WHERE namespace = ? AND kind IN ('model', 'version', 'artifact', 'offering')", (prefix,)
        )
        near = [f"{prefix}:{one}" for one in nearest(name, known)]
        raise UnknownRef(f"no model has the alias {asked!r}", f"did you mean {listed(near)}?" if near else "try `modelreg search`", near)
    return None


def _aliases(index: Index, namespace: str | None, name: str) -> list[Target]:
    where = "AND namespace = ?" if namespace else ""
    values = [name.lower(), *([namespace] if namespace else [])]
    rows = index.rows(
        f"SELECT * FROM alias WHERE folded = ? {where} AND kind IN ('model', 'version', 'artifact', 'offering') ORDER BY target", values
    )
    exact = [row for row in rows if row["name"] == name]
    found = []
    for row in exact or rows:
        via = f"alias {row['namespace']}:{row['name']}"
        if row["kind"] == "offering":
            found.append(_of_offering(index, row["target"], via))
            continue
        target = _exact(index, row["target"])
        if target:
            found.append(target._replace(via=via))
    return found


def _of_offering(index: Index, id_: str, via: str) -> Target:
    row = index.one("SELECT version, provider, wire_id FROM offering WHERE id = ?", (id_,))
    if row is None or not index.one("SELECT 1 FROM version WHERE ref = ?", (row["version"],)):
        raise UnknownRef(f"the offering {id_} serves a version that is not in the catalog", "run `modelreg validate`")
    return Target("offering", row["version"].partition("@")[0], row["version"], offering=id_, via=via)


def _bare(index: Index, asked: str) -> Target | None:
    """A name without a publisher or namespace: a model, an alias, a wire id; only where it means one thing."""
    try:
        return _of_slug(index, asked) or _elsewhere(index, asked)
    except UnknownRef:
        # `name@default` is no version of a model called `name`, but the whole may be what a provider calls it
        other = _elsewhere(index, asked) if "@" in asked or "#" in asked else None
        if other is None:
            raise
        return other


def _of_slug(index: Index, asked: str) -> Target | None:
    rest, hash_, artifact = asked.partition("#")
    name, at, version = rest.partition("@")
    models = index.column("SELECT id FROM model WHERE slug = ? ORDER BY id", (name,)) or index.column(
        "SELECT id FROM model WHERE slug = ? ORDER BY id", (name.lower(),)
    )
    if not models:
        return None
    target = _only(index, asked, [_of_model(index, model, f"the only model called {models[0].partition('/')[2]}") for model in models])
    if at:
        target = _pick_version(index, target, version)
    return _pick_artifact(index, target, artifact) if hash_ else target


def _elsewhere(index: Index, asked: str) -> Target | None:
    """An alias without its namespace, or a wire id without its provider."""
    found = _aliases(index, None, asked)
    if found:
        return _only(index, asked, found)
    wires = index.rows(
        "SELECT min(id) AS id, version, count(*) AS many FROM offering WHERE wire_id = ? AND number IS NOT NULL GROUP BY version", (asked,)
    )
    targets = [
        _of_offering(index, row["id"], f"wire id of {row['many']} offerings")._replace(kind="version", offering=None) for row in wires
    ]
    return _only(index, asked, targets) if targets else None


def _only(index: Index, asked: str, targets: list[Target]) -> Target:
    if not targets:
        raise _unknown(index, asked)
    refs = sorted({target.ref for target in targets})
    if len(refs) > 1:
        raise Ambiguous(f"{asked!r} may mean {len(refs)} things", f"say which: {listed(refs[:8])}", refs)
    return targets[0]


def _unknown(index: Index, asked: str) -> UnknownRef:
    near = _near(index, asked)
    return UnknownRef(f"no model is called {asked!r}", f"did you mean {listed(near)}?" if near else "try `modelreg search`", near)


def _near(index: Index, asked: str) -> list[str]:
    """Canonical refs whose id, slug or alias looks like what was typed."""
    names: dict[str, list[str]] = {}
    for id_ in _like(index, asked):
        for name in (id_, id_.partition("/")[2]):
            names.setdefault(name, []).append(id_)
        sql = "SELECT namespace, folded, target FROM alias WHERE target = ? OR target BETWEEN ? AND ?"  # its versions and artifacts
        for row in index.rows(sql, (id_, f"{id_}@", after(f"{id_}@"))):
            names.setdefault(row["folded"], []).append(row["target"])
            names.setdefault(f"{row['namespace']}:{row['folded']}", []).append(row["target"])
    return list(dict.fromkeys(ref for name in nearest(asked, names, most=6) for ref in names[name]))[:3]


def _like(index: Index, asked: str) -> list[str]:
    """Models that may be meant: all of them, or of very many those that share most beginnings of words with what was typed."""
    if index.column("SELECT count(*) FROM model")[0] <= _MANY:
        return index.column("SELECT id FROM model ORDER BY id")
    chosen = sets.everything(index)
    for word in sorted(words_of(asked), key=len, reverse=True):
        fewer = chosen & sets.beginning(index, "word", word[:_START])
        chosen = fewer or chosen
    marks = ", ".join(map(str, islice(sets.members(chosen), _MANY)))
    return index.column(f"SELECT DISTINCT model FROM version WHERE number IN ({marks}) ORDER BY model")
