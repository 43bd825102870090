"""Architecture from a Hugging Face config.json; fields are read where they stand, never derived from others without a rule."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from modelreg_cli.weights.architecture import NotUnderstood, Told, attention, grouped, latent, periodic, present, state
from modelreg_cli.weights.families import CONFIG, Family

_MOST = 2**40
_MOST_LAYERS = 10_000
_NO_CACHE = "it keeps no keys and values: an encoder reads everything at once"


def read(config: Mapping[str, Any]) -> Told:
    """What config.json says; of multimodal models its text part, under the name of the whole."""
    kind = config.get("model_type")
    kind = kind if isinstance(kind, str) else None
    text = next((part for key in ("text_config", "llm_config", "language_config") if isinstance(part := config.get(key), Mapping)), config)
    own = _Config({**text, "model_type": text.get("model_type", kind)})
    inner = own.values["model_type"]
    family = CONFIG.get(str(kind)) or CONFIG.get(str(inner))
    layers: list[dict[str, Any]] = []
    reasons: list[str] = []
    try:
        if family is None:
            raise NotUnderstood(f"model_type {str(kind)[:60]!r} is not known here" if kind else "config.json names no model_type")
        layers = grouped(_RULES[family.layers](own, family))
    except NotUnderstood as error:
        reasons.append(f"layers: {error}")
    experts = {"total": own.number("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")}
    experts["active"] = own.number("num_experts_per_tok", "num_experts_per_token", "moe_k", "moe_topk", "top_k_experts")
    indexer = own.number("index_head_dim")
    extra = f"a sparse-attention indexer keeps a further {indexer}-wide key for each token and layer" if indexer and layers else None
    told = {
        "name": kind if kind and _is_id(kind) else None,
        "hidden": own.number("hidden_size", "n_embd", "d_model", "dim"),
        "heads": own.number("num_attention_heads", "n_head", "n_heads"),
        "vocab": own.number("vocab_size", "padded_vocab_size") or _Config(config).number("vocab_size"),
        "experts": present(experts) if (experts["total"] or 0) > 1 else None,
        "layers": layers,
        "not_covered": extra,
    }
    context = own.number("max_position_embeddings", "n_positions", "max_seq_len", "seq_length")
    return Told(present(told), context if family is None or family.layers != "encoder" else None, tuple(reasons))


class _Config:
    """A config's own values, believed only where they are what they should be."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def number(self, *keys: str) -> int | None:
        """The first of these that is a whole number above zero."""
        for key in keys:
            value = self.values.get(key)
            if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MOST:
                return value
        return None

    def count(self) -> int:
        """Layers.

        Raises:
            NotUnderstood: their number is not told, or is impossible.
        """
        count = self.number("num_hidden_layers", "n_layer", "n_layers", "num_layers")
        if not count or count > _MOST_LAYERS:
            raise NotUnderstood("their number is not told")
        return count

    def heads(self) -> int | None:
        """Key/value heads: of the old models as many as there are heads."""
        return self.number("num_key_value_heads") or self.number("num_attention_heads", "n_head", "n_heads")

    def head(self, family: Family) -> int | None:
        """Dimensions of one head."""
        told = self.number("head_dim", "attention_head_dim", "kv_channels") or family.head
        if told:
            return told
        hidden, heads = self.number("hidden_size", "n_embd", "d_model"), self.number("num_attention_heads", "n_head", "n_heads")
        return hidden // heads if hidden and heads and hidden % heads == 0 else None

    def window(self, family: Family) -> int | None:
        """Tokens of a window that is in use; one that is no shorter than the context never closes."""
        window, longest = self.number("sliding_window"), self.number("max_position_embeddings")
        if not window or (family.gated and self.values.get("use_sliding_window") is not True) or (longest and window >= longest):
            return None
        return window

    def kinds(self, count: int) -> list[str] | None:
        """The list of kinds of layers, where there is one.

        Raises:
            NotUnderstood: it is not one for each layer.
        """
        kinds = self.values.get("layer_types")
        if kinds is None:
            return None
        if not isinstance(kinds, list) or len(kinds) != count:
            raise NotUnderstood("layer_types does not have one entry for each layer")
        return [str(kind) for kind in kinds]

    def mamba(self) -> dict[str, Any]:
        """One layer of Mamba 2, by the names that the families give its dimensions."""
        heads, width, hidden = self.number("mamba_num_heads", "mamba_n_heads"), self.number("mamba_head_dim", "mamba_d_head"), None
        inner = self.number("mamba_d_ssm") or (heads * width if heads and width else None)
        if inner is None and (hidden := self.number("hidden_size")) and (expand := self.number("mamba_expand", "expand")):
            inner = hidden * expand
        conv, size = self.number("mamba_d_conv", "conv_kernel"), self.number("mamba_d_state", "ssm_state_size", "state_size")
        return state(conv, inner, self.number("mamba_n_groups", "n_groups"), size)


_Rule = Callable[[_Config, Family], list[dict[str, Any]]]


def _attention(config: _Config, family: Family) -> list[dict[str, Any]]:
    count, window, kinds = config.count(), config.window(family), config.kinds(config.count())
    full = attention(config.heads(), config.head(family), config.head(family))
    if kinds is not None:
        shared = config.number("num_kv_shared_layers") or 0
        found = [_of_kind(kind, {"full_attention": full, "sliding_attention": _windowed(full, window)}) for kind in kinds]
        return [*found[: count - shared], *[{"kind": "shared"}] * min(shared, count)]
    if config.number("num_kv_shared_layers"):
        raise NotUnderstood("which layers share their cache is not told")
    if window is None:
        return [full] * count
    period = config.number("sliding_window_pattern", "_sliding_window_pattern") or family.period
    if period:
        return [full if whole else _windowed(full, window) for whole in periodic(count, period)]
    first = config.number("max_window_layers") or 0 if family.gated else 0
    return [*[full] * min(first, count), *[_windowed(full, window)] * max(0, count - first)]


def _of_kind(kind: str, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if kind not in known:
        raise NotUnderstood(f"layers of the kind {kind[:60]!r} are not known here")
    return known[kind]


def _windowed(full: dict[str, Any], window: int | None) -> dict[str, Any]:
    return {**full, "kind": "window", "window": window} if window else full


def _latent(config: _Config, _family: Family) -> list[dict[str, Any]]:
    return [latent(config.number("kv_lora_rank"), config.number("qk_rope_head_dim"))] * config.count()


def _gemma4(config: _Config, family: Family) -> list[dict[str, Any]]:
    count = config.count()
    kinds, wide = config.kinds(count), config.number("global_head_dim")
    if kinds is None:
        raise NotUnderstood("layer_types is missing")
    full = attention(config.number("num_global_key_value_heads") or config.heads(), wide, wide)
    near = attention(config.heads(), config.head(family), config.head(family), config.number("sliding_window"))
    found = [_of_kind(kind, {"full_attention": full, "sliding_attention": near}) for kind in kinds]
    shared = min(config.number("num_kv_shared_layers") or 0, count)
    return [*found[: count - shared], *[{"kind": "shared"}] * shared]


def _chunked(config: _Config, family: Family) -> list[dict[str, Any]]:
    """Llama 4: layers with rotary positions see chunks, which are windows to a cache; the others see everything."""
    count, chunk, every = config.count(), config.number("attention_chunk_size"), config.number("no_rope_layer_interval")
    kinds, listed = config.kinds(count), config.values.get("no_rope_layers")
    full = attention(config.heads(), config.head(family), config.head(family))
    if chunk is None:
        return [full] * count
    if kinds is not None:
        return [_of_kind(kind, {"full_attention": full, "chunked_attention": _windowed(full, chunk)}) for kind in kinds]
    if isinstance(listed, list) and len(listed) == count:
        whole = [not rope for rope in listed]
    else:
        whole = periodic(count, every or family.period or 1)
    return [full if one else _windowed(full, chunk) for one in whole]


def _falcon(config: _Config, family: Family) -> list[dict[str, Any]]:
    """Falcon: one key/value head (`multi_query`), unless it is of the later design."""
    later, single = config.values.get("new_decoder_architecture"), config.values.get("multi_query")
    heads = config.number("num_kv_heads", "n_head_kv") if later else 1 if single else config.number("num_attention_heads", "n_head")
    return [attention(heads, config.head(family), config.head(family))] * config.count()


_LETTERS = {"M": "mamba", "*": "attention", "-": "mlp", "E": "moe"}


def _pattern(config: _Config, family: Family) -> list[dict[str, Any]]:
    """Nemotron-H: a word or a letter for each layer; feed-forward layers keep nothing."""
    letters, kinds = config.values.get("hybrid_override_pattern"), config.values.get("layers_block_type")
    if isinstance(letters, str):
        kinds = [_LETTERS.get(letter, letter) for letter in letters[: _MOST_LAYERS + 1]]
    if not isinstance(kinds, list) or not 0 < len(kinds) <= _MOST_LAYERS:
        raise NotUnderstood("which layers are recurrent is not told")
    known: dict[str, dict[str, Any]] = {"mlp": {}, "moe": {}}
    known |= {"attention": attention(config.heads(), config.head(family), config.head(family))} if "attention" in kinds else {}
    known |= {"mamba": config.mamba()} if "mamba" in kinds else {}
    return [layer for kind in kinds if (layer := _of_kind(str(kind), known))]


def _apart(config: _Config, _family: Family) -> list[dict[str, Any]]:
    """MiMo V2: layers of a window have heads of their own; 1 in the pattern is such a layer."""
    pattern, count = config.values.get("hybrid_layer_pattern"), config.count()
    if not isinstance(pattern, list) or len(pattern) != count or any(kind not in (0, 1) for kind in pattern):
        raise NotUnderstood("which layers have a window is not told")
    full = attention(config.heads(), config.number("head_dim"), config.number("v_head_dim"))
    dimensions = config.number("swa_num_key_value_heads"), config.number("swa_head_dim"), config.number("swa_v_head_dim")
    near = attention(*dimensions, config.number("sliding_window"))
    return [near if kind else full for kind in pattern]


def _hybrid(config: _Config, family: Family) -> list[dict[str, Any]]:
    count = config.count()
    kinds, whole = config.kinds(count), config.values.get("attn_layer_indices")
    if kinds is None and isinstance(whole, list):
        kinds = ["attention" if at in whole else "mamba" for at in range(count)]
    if kinds is None:
        raise NotUnderstood("which layers are recurrent is not told")
    full = attention(config.heads(), config.head(family), config.head(family)) if "attention" in kinds else {}
    return [_of_kind(kind, {"attention": full, **({"mamba": config.mamba()} if "mamba" in kinds else {})}) for kind in kinds]


def _linear(config: _Config, family: Family) -> list[dict[str, Any]]:
    """Gated delta networks between layers of attention (Qwen 3 Next and 3.5)."""
    count, every = config.count(), config.number("full_attention_interval")
    kinds = config.kinds(count)
    if kinds is None and every:
        kinds = ["full_attention" if whole else "linear_attention" for whole in periodic(count, every)]
    if kinds is None:
        raise NotUnderstood("which layers are recurrent is not told")
    heads, width = config.number("linear_num_value_heads"), config.number("linear_value_head_dim")
    inner = heads * width if heads and width else None
    groups, size = config.number("linear_num_key_heads"), config.number("linear_key_head_dim")
    known = {"linear_attention": state(config.number("linear_conv_kernel_dim"), inner, groups, size)}
    known["full_attention"] = attention(config.heads(), config.head(family), config.head(family))
    return [_of_kind(kind, known) for kind in kinds]


def _parallel(config: _Config, family: Family) -> list[dict[str, Any]]:
    """Falcon-H1: every layer has both, so it is counted twice."""
    full = attention(config.heads(), config.head(family), config.head(family))
    return [*[full] * config.count(), *[config.mamba()] * config.count()]


def _recurrent(config: _Config, _family: Family) -> list[dict[str, Any]]:
    return [config.mamba()] * config.count()


def _first_mamba(config: _Config, _family: Family) -> list[dict[str, Any]]:
    return [state(1, 1, 0, 1)] * config.count()


def _encoder(_config: _Config, _family: Family) -> list[dict[str, Any]]:
    raise NotUnderstood(_NO_CACHE)


_RULES: dict[str, _Rule] = {
    "attention": _attention,
    "latent": _latent,
    "gemma4": _gemma4,
    "chunked": _chunked,
    "falcon": _falcon,
    "pattern": _pattern,
    "apart": _apart,
    "hybrid": _hybrid,
    "linear": _linear,
    "parallel": _parallel,
    "recurrent": _recurrent,
    "first-mamba": _first_mamba,
    "encoder": _encoder,
}


def _is_id(name: str) -> bool:
    ends = all(char.isascii() and char.isalnum() for char in (name[:1], name[-1:]))
    between = all(char.isascii() and (char.isalnum() or char in "._-") for char in name)
    return ends and between and name == name.lower() and not any(one == other == "." for one, other in pairwise(name))
