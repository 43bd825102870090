"""Which artifact to take where memory is given: the largest that fits, as it lost least."""

from typing import Any

from modelreg_cli.errors import Refused
from modelreg_cli.memory import fits
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.need import Estimate, estimates, longest_context, runnable, weights_of
from modelreg_cli.query.opened import Index
from modelreg_cli.query.runtimes import Runtime

_GIB = 1024**3


def largest(index: Index, row: Any, names: list[str], asked: Fits, warnings: list[str]) -> str:
    """The artifact with the largest weights that fits, of those named; one that may not fit only where none surely does.

    Raises:
        Refused: none does (with what each needs, and the context that would fit), or what they need is not known.
    """
    counted = [one for one in weights_of(index, row, asked.formats) if one.artifact in names and one.size is not None]
    if not counted:
        raise Refused(
            f"what {row['ref']} needs is not known: the catalog lists no artifact of it with a size"
            + (f" that {asked.runtime.id} loads" if asked.formats else ""),
            f"`modelreg fit {row['ref']} --precision q4_k_m` computes it from the number of parameters",
        )
    found = sorted(estimates(index, row, asked.use, asked.runtime, counted), key=lambda one: -(one.weights.size or 0))
    for verdict in (True, None):
        for one in found:
            if fits(one.needed, asked.room) is verdict:
                if verdict is None:
                    warnings.append(f"it needs at least {_gib(one.needed.known)}; unknown: {'; '.join(one.needed.reasons)}")
                return str(one.weights.artifact)
    raise _refused(index, row, found, asked)


def _refused(index: Index, row: Any, found: list[Estimate], asked: Fits) -> Refused:
    least = min(found, key=lambda one: one.needed.known)
    each = ", ".join(f"{one.weights.artifact} needs {_gib(one.needed.known)}" for one in found)
    tokens = longest_context(index, row, asked, least.weights)
    instead = f"; {least.weights.artifact} would with --context {tokens}" if tokens else "; none would at any context"
    return Refused(f"no artifact of {row['ref']} fits in {_gib(asked.room)} with {asked.use.context:,} tokens", f"{each}{instead}")


def memory_of(index: Index, row: Any, artifact: str | None, asked: Fits) -> dict[str, Any] | None:
    """What a version needs with one of its artifacts, or without its weights, in GiB; None for what nobody can run."""
    if not runnable(row):
        return None
    weights = weights_of(index, row)
    chosen = [one for one in weights if one.artifact == artifact] or [weights[0]._replace(size=None, artifact=None, layout=None)]
    one = estimates(index, row, asked.use, asked.runtime, chosen)[0]
    needed = one.needed
    parts = {"weights": needed.weights, "cache": needed.cache, "state": needed.state, "compute": needed.compute}
    parts |= {"overhead": needed.fixed} if needed.fixed else {}
    return {
        "gib": None if one.needed.total is None else round(one.needed.total / _GIB, 2),
        "at_least_gib": round(one.needed.known / _GIB, 2),
        "basis": one.basis,
        **how(asked),
        "parts": {name: None if size is None else round(size / _GIB, 2) for name, size in parts.items()},
        "unknown": list(one.needed.reasons),
    }


def how(asked: Fits) -> dict[str, Any]:
    """How it is run, as an answer says it."""
    runtime: Runtime = asked.runtime
    return {"context": asked.use.context, "kv": asked.use.kv, "sequences": asked.use.sequences, "runtime": runtime.told}


def _gib(size: int) -> str:
    return f"{size / _GIB:.2f} GiB"
