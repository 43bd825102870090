"""Which index file a registry reads, and open connections to it: one for each question that is under way."""

import importlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.index import stamp
from modelreg_cli.index.current import find_index, index_of
from modelreg_cli.query.opened import Index, open_index
from modelreg_cli.settings import find_root, index_from_environment, shipped_index

#: Connections that wait for a question; more are closed when theirs is answered.
_IDLE = 8


class Where(NamedTuple):
    """What a registry reads: an index file, or the index of a checkout (`root`), which is brought up to date."""

    file: str | None
    root: str | None


class Pool:
    """Connections to one index file; each is lent to one question at a time, so threads share none."""

    def __init__(self, where: Where, refresh: float) -> None:
        self.where = where
        self._refresh = refresh
        self._looked = -1.0
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        self._idle: list[tuple[str, Index]] = []
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._process = os.getpid()

    @contextmanager
    def index(self) -> Iterator[Index]:
        """An open index of the state that holds now; it stays that state until the question is answered.

        Raises:
            ModelregError: the registry is closed.
            Unavailable: there is no index, or it is damaged.
        """
        if self._process != os.getpid():  # a fork: its connections and locks are the parent's
            self._begin()
        if self._closed:
            raise ModelregError("this registry is closed", "make another one")
        path = self._path()
        try:
            # asked before it is opened: a file that is replaced between the two is opened once more next time
            identity = stamp.identity_of(path)
        except OSError:
            raise Unavailable(f"there is no index at {path}", "make one with `modelreg build -o FILE`") from None
        index = self._take(identity) or open_index(path, shared=True)
        try:
            yield index
        except Unavailable:
            self._looked = -1.0
            index.connection.close()
            raise
        except BaseException:
            self._give(identity, index)
            raise
        self._give(identity, index)

    def _path(self) -> str:
        if self.where.root is None:
            return self.where.file or ""
        path = index_of(self.where.root)
        if time.monotonic() - self._looked < self._refresh and self._looked >= 0:
            return path
        # while one thread brings the file up to date, the others go on with the one that is there
        if self._looking.acquire(blocking=not os.path.isfile(path)):
            try:
                find_index(None, self.where.root)
                self._looked = time.monotonic()
            finally:
                self._looking.release()
        return path

    def _take(self, identity: str) -> Index | None:
        with self._lock:
            while self._idle:
                known, index = self._idle.pop()
                if known == identity:
                    return index
                index.connection.close()
        return None

    def _give(self, identity: str, index: Index) -> None:
        with self._lock:
            if len(self._idle) < _IDLE and not self._closed:
                self._idle.append((identity, index))
                return
        index.connection.close()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def look_again(self) -> None:
        """The files of the checkout were changed: the next question sees it."""
        self._looked = -1.0

    def close(self) -> None:
        """Closes the connections; a question that is under way closes its own."""
        self._closed = True
        with self._lock:
            for _, index in self._idle:
                with suppress(Exception):
                    index.connection.close()
            self._idle.clear()


def where_of(index: str | None, root: str | None, at: str | None) -> Where | None:
    """What is meant; None where nothing is named and nothing is here.

    Raises:
        ModelregError: two things at once.
        Unavailable: what was named is not there.
    """
    if index is not None and (root is not None or at is not None):
        raise ModelregError("index and root or at exclude each other", "an index file has one state only")
    if at is not None:
        # Git is run for past states alone
        past = importlib.import_module("modelreg_cli.index.past").past_index(at, _top(root) if root is not None else None)
        return Where(str(past.file), None)
    if root is not None:
        return Where(None, _top(root))
    named = index or index_from_environment()
    if named is not None:
        return Where(os.path.abspath(find_index(named)), None)
    here = find_root()
    return Where(None, here) if here else None


def shipped() -> Where:
    """The catalog that came with the program: the index of an installed package, or a checkout's own.

    Raises:
        Unavailable: the program came without it.
    """
    index = shipped_index()
    root = None if index else find_root(os.path.dirname(__file__))
    if index is None and root is None:
        raise Unavailable("this program came without a catalog", "install modelreg again, or name a catalog with Registry(root=...)")
    return Where(index, root)


def _top(root: str) -> str:
    top = os.path.realpath(root)
    if not os.path.isfile(os.path.join(top, "catalog", "catalog.yaml")):
        raise ModelregError(f"there is no catalog in {root}", "name the folder that holds catalog/catalog.yaml")
    return top
