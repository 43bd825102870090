"""modelreg new"""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from modelreg_cli.catalog.layout import path_of
from modelreg_cli.commands.asking import Form, ask, checked, on_terminal
from modelreg_cli.commands.edited import DryRun, Json, Quiet, Root, finish, read, ref_of, target_of
from modelreg_cli.commands.paths import top_of
from modelreg_cli.editing.assign import assignment, is_assignment
from modelreg_cli.editing.files import Files, Value
from modelreg_cli.editing.new import New, ids_of, register
from modelreg_cli.errors import ModelregError, listed

LAYERS = ("--layers", "--kv-heads", "--head-dim")
_Words = Annotated[
    list[str] | None,
    typer.Argument(help="publisher/model or publisher/model@version; then field=value of the version.", metavar="[REF] [FIELD=VALUE]..."),
]
_Type = Annotated[Literal["weights", "hosted", "adapter", "router"] | None, typer.Option("--type", help="What sort of model it is.")]


def _option(help_: str, metavar: str = "TEXT") -> Any:
    return typer.Option(help=help_, metavar=metavar)


def new(
    words: _Words = None,
    type_: _Type = None,
    name: Annotated[str | None, _option("Name for people.")] = None,
    license_: Annotated[str | None, typer.Option("--license", help="An id of catalog/licenses.", metavar="ID")] = None,
    tasks: Annotated[str | None, _option("What it does, in words of vocabulary/tasks.", "A,B")] = None,
    input_: Annotated[str | None, typer.Option("--input", help="Modalities that it takes.", metavar="A,B")] = None,
    output: Annotated[str | None, _option("Modalities that it gives.", "A,B")] = None,
    capabilities: Annotated[str | None, _option("What it can do, in words of vocabulary/capabilities.", "A,B")] = None,
    family: Annotated[str | None, _option("The line it belongs to.", "ID")] = None,
    released: Annotated[str | None, _option("The day it could first be had.", "DATE")] = None,
    weights: Annotated[str | None, _option("Who may fetch the weights: open, gated or closed.", "WORD")] = None,
    context: Annotated[str | None, _option("Tokens of context.", "N")] = None,
    base: Annotated[str | None, _option("Of an adapter: the model or version that it sits on.", "REF")] = None,
    like: Annotated[str | None, _option("Take the architecture of this version.", "REF")] = None,
    architecture: Annotated[str | None, _option("Name of the architecture, such as llama.", "ID")] = None,
    parameters: Annotated[str | None, _option("Number of parameters: 8.03B is 8,030,000,000.", "N")] = None,
    active: Annotated[str | None, _option("Parameters that one token uses, of a mixture of experts.", "N")] = None,
    layers: Annotated[int | None, typer.Option(help="Layers with full attention.", metavar="N")] = None,
    kv_heads: Annotated[int | None, typer.Option(help="Key/value heads of a layer.", metavar="N")] = None,
    head_dim: Annotated[int | None, typer.Option(help="Dimensions of a head.", metavar="N")] = None,
    hidden: Annotated[str | None, _option("Hidden size.", "N")] = None,
    heads: Annotated[str | None, _option("Query heads.", "N")] = None,
    vocab: Annotated[str | None, _option("Size of the vocabulary.", "N")] = None,
    uri: Annotated[str | None, _option("Where the weights lie: s3:// gs:// az:// hf:// oci:// https:// file://", "URI")] = None,
    format_: Annotated[str | None, typer.Option("--format", help="Their format (else as the file's name ends).", metavar="ID")] = None,
    quantization: Annotated[str | None, _option("Their precision, such as bf16 or q4_k_m.", "ID")] = None,
    bytes_: Annotated[str | None, typer.Option("--bytes", help="Size of the one file.", metavar="N")] = None,
    sha256: Annotated[str | None, _option("Its digest.", "HEX")] = None,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing, also on a terminal.")] = False,
    root: Root = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Register a model: its publisher where that is missing, the model, and its first version.

    On a terminal it asks for what is missing; elsewhere everything must be said. Weights need a name, an architecture and a number of
    parameters. See docs/editing.md.
    """
    said: dict[str, str | None] = {
        "name": name, "base": base, "tasks": tasks, "input": input_, "output": output, "license": license_, "family": family,
        "released": released, "weights": weights, "context": context, "capabilities": capabilities, "like": like,
        "architecture": architecture, "parameters": parameters, "active": active, "hidden": hidden, "heads": heads, "vocab": vocab,
        "uri": uri, "format": format_, "quantization": quantization, "bytes": bytes_, "sha256": sha256,
    }  # fmt: skip
    answers = {key: text for key, text in said.items() if text is not None}
    refs = [word for word in words or () if not is_assignment(word)]
    if len(refs) > 1:
        raise ModelregError(f"{listed(refs, 'and')} are {len(refs)} models", "register them one after the other")
    top = top_of(root)
    files, catalog = Files(top), read(top)
    form = Form(files, catalog, refs[0] if refs else None, type_, answers)
    asked = not form.complete and not no_input and on_terminal()
    form = ask(form) if asked else checked(form)
    model, version = ids_of(files, form.ref or "", form.type or "", form.answers)
    if "base" in form.answers:
        form.answers["base"] = ref_of(top, form.answers["base"])
    given = tuple(assignment(word) for word in words or () if is_assignment(word))
    geometry = _geometry(top, files, form.answers.get("like"))
    made = New(model, version, form.type or "", form.answers, _layers(layers, kv_heads, head_dim), geometry, given)
    notes = register(files, catalog, made)
    notes += [f"the same without questions: modelreg new {form.typed}"] if asked else []
    finish(files, notes, dry_run=dry_run, as_json=as_json, quiet=quiet, catalog=catalog, ref=f"{model}@{version}")


def _layers(*given: int | None) -> tuple[int, int, int] | None:
    told = [number for number in given if number is not None]
    if told and len(told) < len(given):
        raise ModelregError(f"{listed(list(LAYERS), 'and')} belong together", "they tell what the cache of one layer takes")
    if any(number < 1 for number in told):
        raise ModelregError(f"{listed(list(LAYERS), 'and')} are numbers from 1 on")
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
