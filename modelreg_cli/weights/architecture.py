"""The geometry of a model, as entities/version.py has it: what both sources of it (config.json, GGUF) share."""

from collections.abc import Iterable
from typing import Any, NamedTuple


class Told(NamedTuple):
    """What a header says of a model: `architecture` as a version file has it, tokens of context, and why something is absent.

    `kv_layout` is that of the file, where it differs from the architecture's.
    """

    architecture: dict[str, Any]
    context: int | None = None
    reasons: tuple[str, ...] = ()
    kv_layout: str | None = None


class NotUnderstood(Exception):
    """The layers can not be told for certain; the words say why."""


def grouped(layers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Layers one by one -> groups of equal ones with their count, in the order in which they first come."""
    groups: dict[tuple[tuple[str, Any], ...], int] = {}
    for layer in layers:
        key = tuple(layer.items())
        groups[key] = groups.get(key, 0) + 1
    return [{"kind": key[0][1], "count": count, **dict(key[1:])} for key, count in groups.items()]


def attention(kv_heads: int | None, k_dim: int | None, v_dim: int | None, window: int | None = None) -> dict[str, Any]:
    """One layer that keeps keys and values, of everything or of a window.

    Raises:
        NotUnderstood: a dimension is missing.
    """
    for name, value in (("key/value heads", kv_heads), ("the dimensions of a key head", k_dim), ("the dimensions of a value head", v_dim)):
        if not value:
            raise NotUnderstood(f"{name} are not told")
    layer = {"kind": "window" if window else "full", "kv_heads": kv_heads, "k_dim": k_dim, "v_dim": v_dim}
    return {**layer, "window": window} if window else layer


def latent(rank: int | None, rope: int | None) -> dict[str, Any]:
    """One layer of multi-head latent attention.

    Raises:
        NotUnderstood: a dimension is missing.
    """
    if not rank or not rope:
        raise NotUnderstood("the dimensions of the latent are not told")
    return {"kind": "mla", "latent": rank, "rope": rope}


def state(conv: int | None, inner: int | None, groups: int | None, size: int | None) -> dict[str, Any]:
    """One recurrent layer.

    Raises:
        NotUnderstood: a dimension is missing, or it is of the first Mamba, whose convolution has no groups.
    """
    if groups == 0:
        raise NotUnderstood("the convolution of the first Mamba has no groups, which no kind of layer here expresses")
    if not (conv and inner and groups and size):
        raise NotUnderstood("the dimensions of the recurrent layers are not told")
    return {"kind": "state", "conv": conv, "inner": inner, "groups": groups, "state": size}


def present(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is unknown."""
    return {key: value for key, value in values.items() if value not in (None, {}, [])}


def periodic(count: int, period: int, full_at: int = -1) -> list[bool]:
    """Which layers keep everything, where one of each period does (the last, or the one at `full_at`)."""
    return [at % period == full_at % period for at in range(count)]
