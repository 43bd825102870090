"""Options as data: one description of a reading command drives the thin parser, Typer's form, the docs and the tests."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.render.output import COLORS, FORMATS

Values = dict[str, Any]


class Param(NamedTuple):
    """One option or argument.

    kind: text, flag, int, float; an argument has no dashes in its name. `many` collects every mention;
    `commas` splits them at commas. `words` names a list of the index that completion offers, `choices` are fixed ones.
    """

    name: str
    help: str
    kind: Literal["text", "flag", "int", "float"] = "text"
    default: Any = None
    many: bool = False
    commas: bool = False
    required: bool = False
    argument: bool = False
    short: str = ""
    metavar: str = ""
    words: str = ""
    choices: tuple[str, ...] = ()
    hidden: bool = False

    @property
    def key(self) -> str:
        """The name of its value."""
        return self.name.replace("-", "_")

    @property
    def unsaid(self) -> Any:
        """Its value where it is not mentioned."""
        return [] if self.many else False if self.kind == "flag" else self.default

    @property
    def flag(self) -> str:
        """How it is written."""
        return self.name if self.argument else f"--{self.name}"


class Command(NamedTuple):
    """A reading command: what it is called, what it says of itself, its parameters, and what it does."""

    name: str
    summary: str
    params: tuple[Param, ...]
    run: Callable[[Values], int | None]
    details: str = ""
    examples: tuple[str, ...] = ()


OUTPUT: tuple[Param, ...] = (
    Param("json", "the same as --format json", kind="flag"),
    Param("format", f"{', '.join(FORMATS)}; a table on a terminal, else TSV", metavar="FORMAT", choices=FORMATS),
    Param("fields", "only these fields, in this order (comma-separated)", metavar="A,B"),
    Param("quiet", "ids only", kind="flag", short="q"),
    Param("color", ", ".join(COLORS), default="auto", metavar="WHEN", choices=COLORS),
)
#: Which state of the catalog is asked.
STATE: tuple[Param, ...] = (
    Param(
        "index",
        "index file to read (else MODELREG_INDEX, the checkout's, the pulled one, the one that came with the program)",
        metavar="FILE",
    ),
    Param("catalog", "ask a catalog that was pulled, by its name (else MODELREG_CATALOG)", metavar="NAME"),
    Param(
        "at",
        "ask the catalog as it was then: a commit, branch, tag or date (2026-06-01; its end, in UTC); of a pulled one, a commit or date",
        metavar="REV",
    ),
)


def parse(command: Command, argv: Sequence[str]) -> Values | None:
    """Values of a command line, or None where it asks for help or completion, which Typer's form answers.

    Raises:
        ModelregError: an unknown option (with the nearest), a missing value, a value of the wrong form.
    """
    by_flag = {param.flag: param for param in command.params if not param.argument}
    by_flag |= {f"-{param.short}": param for param in command.params if param.short}
    values: Values = {param.key: param.unsaid for param in command.params}
    loose: list[str] = []
    items = list(argv)
    while items:
        item = items.pop(0)
        if item == "--":
            loose += items
            break
        if item in ("--help", "-h"):
            return None
        if not item.startswith("-") or item == "-":
            loose.append(item)
            continue
        name, equals, inline = item.partition("=")
        param = by_flag.get(name)
        if param is None:
            raise ModelregError(
                f"{command.name} has no option {name}", did_you_mean(name, by_flag) or f"see `modelreg {command.name} --help`"
            )
        if param.kind == "flag":
            if equals:
                raise ModelregError(f"{name} takes no value")
            values[param.key] = True
            continue
        if not equals:
            if not items:
                raise ModelregError(f"{name} needs a value", param.help)
            inline = items.pop(0)
        _store(values, param, inline)
    _place(command, values, loose)
    return values


def _store(values: Values, param: Param, text: str) -> None:
    value = convert(param, text)
    if param.many and param.commas:
        values[param.key].extend(parts_of(param, text))
    elif param.many:
        values[param.key].append(value)
    else:
        values[param.key] = value


def parts_of(param: Param, text: str) -> list[str]:
    """The values of a list that commas separate.

    Raises:
        ModelregError: there is none; a variable that was not set is not "without this filter".
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise ModelregError(f"{param.flag} needs a value", param.help)
    return parts


def convert(param: Param, text: str) -> Any:
    """One value in its type.

    Raises:
        ModelregError: it has another form.
    """
    try:
        return int(text) if param.kind == "int" else float(text) if param.kind == "float" else text
    except ValueError:
        raise ModelregError(f"{param.flag} takes a {'whole ' if param.kind == 'int' else ''}number, not {text!r}", param.help) from None


def _place(command: Command, values: Values, loose: list[str]) -> None:
    """Puts words without dashes into the arguments."""
    rest = list(loose)
    for param in (param for param in command.params if param.argument):
        if param.many:
            values[param.key], rest = rest, []
        elif rest:
            values[param.key] = convert(param, rest.pop(0))
        if param.required and not values[param.key]:
            raise ModelregError(f"{command.name} needs {param.metavar or param.name.upper()}", param.help)
    if rest:
        raise ModelregError(f"{command.name} does not know what to do with {rest[0]!r}", f"see `modelreg {command.name} --help`")
