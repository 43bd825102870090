"""The answers of `search`, worked out from the YAML files in plain Python: no index, no SQL, no code of the program."""

from pathlib import Path
from typing import Any

import yaml

CATALOG = Path(__file__).parents[1] / "catalogs" / "questions" / "catalog"
TERMS = ("commercial", "derivatives", "redistribution", "hosting", "attribution", "share_alike", "patent_grant", "train_other_models")
Facts = dict[str, Any]


def _load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    return found


def _limit(value: str | None) -> float | None:
    return None if value is None else {"unlimited": float("inf"), "none": 0.0}.get(value) if not value.isdigit() else float(value)


def _bool_tags(worn: set[str]) -> set[str]:
    todo = list(worn)
    while todo:
        for implied in _load(CATALOG / "tags" / f"{todo.pop()}.yaml").get("implies", []):
            if implied not in worn:
                worn.add(implied)
                todo.append(implied)
    return worn


def _offers() -> list[Facts]:
    found = []
    for path in sorted((CATALOG / "providers").glob("*/*.yaml")):
        if path.stem == "provider":
            continue
        data = _load(path)
        serves = data["serves"][-1] if isinstance(data["serves"], list) else data["serves"]
        newest = data["prices"][-1] if "prices" in data else {"currency": "?", "rates": {}}
        rates = newest["rates"] if newest["currency"] == "USD" else {}
        free = data.get("billing") == "free"
        found.append(
            {
                "ref": serves["version"],
                "in_service": data.get("status", "active") in ("active", "deprecated"),
                "provider": {path.parent.name},
                "billing": {data["billing"]},
                "serving": {data["quantization"]["serving"]} if "quantization" in data else set(),
                "region": set(data.get("regions", [])),
                "price-in": 0.0 if free else float(rates["input"]) if "input" in rates else None,
                "price-out": 0.0 if free else float(rates["output"]) if "output" in rates else None,
            }
        )
    return found


def _first_day(date: str | None) -> str | None:
    return date and (date + "-01-01")[:10] if date and len(date) == 4 else date and (date + "-01")[:10]


def versions() -> list[Facts]:
    """Every version with the values of every axis: a set, or a number or date, None where unknown."""
    offers = _offers()
    found = []
    for path in sorted((CATALOG / "models").glob("*/*/*.yaml")):
        if path.stem == "model":
            continue
        model, data = _load(path.parent / "model.yaml"), _load(path)
        publisher, slug = path.parts[-3:-1]
        ref = f"{publisher}/{slug}@{path.stem}"
        license_ = data.get("license") or model.get("license")
        terms = _load(CATALOG / "licenses" / f"{license_}.yaml")["terms"] if license_ else {}
        dimensions = data.get("dimensions")
        artifacts = data.get("artifacts", [])
        built = data.get("architecture", {})
        found.append(
            {
                "ref": ref,
                "model": f"{publisher}/{slug}",
                "tag": _bool_tags({*model.get("tags", []), *data.get("tags", [])}),
                "license": {license_} - {None},
                "term": {f"{term}={terms.get(term, 'unknown')}" for term in TERMS},
                "family": {model.get("family")} - {None},
                "publisher": {publisher},
                "type": {model["type"]},
                "status": {data.get("status", "active")},
                "weights": {data.get("weights")} - {None},
                "architecture": {built.get("name")} - {None},
                "task": set(model.get("tasks", [])),
                "capability": set(data.get("capabilities", [])),
                "modality-in": set(model.get("modalities", {}).get("input", [])),
                "modality-out": set(model.get("modalities", {}).get("output", [])),
                "language": set(model.get("languages", [])),
                "artifact-format": {item["format"] for item in artifacts},
                "quantization": {item["quantization"] for item in artifacts},
                "context": _limit(data.get("limits", {}).get("context")),
                "output": _limit(data.get("limits", {}).get("output")),
                "params": float(built["parameters"]["total"]) if "parameters" in built else None,
                "dimensions": float(dimensions[0] if isinstance(dimensions, list) else dimensions) if dimensions else None,
                "released": _first_day(data.get("released")),
                "knowledge": data.get("knowledge"),
                "offers": [offer for offer in offers if offer["ref"] == ref and offer["in_service"]],
            }
        )
    newest: dict[str, Facts] = {}
    for facts in sorted(found, key=lambda facts: (facts["status"] & {"retired", "disabled"} == set(), facts["released"] or "")):
        newest[facts["model"]] = facts
    for facts in found:
        named = _load(CATALOG / "models" / facts["model"] / "model.yaml").get("default")
        chosen = f"{facts['model']}@{named}" if named else newest[facts["model"]]["ref"]
        facts["is_default"] = facts["ref"] == chosen
    return found


OFFER_SETS = ("provider", "billing", "serving", "region")
SETS = (
    "tag", "license", "term", "family", "publisher", "type", "status", "weights", "architecture", "task", "capability",
    "modality-in", "modality-out", "language", "artifact-format", "quantization",
)  # fmt: skip
NUMBERS = {
    "min-context": ("context", 1), "min-output": ("output", 1), "min-params": ("params", 1), "max-params": ("params", -1),
    "min-dimensions": ("dimensions", 1),
}  # fmt: skip
PRICES = {"max-price-in": "price-in", "max-price-out": "price-out"}
DATES = {"since": "released", "knowledge-since": "knowledge"}


def fits(facts: Facts, filters: dict[str, list[str]], excluded: dict[str, list[str]], unknown: bool, flags: tuple[str, ...]) -> bool:
    """Whether a version fits: every filter holds, those on offerings for one and the same of them."""
    allowed = ("yes", "conditional", "unknown") if unknown else ("yes", "conditional")
    if not all(facts["term"] & {f"{flag}={value}" for value in allowed} for flag in flags):
        return False
    if not all(_holds(facts, name, wanted, unknown) for name, wanted in filters.items()):
        return False
    on_offers = {name: wanted for name, wanted in filters.items() if name in (*OFFER_SETS, *PRICES)}
    if on_offers and not any(offer_fits(offer, on_offers, unknown) for offer in facts["offers"]):
        nobody_says = all(offer["price-in"] is None and offer["price-out"] is None for offer in facts["offers"])
        if not (unknown and nobody_says and all(name in PRICES for name in on_offers)):
            return False
    for name, unwanted in excluded.items():
        has = facts[name] if name in SETS else set().union(*(offer[name] for offer in facts["offers"]))
        if has & set(unwanted):
            return False
    return True


def _holds(facts: Facts, name: str, wanted: list[str], unknown: bool) -> bool:
    if name in SETS:
        return bool(facts[name] & set(wanted))
    if name in NUMBERS:
        key, sign = NUMBERS[name]
        return unknown if facts[key] is None else all(sign * facts[key] >= sign * float(value) for value in wanted)
    if name in DATES:
        known = facts[DATES[name]]
        return unknown if known is None else all((_first_day(known) or "") >= (_first_day(value) or "") for value in wanted)
    return True


def offer_fits(offer: Facts, filters: dict[str, list[str]], unknown: bool) -> bool:
    """Whether one offering meets every filter on offerings."""
    for name, wanted in filters.items():
        if name in OFFER_SETS and not offer[name] & set(wanted):
            return False
        if name in PRICES:
            price = offer[PRICES[name]]
            if price is None and unknown:
                continue
            if price is None or any(price > float(value) for value in wanted):
                return False
    return True
