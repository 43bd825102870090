"""What every reading command does around its question: open the index, print rows to stdout and talk to stderr."""

import importlib
import sys
import time
from typing import Any

from modelreg_cli import __version__
from modelreg_cli.commands.options import Values
from modelreg_cli.errors import ModelregError, Unavailable, did_you_mean, listed
from modelreg_cli.index import held
from modelreg_cli.index.current import find_index, pulled_catalog
from modelreg_cli.index.place import git_of, own_cache
from modelreg_cli.index.stamp import is_large
from modelreg_cli.query.opened import Index, open_index
from modelreg_cli.render import words
from modelreg_cli.render.output import COLORS, FORMATS, Style, record
from modelreg_cli.settings import find_root, shipped_index


def opened(values: Values) -> Index:
    """The index that the options name, with a word on stderr where files were left out of it."""
    chosen = _chosen(values)
    if values.get("at") is None and is_large(chosen):
        talk("note: a large catalog is read as Git noted it last; `modelreg build` takes in files that were edited since")
    index = open_index(chosen)
    left_out = index.meta().get("left_out", "0")
    if left_out != "0":
        told = "1 file with errors is" if left_out == "1" else f"{left_out} files with errors are"
        at = "" if values.get("at") is None else f" --at {values['at']}"
        talk(f"warning: {told} not in this index; run `modelreg validate{at}`")
    if values.get("index") is None and not values.get("quiet") and chosen == shipped_index():
        _tell_of_shipped(index)
    return index


def _tell_of_shipped(index: Index) -> None:
    """Says that no catalog of the reader's own answers, and how old the facts are; once a day."""
    if not held.told_today(own_cache(), time.time()):
        until = index.must("SELECT max(observed) FROM offering")[0]
        talk(
            f"note: no catalog is here, so the one that came with modelreg {__version__} answers ({index.meta()['name']}, prices of up to "
            f"{until or 'no known day'}); `modelreg pull CHANNEL` brings another"
        )


def _chosen(values: Values) -> str:
    """The index file to read; for a past state, with a word on stderr about which commit it is."""
    if values.get("at") is None:
        if values.get("index") is not None and values.get("catalog") is not None:
            raise ModelregError("--index and --catalog exclude each other", "both say what to ask")
        found = find_index(values.get("index"), catalog=values.get("catalog"))
        if not values.get("quiet") and (told := held.of_age(found, time.time())):
            talk(told)
        return found
    if values.get("index") is not None:
        raise ModelregError("--at and --index exclude each other", "--index has one state only; --at asks a checkout, or what was pulled")
    file, words_of_it = _past(values["at"], values.get("catalog"))
    if not values.get("quiet"):
        for line in words_of_it:
            talk(line)
    return file


def _past(at: str, catalog: str | None) -> tuple[str, list[str]]:
    """The index of a past state, of a pulled catalog or of the checkout; what that needs would slow down every reader."""
    if (pulled := pulled_catalog(catalog)) is not None:
        file, told = importlib.import_module("modelreg_cli.index.states").index_at(pulled, at)
        return file, [told]
    if shipped_index() and find_root() is None and git_of(".") is None:
        raise Unavailable(
            "the catalog that came with the program has one state", "run --at in a clone of a catalog, or `modelreg pull` one"
        )
    past = importlib.import_module("modelreg_cli.index.past").past_index(at)
    return str(past.file), past.told


def style(values: Values) -> Style:
    """How to print.

    Raises:
        ModelregError: an unknown format or colour.
    """
    kind = "json" if values.get("json") else values.get("format")
    if kind is not None and kind not in FORMATS:
        raise ModelregError(f"no format is called {kind!r}", did_you_mean(kind, FORMATS) or f"known: {', '.join(FORMATS)}")
    color = values.get("color") or "auto"
    if color not in COLORS:
        raise ModelregError(f"--color takes {listed(list(COLORS))}, not {color!r}", did_you_mean(color, COLORS))
    fields = tuple(part.strip() for part in (values.get("fields") or "").split(",") if part.strip())
    return Style(kind, fields, bool(values.get("quiet")), color)


def put(text: str) -> None:
    """Rows to stdout."""
    sys.stdout.write(text)


def put_record(answer: dict[str, Any], shape: Style, id_field: str = "ref") -> None:
    """One answer with many fields to stdout."""
    put(f"{words.one_line(answer[id_field])}\n" if shape.quiet else record(answer, shape))


def talk(text: str) -> None:
    """Words to stderr."""
    sys.stdout.flush()
    print(text, file=sys.stderr)


def plural(count: int, word: str) -> str:
    """1 model, 2 models."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
