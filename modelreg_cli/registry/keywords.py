"""Keywords of a search, for editors and type checkers.

Made by `python -m tests.registry.keywords` from the table of axes and the options; a test fails where it is stale.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypedDict

Words = str | Iterable[str]
Number = int | float | str


class Filters(TypedDict, total=False):
    """What a search can ask: each as the option of the same name; None is not asked."""

    tag: Words | None
    """Wears this tag."""
    license: Words | None
    """Licence id, such as apache-2.0."""
    term: Words | None
    """Licence term: commercial=yes, hosting=conditional, ...."""
    family: Words | None
    """Family, such as llama."""
    publisher: Words | None
    """Who made it."""
    type: Words | None
    """Weights, hosted, adapter, router."""
    status: Words | None
    """Active, deprecated, disabled, maintenance, retired."""
    weights: Words | None
    """Open, gated, closed."""
    architecture: Words | None
    """Model type of its configuration, such as qwen3_moe."""
    task: Words | None
    """What it does: chat, embedding, ...."""
    capability: Words | None
    """What it can: tools, reasoning, ... (several: any; all-of for each)."""
    modality_in: Words | None
    """What goes in: text, image, audio, ...."""
    modality_out: Words | None
    """What comes out."""
    language: Words | None
    """Language that its publisher names."""
    artifact_format: Words | None
    """Has weights in this format: gguf, safetensors, ...."""
    quantization: Words | None
    """Has weights in this precision."""
    provider: Words | None
    """Served by this provider."""
    billing: Words | None
    """Metered, subscription, free, unpublished."""
    serving: Words | None
    """Served in this precision (undisclosed is unknown)."""
    region: Words | None
    """Served in this region."""
    not_tag: Words | None
    """Leave out what tag would find."""
    not_license: Words | None
    """Leave out what license would find."""
    not_term: Words | None
    """Leave out what term would find."""
    not_family: Words | None
    """Leave out what family would find."""
    not_publisher: Words | None
    """Leave out what publisher would find."""
    not_type: Words | None
    """Leave out what type would find."""
    not_status: Words | None
    """Leave out what status would find."""
    not_weights: Words | None
    """Leave out what weights would find."""
    not_architecture: Words | None
    """Leave out what architecture would find."""
    not_task: Words | None
    """Leave out what task would find."""
    not_capability: Words | None
    """Leave out what capability would find."""
    not_modality_in: Words | None
    """Leave out what modality-in would find."""
    not_modality_out: Words | None
    """Leave out what modality-out would find."""
    not_language: Words | None
    """Leave out what language would find."""
    not_artifact_format: Words | None
    """Leave out what artifact-format would find."""
    not_quantization: Words | None
    """Leave out what quantization would find."""
    not_provider: Words | None
    """Leave out what provider would find."""
    not_billing: Words | None
    """Leave out what billing would find."""
    not_serving: Words | None
    """Leave out what serving would find."""
    not_region: Words | None
    """Leave out what region would find."""
    all_of: Words | None
    """Capability that must be there; several: every one of them."""
    min_context: Number | None
    """At least so many tokens of context (128k is 128,000)."""
    min_output: Number | None
    """At least so many tokens of output."""
    min_params: Number | None
    """At least so many weights (8B)."""
    max_params: Number | None
    """At most so many weights (8B)."""
    min_dimensions: Number | None
    """Embedding vectors at least so long."""
    max_price_in: Number | None
    """Some offering costs at most so many USD for 1M tokens of input."""
    max_price_out: Number | None
    """The same for output; both hold for one and the same offering."""
    since: date | str | None
    """Released on or after this day (2025, 2025-06, 2025-06-01)."""
    knowledge_since: date | str | None
    """Knows the world at least up to this month."""
    commercial: bool | None
    """Licence allows commercial use, with or without conditions (term commercial=yes: without)."""
    derivatives: bool | None
    """Licence allows changes and further training, likewise."""
    redistribution: bool | None
    """Licence allows passing the weights on, likewise."""
    hosting: bool | None
    """Licence allows offering it as a service, likewise."""
    unknown: bool | None
    """Keep what has no known value for a number that is asked for."""
    all_versions: bool | None
    """Every version, not only the default one of each model."""
    min: Mapping[str, Number] | None
    """Benchmark at least: {'swe-bench-verified': 70} (for fractions, a number above 1 is percent)."""
    max: Mapping[str, Number] | None
    """Benchmark at most."""
    fits: Number | None
    """Needs at most this much memory: 24GB (GB of a GPU are GiB), or a device."""
    gpu: Number | None
    """Fits this device: rtx4090, a100-80gb, ... or a size."""
    context: Number | None
    """Tokens of one sequence; 32k is 32,768 (else 32k)."""
    kv: Number | None
    """Type of the cache: f16, q8_0, fp8, ... (else the runtime's usual one)."""
    sequences: Number | None
    """Sequences at once (else 1)."""
    runtime: Number | None
    """What runs it; then only formats that it loads count (else llama.cpp, and all formats)."""
    gpus: Number | None
    """Devices of that size together (else 1)."""
    precision: Number | None
    """Only weights of this precision: an artifact that has it, else computed from the number of parameters."""
