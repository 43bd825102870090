"""Keywords of the Python API -> the values of options, which the questions know."""

from collections.abc import Iterable, Mapping
from typing import Any

from modelreg_cli.errors import did_you_mean
from modelreg_cli.query.asked import FLAGS, USE, WITH
from modelreg_cli.query.axes import all_axes
from modelreg_cli.registry.wrong import WrongKeyword


def _word_lists() -> list[str]:
    named = [axis.name.replace("-", "_") for axis in all_axes if axis.operator == "in"]
    return [*named, *(f"not_{name}" for name in named), "all_of"]


#: What the keywords of a search take: words, one number or date, one text, yes or no, benchmark thresholds.
KINDS: dict[str, str] = {
    **dict.fromkeys(_word_lists(), "words"),
    **{axis.name.replace("-", "_"): axis.kind for axis in all_axes if axis.operator != "in"},
    **dict.fromkeys((*FLAGS, "unknown", "all_versions"), "flag"),
    **dict.fromkeys(("min", "max"), "thresholds"),
    **dict.fromkeys(("fits", "gpu", *USE, *WITH), "text"),
}
_MANY = ("words", "number", "price", "date", "thresholds")


def values_of(question: str, given: Mapping[str, Any], kinds: Mapping[str, str] = KINDS) -> dict[str, Any]:
    """Every option of a question with its value: what is None was not asked.

    Raises:
        WrongKeyword: a keyword that it does not have, or a value of another type.
    """
    values: dict[str, Any] = {name: False if kind == "flag" else [] if kind in _MANY else None for name, kind in kinds.items()}
    for name, value in given.items():
        if name not in kinds:
            raise WrongKeyword(f"{question} has no keyword {name!r}", did_you_mean(name, kinds) or f"it has {', '.join(kinds)}")
        if value is not None:
            values[name] = _converted(name, kinds[name], value)
    return values


def _converted(name: str, kind: str, value: Any) -> Any:
    if kind == "flag":
        if not isinstance(value, bool):
            raise _wrong(name, "True or False", value)
        return value
    if kind == "words":
        return _words(name, value)
    if kind == "thresholds":
        if not isinstance(value, Mapping) or not value:
            raise _wrong(name, "benchmarks with numbers, such as {'mmlu': 70}", value)
        return [f"{benchmark}={_text(name, number)}" for benchmark, number in value.items()]
    if kind == "date" and hasattr(value, "isoformat"):
        return [str(value.isoformat())[:10]]
    text = _text(name, value)
    return [text] if kind in _MANY else text


def _words(name: str, value: Any) -> list[str]:
    found: list[Any] = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else []
    if not found or not all(isinstance(word, str) and word.strip() for word in found):
        raise _wrong(name, "a word or a list of words; None, or leaving it out, is without this filter", value)
    return found


def _text(name: str, value: Any) -> str:
    """A number as somebody would type it; what is no text and no number is refused."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise _wrong(name, "a number, or a text such as '128k'", value)
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def _wrong(name: str, wanted: str, value: Any) -> WrongKeyword:
    return WrongKeyword(f"{name} takes {wanted}, not {value!r}")
