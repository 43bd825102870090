"""modelreg history"""

import importlib
import json
from typing import Any

from modelreg_cli import dates
from modelreg_cli.commands.answer import plural, put, style, talk
from modelreg_cli.commands.options import OUTPUT, Command, Param, Values
from modelreg_cli.errors import ModelregError
from modelreg_cli.history.ask import Asked, History, as_values, asked_of, end_of, events, open_history
from modelreg_cli.history.current import facts_of, find_history, whose_history
from modelreg_cli.history.kinds import CLASSES, KINDS
from modelreg_cli.history.refs import find_names
from modelreg_cli.render.events import timeline
from modelreg_cli.render.output import STRUCTURED, Column, rows

_WORDS = (*KINDS, *CLASSES)
_COLUMNS = [
    Column(name, name.upper())
    for name in ("time", "commit", "author", "ref", "kind", "class", "pointer", "before", "after", "unit", "subject")
]


def _run(values: Values) -> int:
    if values["output"] is not None:
        return _write(values)
    shape = style(values)
    asked = asked_of(values["since"], values["until"], values["kind"], values["limit"])
    history = open_history(find_history())
    if values["ref"] is not None:
        asked = asked._replace(names=find_names(history, values["ref"]))
    found, total = events(history, asked)
    answer = as_values(found)
    if shape.chosen == "table" and not shape.quiet and not shape.fields:
        put(timeline(answer, shape.colored))
    else:
        if shape.chosen not in STRUCTURED:
            answer = [{**row, "before": _text(row["before"]), "after": _text(row["after"])} for row in answer]
        put(rows(_COLUMNS, answer, shape, "ref", known=("email", "entity", "id", "merge")))
    if not shape.quiet:
        _footer(history, asked, len(found), total)
    return 0


def _text(value: Any) -> Any:
    """A value in a cell: lists and mappings as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value


def _footer(history: History, asked: Asked, shown: int, total: int) -> None:
    ref = asked.names[0].ref if asked.names else None
    told = [f"{plural(total, 'event')}{f' of {ref}' if ref else ''}, the newest first."]
    if shown < total:
        told.append(f"Shown: {shown}; --limit 0 shows all.")
    end = end_of(history, ref) if ref else None
    if end is not None:
        told.append(
            f"It was {'removed' if end.kind == 'removed' else f'renamed to {end.now}'} on {dates.told(end.time)[:10]} "
            f"by {end.author} ({end.commit[:8]})."
        )
    if len(asked.names) > 1:
        told.append(f"Before, it was called {', '.join(name.ref for name in asked.names[1:])}.")
    if (facts_of(history.path) or {}).get("shallow"):
        told.append("This clone is shallow: what came before it is not here; `git fetch --unshallow` brings it.")
    talk(" ".join(told))


def _write(values: Values) -> int:
    """Writes the history to a file, in this process: it loads all that the writer needs."""
    given: dict[str, Any] = {name: values[name] for name in ("ref", "since", "until") if values[name] is not None}
    if given or values["kind"]:
        raise ModelregError("--output writes the whole history", "leave out REF, --since, --until and --kind")
    root, _ = whose_history()
    write = importlib.import_module("modelreg_cli.history.write").write
    path = importlib.import_module("pathlib").Path(values["output"]).absolute()
    with importlib.import_module("modelreg_cli.render.progress").bar("reading history", "commits") as progress:
        done = write(root, path, progress)
    if not values["quiet"]:
        talk(f"{path.name}: {plural(done.events, 'event')} of {plural(done.revisions, 'commit')}, {done.read:,} read now")
    return 0


COMMAND = Command(
    "history",
    "what changed when, by whom: prices, statuses, licences, tags",
    (
        Param(
            "ref",
            "model, version, provider:wire-id, license:ID, tag:ID, any kind:ID, also of what is gone; without one, everything",
            argument=True,
            metavar="[REF]",
        ),
        Param("since", "events from this date on: 2026, 2026-06, 2026-06-01, 2026-06-01T12:00Z", metavar="DATE"),
        Param("until", "events up to the end of this date", metavar="DATE"),
        Param("kind", f"only these: {', '.join(_WORDS)}", many=True, commas=True, metavar="WORD", choices=_WORDS),
        Param("limit", "events at most; 0 is all", kind="int", default=50, metavar="N"),
        Param("output", "write the whole history to a SQLite file instead", short="o", metavar="FILE"),
        *OUTPUT,
    ),
    _run,
    details="Read from the first-parent line of HEAD: an event is of the commit with which it became true there. A new price is `price`, an "
    "edited older one `correction`. A model's history has its versions, results, and the offerings that serve it. docs/history.md has the rest.",
    examples=(
        "modelreg history meta-llama/llama-3.2-1b-instruct",
        "modelreg history --kind price,status --since 2026-11",
        "modelreg history license:apache-2.0 --json",
    ),
)
