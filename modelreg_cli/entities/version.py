"""Version: one set of bytes or one hosted snapshot, with its artifacts."""

from typing import Annotated, Any, Literal

from pydantic import Field

from modelreg_cli.entities.base import (
    Alias,
    Bound,
    Deprecation,
    Id,
    Line,
    Part,
    PartialDate,
    Sourced,
    Status,
    Text,
    Unit,
    Url,
)
from modelreg_cli.entities.model import Modalities

Count = Annotated[int, Field(gt=0)]


class Upstream(Part):
    """Where the bytes came from, pinned."""

    hub: Id = Field(description="huggingface, modelscope, github, ...", examples=["huggingface"])
    repo: Line = Field(description="The repository there.", examples=["Qwen/Qwen3-32B"])
    revision: Annotated[str, Field(pattern="^[0-9a-f]{40}(?:[0-9a-f]{24})?$")] | None = Field(
        None, description="The commit, 40 or 64 hex digits; absent where it was not read."
    )


class Limits(Part):
    """Tokens. Absent is unknown; `none` means that the model has no such thing, `unlimited` no bound."""

    context: Bound | None = Field(None, description="Tokens of input and output together.", examples=[131072])
    input: Bound | None = Field(None, description="Tokens of input, where that is bounded apart.")
    output: Bound | None = Field(None, description="Tokens of output.", examples=[16384])
    images: Bound | None = Field(None, description="Images in one request.")


class ParameterCount(Part):
    """Numbers of weights."""

    total: Count | None = Field(None, description="All of them.", examples=[8030261248])
    active: Count | None = Field(None, description="Those that one token uses (mixture of experts).")


class Experts(Part):
    """Mixture of experts."""

    total: Count | None = Field(None, description="Experts in each layer.")
    active: Count | None = Field(None, description="Experts that one token uses.")
    shared: Count | None = Field(None, description="Experts that every token uses.")


class AttentionLayers(Part):
    """Layers that keep keys and values of the whole context."""

    kind: Literal["full"] = Field(description="full: the whole context stays.")
    count: Count = Field(description="Layers of this kind.")
    kv_heads: Count = Field(description="Key/value heads.")
    k_dim: Count = Field(description="Dimensions of one key head.")
    v_dim: Count = Field(description="Dimensions of one value head.")


class WindowLayers(Part):
    """Layers that keep keys and values of a sliding window."""

    kind: Literal["window"] = Field(description="window: the last tokens stay.")
    count: Count = Field(description="Layers of this kind.")
    kv_heads: Count = Field(description="Key/value heads.")
    k_dim: Count = Field(description="Dimensions of one key head.")
    v_dim: Count = Field(description="Dimensions of one value head.")
    window: Count = Field(description="Tokens that stay visible.")


class LatentLayers(Part):
    """Multi-head latent attention: one latent, no values."""

    kind: Literal["mla"] = Field(description="mla: one latent stays.")
    count: Count = Field(description="Layers of this kind.")
    latent: Count = Field(description="kv_lora_rank.")
    rope: Count = Field(description="qk_rope_head_dim.")
    kv_heads: Count | None = Field(None, description="Heads that a file without a latent cache keeps (`kv_layout: mha`).")
    k_dim: Count | None = Field(None, description="Dimensions of one key head in such a file.")
    v_dim: Count | None = Field(None, description="Dimensions of one value head in such a file.")


class StateLayers(Part):
    """Recurrent layers (Mamba and its kin): a state that does not grow with the context."""

    kind: Literal["state"] = Field(description="state: a state of fixed size stays.")
    count: Count = Field(description="Layers of this kind.")
    conv: Count = Field(description="Width of the convolution.")
    inner: Count = Field(description="Inner size.")
    groups: Count = Field(description="Groups of the state.")
    state: Count = Field(description="Size of the state.")


class SharedLayers(Part):
    """Layers that use the keys and values of an earlier layer: they keep nothing of their own."""

    kind: Literal["shared"] = Field(description="shared: the cache of other layers is used.")
    count: Count = Field(description="Layers of this kind.")


Layers = Annotated[AttentionLayers | WindowLayers | LatentLayers | StateLayers | SharedLayers, Field(discriminator="kind")]


class Architecture(Part):
    """The geometry that the memory estimate needs, normalised at import."""

    name: Id | None = Field(None, description="The model type of its configuration.", examples=["llama"])
    parameters: ParameterCount | None = Field(None, description="How many weights it has.")
    hidden: Count | None = Field(None, description="Hidden size.", examples=[4096])
    heads: Count | None = Field(None, description="Query heads.", examples=[32])
    vocab: Count | None = Field(None, description="Size of the vocabulary.", examples=[128256])
    experts: Experts | None = Field(None, description="Its experts, where it is a mixture.")
    layers: list[Layers] | None = Field(None, description="Groups of layers of one kind, counted.")
    not_covered: Line | None = Field(
        None, description="What else it keeps in memory that no kind of layer here expresses; an estimate is then too low."
    )


class File(Part):
    """One file of an artifact."""

    path: Line = Field(description="Path in the repository or folder that the artifact lies in.")
    bytes: Count = Field(description="Size of the file.")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = Field(description="Digest of the file, 64 hex digits.")


class Artifact(Part):
    """The version's weights in one format and precision."""

    id: Id = Field(description="Unique in the version.", examples=["gguf-q4_k_m"])
    publisher: Line | None = Field(None, description="Who made this artifact, where it is not the model's publisher.")
    format: Id | None = Field(None, description="safetensors, gguf, onnx, mlx, ...", examples=["gguf"])
    quantization: Id | None = Field(None, description="As its maker calls it.", examples=["q4_k_m"])
    bits: Annotated[float, Field(gt=0, le=64)] | None = Field(None, description="Bits for one weight, on average.")
    uri: Annotated[str, Field(pattern="^(?:hf|s3|gs|oci|https|file|az)://[^\\s]+$")] | None = Field(
        None, description="hf://owner/repo@revision[/file], s3://, gs://, az://, oci://, https:// or file://."
    )
    mirrors: list[Line] | None = Field(None, description="Other places with the same bytes.")
    license: Id | None = Field(None, description="Where it differs from the model's.")
    kv_layout: Literal["mha", "mla"] | None = Field(
        None, description="Cache layout of this file, where it differs from the architecture's."
    )
    files: list[File] | None = Field(None, description="Every file with its size and digest.")
    aliases: list[Alias] | None = Field(None, description="Names of exactly these files elsewhere, such as an Ollama tag.")
    tags: list[Id] | None = Field(None, description="What this artifact wears beyond its version.")


class Parameter(Part):
    """An inference parameter."""

    default: bool | int | float | str | None = Field(None, description="The value where a request names none.")
    min: int | float | None = Field(None, description="Smallest value.")
    max: int | float | None = Field(None, description="Largest value.")
    values: list[str | int | float] | None = Field(None, description="The choices, where they are a list.")
    description: Line | None = Field(None, description="What it does.")


class Score(Part):
    """A judgement between 0 and 1 with its source."""

    score: Unit = Field(description="0 is worst, 1 is best.")
    source: Id = Field(description="A name in `sources`.")


class HardwareNeed(Part):
    """Hardware that its maker recommends."""

    hardware: Id = Field(description="An id of catalog/hardware.")
    count: Count | None = Field(None, description="How many of them.")
    note: Line | None = Field(None, description="What else is to be said of it.")


class Reasoning(Part):
    """How thinking is controlled."""

    control: list[Literal["toggle", "effort", "budget"]] | None = Field(
        None, description="Ways to control it: switched on and off, by levels, by a number of tokens."
    )
    efforts: list[Line] | None = Field(None, description="Names of the effort levels.", examples=[["low", "medium", "high"]])
    budget_min: Annotated[int, Field(ge=0)] | None = Field(None, description="Tokens.")
    budget_max: Count | None = Field(None, description="Tokens.")


class Version(Sourced):
    """catalog/models/<publisher>/<model>/<version>.yaml: one set of bytes, or one hosted snapshot."""

    name: Line | None = Field(
        None, description="This version's own name, where it says more than the model's.", examples=["Mistral Large 3"]
    )
    released: PartialDate | None = Field(None, description="The day it could first be had; versions are ordered by it.")
    updated: PartialDate | None = Field(None, description="The last change its source reports without a new version.")
    status: Status = Field("active", description="Where it stands in its life; retired is how something ends that was published.")
    deprecation: Deprecation | None = Field(None, description="Its announced end.")
    weights: Literal["open", "gated", "closed"] | None = Field(
        None, description="open: anyone may fetch them; gated: after agreeing to terms; closed: not published."
    )
    license: Id | None = Field(None, description="Where this version's licence is not the model's.")
    upstream: Upstream | None = Field(None, description="Where its bytes came from.")
    modalities: Modalities | None = Field(None, description="Where this version's are not the model's.")
    limits: Limits | None = Field(None, description="Tokens and images that it takes and gives.")
    knowledge: PartialDate | None = Field(None, description="Knowledge cutoff.")
    capabilities: list[Id] | None = Field(None, description="What it can do, in words of vocabulary/capabilities.")
    lacks: list[Id] | None = Field(None, description="Capabilities that its source says it does not have (unlisted ones are unknown).")
    capability_scores: dict[Id, Score] | None = Field(None, description="How well, 0 to 1, by capability.")
    quality: dict[Id, Score] | None = Field(None, description="Judgements 0 to 1 by subject (reasoning, coding, ...).")
    reasoning: Reasoning | None = Field(None, description="How its thinking is controlled.")
    dimensions: Count | list[Count] | None = Field(
        None, description="Sizes of the vectors of an embedding model; the first is the default."
    )
    architecture: Architecture | None = Field(None, description="Its geometry, which the memory estimate is computed from.")
    artifacts: list[Artifact] | None = Field(None, description="Its weights, in each format and precision.")
    parameters: dict[Id, Parameter] | None = Field(
        None, description="Inference parameters.", examples=[{"temperature": {"default": 0.6, "min": 0, "max": 2}}]
    )
    hardware: list[HardwareNeed] | None = Field(None, description="What its maker recommends.")
    min_vram_gib: Annotated[float, Field(gt=0)] | None = Field(None, description="As its source recommends; the estimate is computed.")
    aliases: list[Alias] | None = Field(None, description="Names of exactly this version elsewhere.")
    links: list[Url] | None = Field(None, description="Pages about this version.")
    tags: list[Id] | None = Field(None, description="What this version wears.", examples=[["llm", "instruct"]])
    changelog: Text | None = Field(None, description="What is new against the version before.")
    extra: dict[Id, Any] | None = Field(None, description="Values that a system of yours needs and the catalog has no word for.")
