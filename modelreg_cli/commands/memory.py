"""Options that say how a model is run, shared by every command that tells what it needs."""

from modelreg_cli.commands.options import Param, Values
from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.memory import Use, check
from modelreg_cli.query import values as typed
from modelreg_cli.query.bits import WEIGHT_BITS
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.hardware import Room, room_of
from modelreg_cli.query.opened import Index
from modelreg_cli.query.runtimes import USUAL, Runtime, runtime_of

USUAL_CONTEXT = "32k"

USE: tuple[Param, ...] = (
    Param("context", f"tokens of one sequence; 32k is 32,768 (else {USUAL_CONTEXT})", metavar="TOKENS"),
    Param("kv", "type of the cache: f16, q8_0, fp8, ... (else the runtime's usual one)", metavar="TYPE"),
    Param("sequences", "sequences at once (else 1)", metavar="N"),
    Param("runtime", f"what runs it; then only formats that it loads count (else {USUAL}, and all formats)", metavar="RUNTIME"),
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


def use_of(values: Values, runtime: Runtime) -> Use:
    """How it is run, as the options say.

    Raises:
        ModelregError: a value of the wrong form, or a cache type that the runtime does not know.
    """
    context = typed.tokens("--context", values["context"] or USUAL_CONTEXT)
    sequences, gpus = (_count(f"--{name}", values.get(name)) for name in ("sequences", "gpus"))
    use = Use(context, runtime.cache_type("--kv", values["kv"]), sequences, gpus)
    try:
        check(use)
    except ValueError as error:
        raise ModelregError(str(error), "ask for less context or fewer sequences") from None
    return use


def _count(option: str, text: str | None) -> int:
    if text is None:
        return 1
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) == int(text):
        raise ModelregError(f"{option} takes a whole number from 1 on, not {text!r}")
    return int(text)


def precision_of(text: str | None) -> str | None:
    """A precision that bits for a weight are known of.

    Raises:
        ModelregError: they are not.
    """
    if text is None or text.lower() in WEIGHT_BITS:
        return text and text.lower()
    raise ModelregError(
        f"--precision: how many bits {text!r} takes for a weight is not known",
        did_you_mean(text, WEIGHT_BITS) or f"known: {', '.join(WEIGHT_BITS)}",
    )


def asked_room(index: Index, values: Values) -> Room | None:
    """The memory that the options name, or None.

    Raises:
        ModelregError: both options at once, an unknown device, or a wrong size.
    """
    named = [(f"--{name}", values[name]) for name in ("fits", "max_vram", "gpu") if values.get(name) is not None]
    if len(named) > 1:
        raise ModelregError(f"{' and '.join(name for name, _ in named)} say the same thing twice", "name a size or a device")
    return room_of(index, *named[0]) if named else None


def fits_of(index: Index, values: Values, room: Room | None) -> Fits:
    """What must fit where, as the options say; without a room it is 0.

    Raises:
        ModelregError: a value of the wrong form.
    """
    runtime = runtime_of(index, values["runtime"])
    use = use_of(values, runtime)
    formats = (values["artifact_format"].lower(),) if values.get("artifact_format") else runtime.formats if values["runtime"] else ()
    usable = runtime.room(room.size, use.gpus) if room else 0
    return Fits(usable, use, runtime, formats, precision_of(values.get("precision")))


def search_fits(index: Index, values: Values) -> Fits | None:
    """The filter of a search, or None where no memory was named.

    Raises:
        ModelregError: an option that means nothing without it, or a value of the wrong form.
    """
    for word in values["weights"]:
        if word.lower() in WEIGHT_BITS:
            raise ModelregError(
                f"--weights takes open, gated or closed, not {word!r}", f"a precision is named with --precision {word.lower()}"
            )
    room = asked_room(index, values)
    if room is None:
        for param in (*USE, GPUS, PRECISION):
            if values[param.key] is not None:
                raise ModelregError(f"--{param.name} says how it is run, but not in how much memory", "add --fits 24GB or --gpu rtx4090")
        return None
    return fits_of(index, values, room)


def told(use: Use, runtime: Runtime) -> str:
    """How it is run, in words: 32,768 tokens, f16 cache, 2 sequences, 2 devices, llama.cpp 0.5.0."""
    many = [f"{count} {word}s" for count, word in ((use.sequences, "sequence"), (use.gpus, "device")) if count > 1]
    return ", ".join([f"{use.context:,} tokens{' each' if use.sequences > 1 else ''}", f"{use.kv} cache", *many, runtime.told])
