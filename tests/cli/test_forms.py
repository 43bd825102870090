"""The thin parser and Typer's form of each reading command give the same values; help and completion work."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from modelreg_cli.cli import full
from modelreg_cli.cli.table import all_commands, sections
from modelreg_cli.commands.options import Command, Param, parse
from modelreg_cli.errors import ModelregError
from tests.conftest import Run

READING: dict[str, Command] = {
    name: importlib.import_module(entry.module).COMMAND for name, entry in all_commands.items() if not entry.function
}


class Caught(Exception):
    """Carries the values that a command was run with."""


@cache
def typer_form(name: str) -> Any:
    """Typer's form of a command that only tells its values."""

    def caught(values: Any) -> int:
        raise Caught(values)

    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
    app.command(name)(full._function(READING[name]._replace(run=caught)))
    return typer.main.get_command(app)


def typer_values(name: str, argv: list[str]) -> Any:
    """The values that Typer's form reads, or the exit code."""
    try:
        typer_form(name).main(list(argv), standalone_mode=False)
    except Caught as found:
        return found.args[0]
    except ModelregError as error:
        return error.exit_code
    except Exception as error:
        usage = full._usage(error)
        assert usage is not None, error
        return usage.exit_code
    raise AssertionError("the command did not run")


def thin_values(command: Command, argv: list[str]) -> Any:
    """The values that the thin parser reads, or the exit code."""
    try:
        return parse(command, argv)
    except ModelregError as error:
        return error.exit_code


def arguments(command: Command) -> list[str]:
    """Arguments that a command can not do without."""
    return [word for param in command.params if param.argument and param.required for word in (["a", "b"] if param.many else ["a"])]


def spellings(param: Param) -> Iterator[list[str]]:
    """Ways to write one option, right and wrong."""
    if param.kind == "flag":
        yield [param.flag]
        yield [param.flag, param.flag]
        if param.short:
            yield [f"-{param.short}"]
        return
    value = {"int": "7", "float": "1.5"}.get(param.kind, "a,b")
    yield [param.flag, value]
    yield [f"{param.flag}={value}"]
    yield [param.flag, value, param.flag, value]
    yield [param.flag, "-1"]
    yield [param.flag]
    if param.kind == "text":
        yield [param.flag, ""]
        yield [f"{param.flag}="]
        yield [param.flag, "a=b"]
        yield [param.flag, " a , ,b"]
    else:
        yield [param.flag, "x"]


CASES = [
    (name, [*spelling, *arguments(command)])
    for name, command in READING.items()
    for param in command.params
    if not param.argument
    for spelling in spellings(param)
]
CASES += [(name, line.split()) for name in READING for line in ("", "a", "a b", "a b c", "-- -x", "a -- --json", "--nothing", "-z", "a -")]


@pytest.mark.parametrize("name", READING)
def test_both_forms_agree(name: str) -> None:
    command = READING[name]
    for case, argv in CASES:
        if case == name:
            assert thin_values(command, argv) == typer_values(name, argv), argv


def test_the_table_is_the_truth() -> None:
    assert {entry.section for entry in all_commands.values()} <= set(sections)
    for name, command in READING.items():
        assert (command.name, command.summary) == (name, all_commands[name].summary)
        keys = [param.key for param in command.params]
        assert len(keys) == len(set(keys))
        assert command.examples or name in ("stats",)
    for entry in all_commands.values():
        if entry.function:
            assert callable(getattr(importlib.import_module(entry.module), entry.function))


@pytest.mark.parametrize("name", all_commands)
def test_help_of_every_command(run: Run, name: str) -> None:
    for option in ("--help", "-h"):
        got = run(name, option)
        assert got.code == 0
        assert got.out.startswith("Usage: ")
        assert "Options:" in got.out
    if name in READING:
        for param in READING[name].params:
            assert (param.flag.lower() in got.out.lower()) is not param.hidden


def complete(words: str, index: Path, shell: str = "bash") -> list[str]:
    """What a shell would offer after these words."""
    count = len(words.split(" ")) - 1
    asked = {
        "bash": {"_MODELREG_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(count)},
        "zsh": {"_MODELREG_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": words},
        "fish": {"_MODELREG_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    env = {**os.environ, "MODELREG_INDEX": str(index), **asked}
    code = "import sys; sys.argv = ['modelreg']; from modelreg_cli.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        ("modelreg se", ["search"]),
        ("modelreg search --fam", ["--family"]),
        ("modelreg search --tag e", ["edge"]),
        ("modelreg search --not-provider m", ["mercato"]),
        ("modelreg show acme/a", ["acme/atlas-70b", "acme/atlas-8b"]),
        ("modelreg show at", ["atlas-70b"]),  # two models are called atlas-8b
        ("modelreg resolve acme/atlas-8b@1.0", ["acme/atlas-8b@1.0.0"]),
        ("modelreg compare acme/pro cyg", ["cygnus/lora-poet", "cygnus/tian-e", "cygnus/wegweiser"]),
        ("modelreg leaderboard q", ["quiz"]),
        ("modelreg show *", []),
        ("modelreg search --format j", ["json", "jsonl"]),
        ("modelreg search --sort q", ["quiz"]),
        ("modelreg search --sort price", ["price-in", "price-out"]),
        ("modelreg search --facets modality", ["modality-in", "modality-out"]),
    ],
)
def test_completion(questions: Path, words: str, offers: list[str]) -> None:
    assert complete(words, questions) == offers


def test_completion_in_other_shells(questions: Path) -> None:
    assert "edge" in " ".join(complete("modelreg search --tag e", questions, "zsh"))
    assert "acme/pro" in " ".join(complete("modelreg show acme/p", questions, "fish"))


def test_completion_without_an_index_offers_nothing(tmp_path: Path) -> None:
    assert complete("modelreg show a", tmp_path / "gone.db") == []
