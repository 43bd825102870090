"""The memory estimate: what llama.cpp allocated for real geometries, to 0.01 MiB, and the laws of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelreg_cli.memory import MOST_TOKENS, THIRTY_SECONDS, Geometry, Layers, Need, Profile, Use, fits, longest, need
from modelreg_cli.query.bits import WEIGHT_BITS, from_bits, ten_thousandths

MIB = 1024**2
GIB = 1024**3
LLAMA_8B = Geometry((Layers("full", 32, 8, 128, 128),), hidden=4096, heads=32, vocab=128256)
QWEN3_32B = Geometry((Layers("full", 64, 8, 128, 128),))
MISTRAL_24B = Geometry((Layers("full", 40, 8, 128, 128),))
QWEN3_235B = Geometry((Layers("full", 94, 4, 128, 128),))
GEMMA3_27B = Geometry((Layers("full", 10, 16, 128, 128), Layers("window", 52, 16, 128, 128, window=1024)))
GPT_OSS_20B = Geometry((Layers("full", 12, 8, 64, 64), Layers("window", 12, 8, 64, 64, window=128)))
DEEPSEEK_V3 = Geometry((Layers("mla", 61, 128, 192, 128, latent=512, rope=64),))
GRANITE_TINY = Geometry((Layers("full", 4, 4, 128, 128), Layers("state", 36, conv=4, inner=3072, groups=1, state=128)))
LLAMA_CPP = Profile()
VLLM = Profile(pad=1, ubatch=None, block=16, batched=2048, state=None, tensor=True)


def cache(geometry: Geometry, total: int, kv: str = "f16", sequences: int = 1, profile: Profile = LLAMA_CPP, gpus: int = 1) -> int:
    """Bytes of the cache for so many tokens over all sequences, as llama.cpp counts its context."""
    assert total % sequences == 0
    found = need(geometry, None, Use(total // sequences, kv, sequences, gpus), profile).cache
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("geometry", "context", "kv", "sequences", "unified", "mib"),
    [
        (LLAMA_8B, 8192, "f16", 1, False, 1024.00),
        (LLAMA_8B, 5000, "f16", 1, False, 640.00),
        (LLAMA_8B, 32768, "q8_0", 1, False, 2176.00),
        (QWEN3_32B, 40960, "q8_0", 1, False, 5440.00),
        (GEMMA3_27B, 32768, "f16", 1, False, 3184.00),
        (GEMMA3_27B, 32768, "f16", 4, False, 5056.00),
        (GEMMA3_27B, 32768, "f16", 4, True, 4432.00),
        (GPT_OSS_20B, 131072, "f16", 1, False, 3090.00),
        (DEEPSEEK_V3, 32768, "q8_0", 1, False, 1166.62),
        (DEEPSEEK_V3, 32768, "f16", 1, False, 2196.00),
        (GRANITE_TINY, 32768, "f16", 1, False, 256.00),
    ],
)
def test_the_cache_is_what_llama_cpp_allocates(
    geometry: Geometry, context: int, kv: str, sequences: int, unified: bool, mib: float
) -> None:
    assert cache(geometry, context, kv, sequences, Profile(unified=unified)) / MIB == pytest.approx(mib, abs=0.01)


def test_the_state_of_recurrent_layers() -> None:
    assert (need(GRANITE_TINY, 0, Use(8), Profile()).state or 0) / MIB == pytest.approx(55.37, abs=0.01)
    assert need(GRANITE_TINY, 0, Use(8, sequences=3), Profile()).state == 3 * (need(GRANITE_TINY, 0, Use(8), Profile()).state or 0)
    assert need(GRANITE_TINY, 0, Use(8), VLLM).state is None, "its type is the model's there"


def test_a_gguf_without_a_latent_cache_keeps_keys_and_values() -> None:
    """DeepSeek-V3 converted without the MLA keys: 128 heads of 192 + 128, which is 152.5 GiB at 32k in f16."""
    assert (need(DEEPSEEK_V3, 0, Use(32768, layout="mha"), Profile()).cache or 0) / GIB == pytest.approx(152.5, abs=0.01)
    unsaid = need(Geometry((Layers("mla", 61, latent=512, rope=64),)), 0, Use(32768, layout="mha"), Profile())
    assert unsaid.cache is None and unsaid.total is None
    assert unsaid.reasons[0] == "KV cache: this file keeps keys and values for each head, and their dimensions are not in the catalog"


def test_the_compute_buffer_of_a_known_family() -> None:
    got = need(LLAMA_8B, 4_920_739_232, Use(8192), Profile(copies=2))
    assert got.compute == 4 * 512 * (128256 + 2 * 4096)
    assert got.total == 4_920_739_232 + 1024 * MIB + got.compute and got.reasons == ()


def test_a_small_vocabulary_is_not_the_largest_tensor() -> None:
    """Mistral-7B: llama.cpp takes 120.01 MiB at 4,096 tokens, where logits and two hidden states would take 78.5."""
    small = LLAMA_8B._replace(vocab=32000)
    got = need(small, 1, Use(8192), Profile(copies=2, min_vocab=100_000))
    assert got.compute is None and got.reasons == ("compute buffer: not measured for so small a vocabulary",)
    assert need(LLAMA_8B, 1, Use(8192), Profile(copies=2, min_vocab=128256)).compute == 4 * 512 * (128256 + 2 * 4096)


@pytest.mark.parametrize(
    ("hidden", "vocab", "mib"),
    [
        (4096, 128256, 266.50),
        (8192, 128256, 282.50),
        (5120, 131072, 276.00),
        (3584, 152064, 311.00),
        (5120, 151936, 316.75),
        (2048, 151936, 304.75),
    ],
    ids=["llama 3.1 8b", "llama 3.1 70b", "mistral small 24b", "qwen 2.5 7b", "qwen 3 32b", "qwen 3 30b-a3b"],
)
def test_compute_buffers_that_llama_cpp_took(hidden: int, vocab: int, mib: float) -> None:
    """Release 0.5.0, 4,096 and 32,768 tokens alike, batches of 512, attention fused."""
    got = need(Geometry(LLAMA_8B.layers, hidden, 32, vocab), 1, Use(32768), Profile(copies=2)).compute
    assert (got or 0) / MIB == pytest.approx(mib, abs=0.01)


def test_without_fused_attention_the_scores_are_kept() -> None:
    assert need(LLAMA_8B, 1, Use(8192), Profile(flash=False)).compute == 4 * 512 * (8192 * 33 + 5.5 * 4096)
    assert need(LLAMA_8B, 1, Use(2048, sequences=4), Profile(flash=False)).compute == 4 * 512 * (8192 * 33 + 5.5 * 4096)


def test_what_is_not_known_is_not_a_number() -> None:
    got = need(QWEN3_32B, None, Use(8192), Profile())
    assert got.total is None and got.compute is None and len(got.reasons) == 2
    assert got.known == got.cache
    nothing = need(Geometry(()), 7, Use(8192), Profile(copies=2))
    assert (nothing.cache, nothing.state, nothing.compute, nothing.known) == (None, None, None, 7)


def test_what_no_layer_expresses_makes_the_sum_a_lower_bound() -> None:
    got = need(LLAMA_8B._replace(not_covered="an indexer"), 1, Use(8192), Profile(copies=2))
    assert got.total is None and got.known > GIB and got.reasons == ("not counted: an indexer",)


def test_shared_layers_keep_nothing() -> None:
    shared = LLAMA_8B._replace(layers=(*LLAMA_8B.layers, Layers("shared", 10)))
    assert need(shared, 1, Use(8192), Profile(copies=2)) == need(LLAMA_8B, 1, Use(8192), Profile(copies=2))


@pytest.mark.parametrize(
    ("geometry", "gpus", "least", "most"),
    [(LLAMA_8B, 1, 130_986, 131_221), (MISTRAL_24B, 1, 163_822, 163_860), (QWEN3_235B, 4, 48_105, 48_681)],
)
def test_bytes_of_a_token_as_published_for_vllm(geometry: Geometry, gpus: int, least: int, most: int) -> None:
    """Published figures divide the cache by the tokens that it held, so they scatter around the exact number."""
    assert least <= cache(geometry, 2**20, "bf16", profile=VLLM, gpus=gpus) / 2**20 <= most


def test_pages_of_vllm() -> None:
    tokens = [cache(LLAMA_8B, count, "bf16", profile=VLLM) for count in (17, 32, 33)]
    assert tokens[0] == tokens[1] < tokens[2]
    window = Geometry((Layers("window", 1, 1, 32, 32, window=100),))
    page = 16 * 64 * 2
    assert cache(window, 32, "bf16", profile=VLLM) == 3 * page, "one page more than the tokens take"
    assert cache(window, 100_000, "bf16", profile=VLLM) == 136 * page, "99 + 2048 tokens take 135 pages, and one more"


def test_a_latent_in_vllm() -> None:
    assert cache(DEEPSEEK_V3, 1600, "fp8_ds_mla", profile=VLLM) == 61 * 656 * 1600
    assert cache(DEEPSEEK_V3, 1600, "fp8", profile=VLLM) == 61 * 576 * 1600
    assert cache(DEEPSEEK_V3, 1600, "fp8", profile=VLLM, gpus=8) == 61 * 576 * 1600, "every device keeps the latent"


def test_tensors_split_over_devices() -> None:
    one, two = (need(LLAMA_8B, 2001, Use(8192, gpus=gpus), VLLM) for gpus in (1, 2))
    assert (two.weights, two.cache) == (1001, (one.cache or 0) // 2)
    assert need(LLAMA_8B, 0, Use(8192, gpus=16), VLLM).cache == (one.cache or 0) // 8, "8 heads on 16 devices: each keeps one"
    assert need(LLAMA_8B, 0, Use(8192, gpus=3), VLLM).reasons[0] == "KV cache: 8 key/value heads cannot be split over 3 devices"
    layers = need(LLAMA_8B, 2001, Use(8192, gpus=2), Profile(copies=2))
    assert (layers.weights, layers.cache, layers.compute) == (2001, one.cache, None), "layers are shared out: the sum stays"


def test_weights_from_bits() -> None:
    """Published: Qwen3-32B in bf16 61.03 GiB (32,762,123,264 weights), Llama-3.1-8B 14.96 GiB, 4.58 in q4_k_m."""
    assert from_bits(32_762_123_264, WEIGHT_BITS["bf16"]) / GIB == pytest.approx(61.03, abs=0.01)
    assert from_bits(8_030_261_248, WEIGHT_BITS["q4_k_m"]) / GIB == pytest.approx(4.58, abs=0.01)
    assert from_bits(3, ten_thousandths(4.9)) == 2


@pytest.mark.parametrize("use", [Use(0), Use(8, sequences=0), Use(8, gpus=0), Use(8, "q9"), Use(MOST_TOKENS, sequences=2)])
def test_wrong_use_is_refused(use: Use) -> None:
    with pytest.raises(ValueError):
        need(LLAMA_8B, 0, use, Profile())


def test_a_verdict_has_three_values() -> None:
    assert fits(Need(5, 3, 0, 2, 0), 10) is True
    assert fits(Need(5, 3, 0, 3, 0), 10) is False
    assert fits(Need(5, 3, 0, None, 0), 10) is None
    assert fits(Need(5, 6, 0, None, 0), 10) is False, "what is known is too much already"


def built(kind: type, *values: Any, **named: Any) -> st.SearchStrategy[Any]:
    """A named tuple of drawn values; `st.builds` would draw those that have a default too."""

    def make(*drawn: Any, **more: Any) -> Any:
        return kind(*drawn, **more)

    return st.builds(make, *values, **named)


KV = [st.integers(1, 64)] * 4
LAYERS = st.one_of(
    built(Layers, st.just("full"), *KV),
    built(Layers, st.just("window"), *KV, window=st.integers(1, 4096)),
    built(Layers, st.just("mla"), st.integers(1, 64), latent=st.integers(1, 512), rope=st.integers(1, 64)),
    built(Layers, st.just("state"), st.integers(1, 64), conv=st.just(4), inner=st.integers(1, 99), groups=st.just(1), state=st.just(9)),
)
GEOMETRY = st.lists(LAYERS, min_size=1, max_size=3).map(lambda layers: Geometry(tuple(layers), 512, 8, 1000))
PROFILE = built(
    Profile, unified=st.booleans(), block=st.sampled_from([None, 16, 64]), copies=st.sampled_from([None, 2]), flash=st.booleans()
)
WIDTHS = st.sampled_from(sorted(THIRTY_SECONDS, key=lambda kv: THIRTY_SECONDS[kv]))


@given(GEOMETRY, PROFILE, st.integers(1, 9), st.integers(1, 60_000), st.integers(0, 60_000))
def test_more_context_never_needs_less(geometry: Geometry, profile: Profile, sequences: int, context: int, more: int) -> None:
    one, other = (need(geometry, 0, Use(tokens, "f16", sequences), profile).known for tokens in (context, context + more))
    assert one <= other


@given(GEOMETRY, PROFILE, st.integers(1, 60_000), st.integers(1, 9))
def test_more_sequences_never_need_less(geometry: Geometry, profile: Profile, context: int, sequences: int) -> None:
    one, other = (need(geometry, 0, Use(context, "f16", many), profile).known for many in (sequences, sequences + 1))
    assert one <= other


@given(GEOMETRY, PROFILE, st.integers(1, 60_000), WIDTHS, WIDTHS)
def test_wider_elements_never_need_less(geometry: Geometry, profile: Profile, context: int, one: str, other: str) -> None:
    thin, wide = sorted((one, other), key=lambda kv: THIRTY_SECONDS[kv])
    if "fp8_ds_mla" in (one, other):  # a packed latent is not that many equal elements
        geometry = geometry._replace(layers=tuple(layer for layer in geometry.layers if layer.kind != "mla") or LLAMA_8B.layers)
    less, more = (need(geometry, 0, Use(context, kv), profile).known for kv in (thin, wide))
    assert less <= more


@given(GEOMETRY, PROFILE, st.integers(1, 9), st.integers(0, 2**34))
def test_the_longest_context_is_the_exact_inverse(geometry: Geometry, profile: Profile, sequences: int, room: int) -> None:
    use = Use(1, "q8_0", sequences)
    tokens = longest(geometry, 0, use, profile, room)
    assert tokens is not None
    if tokens:
        assert need(geometry, 0, use._replace(context=tokens), profile).known <= room
    if tokens < MOST_TOKENS // sequences:
        assert need(geometry, 0, use._replace(context=tokens + 1), profile).known > room
