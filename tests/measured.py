"""Bounds on what a piece of work takes, that hold on a busy machine too: seconds of the processor, and memory."""

import resource
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within(seconds: float, memory: int) -> Iterator[None]:
    """The block takes no more seconds of the processor, and no more bytes at once."""
    tracemalloc.start()
    started = time.process_time()
    try:
        yield
        took, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert took < seconds and peak < memory, (took, peak)


def of_children() -> float:
    """Seconds of the processor that ended children have taken so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
