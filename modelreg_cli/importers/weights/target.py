"""The version that files of weights belong to, and the draft of it."""

from dataclasses import dataclass
from typing import Any

from modelreg_cli.catalog.layout import is_id
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.errors import ModelregError, Refused, UnknownRef, did_you_mean
from modelreg_cli.importers.draft import Draft, Facts, Refusal, Request, wrong_with

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """A version, which may be one that is not there yet (`ours` is empty then); `artifact` is the id that people gave."""

    publisher: str
    model: str
    version: str
    artifact: str | None
    ours: Document

    @property
    def ref(self) -> str:
        """publisher/model@version."""
        return f"{self.publisher}/{self.model}@{self.version}"


def target(request: Request) -> Target:
    """What --model and --artifact name.

    Raises:
        UnknownRef: there is no such model.
        ModelregError: --model is missing, or an id is none.
    """
    ref, _, below = request.options.get("model", "").partition("#")
    artifact = request.options.get("artifact") or below or None
    catalog = request.catalog
    if not ref:
        raise ModelregError("whose weights are these? --model is missing", "--model publisher/model, or publisher/model@version")
    model, _, version = ref.partition("@")
    if model not in catalog.of("model"):
        hint = did_you_mean(model, catalog.of("model")) or f"make catalog/models/{model}/model.yaml first, with a name and a type"
        raise UnknownRef(f"the catalog has no model {model!r}", hint)
    version = version or _default(catalog, model)
    for id_ in (version, artifact):
        if id_ is not None and not is_id(id_):
            raise ModelregError(f"{id_!r} is no id", "small letters, digits, and . _ - between them")
    publisher, _, name = model.partition("/")
    there = catalog.of("version").get(f"{model}@{version}")
    return Target(publisher, name, version, artifact, there.data if there else {})


def made_as(form: str, quantization: str | None, tensor_bytes: int, weights: int | None) -> Document:
    """What an artifact says of its format: bytes of all tensors over the number of weights are its bits per weight."""
    made: Document = {"id": f"{form}-{quantization}" if quantization else form, "format": form}
    made |= {"quantization": quantization} if quantization else {}
    return made | ({"bits": float(f"{tensor_bytes * 8 / weights:.4g}")} if weights else {})


def where(uri: str | None, repo: str | None, publisher: str) -> Document:
    """Where an artifact can be fetched, and who made it where that is somebody else."""
    owner = repo.partition("/")[0] if repo else None
    found: Document = {"uri": uri} if uri else {}
    return found | ({"publisher": owner} if owner and owner.lower() != publisher else {})


def absent(reason: str) -> Refusal:
    """What a header does not tell for certain."""
    return Refusal("", "", "not-understood", reason, "architecture.layers")


def draft(to: Target, said: Document, artifact: Document, source: Document, observed: str, refusals: tuple[Refusal, ...]) -> Facts:
    """The facts of one import: the version with this artifact, and what its header says.

    Raises:
        Refused: the version has other files under this id.
        ModelregError: the values do not fit a catalog.
    """
    id_ = _id(to, artifact)
    data = {**said, "artifacts": [{**artifact, "id": id_}], "sources": {id_: source}, "sourced": {"": id_}}
    subject = f"{to.ref}#{id_}"
    told = tuple(Refusal(to.publisher, subject, one.reason, one.detail, one.field, one.upstream) for one in refusals)
    made = Draft("version", (to.publisher, to.model, to.version), as_ours(data, to.ours), to.publisher, subject, partial=True)
    if wrong := wrong_with(made):
        raise ModelregError(f"{made.path} would not load: {wrong[0].message}", "--artifact ID gives another id; else the header is odd")
    return Facts((made,), told, observed, subjects=frozenset(((to.publisher, subject),)))


def _default(catalog: Catalog, model: str) -> str:
    version = catalog.of("model")[model].data.get("default")
    if not version:
        raise UnknownRef(f"{model} has no default version", f"name one: --model {model}@1.0.0")
    return str(version)


def _id(to: Target, artifact: Document) -> str:
    """The id that people gave; that of the same bytes; else the plain one, unless other bytes have it."""
    ours = [one for one in to.ours.get("artifacts", ()) if isinstance(one, dict)]
    if to.artifact:
        return to.artifact
    for one in ours:
        if _digests(one) and _digests(one) == _digests(artifact):
            return str(one["id"])
    for one in ours:
        if one.get("uri") and one.get("uri") == artifact.get("uri"):
            return str(one["id"])
    taken = next((one for one in ours if one.get("id") == artifact["id"]), None)
    if taken and ((taken.get("files") and artifact.get("files")) or taken.get("uri", artifact.get("uri")) != artifact.get("uri")):
        raise Refused(
            f"{to.ref} has an artifact {artifact['id']} already, of other files",
            f"--artifact {artifact['id']} if they are to be compared, or --artifact with an id of their own",
        )
    return str(artifact["id"])


def _digests(artifact: Document) -> list[str]:
    return sorted(file["sha256"] for file in artifact.get("files") or ())


def as_ours(data: Document, ours: Document) -> Document:
    """Groups of layers in the order that stands here: the order says nothing."""
    mine = (ours.get("architecture") or {}).get("layers")
    theirs = (data.get("architecture") or {}).get("layers")
    if isinstance(mine, list) and theirs and _sorted(mine) == _sorted(theirs):
        return {**data, "architecture": {**data["architecture"], "layers": mine}}
    return data


def _sorted(layers: list[Any]) -> list[str]:
    return sorted(str(sorted(layer.items())) for layer in layers)
