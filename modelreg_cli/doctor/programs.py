"""Programs of this machine that the gate needs."""

import re
from collections.abc import Iterator
from pathlib import Path

from modelreg_cli.doctor.check import Check
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.git import Repository
from modelreg_cli.signing import keygen

_ABOUT = "programs"
_OLDEST = (2, 38)


def program_checks() -> Iterator[Check]:
    """Git and ssh-keygen."""
    yield _git()
    why = "without it no signed statement can be verified"
    try:
        yield Check(_ABOUT, "ssh-keygen", "ok", (f"{Path(keygen()).name} is there",), why)
    except Unavailable as error:
        yield Check(_ABOUT, "ssh-keygen", "weak", (error.message,), why, error.hint or "")


def _git() -> Check:
    why = "the gate judges what `git merge-tree --write-tree` makes of a change"
    try:
        said = Repository(Path.cwd()).run("version").decode("utf-8", "replace").strip()
    except ModelregError as error:
        return Check(_ABOUT, "git", "weak", (error.message,), why, "install Git 2.38 or newer")
    found = re.search(r"(\d+)\.(\d+)", said)
    fine = found is not None and (int(found[1]), int(found[2])) >= _OLDEST
    return Check(_ABOUT, "git", "ok" if fine else "weak", (said,), why, "" if fine else "install Git 2.38 or newer")
