"""A repository that is read: plumbing commands in a clean environment, never its own configuration of programs."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.git.objects import Objects

# A repository may configure programs that Git then runs (core.fsmonitor, core.hooksPath, pagers, diff drivers);
# reading a catalog must run none of them.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false")
# What a person's settings would change about a log, set to what it is without them.
_LOG = (
    *("-c", "log.showRoot=true", "-c", "log.showSignature=false", "-c", "log.follow=false", "-c", "diff.orderFile=/dev/null"),
    *("-c", "diff.renameLimit=1000", "-c", "diff.relative=false", "-c", "diff.ignoreSubmodules=none"),
)
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree: mode such as 100644, blob id, path below the top."""

    mode: str
    oid: str
    path: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A Git repository, with or without a work tree."""

    folder: Path
    index_file: Path | None = None

    def run(self, *args: str, stdin: bytes | None = None, also: tuple[int, ...] = ()) -> bytes:
        """Output of one Git command; `also`: exit codes that are answers.

        Raises:
            Unavailable: Git is not installed.
            ModelregError: Git said no; its message is passed on.
        """
        done = subprocess.run(
            self.command(args),
            input=stdin,
            capture_output=True,
            env=clean_environment() | ({"GIT_INDEX_FILE": str(self.index_file)} if self.index_file else {}),
            check=False,
        )
        if done.returncode != 0 and done.returncode not in also:
            raise _refusal(args, done.stderr)
        return done.stdout

    @contextmanager
    def index(self, file: Path) -> Iterator["Repository"]:
        """The same repository with an index of its own, which goes with the block."""
        try:
            yield replace(self, index_file=file)
        finally:
            file.unlink(missing_ok=True)

    def command(self, args: Sequence[str]) -> list[str]:
        """The words of one Git command, read-only settings included.

        Raises:
            Unavailable: Git is not installed.
        """
        program = shutil.which("git")
        if program is None:
            raise Unavailable("git is not installed", "install Git 2.38 or newer")
        return [program, *_SAFE, "-C", str(self.folder), *args]

    def stream(self, *args: str) -> Iterator[bytes]:
        """What a Git command prints between NUL bytes, piece by piece; the command ends where the reader stops.

        Raises:
            Unavailable: Git is not installed.
            ModelregError: Git said no; its message is passed on.
        """
        with (
            tempfile.TemporaryFile() as said,  # a pipe that nobody reads would fill up and stop Git
            subprocess.Popen(
                self.command(args), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, env=clean_environment()
            ) as process,
        ):
            assert process.stdout
            try:
                yield from _split(process.stdout)
            except BaseException:
                process.kill()
                raise
            if process.wait() != 0:
                said.seek(0)
                raise _refusal(args, said.read())

    def log(self, *args: str) -> Iterator[bytes]:
        """`git log -z` with what a person's settings would change set aside."""
        return self.stream(
            *_LOG, "log", "-z", "--encoding=UTF-8", "--no-color", "--no-mailmap", "--no-notes", "--no-ext-diff", "--no-textconv", *args
        )

    def resolve(self, revision: str) -> str:
        """The commit id of a revision.

        Raises:
            ModelregError: there is no such commit.
        """
        if revision.startswith("-"):
            raise ModelregError(f"not a revision: {revision!r}")
        try:
            out = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except ModelregError as error:
            if isinstance(error, Unavailable):
                raise
            raise ModelregError(
                f"no commit is called {revision!r} here", "a branch, tag or commit id; fetch it first if it is elsewhere"
            ) from None
        return out.decode().strip()

    def named(self, name: str) -> list[str]:
        """Tags and branches of exactly that name, in full, tags first."""
        wanted = [f"refs/{kind}/{name}" for kind in ("tags", "heads")]
        found = self.run("for-each-ref", "--format=%(refname)", *wanted).decode("utf-8", "surrogateescape").split()
        return [ref for ref in wanted if ref in found]

    def commit_at(self, moment: int) -> str | None:
        """The newest commit of HEAD's first-parent line whose committer time is that second or an earlier one.

        The line is walked back from HEAD, so where clocks were wrong it is the place in history that counts.

        Raises:
            ModelregError: HEAD has no commit.
        """
        tip = self.resolve("HEAD")
        if moment < 0:  # Git takes a negative age for none
            return None
        return self.run("rev-list", "-1", "--first-parent", f"--min-age={moment}", tip).decode().strip() or None

    def fork(self, base: str, head: str) -> str:
        """The commit where the line of `head` left that of `base`.

        Raises:
            ModelregError: they have no common history, or one of them is no commit.
        """
        ends = self.resolve(base), self.resolve(head)
        try:
            return self.run("merge-base", *ends).decode().split()[0]
        except (ModelregError, IndexError):
            raise ModelregError(f"{base} and {head} have no common history", "a shallow clone? fetch the whole history first") from None

    def first_commit(self) -> str:
        """The oldest commit of HEAD's first-parent line that is here."""
        return self.run("rev-list", "--first-parent", "--max-parents=0", "HEAD").decode().split()[-1]

    def time_of(self, commit: str) -> int:
        """Committer time of a commit, seconds since 1970."""
        return int(self.run("rev-list", "-1", "--timestamp", commit).decode().split()[0])

    @contextmanager
    def objects(self) -> Iterator[Objects]:
        """A `git cat-file` that answers until the block ends."""
        with subprocess.Popen(
            self.command(("cat-file", "--batch-command")),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=clean_environment(),
        ) as process:  # fmt: skip
            assert process.stdin and process.stdout
            try:
                yield Objects(process.stdin, process.stdout)
            finally:
                process.kill()

    def tree_id(self, commit: str, folder: str = "") -> str:
        """Id of a commit's tree, or of one folder in it."""
        return self.run("rev-parse", "--verify", "--quiet", f"{commit}:{folder}").decode().strip()

    def prefix(self) -> str:
        """Path of this folder below the top of the work tree, with a final slash, or empty."""
        return self.run("rev-parse", "--show-prefix").decode().strip()

    def files(self, commit: str, folder: str = "") -> list[Entry]:
        """Every entry below a folder of a commit, links and submodules included."""
        spec = f"{commit}:{folder.rstrip('/')}" if folder else commit
        out = self.run("ls-tree", "-r", "-z", "--full-tree", spec)
        entries = []
        for line in out.split(b"\0"):
            if line:
                meta, _, path = line.partition(b"\t")
                mode, _, oid = meta.split(b" ")
                entries.append(Entry(mode.decode(), oid.decode(), path.decode("utf-8", "surrogateescape")))
        return entries

    def blobs(self, oids: Iterable[str]) -> Iterator[bytes]:
        """Contents of blobs, in the order asked for."""
        wanted = "".join(f"{oid}\n" for oid in oids).encode()
        out = memoryview(self.run("cat-file", "--batch", "--buffer", stdin=wanted))
        at, end = 0, len(out)
        while at < end:
            line_end = at + bytes(out[at : at + 128]).index(b"\n")
            size = int(bytes(out[at:line_end]).split(b" ")[2])
            yield bytes(out[line_end + 1 : line_end + 1 + size])
            at = line_end + 1 + size + 1


def repository(folder: Path) -> Repository | None:
    """The repository that a folder belongs to, or None."""
    try:
        found = Repository(folder)
        found.run("rev-parse", "--git-dir")
    except ModelregError as error:
        if isinstance(error, Unavailable):
            raise
        return None
    return found


def _refusal(args: Sequence[str], stderr: bytes) -> ModelregError:
    said = stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"]
    verb = next((word for at, word in enumerate(args) if not word.startswith("-") and (at == 0 or args[at - 1] != "-c")), "")
    return ModelregError(f"git {verb} failed: {said[0]}")


def _split(pipe: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := pipe.read1(_CHUNK):  # type: ignore[attr-defined]
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest


def clean_environment() -> dict[str, str]:
    """The environment without anything that steers Git, and with what keeps it from asking, replacing and locking."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
