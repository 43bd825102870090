"""JSON of a forge, asked for its fields: one that is missing, or of another type, is never taken for an answer."""

from typing import Any

from modelreg_cli.errors import Unavailable


class Told:
    """An object that a forge told; `what` is what it is, for messages."""

    def __init__(self, value: Any, what: str) -> None:
        if not isinstance(value, dict):
            raise Unavailable(f"what the forge says of {what} is not understood", "is it the right --forge?")
        self._value, self._what = value, what

    @classmethod
    def each(cls, value: Any, what: str) -> list["Told"]:
        """Every object of a list.

        Raises:
            Unavailable: it is no list of objects.
        """
        if not isinstance(value, list):
            raise Unavailable(f"what the forge says of {what} is not understood", "is it the right --forge?")
        return [cls(one, what) for one in value]

    def get(self, name: str) -> Any:
        """A field as it is, or None."""
        return self._value.get(name)

    def text(self, name: str) -> str:
        """A field that is text.

        Raises:
            Unavailable: it is none.
        """
        found = self._value.get(name)
        if not isinstance(found, str):
            raise Unavailable(f"the forge does not tell {name!r} of {self._what}", "is it the right --forge, and does the token see it?")
        return found

    def number(self, name: str) -> int:
        """A field that is a whole number.

        Raises:
            Unavailable: it is none.
        """
        found = self._value.get(name)
        if not isinstance(found, int) or isinstance(found, bool):
            raise Unavailable(f"the forge does not tell {name!r} of {self._what}", "is it the right --forge, and does the token see it?")
        return found

    def of(self, name: str) -> "Told":
        """A field that is an object."""
        return Told(self._value.get(name), f"{self._what}: {name}")
