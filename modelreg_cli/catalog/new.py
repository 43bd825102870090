"""A new catalog: the files that it begins with, and how they are put in place, all or none."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from modelreg_cli import __version__
from modelreg_cli.catalog.format import dump
from modelreg_cli.catalog.schema import all_schemas
from modelreg_cli.entities.all_kinds import all_kinds
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.settings import shipped_root

PACKAGE = Path(__file__).parents[1]
_TEMPLATES = PACKAGE / "templates"
#: Folders of the reference catalog that every catalog begins with; an installed package carries them.
_SHARED = ("vocabulary", "licenses", "tags", "runtimes", "hardware")
#: Forge -> where its pipeline lies.
FORGES: dict[str, str] = {
    "github": ".github/workflows/validate.yml",
    "gitlab": ".gitlab-ci.yml",
    "forgejo": ".forgejo/workflows/validate.yml",
}
_PLAIN = {
    "README.md": "README.md",
    "policy.yaml": "ci/policy.yaml",
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
    files = {"catalog/catalog.yaml": schema + dump({"name": name, "schema_version": 1}, "catalog")}
    for folder in _SHARED:
        for path in sorted((_shared() / folder).glob("*.yaml")):
            files[f"catalog/{folder}/{path.name}"] = path.read_text("utf-8")
    files |= {f"schemas/{file}": text for file, text in all_schemas().items()}
    files |= {target: _template(source, name) for source, target in _PLAIN.items()}
    files[".vscode/settings.json"] = _editor()
    if forge:
        files[FORGES[forge]] = _template(f"pipelines/{forge}.yml", name)
    return dict(sorted(files.items()))


def _shared() -> Path:
    root = shipped_root()
    if root is None:
        raise Unavailable("the program was installed without its catalog", "install it again from its package")
    return Path(root, "catalog")


def _template(source: str, name: str) -> str:
    return (_TEMPLATES / source).read_text("utf-8").replace("{name}", name).replace("{version}", __version__)


def _editor() -> str:
    """Settings of VS Code: which schema a file has follows from its path, also before its first line says so."""
    patterns = {
        "catalog": ["catalog/catalog.yaml"],
        "publisher": ["catalog/models/*/publisher.yaml"],
        "model": ["catalog/models/*/*/model.yaml"],
        "provider": ["catalog/providers/*/provider.yaml"],
        **{kind: [f"catalog/{kind}s/*.yaml"] for kind in ("license", "benchmark", "tag", "runtime", "tenant")},
        "vocabulary": ["catalog/vocabulary/*.yaml"],
        "hardware": ["catalog/hardware/*.yaml"],
    }
    known = {f"./schemas/{kind}.schema.json": paths for kind, paths in patterns.items() if kind in all_kinds}
    return json.dumps({"yaml.schemas": known}, indent=2) + "\n"


def put(root: Path, files: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Writes the files that are not there yet; returns those, and those that were left alone.

    Raises:
        ModelregError: a catalog is there already, or something stands where a folder must be.
        Unavailable: they cannot be written; then none is.
    """
    if (root / "catalog" / "catalog.yaml").exists():
        raise ModelregError(f"{root} already holds a catalog", "add to it, or name another folder")
    left = [path for path in files if os.path.lexists(root / path)]
    new = [path for path in files if path not in left]
    made: list[Path] = []
    try:
        for path in new:
            _write(root / path, files[path], made)
    except OSError as error:
        _take_back(made)
        raise Unavailable(f"{error.filename or root} cannot be written: {error.strerror}", "nothing was left there") from None
    except BaseException:
        _take_back(made)
        raise
    return new, left


def _write(path: Path, text: str, made: list[Path]) -> None:
    """One file, whole, with the folders above it; `made` notes what is new."""
    for folder in reversed(path.parents):
        if not folder.is_dir():
            folder.mkdir()
            made.append(folder)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    made.append(Path(name))
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(0o644)
    Path(name).replace(path)
    made[-1] = path


def _take_back(made: list[Path]) -> None:
    for path in reversed(made):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
