"""resolve: one JSON with all that a program needs to fetch or call a model."""

import re
from typing import Any, NamedTuple

from modelreg_cli.errors import UnknownRef, listed
from modelreg_cli.index.numbers import bound
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.largest import largest, memory_of
from modelreg_cli.query.opened import Index
from modelreg_cli.query.refs import Target, resolve_ref
from modelreg_cli.query.show import license_of, rates
from modelreg_cli.query.words import check_word

_HF = re.compile(r"hf://([^/@]+/[^/@]+)(?:@([^/]+))?(?:/(.+))?\Z")


class Choice(NamedTuple):
    """What to choose by, where a version has several artifacts or offerings.

    `fits` says how it is run; its room counts if `within`.
    """

    artifact_format: str | None = None
    quantization: str | None = None
    provider: str | None = None
    fits: Fits | None = None
    within: bool = False


def resolve(index: Index, asked: str, choice: Choice) -> dict[str, Any]:
    """Pinned revision, files, licence, endpoint, status and warnings of a ref; null is unknown.

    Raises:
        UnknownRef: the ref, or a choice that nothing fits (with what there is).
        Refused: no artifact fits into the memory that was named.
    """
    target = resolve_ref(index, asked)
    row = index.one("SELECT * FROM version WHERE ref = ?", (target.version,))
    if row is None:
        raise UnknownRef(f"{target.version} is not in the index", "run `modelreg build`")
    warnings: list[str] = []
    artifact = _artifact(index, target, row, choice, warnings)
    offering = _offering(index, target, row, choice, warnings)
    license_ = license_of(index, row["number"])
    _warn(row, offering, license_, warnings)
    uri = _uri(row, artifact, warnings)
    return {
        "ref": f"{target.version}#{artifact['artifact']}" if artifact else target.version,
        "asked": asked,
        "via": target.via,
        "name": row["name"],
        "type": row["type"],
        "weights": row["weights"],
        "upstream": {part: row[f"upstream_{part}"] for part in ("hub", "repo", "revision")} if row["upstream_repo"] else None,
        "uri": uri,
        **{name: artifact[name] if artifact else None for name in ("format", "quantization", "digest", "bytes")},
        "files": artifact["files"] if artifact else [],
        "limits": {"context": bound(row["context"]), "output": bound(row["output"])},
        "min_vram_gib": row["min_vram_gib"],
        "memory": memory_of(index, row, artifact["artifact"] if artifact else None, choice.fits) if choice.fits else None,
        "license": _license(license_),
        "endpoint": offering,
        "status": row["status"],
        "deprecated": row["deprecated"],
        "retires": row["retires"],
        "replacement": row["replacement"],
        "warnings": warnings,
    }


def _uri(row: Any, artifact: dict[str, Any] | None, warnings: list[str]) -> str | None:
    """Where the weights are: the artifact's place, else the repository that the version came from."""
    uri: str | None = artifact["uri"] if artifact else None
    if artifact is None and row["upstream_hub"] == "huggingface":
        pin = f"@{row['upstream_revision']}" if row["upstream_revision"] else ""
        uri = f"hf://{row['upstream_repo']}{pin}"
    if uri and not (artifact and artifact["files"]):
        warnings.append("no file list with digests is in the catalog: check what you fetch")
    if uri and uri.startswith("hf://") and "@" not in uri:
        warnings.append("the revision is not pinned: the files may change upstream")
    return uri


def _artifact(index: Index, target: Target, row: Any, choice: Choice, warnings: list[str]) -> dict[str, Any] | None:
    rows = [dict(row) for row in index.rows("SELECT * FROM artifact WHERE version = ? ORDER BY artifact", (target.version,))]
    if target.artifact:
        rows = [row for row in rows if row["artifact"] == target.artifact]
    wanted = [(name, value) for name, value in (("format", choice.artifact_format), ("quantization", choice.quantization)) if value]
    fitting = [row for row in rows if all((row[name] or "").lower() == value.lower() for name, value in wanted)]
    if wanted and not fitting:
        told = " and ".join(f"{name} {value}" for name, value in wanted)
        has = [f"{row['artifact']} ({row['format'] or 'format unknown'}, {row['quantization'] or 'precision unknown'})" for row in rows]
        raise UnknownRef(f"{target.version} has no artifact of {told}", f"it has {listed(has, 'and')}" if has else "it lists no artifacts")
    if choice.fits and choice.within:
        name = largest(index, row, [one["artifact"] for one in fitting], choice.fits, warnings)
        fitting, wanted = [one for one in fitting if one["artifact"] == name], [("memory", name)]
    foreign = fitting[0]["publisher"] if len(fitting) == 1 and not wanted and not target.artifact else None
    if foreign:  # somebody else's requantisation is not what a model's name means
        warnings.append(f"1 artifact, by {foreign}: choose it with #{fitting[0]['artifact']}, --artifact-format or --quantization")
        return None
    if not fitting or (len(fitting) > 1 and not wanted):
        if len(fitting) > 1:
            warnings.append(f"{len(fitting)} artifacts: choose with #artifact, --artifact-format or --quantization")
        return None
    if len(fitting) > 1:
        raise UnknownRef(
            f"{len(fitting)} artifacts of {target.version} fit",
            f"say which: {listed([row['ref'] for row in fitting])}",
            [row["ref"] for row in fitting],
        )
    chosen = fitting[0]
    hub = _HF.match(chosen["uri"] or "")
    files = index.rows("SELECT path, bytes, sha256 FROM artifact_file WHERE artifact = ? ORDER BY path", (chosen["ref"],))
    chosen["files"] = [{**dict(file), "url": _file_url(hub, chosen["uri"], file["path"])} for file in files]
    return chosen


def _file_url(hub: re.Match[str] | None, uri: str | None, path: str) -> str | None:
    """Where one file can be fetched by HTTPS, where that follows from the artifact's URI."""
    if hub:
        return f"https://huggingface.co/{hub.group(1)}/resolve/{hub.group(2) or 'main'}/{path}"
    if uri and uri.startswith("https://"):
        return uri if uri.endswith(f"/{path}") else f"{uri.rstrip('/')}/{path}"
    return None


def _offering(index: Index, target: Target, row: Any, choice: Choice, warnings: list[str]) -> dict[str, Any] | None:
    """The offering that was asked for; else, for a model that is only served, its publisher's own or the cheapest one."""
    offers = index.rows(
        "SELECT * FROM offering WHERE number = ? ORDER BY in_service DESC, price_in IS NULL, price_in = 0, price_in, price_out, id",
        (row["number"],),
    )
    if target.kind == "version":  # who names a version wants that one, not what a floating name will mean tomorrow
        offers.sort(key=lambda offer: (-offer["in_service"], -offer["pinned"]))
    if choice.provider:
        return _endpoint(index, _of_provider(index, target, offers, choice.provider), "asked for")
    if target.offering:
        return _endpoint(index, next(offer for offer in offers if offer["id"] == target.offering), "asked for")
    active = [offer for offer in offers if offer["in_service"]]
    if row["type"] != "hosted" or not active:
        return None
    own = index.column("SELECT id FROM provider WHERE publisher = ?", (row["publisher"],))
    first = next((offer for offer in active if offer["provider"] in own), None)
    if first:
        return _endpoint(index, first, "the publisher's own service")
    priced = sorted((offer for offer in active if offer["price_in"]), key=lambda offer: offer["price_in"])
    if priced:
        return _endpoint(index, priced[0], f"the cheapest of {len(priced)} with a price")
    if len(active) == 1:
        return _endpoint(index, active[0], "the only offering")
    warnings.append(f"{len(active)} offerings and none with a price to choose by: name one with --provider")
    return None


def _of_provider(index: Index, target: Target, offers: list[Any], named: str) -> Any:
    provider = check_word(index, "--provider", "provider", named)
    fitting = [offer for offer in offers if offer["provider"] == provider]
    if not fitting:
        has = list(dict.fromkeys(offer["provider"] for offer in offers))
        raise UnknownRef(
            f"{provider} does not serve {target.version}",
            f"served by {listed(has[:12], 'and')}" if has else "nobody in the catalog does",
        )
    return fitting[0]


def _endpoint(index: Index, offer: Any, why: str) -> dict[str, Any]:
    call = index.document("offering", offer["id"]).get("call", {})
    endpoints = index.rows("SELECT * FROM endpoint WHERE owner = ? ORDER BY id", (f"provider:{offer['provider']}",))
    named = [row for row in endpoints if row["id"] == call.get("endpoint")] or endpoints
    first = named[0] if named else None
    return {
        "provider": offer["provider"],
        "wire_id": offer["wire_id"],
        "chosen": why,
        "pinned": bool(offer["pinned"]),
        "protocol": call.get("protocol") or (first["protocol"] if first else None),
        "type": first["type"] if first else None,
        "url": call.get("url") or (first["url"] if first else None),
        "auth": {"type": first["auth"], "header": first["auth_header"], "env": (first["env"] or "").split()}
        if first and first["auth"]
        else None,
        "headers": call.get("headers", {}),
        "status": offer["status"],
        "billing": offer["billing"],
        "quantization": offer["quantization"],
        "limits": {"context": bound(offer["context"]), "output": bound(offer["output"])},
        "rates": rates(index, offer["id"]),
    }


def _license(license_: dict[str, Any] | None) -> dict[str, Any] | None:
    if license_ is None:
        return None
    kept = {name: license_[name] for name in ("id", "spdx", "url")}
    return {**kept, **license_["terms"], "conditions": license_["conditions"], "obligations": license_["obligations"]}


def _warn(row: Any, offering: dict[str, Any] | None, license_: dict[str, Any] | None, warnings: list[str]) -> None:
    if row["status"] != "active":
        since = f" since {row['deprecated']}" if row["deprecated"] else ""
        instead = f"; use {row['replacement']}" if row["replacement"] else ""
        warnings.append(f"the version is {row['status']}{since}{instead}")
    if row["retires"]:
        warnings.append(f"it can not be used from {row['retires']} on")
    if offering and offering["status"] != "active":
        warnings.append(f"the offering {offering['provider']}:{offering['wire_id']} is {offering['status']}")
    if offering and not offering["pinned"]:
        warnings.append(f"{offering['wire_id']!r} is not pinned: {offering['provider']} may serve another version under this name")
    if license_ is None:
        warnings.append("the licence is unknown")
    elif license_["terms"].get("commercial") in ("no", "conditional", None):
        warnings.append(f"commercial use under {license_['id']}: {license_['terms'].get('commercial') or 'unknown'}")
