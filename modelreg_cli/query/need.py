"""What one version needs: every artifact that counts, part by part, with the basis of each number."""

from typing import Any, NamedTuple

from modelreg_cli.index.numbers import NONE, UNLIMITED
from modelreg_cli.memory import MOST_TOKENS, Geometry, Layers, Need, Use, fits, longest, need
from modelreg_cli.query.bits import WEIGHT_BITS, from_bits, ten_thousandths
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.opened import Index
from modelreg_cli.query.runtimes import Runtime

_LAYER = ("kind", "count", "kv_heads", "k_dim", "v_dim", "window", "latent", "rope", "conv", "inner", "groups", "state")


class Weights(NamedTuple):
    """Weights of a version: an artifact, or a precision that was named; `size` None is unknown, `told` its basis."""

    artifact: str | None
    format: str | None
    precision: str | None
    size: int | None
    about: bool
    told: str
    layout: str | None = None


class Estimate(NamedTuple):
    """What weights need where they are run so, and what that rests on."""

    weights: Weights
    needed: Need
    parts: list[dict[str, Any]]
    basis: str


def runnable(row: Any) -> bool:
    """Whether a version has weights that can be had (the same as `fits.RUNNABLE`)."""
    return row["weights"] != "closed" and row["type"] not in ("hosted", "router")


def geometry_of(index: Index, row: Any) -> Geometry:
    """The architecture of a row of `version`."""
    layers = index.rows(f"SELECT {', '.join(_LAYER)} FROM layer WHERE version = ? ORDER BY position", (row["number"],))
    read = tuple(Layers(layer["kind"], *(layer[name] or 0 for name in _LAYER[1:])) for layer in layers)
    return Geometry(read, row["hidden"], row["heads"], row["vocab"], row["not_covered"])


def weights_of(index: Index, row: Any, formats: tuple[str, ...] = (), precision: str | None = None) -> list[Weights]:
    """Artifacts of a version that count; where there is none, the precision that was named, or weights of unknown size."""
    found = []
    for item in index.rows("SELECT * FROM artifact WHERE version = ? ORDER BY artifact", (row["ref"],)):
        if (formats and item["format"] not in formats) or (precision and item["quantization"] != precision):
            continue
        size, told = item["bytes"], "bytes of its files"
        if size is None and item["bits"] and row["params"]:
            size, told = _from_parameters(row, ten_thousandths(item["bits"]))
        elif size is None and precision:
            size, told = _from_parameters(row, WEIGHT_BITS[precision])
        elif size is None:
            told = "unknown: the catalog has neither its files nor its bits for a weight"
        about = item["bytes"] is None
        found.append(Weights(item["artifact"], item["format"], item["quantization"], size, about, told, item["kv_layout"]))
    return found or [_assumed(row, precision)]


def _assumed(row: Any, precision: str | None) -> Weights:
    if precision is None:
        return Weights(None, None, None, None, True, "unknown: the catalog lists no artifact; --precision q4_k_m computes them")
    size, told = _from_parameters(row, WEIGHT_BITS[precision])
    return Weights(None, None, precision, size, True, told)


def _from_parameters(row: Any, bits: int) -> tuple[int | None, str]:
    """Bytes of the weights at so many ten-thousandths of a bit each, and what that rests on."""
    if row["params"] is None:
        return None, "unknown: so is the number of parameters"
    return from_bits(row["params"], bits), f"about: {row['params']:,} weights of {bits / 10000:g} bits"


def estimates(index: Index, row: Any, use: Use, runtime: Runtime, weights: list[Weights]) -> list[Estimate]:
    """An estimate for each of the weights."""
    geometry, profile = geometry_of(index, row), runtime.profile(row["architecture"])
    found = []
    for one in weights:
        needed = need(geometry, one.size, use._replace(layout=one.layout), profile)
        basis = "at least" if needed.total is None else "about" if one.about else "computed"
        found.append(Estimate(one, needed, _parts(geometry, one, needed, runtime), basis))
    return found


def answer(index: Index, row: Any, asked: Fits, estimate: Estimate, room: bool) -> dict[str, Any]:
    """An estimate as values: bytes, whether it fits, what is left, and the longest context that fits."""
    weights, needed = estimate.weights, estimate.needed
    told: dict[str, Any] = {
        "ref": f"{row['ref']}#{weights.artifact}" if weights.artifact else row["ref"],
        "artifact": weights.artifact,
        "format": weights.format,
        "precision": weights.precision,
        "weights": needed.weights,
        "kv_cache": needed.cache,
        "state": needed.state,
        "compute": needed.compute,
        "overhead": needed.fixed or None,
        "total": needed.total,
        "at_least": needed.known,
        "basis": estimate.basis,
        "fits": None,
        "left": None,
        "longest_context": None,
        "parts": estimate.parts,
        "unknown": list(needed.reasons),
    }
    if room:
        told["fits"] = fits(needed, asked.room)
        told["left"] = asked.room - needed.total if needed.total is not None else None
        told["longest_context"] = longest_context(index, row, asked, weights)
    return told


def longest_context(index: Index, row: Any, asked: Fits, weights: Weights) -> int | None:
    """The most tokens of one sequence that fit, at most what the version takes; None where that cannot be known."""
    if weights.size is None:
        return None
    use = asked.use._replace(layout=weights.layout)
    tokens = longest(geometry_of(index, row), weights.size, use, asked.runtime.profile(row["architecture"]), asked.room)
    limit = row["context"] if row["context"] not in (None, NONE, UNLIMITED) else None
    if tokens is None or (limit is None and tokens == MOST_TOKENS // use.sequences):
        return None
    return tokens if limit is None else min(tokens, limit)


def _parts(geometry: Geometry, weights: Weights, needed: Need, runtime: Runtime) -> list[dict[str, Any]]:
    """Part, bytes, basis; an unknown one says why."""
    why = dict(reason.split(": ", 1) for reason in needed.reasons)
    kinds: dict[str, int] = {}
    for layer in geometry.layers:
        kinds[layer.kind] = kinds.get(layer.kind, 0) + layer.count
    kept = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if kind != "state")
    read = {
        "weights": (needed.weights, weights.told),
        "KV cache": (needed.cache, f"computed: {kept or 'no'} layers"),
        "state": (needed.state, f"computed: {kinds.get('state', 0)} recurrent layers"),
        "compute buffer": (needed.compute, f"{runtime.memory['basis']} for its family"),
        "overhead": (needed.fixed, f"{runtime.memory['basis']}") if needed.fixed else (None, ""),
    }
    parts = []
    for name, (size, basis) in read.items():
        unknown = size is None and name not in ("overhead", "weights")
        told = f"unknown: {why.get(name, why.get('KV cache', ''))}" if unknown else basis
        if size or (told and name != "state") or (unknown and kinds.get("state")):
            parts.append({"part": name, "bytes": size, "basis": told})
    return parts
