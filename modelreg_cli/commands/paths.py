"""Paths that people type, as the catalog names them."""

import os
from pathlib import Path

from modelreg_cli.errors import ModelregError
from modelreg_cli.git import repository
from modelreg_cli.settings import find_root


def top_of(root: Path | None, at: str | None = None) -> Path:
    """Top of the catalog repository: the folder that was named, or the nearest one at or above here.

    For a commit any repository will do: a bare clone has no files, and has its commits.

    Raises:
        ModelregError: there is no catalog.
    """
    found = root.resolve() if root else find_root()
    top = Path(found) if found else None
    if at is not None and (top is None or not (top / "catalog").is_dir()) and repository(top or Path.cwd()):
        return top or Path.cwd()
    if top is None or not (top / "catalog").is_dir():
        where = f"in {root}" if root else "here or above"
        raise ModelregError(f"there is no catalog {where}", "run it in a catalog repository, or name one with --root")
    return top


def below_top(paths: list[str], top: Path) -> tuple[str, ...]:
    """Each path relative to the top; one that does not exist here is taken as relative to the top already.

    Raises:
        ModelregError: a path outside the repository.
    """
    return tuple(_below_top(path, top) for path in paths)


def _below_top(path: str, top: Path) -> str:
    # links are not followed: the last step may be one that is to be reported
    here = os.path.normpath(Path.cwd() / path)
    below = Path(here).relative_to(top).as_posix() if Path(here).is_relative_to(top) else None
    if below is not None and (Path(path).is_absolute() or os.path.lexists(here)):
        return below
    below = (
        Path(os.path.normpath(top / path)).relative_to(top).as_posix() if Path(os.path.normpath(top / path)).is_relative_to(top) else None
    )
    if below is None:
        raise ModelregError(f"{path} is outside the catalog repository", "name a file or folder below its top")
    return below


def keys_of(file: Path) -> tuple[str, ...]:
    """The keys of a file of allowed signers.

    Raises:
        ModelregError: it cannot be read, or names none.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelregError(
            f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}", "--trust takes a file"
        ) from None
    keys = tuple(line for line in lines if line.strip() and not line.startswith("#"))
    if not keys:
        raise ModelregError(f"{file} names no key", "a line for each: publisher ssh-ed25519 AAAA...")
    return keys
