"""Files that are not on this machine: only their headers are read, and so nothing is said of their bytes."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

from modelreg_cli.entities.version import Artifact, File
from modelreg_cli.http import Deadline, HttpError
from modelreg_cli.importers.weights.place import opened, place_of
from modelreg_cli.scanners.own import form_of, header
from modelreg_cli.scanners.scanner import Verdict, skipped, verdict
from modelreg_cli.weights.source import NotKnownHere, Source, WrongWeights

_HUB = re.compile(r"hf://([^/@]+/[^/@]+)@([^/]+)(?:/.*)?\Z")
_BYTES_AWAY = "its bytes are not on this machine"


def local(uri: str | None) -> Path | None:
    """The path that a file:// address names."""
    return Path(unquote(uri.removeprefix("file://"))) if uri and uri.startswith("file://") else None


def address(artifact: Artifact, path: str) -> str | None:
    """Where one file of an artifact can be asked for by ranges, as places are typed; None where that is not known."""
    uri = artifact.uri or ""
    hub = _HUB.match(uri)
    if hub:
        return f"hf://{hub[1]}@{hub[2]}/{path}"
    if not uri.startswith("https://"):
        return None
    if len(artifact.files or ()) == 1:
        return uri
    return f"{uri.partition('?')[0].rpartition('/')[0]}/{quote(path.rpartition('/')[2])}"


def look(artifact: Artifact, file: File, deadline: Deadline, talk: Callable[[str], None]) -> Verdict:
    """What the header of a remote file says; never `passed`, as nobody read its bytes.

    Raises:
        Unavailable: the server does not answer.
    """
    form, typed = form_of(file.path), address(artifact, file.path)
    if typed is None:
        where = f"lies at {artifact.uri}, where no header can be read" if artifact.uri else "lies nowhere that the catalog knows"
        return skipped(f"{_BYTES_AWAY}: it {where}")
    if form is None:
        return skipped(f"{_BYTES_AWAY}, and a header says nothing of its kind of file")
    try:
        return _look(form, opened(place_of(typed), deadline, talk)[0], file.bytes)
    except NotKnownHere as error:
        return skipped(f"{_BYTES_AWAY}; its header: {error.message}")
    except WrongWeights as error:
        return verdict("failed", [f"by its header where it lies: {error.message}"])
    except HttpError as error:
        return skipped(f"{_BYTES_AWAY}, and its server answers {error.status}")


def _look(form: str, source: Source, size: int) -> Verdict:
    said = header(form, source)
    if source.size is not None and source.size != size:
        return verdict("failed", [f"{source.size:,} bytes where it lies, and the artifact lists {size:,}"])
    if said.status == "failed":
        return said
    return skipped(f"{_BYTES_AWAY}; by its header {said.findings[0]}")
