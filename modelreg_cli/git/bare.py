"""A bare directory of our own: objects of a repository without its settings, hooks, attributes or refs."""

import base64
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


def fetch(here: Repository, address: str, wanted: dict[str, str], seconds: float, token: str = "") -> dict[str, str]:
    """Fetches refs of a remote: its own name of each -> the commit; `wanted` maps our word to the remote's ref.

    The token goes to that address as a password, by the environment and never on a command line.

    Raises:
        Unavailable: the remote does not answer in time, or has no such ref.
    """
    specs = [f"+{ref}:refs/modelreg/{word}" for word, ref in wanted.items()]
    extra = {}
    if token and address.startswith(("https://", "http://")):
        word = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        extra = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{address}.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {word}",
        }
    command = here.command(
        (*_FETCH, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--", address, *specs)
    )
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=clean_environment() | extra, check=False, timeout=max(1.0, seconds)
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(
            f"the repository did not answer within {seconds:.0f} s", "try again, or give it more time with --deadline"
        ) from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"]
        raise Unavailable(f"git fetch failed: {said[0][:300]}", "is the network up, and may the token read the repository?")
    return {word: here.resolve(f"refs/modelreg/{word}") for word in wanted}
