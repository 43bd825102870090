"""What a rate is paid in, and for."""

from collections.abc import Mapping
from typing import Any

METERS = "catalog/vocabulary/meters.yaml"
_SIZES = {1_000_000: "1M ", 1_000: "1k ", 1: ""}


def units_of(meters: dict[str, Any] | None) -> dict[str, str]:
    """What a rate is for, by meter: 1M token, 1k request, image."""
    terms = (meters or {}).get("terms")
    found = {}
    for meter, term in (terms if isinstance(terms, dict) else {}).items():
        if isinstance(term, dict) and isinstance(term.get("unit"), str):
            per = term.get("per")
            found[meter] = f"{_SIZES.get(per, f'{per} ') if isinstance(per, int) else ''}{term['unit']}"
    return found


def unit_of(pointer: str, document: dict[str, Any], units: Mapping[str, str]) -> str | None:
    """Currency and what it is paid for of the rate at a pointer into an offering: USD/1M token; None of another value."""
    steps = pointer.split("/")
    if len(steps) < 5 or steps[-2] != "rates":
        return None
    per = units.get(steps[-1])
    currency = document["prices"][int(steps[2])].get("currency")
    return f"{currency}/{per}" if per else str(currency)
