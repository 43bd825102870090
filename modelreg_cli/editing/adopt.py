"""What is of the catalog underneath becomes this catalog's own: files are copied, and stay as they are when it moves on."""

from collections.abc import Iterator

from modelreg_cli.catalog.layers import Layered
from modelreg_cli.catalog.layout import overlay_path, path_of
from modelreg_cli.editing.files import Files
from modelreg_cli.errors import Refused


def adopt(files: Files, tree: Layered, version: str) -> list[str]:
    """Copies a version, its model, publisher and licences, where they are not own yet; the paths.

    Raises:
        Refused: it is own already, or an overlay would be left without what it is about.
    """
    publisher, model, name = version.replace("@", "/").split("/")
    own = path_of("version", publisher, model, name)
    if files.has(own):
        raise Refused(f"{version} is this catalog's own already", f"edit {own}")
    paths = [path_of("publisher", publisher), path_of("model", publisher, model), own]
    values = {path: files.value(path) for path in paths}
    paths += [path_of("license", id_) for id_ in sorted({*_licenses(values.values())})]
    done = []
    for path in paths:
        if files.has(path) or tree.underneath(path) is None:
            continue
        if files.has(overlay_path(path)):
            hint = "take that file away first; what it said can be edited in the copy"
            raise Refused(f"{overlay_path(path)} says what is other of {path}", hint)
        files.copy(path, files.value(path))
        done.append(path)
    return done


def _licenses(values: object) -> Iterator[str]:
    for value in values if hasattr(values, "__iter__") else ():
        if isinstance(value.get("license"), str):
            yield value["license"]
        for artifact in value.get("artifacts") or ():
            if isinstance(artifact.get("license"), str):
                yield artifact["license"]
