"""A search without one of its conditions, for each of them, and what that condition keeps a version out for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from modelreg_cli.index.numbers import bound
from modelreg_cli.query.axes import by_name
from modelreg_cli.query.conditions import Search
from modelreg_cli.query.opened import Index

_USES = {"commercial": "commercial use", "derivatives": "changes", "redistribution": "passing it on", "hosting": "offering it as a service"}


class Relaxed(NamedTuple):
    """A wider search, and why a version that only it finds is kept out."""

    search: Search
    why: Callable[[Index, int], str]


def relaxed(asked: Search) -> Iterator[Relaxed]:
    """Every search with one condition less."""
    for flag in asked.flags:
        yield Relaxed(asked._replace(flags=_but(asked.flags, flag)), _of_license(flag))
    for name, given in asked.filters.items():
        yield Relaxed(asked._replace(filters=_without(asked.filters, name)), _of_axis(name, given))
    for name, given in asked.excluded.items():
        yield Relaxed(asked._replace(excluded=_without(asked.excluded, name)), _said(f"{name} is {', '.join(given)}"))
    for word in asked.all_of:
        yield Relaxed(asked._replace(all_of=_but(asked.all_of, word)), _said(f"it is not known to have {word}"))
    for text in asked.at_least:
        yield Relaxed(asked._replace(at_least=_but(asked.at_least, text)), _of_score(text, "less"))
    for text in asked.at_most:
        yield Relaxed(asked._replace(at_most=_but(asked.at_most, text)), _of_score(text, "more"))
    if asked.fits:
        yield Relaxed(asked._replace(fits=None), _said("it does not fit, or not for sure"))


def _without(given: Mapping[str, list[str]], name: str) -> dict[str, list[str]]:
    return {other: values for other, values in given.items() if other != name}


def _but(items: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tuple(item for item in items if item != one)


def _of_score(text: str, than: str) -> Callable[[Index, int], str]:
    name, _, value = text.partition("=")
    return _said(f"its {name} score is {than} than {value}, or unknown")


def _said(text: str) -> Callable[[Index, int], str]:
    return lambda _index, _number: text


def _of_license(flag: str) -> Callable[[Index, int], str]:
    def why(index: Index, number: int) -> str:
        row = index.one(
            f"SELECT v.license, l.{flag} AS term FROM version v LEFT JOIN license l ON l.id = v.license WHERE v.number = ?", (number,)
        )
        if row is None or row["license"] is None:
            return "its licence is unknown"
        if row["term"] == "no":
            return f"its licence forbids {_USES[flag]}"
        return f"its licence does not say whether it allows {_USES[flag]}"

    return why


def _of_axis(name: str, given: list[str]) -> Callable[[Index, int], str]:
    axis = by_name[name]
    asked = ", ".join(given)
    if axis.where != "version":
        wanted = {"min": "at least ", "max": "at most ", "since": "since ", "in": ""}[axis.operator]
        return _said(f"{axis.title or axis.name.replace('-', ' ')} is not {wanted}{asked}")

    def why(index: Index, number: int) -> str:
        value: Any = index.column(f"SELECT {axis.column} FROM version WHERE number = ?", (number,))[0]
        shown = bound(value) if axis.column in ("context", "input", "output") else value
        what = axis.title or axis.name.replace("-", " ")
        told = "unknown" if shown is None else f"{shown:,}" if isinstance(shown, int) else str(shown)
        are = "are" if what == "weights" else "is"
        return f"its {what} {are} {told}, not {asked}" if axis.operator == "in" else f"its {what} {are} {told}"

    return why
