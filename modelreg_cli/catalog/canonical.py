"""Which files `modelreg fmt` would write differently."""

from collections.abc import Iterator
from dataclasses import dataclass

from modelreg_cli.catalog import codes, document
from modelreg_cli.catalog.format import canonical
from modelreg_cli.catalog.layers import is_own
from modelreg_cli.catalog.layout import locate
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.catalog.text import Unreadable, decode, source_line
from modelreg_cli.catalog.tree import Tree
from modelreg_cli.errors import ModelregError
from modelreg_cli.finding import Finding


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text, and its canonical form; or why it has none."""

    path: str
    before: str = ""
    after: str = ""
    broken: Unreadable | None = None


def texts(tree: Tree, within: tuple[str, ...]) -> Iterator[Text]:
    """Every .yaml file of a tree, or of some of its files and folders.

    Raises:
        ModelregError: there is no such file or folder.
    """
    paths = [path for path in tree.paths() if path.endswith(".yaml") and not path.startswith("catalog/approvals/")]
    for folder in within:
        if not any(is_within(path, folder) for path in paths):
            raise ModelregError(f"there is no file {folder} in the catalog", "paths are relative to here, or to the top of the catalog")
    wanted = [path for path in paths if not within or any(is_within(path, folder) for folder in within)]
    for path, raw in tree.read(wanted):
        try:
            before = decode(raw)
            location = locate(path)
            yield Text(path, before, canonical(before, document.load(raw), location.kind if location else None))
        except Unreadable as error:
            yield Text(path, broken=error)


def is_within(path: str, folder: str) -> bool:
    """Whether a path is that file, or lies in that folder."""
    return folder in (".", path) or path.startswith(f"{folder}/")


def not_canonical(catalog: Catalog, paths: frozenset[str] | None = None) -> Iterator[Finding]:
    """Of the files that read well, or of those among `paths`."""
    loaded = {
        item.location.path: item
        for item in catalog.all()
        if (paths is None or item.location.path in paths) and is_own(catalog.tree, item.location.path)
    }
    for path, raw in catalog.tree.read(sorted(loaded)):
        text = raw.decode("utf-8", "replace")
        item = loaded[path]
        wanted = canonical(text, item.data, item.location.kind)
        if text != wanted:
            yield _difference(path, text, wanted)


def _difference(path: str, text: str, wanted: str) -> Finding:
    lines = text.split("\n"), wanted.split("\n")
    line = next((at for at, (has, wants) in enumerate(zip(*lines, strict=False), 1) if has != wants), min(map(len, lines)))
    wants = source_line(wanted, line).strip()
    hint = f"`modelreg fmt` writes: {wants[:120]}" if wants else "`modelreg fmt` repairs it"
    if text.split("\n")[line - 1].endswith("\r"):
        hint = "`modelreg fmt` ends lines as Unix does, without a carriage return"
    found = codes.NOT_CANONICAL.about(path, "the text is not in the canonical style", hint=hint)
    has = source_line(text, line)
    return found.at(line, len(has) - len(has.lstrip()) + 1, len(has.strip()), has)
