"""modelreg new"""

import inspect
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from modelreg_cli.catalog.layout import path_of
from modelreg_cli.commands.asking import Form, ask, checked, on_terminal
from modelreg_cli.commands.edited import DryRun, Json, Quiet, Root, finish, read, ref_of, target_of
from modelreg_cli.commands.paths import top_of
from modelreg_cli.editing.assign import assignment, is_assignment
from modelreg_cli.editing.files import Files, Value
from modelreg_cli.editing.new import ASKS, Config, New, ids_of, register
from modelreg_cli.errors import ModelregError, listed
from modelreg_cli.http import Client, Deadline
from modelreg_cli.importers.weights.place import place_of
from modelreg_cli.render.findings import shown
from modelreg_cli.weights.config import read as read_config
from modelreg_cli.weights.config_file import loaded
from modelreg_cli.weights.source import LocalFile, RemoteFile

_GEOMETRY = {"layers": "Layers with full attention", "kv_heads": "Key/value heads of a layer", "head_dim": "Dimensions of a head"}
_METAVARS = {"base": "REF", "like": "REF", "config": "FILE"}
_DEADLINE = 60.0  # seconds that the server of a config.json has
_Words = Annotated[
    list[str] | None,
    typer.Argument(help="publisher/model or publisher/model@version; then field=value of the version.", metavar="[REF] [FIELD=VALUE]..."),
]
_Type = Annotated[Literal["weights", "hosted", "adapter", "router"] | None, typer.Option("--type", help="What sort of model it is.")]
_NoInput = Annotated[bool, typer.Option("--no-input", help="Ask nothing, also on a terminal.")]


def new(**given: Any) -> None:
    """Register a model: its publisher where that is missing, the model, and its first version.

    On a terminal it asks for what is missing; elsewhere everything must be said. Weights need a name, an architecture and a number of
    parameters. See docs/editing.md.
    """
    words = given["words"] or []
    refs = [word for word in words if not is_assignment(word)]
    if len(refs) > 1:
        raise ModelregError(f"{listed(refs, 'and')} are {len(refs)} models", "register them one after the other")
    top = top_of(given["root"])
    files, catalog = Files(top), read(top)
    answers = {ask.key: given[ask.key] for ask in ASKS if given[ask.key] is not None}
    form = Form(files, catalog, refs[0] if refs else None, given["type"], answers)
    asked = not form.complete and not given["no_input"] and on_terminal()
    form = ask(form) if asked else checked(form)
    model, version = ids_of(files, form.ref or "", form.type or "", form.answers)
    if "base" in form.answers:
        form.answers["base"] = ref_of(top, form.answers["base"])
    config = _config(form)
    layers, geometry = _layers(*(given[key] for key in _GEOMETRY)), _geometry(top, files, form.answers.get("like"))
    assignments = tuple(assignment(word) for word in words if is_assignment(word))
    notes = register(files, catalog, New(model, version, form.type or "", form.answers, layers, geometry, assignments, config))
    notes += [f"the same without questions: modelreg new {form.typed}"] if asked else []
    how = {name: given[name] for name in ("dry_run", "as_json", "quiet")}
    finish(files, notes, **how, catalog=catalog, ref=f"{model}@{version}")


def _parameters() -> Iterator[inspect.Parameter]:
    """What Typer reads: an option for everything that is asked."""
    told: list[tuple[str, Any, Any]] = [("words", _Words, None), ("type", _Type, None)]
    for one in ASKS:
        option = typer.Option(one.option, help=f"{one.question}.", metavar=_METAVARS.get(one.key, "VALUE"))
        told.append((one.key, Annotated[str | None, option], None))
    told += [(key, Annotated[int | None, typer.Option(help=f"{words}.", metavar="N")], None) for key, words in _GEOMETRY.items()]
    told += [
        ("no_input", _NoInput, False),
        ("root", Root, None),
        ("dry_run", DryRun, False),
        ("as_json", Json, False),
        ("quiet", Quiet, False),
    ]
    for name, annotation, default in told:
        yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


new.__signature__ = inspect.Signature(list(_parameters()))  # type: ignore[attr-defined]
new.__annotations__ = {one.name: one.annotation for one in _parameters()}


def _layers(*given: int | None) -> tuple[int, int, int] | None:
    told = [number for number in given if number is not None]
    options = listed([f"--{key.replace('_', '-')}" for key in _GEOMETRY], "and")
    if told and len(told) < len(given):
        raise ModelregError(f"{options} belong together", "they tell what the cache of one layer takes")
    if any(number < 1 for number in told):
        raise ModelregError(f"{options} are numbers from 1 on")
    return (told[0], told[1], told[2]) if told else None


def _geometry(top: Path, files: Files, like: str | None) -> Value | None:
    """The architecture of a version that is known."""
    if like is None:
        return None
    version = target_of(top, like).version
    model, _, name = version.partition("@")
    found: Value | None = files.value(path_of("version", *model.split("/"), name)).get("architecture")
    if not found or "name" not in found or "total" not in found.get("parameters", {}):
        raise ModelregError(f"--like {version} has no known architecture", "name one that has, or say --architecture and --parameters")
    return found


def _config(form: Form) -> Config | None:
    """What the config.json says that was named.

    Raises:
        ModelregError: it can not be read, or tells no architecture; or --like says another one.
        Unavailable: its server does not answer.
    """
    typed = form.answers.get("config")
    if typed is None:
        return None
    if form.type != "weights" or form.answers.get("like"):
        raise ModelregError(
            "--config is of a model of type weights, and goes without --like", "each of the two tells the whole architecture"
        )
    place = place_of(typed)
    with Client(Deadline(_DEADLINE), talk=lambda words: print(shown(words), file=sys.stderr)) as client:
        file = RemoteFile(client, place.url) if place.url else LocalFile(Path(typed))
        told = read_config(loaded(file))
    if "name" not in told.architecture and not form.answers.get("architecture"):
        raise ModelregError(f"{file.name} names no model_type", "say it with --architecture; is it the configuration of a model?")
    source = {"url": place.shown(file.name, None), "retrieved": date.today().isoformat()}
    return Config(told.architecture, told.context, source, told.reasons)
