"""Calls of clients that wait as long as they like, on a thread of their own: the clock is ours."""

import threading
from collections.abc import Callable
from typing import TypeVar

from modelreg_cli.errors import Unavailable
from modelreg_cli.http import Deadline

Found = TypeVar("Found")


def within(deadline: Deadline, what: str, call: Callable[[], Found]) -> Found:
    """What a call gives, or raises.

    Raises:
        Unavailable: the time is over.
    """
    found: list[Found] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            found.append(call())
        except BaseException as error:  # whatever it is, the one who waits has to hear of it
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if failed:
        raise failed[0]
    if not found:
        raise Unavailable(
            f"{what}: the {deadline.seconds:g} seconds of this channel are over", "try again, or give it more time with --deadline SECONDS"
        )
    return found[0]
