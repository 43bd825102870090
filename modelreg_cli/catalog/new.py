"""A new catalog: the files that it begins with, and how they are put in place, all or none."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from modelreg_cli.catalog.format import dump
from modelreg_cli.catalog.layout import patterns_of
from modelreg_cli.catalog.pipelines import pipelines_of
from modelreg_cli.catalog.schema import all_schemas
from modelreg_cli.catalog.write import write_all
from modelreg_cli.entities.all_kinds import all_kinds
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.settings import find_root, shipped_root

PACKAGE = Path(__file__).parents[1]
_TEMPLATES = PACKAGE / "templates"
#: Folders of the reference catalog that every catalog begins with; an installed package carries them.
_SHARED = ("vocabulary", "licenses", "tags", "runtimes", "hardware")
_ROOT = "catalog/catalog.yaml"
_PLAIN = {
    "README.md": "README.md",
    "policy.yaml": "ci/policy.yaml",
    "allowed_signers": "ci/allowed_signers",
    "gitignore": ".gitignore",
    "gitattributes": ".gitattributes",
    "editorconfig": ".editorconfig",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
    "sample/publisher.yaml": "catalog/models/example/publisher.yaml",
    "sample/model.yaml": "catalog/models/example/sample-1b/model.yaml",
    "sample/1.0.0.yaml": "catalog/models/example/sample-1b/1.0.0.yaml",
}


def files_of(name: str, forge: str | None) -> dict[str, str]:
    """Path below the top -> text of every file of a new catalog, sorted."""
    schema = "# yaml-language-server: $schema=../schemas/catalog.schema.json\n"
    files = {_ROOT: schema + dump({"name": name, "schema_version": 1}, "catalog")}
    for folder in _SHARED:
        for path in sorted((_shared() / folder).glob("*.yaml")):
            files[f"catalog/{folder}/{path.name}"] = path.read_text("utf-8")
    files |= {f"schemas/{file}": text for file, text in all_schemas().items()}
    files |= {target: _template(source, name) for source, target in _PLAIN.items()}
    files[".vscode/settings.json"] = _editor()
    if forge:
        files |= pipelines_of(forge)
    return dict(sorted(files.items()))


def _shared() -> Path:
    root = shipped_root()
    if root is None:
        raise Unavailable("the program was installed without its catalog", "install it again from its package")
    return Path(root, "catalog")


def _template(source: str, name: str) -> str:
    return (_TEMPLATES / source).read_text("utf-8").replace("{name}", name)


def _editor() -> str:
    """Settings of VS Code: which schema a file has follows from its path, also before its first line says so."""
    schemas = {f"./schemas/{kind}.schema.json": patterns_of(kind) for kind in all_kinds}
    return json.dumps({"yaml.schemas": schemas, "files.eol": "\n"}, indent=2) + "\n"


def put(root: Path, files: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Writes the files that are not there yet; returns those, and those that were left alone.

    Raises:
        ModelregError: a catalog is there already or around it, something is in the way of a folder, or one cannot be written: none is then.
    """
    if (root / _ROOT).exists():
        raise ModelregError(f"{root} already holds a catalog", "add to it, or name another folder")
    above = find_root(str(next(folder for folder in (root, *root.parents) if folder.exists())))
    if above and root.is_relative_to(Path(above, "catalog")):
        raise ModelregError(f"{root} is inside the catalog of {above}", "name a folder elsewhere")
    for path in files:
        for folder in list(Path(path).parents)[:-1]:
            if (root / folder).is_symlink() or ((root / folder).exists() and not (root / folder).is_dir()):
                raise ModelregError(f"{folder} is no folder, and {path} belongs into it", "move it away first; nothing was written")
    left = [path for path in files if os.path.lexists(root / path)]
    new = [path for path in files if path not in left]
    # the file that makes a folder a catalog comes last
    write_all({root / path: files[path] for path in sorted(new, key=lambda path: path == _ROOT)})
    return new, left
