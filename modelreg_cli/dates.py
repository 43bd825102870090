"""What a date means that somebody types: the first and the last second of a year, month, day or moment, in UTC."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

from modelreg_cli.errors import ModelregError

_FORM = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?)?)?\Z"
)


class Span(NamedTuple):
    """First and last second, since 1970 in UTC; both belong to it."""

    first: int
    last: int


def looks_like_date(text: str) -> bool:
    """Whether a text has the form of a date: 2026, 2026-06, 2026-06-01, 2026-06-01T12:00, 2026-06-01T12:00:30+02:00."""
    return _FORM.match(text) is not None


def span(text: str, option: str) -> Span:
    """The seconds that a date covers; a time of day is one second, and in UTC where it names no offset.

    Raises:
        ModelregError: it is no date, or not in the calendar.
    """
    hit = _FORM.match(text)
    try:
        if hit is None:
            raise ValueError
        year, month, day, hour, minute, second, offset = hit.groups()
        first = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=_zone(offset)
        )
        last = first if hour else _end(first, month is None, day is None)
        return Span(int(first.timestamp()), int(last.timestamp()))
    except (ValueError, OverflowError):
        raise ModelregError(f"{option} takes a date, not {text!r}", "for example 2026, 2026-06, 2026-06-01 or 2026-06-01T12:00Z") from None


def day_of(given: str | None) -> date:
    """A day as it was given, or today in UTC.

    Raises:
        ModelregError: it is no day.
    """
    if given is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ModelregError(f"{given!r} is not a day", "write YYYY-MM-DD") from None


def _zone(offset: str | None) -> timezone:
    if offset is None or offset in "Zz":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if minutes > 59:
        raise ValueError
    return timezone((timedelta(hours=hours, minutes=minutes)) * (-1 if offset[0] == "-" else 1))


def _end(first: datetime, whole_year: bool, whole_month: bool) -> datetime:
    """The last second of the year, month or day that begins there."""
    month = 12 if whole_year else first.month
    day = first.day if not whole_month else 31 if month == 12 else (first.replace(month=month + 1) - timedelta(days=1)).day
    return first.replace(month=month, day=day, hour=23, minute=59, second=59)


def told(seconds: int) -> str:
    """A moment as it is printed: 2026-06-01T12:00:00Z."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):  # Git takes years that a calendar does not have
        return f"@{seconds}"
