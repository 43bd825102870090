"""Runtime, hardware, engine, binding, tenant: where models run and for whom."""

from typing import Annotated, Any, Literal

from pydantic import Field

from modelreg_cli.entities.base import AnyRef, Id, Line, Part, Sourced, Status, Text, Url
from modelreg_cli.entities.offering import Endpoint

Size = Annotated[int, Field(gt=0)]
CacheType = Literal["f32", "f16", "bf16", "fp8", "fp8_ds_mla", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"]


class MemoryProfile(Part):
    """How one release of a runtime uses memory: all that the memory estimate knows of it (docs/memory.md)."""

    release: Line = Field(description="The release it was read off, or from which on it holds.")
    basis: Literal["measured", "documented"] = Field(
        description="measured: read off what it allocates; documented: as its documentation or code says."
    )
    context_pad: Size = Field(1, description="Cells of the cache are a multiple of this.")
    cache_block: Size | None = Field(None, description="Tokens of a page, where the cache is paged.")
    batched: Size | None = Field(None, description="Tokens of one step at most, where the cache is paged.")
    unified: bool = Field(False, description="Whether all sequences share one cache.")
    cache_types: list[CacheType] = Field(min_length=1, description="Types of the cache that it knows; the first is its default.")
    state_bytes: Size | None = Field(None, description="Bytes of one element of a recurrent state; absent where the model decides.")
    ubatch: Size | None = Field(None, description="Tokens of a physical batch by default; absent where its compute buffer is unknown.")
    flash: bool = Field(True, description="Whether attention is fused by default.")
    copies: dict[Id, Annotated[int, Field(ge=0)]] | None = Field(
        None,
        description="How often the hidden size counts in the compute buffer, by architecture; one that is not here was not measured.",
        examples=[{"llama": 2}],
    )
    min_vocab: Size | None = Field(
        None, description="Smallest vocabulary that `copies` holds for; with a smaller one other tensors are the largest."
    )
    fixed_mib: Annotated[float, Field(ge=0)] | None = Field(None, description="Taken whatever the model is, MiB.")
    utilization: Annotated[float, Field(gt=0, le=1)] | None = Field(None, description="Share of the device it takes by default.")
    devices: Literal["layers", "tensors"] = Field(
        "layers", description="Several devices share the layers out (layers), or split every one of them (tensors)."
    )
    source: Id | None = Field(None, description="A name in `sources`.")


class Runtime(Sourced):
    """catalog/runtimes/<runtime>.yaml: a program that runs models."""

    name: Line = Field(description="Its name.")
    url: Url | None = Field(None, description="Its home.")
    description: Text | None = Field(None, description="What it is.")
    formats: list[Id] | None = Field(None, description="Weight formats it loads.")
    memory: list[MemoryProfile] | None = Field(None, description="How it uses memory, by release, the newest last.")


class Hardware(Sourced):
    """catalog/hardware/<device>.yaml: an accelerator, or a machine whose memory it shares."""

    name: Line = Field(description="Its name in full.")
    vendor: Line | None = Field(None, description="Who makes it.")
    kind: Literal["gpu", "apu", "cpu", "npu", "tpu"] = Field(description="gpu; apu: shares the memory of its machine; cpu; npu; tpu.")
    memory_gib: Annotated[float, Field(gt=0)] | None = Field(None, description="Memory of one device, GiB.")
    bandwidth_gbs: Annotated[float, Field(gt=0)] | None = Field(None, description="Memory bandwidth, GB/s.")
    names: list[Line] | None = Field(None, description="What people type for it.", examples=[["rtx4090", "4090"]])


class EngineHardware(Part):
    """Devices of an engine."""

    hardware: Id = Field(description="An id of catalog/hardware.")
    count: Size = Field(1, description="How many of them.")


class Engine(Sourced):
    """catalog/engines/<engine>/engine.yaml: an instance of a runtime that we operate."""

    name: Line = Field(description="Name for people.")
    runtime: Id = Field(description="An id of catalog/runtimes.")
    release: Line | None = Field(None, description="The release of the runtime that runs there.")
    hardware: list[EngineHardware] | None = Field(None, description="What it runs on.")
    endpoints: list[Endpoint] | None = Field(None, description="Where requests go.")
    region: Id | None = Field(None, description="Where it stands.")
    status: Status = Field("active", description="Whether it may be used.")
    tags: list[Id] | None = Field(None, description="What it wears.")


class Binding(Sourced):
    """catalog/engines/<engine>/<binding>.yaml: a version's artifact attached to an engine (what is wanted)."""

    model: AnyRef = Field(description="The version, or one artifact of it.")
    name: Line | None = Field(None, description="Name for people.")
    available_model_id: Line | None = Field(None, description="The id under which the engine's fleet lists it.")
    model_path: Line | None = Field(None, description="Where the engine finds the weights.")
    remote_url: Line | None = Field(None, description="Where it fetches them from.")
    vram_required_mb: Size | None = Field(None, description="MiB of accelerator memory to set aside.")
    ram_required_mb: Size | None = Field(None, description="MiB of main memory to set aside.")
    capabilities: list[Id] | None = Field(None, description="What it can do here, where that differs from the version.")
    extra_config: dict[Id, Any] | None = Field(None, description="Settings of the engine; an embedding model needs `dim`.")
    status: Status = Field("active", description="Whether it may be used.")
    tags: list[Id] | None = Field(None, description="What it wears.")


class Route(Part):
    """Which model a tenant gets for a task."""

    tag: Id | None = Field(None, description="Choose among versions that wear this tag.")
    prefer: list[AnyRef] | None = Field(None, description="In this order, where they wear the tag.")
    fallback: AnyRef | None = Field(None, description="What to use where none of them can be had.")
    max_price_in: Annotated[float, Field(ge=0)] | None = Field(None, description="At most this for the input meter.")
    min_context: Size | None = Field(None, description="At least this much context, tokens.")


class LicenseContext(Part):
    """What decides whether a conditional licence fits this tenant."""

    commercial: bool | None = Field(None, description="Whether it uses models commercially.")
    monthly_active_users: Annotated[int, Field(ge=0)] | None = Field(None, description="How many people use it in a month.")
    annual_revenue_usd: Annotated[int, Field(ge=0)] | None = Field(None, description="What it earns in a year, US dollars.")
    regions: list[Line] | None = Field(None, description="Where it uses them.")
    acknowledged: list[Id] | None = Field(None, description="Licences whose obligations were accepted.")


class Tenant(Sourced):
    """catalog/tenants/<tenant>.yaml: default routes for each task, and the licence context."""

    name: Line = Field(description="Name for people.")
    routes: dict[Id, Route] | None = Field(None, description="By task.")
    license: LicenseContext | None = Field(None, description="What decides whether a conditional licence fits.")
    scope: list[Id] | None = Field(None, description="Pickers show only versions with one of these tags.")
