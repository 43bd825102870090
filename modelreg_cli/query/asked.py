"""What somebody asks, in the words of options -> what a search takes; the command line and the Python API share it.

`Values` has one entry for each option, under its name with underscores; a number, a date or a size is still the text that was typed.
"""

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modelreg_cli.errors import ModelregError
from modelreg_cli.query.axes import all_axes
from modelreg_cli.query.bits import WEIGHT_BITS
from modelreg_cli.query.conditions import Search
from modelreg_cli.query.opened import Index

if TYPE_CHECKING:
    from modelreg_cli.query.fits import Fits

Values = Mapping[str, Any]

#: Terms of a licence that are asked for by their name alone.
FLAGS = ("commercial", "derivatives", "redistribution", "hosting")
#: Options that say how a model is run, and those that say with which weights on how many devices.
USE = ("context", "kv", "sequences", "runtime")
WITH = ("gpus", "precision")
USUAL_CONTEXT = "32k"


def search_of(
    values: Values, *, text: str = "", limit: int = 0, sort: str | None = None, offset: int = 0, facets: tuple[str, ...] = ()
) -> Search:
    """The search that the options mean."""
    keys = {axis.name: axis.name.replace("-", "_") for axis in all_axes}
    return Search(
        text=text,
        filters={name: values[key] for name, key in keys.items() if values[key]},
        excluded={
            axis.name: values[f"not_{keys[axis.name]}"] for axis in all_axes if axis.operator == "in" and values[f"not_{keys[axis.name]}"]
        },
        flags=tuple(name for name in FLAGS if values[name]),
        all_of=tuple(values["all_of"]),
        at_least=tuple(values["min"]),
        at_most=tuple(values["max"]),
        unknown=bool(values["unknown"]),
        every_version=bool(values["all_versions"]),
        sort=sort,
        limit=limit,
        offset=offset,
        facets=facets,
    )


def search_fits(index: Index, values: Values) -> "Fits | None":
    """The filter of a search by memory, or None where no memory was named; what it needs is loaded only then.

    Raises:
        ModelregError: an option that means nothing without it, or a value of the wrong form.
    """
    for word in values["weights"]:
        if word.lower() in WEIGHT_BITS:
            raise ModelregError(
                f"--weights takes open, gated or closed, not {word!r}", f"a precision is named with --precision {word.lower()}"
            )
    if values["fits"] is None and values["gpu"] is None:
        for key in (*USE, *WITH):
            if values[key] is not None:
                raise ModelregError(f"--{key} says how it is run, but not in how much memory", "add --fits 24GB or --gpu rtx4090")
        return None
    use = importlib.import_module("modelreg_cli.query.use")
    found: Fits = use.fits_of(index, values, use.asked_room(index, values))
    return found
