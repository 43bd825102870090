"""Options that say how a model is run and where it must fit; query/use.py, which says what they mean, is loaded where one is used."""

from typing import TYPE_CHECKING

from modelreg_cli.commands.options import Param
from modelreg_cli.query.asked import USUAL_CONTEXT
from modelreg_cli.query.bits import USUAL_RUNTIME, WEIGHT_BITS

if TYPE_CHECKING:
    from modelreg_cli.query.fits import Fits

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


def told(fits: "Fits") -> str:
    """How it is run, in words: 32,768 tokens, f16 cache, 2 sequences, 2 devices, llama.cpp 0.5.0."""
    use = fits.use
    many = [f"{count} {word}s" for count, word in ((use.sequences, "sequence"), (use.gpus, "device")) if count > 1]
    return ", ".join([f"{use.context:,} tokens{' each' if use.sequences > 1 else ''}", f"{use.kv} cache", *many, fits.runtime.told])
