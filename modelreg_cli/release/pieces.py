"""A file on a server, piece by piece: each is asked for again by itself when it fails."""

from collections.abc import Iterator

from modelreg_cli.http import Client

#: Bytes of a request.
_PIECE = 4 << 20


def pieces(client: Client, url: str, start: int = 0) -> Iterator[bytes]:
    """The bytes of a file from a place on.

    A server without ranges is asked for the whole beginning each time, four times as much as before, so that a file is read
    one and a third times at most, and one without an end no further than its reader goes.
    """
    ranges = not start or "content-range" in client.get_bytes(url, 0, 1).headers
    while ranges:
        found = client.get_bytes(url, start, _PIECE)
        if found.data:
            yield found.data
        start += len(found.data)
        if (found.total is not None and start >= found.total) or len(found.data) < _PIECE:
            return
        ranges = "content-range" in found.headers
    size = max(start, _PIECE)
    while True:
        size *= 4
        found = client.get_bytes(url, 0, size)
        if found.data[start:]:
            yield found.data[start:]
        start = max(start, len(found.data))
        if len(found.data) < size:
            return


def settled(client: Client, url: str) -> str:
    """Where redirects of an address lead, so that they are gone through once and not for every piece."""
    return client.request("GET", url, headers={"range": "bytes=0-0"}, first=1, also=(416,)).url
