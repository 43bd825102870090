"""What changed of late, as an Atom feed: new, tagged, deprecated, re-priced, removed.

https://www.rfc-editor.org/rfc/rfc4287
"""

import json
import re
import sqlite3
import uuid
from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from xml.etree import ElementTree

from modelreg_cli import dates
from modelreg_cli.errors import ModelregError
from modelreg_cli.forms.made import Made, Source, made
from modelreg_cli.git import Repository
from modelreg_cli.history.ask import open_history
from modelreg_cli.history.current import facts_of, find_history
from modelreg_cli.history.walk import line

NAME = "feed.xml"
_ATOM = "http://www.w3.org/2005/Atom"
_LAST = 200
#: The last second of the year 9999.
_LATEST = 253402300799
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:modelreg:feed:v1")
#: What no XML 1.0 can hold, and what it discourages (https://www.w3.org/TR/xml/#charsets).
_NO_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SQL = """
SELECT r.time, r.id AS [commit], e.entity, e.id, e.ref, e.kind, e.class, e.pointer, e.before, e.after, e.unit, e.author, e.revision
FROM event e JOIN revision r ON r.number = e.revision
WHERE (e.kind IN ('created', 'removed') AND e.entity IN ('model', 'version'))
  OR (e.class IN ('tag', 'status', 'deprecation') AND e.entity IN ('model', 'version', 'offering'))
  OR (e.class = 'price' AND e.entity = 'offering')
ORDER BY e.revision DESC, e.entity, e.id, e.position
"""


def feed(source: Source, folder: Path) -> Iterator[Made]:
    """`feed.xml`: the last 200 changes up to the commit, an entry for each entity and commit; from Git, as `modelreg history`.

    Left out where Git does not tell all of them: in a shallow clone, or for a commit beside the line of HEAD.
    """
    history = open_history(find_history(source.root))
    facts = facts_of(history.path) or {}
    try:
        wanted = _line(source, facts)
    except ModelregError as error:
        source.talk(f"the feed is left out: {error.message}; {error.hint}")
        return
    first = history.rows("SELECT id, time FROM revision ORDER BY number LIMIT 1")[0]
    space = uuid.uuid5(_SPACE, f"{first['id']}\n{facts.get('prefix', '')}")
    together = groupby(
        (row for row in history.rows(_SQL) if wanted is None or row["commit"] in wanted), key=itemgetter("revision", "entity", "id")
    )
    entries = [_entry(list(rows), space, source) for _, rows in islice(together, _LAST)]
    top = ElementTree.Element("feed", {"xmlns": _ATOM})
    _add(top, "id", space.urn)
    _add(top, "title", f"{source.catalog}: changes of the model catalog")
    _add(top, "updated", entries[0].findtext("updated") or "" if entries else _moment(first["time"]))
    ElementTree.SubElement(top, "link", {"rel": "self", "type": "application/atom+xml", "href": NAME})
    _add(top, "generator", "modelreg")
    top.extend(entries)
    ElementTree.indent(top, " ")
    yield made(folder, NAME, ElementTree.tostring(top, "utf-8", xml_declaration=True) + b"\n", listed=True)


def _line(source: Source, facts: dict[str, str]) -> set[str] | None:
    """Commits that the feed is of; None for all that the history has.

    Raises:
        ModelregError: the history does not have all of them.
    """
    if facts.get("shallow"):
        raise ModelregError("this clone is shallow, so its history has no beginning", "`git fetch --unshallow` brings it")
    if facts.get("tip") == source.commit:
        return None
    repository = Repository(Path(source.root))
    if source.commit not in line(repository, str(facts.get("tip"))):
        raise ModelregError(f"{source.commit[:8]} is not on the line of HEAD", "check that commit out to have its feed")
    return set(line(repository, source.commit))


def _moment(seconds: int) -> str:
    """A date of RFC 3339; Git takes years that it does not have."""
    return dates.told(min(max(seconds, 0), _LATEST))


def _entry(rows: list[sqlite3.Row], space: uuid.UUID, source: Source) -> ElementTree.Element:
    """What one commit did to one entity."""
    row = rows[0]
    told = list(dict.fromkeys(map(_sentence, rows)))
    entry = ElementTree.Element("entry")
    _add(entry, "id", uuid.uuid5(space, f"{row['commit']}\n{row['entity']}\n{row['id']}").urn)
    _add(entry, "title", f"{row['ref']}: {told[0]}{f', and {len(told) - 1} more' if len(told) > 1 else ''}")
    _add(entry, "updated", _moment(row["time"]))
    _add(ElementTree.SubElement(entry, "author"), "name", row["author"].strip() or "unknown")
    for term in dict.fromkeys(one["class"] or one["kind"] for one in rows):
        ElementTree.SubElement(entry, "category", {"term": term})
    model = _model_of(row, source)
    if model:
        ElementTree.SubElement(entry, "link", {"rel": "alternate", "type": "application/json", "href": f"models/{model}.json"})
    _add(entry, "content", "\n".join(told), type="text")
    return entry


def _model_of(row: sqlite3.Row, source: Source) -> str | None:
    """The model that an entity is of, where it is still there."""
    if row["entity"] == "offering":
        found = source.index.one("SELECT v.model FROM offering o JOIN version v ON v.number = o.number WHERE o.id = ?", (row["id"],))
    else:
        found = source.index.one("SELECT id FROM model WHERE id = ?", (row["id"].partition("@")[0],))
    return str(found[0]) if found else None


def _sentence(row: sqlite3.Row) -> str:
    before, after = _value(row["before"]), _value(row["after"])
    if row["kind"] in ("created", "removed"):
        return f"{'new' if row['kind'] == 'created' else 'removed'} {row['entity']}{_gist(row)}"
    if row["class"] == "tag" and (before is None or after is None):
        return f"tag {after} given" if before is None else f"tag {before} taken off"
    of = "price " if row["class"] == "price" else ""
    what = of + row["pointer"].lstrip("/").partition("/")[2].partition("/")[2] if of else row["pointer"].lstrip("/")
    change = f"{before} -> {after}" if before is not None and after is not None else f"{after}" if before is None else f"{before} is gone"
    return " ".join([what.replace("rates/", "").replace("/", " "), change, *([row["unit"]] if row["unit"] else [])])


def _gist(row: sqlite3.Row) -> str:
    """Name, release and tags of what is new or was removed."""
    values = json.loads(row["after"] or row["before"] or "{}")
    released, tags = values.get("released"), values.get("tags")
    return "".join(
        [
            f" {values['name']}" if isinstance(values.get("name"), str) else "",
            f", released {released}" if released else "",
            f", tags {', '.join(map(str, tags))}" if isinstance(tags, list) and tags else "",
        ]
    )


def _value(text: str | None) -> str | None:
    """A value as its author wrote it: words without quotes, numbers by their digits."""
    told = None if text is None else json.loads(text)
    return told if isinstance(told, str) else text


def _add(above: ElementTree.Element, name: str, text: str, **attributes: str) -> None:
    ElementTree.SubElement(above, name, attributes).text = _NO_XML.sub("\ufffd", text)
