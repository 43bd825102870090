"""Commits of a change -> who had a part in them, and which head approvals may be for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from modelreg_cli.errors import Refused
from modelreg_cli.gate.facts import Wrote
from modelreg_cli.gate.statements import FOLDER
from modelreg_cli.git import Repository

#: More commits than a person can look through, and than any forge lists.
_MOST = 5000
_TRAILER = re.compile(r"^(co-authored-by|signed-off-by):[^<\n]*<([^<>\n]+)>", re.IGNORECASE | re.MULTILINE)
_PART = {"co-authored-by": "co-author", "signed-off-by": "signer-off"}


@dataclass(frozen=True, slots=True)
class Line:
    """The commits of a change without those that only bring signed statements; `heads`: the head, and such commits after it."""

    commits: tuple[Wrote, ...]
    heads: frozenset[str]


def line_of(repository: Repository, base: str, head: str, folder: str = "") -> Line:
    """The commits that a head has and the base has not, the newest first.

    Raises:
        Refused: there are too many.
    """
    out = repository.run(
        "log", "-z", "--no-mailmap", "--no-notes", "--no-color", "--no-show-signature", "--encoding=UTF-8", f"--max-count={_MOST + 1}",
        "--format=%H%n%P%n%ae%n%ce%n%B", f"{base}..{head}", "--",
    )  # fmt: skip
    records = [record for record in out.decode("utf-8", "replace").split("\0") if record]
    if len(records) > _MOST:
        raise Refused(f"the change has more than {_MOST:,} commits", "squash them, or propose parts of it")
    only = _statements_only(repository, base, head, folder)
    commits: list[Wrote] = []
    parents: dict[str, list[str]] = {}
    for record in records:
        commit, before, author, committer, message = record.split("\n", 4)
        parents[commit] = before.split()
        if commit not in only:
            commits.append(Wrote(commit, tuple(_parts(author, committer, message))))
    return Line(tuple(commits), frozenset(_heads(head, parents, only)))


def _parts(author: str, committer: str, message: str) -> Iterator[tuple[str, str]]:
    yield "author", author
    yield "committer", committer
    for word, email in _TRAILER.findall(message):
        yield _PART[word.lower()], email.strip()


def _heads(head: str, parents: dict[str, list[str]], only: frozenset[str]) -> Iterator[str]:
    yield head
    while head in only:
        (head,) = parents[head]
        yield head


def _statements_only(repository: Repository, base: str, head: str, folder: str) -> frozenset[str]:
    """Commits with one parent that touch files of signed statements and no other."""
    out = repository.run(
        "log", "-z", "--no-merges", "--min-parents=1", "--no-renames", "--raw", "--no-abbrev", "--format=%x01%H", f"{base}..{head}", "--"
    )
    found = set()
    for block in out.split(b"\x01")[1:]:
        name, _, rest = block.partition(b"\0")
        paths = [
            piece.decode("utf-8", "surrogateescape")
            for piece in rest.lstrip(b"\n").split(b"\0")
            if piece and not piece.lstrip(b"\n").startswith(b":")
        ]
        if paths and all(path.startswith(f"{folder}{FOLDER}") for path in paths):
            found.add(name.decode().strip())
    return frozenset(found)


def signers(repository: Repository, base: str, head: str, paths: list[str], allowed: str) -> dict[str, list[str | None]]:
    """For each path the principals whose SSH keys signed the commits that touch it; None: a commit that none of them signed.

    `allowed` is the file of allowed signers, of the base. The signature is trusted, never the name of the author.
    """
    out = repository.run(
        "-c", "gpg.format=ssh", "-c", f"gpg.ssh.allowedSignersFile={allowed}", "-c", "gpg.ssh.program=ssh-keygen",
        "log", "-z", "-m", "--first-parent", "--no-renames", "--name-only", "--format=%x01%H%x02%G?%x02%GS", f"{base}..{head}", "--",
        *(f":(literal,top){path}" for path in paths),
    )  # fmt: skip
    found: dict[str, list[str | None]] = {path: [] for path in paths}
    for block in out.split(b"\x01")[1:]:
        told, _, rest = block.partition(b"\0")
        _, good, signer = told.decode("utf-8", "replace").strip().split("\x02")
        for piece in rest.lstrip(b"\n").split(b"\0"):
            path = piece.decode("utf-8", "surrogateescape").lstrip("\n")
            if path in found:
                found[path].append(signer if good == "G" and signer else None)
    return found
