"""What there is to publish beside the SQLite file, by name."""

from collections.abc import Callable, Iterator
from pathlib import Path

from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.forms.documents import documents
from modelreg_cli.forms.feed import feed
from modelreg_cli.forms.listing import listing
from modelreg_cli.forms.made import Made, Source
from modelreg_cli.forms.parquet import library, parquet
from modelreg_cli.forms.schemas import schemas

#: A form by the name that `--forms` takes.
all_forms: dict[str, Callable[[Source, Path], Iterator[Made]]] = {
    "schemas": schemas,
    "documents": documents,
    "feed": feed,
    "parquet": parquet,
}
#: Published where nobody says otherwise.
USUAL = ("schemas", "documents", "feed")
NONE = "none"


def forms_of(names: str) -> tuple[str, ...]:
    """The forms of a list with commas; `none` is none.

    Raises:
        ModelregError: one is not known, or what writes it is not installed.
    """
    asked = [name.strip() for name in names.split(",") if name.strip()]
    for name in asked:
        if name not in (*all_forms, NONE):
            raise ModelregError(f"no form is called {name!r}", did_you_mean(name, all_forms) or f"known: {', '.join(all_forms)}, {NONE}")
    if not asked or (NONE in asked and len(asked) > 1):
        raise ModelregError(f"--forms {names!r} names no forms", f"such as --forms {','.join(USUAL)}, or --forms {NONE}")
    if "parquet" in asked:
        library()
    return tuple(name for name in all_forms if name in asked)


def make(names: tuple[str, ...], source: Source, counts: dict[str, int], folder: Path) -> list[Made]:
    """The files of these forms, written below a folder; the list of them comes last. Nothing where no form is asked for."""
    found = [one for name in names for one in all_forms[name](source, folder)]
    return [*found, listing(source, found, counts, folder)] if names else []
