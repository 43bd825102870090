"""The page of one model, for people."""

from collections.abc import Iterator
from typing import Any

from modelreg_cli.render import words
from modelreg_cli.render.output import Column, Style, rows

_OFFERS = [
    Column("ref", "OFFERING"),
    Column("status", "STATUS"),
    Column("billing", "BILLING"),
    Column("quantization", "PRECISION"),
    Column("context", "CONTEXT", words.tokens, right=True),
    Column("output", "OUTPUT", words.tokens, right=True),
    Column("price_in", "IN/1M", words.dollars, right=True),
    Column("price_out", "OUT/1M", words.dollars, right=True),
    Column("observed", "OBSERVED"),
]
_RESULTS = [
    Column("benchmark", "BENCHMARK"),
    Column("metric", "METRIC"),
    Column("shown", "VALUE", right=True),
    Column("basis", "BASIS"),
    Column("evaluator", "BY"),
    Column("harness", "HARNESS"),
    Column("variant", "VARIANT"),
    Column("date", "DATE"),
    Column("url", "SOURCE"),
]
_VERSIONS = [Column("version", "VERSION"), Column("released", "RELEASED"), Column("status", "STATUS"), Column("mark", "")]
_ARTIFACTS = [
    Column("artifact", "ARTIFACT"),
    Column("format", "FORMAT"),
    Column("quantization", "PRECISION"),
    Column("bytes", "SIZE", words.size, right=True),
    Column("uri", "URI"),
]
_RATES = [
    Column("meter", "METER"),
    Column("rate", "RATE", right=True),
    Column("factor", "FACTOR", right=True),
    Column("currency", "CURRENCY"),
    Column("condition", "WHEN"),
]
_APPROVALS = [
    Column("tag", "TAG"),
    Column("decision", "SAYS"),
    Column("person", "PERSON"),
    Column("made", "ON"),
    Column("expires", "UNTIL"),
]
_SCANS = [
    Column("tool", "SCANNER"),
    Column("tool_version", "RELEASE"),
    Column("status", "STATUS"),
    Column("artifact", "ARTIFACT"),
    Column("date", "DATE"),
]
_BINDINGS = [
    Column("id", "BINDING"),
    Column("model", "OF"),
    Column("status", "STATUS"),
    Column("vram_required_mb", "VRAM MIB", right=True),
    Column("model_path", "PATH"),
]
_TABLE = Style(format="table", color="never", indent=2)


def card(answer: dict[str, Any], colored: bool) -> str:
    """Name, facts, then a table each for versions, artifacts, offerings, results, lineage and sources."""
    model, version = answer["model"], answer["version"]
    title = f"{model.get('name', model['id'])}  {answer['ref']}"
    lines = [f"\x1b[1m{title}\x1b[0m" if colored else title]
    if answer["via"]:
        lines.append(f"found by {answer['via']}")
    if model.get("description"):
        lines += ["", *map(words.one_line, model["description"].splitlines())]
    lines += ["", *_facts(answer, model, version)]
    for name, columns, found in _tables(answer):
        if found:
            lines += ["", f"\x1b[1m{name}\x1b[0m" if colored else name]
            lines += rows(columns, found, _TABLE, "").splitlines()
    lines += _lineage(answer["lineage"])
    lines += _sources(answer["sources"])
    lines += _layers_told(answer["layers"])
    return "\n".join(lines) + "\n"


def _facts(answer: dict[str, Any], model: dict[str, Any], version: dict[str, Any]) -> Iterator[str]:
    limits, built = version.get("limits", {}), version.get("architecture", {})
    license_, labels, end = answer["license"], answer["labels"], version.get("deprecation", {})
    count = built.get("parameters", {})
    active = f" ({words.weights(count['active'])} active)" if count.get("active") else ""
    facts = [
        ("version", f"{answer['version']['ref'].partition('@')[2]}, released {version.get('released', 'unknown')}"),
        ("status", " ".join(filter(None, [version.get("status", "active"), _end(end)]))),
        ("type", model.get("type")),
        ("family", model.get("family")),
        ("tasks", labels.get("task")),
        ("modalities", f"{words.plain(labels.get('modality_in')) or '?'} -> {words.plain(labels.get('modality_out')) or '?'}"),
        ("weights", " ".join(filter(None, [version.get("weights"), _upstream(version.get("upstream"))]))),
        ("parameters", words.weights(count.get("total")) + active if count.get("total") else None),
        ("architecture", _layers(built)),
        ("context", words.exact_tokens(limits.get("context"))),
        ("output", words.exact_tokens(limits.get("output"))),
        ("dimensions", words.plain(version.get("dimensions"))),
        ("knowledge", version.get("knowledge")),
        ("capabilities", labels.get("capability")),
        ("lacks", labels.get("lacks")),
        ("memory", _memory(answer["memory"])),
        ("licence", _license(license_)),
        ("obligations", "; ".join(license_["obligations"]) if license_ else None),
        (
            "parameters set",
            {name: value.get("default") for name, value in version.get("parameters", {}).items() if "default" in value} or None,
        ),
        ("quality", {name: value["score"] for name, value in version.get("quality", {}).items()} or None),
        ("tags", labels.get("tag")),
        ("aliases", [item["alias"] for item in answer["aliases"]]),
        ("changelog", version.get("changelog")),
        ("notes", version.get("notes")),
    ]
    for name, value in facts:
        if value:
            yield f"{name + ':':<16}{words.one_line(words.plain(value))}"


def _end(end: dict[str, Any]) -> str:
    told = [
        f"{name} {end[key]}" for name, key in (("since", "date"), ("retires", "retires"), ("replaced by", "replacement")) if end.get(key)
    ]
    return f"({', '.join(told)})" if told else ""


def _upstream(upstream: dict[str, Any] | None) -> str:
    if not upstream:
        return ""
    return (
        f"({upstream['hub']}: {upstream['repo']}{'@' + upstream['revision'][:12] if upstream.get('revision') else ', revision not pinned'})"
    )


def _layers(built: dict[str, Any]) -> str | None:
    if not built:
        return None
    groups = " + ".join(f"{layer['count']} {layer['kind']}" for layer in built.get("layers", []))
    sizes = ", ".join(f"{name} {built[name]}" for name in ("hidden", "heads", "vocab") if name in built)
    return "; ".join(filter(None, [built.get("name"), f"{groups} layers" if groups else "", sizes]))


def _memory(memory: dict[str, Any] | None) -> str | None:
    """The cache of 1k tokens, then each artifact with all that it needs, then what is unknown."""
    if not memory:
        return None
    cache = memory["needs"][0]["parts"]["cache"]
    told = [f"KV cache {cache * 1024 * 1024 / memory['context']:.1f} MiB per 1k tokens"] if cache is not None else []
    for need in memory["needs"]:
        weights = need["parts"]["weights"]
        size = "unknown" if weights is None else f"{weights:.2f} GiB, in all {need['basis']} {need['at_least_gib']:.2f} GiB"
        told.append(f"{need['artifact'] or 'weights'} {size}")
    reasons = dict.fromkeys(why for need in memory["needs"] for why in need["unknown"] if not why.startswith("weights"))
    told += [f"unknown: {why}" for why in reasons]
    return f"{'; '.join(told)} ({memory['context']:,} tokens, {memory['kv']}, {memory['runtime']})"


def _license(license_: dict[str, Any] | None) -> str:
    if license_ is None:
        return "unknown"
    terms = ", ".join(
        f"{name} {value}"
        for name, value in license_["terms"].items()
        if value != "unknown" and name in ("commercial", "derivatives", "redistribution", "hosting")
    )
    return f"{license_['id']}{f' ({terms})' if terms else ''}"


def _tables(answer: dict[str, Any]) -> Iterator[tuple[str, list[Column], list[dict[str, Any]]]]:
    marked = [{**row, "mark": "default" if row["is_default"] else ""} for row in answer["versions"]]
    yield "versions", _VERSIONS, marked if len(marked) > 1 else []
    yield "artifacts", _ARTIFACTS, answer["artifacts"]
    yield "offerings", _OFFERS, [{**row, "ref": f"{row['provider']}:{row['wire_id']}"} for row in answer["offerings"]]
    if len(answer["offerings"]) == 1:
        yield "rates", _RATES, answer["offerings"][0]["rates"]
    results = [{**row, "shown": f"withheld: {row['withheld']}" if row["value"] is None else _value(row)} for row in answer["results"]]
    yield "results", _RESULTS, results
    yield "scans", _SCANS, answer["scans"]
    yield "signed statements", _APPROVALS, answer["approvals"]
    yield "bindings", _BINDINGS, answer["bindings"]


def _value(row: dict[str, Any]) -> str:
    shown = words.score(row["value"], row["unit"] or "")
    error = f" ± {words.score(row['stderr'], row['unit'] or '')}" if row["stderr"] is not None else ""
    return f"{shown}{'%' if row['unit'] == 'fraction' else ''}{error}"


def _lineage(lineage: dict[str, list[dict[str, Any]]]) -> list[str]:
    if not lineage["parents"] and not lineage["children"]:
        return []
    return [
        "",
        "lineage",
        *(f"  {row['relation']} of {row['parent']}" for row in lineage["parents"]),
        *(f"  parent of {row['model']} ({row['relation']})" for row in lineage["children"]),
    ]


def _layers_told(layers: list[dict[str, Any]]) -> list[str]:
    """Each catalog with what is from it; each value that is other here, and why."""
    lines = ["", "layers"] if layers else []
    for layer in dict.fromkeys(one["layer"] for one in layers):
        files = [one for one in layers if one["layer"] == layer]
        named = [f"{one['kind']} {one['id']}" for one in files if one["kind"] != "offering"]
        offerings = len(files) - len(named)
        counted = [f"{offerings} {'offering' if offerings == 1 else 'offerings'}"] if offerings else []
        lines.append(f"  {layer}: {', '.join([*named, *counted])}")
    for one in layers:
        if one["overlay"]:
            changes = ", ".join(f"{change['value']} {change['change']}" for change in one["overlay"])
            lines.append(f"  here: {one['kind']} {one['id']}: {changes} ({words.one_line(one['reason'])})")
    return lines


def _sources(sources: list[dict[str, Any]]) -> list[str]:
    """Each text once, with the values of the model and of the version that rest on it."""
    rests: dict[str, list[str]] = {}
    for source in sources:
        values = rests.setdefault(f"{source['url']} ({source['retrieved']})", [])
        values += [f"{source['of']} {pointer}".rstrip() for pointer in source["values"]]
    return ["", "sources", *(f"  {text}: {', '.join(values) or 'named, not used'}" for text, values in rests.items())] if rests else []
