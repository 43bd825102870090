"""What every entity shares: strict fields, refs, dates, sources."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SEGMENT = r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"
NAMESPACES = ("genai-prices", "hf", "litellm", "models-dev", "modelscope", "ngc", "ollama")
_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"

Id = Annotated[str, Field(pattern=f"^{SEGMENT}$", max_length=128)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=2000)]
Date = Annotated[
    str,
    Field(
        pattern=f"^[0-9]{{4}}-{_MONTH}-{_DAY}$",
        description="A day, YYYY-MM-DD.",
        examples=["2024-07-23"],
    ),
]
PartialDate = Annotated[
    str,
    Field(
        pattern=f"^[0-9]{{4}}(?:-{_MONTH}(?:-{_DAY})?)?$",
        description="A year, a month or a day, as exact as the source is. A bare year must be quoted.",
        examples=["2023-12"],
    ),
]
ModelRef = Annotated[str, Field(pattern=f"^{SEGMENT}/{SEGMENT}$", examples=["qwen/qwen3-32b"])]
VersionRef = Annotated[
    str,
    Field(pattern=f"^{SEGMENT}/{SEGMENT}@{SEGMENT}$", examples=["qwen/qwen3-32b@2025-04-29"]),
]
AnyRef = Annotated[
    str,
    Field(
        pattern=f"^{SEGMENT}/{SEGMENT}(?:@{SEGMENT}(?:#{SEGMENT})?)?$",
        examples=["qwen/qwen3-32b", "qwen/qwen3-32b@2025-04-29"],
    ),
]
Alias = Annotated[
    str,
    Field(
        pattern=f"^(?:{'|'.join(NAMESPACES)}):[^\\s].*$",
        max_length=300,
        description=f"The name of this thing elsewhere: namespace:name. Namespaces: {', '.join(NAMESPACES)}.",
        examples=["hf:Qwen/Qwen3-32B", "ollama:llama3.1:8b"],
    ),
]
Pointer = Annotated[str, Field(pattern=r"^(?:/.*)?$", max_length=300)]
Term = Literal["yes", "no", "conditional", "unknown"]
Status = Literal["active", "deprecated", "disabled", "maintenance", "retired"]
Bound = Annotated[int, Field(gt=0)] | Literal["none", "unlimited"]
Rate = Annotated[float, Field(ge=0)]
Unit = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A nested piece of an entity."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class Source(Part):
    """Where a value was read."""

    url: Annotated[str, Field(pattern=r"^(?:https?://|file:)[^\s]+$", max_length=2000)] = Field(
        description="Address of the page or file that was read; `file:` and its name, of a file that has none."
    )
    retrieved: Date = Field(description="The date of the copy that was read.")
    note: Line | None = Field(None, description="What in it was read, where that is not obvious.")


class Deprecation(Part):
    """The end of something, announced."""

    announced: Date | None = Field(None, description="The day the end was announced.")
    date: Date | None = Field(None, description="The day from which it should not be used any more.")
    retires: Date | None = Field(None, description="The day from which it cannot be used any more.")
    replacement: AnyRef | None = Field(None, description="What to use instead.")
    reason: Line | None = Field(None, description="Why.")


class Entity(Part):
    """One file of the catalog; the path is its identity."""


class Sourced(Entity):
    """An entity whose values carry their sources."""

    sources: dict[Id, Source] | None = Field(
        None,
        description="The texts that were read, by a short name.",
        examples=[{"card": {"url": "https://huggingface.co/Qwen/Qwen3-32B", "retrieved": "2026-06-14"}}],
    )
    sourced: dict[Pointer, Id] | None = Field(
        None,
        description='Which value rests on which source: a JSON pointer to a source\'s name ("" is the whole file).',
        examples=[{"/limits/context": "card"}],
    )
    notes: Text | None = Field(None, description="Remarks for people; nothing reads them.")
