"""The time of one command, and how long to wait before an attempt is repeated."""

import random
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_FIRST, _LONGEST = 0.5, 30.0


class Deadline:
    """The end of a command's time, `seconds` from now; several clients may share one."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, 0 when it is over."""
        return max(0.0, self._end - time.monotonic())


def own_pause(attempt: int) -> float:
    """Seconds before the attempt after this one: twice as long each time, spread so that clients do not come together."""
    return min(_LONGEST, _FIRST * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait: Retry-After, or the reset of a limit that is used up (as GitHub tells it)."""
    after = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", after):
        return float(after)
    if after:
        try:
            return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
        except (ValueError, TypeError, OverflowError):
            return None
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and re.fullmatch(r"[0-9]{1,11}", reset):
        # it may lie in the past where one of the clocks is wrong
        return max(1.0, int(reset) - time.time())
    return None
