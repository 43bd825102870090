"""How much memory a model needs: a pure function of its geometry, its bytes and how it is run.

The rules were read off llama.cpp v0.5 by what it allocates (KV cache and compute buffer) and off vLLM's cache
manager (pages); docs/memory.md has both. Everything is in bytes and whole numbers; a part that no rule covers is None
with a reason, never a guess. `query/fits.py` says the same in SQL, and a property test holds the two together.
"""

from typing import NamedTuple

#: 32nds of a byte for one element of the cache: a block of 32 values of q8_0 takes 34 bytes, and so on (ggml's block sizes).
THIRTY_SECONDS: dict[str, int] = {
    "f32": 128,
    "f16": 64,
    "bf16": 64,
    "fp8": 32,
    "fp8_ds_mla": 32,
    "q8_0": 34,
    "q5_1": 24,
    "q5_0": 22,
    "q4_1": 20,
    "q4_0": 18,
}
#: vLLM's packed latent of DeepSeek's MLA (`fp8_ds_mla`): bytes for one token and layer.
PACKED_LATENT = 656
#: Most tokens over all sequences that are computed; SQLite's whole numbers end not far above what they need.
MOST_TOKENS = 2**31


class Layers(NamedTuple):
    """Layers of one kind, counted: full, window, mla, state, shared (entities/version.py tells the fields).

    An mla layer's `kv_heads`, `k_dim` and `v_dim` are what a file without a latent cache keeps; 0 is unknown.
    """

    kind: str
    count: int  # type: ignore[assignment]  # as the catalog calls it; nobody counts values of this tuple
    kv_heads: int = 0
    k_dim: int = 0
    v_dim: int = 0
    window: int = 0
    latent: int = 0
    rope: int = 0
    conv: int = 0
    inner: int = 0
    groups: int = 0
    state: int = 0


class Geometry(NamedTuple):
    """What the estimate needs of an architecture; None is unknown, no layers too. `not_covered`: what no layer expresses."""

    layers: tuple[Layers, ...]
    hidden: int | None = None
    heads: int | None = None
    vocab: int | None = None
    not_covered: str | None = None


class Profile(NamedTuple):
    """How a runtime uses memory; the values here are llama.cpp's, those of the catalog come from catalog/runtimes.

    `pad`: cells of the cache are a multiple of it. `block`: tokens of a page, where the cache is paged (then `batched` is
    the most tokens of one step). `unified`: all sequences share one cache. `ubatch`: tokens of a physical batch, None where
    the compute buffer is not known. `copies`: how often the hidden size counts in the compute buffer of this family, None
    where that is not known; `min_vocab`: the smallest vocabulary that this holds for. `state`: bytes of an element of a
    recurrent state, None where that is not known. `fixed`: bytes whatever the model is. `tensor`: several devices split
    every layer, else they share the layers out.
    """

    pad: int = 256
    ubatch: int | None = 512
    block: int | None = None
    batched: int = 2048
    unified: bool = False
    flash: bool = True
    copies: int | None = None
    min_vocab: int = 0
    state: int | None = 4
    fixed: int = 0
    tensor: bool = False


class Use(NamedTuple):
    """How it is run: tokens of one sequence, type of the cache, sequences at once, devices, layout of the file's cache."""

    context: int
    kv: str = "f16"
    sequences: int = 1
    gpus: int = 1
    layout: str | None = None


class Need(NamedTuple):
    """Bytes by part (of one device where devices split every layer); None is unknown, and `reasons` says why.

    `covered` is False where the architecture keeps more than its layers express.
    """

    weights: int | None
    cache: int | None
    state: int | None
    compute: int | None
    fixed: int
    reasons: tuple[str, ...] = ()
    covered: bool = True

    @property
    def total(self) -> int | None:
        """The sum, or None where a part is unknown."""
        return self.known if self.covered and None not in (self.weights, self.cache, self.state, self.compute) else None

    @property
    def known(self) -> int:
        """The sum of what is known: a lower bound."""
        return (self.weights or 0) + (self.cache or 0) + (self.state or 0) + (self.compute or 0) + self.fixed


def need(geometry: Geometry, weights: int | None, use: Use, profile: Profile) -> Need:
    """Memory for weights of so many bytes (None: unknown) that are run so; experts all count, active or not.

    Raises:
        ValueError: a count below 1, too many tokens, or an unknown type of cache.
    """
    check(use)
    reasons: list[str] = []
    if weights is None:
        reasons.append("weights: their size is not in the catalog")
    elif profile.tensor:
        weights = -(-weights // use.gpus)
    cache, why = _cache(geometry, use, profile)
    reasons += [f"KV cache: {why}"] if why else []
    state, why = _state(geometry, use, profile)
    reasons += [f"state: {why}"] if why else []
    compute, why = _compute(geometry, use, profile)
    reasons += [f"compute buffer: {why}"] if why else []
    reasons += [f"not counted: {geometry.not_covered}"] if geometry.not_covered else []
    return Need(weights, cache, state, compute, profile.fixed, tuple(reasons), geometry.not_covered is None)


def check(use: Use) -> None:
    """Refuses what no runtime could be asked for.

    Raises:
        ValueError: a count below 1, too many tokens, or an unknown type of cache.
    """
    if min(use.context, use.sequences, use.gpus) < 1:
        raise ValueError("context, sequences and devices are at least 1")
    if use.context * use.sequences > MOST_TOKENS:
        raise ValueError(f"context x sequences is at most {MOST_TOKENS:,} tokens")
    if use.kv not in THIRTY_SECONDS:
        raise ValueError(f"no cache type is called {use.kv!r}; known: {', '.join(THIRTY_SECONDS)}")


def fits(needed: Need, room: int) -> bool | None:
    """Whether it fits into so many bytes; None where what is known does and something is not known."""
    if needed.known > room:
        return False
    return None if needed.total is None else True


def longest(geometry: Geometry, weights: int | None, use: Use, profile: Profile, room: int) -> int | None:
    """The most tokens of one sequence whose known need fits: 0 if none does, None where the cache is unknown.

    The need never falls as the context grows, so halving finds the one place where it stops fitting.
    """
    if need(geometry, weights, use, profile).cache is None:
        return None
    low, high = 0, MOST_TOKENS // use.sequences
    while low < high:
        middle = (low + high + 1) // 2
        if need(geometry, weights, use._replace(context=middle), profile).known <= room:
            low = middle
        else:
            high = middle - 1
    return low


def window_cells(window: int, use: Use, profile: Profile) -> int:
    """Cells of a sliding-window layer, for one stream."""
    if profile.block:
        # vLLM keeps one page more than the window and one step need (SlidingWindowSpec.max_memory_usage_bytes)
        return (-(-min(window - 1 + profile.batched, use.context) // profile.block) + 1) * profile.block
    own = window * (use.sequences if profile.unified else 1) + (profile.ubatch or 0)
    return min(full_cells(use, profile), _pad(own, profile.pad))


def full_cells(use: Use, profile: Profile) -> int:
    """Cells of a layer that keeps everything, for one stream. llama.cpp's own context is the total over all sequences."""
    if profile.block:
        return _pad(use.context, profile.block)
    total = _pad(use.context * use.sequences, profile.pad)
    return total if profile.unified else _pad(-(-total // use.sequences), profile.pad)


def streams(use: Use, profile: Profile) -> int:
    """Caches that lie side by side: one for each sequence, or one for all."""
    return 1 if profile.unified and not profile.block else use.sequences


def _cache(geometry: Geometry, use: Use, profile: Profile) -> tuple[int | None, str]:
    """Bytes of keys and values: elements x bytes x cells x streams, summed over the layers; or why that is not known."""
    if not geometry.layers:
        return None, "the layers of its architecture are not in the catalog"
    total = 0
    for layer in geometry.layers:
        if layer.kind not in ("full", "window", "mla"):
            continue  # a state does not grow, and shared layers use the cache of others
        token = _token(layer, use, profile)
        if token is None and not layer.k_dim:
            return None, "this file keeps keys and values for each head, and their dimensions are not in the catalog"
        if token is None:
            return None, f"{layer.kv_heads} key/value heads cannot be split over {use.gpus} devices"
        cells = window_cells(layer.window, use, profile) if layer.kind == "window" else full_cells(use, profile)
        total += layer.count * token * cells * streams(use, profile)
    return -(-total // 32), ""


def _token(layer: Layers, use: Use, profile: Profile) -> int | None:
    """32nds of a byte that one token takes in one layer; a latent has no values of its own and is kept on every device."""
    if layer.kind == "mla" and use.layout != "mha":
        return PACKED_LATENT * 32 if use.kv == "fp8_ds_mla" else (layer.latent + layer.rope) * THIRTY_SECONDS[use.kv]
    if not (layer.kv_heads and layer.k_dim and layer.v_dim):
        return None
    heads: int | None = layer.kv_heads
    if profile.tensor:  # fewer heads than devices: each keeps a copy of one
        heads = layer.kv_heads // use.gpus if layer.kv_heads % use.gpus == 0 else 1 if use.gpus % layer.kv_heads == 0 else None
    return heads and heads * (layer.k_dim + layer.v_dim) * THIRTY_SECONDS[use.kv]


def _state(geometry: Geometry, use: Use, profile: Profile) -> tuple[int | None, str]:
    """Bytes of recurrent states: the convolution's last inputs and the state itself, for each sequence."""
    if not geometry.layers:
        return None, ""
    elements = sum(
        layer.count * ((layer.conv - 1) * (layer.inner + 2 * layer.groups * layer.state) + layer.state * layer.inner)
        for layer in geometry.layers
        if layer.kind == "state"
    )
    if elements and profile.state is None:
        return None, "how this runtime keeps it is not in the catalog"
    if elements and profile.tensor and use.gpus > 1:
        return None, "how it is split over devices is not known"
    return elements * (profile.state or 0) * use.sequences, ""


def _compute(geometry: Geometry, use: Use, profile: Profile) -> tuple[int | None, str]:
    """llama.cpp's compute buffer: logits and activations of one physical batch, and the scores where attention is not fused."""
    hidden, heads, vocab = geometry.hidden, geometry.heads, geometry.vocab
    if profile.ubatch is None:
        return None, "it belongs to the engine and its settings, and was not measured"
    if use.gpus > 1:
        return None, "not measured on several devices"
    if not profile.flash:
        if hidden is None or heads is None:
            return None, "hidden size or heads are unknown"
        return 4 * profile.ubatch * _pad(use.context * use.sequences, profile.pad) * (1 + heads) + 22 * profile.ubatch * hidden, ""
    if profile.copies is None:
        return None, "not measured for this family"
    if hidden is None or vocab is None:
        return None, "hidden size or vocabulary is unknown"
    if vocab < profile.min_vocab:  # logits are not the largest then
        return None, "not measured for so small a vocabulary"
    return 4 * profile.ubatch * (vocab + profile.copies * hidden), ""


def _pad(value: int, to: int) -> int:
    return -(-value // to) * to
