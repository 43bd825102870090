"""Answers as values that nobody changes: attributes to read, `to_dict()` for everything else. None is unknown."""

import copy
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from modelreg_cli.errors import did_you_mean


class Answer:
    """An answer with named fields, read as attributes or by `answer["name"]`; lists are tuples, mappings are records."""

    __slots__ = ("_values",)
    _values: dict[str, Any]

    def __init__(self, values: dict[str, Any]) -> None:
        object.__setattr__(self, "_values", values)

    if not TYPE_CHECKING:  # a type checker knows the fields of each answer, and no others

        def __getattr__(self, name: str) -> Any:
            """A field."""
            if name.startswith("_"):
                raise AttributeError(name)
            try:
                return _frozen(self._values[name])
            except KeyError:
                hint = did_you_mean(name, self._values) or f"it has {', '.join(self._values)}"
                raise AttributeError(f"{type(self).__name__} has no field {name!r}: {hint}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is read-only: {name} can not be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is read-only: {name} can not be removed")

    def __getitem__(self, name: str) -> Any:
        return _frozen(self._values[name])

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._values]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answer) and type(self) is type(other) and self._values == other._values

    def __hash__(self) -> int:
        return hash(json.dumps(self._values, sort_keys=True, default=str))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._values.items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._values,)

    def get(self, name: str, default: Any = None) -> Any:
        """A field by its name, or the default where there is none."""
        return self[name] if name in self._values else default

    def to_dict(self) -> dict[str, Any]:
        """All of it as dicts and lists, as `--json` prints it; yours to change."""
        return copy.deepcopy(self._values)


class Record(Answer):
    """A part of an answer whose fields are the catalog's, or its data's."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A field."""


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return Record(value)
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value
