"""Root, vocabulary, tags: the words that other files may use."""

from typing import Annotated, Literal

from pydantic import Field

from modelreg_cli.entities.base import Entity, Id, Line, Part, Text, Url


class Extends(Part):
    """One published state of another catalog; `modelreg upstream --update` moves it on."""

    catalog: Id = Field(description="Its name, as its manifest has it.", examples=["modelreg-reference-catalog"])
    channel: Line = Field(description="Where it is pulled from.", examples=["https://models.example.org/"])
    sequence: Annotated[int, Field(ge=1)] = Field(description="Which of its published states.", examples=[12])
    manifest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = Field(description="sha256 of the manifest of that state.")


class Root(Entity):
    """catalog/catalog.yaml: the name of the catalog and the version of its format."""

    name: Line = Field(description="Name of the catalog.", examples=["modelreg reference catalog"])
    schema_version: Annotated[int, Field(ge=1)] = Field(description="Version of the catalog format.", examples=[1])
    description: Text | None = Field(None, description="What is in it and for whom.")
    url: Url | None = Field(None, description="Where the repository is.")
    extends: Extends | None = Field(None, description="The published catalog that this one lies over: what is not here is as it is there.")


class VocabularyTerm(Part):
    """One word of a vocabulary."""

    description: Text = Field(description="What the word means.")
    aliases: list[Line] | None = Field(None, description="Other words people type for it.")
    per: Annotated[int, Field(gt=0)] | None = Field(None, description="Meters: a rate is for this many units.", examples=[1000000])
    unit: Line | None = Field(None, description="Meters: what is counted.", examples=["token"])
    input: Id | None = Field(None, description="Capabilities: what takes this modality has it too.", examples=["image"])
    output: Id | None = Field(None, description="Capabilities: what gives this modality has it too.")
    task: Id | None = Field(None, description="Capabilities: what is for this task has it too.")
    url: Url | None = Field(None, description="Where more is told.")
    redistribution: Literal["yes", "no"] | None = Field(
        None, description="Evaluators: whether scores they measured may be stored here; `no` means linked only."
    )


class Vocabulary(Entity):
    """catalog/vocabulary/*.yaml: tasks, capabilities, modalities, meters, evaluators."""

    description: Text = Field(description="What this vocabulary is for.")
    terms: dict[Id, VocabularyTerm] = Field(description="The words, by id.")


class Tag(Entity):
    """catalog/tags/<tag>.yaml: the meaning of a tag."""

    description: Text = Field(description="What a version that wears the tag promises.")
    implies: list[Id] | None = Field(None, description="Tags that come with it. A protected tag can not be implied.")
