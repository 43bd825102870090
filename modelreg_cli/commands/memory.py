"""What the options of fitting.py mean: how a model is run, and in how much memory."""

from modelreg_cli.commands.fitting import USUAL_CONTEXT
from modelreg_cli.commands.options import Values
from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.memory import Use, check
from modelreg_cli.query import values as typed
from modelreg_cli.query.bits import WEIGHT_BITS
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.hardware import Room, room_of
from modelreg_cli.query.opened import Index
from modelreg_cli.query.runtimes import Runtime, runtime_of


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


def told(use: Use, runtime: Runtime) -> str:
    """How it is run, in words: 32,768 tokens, f16 cache, 2 sequences, 2 devices, llama.cpp 0.5.0."""
    many = [f"{count} {word}s" for count, word in ((use.sequences, "sequence"), (use.gpus, "device")) if count > 1]
    return ", ".join([f"{use.context:,} tokens{' each' if use.sequences > 1 else ''}", f"{use.kv} cache", *many, runtime.told])
