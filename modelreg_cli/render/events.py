"""Events as people read them: by commit, one line an event."""

from itertools import groupby
from typing import Any

from modelreg_cli.render.table import cut, terminal_columns
from modelreg_cli.render.words import one_line, plain

Row = dict[str, Any]
_WIDEST = 44
_TITLES = {
    "price": "price", "correction": "price corrected", "status": "status", "deprecation": "deprecation", "license": "licence",
    "limits": "limits", "serves": "serves", "default": "default version",
}  # fmt: skip


def timeline(found: list[Row], colored: bool) -> str:
    """Events under their commits: a line of day, commit, author and subject, then one for each event."""
    room = terminal_columns() or 0
    lines: list[str] = []
    for _, together in groupby(found, key=lambda row: row["commit"]):
        rows = list(together)
        lines += [*([""] if lines else []), _head(rows[0], room, colored)]
        subjects = [_subject(row) for row in rows]
        width = min(_WIDEST, max(map(len, subjects)))
        for row, subject, above in zip(rows, subjects, ["", *subjects], strict=False):
            lines.append(_fitted(f"  {'' if subject == above else subject:<{width}}  {one_line(sentence(row))}", room))
    return "".join(f"{line}\n" for line in lines)


def _head(row: Row, room: int, colored: bool) -> str:
    told = f"{row['time'][:10]} {row['time'][11:16]}Z  {row['commit'][:8]}  {one_line(row['author'])}"
    line = _fitted(f"{told}  {one_line(row['subject'])}", room)
    return f"\x1b[1m{line[: len(told)]}\x1b[0m{line[len(told) :]}" if colored else line


def _subject(row: Row) -> str:
    """What an event is of; a result's version."""
    return one_line(row["id"].rpartition("/")[0] if row["entity"] in ("results", "scan") else row["ref"])


def _fitted(line: str, room: int) -> str:
    return cut(line, room) if room else line


def sentence(row: Row) -> str:
    """One event in a few words: price input $3.00 -> $2.50/1M token."""
    kind, class_, before, after = row["kind"], row["class"], row["before"], row["after"]
    if kind in ("created", "removed"):
        gist = _gist(row["entity"], after or before or {})
        verb = ("result" if after else "result removed") if row["entity"] == "results" else kind
        return f"{verb} {gist}".strip()
    if kind == "renamed":
        return f"renamed, before: {before}"
    if kind == "unreadable":
        return f"cannot be read: {after}"
    if kind == "audited":
        who = f", approved by {', '.join(map(plain, after['approved_by']))}" if after["approved_by"] else ""
        return f"audit: {after['tag']} {after['action']}, {class_}{who}{''.join(f'; {plain(why)}' for why in after['told'][:1])}"
    if class_ in ("tag", "alias") and isinstance(before if after is None else after, str):
        verb = {"tag": ("worn", "taken off"), "alias": ("added", "gone")}[class_][after is None]
        return f"{class_} {after if before is None else before} {verb}"
    return f"{_what(row)} {_change(row)}"


def _what(row: Row) -> str:
    """The value that changed: what it is about, then its name."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in row["pointer"].split("/")[1:]]
    title = _TITLES.get(row["class"])
    if title is None:
        return " ".join(steps) or "file"
    whole = row["entity"] == "license" or steps[0] in ("rate_limits", "artifacts")
    rest = [step for step in (steps if whole else steps[1:]) if not step.isdigit() and step not in ("rates", "version")]
    return " ".join([title, *rest])


def _change(row: Row) -> str:
    before, after = row["before"], row["after"]
    if row["class"] == "status" and row["pointer"] == "/status":
        before, after = before or "active", after or "active"
    old, new = _value(before, row["unit"]), _value(after, row["unit"])
    per = (row["unit"] or "").partition("/")[2]
    end = f"/{per.removesuffix(' token')}" if per else ""
    if row["pointer"].rpartition("/")[2].isdigit() and (before is None or after is None):
        return f"+ {new}" if before is None else f"- {old}"
    if before is None:
        return f"{new}{end}"
    return f"{old} -> {'unknown' if after is None else new}{end}"


def _value(value: Any, unit: str | None) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        currency = (unit or "").partition("/")[0]
        number = _money(value) if unit else f"{value:,}" if isinstance(value, int) else repr(value)
        return f"${number}" if currency == "USD" else f"{number} {currency}".strip()
    return plain(value)


def _money(value: float) -> str:
    whole, _, cents = f"{value:.6f}".rstrip("0").partition(".")
    return f"{whole}.{cents:0<2}" if cents else whole


def _gist(entity: str, document: Row) -> str:
    """What matters about a file that is new or gone."""
    if entity == "offering":
        serves = document.get("serves")
        last = serves[-1] if isinstance(serves, list) and serves else serves
        version = last.get("version") if isinstance(last, dict) else None
        return f"serves {version}" if version else ""
    if entity == "results":
        metrics = document.get("metrics")
        told = [
            f"{metric.get('benchmark')} {plain(metric.get('value'))}"
            for metric in (metrics if isinstance(metrics, list) else [])
            if isinstance(metric, dict)
        ]
        return f"{', '.join(told[:4])}{', ...' if len(told) > 4 else ''} by {plain(document.get('by'))}"
    tags = document.get("tags")
    if isinstance(tags, list) and tags:
        return f"wearing {', '.join(map(plain, tags))}"
    return plain(document.get("name")) if entity in ("model", "publisher", "provider", "license") else ""
