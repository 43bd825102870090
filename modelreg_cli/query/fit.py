"""fit: how much memory a model needs with each of its weights, and whether it fits."""

from typing import Any, NamedTuple

from modelreg_cli.errors import UnknownRef, listed
from modelreg_cli.query.asked import Values
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.hardware import Room
from modelreg_cli.query.need import answer, estimates, runnable, weights_of
from modelreg_cli.query.opened import Index
from modelreg_cli.query.refs import Target, resolve_ref
from modelreg_cli.query.use import asked_room, fits_of


class Fitting(NamedTuple):
    """What a ref means, how it is run and in which memory (None: none was named), and what it needs with each of its weights."""

    target: Target
    row: Any
    asked: Fits
    room: Room | None
    needs: list[dict[str, Any]]


def fit(index: Index, ref: str, values: Values) -> Fitting:
    """What a ref needs, as the options say that it is run.

    Raises:
        UnknownRef: the ref, an artifact that is not there, or weights that are not published.
        ModelregError: a value of the wrong form.
    """
    target = resolve_ref(index, ref)
    room = asked_room(index, values)
    asked = fits_of(index, values, room)
    row = index.rows("SELECT * FROM version WHERE ref = ?", (target.version,))[0]
    return Fitting(target, row, asked, room, _answers(index, row, target, asked, values["quantization"], room is not None))


def as_value(found: Fitting) -> dict[str, Any]:
    """The answer as one value."""
    target, asked, room = found.target, found.asked, found.room
    return {
        "ref": target.ref,
        "runtime": asked.runtime.told,
        "context": asked.use.context,
        "kv": asked.use.kv,
        "sequences": asked.use.sequences,
        "gpus": asked.use.gpus,
        "gpu": room.hardware if room else None,
        "room": asked.room if room else None,
        "needs": found.needs,
    }


def _answers(index: Index, row: Any, target: Target, asked: Fits, precision: str | None, room: bool) -> list[dict[str, Any]]:
    if not runnable(row):
        raise UnknownRef(f"the weights of {target.version} are not published", "what nobody can run needs no memory of yours")
    weights = weights_of(index, row, asked.formats, asked.precision)
    if target.artifact:
        weights = [one for one in weights_of(index, row) if one.artifact == target.artifact]
    if precision:
        chosen = [one for one in weights if (one.precision or "").lower() == precision.lower()]
        if not chosen:
            has = sorted({one.precision for one in weights if one.precision})
            hint = f"it has {listed(has, 'and')}" if has else f"--precision {precision} computes it from the number of parameters"
            raise UnknownRef(f"{target.version} has no artifact of quantization {precision}", hint)
        weights = chosen
    return [answer(index, row, asked, one, room) for one in estimates(index, row, asked.use, asked.runtime, weights)]
