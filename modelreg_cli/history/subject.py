"""What an event tells of: the ref that people use for an entity, and every other ref that the event concerns."""

from collections.abc import Iterator
from typing import Any

from modelreg_cli.catalog.layout import locate
from modelreg_cli.history.meaning import served

Document = dict[str, Any]


def ref_of(kind: str, id_: str, document: Document | None) -> str:
    """publisher/model, publisher/model@version, provider:wire-id, version/run; of every other kind kind:id."""
    if kind in ("model", "version"):
        return id_
    if kind in ("results", "scan"):
        return f"{kind}:{id_}"
    if kind == "offering":
        wire_id = (document or {}).get("wire_id")
        provider, _, slug = id_.partition("/")
        return f"{provider}:{wire_id if isinstance(wire_id, str) else slug}"
    return f"{kind}:{id_}"


def about(kind: str, id_: str, document: Document | None) -> Iterator[str]:
    """Refs that an event of an entity in this state concerns: itself, its version and model, its provider, what an overlay changes."""
    yield ref_of(kind, id_, document)
    if kind in ("version", "results", "scan"):
        yield from of_version(id_.rpartition("/")[0] if kind != "version" else id_)
    elif kind == "offering":
        yield f"provider:{id_.partition('/')[0]}"
        yield from of_version(served((document or {}).get("serves")))
    elif kind == "overlay" and (below := locate(f"catalog/{id_}.yaml")):
        yield from about(below.kind, below.id, None)
    elif kind == "binding":
        yield f"engine:{id_.partition('/')[0]}"
        yield from of_version((document or {}).get("model"))


def of_version(ref: Any) -> Iterator[str]:
    """A version (or an artifact's) and its model."""
    if isinstance(ref, str) and ref:
        version = ref.partition("#")[0]
        yield version
        yield version.partition("@")[0]


def worn(document: Document | None) -> Iterator[str]:
    """The tags of an entity, as refs."""
    tags = (document or {}).get("tags")
    yield from (f"tag:{tag}" for tag in (tags if isinstance(tags, list) else ()) if isinstance(tag, str))


def named(kind: str, id_: str, class_: str, value: Any) -> Iterator[str]:
    """Refs that the value of a change names: a tag, a licence, a version."""
    if not isinstance(value, str):
        return
    if class_ == "tag":
        yield f"tag:{value}"
    elif class_ == "license" and kind != "license":
        yield f"license:{value}"
    elif class_ == "serves":
        yield from of_version(value)
    elif class_ == "default" and kind == "model":
        yield f"{id_}@{value}"
