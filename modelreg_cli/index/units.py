"""Which files belong together: a model with all that hangs on it is one unit, every other file is one of its own."""

from collections.abc import Iterable
from typing import NamedTuple

#: Folders below catalog/ that hold files of models -> steps of a path there.
FOLDERS = {"models": 5, "results": 6, "scans": 6}


class Layout(NamedTuple):
    """Paths of the models by id, in order; paths of all other files."""

    models: dict[str, list[str]]
    others: list[str]


def layout_of(paths: Iterable[str]) -> Layout:
    """Parts the files of a catalog. Numbers of versions follow the order of models, so they follow from the paths alone."""
    models: dict[str, list[str]] = {}
    others = []
    for path in sorted(paths):
        model = model_of(path)
        if model is None:
            others.append(path)
        else:
            models.setdefault(model, []).append(path)
    return Layout({model: models[model] for model in sorted(models, key=lambda id_: tuple(id_.split("/")))}, others)


def model_of(path: str) -> str | None:
    """The model that a file belongs to, or None."""
    steps = path.split("/")
    if FOLDERS.get(steps[1]) != len(steps):
        return None
    return f"{steps[2]}/{steps[3]}"


def refs_in(model: str, files: Iterable[str]) -> list[str]:
    """Refs of the versions among the files of a model."""
    names = [path.split("/")[-1] for path in files if path.startswith("catalog/models/")]
    return [f"{model}@{name.removesuffix('.yaml')}" for name in sorted(names) if name != "model.yaml"]
