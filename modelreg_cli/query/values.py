"""What people type for numbers, sizes, dates and thresholds."""

import math
import re
from datetime import date as day

from modelreg_cli.errors import ModelregError

_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000, "g": 1_000_000_000, "t": 1_000_000_000_000, "ki": 1024, "mi": 1024**2}
_POWERS = {"": 1, "k": 1024, "m": 1024**2}
#: No number here is as large.
LARGEST = 10**18
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(ki|mi|[kmbgt])?\Z", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?\Z")


def count(option: str, text: str) -> int:
    """A whole number: 8192, 8,192, 8_192, 128k, 128Ki, 10B.

    Raises:
        ModelregError: it is none.
    """
    hit = _NUMBER.match(text.replace(",", "").replace("_", ""))
    if not hit:
        raise ModelregError(f"{option} takes a number, not {text!r}", "for example 8192, 128k or 10B")
    value = float(hit.group(1)) * _FACTORS[(hit.group(2) or "").lower()]
    if value >= LARGEST:
        raise ModelregError("a number is too large", "numbers here have 18 digits at most")
    return round(value)


def tokens(option: str, text: str) -> int:
    """Tokens of a context, as runtimes mean it: 32k is 32,768, where `count` takes a thousand as a lower bound needs it.

    Raises:
        ModelregError: it is none, or zero.
    """
    hit = _NUMBER.match(text.replace(",", "").replace("_", ""))
    unit = (hit.group(2) or "").lower().removesuffix("i") if hit else "?"
    found = round(float(hit.group(1)) * _POWERS[unit]) if hit and unit in _POWERS else 0
    if found < 1:
        raise ModelregError(f"{option} takes a number of tokens, not {text!r}", "for example 32k (32,768) or 8192")
    return found


def price(option: str, text: str) -> float:
    """USD for 1M tokens.

    Raises:
        ModelregError: it is not a number.
    """
    try:
        value = float(text.removeprefix("$"))
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ModelregError(f"{option} takes USD for 1M tokens, not {text!r}", "for example 0.5")
    return value


def date(option: str, text: str) -> str:
    """The first day of a year, a month or a day.

    Raises:
        ModelregError: it is no date.
    """
    if not _DATE.match(text) or (len(text) == 10 and not _is_day(text)):
        raise ModelregError(f"{option} takes a date, not {text!r}", "for example 2025, 2025-06 or 2025-06-01")
    return f"{text}{'-01-01'[: 10 - len(text)] if len(text) == 4 else '-01' if len(text) == 7 else ''}"


def _is_day(text: str) -> bool:
    try:
        day.fromisoformat(text)
    except ValueError:
        return False
    return True


def threshold(option: str, text: str) -> tuple[str, float, bool]:
    """BENCHMARK=VALUE: the benchmark, the number, whether it was written with a percent sign.

    Raises:
        ModelregError: it has another form.
    """
    name, equals, value = text.partition("=")
    try:
        number = float(value.removesuffix("%"))
    except ValueError:
        number = math.nan
    if not equals or not name or not math.isfinite(number):
        raise ModelregError(f"{option} takes BENCHMARK=VALUE, not {text!r}", f"for example {option} swe-bench-verified=70")
    return name, number, value.endswith("%")
