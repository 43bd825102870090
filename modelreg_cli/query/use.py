"""How a model is run, in how much memory, with which weights: what the options say, as the questions of this floor take it."""

from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.memory import Use, check
from modelreg_cli.query import values as typed
from modelreg_cli.query.asked import USE, USUAL_CONTEXT, Values
from modelreg_cli.query.bits import WEIGHT_BITS
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.hardware import Room, room_of
from modelreg_cli.query.opened import Index
from modelreg_cli.query.resolve import Choice
from modelreg_cli.query.runtimes import Runtime, runtime_of, usual_runtime


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
    named = [(f"--{name.replace('_', '-')}", values[name]) for name in ("fits", "max_vram", "gpu") if values.get(name) is not None]
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
    given = values.get("artifact_format") or ()
    named = tuple(word.lower() for word in ((given,) if isinstance(given, str) else given))
    formats = named or (runtime.formats if values["runtime"] else ())
    usable = runtime.room(room.size, use.gpus) if room else 0
    return Fits(usable, use, runtime, formats, precision_of(values.get("precision")))


def choice_of(index: Index, values: Values) -> Choice:
    """What to choose by; without any word about memory, the usual way to run it, where the catalog knows one."""
    room = asked_room(index, values)
    asked = room is not None or any(values[key] is not None for key in USE)
    fits = fits_of(index, values, room) if asked or usual_runtime(index) else None
    return Choice(values["artifact_format"], values["quantization"], values["provider"], fits, room is not None)


def compared_fits(index: Index, values: Values) -> Fits | None:
    """How memory is compared; the usual way, where nothing is said and the catalog knows one."""
    if not usual_runtime(index) and all(values[key] is None for key in (*USE, "precision")):
        return None
    return fits_of(index, {**values, "precision": values["precision"] or "bf16"}, None)
