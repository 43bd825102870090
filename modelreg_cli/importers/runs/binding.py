"""Which weights a run is bound to, and whether its file agrees."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from modelreg_cli.catalog.artifact import artifact_digest
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.entities.offering import Offering
from modelreg_cli.entities.version import Version
from modelreg_cli.errors import Refused, UnknownRef, did_you_mean
from modelreg_cli.importers.runs.run import Run

_COMMIT = re.compile(r"[0-9a-f]{7,64}\Z")
_ANYHOW = "is it the right --model? --even-if-named-otherwise takes it all the same"


class Named(NamedTuple):
    """What a name means here: a model, and a version and artifact of it where the name has one."""

    model: str
    version: str | None = None
    artifact: str | None = None


#: A name -> what it means; None where it means nothing, or several things.
Lookup = Callable[[str], Named | None]


class Bound(NamedTuple):
    """The version, artifact and digest that rows carry; `note` is a word for people.

    `endpoint` is the provider and wire id, where an offering was asked and no weights can be named.
    `named` says that the caller chose the artifact; `several` has the artifacts of which one must be chosen for a measured run.
    """

    version: str
    artifact: str | None
    digest: str | None
    note: str = ""
    named: bool = False
    several: tuple[str, ...] = ()
    endpoint: Mapping[str, str] | None = None


def bind(catalog: Catalog, version: str, artifact: str | None, offering: str | None = None) -> Bound:
    """The weights of a version that a run is said to have measured, or the offering that was asked.

    Raises:
        UnknownRef: it has no such artifact.
    """
    entity = catalog.get(Version, version)
    if entity is None:
        raise UnknownRef(f"{version} cannot be read", "`modelreg validate` says why")
    if offering is not None:
        served = catalog.get(Offering, offering)
        if served is None:
            raise UnknownRef(f"{offering} cannot be read", "`modelreg validate` says why")
        return Bound(version, None, None, endpoint={"provider": offering.partition("/")[0], "wire_id": served.wire_id})
    digests = {
        one.id: artifact_digest([file.model_dump(include={"path", "bytes", "sha256"}) for file in one.files or ()])
        for one in entity.artifacts or ()
    }
    if artifact is not None:
        if artifact not in digests:
            raise UnknownRef(
                f"{version} has no artifact {artifact}", did_you_mean(artifact, digests) or f"it has: {', '.join(digests) or 'none'}"
            )
        digest = digests[artifact]
        return Bound(version, artifact, digest, "" if digest else f"{version}#{artifact} has no file digests: {_UNCOUNTED}", named=True)
    known = {id_: digest for id_, digest in digests.items() if digest}
    if len(known) > 1:
        return Bound(version, None, None, several=tuple(known))
    for id_, digest in known.items():
        return Bound(version, id_, digest, f"bound to {version}#{id_}, its only artifact with digests")
    return Bound(version, None, None, f"{version} has no artifact with file digests: {_UNCOUNTED}")


_UNCOUNTED = "the rows carry no digest, and the gate counts no row of weights without one"


def contradiction(run: Run, bound: Bound, catalog: Catalog, lookup: Lookup) -> str | None:
    """What the file says of its model that is not so of the version, or None."""
    meant = next(((name, named) for name in run.names if (named := lookup(name))), None)
    if meant:
        name, named = meant
        model = bound.version.partition("@")[0]
        said = named.version or named.model
        if named.artifact and bound.artifact and (named.version, named.artifact) != (bound.version, bound.artifact):
            return f"it names {name}, which is {named.version}#{named.artifact}, not {bound.version}#{bound.artifact}"
        if named.model != model or named.version not in (None, bound.version):
            return f"it names {name}, which is {said}, not {bound.version}"
    entity = catalog.get(Version, bound.version)
    ours = entity.upstream.revision if entity and entity.upstream else None
    theirs = run.revision
    if ours and theirs and _COMMIT.match(theirs) and not ours.startswith(theirs) and not theirs.startswith(ours):
        return f"it measured the revision {theirs[:12]}, and {bound.version} is {ours[:12]}"
    return None


def agree(run: Run, bound: Bound, catalog: Catalog, lookup: Lookup, where: str, anyhow: bool) -> str:
    """A note on the model that the file names; empty where there is nothing to say.

    Raises:
        Refused: it names another model, version, artifact or revision.
    """
    wrong = contradiction(run, bound, catalog, lookup)
    if wrong and not anyhow:
        raise Refused(f"{where}: {wrong}", _ANYHOW)
    if wrong:
        return f"taken all the same: {wrong}"
    if not run.names:
        return "it does not name its model"
    return "" if any(lookup(name) for name in run.names) else f"it calls its model {run.names[0]}, which names nothing here"
