"""Files are replaced whole: a reader sees the old text or the new one, and Ctrl-C leaves no half of either."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import EllipsisType

from modelreg_cli.errors import ModelregError, Refused
from modelreg_cli.settings import CACHE_FOLDER, find_root


class ChangedMeanwhile(Refused):
    """A file is not what it was when it was read."""


def replace_file(path: Path, text: str, made_of: bytes | EllipsisType | None = ...) -> None:
    """Writes elsewhere in the checkout, then renames over the file; the mode of an old file is kept.

    `made_of` is what the file was when the text was made (None: there was none); it must still be that.

    Raises:
        ChangedMeanwhile: it is not.
        ModelregError: the folder cannot be written.
    """
    try:
        _replace(path, text, made_of)
    except OSError as error:
        raise ModelregError(
            f"{path.name} cannot be written: {error.strerror}", "check the permissions of its folder, and the space left"
        ) from None


def write_all(texts: Mapping[Path, str], made_of: Mapping[Path, bytes | None] | None = None) -> None:
    """Writes several files: where one cannot be, those before it are as they were, and folders made for them are gone.

    `made_of` is what files were when their texts were made, where that counts.

    Raises:
        ChangedMeanwhile: one of them is not that any more.
        ModelregError: a folder cannot be written.
    """
    before: dict[Path, bytes | None] = {}
    folders = [folder for path in texts for folder in _missing(path.parent)]
    try:
        for path, text in texts.items():
            before[path] = _bytes(path)
            replace_file(path, text, (made_of or {}).get(path, ...))
    except BaseException:
        for path, was in before.items():
            if _bytes(path) != texts[path].encode("utf-8"):
                continue  # it was not written, or somebody else wrote it since
            if was is None:
                with suppress(OSError):
                    path.unlink()
            else:
                path.write_bytes(was)
        for folder in sorted(set(folders), key=lambda one: -len(one.parts)):
            with suppress(OSError):  # something else is in it by now, or it was never made
                folder.rmdir()
        raise


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _missing(folder: Path) -> list[Path]:
    """Folders that have to be made for a path."""
    return [one for one in (folder, *folder.parents) if not one.exists()]


def _replace(path: Path, text: str, made_of: bytes | EllipsisType | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=_outside(path))
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(text.encode("utf-8"))
            out.flush()
            os.fsync(out.fileno())
        new.chmod(mode)
        if made_of is not ... and _bytes(path) != made_of:
            raise ChangedMeanwhile(
                f"{path.name} was changed by somebody else meanwhile; nothing was written", "do it again, on what is there now"
            )
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _outside(path: Path) -> Path:
    """Where a new text is made: beside the catalog, as a process that is killed would leave a piece in it."""
    root = find_root(str(path.parent))
    cache = Path(root or path.parent, CACHE_FOLDER)
    if root is None or cache.is_symlink():
        return path.parent
    try:
        make_ignored(cache)
        fits = cache.stat().st_dev == path.parent.stat().st_dev  # a rename does not cross file systems
    except OSError:
        return path.parent
    return cache if fits else path.parent


def make_ignored(folder: Path) -> None:
    """A folder that Git does not see: what is in it is not part of the catalog.

    Raises:
        OSError: it cannot be written.
    """
    note = folder / ".gitignore"
    folder.mkdir(parents=True, exist_ok=True)
    if not note.exists():
        note.write_text("*\n", "ascii")
