"""A model that is new: what is asked of it by its type, and the files that the answers make."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from modelreg_cli.catalog.layout import is_id, path_of
from modelreg_cli.catalog.load import Catalog
from modelreg_cli.editing.assign import Assignment, edited, put
from modelreg_cli.editing.fields import field_of
from modelreg_cli.editing.files import Files, Value
from modelreg_cli.editing.uris import check_uri, format_of
from modelreg_cli.editing.values import value_of
from modelreg_cli.entities.vocabulary import Vocabulary
from modelreg_cli.errors import ModelregError, Refused, did_you_mean, listed

TYPES = ("weights", "hosted", "adapter", "router")
_BYTES = ("weights", "adapter")


class Ask(NamedTuple):
    """One thing that is asked of a new model: its option, the question, where the answer goes.

    `field` is kind and path; `words` a vocabulary (or `license`) that the answer is taken from. `needed` and `asked` are
    types of models; `usual` is taken where a person gives no answer.
    """

    key: str
    question: str
    field: tuple[Literal["model", "version", "artifact", ""], str]
    needed: tuple[str, ...] = ()
    asked: tuple[str, ...] = TYPES
    words: str = ""
    usual: str = ""

    @property
    def option(self) -> str:
        """How it is written on the command line."""
        return f"--{self.key.replace('_', '-')}"


ASKS: tuple[Ask, ...] = (
    Ask("name", "Name for people", ("model", "name"), needed=TYPES),
    Ask("base", "The model that it sits on (a ref)", ("", ""), needed=("adapter",), asked=("adapter",)),
    Ask("tasks", "What it does (comma-separated)", ("model", "tasks"), words="tasks", usual="chat"),
    Ask("input", "What it takes", ("model", "modalities.input"), words="modalities", usual="text"),
    Ask("output", "What it gives", ("model", "modalities.output"), words="modalities", usual="text"),
    Ask("license", "Licence", ("model", "license"), words="license"),
    Ask("family", "Family, such as llama", ("model", "family"), asked=()),
    Ask("released", "Released on (YYYY-MM-DD)", ("version", "released")),
    Ask("weights", "Weights: open, gated or closed", ("version", "weights"), asked=_BYTES),
    Ask("context", "Context in tokens", ("version", "limits.context")),
    Ask("capabilities", "What it can do (comma-separated)", ("version", "capabilities"), words="capabilities"),
    Ask("like", "Same geometry as a version that is known (a ref)", ("", ""), asked=("weights",)),
    Ask("config", "The model's config.json, as Hugging Face has it: a file, or an address", ("", ""), asked=()),
    Ask("architecture", "Architecture, such as llama", ("version", "architecture.name"), needed=("weights",), asked=("weights",)),
    Ask("parameters", "Parameters, such as 8.03B", ("version", "architecture.parameters.total"), needed=("weights",), asked=_BYTES),
    Ask("active", "Parameters that one token uses", ("version", "architecture.parameters.active"), asked=()),
    Ask("hidden", "Hidden size", ("version", "architecture.hidden"), asked=()),
    Ask("heads", "Query heads", ("version", "architecture.heads"), asked=()),
    Ask("vocab", "Size of the vocabulary", ("version", "architecture.vocab"), asked=()),
    Ask("uri", "Where the weights lie (s3:// gs:// az:// hf:// oci:// https:// file://)", ("artifact", "uri"), asked=_BYTES),
    Ask("format", "Their format", ("artifact", "format"), asked=_BYTES),
    Ask("quantization", "Their precision, such as bf16 or q4_k_m", ("artifact", "quantization"), asked=_BYTES),
    Ask("bytes", "Bytes of the file", ("artifact", "files.bytes"), asked=()),
    Ask("sha256", "Its sha256", ("artifact", "files.sha256"), asked=()),
)


class Config(NamedTuple):
    """What a config.json says of a new model, and where it was read."""

    architecture: Value
    context: int | None
    source: Value
    reasons: tuple[str, ...]


class New(NamedTuple):
    """Everything that is known of a new model: texts as they were typed, by the key of what was asked.

    `architecture` is that of a version like it, `config` what a config.json says; answers beside them win.
    """

    model: str
    version: str
    type: str
    answers: Mapping[str, str]
    layers: tuple[int, int, int] | None = None
    architecture: Value | None = None
    assignments: tuple[Assignment, ...] = ()
    config: Config | None = None


def ids_of(files: Files, typed: str, type_: str, answers: Mapping[str, str]) -> tuple[str, str]:
    """Model and version of publisher/model[@version]; without one 1.0.0, or of a hosted model the day of its release.

    Raises:
        ModelregError: it has another form.
        Refused: it is there already.
    """
    model, _, given = typed.partition("@")
    publisher, slash, name = model.partition("/")
    wanted = given or (answers.get("released") if type_ == "hosted" else None) or "1.0.0"
    if not (slash and all(map(is_id, (publisher, name, wanted)))):
        hint = "write publisher/model or publisher/model@version: small letters, digits and ._- inside"
        raise ModelregError(f"{typed!r} is no id of a model", hint)
    if files.has(path_of("model", publisher, name)):
        raise Refused(f"{model} is there already", f"its next version: modelreg release {model}; another value: modelreg edit {model}")
    return model, wanted


def missing(type_: str, answers: Mapping[str, str]) -> list[Ask]:
    """What a model of that type needs and nobody said."""
    told = ("architecture", "parameters") if answers.get("like") else ("architecture",) if answers.get("config") else ()
    return [ask for ask in ASKS if type_ in ask.needed and not answers.get(ask.key) and ask.key not in told]


def check(catalog: Catalog, ask: Ask, text: str) -> Any:
    """The value of an answer.

    Raises:
        ModelregError: it can have no such value, or the vocabulary no such word.
    """
    kind, path = ask.field
    if not kind:
        return text
    if ask.key == "uri":
        check_uri(ask.option, text)
    place, steps = ("version", ("artifacts", "0")) if kind == "artifact" else (kind, ())
    if ask.key in ("bytes", "sha256"):
        path = f"files[0].{ask.key}"
    field = field_of(place, {"artifacts": [{"id": "weights", "files": [{"path": "weights"}]}]}, path, steps)
    value = value_of(field._replace(typed=ask.option), text)
    known = words_of(catalog, ask.words)
    for word in value if isinstance(value, list) else [value]:
        if known and word not in known:
            some = f"known: {listed(known, 'and')}" if len(known) <= 40 else f"there are {len(known)}; type a part of it"
            raise ModelregError(f"{ask.option}: there is no {_ONE[ask.words]} {word!r}", did_you_mean(str(word), known) or some)
    return value


_ONE = {"tasks": "task", "modalities": "modality", "capabilities": "capability", "license": "licence"}


def words_of(catalog: Catalog, name: str) -> list[str]:
    """The words that an answer is taken from; none where it is free, or nothing is known of them."""
    if name == "license":
        return sorted(catalog.of("license"))
    found = catalog.get(Vocabulary, name) if name else None
    return sorted(found.terms) if found else []


def register(files: Files, catalog: Catalog, new: New) -> list[str]:
    """Puts model, version, and publisher where it is missing; what is to be said of them.

    Raises:
        ModelregError: an answer that cannot be, or a field that there is not.
    """
    publisher, slug = new.model.split("/")
    parts: dict[str, Value] = {"model": {"type": new.type, "default": new.version}, "version": {}, "artifact": {}}
    if known := new.architecture or (new.config and new.config.architecture):
        parts["version"]["architecture"] = dict(known)
    if new.config and new.config.context:
        parts["version"]["limits"] = {"context": new.config.context}
    for ask in ASKS:
        if ask.field[0] and (text := new.answers.get(ask.key)):
            put(parts[ask.field[0]], tuple(ask.field[1].split(".")), check(catalog, ask, text))
    if base := new.answers.get("base"):
        parts["model"]["lineage"] = [{"relation": "adapter", "of": base}]
    if new.layers:
        count, heads, dim = new.layers
        put(parts["version"], ("architecture", "layers"), [{"kind": "full", "count": count, "kv_heads": heads, "k_dim": dim, "v_dim": dim}])
    if artifact := _artifact(parts["artifact"]):
        parts["version"]["artifacts"] = [artifact]
    done = edited("version", parts["version"], list(new.assignments))
    version = done.value if new.config is None else _sourced(new.config, done.value)
    publishers = path_of("publisher", publisher)
    notes = [*done.notes]
    if not files.has(publishers):
        files.put(publishers, {"name": publisher})
        notes.append(f"publisher {publisher} is new: modelreg edit {publishers} name=... url=...")
    files.put(path_of("model", publisher, slug), parts["model"])
    files.put(path_of("version", publisher, slug, new.version), version)
    return [*notes, *_said(new, version)]


def _sourced(config: Config, version: Value) -> Value:
    """The version with its source, of the values that are those of config.json."""
    shape = version.get("architecture", {})
    taken = {f"/architecture/{key}": "config" for key, value in config.architecture.items() if shape.get(key) == value}
    if config.context and version.get("limits", {}).get("context") == config.context:
        taken["/limits/context"] = "config"
    sources = {"config": config.source} if taken else {}
    told = {"sources": {**sources, **version.get("sources", {})}, "sourced": {**taken, **version.get("sourced", {})}}
    return version | {key: value for key, value in told.items() if value}


def _artifact(given: Value) -> Value:
    """The artifact that the weights are, or nothing where nothing was said of them."""
    if not given:
        return {}
    file, uri = given.pop("files", {}), given.get("uri", "")
    if form := given.get("format") or format_of(uri):
        given["format"] = form
    if file:
        if len(file) < 2 or not uri:
            raise ModelregError("--bytes, --sha256 and --uri belong together", "a file is told by its size and its digest")
        file["path"] = uri.rsplit("/", 1)[1]
        given["files"] = [file]
    id_ = "-".join(part for part in (given.get("format"), given.get("quantization")) if part)
    return {"id": id_ or "weights", **given}


def _said(new: New, version: Value) -> Iterator[str]:
    if new.type in _BYTES:
        uris = [artifact["uri"] for artifact in version.get("artifacts", ()) if "uri" in artifact]
        for uri in uris:
            yield from check_uri("--uri", uri)
        if not uris:
            yield "nobody says where its weights lie: --uri"
    if new.type == "weights" and "layers" not in version.get("architecture", {}):
        yield from (f"config.json: {reason}" for reason in (new.config.reasons if new.config else ()))
        yield "without layers its memory cannot be computed: --layers, --kv-heads and --head-dim, or --like REF"
    if not new.answers.get("license"):
        yield "its licence is unknown: --license"
