"""Typer's form of the command line: help, completion, and the commands that write."""

import contextlib
import importlib
import inspect
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from modelreg_cli import __version__
from modelreg_cli.cli.table import Entry, all_commands, sections
from modelreg_cli.commands.options import Command, Param, Values, parts_of
from modelreg_cli.errors import ModelregError, did_you_mean
from modelreg_cli.index.current import find_index
from modelreg_cli.query.opened import open_index
from modelreg_cli.query.words import known_words

#: What Typer makes of Ctrl-C (older versions raise Click's Abort).
_STOPPED = 130
_TYPES: dict[str, Any] = {"text": str, "int": int, "float": float}


class LazyGroup(TyperGroup):
    """A group whose commands are imported when they are named."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names, in the order of the table."""
        return list(all_commands)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One command, or a clear error."""
        entry = all_commands.get(cmd_name)
        if entry is None:
            raise ModelregError(f"no command is called {cmd_name!r}", did_you_mean(cmd_name, all_commands) or "see `modelreg --help`")
        return typer.main.get_command(_single(cmd_name, entry))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The page of the whole program, from the table alone."""
        formatter.write("Usage: modelreg COMMAND [OPTIONS] [ARGS]...\n\n  An AI model registry kept as a Git repository.\n")
        for section in sections:
            formatter.write(f"\n{section}\n")
            for name, entry in all_commands.items():
                if entry.section == section:
                    formatter.write(f"  {name:<13}{entry.summary}\n")
        formatter.write(
            "\nOptions\n  --version        print the version\n  --help           this page; `modelreg COMMAND --help` for a command\n"
            "  --install-completion, --show-completion   completion for your shell\n\n"
            "Exit codes: 0 yes · 1 no · 2 usage · 3 unavailable · 4 unknown or ambiguous ref · 5 pending · 70 a bug\n"
        )


def run(given: list[str]) -> int:
    """Runs a command line through Typer.

    Raises:
        ModelregError: what the command raised.
    """
    app = typer.Typer(
        cls=LazyGroup,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=False,
        add_completion=True,
        invoke_without_command=True,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback(invoke_without_command=True)(_top)
    # a group needs one command of its own before Typer makes a group of it; the table replaces it
    app.command("search")(lambda: None)
    try:
        command = typer.main.get_command(app)
        alone = not given or (len(given) == 1 and given[0] in all_commands and all_commands[given[0]].actions)
        outcome = command.main([*given, "--help"] if alone else given, prog_name="modelreg", standalone_mode=False)
    except SystemExit as end:
        outcome = end.code or 0
    except Exception as error:
        if type(error).__name__ != "Abort":
            raise _usage(error) or error from None
        outcome = _STOPPED
    if outcome == _STOPPED:
        raise KeyboardInterrupt
    return outcome if isinstance(outcome, int) else 0


def _usage(error: Exception) -> ModelregError | None:
    """Click's own errors (an unknown option, a missing value) in our form; Typer carries Click under changing names."""
    told = getattr(error, "format_message", None)
    if told is None:
        return None
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "modelreg"
    near = getattr(error, "possibilities", None)
    message = str(told()).rstrip(".").partition(" Did you mean")[0].partition("(Possible options")[0].strip()
    return ModelregError(message[:1].lower() + message[1:], f"did you mean {', '.join(near)}?" if near else f"see `{path} --help`")


def _top(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(f"modelreg {__version__}")
        sys.exit(0)


def _single(name: str, entry: Entry) -> typer.Typer:
    module = importlib.import_module(entry.module)
    app = typer.Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    function = getattr(module, entry.function) if entry.function else _function(module.COMMAND)
    epilog = None if entry.function else "\n\n".join(module.COMMAND.examples)
    app.command(name, epilog=epilog)(function)
    return app


def _function(command: Command) -> Callable[..., None]:
    """A function whose signature is the command's parameters, which is what Typer reads."""

    def body(**given: Any) -> None:
        values: Values = {param.key: _given(param, given[param.key]) for param in command.params}
        code = command.run(values) or 0
        if code:
            raise SystemExit(code)

    parameters = [
        inspect.Parameter(param.key, inspect.Parameter.KEYWORD_ONLY, default=_default(param), annotation=_annotation(param))
        for param in command.params
    ]
    body.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    body.__annotations__ = {item.name: item.annotation for item in parameters}
    body.__doc__ = f"{command.summary[:1].upper()}{command.summary[1:]}.\n\n{command.details}".strip()
    return body


def _given(param: Param, value: Any) -> Any:
    if not param.many:
        return value
    items = list(value or [])
    return [part for item in items for part in parts_of(param, item)] if param.commas else items


def _default(param: Param) -> Any:
    return inspect.Parameter.empty if param.argument and param.required else param.unsaid


def _annotation(param: Param) -> Any:
    if param.kind == "flag":
        names = [param.flag, *([f"-{param.short}"] if param.short else [])]
        return Annotated[bool, typer.Option(*names, help=param.help, hidden=param.hidden)]
    base = _TYPES[param.kind]
    wanted = list[base] if param.many else base if param.default is not None or param.required else base | None  # type: ignore[valid-type]
    completion: dict[str, Any] = {"autocompletion": _offers(param)} if param.words or param.choices else {}
    if param.argument:
        extra: dict[str, Any] = {"autocompletion": _refs} if param.name in ("ref", "refs") else completion
        return Annotated[wanted, typer.Argument(help=param.help, metavar=param.metavar or None, show_default=False, **extra)]
    return Annotated[
        wanted,
        typer.Option(
            param.flag,
            *([f"-{param.short}"] if param.short else []),
            help=param.help,
            metavar=param.metavar or None,
            show_default=param.default not in (None, "auto") and not param.many,
            **completion,
        ),
    ]


def _offers(param: Param) -> Callable[[str], list[str]]:
    """Words that complete a value: its fixed choices, and what the index knows."""

    def complete(incomplete: str) -> list[str]:
        words = list(param.choices)
        if param.words:
            with contextlib.suppress(ModelregError):
                words += known_words(open_index(find_index(None)), param.words)
        return [word for word in words if word.startswith(incomplete)]

    return complete


def _refs(incomplete: str) -> list[str]:
    """Refs that begin with what was typed: models, slugs that only one model has, versions after an @."""
    try:
        index = open_index(find_index(None))
        pattern = f"{_glob(incomplete)}*"
        if "@" in incomplete:
            return index.column("SELECT ref FROM version WHERE ref GLOB ? ORDER BY ref LIMIT 100", (pattern,))
        return index.column(
            "SELECT id FROM model WHERE id GLOB ? UNION SELECT slug FROM model WHERE slug GLOB ? GROUP BY slug HAVING count(*) = 1 "
            "ORDER BY 1 LIMIT 200",
            (pattern, pattern),
        )
    except ModelregError:
        return []


def _glob(text: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in text)
