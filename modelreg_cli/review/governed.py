"""What an approval is given for: the values of a version, and of what gives them their meaning, as their authors wrote them.

A typo in a changelog changes none of them; another file, licence, parent or name that leads here changes one.
"""

from typing import Any

from modelreg_cli.catalog.artifact import artifact_digest
from modelreg_cli.catalog.layout import is_id
from modelreg_cli.review.state import Document, State

_OF_VERSION = ("status", "license", "upstream", "limits", "modalities", "capabilities", "lacks", "dimensions", "aliases")
_OF_ARTIFACT = ("id", "publisher", "format", "quantization", "uri", "mirrors", "license", "kv_layout", "aliases")
_OF_MODEL = ("type", "tasks", "modalities", "license", "default", "lineage", "aliases")
_OF_LICENSE = ("spdx", "terms", "conditions", "obligations", "restrictions", "version", "commit")


def governed(state: State, ref: str) -> dict[str, Any] | None:
    """The governed values of publisher/model@version: of itself, its artifacts by id, its model, its licences by id.

    None where there is no such version.
    """
    version = state.version(ref)
    if version is None:
        return None
    publisher, _, name = ref.partition("@")[0].partition("/")
    model = state.of("model", publisher, name) or {}
    listed = version.get("artifacts")
    artifacts = [artifact for artifact in listed if isinstance(artifact, dict)] if isinstance(listed, list) else []
    licenses = {id_ for holder in (model, version, *artifacts) if isinstance(id_ := holder.get("license"), str) and is_id(id_)}
    return {
        "version": _picked(version, _OF_VERSION) | {"tags": sorted(state.worn(ref))},
        "artifacts": {str(artifact.get("id")): _artifact(artifact) for artifact in artifacts},
        "model": _picked(model, _OF_MODEL),
        "licenses": {id_: _picked(state.of("license", id_) or {}, _OF_LICENSE) for id_ in sorted(licenses)},
    }


def _artifact(artifact: Document) -> Document:
    return _picked(artifact, _OF_ARTIFACT) | {"digest": digest_of(artifact)}


def digest_of(artifact: Document) -> str | None:
    """The digest of an artifact's files; of a list that is none, its text: it differs from every digest."""
    try:
        return artifact_digest(artifact.get("files"))
    except (KeyError, TypeError):
        return repr(artifact.get("files"))


def _picked(document: Document, fields: tuple[str, ...]) -> Document:
    return {field: document[field] for field in fields if field in document}
