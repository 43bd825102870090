"""Programs of others: run within bounds, on links of plain names, so that no file's name can speak to them."""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from modelreg_cli.scanners.scanner import NotHere, Sight

_ENDING = re.compile(r"\.[A-Za-z0-9]{1,12}\Z")


class Done(NamedTuple):
    """How a program ended; `code` is None where its time was over."""

    code: int | None
    out: str
    err: str


def run(argv: Sequence[str], seconds: float) -> Done:
    """Runs a program to its end, or to the end of its time.

    Raises:
        NotHere: it can not be started.
    """
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=max(seconds, 0.0), check=False)
    except subprocess.TimeoutExpired:
        return Done(None, "", "")
    except OSError as error:
        raise NotHere(f"{argv[0]} can not be started: {error.strerror}", "is it installed?") from None
    return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


@contextmanager
def linked(files: Sequence[Sight]) -> Iterator[list[Path]]:
    """A folder of links 0.bin, 1.bin, ... to the files; endings are kept, as scanners go by them."""
    with tempfile.TemporaryDirectory(prefix="modelreg-scan-") as folder:
        links = []
        for at, one in enumerate(files):
            ending = _ENDING.search(one.path)
            link = Path(folder, f"{at}{ending[0] if ending else ''}")
            link.symlink_to(one.file.absolute())
            links.append(link)
        yield links
