"""Rows of everything that is no model: publishers, vocabularies, licences, benchmarks, providers, offerings, and what we operate."""

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from modelreg_cli.index.context import Context, Document, current_prices, served_now
from modelreg_cli.index.numbers import NONE, UNLIMITED
from modelreg_cli.index.piece import Piece
from modelreg_cli.index.rows_names import add_aliases

_IN_SERVICE = ("active", "deprecated")
_TERMS = ("commercial", "derivatives", "redistribution", "hosting", "attribution", "share_alike", "patent_grant", "train_other_models")


class Served(NamedTuple):
    """What an offering takes from the version that it serves."""

    number: int
    context: int | None
    output: int | None


class Known(NamedTuple):
    """What rows of other entities need to know: the context, and the versions that offerings serve, by ref."""

    context: Context
    served: Mapping[str, Served]


def add_other(piece: Piece, kind: str, id_: str, data: Document, known: Known) -> None:
    """Adds the rows of one entity that is no part of a model."""
    adder = _ADDERS.get(kind)
    if adder:
        adder(piece, id_, data, known)


def _publisher(piece: Piece, id_: str, data: Document, known: Known) -> None:
    piece.rows["publisher"].append((id_, data["name"], data.get("url")))
    add_aliases(piece, "publisher", id_, data)


def _vocabulary(piece: Piece, id_: str, data: Document, known: Known) -> None:
    piece.rows["word"].extend((id_, term, told["description"], told.get("unit"), told.get("per")) for term, told in data["terms"].items())


def _tag(piece: Piece, id_: str, data: Document, known: Known) -> None:
    piece.rows["tag"].append((id_, data["description"]))
    piece.rows["tag_implies"].extend((id_, implied) for implied in known.context.implied[id_])


def _license(piece: Piece, id_: str, data: Document, known: Known) -> None:
    terms, bounds = data["terms"], data.get("conditions") or {}
    limits = (bounds.get("max_monthly_active_users"), bounds.get("max_annual_revenue_usd"))
    row = (id_, data["name"], data["spdx"], data.get("url"), *(terms.get(term, "unknown") for term in _TERMS), *limits)
    piece.rows["license"].append(row)


def _benchmark(piece: Piece, id_: str, data: Document, known: Known) -> None:
    default = known.context.metrics[id_]
    piece.rows["benchmark"].append((id_, data["name"], data.get("url"), default, data.get("redistribution", "unknown")))
    for name, metric in data["metrics"].items():
        piece.rows["metric"].append((id_, name, metric["unit"], metric["better"], metric.get("min"), metric.get("max")))


def _provider(piece: Piece, id_: str, data: Document, known: Known) -> None:
    get = data.get
    row = (id_, data["name"], get("url"), get("documentation"), get("publisher"), get("currency"), get("status", "active"))
    piece.rows["provider"].append(row)
    _add_endpoints(piece, f"provider:{id_}", data)
    add_aliases(piece, "provider", id_, data)


def _offering(piece: Piece, id_: str, data: Document, known: Known) -> None:
    get = data.get
    history = data["serves"] if isinstance(data["serves"], list) else [data["serves"]]
    version = known.served.get(served_now(data))
    prices = get("prices") or []
    end, speed, limits, status = get("deprecation") or {}, get("latency") or {}, get("limits") or {}, get("status", "active")
    piece.rows["offering"].append(
        (
            id_,
            id_.split("/", maxsplit=1)[0],
            data["wire_id"],
            history[-1]["version"],
            version.number if version else None,
            int(history[-1]["pinned"]),
            status,
            get("stage"),
            int(status in _IN_SERVICE),
            get("billing"),
            (get("quantization") or {}).get("serving"),
            _limit(limits.get("context"), version.context if version else None),
            _limit(limits.get("output"), version.output if version else None),
            *current_prices(data),
            prices[-1]["observed"] if prices else None,
            speed.get("p50_ms"),
            speed.get("p99_ms"),
            speed.get("tokens_per_second"),
            get("verified"),
            end.get("retires"),
            end.get("replacement"),
        )
    )
    for position, served in enumerate(history):
        piece.rows["serving"].append((id_, position, served["version"], int(served["pinned"]), served.get("from")))
    for entry, price in enumerate(prices):
        _add_price(piece, id_, entry, price)
    for limit in get("rate_limits") or ():
        counts = [limit.get(name) for name in ("rpm", "tpm", "rpd", "concurrent")]
        piece.rows["rate_limit"].append((id_, limit["plan"], *counts))
    piece.rows["offering_region"].extend((id_, region) for region in get("regions") or ())
    add_aliases(piece, "offering", id_, data)


def _limit(own: int | str | None, usual: int | None) -> int | None:
    return {"unlimited": UNLIMITED, "none": NONE}[own] if isinstance(own, str) else own or usual


def _add_price(piece: Piece, offering: str, entry: int, price: Document) -> None:
    rows = piece.rows["price"]
    common = (price["currency"], price["observed"], price.get("from"), price.get("until"))
    rows.extend((offering, entry, 0, meter, rate, None, *common, None) for meter, rate in price["rates"].items())
    for variant, other in enumerate(price.get("variants") or (), start=1):
        when = json.dumps(other["when"], separators=(",", ":"))
        for meter, rate in (other.get("rates") or {}).items():
            rows.append((offering, entry, variant, meter, rate, None, *common, when))
        if other.get("factor") is not None:
            rows.append((offering, entry, variant, "*", None, other["factor"], *common, when))


def _add_endpoints(piece: Piece, owner: str, data: Document) -> None:
    for endpoint in data.get("endpoints") or ():
        auth = endpoint.get("auth") or {}
        words = [endpoint.get(name) for name in ("id", "type", "protocol", "url")]
        proof = (auth.get("type"), auth.get("header"), " ".join(auth.get("env") or ()) if auth else None)
        piece.rows["endpoint"].append((owner, *words, *proof, endpoint.get("region")))


def _runtime(piece: Piece, id_: str, data: Document, known: Known) -> None:
    piece.rows["runtime"].append((id_, data["name"], data.get("url"), " ".join(data.get("formats") or ())))


def _hardware(piece: Piece, id_: str, data: Document, known: Known) -> None:
    get = data.get
    piece.rows["hardware"].append((id_, data["name"], get("vendor"), data["kind"], get("memory_gib"), get("bandwidth_gbs")))
    names = {name.lower() for name in (id_, data["name"], *(get("names") or ()))}
    piece.rows["hardware_name"].extend((name, id_) for name in sorted(names))


def _engine(piece: Piece, id_: str, data: Document, known: Known) -> None:
    get = data.get
    piece.rows["engine"].append((id_, data["name"], data["runtime"], get("release"), get("region"), get("status", "active")))
    _add_endpoints(piece, f"engine:{id_}", data)


def _binding(piece: Piece, id_: str, data: Document, known: Known) -> None:
    get = data.get
    extra = json.dumps(data["extra_config"], separators=(",", ":"), ensure_ascii=False) if get("extra_config") else None
    words = [get(name) for name in ("name", "available_model_id", "model_path", "remote_url", "vram_required_mb", "ram_required_mb")]
    piece.rows["binding"].append((id_, id_.split("/", maxsplit=1)[0], data["model"], *words, get("status", "active"), extra))


def _tenant(piece: Piece, id_: str, data: Document, known: Known) -> None:
    piece.rows["tenant"].append((id_, data["name"]))
    for task, route in (data.get("routes") or {}).items():
        piece.rows["route"].append((id_, task, route.get("tag"), " ".join(route.get("prefer") or ()), route.get("fallback")))


_ADDERS: dict[str, Callable[[Piece, str, Document, Known], None]] = {
    "publisher": _publisher,
    "vocabulary": _vocabulary,
    "tag": _tag,
    "license": _license,
    "benchmark": _benchmark,
    "provider": _provider,
    "offering": _offering,
    "runtime": _runtime,
    "hardware": _hardware,
    "engine": _engine,
    "binding": _binding,
    "tenant": _tenant,
}
