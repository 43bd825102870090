"""What a catalog changes of the one underneath it."""

from typing import Annotated, Any

from pydantic import Field

from modelreg_cli.entities.base import Entity, Line, Text

#: A JSON pointer to a value; an item of a list that has ids is named by its id.
Place = Annotated[str, Field(pattern="^/[^/]+(?:/[^/]+)*$", max_length=300)]
Scalar = str | bool | int | float


class Overlay(Entity):
    """catalog/overlays/...: what is other here than in the catalog underneath, field by field.

    The file lies where the entity does, below overlays/: catalog/overlays/models/qwen/qwen3-32b/model.yaml. A value is named by
    its JSON pointer; an item of a list whose items have an `id` by that: /artifacts/gguf-q4_k_m/uri.
    """

    reason: Line = Field(description="Why it is other here.")
    set: dict[Place, Scalar | dict[str, Any]] | None = Field(
        None,
        description="Values in place of those underneath, or new ones. A list is not set: say add, remove or replace.",
        examples=[{"/limits/context": 32768, "/artifacts/gguf-q4_k_m/uri": "s3://models/qwen3-32b/q4_k_m.gguf"}],
    )
    unset: list[Place] | None = Field(None, description="Values that are unknown here.", examples=[["/limits/output"]])
    add: dict[Place, list[Any]] | None = Field(None, description="Items that a list has besides.", examples=[{"/tags": ["approved"]}])
    remove: dict[Place, list[Scalar]] | None = Field(
        None, description="Items that a list has not: their text, or their id.", examples=[{"/tags": ["experimental"]}]
    )
    replace: dict[Place, list[Any]] | None = Field(None, description="Lists in place of those underneath.", examples=[{"/aliases": []}])
    notes: Text | None = Field(None, description="Remarks for people; nothing reads them.")
