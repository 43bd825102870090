"""A web site as a channel: any static host. It is read only; what is there was published to a folder."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from modelreg_cli.errors import ModelregError
from modelreg_cli.http import Client, HttpError
from modelreg_cli.release.channel import LATEST, Latest, Way
from modelreg_cli.release.pieces import pieces

_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
#: The most bytes of an envelope.
_MOST = 1 << 20


class WebChannel:
    """Files below an address."""

    paths = False

    def __init__(self, address: str, way: Way) -> None:
        self.address = web_address(address, way.clear)
        self._client = Client(way.deadline, base=self.address, talk=way.talk)

    def latest(self) -> Latest | None:
        """The newest envelope; caches on the way are asked to look again."""
        try:
            found = self._client.request("GET", LATEST, headers={"cache-control": "no-cache"}, limit=_MOST)
        except HttpError as error:
            if error.status in (404, 410):
                return None
            raise
        return Latest(found.body, hashlib.sha256(found.body).hexdigest())

    def has(self, name: str) -> int | None:
        """Bytes of a file, where the server tells them."""
        size = self._client.request("HEAD", name, also=(404, 410)).headers.get("content-length", "")
        return int(size) if size.isascii() and size.isdigit() else None

    def get(self, name: str, start: int = 0) -> Iterator[bytes]:
        """The bytes of a file."""
        return pieces(self._client, name, start)

    def names(self, prefix: str) -> list[str]:
        """Nothing: a web site has no list."""
        return []

    def swap(self, raw: bytes, before: Latest | None) -> None:
        """Refused."""
        raise self._reads_only()

    def put(self, name: str, source: Path) -> None:
        """Refused."""
        raise self._reads_only()

    def remove(self, *names: str) -> None:
        """Refused."""
        raise self._reads_only()

    def _reads_only(self) -> ModelregError:
        return ModelregError(f"{self.address} is a web site, which is read only", "publish to a folder, and let the site serve that")


def web_address(address: str, clear: bool) -> str:
    """The address, where it may be asked.

    Raises:
        ModelregError: it has a query, or what it gives could be read and changed on the way.
    """
    parts = urlsplit(address)
    if parts.query or parts.fragment:
        raise ModelregError(f"{address.partition('?')[0]} has more behind it than a path", "write it as https://host/path")
    if parts.scheme == "http" and not clear and parts.hostname not in _LOOPBACK:
        raise ModelregError(f"{address} is not asked over http", "write https://, or allow it with --allow-http")
    return address.rstrip("/") + "/"
