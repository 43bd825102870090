"""Writes docs/index.md and docs/commands.md from the program: `python -m tests.house.reference`.

tests/house/test_docs.py fails where a page is not what this file makes of the program.
"""

import importlib
import inspect
import textwrap
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from modelreg_cli import errors
from modelreg_cli.cli.table import Entry, all_commands, sections
from modelreg_cli.commands.options import Command, Param
from modelreg_cli.history import kinds
from modelreg_cli.history import tables as history_tables
from modelreg_cli.index.numbers import SCHEMA_VERSION
from modelreg_cli.index.past import MOST
from modelreg_cli.index.tables import all_tables, all_views

DOCS = Path(__file__).parents[2] / "docs"

INDEX_HEAD = """\
# The index: tables and views

<!-- Made by `python -m tests.house.reference` from modelreg_cli/index/tables.py; a test fails where it is stale. -->

`modelreg build` compiles the catalog into one SQLite file. Every reading command answers from that file alone, and so may
you: with `modelreg sql`, or with any program that opens SQLite.

```console
$ modelreg sql "SELECT ref, price_in FROM version WHERE price_in < 0.1 ORDER BY price_in, ref LIMIT 5"
```

**What is promised.** Tables, views, columns and their meaning are a contract. `PRAGMA user_version` (and `schema_version`
in `meta`) is {version}; it is raised with every change that could break a query that names its columns. New tables, columns at the
end of a table, and indexes may come without that, so name the columns that you want. `PRAGMA application_id` is
0x6d726567 ("mreg"). Nothing is promised about SQLite's own tables, or about
`version.number` beyond one file: it joins tables inside a file, `version.ref` names a version everywhere.

**What the file depends on.** The files below `catalog/` and the program; never the clock, the machine or the order of files.
`meta` holds the Git id of `catalog/` (`tree`) and, in a file that `modelreg build -o` wrote, a sha256 over all facts in order (`digest`).
The digest is the same whatever SQLite wrote the file, and whether it was built at once or brought up to date change by change; the bytes
of a file of `build -o` are the same for one version of the SQLite library.

**NULL means unknown**, and nothing else. A limit that is known to be absent is 0, one that is known to be endless is
9223372036854775807. Prices are in USD for a million tokens in `version` and `offering`, and in their own currency for their
own meter in `price`. Dates are text, as exact as their source: a year, a month or a day. Yes and no are 1 and 0.

The file is replaced, never edited in place: open it with `mode=ro`, and open it again to see a newer one.
"""

QUERIES = (
    (
        "The cheapest open models that call functions, with 100,000 tokens of context",
        """SELECT v.ref, v.price_in, v.price_out, v.license
FROM version v JOIN label l ON l.version = v.number AND l.axis = 'capability' AND l.value = 'tools'
WHERE v.is_default = 1 AND v.weights = 'open' AND v.context >= 100000 AND v.price_in IS NOT NULL
ORDER BY v.price_in, v.ref""",
    ),
    (
        "Who serves a version, and in which precision",
        """SELECT provider, wire_id, coalesce(quantization, 'undisclosed') AS precision, price_in, price_out
FROM offering WHERE version = 'zai-org/glm-5.1@2026-04-07' AND in_service = 1
ORDER BY price_in IS NULL, price_in, id""",
    ),
    (
        "How prices changed",
        """SELECT o.provider, o.wire_id, p.observed, p.meter, p.rate, p.currency
FROM price p JOIN offering o ON o.id = p.offering
WHERE p.variant = 0 ORDER BY o.id, p.entry, p.meter""",
    ),
    (
        "Headline scores of one benchmark",
        """SELECT ref, value, stderr FROM leaderboard WHERE benchmark = 'swe-bench-verified' ORDER BY value DESC""",
    ),
    (
        "Everything that was made from a model, at any distance",
        """WITH RECURSIVE made(model) AS (
  SELECT 'qwen/qwen3-32b'
  UNION
  SELECT l.model FROM lineage l JOIN made m ON l.parent = m.model OR l.parent LIKE m.model || '@%'
)
SELECT model FROM made ORDER BY model""",
    ),
    (
        "Models with a word in their id",
        """SELECT id, name FROM model WHERE ' ' || words || ' ' LIKE '% coder %' ORDER BY id""",
    ),
    (
        "Models whose licence forbids commercial use, or does not say",
        """SELECT model, license, coalesce(commercial, 'unknown') AS commercial FROM model_summary
WHERE coalesce(commercial, 'unknown') IN ('no', 'unknown') ORDER BY model""",
    ),
    (
        "Values that no other column has: a field of the whole document",
        """SELECT id, json_extract(json, '$.reasoning.efforts') AS efforts FROM document
WHERE kind = 'version' AND json_extract(json, '$.reasoning.efforts') IS NOT NULL ORDER BY id""",
    ),
)

HISTORY_HEAD = """\
# The past: `--at` and `modelreg history`

<!-- Made by `python -m tests.house.reference` from modelreg_cli/history/; a test fails where it is stale. -->

Git is the audit log: every state that was ever committed can be asked, and every change has a moment, an author and a commit.

## Asking a past state: `--at`

Every command that reads the index takes `--at`, and answers as the catalog was then. It says on stderr which commit that is.

```console
$ modelreg show qwen3-32b --at v1.2.0
$ modelreg search --capability tools --max-price-in 0.2 --at 2026-06-01
$ modelreg sql "SELECT count(*) FROM offering" --at HEAD~20
```

| written | meaning |
| --- | --- |
| a commit, branch or tag | that commit, as `git rev-parse` reads it; abbreviations and `HEAD~3` too |
| `2026-06-01T12:00:30Z` | the newest commit of HEAD's first-parent line whose committer time is that second or earlier |
| `2026-06-01T12:00`, `2026-06-01T14:00+02:00` | the same; without seconds they are 0, without an offset it is UTC |
| `2026-06-01`, `2026-06`, `2026` | the end of that day, month or year: its last second in UTC |

- **A tag or branch that is called like a date wins**, and stderr says so; with a time of day the date is meant. An abbreviated commit
  id that looks like a year (`2026`) is the year.
- **The line is what counts, not the clock.** A commit on a merged branch became true with its merge. Where clocks were wrong and a commit
  has an earlier time than its parent, the line is walked back from HEAD and the first commit that is old enough is taken, with all that it
  builds on.
- A date before the first commit is an error that says when that was. A shallow clone says that its history is cut off there.
- `--at` wins over `MODELREG_INDEX`; together with `--index` it is an error.
- Of a pulled catalog (`--catalog`, `MODELREG_CATALOG`, or where no checkout is) a date means the newest state that was published by then,
  and a commit id the state of that commit; `modelreg pull --at` brings it ([publish.md](publish.md)).
- Files that today's rules refuse are left out, and that is said, as for the checkout.

**What is kept.** The index of a state is named by the Git id of `catalog/` and by the program, in `.modelreg/trees/`: the second question
at the same state, or at another commit with the same catalog, builds nothing. The {most} indexes used last are kept; a reader whose file is
removed reads it to the end. In a bare repository the folder is `modelreg/` in the Git directory; where that cannot be written it is
`modelreg/` in the user's cache folder (`XDG_CACHE_HOME`, `~/.cache`).

## What changed when: `modelreg history`

```console
$ modelreg history meta-llama/llama-3.1-8b-instruct      # its versions, results and the offerings that serve it too
$ modelreg history openrouter:qwen/qwen3-32b --kind price
$ modelreg history tag:curated --since 2026-06            # who got it, who lost it, who decided
$ modelreg history --kind status,deprecation --json
```

A ref is what other commands take; also `license:`, `tag:`, `provider:`, `publisher:` or any other kind before an id, and what is gone:
then the last line says since when. A model's history has what concerned it at that moment: an offering that went on to serve another
model leaves it.

**An event** is one value that changed in one file with one commit. What happened to the file is its `kind`; what a change means is
its `class`. `--kind` takes the words of both.

{words}

- **When** is the committer time of the commit on HEAD's first-parent line: the moment at which it was true for everybody. With a
  merge that is the merge. **Who** is the author of the newest merged commit that touched the file; of what the merge alone
  changed, the merge's author.
- **A price** is told by meter against the entry before it; only a new last entry is one. Everything else that happens to an entry
  is a correction: history as it should have been told. A new day of reading (`observed`, `source`) with the same rates is
  neither.
- **A move** within one commit, with 90 % of the content, goes on under the new id, and the old id's events belong to it. Two
  files that are only alike are two things.
- **A file that cannot be read** is an event; when it can be again, it is compared with what it last said.
- Order of keys, comments, `3` and `3.0` are no events. A change of the format is none either: documents of older schema versions
  are brought into the words of today before they are compared (`modelreg_cli/history/migrations.py`).
- In a shallow clone the first commit tells nothing: what it has was there before.

## history.db

`modelreg history` keeps its events in `.modelreg/history.db` and brings it up to HEAD first; `modelreg history -o FILE` writes
one. Its rows are a function of the commits of the first-parent line and the program, never of the clock, the machine or the way
it grew: a file that followed every commit has the rows of one made at once. A new commit costs that commit; after a rewrite it
goes on where the lines part. The file is replaced, never edited in place: open it with `mode=ro`.

Tables, columns and their meaning are a contract. `PRAGMA user_version` (and `schema_version` in `meta`) is {version}; it is
raised with every change that could break a query that names its columns. `PRAGMA application_id` is 0x6d726568 ("mreh").

"""

HISTORY_QUERIES = (
    (
        "Prices of input over time",
        """SELECT datetime(r.time, 'unixepoch') AS since, e.ref, e.before, e.after, e.unit
FROM event e JOIN revision r ON r.number = e.revision
WHERE e.class = 'price' AND e.pointer LIKE '%/rates/input' ORDER BY e.ref, r.number""",
    ),
    (
        "Who wears a tag since when, and who decided",
        """SELECT e.ref, max(datetime(r.time, 'unixepoch')) AS since, e.author
FROM about a JOIN event e USING (revision, position) JOIN revision r ON r.number = e.revision
WHERE a.ref = 'tag:curated' AND e.class = 'tag' GROUP BY e.ref""",
    ),
    (
        "Which index belongs to a moment: its file in `.modelreg/trees/` begins with the tree",
        """SELECT id, tree FROM revision WHERE time <= CAST(strftime('%s', '2026-12-31') AS INTEGER) ORDER BY number DESC LIMIT 1""",
    ),
)

COMMANDS_HEAD = """\
# Commands

<!-- Made by `python -m tests.house.reference` from the program; a test fails where it is stale. -->

`modelreg COMMAND --help` says the same. Every option that takes a value can be written `--option value` or
`--option=value`; `--` ends the options. Options that take several values may be repeated, and those marked with `,` may be
given with commas.

Reading commands print a table on a terminal and TSV off it, where nothing is cut. `--json` gives typed values, and null for
what is unknown. Rows go to stdout, words to stderr.

They read the first of these that there is: `--index FILE`, or `--catalog NAME`, which was pulled ([publish.md](publish.md)); the file
that `MODELREG_INDEX` names; the pulled catalog that `MODELREG_CATALOG` names; the index of the checkout they run in, which is brought up
to date first; the one catalog that was pulled; the one that came with the program, which a word on stderr tells once a day, with the day
up to which its prices were read. What was asked for by name and is not there is an error: nothing else answers in its place. With `--at`
they read the catalog of a past commit, tag or date ([history.md](history.md)).

## Exit codes

| code | error | meaning |
|---|---|---|
"""


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def index_page() -> str:
    """docs/index.md."""
    parts = [INDEX_HEAD.format(version=SCHEMA_VERSION), "## Tables\n"]
    for one in all_tables:
        rows = [[f"`{column.name}`", column.type + (" key" if column.key else ""), column.meaning] for column in one.columns]
        parts.append(f"### {one.name}\n\n{one.meaning}\n\n{table(['column', 'type', 'meaning'], rows)}")
    parts.append("## Views\n")
    parts += [f"### {name}\n\n{meaning}\n\n```sql\n{_wrapped(sql)}\n```\n" for name, (meaning, sql) in all_views.items()]
    parts.append("## Questions to start from\n")
    parts += [f"{title}:\n\n```sql\n{sql}\n```\n" for title, sql in QUERIES]
    return "\n".join(parts)


def _wrapped(sql: str) -> str:
    return textwrap.fill(sql, 110, subsequent_indent="  ", break_long_words=False)


def history_page() -> str:
    """docs/history.md."""
    words = [[f"`{word}`", "kind" if word in kinds.KINDS else "class", told] for word, told in {**kinds.KINDS, **kinds.CLASSES}.items()]
    head = HISTORY_HEAD.format(most=MOST, version=kinds.SCHEMA_VERSION, words=table(["word", "is a", "meaning"], words).strip())
    parts = [head.rstrip() + "\n"]
    for one in history_tables.all_tables:
        keys = ", ".join(f"`{column.name}`" for column in one.columns if column.key)
        parts.append(f"### {one.name}\n\n{one.meaning} Key: {keys}.\n")
        parts.append(table(["column", "type", "meaning"], [[f"`{c.name}`", c.type, c.meaning] for c in one.columns]))
    parts.append("### Questions to start from\n")
    parts += [f"{title}:\n\n```sql\n{sql}\n```\n" for title, sql in HISTORY_QUERIES]
    return "\n".join(parts)


def commands_page() -> str:
    """docs/commands.md."""
    parts = [COMMANDS_HEAD + "".join(_exit_codes())]
    for section in sections:
        parts.append(f"## {section}\n")
        parts += [_command(name, entry) for name, entry in all_commands.items() if entry.section == section]
    return "\n".join(parts)


def _exit_codes() -> Iterator[str]:
    kinds = [errors.Refused, errors.ModelregError, errors.Unavailable, errors.UnknownRef, errors.Ambiguous, errors.Pending]
    yield "| 0 | | yes; also: nothing found, or warnings only |\n"
    for kind in kinds:
        yield f"| {kind.exit_code} | `{kind.__name__}` | {_first_line(kind)} |\n"
    yield f"| {errors.BUG} | | a bug of modelreg; a log to paste into a report is printed |\n"
    yield "| 130 | | stopped with Ctrl-C |\n"


def _first_line(thing: Any) -> str:
    if thing is errors.ModelregError:
        return "Wrong usage or bad configuration."
    return (inspect.getdoc(thing) or "").splitlines()[0]


def _command(name: str, entry: Entry) -> str:
    module = importlib.import_module(entry.module)
    return _writing(name, entry.summary, getattr(module, entry.function)) if entry.function else _reading(module.COMMAND)


def _reading(command: Command) -> str:
    words = [param.metavar or param.name.upper() for param in command.params if param.argument]
    text = f"### modelreg {command.name}\n\n`modelreg {' '.join([command.name, '[OPTIONS]', *words])}`\n\n{_sentence(command.summary)}"
    text += f" {command.details}\n\n" if command.details else "\n\n"
    if command.examples:
        text += "```console\n" + "".join(f"$ {example}\n" for example in command.examples) + "```\n\n"
    return text + table(["option", "meaning"], [_option(param) for param in command.params if not param.hidden])


def _option(param: Param) -> list[str]:
    names = ", ".join([*([f"-{param.short}"] if param.short else []), param.flag]) if not param.argument else param.metavar
    value = "" if param.argument or param.kind == "flag" else f" {param.metavar or param.kind.upper()}"
    several = ", several" if param.many and not param.argument else ""
    default = f" (default {param.default})" if param.default is not None else ""
    return [f"`{names}{value}{',' if param.commas else ''}`{several}", f"{param.help}{default}"]


def _writing(name: str, summary: str, function: Callable[..., Any]) -> str:
    details = (inspect.getdoc(function) or "").partition("\n\n")[2]
    rows, words = [], []
    hints = typing.get_type_hints(function, include_extras=True)
    for key, parameter in inspect.signature(function).parameters.items():
        told = hints[key].__metadata__[0]
        if told.hidden:
            continue
        # Typer keeps the first name of an annotated option as its default
        names = [one for one in (told.default, *(told.param_decls or ())) if isinstance(one, str) and one.startswith("-")]
        names = names or [f"--{key.replace('_', '-')}"]
        argument = type(told).__name__ == "ArgumentInfo"
        if argument:
            words.append(told.metavar or key.upper())
            names = [words[-1]]
        value = f" {told.metavar}" if told.metavar and not argument else ""
        default = parameter.default
        shown = f" (default {default})" if default not in (None, False, inspect.Parameter.empty) and default != [] else ""
        rows.append([f"`{', '.join(names)}{value}`", f"{told.help or ''}{shown}"])
    head = f"### modelreg {name}\n\n`modelreg {' '.join([name, '[OPTIONS]', *words])}`\n\n{_sentence(summary)}\n\n"
    return head + (f"{details}\n\n" if details else "") + table(["option", "meaning"], rows)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


PAGES = {"history.md": history_page, "index.md": index_page, "commands.md": commands_page}

if __name__ == "__main__":
    for file, page in PAGES.items():
        (DOCS / file).write_text(page(), "utf-8")
