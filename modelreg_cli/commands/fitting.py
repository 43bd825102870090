"""Options that say how a model is run and where it must fit; what they mean is loaded only where one of them is used."""

import importlib
from typing import TYPE_CHECKING

from modelreg_cli.commands.options import Param, Values
from modelreg_cli.errors import ModelregError
from modelreg_cli.query.bits import USUAL_RUNTIME, WEIGHT_BITS
from modelreg_cli.query.opened import Index

if TYPE_CHECKING:
    from modelreg_cli.query.fits import Fits

USUAL_CONTEXT = "32k"

USE: tuple[Param, ...] = (
    Param("context", f"tokens of one sequence; 32k is 32,768 (else {USUAL_CONTEXT})", metavar="TOKENS"),
    Param("kv", "type of the cache: f16, q8_0, fp8, ... (else the runtime's usual one)", metavar="TYPE"),
    Param("sequences", "sequences at once (else 1)", metavar="N"),
    Param("runtime", f"what runs it; then only formats that it loads count (else {USUAL_RUNTIME}, and all formats)", metavar="RUNTIME"),
)
GPUS = Param("gpus", "devices of that size together (else 1)", metavar="N")
PRECISION = Param(
    "precision",
    "only weights of this precision: an artifact that has it, else computed from the number of parameters",
    metavar="PRECISION",
    choices=tuple(WEIGHT_BITS),
)
#: Filters of a search for what fits.
FITTING: tuple[Param, ...] = (
    Param("fits", "needs at most this much memory: 24GB (GB of a GPU are GiB), or a device", metavar="SIZE"),
    Param("gpu", "fits this device: rtx4090, a100-80gb, ... or a size", metavar="GPU"),
    *USE,
    GPUS,
    PRECISION,
)


def search_fits(index: Index, values: Values) -> "Fits | None":
    """The filter of a search, or None where no memory was named.

    Raises:
        ModelregError: an option that means nothing without it, or a value of the wrong form.
    """
    for word in values["weights"]:
        if word.lower() in WEIGHT_BITS:
            raise ModelregError(
                f"--weights takes open, gated or closed, not {word!r}", f"a precision is named with --precision {word.lower()}"
            )
    if values["fits"] is None and values["gpu"] is None:
        for param in (*USE, GPUS, PRECISION):
            if values[param.key] is not None:
                raise ModelregError(f"--{param.name} says how it is run, but not in how much memory", "add --fits 24GB or --gpu rtx4090")
        return None
    memory = importlib.import_module("modelreg_cli.commands.memory")
    found: Fits = memory.fits_of(index, values, memory.asked_room(index, values))
    return found


def told(fits: "Fits") -> str:
    """How it is run, in words."""
    text: str = importlib.import_module("modelreg_cli.commands.memory").told(fits.use, fits.runtime)
    return text
