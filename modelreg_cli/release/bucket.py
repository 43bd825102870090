"""A bucket as a channel, of S3 or anything that speaks its protocol; what is newest is swapped by a conditional put.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import importlib
import mimetypes
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.release.channel import LATEST, Latest, Moved, Way
from modelreg_cli.release.within import within

_PIECE = 4 << 20
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_HINT = "is the bucket there, and do AWS_* variables give keys, region and endpoint?"
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
Found = TypeVar("Found")


class BucketChannel:
    """Objects below a prefix; keys, region and endpoint are taken from the usual AWS_* variables."""

    paths = True

    def __init__(self, address: str, way: Way) -> None:
        self.address, self._way = address, way
        bucket, _, prefix = address.removeprefix("s3://").rstrip("/").partition("/")
        if not bucket or "?" in address:
            raise ModelregError(f"{address.partition('?')[0]} names no bucket", "write s3://bucket or s3://bucket/prefix")
        try:
            self._s3 = importlib.import_module("obstore")  # an extra
            store = importlib.import_module("obstore.store").S3Store
        except ImportError:
            raise ModelregError("the client of S3 is not installed", "pip install 'modelreg[s3]'") from None
        for name in [name for name, value in os.environ.items() if name.startswith("AWS_") and not value]:
            del os.environ[name]  # what a pipeline was not given is empty there, and obstore takes that for an address
        endpoint = next(filter(None, map(os.environ.get, _ENDPOINTS)), "")
        if endpoint.startswith("http://") and urlsplit(endpoint).hostname not in _LOOPBACK and not way.clear:
            raise ModelregError("keys are not sent to an S3 endpoint over http", "give an https:// address in AWS_ENDPOINT_URL")
        options = {"timeout": timedelta(seconds=60), "connect_timeout": timedelta(seconds=10), "allow_http": endpoint.startswith("http://")}
        given = {"endpoint": endpoint} if endpoint else {}
        self._store = store(bucket, prefix=prefix or None, client_options=options, **given)

    def latest(self) -> Latest | None:
        """The newest envelope; its mark is the object's ETag."""

        def read() -> Latest | None:
            try:
                found = self._s3.get(self._store, LATEST)
            except FileNotFoundError:
                return None
            return Latest(bytes(found.bytes()), str(found.meta["e_tag"]))

        return self._asked(read)

    def swap(self, raw: bytes, before: Latest | None) -> None:
        """Makes an envelope the newest one, where the object is the one that was read."""
        mode: Any = {"e_tag": before.mark} if before else "create"
        refused = (self._s3.exceptions.AlreadyExistsError, self._s3.exceptions.PreconditionError)

        def write() -> bool:
            try:
                self._s3.put(self._store, LATEST, raw, mode=mode)
            except refused:
                return False
            return True

        if not self._asked(write):
            raise Moved(self.address)

    def has(self, name: str) -> int | None:
        """Bytes of a file."""

        def look() -> int | None:
            try:
                return int(self._s3.head(self._store, name)["size"])
            except FileNotFoundError:
                return None

        return self._asked(look)

    def put(self, name: str, source: Path) -> None:
        """Puts a file; an object is there whole or not at all."""
        told = mimetypes.guess_type(name)[0] or "application/octet-stream"  # what a bucket that is a web site answers with
        self._asked(lambda: self._s3.put(self._store, name, source, attributes={"Content-Type": told}))

    def get(self, name: str, start: int = 0) -> Iterator[bytes]:
        """The bytes of a file."""
        size = self.has(name)
        if size is None:
            raise Unavailable(f"{self.address}/{name} is not there", "its publisher has to publish it again")
        for first in range(start, size, _PIECE):
            yield self._part(name, first, min(_PIECE, size - first))

    def _part(self, name: str, first: int, length: int) -> bytes:
        return self._asked(lambda: bytes(self._s3.get_range(self._store, name, start=first, length=length)))

    def names(self, prefix: str) -> list[str]:
        """Names that begin so."""
        found = self._asked(lambda: [one["path"] for batch in self._s3.list(self._store, prefix.rstrip("/")) for one in batch])
        return sorted(name for name in found if name.startswith(prefix))

    def remove(self, *names: str) -> None:
        """Takes files away."""
        if names:
            self._asked(lambda: self._s3.delete(self._store, list(names)))

    def _asked(self, call: Callable[[], Found]) -> Found:
        try:
            return within(self._way.deadline, self.address, call)
        except (self._s3.exceptions.BaseError, OSError) as error:
            words = " ".join(str(error).split())[:200] or type(error).__name__
            raise Unavailable(
                f"{self.address}: {words}", "is the bucket there, and do AWS_* variables give keys, region and endpoint?"
            ) from None
