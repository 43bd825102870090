"""What a new catalog repository holds: templates, the schemas, and the vocabulary and some licences of the shipped catalog."""

import json
import os
from pathlib import Path
from typing import Any

from modelreg_cli import __version__
from modelreg_cli.catalog.format import Comments, dump
from modelreg_cli.catalog.layout import patterns_of
from modelreg_cli.catalog.load import load_file
from modelreg_cli.catalog.schema import all_schemas
from modelreg_cli.catalog.write import write_all
from modelreg_cli.entities.all_kinds import all_kinds
from modelreg_cli.errors import ModelregError, Refused, Unavailable, did_you_mean
from modelreg_cli.settings import find_root, shipped_root

_TEMPLATES = Path(__file__).parents[1] / "templates"
#: Forges that there is a pipeline for: folders of templates.
FORGES = ("forgejo", "github", "gitlab")
#: Of the shipped catalog, a new one begins with these.
_TAKEN = (
    *("vocabulary/capabilities", "vocabulary/evaluators", "vocabulary/meters", "vocabulary/modalities", "vocabulary/tasks"),
    *("licenses/apache-2.0", "licenses/bsd-3-clause", "licenses/mit"),
    *("licenses/cc-by-4.0", "licenses/cc-by-nc-4.0", "licenses/cc-by-sa-4.0", "tags/curated"),
)


class New:
    """A repository to be: texts by path below its top, those that are written and those that something is there for."""

    def __init__(self, folder: Path, texts: dict[str, str]) -> None:
        self.folder = folder
        self.left = sorted(path for path in texts if os.path.lexists(folder / path))
        self.texts = {path: text for path, text in sorted(texts.items()) if path not in self.left}

    def write(self) -> None:
        """Writes what is not there: all of it or nothing.

        Raises:
            ModelregError: something cannot be written.
        """
        write_all({self.folder / path: text for path, text in self.texts.items()})


def new_repository(folder: Path, name: str | None, forge: str | None) -> New:
    """A new catalog repository in a folder; nothing that is there is touched.

    Raises:
        Refused: a catalog is there already.
        ModelregError: a name that cannot be one, an unknown forge, or a folder that is in the way.
    """
    if forge is not None and forge not in FORGES:
        raise ModelregError(f"no forge is called {forge!r}", did_you_mean(forge, FORGES) or f"known: {', '.join(FORGES)}")
    top = folder.resolve()
    _free(top)
    texts = {f"schemas/{file}": text for file, text in all_schemas().items()}
    texts |= _catalog(name or top.name)
    for part in ("repository", *([forge] if forge else [])):
        texts |= _templates(part, {"@NAME@": name or top.name, "@VERSION@": __version__})
    texts[".vscode/settings.json"] = _editor()
    for path in texts:
        _reachable(top, path)
    return New(top, texts)


def _free(top: Path) -> None:
    if top.exists() and not top.is_dir():
        raise ModelregError(f"{top.name} is a file", "name a folder")
    if (top / "catalog").exists():
        raise Refused(f"there is a catalog/ in {top.name} already", "`modelreg validate` checks one; nothing was written")
    above = find_root(str(top if top.exists() else top.parent))
    if above and top.is_relative_to(Path(above, "catalog")):
        raise Refused(f"{top.name} is inside the catalog of {above}", "name a folder elsewhere; nothing was written")


def _reachable(top: Path, path: str) -> None:
    """The folders on the way to a file are folders, and no links to elsewhere."""
    for folder in list(Path(path).parents)[:-1]:
        if (top / folder).is_symlink() or ((top / folder).exists() and not (top / folder).is_dir()):
            raise ModelregError(f"{folder} is no folder, and {path} belongs into it", "move it away first; nothing was written")


def _catalog(name: str) -> dict[str, str]:
    header = Comments(header=["# yaml-language-server: $schema=../schemas/catalog.schema.json"])
    texts = {"catalog/catalog.yaml": dump({"name": name, "schema_version": 1}, "catalog", header)}
    wrong = load_file("catalog/catalog.yaml", texts["catalog/catalog.yaml"].encode("utf-8", "surrogateescape"))[1]
    if wrong:
        raise ModelregError(f"{name!r} cannot be the name of a catalog: {wrong[0].message}", "give one with --name")
    root = shipped_root()
    if root is None:
        raise Unavailable("this program came without the vocabulary of a new catalog", "install modelreg again")
    paths = [f"catalog/{path}.yaml" for path in _TAKEN]
    return texts | {path: Path(root, path).read_text("utf-8") for path in paths}


def _templates(part: str, words: dict[str, str]) -> dict[str, str]:
    """Files of a folder of templates; `dot-` at the beginning of a name stands for the dot."""
    texts = {}
    for file in sorted((_TEMPLATES / part).rglob("*")):
        if file.is_file():
            steps = [f".{step[4:]}" if step.startswith("dot-") else step for step in file.relative_to(_TEMPLATES / part).parts]
            text = file.read_text("utf-8")
            for word, value in words.items():
                text = text.replace(word, value)
            texts["/".join(steps)] = text
    return texts


def _editor() -> str:
    """Which schema a file has, for editors that know YAML."""
    settings: dict[str, Any] = {
        "yaml.schemas": {f"./schemas/{kind}.schema.json": patterns_of(kind) for kind in all_kinds},
        "files.eol": "\n",
    }
    return json.dumps(settings, indent=2) + "\n"
