"""What fits a device, as SQL over the whole index: the same sums as memory.py, which a property test holds to the byte.

Every number in the text is a whole number of this program's own; words that people or files wrote are bound values.
"""

from typing import Any, NamedTuple

from modelreg_cli.memory import PACKED_LATENT, THIRTY_SECONDS, Profile, Use, full_cells, streams
from modelreg_cli.query.bits import WEIGHT_BITS
from modelreg_cli.query.opened import Index
from modelreg_cli.query.runtimes import Runtime

#: Weights that nobody outside can run, or that are none, need no memory here.
RUNNABLE = "coalesce(x.weights, '') <> 'closed' AND coalesce(x.type, '') NOT IN ('hosted', 'router')"


class Fits(NamedTuple):
    """Room in bytes (as `Runtime.room` counts it), how it is run, by what, and which weights.

    `formats`: only artifacts of these count (empty: all). `precision`: only this one counts, and where no artifact
    has it, the weights are computed from the number of parameters.
    """

    room: int
    use: Use
    runtime: Runtime
    formats: tuple[str, ...] = ()
    precision: str | None = None


class Sql(NamedTuple):
    """A piece of SQL with its values."""

    text: str
    values: list[Any]


def fitting_numbers(index: Index, asked: Fits) -> tuple[list[int], list[int]]:
    """Numbers of versions that fit, and of those that do as far as is known: one query over the whole index."""
    query = needed(asked)
    rows = index.rows(f"SELECT number, max(whole) AS sure FROM ({query.text}) WHERE known <= {asked.room} GROUP BY number", query.values)
    return [row["number"] for row in rows if row["sure"]], [row["number"] for row in rows]


def needs(index: Index, asked: Fits, numbers: list[int]) -> dict[int, dict[str, Any]]:
    """What versions that fit need, by number: bytes of the largest artifact that does (sure ones first), how sure, and which it is."""
    query = needed(asked, f"x.number IN ({', '.join(map(str, numbers))})")
    found: dict[int, dict[str, Any]] = {}
    order = "whole, known, artifact DESC"
    for row in index.rows(f"SELECT * FROM ({query.text}) WHERE known <= {asked.room} ORDER BY {order}", query.values):
        basis = "at least" if not row["whole"] else "about" if row["about"] else "computed"
        found[row["number"]] = {"need": row["known"] or None, "need_basis": basis, "need_artifact": row["artifact"]}
    return found


def needed(asked: Fits, only: str = "1") -> Sql:
    """A row for each artifact, or one for a version without any: number, artifact, known (bytes), whole, about (0 or 1).

    `whole`: nothing is unknown. `about`: the weights were computed from bits, not read from files.
    """
    weights = _weights(asked)
    profile = asked.runtime.profile(None)
    compute = _compute(asked, profile)
    parts = f"{_cache(asked.use, profile)} AS cache, {_state(asked.use, profile)} AS state, {compute.text} AS compute"
    text = (
        "SELECT number, artifact, coalesce(weights, 0) + coalesce(cache, 0) + coalesce(state, 0) + coalesce(compute, 0) "
        f"+ {profile.fixed} AS known, weights IS NOT NULL AND cache IS NOT NULL AND state IS NOT NULL AND compute IS NOT NULL "
        "AND covered AS whole, about FROM (SELECT x.number, w.artifact, w.about, "
        f"w.weights{f' / {asked.use.gpus} + (w.weights % {asked.use.gpus} > 0)' if profile.tensor else ''} AS weights, "
        f"x.not_covered IS NULL AS covered, {parts} FROM version x JOIN ({weights.text}) w ON w.version = x.ref "
        f"WHERE {RUNNABLE} AND {only})"
    )
    return Sql(text, [*compute.values, *weights.values])


def _weights(asked: Fits) -> Sql:
    """version, artifact, layout, weights in bytes, about: of artifacts that count; else of the parameters, if a precision is named."""
    conditions: list[str] = []
    values: list[Any] = []
    if asked.formats:
        conditions.append(f"a.format IN ({', '.join('?' * len(asked.formats))})")
        values += asked.formats
    if asked.precision:
        conditions.append("a.quantization = ?")
        values.append(asked.precision)
    counts = " AND ".join(conditions) or "1"
    bits = "CAST(a.bits * 10000 + 0.5 AS INTEGER)"
    assumed = _from_bits("p.params", str(WEIGHT_BITS[asked.precision])) if asked.precision else "NULL"
    text = (
        f"SELECT a.version, a.artifact, a.kv_layout AS layout, coalesce(a.bytes, {_from_bits('p.params', bits)}, {assumed}) AS weights, "
        f"a.bytes IS NULL AS about FROM artifact a JOIN version p ON p.ref = a.version WHERE {counts} "
        f"UNION ALL SELECT p.ref, NULL, NULL, {assumed}, 1 FROM version p "
        f"WHERE NOT EXISTS (SELECT 1 FROM artifact a WHERE a.version = p.ref AND {counts})"
    )
    return Sql(text, [*values, *values])


def _from_bits(parameters: str, bits: str) -> str:
    return f"(({parameters}) * {bits} + 79999) / 80000"


def _cache(use: Use, profile: Profile) -> str:
    width = THIRTY_SECONDS[use.kv]
    heads = "l.kv_heads"
    if profile.tensor:
        split = f"WHEN l.kv_heads % {use.gpus} = 0 THEN l.kv_heads / {use.gpus} WHEN {use.gpus} % l.kv_heads = 0 THEN 1"
        heads = f"(CASE {split} END)"
    each = f"{heads} * (l.k_dim + l.v_dim) * {width}"
    latent = str(PACKED_LATENT * 32) if use.kv == "fp8_ds_mla" else f"(l.latent + l.rope) * {width}"
    token = (
        f"CASE WHEN l.kind = 'mla' AND coalesce(w.layout, '') <> 'mha' THEN {latent} "
        f"WHEN l.kind IN ('full', 'window', 'mla') THEN {each} ELSE 0 END"
    )
    cells = f"CASE l.kind WHEN 'window' THEN {_window(use, profile)} ELSE {full_cells(use, profile)} END"
    total = f"l.count * ({token}) * ({cells}) * {streams(use, profile)}"
    # a layer whose token is unknown makes the whole unknown: sum() would leave it out
    return f"(SELECT CASE WHEN count(*) = count({token}) THEN (sum({total}) + 31) / 32 END FROM layer l WHERE l.version = x.number)"


def _window(use: Use, profile: Profile) -> str:
    if profile.block:
        steps = f"min(l.window - 1 + {profile.batched}, {use.context})"
        return f"(({steps} + {profile.block - 1}) / {profile.block} + 1) * {profile.block}"
    own = f"l.window * {use.sequences if profile.unified else 1} + {profile.ubatch or 0}"
    return f"min({full_cells(use, profile)}, ({own} + {profile.pad - 1}) / {profile.pad} * {profile.pad})"


def _state(use: Use, profile: Profile) -> str:
    if profile.state is None or (profile.tensor and use.gpus > 1):
        return "(SELECT CASE WHEN count(*) > 0 AND sum(l.kind = 'state') = 0 THEN 0 END FROM layer l WHERE l.version = x.number)"
    elements = "l.count * ((l.conv - 1) * (l.inner + 2 * l.groups * l.state) + l.state * l.inner)"
    return (
        f"(SELECT sum(CASE l.kind WHEN 'state' THEN {elements} * {profile.state * use.sequences} ELSE 0 END) "
        "FROM layer l WHERE l.version = x.number)"
    )


def _compute(asked: Fits, profile: Profile) -> Sql:
    if profile.ubatch is None or asked.use.gpus > 1:
        return Sql("NULL", [])
    if not profile.flash:
        cells = -(-asked.use.context * asked.use.sequences // profile.pad) * profile.pad
        return Sql(f"{4 * profile.ubatch * cells} * (1 + x.heads) + {22 * profile.ubatch} * x.hidden", [])
    copies = asked.runtime.copies
    if not copies:
        return Sql("NULL", [])
    known = " ".join(f"WHEN ? THEN {int(count)}" for count in copies.values())
    logits = f"{4 * profile.ubatch} * (x.vocab + (CASE x.architecture {known} END) * x.hidden)"
    return Sql(f"CASE WHEN x.vocab >= {profile.min_vocab} THEN {logits} END", list(copies))
