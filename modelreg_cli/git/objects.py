"""A running `git cat-file`: many contents from one process."""

from collections.abc import Iterator, Sequence
from typing import IO

from modelreg_cli.errors import ModelregError

_CHUNK = 1 << 16
#: Requests that `git cat-file` is sent before its answers are read: few enough to fit into the smallest pipe.
_WINDOW = 32


class Objects:
    """A running `git cat-file`: ids and contents, asked for a few at a time so that neither side waits for the other."""

    def __init__(self, asked: IO[bytes], told: IO[bytes]) -> None:
        self._asked, self._told = asked, told

    def ids(self, names: Sequence[str]) -> list[str | None]:
        """Ids of what the names mean (commit:path), None where there is nothing."""
        return [None if head is None else head[0] for head, _ in self._answers("info", names, None)]

    def contents(self, oids: Sequence[str], most: int) -> Iterator[bytes | None]:
        """Contents of blobs in the order asked for, each cut off after `most` bytes; None where one is not here."""
        for head, body in self._answers("contents", oids, most):
            yield None if head is None else body

    def _answers(self, verb: str, names: Sequence[str], most: int | None) -> Iterator[tuple[tuple[str, int] | None, bytes]]:
        for start in range(0, len(names), _WINDOW):
            window = names[start : start + _WINDOW]
            self._asked.write("".join(f"{verb} {name}\n" for name in window).encode("utf-8", "surrogateescape"))
            self._asked.flush()
            for _ in window:
                line = self._told.readline()
                if not line:
                    raise ModelregError("git cat-file ended early", "`git fsck` tells what is wrong with the repository")
                head = line.rstrip(b"\n").split(b" ")
                if len(head) != 3 or not head[2].isdigit():  # "<name> missing", "<name> ambiguous"
                    yield None, b""
                    continue
                size = int(head[2])
                yield (head[0].decode(), size), b"" if most is None else self._body(size, most)

    def _body(self, size: int, most: int) -> bytes:
        kept = self._told.read(min(size, most))
        left = size - len(kept) + 1  # and the line's end
        while left > 0:
            left -= len(self._told.read(min(left, _CHUNK))) or left
        return kept
