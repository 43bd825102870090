"""Rows of one model: its versions, artifacts, results and scans, and the words by which searches find them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from modelreg_cli.catalog.artifact import artifact_digest
from modelreg_cli.index import rows_evidence
from modelreg_cli.index.context import Context, Document, offers_of
from modelreg_cli.index.numbers import NONE, UNLIMITED
from modelreg_cli.index.piece import Piece
from modelreg_cli.index.rows_names import add_aliases, add_words, words_of_model
from modelreg_cli.index.tables import all_tables
from modelreg_cli.index.words import words_of

_ENDED = ("retired", "disabled")
_LAYER = ("kind", "count", "kv_heads", "k_dim", "v_dim", "window", "latent", "rope", "conv", "inner", "groups", "state")
#: Columns of a version that are searched by word, and by number; their places in a row are looked up once.
WORD_COLUMNS = ("publisher", "family", "type", "status", "weights", "license", "architecture")
NUMBER_COLUMNS = (
    "context",
    "input",
    "output",
    "params",
    "active_params",
    "dimensions",
    "bytes",
    "price_in",
    "price_out",
    "offers",
    "min_vram_gib",
)
#: What an active version has before one that is not, in the order of `newest`; days are written 20240723.
_ACTIVE = 100_000_000.0


class Unit(NamedTuple):
    """The files of one model by id: itself, its versions, runs of results, scans."""

    id: str
    model: Document | None
    versions: Mapping[str, Document]
    results: Mapping[str, Document]
    scans: Mapping[str, Document]


def add_model(piece: Piece, unit: Unit, context: Context, numbers: Mapping[str, int]) -> None:
    """Adds all that comes from one model; `numbers` are those of its versions by ref."""
    model = unit.model or {}
    ordered = newest_first(unit.versions)
    default = default_version(model.get("default"), ordered)
    if unit.model is not None:
        _add_itself(piece, unit.id, unit.model, default)
    spoken = words_of_model(unit.id, model, context)
    for position, (id_, version) in enumerate(ordered, start=1):
        ref = f"{unit.id}@{id_}"
        number = numbers[ref]
        is_default = int(id_ == default)
        row = _version_row(number, ref, model, version, is_default, position, context)
        piece.rows["version"].append(row)
        _add_artifacts(piece, ref, version)
        built = version.get("architecture") or {}
        piece.rows["layer"].extend(
            (number, place, *[layer.get(column) for column in _LAYER]) for place, layer in enumerate(built.get("layers") or ())
        )
        _add_postings(piece, number, row, model, version, context)
        add_words(piece, number, spoken, version, id_)
    _add_aliases(piece, unit, model)
    rows_evidence.add_results(piece, unit, context, numbers)
    rows_evidence.add_scans(piece, unit)


def newest_first(versions: Mapping[str, Document]) -> list[tuple[str, Document]]:
    """Versions of a model: by release, then by id."""
    return sorted(versions.items(), key=lambda item: (first_day(item[1].get("released")) or "", item[0]), reverse=True)


def default_version(named: str | None, ordered: list[tuple[str, Document]]) -> str | None:
    """The default version: as the model's file says, else the newest that is in service."""
    ids = [id_ for id_, _ in ordered]
    if named in ids or not ids:
        return named if ids else None
    return next((id_ for id_, version in ordered if version.get("status") not in _ENDED), ids[0])


def first_day(date: str | None) -> str | None:
    """The first day that a partial date can mean."""
    return None if date is None else f"{date}-01-01" if len(date) == 4 else f"{date}-01" if len(date) == 7 else date


def bound(value: int | str | None) -> int | None:
    """A limit as it is stored."""
    return UNLIMITED if value == "unlimited" else NONE if value == "none" else value  # type: ignore[return-value]


def _add_itself(piece: Piece, id_: str, model: Document, default: str | None) -> None:
    owner, slug = id_.split("/")
    get = model.get
    ref = f"{id_}@{default}" if default else None
    words = " ".join(words_of(slug))
    piece.rows["model"].append(
        (id_, owner, slug, words, model["name"], get("description"), get("family"), model["type"], get("license"), ref)
    )
    piece.rows["lineage"].extend((id_, item["relation"], item["of"]) for item in get("lineage") or ())


def _version_row(
    number: int, ref: str, model: Document, version: Document, is_default: int, position: int, context: Context
) -> tuple[Any, ...]:
    model_id, _, id_ = ref.partition("@")
    get = version.get
    limits, built, end, upstream = get("limits") or {}, get("architecture") or {}, get("deprecation") or {}, get("upstream") or {}
    sizes = [sum(file["bytes"] for file in artifact["files"]) for artifact in get("artifacts") or () if artifact.get("files")]
    vectors = get("dimensions")
    count = built.get("parameters") or {}
    offers = offers_of(context, ref)
    return (
        number,
        ref,
        model_id,
        id_,
        is_default,
        position,
        get("name") or model.get("name") or model_id,
        model_id.split("/")[0],
        model.get("family"),
        model.get("type"),
        get("status", "active"),
        get("released"),
        first_day(get("released")),
        get("updated"),
        get("knowledge"),
        get("weights"),
        get("license") or model.get("license"),
        bound(limits.get("context")),
        bound(limits.get("input")),
        bound(limits.get("output")),
        built.get("name"),
        count.get("total"),
        count.get("active"),
        built.get("hidden"),
        built.get("heads"),
        built.get("vocab"),
        built.get("not_covered"),
        vectors[0] if isinstance(vectors, list) else vectors,
        get("min_vram_gib"),
        min(sizes, default=None),
        offers.price_in,
        offers.price_out,
        offers.offerings,
        end.get("date"),
        end.get("retires"),
        end.get("replacement"),
        upstream.get("hub"),
        upstream.get("repo"),
        upstream.get("revision"),
    )


#: Column of a version row -> its place.
PLACES = {column.name: place for place, column in enumerate(next(table for table in all_tables if table.name == "version").columns)}
_WORD_PLACES = tuple((column, PLACES[column]) for column in WORD_COLUMNS)
_NUMBER_PLACES = tuple((column, PLACES[column]) for column in NUMBER_COLUMNS)
_DEFAULT, _STATUS, _RELEASED, _KNOWLEDGE = (PLACES[name] for name in ("is_default", "status", "released_first", "knowledge"))


def _add_postings(piece: Piece, number: int, row: tuple[Any, ...], model: Document, version: Document, context: Context) -> None:
    """What the searches by word and by number need of a version, and its labels."""
    postings, spans = piece.postings, piece.spans
    if row[_DEFAULT]:
        postings["is", "default"].append(number)
    for column, place in _WORD_PLACES:
        if row[place] is not None:
            postings[column, row[place]].append(number)
    for column, place in _NUMBER_PLACES:
        if row[place] is not None:
            spans[column].append((float(row[place]), number))
    released, knowledge = row[_RELEASED], first_day(row[_KNOWLEDGE])
    if released is not None:
        spans["released_first"].append((_day(released), number))
    if knowledge is not None:
        spans["knowledge"].append((_day(knowledge), number))
    newest = (_day(released) if released else 0.0) + (_ACTIVE if row[_STATUS] == "active" else 0.0)
    spans["newest"].append((newest, number))
    labels = piece.rows["label"]
    for axis, word in sorted(set(_labels(model, version, context))):
        labels.append((number, axis, word))
        postings[axis, word].append(number)


def _day(date: str) -> float:
    """A day as a number that sorts alike."""
    return float(date.replace("-", ""))


def _labels(model: Document, version: Document, context: Context) -> Iterator[tuple[str, str]]:
    for tag in (*version.get("tags", ()), *model.get("tags", ())):
        yield "tag", tag
        for implied in context.implied.get(tag, ()):
            yield "tag", implied
    for field, axis in (("capabilities", "capability"), ("lacks", "lacks")):
        for word in version.get(field, ()):
            yield axis, word
    for field, axis in (("tasks", "task"), ("languages", "language")):
        for word in model.get(field, ()):
            yield axis, word
    own, usual = version.get("modalities") or {}, model.get("modalities") or {}
    for way, axis in (("input", "modality_in"), ("output", "modality_out")):
        for word in own.get(way) or usual.get(way) or ():
            yield axis, word
    for artifact in version.get("artifacts", ()):
        if artifact.get("format"):
            yield "artifact_format", artifact["format"]
        if artifact.get("quantization"):
            yield "quantization", artifact["quantization"]


def _add_artifacts(piece: Piece, version: str, data: Document) -> None:
    for artifact in data.get("artifacts") or ():
        get = artifact.get
        ref, files = f"{version}#{artifact['id']}", get("files")
        size = sum(file["bytes"] for file in files) if files else None
        words = [get(name) for name in ("publisher", "format", "quantization", "bits", "uri", "license", "kv_layout")]
        piece.rows["artifact"].append((ref, version, artifact["id"], *words, size, artifact_digest(files)))
        piece.rows["artifact_file"].extend((ref, file["path"], file["bytes"], file["sha256"]) for file in files or ())


def _add_aliases(piece: Piece, unit: Unit, model: Document) -> None:
    add_aliases(piece, "model", unit.id, model)
    for id_, version in unit.versions.items():
        ref = f"{unit.id}@{id_}"
        add_aliases(piece, "version", ref, version)
        for artifact in version.get("artifacts", ()):
            add_aliases(piece, "artifact", f"{ref}#{artifact['id']}", artifact)
