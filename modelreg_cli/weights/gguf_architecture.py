"""Architecture from the key/values of a GGUF file, and the number of parameters from its tensors."""

import math
from typing import Any

from modelreg_cli.weights.architecture import NotUnderstood, Told, attention, grouped, latent, periodic, present, state
from modelreg_cli.weights.families import GGUF
from modelreg_cli.weights.gguf import Gguf, Items

_MOST_LAYERS = 10_000
#: Tables that the conversion computes; no weights of the model.
_COMPUTED = ("rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight")


def read(header: Gguf) -> Told:
    """What a header says of the model."""
    own = _Keys(header)
    layout = "mha" if own.number("attention.kv_lora_rank") and not own.number("attention.key_length_mla") else None
    family = GGUF.get(own.name)
    layers: list[dict[str, Any]] = []
    reasons: list[str] = []
    try:
        layers = grouped(_layers(own, layout))
    except NotUnderstood as error:
        reasons.append(f"layers: {error}")
    tokens = header.values.get("tokenizer.ggml.tokens")
    total = own.number("expert_count")
    experts = {"total": total, "active": own.number("expert_used_count")} if (total or 0) > 1 else None
    indexer = own.number("attention.indexer.key_length") if layers else None
    told = {
        "name": family.name if family else None,
        "parameters": _parameters(header, experts),
        "hidden": own.number("embedding_length"),
        "heads": own.most("attention.head_count"),
        "vocab": own.number("vocab_size") or _rows(header) or (tokens.count if isinstance(tokens, Items) else None),
        "experts": present(experts) if experts else None,
        "layers": layers,
        "not_covered": f"a sparse-attention indexer keeps a further {indexer}-wide key for each token and layer" if indexer else None,
    }
    encoder = family is not None and family.kind == "encoder"
    return Told(present(told), None if encoder else own.number("context_length"), tuple(reasons), layout if layers else None)


class _Keys:
    """Values below the architecture's own prefix."""

    def __init__(self, header: Gguf) -> None:
        self._header = header
        self.name = header.text("general.architecture") or ""

    def number(self, key: str) -> int | None:
        """A whole number above zero."""
        return self._header.number(f"{self.name}.{key}") or None

    def each(self, key: str, count: int) -> list[int] | None:
        """A value for each layer, where the file has one for all or a list."""
        value = self._header.values.get(f"{self.name}.{key}")
        if isinstance(value, Items):
            if value.kept is None or len(value.kept) < count or not all(isinstance(item, int) and item >= 0 for item in value.kept):
                raise NotUnderstood(f"{key} is not a list of {count} numbers")
            return [int(item) for item in value.kept[:count]]
        one = self._header.number(f"{self.name}.{key}")
        return None if one is None else [one] * count

    def most(self, key: str) -> int | None:
        """A number, or the largest of a list."""
        value = self._header.values.get(f"{self.name}.{key}")
        if isinstance(value, Items):
            return max((item for item in value.kept or () if isinstance(item, int) and item > 0), default=None)
        return self.number(key)

    def has(self, key: str) -> bool:
        """Whether the file says anything under this key."""
        return f"{self.name}.{key}" in self._header.values


def _layers(own: _Keys, layout: str | None) -> list[dict[str, Any]]:
    family = GGUF.get(own.name)
    if family is None:
        raise NotUnderstood(f"the architecture {own.name[:60]!r} is not known here" if own.name else "the file names no architecture")
    if family.kind == "encoder":
        raise NotUnderstood("it keeps no keys and values: an encoder reads everything at once")
    count = (own.number("block_count") or 0) - (own.number("nextn_predict_layers") or 0)
    if not 0 < count <= _MOST_LAYERS:
        raise NotUnderstood("their number is not told")
    if own.number("attention.kv_lora_rank"):
        return [_latent(own, layout)] * count
    heads = own.each("attention.head_count_kv", count) or own.each("attention.head_count", count)
    if own.name in ("mamba", "mamba2"):
        heads = [0] * count
    if heads is None:
        raise NotUnderstood("attention.head_count_kv is not told")
    recurrent = _recurrent(own, heads)
    whole = _whole(own, count)
    shared = own.number("attention.shared_kv_layers") or 0
    found: list[dict[str, Any]] = []
    for at in range(count):
        if recurrent[at]:
            found.append(_state(own))
        if heads[at] and (not recurrent[at] or own.name == "falcon-h1"):
            found.append({"kind": "shared"} if at >= count - shared else _attention(own, heads[at], whole[at]))
    return found


def _latent(own: _Keys, layout: str | None) -> dict[str, Any]:
    layer = latent(own.number("attention.kv_lora_rank"), own.number("rope.dimension_count"))
    if layout is None:
        return layer
    heads = own.number("attention.head_count_kv")
    return {
        **layer,
        **present({"kv_heads": heads, "k_dim": own.number("attention.key_length"), "v_dim": own.number("attention.value_length")}),
    }


def _recurrent(own: _Keys, heads: list[int]) -> list[bool]:
    """Which layers have a state: those without heads, or all but one of each interval, or (Falcon-H1) all."""
    if not own.number("ssm.state_size"):
        return [False] * len(heads)
    if own.name == "falcon-h1":
        return [True] * len(heads)
    every = own.number("full_attention_interval")
    if every or own.name in ("qwen3next", "qwen35", "qwen35moe"):
        return [not whole for whole in periodic(len(heads), every or 4)]
    if own.name in ("nemotron_h", "nemotron_h_moe"):  # layers without heads may be feed-forward: those have a length of their own
        forward = own.each("feed_forward_length", len(heads)) or [0] * len(heads)
        return [head == 0 and length == 0 for head, length in zip(heads, forward, strict=True)]
    return [head == 0 for head in heads]


def _state(own: _Keys) -> dict[str, Any]:
    groups = own.number("ssm.group_count") or (0 if own.name in ("mamba", "jamba") else None)
    return state(own.number("ssm.conv_kernel"), own.number("ssm.inner_size"), groups, own.number("ssm.state_size"))


def _whole(own: _Keys, count: int) -> list[bool]:
    """Which layers keep everything."""
    window = own.number("attention.sliding_window")
    longest, family = own.number("context_length"), GGUF[own.name]
    if not window or (longest and window >= longest):
        return [True] * count
    if own.has("attention.sliding_window_pattern"):
        marks = own.each("attention.sliding_window_pattern", count) or []
        return [not mark for mark in marks] if set(marks) <= {0, 1} and marks[1:] else periodic(count, marks[0])
    if family.period is None:
        raise NotUnderstood("the file has a window and does not say which layers use it")
    return periodic(count, family.period)


def _attention(own: _Keys, heads: int, whole: bool) -> dict[str, Any]:
    near = "_swa" if not whole and own.has("attention.key_length_swa") else ""
    key, value = own.number(f"attention.key_length{near}"), own.number(f"attention.value_length{near}")
    hidden, queries = own.number("embedding_length"), own.most("attention.head_count")
    # the format's own default: "n_embd_head_k = n_embd / n_head"
    default = hidden // queries if hidden and queries else None
    return attention(heads, key or default, value or default, None if whole else own.number("attention.sliding_window"))


def _rows(header: Gguf) -> int | None:
    """Rows of the table of tokens, which may be longer than the list of them."""
    return next((tensor.shape[1] for tensor in header.tensors if tensor.name == "token_embd.weight" and len(tensor.shape) == 2), None)


def _parameters(header: Gguf, experts: dict[str, int | None] | None) -> dict[str, int] | None:
    """All weights, and those that one token uses: of the experts, its share."""
    weights = [tensor for tensor in header.tensors if tensor.name not in _COMPUTED]
    total = sum(tensor.elements for tensor in weights)
    if not total:
        return None
    inside = sum(tensor.elements for tensor in weights if "_exps." in tensor.name)
    if not experts or not experts["total"] or not experts["active"] or not inside:
        return {"total": total}
    return {"total": total, "active": total - inside + math.ceil(inside * experts["active"] / experts["total"])}
