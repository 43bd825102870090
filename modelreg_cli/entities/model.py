"""Publisher and model."""

from typing import Annotated, Literal

from pydantic import Field

from modelreg_cli.entities.base import Alias, AnyRef, Id, Line, Part, Sourced, Text, Url

ModelType = Literal["weights", "hosted", "adapter", "router"]


class Publisher(Sourced):
    """catalog/models/<publisher>/publisher.yaml: who makes models."""

    name: Line = Field(description="Name as the publisher writes it.", examples=["Meta"])
    description: Text | None = Field(None, description="Who they are.")
    url: Url | None = Field(None, description="Their site.")
    aliases: list[Alias] | None = Field(None, description="Other catalogs' ids of this publisher.", examples=[["models-dev:meta"]])


class Modalities(Part):
    """What goes in and what comes out, in words of vocabulary/modalities."""

    input: list[Id] | None = Field(None, description="What the model takes.", examples=[["text", "image"]])
    output: list[Id] | None = Field(None, description="What the model gives.", examples=[["text"]])


class Link(Part):
    """A page about the model."""

    label: Line = Field(description="What the page is.")
    url: Url = Field(description="Its address.")


class Lineage(Part):
    """What a model was made from."""

    relation: Literal["finetune", "adapter", "merge", "quantized", "distill", "continued"] = Field(
        description="How it was made from the parent."
    )
    of: AnyRef = Field(description="The parent: a model or one version of it.")
    note: Line | None = Field(None, description="What else is to be said of it.")


class Model(Sourced):
    """catalog/models/<publisher>/<model>/model.yaml: what all versions of a model share."""

    name: Line = Field(description="Name for people.", examples=["Llama 3.1 8B Instruct"])
    description: Text | None = Field(None, description="What it is good for, in a few sentences.")
    family: Id | None = Field(None, description="The line it belongs to.", examples=["llama"])
    type: ModelType = Field(
        description="weights: bytes that can be had; hosted: only served; adapter: bytes on top of another model; "
        "router: answers by asking other models."
    )
    tasks: list[Id] | None = Field(None, description="What it does, in words of vocabulary/tasks.", examples=[["chat"]])
    modalities: Modalities | None = Field(None, description="What goes in and what comes out.")
    license: Id | None = Field(None, description="An id of catalog/licenses.", examples=["apache-2.0"])
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2,3}(?:-[A-Za-z0-9]+)*$")]] | None = Field(
        None, description="BCP 47 codes of the languages that its publisher names.", examples=[["en", "de"]]
    )
    aliases: list[Alias] | None = Field(None, description="Its names elsewhere; they mean the default version.")
    links: list[Link] | None = Field(None, description="Pages about it.")
    default: Id | None = Field(None, description="The version that a ref without a version means.")
    lineage: list[Lineage] | None = Field(None, description="What it was made from.")
    tags: list[Id] | None = Field(None, description="Tags of every version (a protected tag is worn by versions only).")
