"""A bare directory of our own: objects of a repository without its settings, hooks, attributes or refs."""

import base64
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.git.repository import Repository, clean_environment

#: Objects that come from elsewhere are checked before they are taken (names such as .git, trees that are not sorted).
_FETCH = ("-c", "fetch.fsckObjects=true", "-c", "protocol.ext.allow=never", "-c", "gc.auto=0", "-c", "maintenance.auto=false")


@contextmanager
def bare(source: Repository | None = None) -> Iterator[Repository]:
    """A bare repository that ends with the block; it sees the objects of `source`.

    Raises:
        ModelregError: `source` lacks a part of its history.
    """
    with tempfile.TemporaryDirectory(prefix="modelreg-") as folder:
        here = Repository(Path(folder))
        kind = source.run("rev-parse", "--show-object-format").decode().strip() if source else "sha1"
        here.run("init", "--bare", "--quiet", "--template=", f"--object-format={kind}")
        if source:
            if source.run("rev-parse", "--is-shallow-repository").strip() == b"true":
                raise ModelregError("the repository has only the newest commits", "fetch the whole history: git fetch --unshallow")
            objects = source.run("rev-parse", "--path-format=absolute", "--git-path", "objects").decode("utf-8", "surrogateescape")
            info = Path(folder) / "objects" / "info"
            info.mkdir(exist_ok=True)
            (info / "alternates").write_text(objects.rstrip("\n") + "\n", "utf-8", "surrogateescape")
        yield here


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote as a bare repository of our own speaks to it.

    The token goes to that address as a password, by the environment and never on a command line. `left` tells how many seconds
    there are. Every method raises Unavailable where the remote does not answer in time, or says no.
    """

    here: Repository
    address: str
    left: Callable[[], float]
    token: str = ""

    def fetch(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Fetches refs: our word for each -> the commit; `wanted` maps our word to the remote's ref."""
        specs = [f"+{ref}:refs/modelreg/{word}" for word, ref in wanted.items()]
        self._speak(
            *_FETCH, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--", self.address, *specs
        )
        return {word: self.here.resolve(f"refs/modelreg/{word}") for word in wanted}

    def tip(self, ref: str) -> str | None:
        """The commit of a ref, fetched; None where the remote has no such ref."""
        listed = self._speak("ls-remote", "--", self.address, ref).split()
        return self.fetch({"tip": ref})["tip"] if listed else None

    def push(self, commit: str, ref: str) -> None:
        """Moves a ref forward to a commit."""
        self._speak("push", "--quiet", "--no-verify", "--", self.address, f"{commit}:{ref}")

    def _speak(self, *args: str) -> str:
        extra = {}
        if self.token and self.address.startswith(("https://", "http://")):
            word = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
            names = ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0")
            extra = dict(zip(names, ("1", f"http.{self.address}.extraHeader", f"Authorization: Basic {word}"), strict=True))
        verb = next(word for word in args if not word.startswith("-") and "=" not in word)
        try:
            done = subprocess.run(
                self.here.command(args), stdin=subprocess.DEVNULL, capture_output=True, env=clean_environment() | extra, check=False,
                timeout=max(1.0, self.left()),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Unavailable(
                f"git {verb}: the repository did not answer in time", "try again, or give it more time with --deadline"
            ) from None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"]
            raise Unavailable(f"git {verb} failed: {said[0][:300]}", "is the network up, and does the token have the right?")
        return done.stdout.decode("utf-8", "replace")
