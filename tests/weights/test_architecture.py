"""Architecture from config.json and from GGUF: what the catalog has of real models, and what is not understood."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelreg_cli.catalog import document
from modelreg_cli.entities.version import Architecture
from modelreg_cli.weights import config, gguf, gguf_architecture
from modelreg_cli.weights.families import CONFIG
from modelreg_cli.weights.source import LocalFile
from tests.weights.made import gguf as made
from tests.weights.made import model, put

_MODELS = Path(__file__).parents[2] / "catalog" / "models"
_LLAMA = {"num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256}
_QWEN3 = {"num_hidden_layers": 64, "hidden_size": 5120, "num_attention_heads": 64, "num_key_value_heads": 8, "vocab_size": 151936}
_GEMMA3 = {"hidden_size": 5376, "num_attention_heads": 32, "num_key_value_heads": 16, "num_hidden_layers": 62, "head_dim": 128}
_DEEPSEEK = {"num_hidden_layers": 61, "hidden_size": 7168, "num_attention_heads": 128, "num_key_value_heads": 128, "vocab_size": 129280}
_DEEPSEEK |= {"kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128}
_DEEPSEEK |= {"n_routed_experts": 256, "num_experts_per_tok": 8}
_GPT_OSS = {"num_hidden_layers": 24, "hidden_size": 2880, "num_attention_heads": 64, "num_key_value_heads": 8, "vocab_size": 201088}
_GPT_OSS |= {"head_dim": 64, "sliding_window": 128, "num_local_experts": 32, "num_experts_per_tok": 4}
_GRANITE = {"num_hidden_layers": 40, "hidden_size": 1536, "num_attention_heads": 12, "num_key_value_heads": 4, "vocab_size": 100352}
_GRANITE |= {"mamba_d_conv": 4, "mamba_expand": 2, "mamba_n_groups": 1, "mamba_d_state": 128, "num_local_experts": 64}
_GRANITE |= {"layer_types": [("attention" if at in (5, 15, 25, 35) else "mamba") for at in range(40)], "num_experts_per_tok": 6}
_FALCON = {"num_hidden_layers": 60, "hidden_size": 8192, "num_attention_heads": 128, "num_kv_heads": 8, "vocab_size": 65024}
_NANO = {"hybrid_override_pattern": "M-M-M-MM-M-M-M*-M-M-M*-M-M-M-M*-M-M-M-M*-M-MM-M-M-M-M-M-", "head_dim": 128, "n_groups": 8}
_NANO |= {"num_key_value_heads": 8, "num_attention_heads": 40, "hidden_size": 4480, "vocab_size": 131072, "ssm_state_size": 128}
_NANO |= {"mamba_num_heads": 128, "mamba_head_dim": 80, "conv_kernel": 4}

#: file of the catalog -> config.json, as far as it is about the layers
CONFIGS: dict[str, dict[str, Any]] = {
    "meta-llama/llama-3.1-8b-instruct/2024-07-23": {"model_type": "llama", **_LLAMA},
    "qwen/qwen3-32b/2025-04": {"model_type": "qwen3", "head_dim": 128, "use_sliding_window": False, "sliding_window": 4096, **_QWEN3},
    "qwen/qwen2.5-7b-instruct/2024-09-19": {
        **{"model_type": "qwen2", "num_hidden_layers": 28, "hidden_size": 3584, "num_attention_heads": 28, "num_key_value_heads": 4},
        **{"vocab_size": 152064, "sliding_window": 131072, "use_sliding_window": False, "max_window_layers": 28},
    },
    "google/gemma-3-27b-it/2025-03-12": {
        **{"model_type": "gemma3", "vocab_size": 262208},
        "text_config": {"model_type": "gemma3_text", "sliding_window": 1024, "sliding_window_pattern": 6, "vocab_size": 262208, **_GEMMA3},
    },
    "google/gemma-2-9b-it/2024-06-27": {
        **{"model_type": "gemma2", "num_hidden_layers": 42, "hidden_size": 3584, "num_attention_heads": 16, "num_key_value_heads": 8},
        **{"head_dim": 256, "sliding_window": 4096, "vocab_size": 256000, "max_position_embeddings": 8192},
    },
    "deepseek-ai/deepseek-v3/1.0.0": {"model_type": "deepseek_v3", **_DEEPSEEK},
    "deepseek-ai/deepseek-v3.2-exp/1.0.0": {"model_type": "deepseek_v32", "index_head_dim": 128, **_DEEPSEEK},
    "openai/gpt-oss-20b/1.0.0": {
        **{"model_type": "gpt_oss", "layer_types": ["sliding_attention", "full_attention"] * 12},
        **_GPT_OSS,
    },
    "ibm-granite/granite-4.0-h-tiny/1.0.0": {"model_type": "granitemoehybrid", **_GRANITE},
    "tiiuae/falcon-40b-instruct/2023-05-25": {"model_type": "falcon", "new_decoder_architecture": True, "multi_query": True, **_FALCON},
    "tiiuae/falcon-7b-instruct/1.0.0": {
        **{"model_type": "falcon", "num_hidden_layers": 32, "hidden_size": 4544, "num_attention_heads": 71, "num_kv_heads": 71},
        **{"multi_query": True, "new_decoder_architecture": False, "vocab_size": 65024},
    },
    "microsoft/phi-3-mini-4k-instruct/2024-04-23": {
        **{"model_type": "phi3", "num_hidden_layers": 32, "hidden_size": 3072, "num_attention_heads": 32, "num_key_value_heads": 32},
        **{"sliding_window": 2047, "max_position_embeddings": 4096, "vocab_size": 32064},
    },
    "microsoft/phi-3.5-mini-instruct/2024-08-22": {
        **{"model_type": "phi3", "num_hidden_layers": 32, "hidden_size": 3072, "num_attention_heads": 32, "num_key_value_heads": 32},
        **{"sliding_window": 262144, "max_position_embeddings": 131072, "vocab_size": 32064},
    },
    "coherelabs/command-r7b/12-2024": {
        **{"model_type": "cohere2", "num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 8},
        **{"sliding_window": 4096, "sliding_window_pattern": 4, "vocab_size": 256000},
    },
    "meta-llama/llama-4-scout-17b-instruct/2025-04-05": {
        **{
            "model_type": "llama4",
            "text_config": {
                "model_type": "llama4_text",
                "num_hidden_layers": 48,
                "hidden_size": 5120,
                "head_dim": 128,
                "num_attention_heads": 40,
                "num_key_value_heads": 8,
                "vocab_size": 202048,
                "attention_chunk_size": 8192,
                "no_rope_layers": [1, 1, 1, 0] * 12,
                "num_local_experts": 16,
                "num_experts_per_tok": 1,
            },
        },
    },
    "qwen/qwen3-next-80b-a3b-instruct/2025-09": {
        **{"model_type": "qwen3_next", "num_hidden_layers": 48, "hidden_size": 2048, "num_attention_heads": 16, "num_key_value_heads": 2},
        **{"head_dim": 256, "full_attention_interval": 4, "linear_conv_kernel_dim": 4, "linear_num_value_heads": 32, "vocab_size": 151936},
        **{"linear_value_head_dim": 128, "linear_num_key_heads": 16, "linear_key_head_dim": 128, "num_experts": 512},
        **{"num_experts_per_tok": 10},
    },
    "xiaomimimo/mimo-v2-flash/2025-12-16": {
        **{"model_type": "mimo_v2_flash", "num_hidden_layers": 48, "hidden_size": 4096, "num_attention_heads": 64, "head_dim": 192},
        **{"num_key_value_heads": 4, "v_head_dim": 128, "swa_num_key_value_heads": 8, "swa_head_dim": 192, "swa_v_head_dim": 128},
        **{"sliding_window": 128, "vocab_size": 152576, "n_routed_experts": 256, "num_experts_per_tok": 8},
        "hybrid_layer_pattern": [0] + [1] * 4 + ([0] + [1] * 5) * 7 + [0],
    },
    "google/gemma-4-e4b-it/2026-04-02": {
        "model_type": "gemma4",
        "text_config": {
            "model_type": "gemma4_text",
            "num_hidden_layers": 42,
            "hidden_size": 2560,
            "num_attention_heads": 8,
            "num_key_value_heads": 2,
            "head_dim": 256,
            "global_head_dim": 512,
            "sliding_window": 512,
            "vocab_size": 262144,
            "num_kv_shared_layers": 18,
            "layer_types": (["sliding_attention"] * 5 + ["full_attention"]) * 7,
        },
    },
}


def _layers(architecture: dict[str, Any]) -> list[Any]:
    return sorted((sorted(layer.items()) for layer in architecture.get("layers", [])), key=str)


@pytest.mark.parametrize("name", CONFIGS)
def test_configurations_give_what_the_catalog_has(name: str) -> None:
    ours = document.load((_MODELS / f"{name}.yaml").read_bytes())["architecture"]
    told = config.read(CONFIGS[name])
    assert told.reasons == ()
    assert _layers(told.architecture) == _layers(ours)
    for field in ("name", "hidden", "heads", "vocab", "experts", "not_covered"):
        assert told.architecture.get(field) == ours.get(field) or (field == "experts" and field not in ours), field
    Architecture.model_validate(told.architecture)


@pytest.mark.parametrize(
    ("given", "layers"),
    [
        ({"model_type": "mistral", "sliding_window": 4096, "max_position_embeddings": 32768, **_LLAMA}, [("window", 32)]),
        ({"model_type": "mistral", "sliding_window": None, **_LLAMA}, [("full", 32)]),
        ({"model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 2, **_LLAMA}, [("full", 32)]),
        (
            {"model_type": "qwen2", "use_sliding_window": True, "sliding_window": 9, "max_window_layers": 30, **_LLAMA},
            [("full", 30), ("window", 2)],
        ),
        ({"model_type": "gpt2", "n_layer": 12, "n_head": 12, "n_embd": 768, "vocab_size": 50257}, [("full", 12)]),
        ({"model_type": "olmo3", "sliding_window": 4096, **_LLAMA}, [("window", 24), ("full", 8)]),
        ({"model_type": "gemma3_text", "sliding_window": 512, **_GEMMA3}, [("window", 52), ("full", 10)]),
        ({"model_type": "gpt_oss", **_GPT_OSS}, [("window", 12), ("full", 12)]),
        (
            {
                "model_type": "falcon_h1",
                "mamba_d_ssm": 1536,
                "mamba_n_groups": 1,
                "mamba_d_state": 256,
                "mamba_d_conv": 4,
                "head_dim": 64,
                **_LLAMA,
            },
            [("full", 32), ("state", 32)],
        ),
        (
            {
                "model_type": "mamba2",
                "num_hidden_layers": 64,
                "hidden_size": 2560,
                "expand": 2,
                "n_groups": 1,
                "state_size": 128,
                "conv_kernel": 4,
            },
            [("state", 64)],
        ),
        ({"model_type": "nemotron_h", **_NANO}, [("state", 27), ("full", 4)]),
        (
            {"model_type": "nemotron_h", **_NANO, "hybrid_override_pattern": None, "layers_block_type": ["mamba", "moe", "attention"]},
            [("state", 1), ("full", 1)],
        ),
        ({"model_type": "bamba", **_GRANITE, "layer_types": None, "attn_layer_indices": [1]}, [("state", 39), ("full", 1)]),
    ],
)
def test_families(given: dict[str, Any], layers: list[tuple[str, int]]) -> None:
    told = config.read(given)
    assert [(layer["kind"], layer["count"]) for layer in told.architecture["layers"]] == layers and told.reasons == ()
    Architecture.model_validate(told.architecture)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "no model_type"),
        ({"model_type": "owl9", **_LLAMA}, "'owl9' is not known"),
        ({"model_type": "bert", **_LLAMA}, "encoder"),
        ({"model_type": "mamba", **_LLAMA}, "first Mamba"),
        ({"model_type": "jamba", **_LLAMA}, "first Mamba"),
        ({"model_type": "llama"}, "number is not told"),
        ({"model_type": "llama", **_LLAMA, "num_hidden_layers": 10**9}, "number is not told"),
        ({"model_type": "llama", **_LLAMA, "hidden_size": 4097}, "dimensions of a key head"),
        ({"model_type": "llama", **_LLAMA, "layer_types": ["full_attention"]}, "one entry for each layer"),
        ({"model_type": "llama", **_LLAMA, "layer_types": ["conv"] * 32}, "'conv' are not known"),
        ({"model_type": "deepseek_v3", **_LLAMA}, "dimensions of the latent"),
        ({"model_type": "nemotron_h", **_NANO, "hybrid_override_pattern": "MX"}, "'X' are not known"),
        ({"model_type": "granitemoehybrid", **_GRANITE, "layer_types": None}, "which layers are recurrent"),
        ({"model_type": "granitemoehybrid", **_GRANITE, "mamba_d_conv": "4"}, "dimensions of the recurrent"),
        ({"model_type": "gemma3n", **_LLAMA, "num_kv_shared_layers": 3}, "share their cache"),
    ],
)
def test_what_is_not_understood_has_no_layers_and_a_reason(given: dict[str, Any], why: str) -> None:
    told = config.read(given)
    assert "layers" not in told.architecture and why in told.reasons[0]
    Architecture.model_validate(told.architecture)


_PLAIN = st.sampled_from([None, True, False, -3, 0, 1, 2**41, 2**70, 0.5, float("nan"), "", "7", "M*", "full_attention"])
_ANYTHING = _PLAIN | st.lists(_PLAIN, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), _PLAIN, max_size=2)
_KEYS = sorted(
    {key for known in CONFIGS.values() for part in (known, known.get("text_config", {})) for key in part} | set(_LLAMA) | set(_NANO)
)


@given(st.sampled_from(sorted(CONFIG)), st.dictionaries(st.sampled_from(_KEYS), _ANYTHING | st.integers(1, 64), max_size=20))
def test_any_configuration_gives_a_sound_architecture(kind: str, values: dict[str, Any]) -> None:
    told = config.read({**_LLAMA, **values, "model_type": kind})
    Architecture.model_validate(told.architecture)
    assert ("layers" in told.architecture) != bool(told.reasons)


def _gguf(folder: Path, name: str, tensors: Any = (), data: int = 0, **values: Any) -> Any:
    return gguf_architecture.read(gguf.read(LocalFile(put(folder / "m.gguf", made(model(name, **values), list(tensors), data)))))


_A = {"embedding_length": 4096, "attention__head_count": 32, "attention__head_count_kv": 8, "context_length": 131072}
_LENGTHS = {"attention__key_length": 128, "attention__value_length": 128}
_SSM = {"ssm__conv_kernel": 4, "ssm__inner_size": 3072, "ssm__state_size": 128, "ssm__group_count": 1}


@pytest.mark.parametrize(
    ("name", "values", "layers"),
    [
        ("llama", {"block_count": 32, **_A}, ["full 32 8 128 128"]),
        ("qwen3", {"block_count": 64, **_A, **_LENGTHS, "embedding_length": 5120, "attention__head_count": 64}, ["full 64 8 128 128"]),
        (
            "gemma3",
            {"block_count": 62, **_A, **_LENGTHS, "attention__sliding_window": 1024},
            ["window 52 8 128 128 1024", "full 10 8 128 128"],
        ),
        ("gemma2", {"block_count": 42, **_A, "attention__sliding_window": 4096}, ["window 21 8 128 128 4096", "full 21 8 128 128"]),
        (
            "gpt-oss",
            {"block_count": 24, **_A, **_LENGTHS, "attention__sliding_window": 128},
            ["window 12 8 128 128 128", "full 12 8 128 128"],
        ),
        ("olmo2", {"block_count": 32, **_A}, ["full 32 8 128 128"]),
        (
            "llama",
            {"block_count": 4, **_A, "attention__sliding_window": 9, "attention__sliding_window_pattern": [1, 0, 1, 1]},
            ["window 3 8 128 128 9", "full 1 8 128 128"],
        ),
        ("glm4moe", {"block_count": 47, **_A, **_LENGTHS, "nextn_predict_layers": 1}, ["full 46 8 128 128"]),
        (
            "granitehybrid",
            {"block_count": 4, **_A, **_SSM, "attention__head_count_kv": [0, 4, 0, 0]},
            ["state 3 4 3072 1 128", "full 1 4 128 128"],
        ),
        (
            "qwen3next",
            {"block_count": 8, **_A, **_LENGTHS, **_SSM, "full_attention_interval": 4},
            ["state 6 4 3072 1 128", "full 2 8 128 128"],
        ),
        ("falcon-h1", {"block_count": 3, **_A, **_SSM}, ["state 3 4 3072 1 128", "full 3 8 128 128"]),
        ("mamba2", {"block_count": 3, "embedding_length": 1024, **_SSM}, ["state 3 4 3072 1 128"]),
        (
            "nemotron_h",
            {"block_count": 3, **_A, **_LENGTHS, **_SSM, "attention__head_count_kv": [0, 8, 0], "feed_forward_length": [0, 0, 99]},
            ["state 1 4 3072 1 128", "full 1 8 128 128"],
        ),
    ],
)
def test_geometry_of_gguf(tmp_path: Path, name: str, values: dict[str, Any], layers: list[str]) -> None:
    told = _gguf(tmp_path, name, **values)
    assert [" ".join(str(value) for value in layer.values()) for layer in told.architecture["layers"]] == layers
    Architecture.model_validate(told.architecture)


def test_a_file_of_deepseek_says_how_its_cache_lies(tmp_path: Path) -> None:
    base = {"block_count": 61, "attention__kv_lora_rank": 512, "rope__dimension_count": 64, "embedding_length": 7168}
    latent = _gguf(tmp_path, "deepseek2", **base, attention__head_count_kv=1, attention__key_length=576, attention__key_length_mla=192)
    assert latent.architecture["layers"] == [{"kind": "mla", "count": 61, "latent": 512, "rope": 64}] and latent.kv_layout is None
    dimensions = {"attention__head_count_kv": 128, "attention__key_length": 192, "attention__value_length": 128}
    heads = _gguf(tmp_path, "deepseek2", **base, **dimensions)
    assert heads.kv_layout == "mha" and heads.architecture["layers"][0]["k_dim"] == 192


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("owl9", {"block_count": 3, **_A}, "'owl9' is not known"),
        ("bert", {"block_count": 3, **_A}, "encoder"),
        ("llama", _A, "number is not told"),
        ("llama", {"block_count": 3, "embedding_length": 8}, "head_count_kv is not told"),
        ("llama", {"block_count": 3, **_A, "attention__head_count_kv": [1, 2]}, "list of 3 numbers"),
        ("phi3", {"block_count": 3, **_A, "attention__sliding_window": 2047}, "which layers use it"),
        ("mamba", {"block_count": 3, **_SSM, "ssm__group_count": 0}, "first Mamba"),
    ],
)
def test_gguf_that_is_not_understood(tmp_path: Path, name: str, values: dict[str, Any], why: str) -> None:
    told = _gguf(tmp_path, name, **values)
    assert "layers" not in told.architecture and why in told.reasons[0]


def test_parameters_of_gguf_are_the_tensors_that_are_weights(tmp_path: Path) -> None:
    tensors = [
        ("token_embd.weight", (64, 10), 0, 0),
        ("rope_freqs.weight", (32,), 0, 2560),
        ("blk.0.ffn_up_exps.weight", (32, 2, 4), 0, 2688),
    ]
    told = _gguf(tmp_path, "qwen3moe", tensors, 2688 + 1024, block_count=1, **_A, expert_count=4, expert_used_count=1)
    assert told.architecture["parameters"] == {"total": 640 + 256, "active": 640 + 64}
    assert told.architecture["vocab"] == 10 and told.architecture["experts"] == {"total": 4, "active": 1}
