"""Which catalog a value is from, where one lies over another."""

from typing import Any

from modelreg_cli.query.opened import Index

#: Words of an overlay, and what it did to a value.
_DONE = {"set": "set", "unset": "unset", "add": "added to", "remove": "removed from", "replace": "replaced"}
_FOLDER = "catalog/"


def layers(index: Index, entities: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """For each entity, by kind and id: the catalog that its file is from, and each value that is other here.

    Nothing where the catalog lies over none.
    """
    name = index.document("catalog", "catalog").get("extends")
    if not name:
        return []
    own = index.meta().get("name")
    found = []
    for kind, id_ in entities:
        row = index.one("SELECT path, layer FROM document WHERE kind = ? AND id = ?", (kind, id_))
        if row is None:
            continue
        overlay = index.document("overlay", row["path"].removeprefix(_FOLDER).removesuffix(".yaml")) if row["layer"] else {}
        changes = [{"value": place, "change": done} for word, done in _DONE.items() for place in overlay.get(word) or ()]
        found.append({"kind": kind, "id": id_, "layer": row["layer"] or own, "overlay": changes, "reason": overlay.get("reason")})
    return found
