"""Families of config.json (`model_type`) and of GGUF (`general.architecture`) whose layers are understood: data, not code.

A family that is not here, or is here and says something its row does not know, has no layers in the answer, with a reason.
"""

from typing import NamedTuple


class Family(NamedTuple):
    """How config.json of a model type tells its layers.

    `head`: dimensions of a head where the file names none (None: hidden / heads, as the family's code computes it).
    `layers`: which rule of `config.py` reads them. `period`: of so many layers the last keeps everything, where windows are
    used and the file lists no kinds. `gated`: a window counts only if `use_sliding_window` is true.
    """

    layers: str = "attention"
    head: int | None = None
    period: int | None = None
    gated: bool = False


_PLAIN = Family()
_MLA = Family("latent")
_NO_CACHE = Family("encoder")
_QWEN_NEXT = Family("linear", head=256)

CONFIG: dict[str, Family] = {
    **dict.fromkeys(
        (
            *("llama", "mistral", "mixtral", "granite", "granitemoe", "olmo", "olmo2", "olmoe", "starcoder2", "stablelm", "cohere", "mimo"),
            *("phi", "phi3", "phimoe", "smollm3", "glm", "glm4", "glm4_moe", "ernie4_5", "ernie4_5_moe", "exaone", "gpt_neox", "gptj"),
            *("nemotron", "minicpm", "internlm2", "internlm3", "baichuan", "gpt2", "gpt_bigcode", "opt", "bloom", "arcee", "apertus"),
            *(
                "seed_oss",
                "hunyuan_v1_dense",
                "hunyuan_v1_moe",
                "dots1",
                "bailing_moe",
                "helium",
                "mistral3",
                "pixtral",
                "minimax_m2",
                "step3p7",
            ),
        ),
        _PLAIN,
    ),
    **dict.fromkeys(("qwen2", "qwen2_moe", "qwen2_vl", "qwen2_5_vl", "qwen2_vl_text", "qwen2_5_vl_text"), Family(gated=True)),
    **dict.fromkeys(("qwen3", "qwen3_moe", "qwen3_vl", "qwen3_vl_text", "qwen3_vl_moe", "qwen3_vl_moe_text"), Family(head=128, gated=True)),
    **dict.fromkeys(("qwen3_next", "qwen3_5", "qwen3_5_text", "qwen3_5_moe", "qwen3_5_moe_text"), _QWEN_NEXT),
    **dict.fromkeys(
        ("deepseek_v2", "deepseek_v3", "deepseek_v32", "kimi_k2", "kimi_k25", "glm4_moe_lite", "glm_moe_dsa", "sarvam_mla"), _MLA
    ),
    "gemma": Family(head=256),
    "gemma2": Family(head=256, period=2),
    "gemma3": Family(head=256, period=6),
    "gemma3_text": Family(head=256, period=6),
    "gemma3n": Family(head=256, period=5),
    "gemma3n_text": Family(head=256, period=5),
    "gemma4": Family("gemma4", head=256),
    "gemma4_text": Family("gemma4", head=256),
    "cohere2": Family(period=4),
    "olmo3": Family(period=4),
    "gpt_oss": Family(head=64, period=2),
    "llama4": Family("chunked", head=128, period=4),
    "llama4_text": Family("chunked", head=128, period=4),
    "falcon": Family("falcon"),
    "nemotron_h": Family("pattern", head=128),
    "mimo_v2_flash": Family("apart"),
    "granitemoehybrid": Family("hybrid"),
    "bamba": Family("hybrid"),
    "falcon_h1": Family("parallel"),
    "mamba2": Family("recurrent"),
    **dict.fromkeys(("mamba", "falcon_mamba", "jamba"), Family("first-mamba")),
    **dict.fromkeys(
        (
            *("bert", "roberta", "xlm-roberta", "camembert", "distilbert", "albert", "electra", "deberta", "deberta-v2", "mpnet"),
            *("nomic_bert", "modernbert", "new", "gte", "xmod", "clip", "siglip", "vit", "dinov2", "eurobert", "jina_bert_v2"),
        ),
        _NO_CACHE,
    ),
}


class GgufFamily(NamedTuple):
    """How GGUF of an architecture tells its layers.

    `name`: the one model type that it stands for, None where several share it. `period`: of so many layers the last keeps
    everything, where the file has a window and no pattern (llama.cpp, `set_swa_pattern`).
    """

    name: str | None = None
    period: int | None = None
    kind: str = "attention"


_SAME = GgufFamily()

GGUF: dict[str, GgufFamily] = {
    **dict.fromkeys(("llama", "granite", "granitemoe", "starcoder2", "stablelm", "internlm2", "minicpm", "glm4", "exaone", "arcee"), _SAME),
    **dict.fromkeys(
        ("qwen2vl", "qwen3vl", "qwen3vlmoe", "hunyuan-dense", "hunyuan-moe", "apertus", "mistral3", "mistral4", "chatglm"), _SAME
    ),
    **dict.fromkeys(("deepseek2", "falcon", "gptneox", "phi2", "phi3", "phimoe", "command-r", "jamba", "mamba", "mamba2"), _SAME),
    **dict.fromkeys(("qwen35", "qwen35moe", "nemotron", "nemotron_h", "nemotron_h_moe", "falcon-h1", "granitehybrid"), _SAME),
    "qwen2": GgufFamily("qwen2"),
    "qwen2moe": GgufFamily("qwen2_moe"),
    "qwen3": GgufFamily("qwen3"),
    "qwen3moe": GgufFamily("qwen3_moe"),
    "qwen3next": GgufFamily("qwen3_next"),
    "gemma": GgufFamily("gemma"),
    "gemma2": GgufFamily("gemma2", period=2),
    "gemma3": GgufFamily(period=6),
    "gemma3n": GgufFamily(period=5),
    "gpt-oss": GgufFamily("gpt_oss", period=2),
    "cohere2": GgufFamily("cohere2", period=4),
    "olmo": GgufFamily("olmo"),
    "olmo2": GgufFamily(period=4),
    "olmoe": GgufFamily("olmoe"),
    "smollm3": GgufFamily("smollm3"),
    "glm4moe": GgufFamily("glm4_moe"),
    "ernie4_5": GgufFamily("ernie4_5"),
    "ernie4_5-moe": GgufFamily("ernie4_5_moe"),
    "seed_oss": GgufFamily("seed_oss"),
    "gpt2": GgufFamily("gpt2"),
    **dict.fromkeys(
        ("bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "neo-bert", "modern-bert", "eurobert", "clip"),
        GgufFamily(kind="encoder"),
    ),
}
