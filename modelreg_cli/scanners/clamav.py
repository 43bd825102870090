"""ClamAV: clamscan with the signatures of this machine, or those of a folder."""

import hashlib
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from modelreg_cli.errors import ModelregError
from modelreg_cli.scanners.outside import Done, linked, run
from modelreg_cli.scanners.scanner import NotHere, Sight, Verdict, Wishes, skipped, verdict

NAME = "clamav"
#: What clamscan takes of one file at the most; larger ones are told by an alert, and not looked at.
_MOST = 2000
_LIMITS = (f"--max-filesize={_MOST}M", f"--max-scansize={_MOST}M", "--max-scantime=0", "--alert-exceeds-max=yes")
_TOO_MUCH = "Heuristics.Limits.Exceeded"
_ASKING = 60.0  # seconds for its version
_VERSION = re.compile(r"ClamAV ([^/\s]+)(?:/([0-9]+))?")
#: Folders of this machine are nobody else's business.
_FOLDERS = re.compile(r"(?<!\S)(?:/[^\s/:]+)+/")
_SIGNATURES = (
    *(".cvd", ".cld", ".cud", ".hdb", ".hsb", ".hdu", ".hsu", ".mdb", ".msb", ".mdu", ".msu", ".ndb", ".ndu", ".ldb", ".ldu"),
    *(".idb", ".cdb", ".yar", ".yara", ".fp", ".sfp", ".ign", ".ign2", ".wdb", ".pdb", ".gdb", ".crb", ".cbc"),
)


class ClamAV:
    """One run of clamscan for all files, as reading its signatures takes long."""

    name = NAME

    def __init__(self, program: str, version: str, database: str, folder: Path | None, seconds: float) -> None:
        self.version, self.database = version, database
        self._program, self._folder, self._seconds = program, folder, seconds

    def covers(self, _path: str) -> bool:
        """It looks at any bytes."""
        return True

    def look(self, files: Sequence[Sight]) -> list[Verdict]:
        """One verdict for each file."""
        if not files:
            return []
        chosen = [f"--database={self._folder.absolute()}"] if self._folder else []
        with linked(files) as links:
            argv = [self._program, "--no-summary", "--stdout", "--follow-file-symlinks=2", *chosen, *_LIMITS, *map(str, links)]
            started = time.monotonic()
            done = run(argv, self._seconds)
            told = _told(done.out)
            return [_verdict(done, told.get(str(link), []), time.monotonic() - started) for link in links]


def made(wishes: Wishes) -> ClamAV:
    """clamscan, where it is installed and has signatures.

    Raises:
        NotHere: it is not, or has none.
        ModelregError: the folder that was named has none.
    """
    program = shutil.which("clamscan")
    if program is None:
        raise NotHere("clamscan is not installed", "install ClamAV (Debian: apt-get install clamav clamav-freshclam)")
    said = _VERSION.search(run([program, "--version"], _ASKING).out)
    if said is None:
        raise NotHere("clamscan does not tell its version", "does `clamscan --version` run?")
    if wishes.database is not None:
        return ClamAV(program, said[1], _digest(wishes.database), wishes.database, wishes.seconds)
    if said[2] is None:
        raise NotHere("ClamAV has no signatures", "`freshclam` fetches them; --database DIR names a folder of your own")
    return ClamAV(program, said[1], said[2], None, wishes.seconds)


def _digest(folder: Path) -> str:
    """What stands for signatures of one's own: a digest of their names and bytes."""
    try:
        files = [folder] if folder.is_file() else sorted(path for path in folder.iterdir() if path.suffix in _SIGNATURES and path.is_file())
        if not files:
            raise ModelregError(f"--database {folder} has no signatures", "ClamAV knows them by endings such as .cvd, .ndb and .hdb")
        digest = hashlib.sha256()
        for path in files:
            with path.open("rb") as file:
                digest.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    except OSError as error:
        raise ModelregError(f"--database {folder} can not be read: {error.strerror}", "name a folder of signatures") from None
    return f"sha256-{digest.hexdigest()[:16]}"


def _told(out: str) -> dict[str, list[str]]:
    """What was said of each link: `OK`, `NAME FOUND`, or why it could not be read."""
    told: dict[str, list[str]] = {}
    for line in out.splitlines():
        path, colon, words = line.partition(": ")
        if colon:
            told.setdefault(path, []).append(words)
    return told


def _verdict(done: Done, said: list[str], seconds: float) -> Verdict:
    """Found is failed whatever else happened; passed is only what it says `OK` of in a run that went well."""
    found = [words.removesuffix(" FOUND") for words in said if words.endswith(" FOUND")]
    if real := [name for name in found if not name.startswith(_TOO_MUCH)]:
        return verdict("failed", real)
    if found:
        return skipped(f"more than ClamAV looks at ({_MOST:,} MiB in all): {found[0]}")
    if done.code is None:
        return skipped(f"ClamAV had not ended after {seconds:,.0f} s")
    if done.code not in (0, 1) or said != ["OK"]:
        words = next(iter([*(one for one in said if one != "OK"), *done.err.splitlines(), *done.out.splitlines()]), "it said nothing")
        return skipped(f"ClamAV ended with {done.code}: {_FOLDERS.sub('', words)}")
    return verdict("passed", [])
