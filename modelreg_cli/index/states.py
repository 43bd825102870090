"""Published states of a pulled catalog: those that are known, and those whose index is here.

The folder `states` of a pulled catalog has the manifest of each state that its channel was seen to have (`NNNNNNNN-<digest>.json`, an
envelope), and the indexes that were brought beside the one in use (the same name, `.db`). Loaded for past states alone.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from modelreg_cli import dates
from modelreg_cli.errors import Ambiguous, ModelregError, Unavailable
from modelreg_cli.index.held import held
from modelreg_cli.settings import catalogs_home

FOLDER = "states"
_NAME = re.compile(r"([0-9]{8,})-[0-9a-f]{16}\.json\Z")
_COMMIT = re.compile(r"[0-9a-f]{4,64}\Z")
#: How many states a message names.
_SHOWN = 8


class State(NamedTuple):
    """One state: its place in the order, when it was published (seconds since 1970), its commit, its manifest's digest, the one before it.

    `sha256` is that of its index, and `file` that index on this machine, or empty.
    """

    sequence: int
    made: int
    commit: str
    digest: str
    previous: str
    sha256: str
    file: str

    def words(self) -> str:
        """How messages name it."""
        return f"{self.sequence} of {dates.told(self.made)}"

    def file_name(self) -> str:
        """What its index is called where it is the one in use, or was."""
        return f"index-{self.sha256[:16]}.db"


def states_of(catalog: str) -> list[State]:
    """The states that are known of a catalog up to the one in use, the oldest first; a damaged note counts as none.

    What was noted of a line of states that the one in use does not go on (a channel that began anew) is left out.
    """
    one = held(catalog)
    if one is None:
        return []
    top = Path(catalogs_home(), catalog)
    noted = (_state(top, file) for file in (top / FOLDER).glob("*.json") if _NAME.match(file.name))
    known = {state.digest: state for state in noted if state}
    found = [state for state in known.values() if (state.sequence, state.file_name()) == (one.sequence, Path(one.path).name)]
    while found and found[-1].previous in known:
        found.append(known[found[-1].previous])
    if found:  # what came before was noted by pulls of long ago
        found += sorted((state for state in known.values() if state.sequence < found[-1].sequence - 1), reverse=True)
    return found[::-1]


def _state(top: Path, note: Path) -> State | None:
    try:
        text: str = json.loads(note.read_bytes())["manifest"]
        told: dict[str, Any] = json.loads(text)
        (sha256,) = (str(one["sha256"]) for one in told["files"] if one["role"] == "index")
        made, digest = dates.span(told["made"], "made").last, hashlib.sha256(text.encode()).hexdigest()
        found = State(int(told["sequence"]), made, str(told["commit"]), digest, str(told["previous"]), sha256, "")
        # brought on its own, or left by the pulls before
        places = (note.with_suffix(".db"), top / found.file_name())
        return found._replace(file=next((str(place) for place in places if place.is_file()), ""))
    except (OSError, ValueError, KeyError, TypeError, ModelregError):
        return None


def state_at(catalog: str, at: str) -> State:
    """The state that a commit or date means: of a date the newest that was published by then. Its index need not be here.

    Raises:
        Unavailable: it is not known which one.
        ModelregError: it is neither.
    """
    known = states_of(catalog)
    if dates.looks_like_date(at):
        return _of_date(catalog, known, at)
    if not _COMMIT.match(at.lower()):
        raise ModelregError(
            f"{at!r} is no date and no commit", "a pulled catalog has no branches or tags: --at takes 2026-06-01, or a commit id"
        )
    found = [state for state in known if state.commit.startswith(at.lower())]
    if len({state.commit for state in found}) > 1:
        raise Ambiguous(f"{at} begins several commits of {catalog}", "write more of it", [state.commit for state in found])
    if not found:
        raise Unavailable(f"no known state of {catalog} is of commit {at}", _hint(catalog, known, at))
    return found[-1]


def _of_date(catalog: str, known: Sequence[State], at: str) -> State:
    moment = dates.span(at, "--at").last
    one = held(catalog)
    newest = one.sequence if one else 0
    found = next((state for state in reversed(known) if state.made <= moment), None)
    if found is None:
        raise Unavailable(f"no known state of {catalog} is as old as {dates.told(moment)}", _hint(catalog, known, at))
    # a state in between that is not known may be the one
    if found.sequence < newest and found.sequence + 1 not in {state.sequence for state in known}:
        raise Unavailable(f"which states of {catalog} came after state {found.words()} is not known", _hint(catalog, known, at))
    return found


def _hint(catalog: str, known: Sequence[State], at: str) -> str:
    seen = f"the channel was seen to have {_listed(known)}; " if known else ""
    return f"{seen}`modelreg pull --catalog {catalog} --at {at}` asks it again"


def _listed(states: Sequence[State]) -> str:
    shown = ", ".join(state.words() for state in states[-_SHOWN:])
    return f"{shown}, and {len(states) - _SHOWN} before" if len(states) > _SHOWN else shown


def index_at(catalog: str, at: str) -> tuple[str, str]:
    """The index of a past state, and the words about it.

    Raises:
        Unavailable: it is not here.
    """
    found = state_at(catalog, at)
    if not found.file:
        here = _listed([state for state in states_of(catalog) if state.file]) or "none"
        raise Unavailable(
            f"state {found.words()} of {catalog} is not here; held: {here}",
            f"`modelreg pull --catalog {catalog} --at {at}` brings it, where the channel still has it",
        )
    return found.file, f"As of state {found.sequence} of {catalog}, published {dates.told(found.made)}, commit {found.commit[:12]}."
