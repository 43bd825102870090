"""Several pull requests, one after the other: what came of each, and the status that tells it on the forge."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from modelreg_cli.errors import ModelregError
from modelreg_cli.forge.reviews import OpenPull, State
from modelreg_cli.gate.judge import Court, Judged, NotOpen
from modelreg_cli.gate.verdict import Outcome

#: The worst comes first.
_STATES: tuple[State, ...] = ("error", "failure", "pending", "success")
STATE_OF: dict[Outcome, State] = {"passed": "success", "refused": "failure", "pending": "pending"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One pull request: the verdict, or why there is none; `head` is empty where not even that is known."""

    number: int
    head: str
    judged: Judged | None = None
    error: Exception | None = None

    @property
    def state(self) -> State:
        """The commit status that says so."""
        return STATE_OF[self.judged.verdict.outcome] if self.judged else "error"


#: Says in a line what came of a pull request.
Words = Callable[[Entry], str]


@dataclass(frozen=True, slots=True)
class Clerk:
    """Publishes verdicts as commit statuses; `url` is a page with the whole of it."""

    court: Court
    words: Words
    url: str = ""

    def publish(self, entries: Sequence[Entry]) -> None:
        """The worst of what came of pull requests with one head: a status belongs to the commit, whoever proposes it."""
        worst = min(entries, key=lambda one: _STATES.index(one.state))
        self.tell(worst.head, worst.state, self.words(worst))

    def tell(self, commit: str, state: State, words: str) -> None:
        """One status, where the newest one does not say so already."""
        if not self.court.reviews.says(commit, state, words):
            self.court.reviews.tell(commit, state, words, self.url)


def hear(court: Court, numbers: Sequence[int] | None, clerk: Clerk | None) -> Iterator[Entry]:
    """What comes of pull requests, None: of all that are open; with a clerk, of those too that share a head with one.

    One that cannot be judged does not stop the others. Those that are closed are passed over, unless they were asked for.

    Raises:
        Unavailable: the forge does not tell which are open.
        NotOpen: the only one that was asked for.
    """
    listed = court.reviews.open_pulls() if clerk or numbers is None else []
    heads = {one.number: one.head for one in listed}
    left = list(dict.fromkeys(heads if numbers is None else numbers))
    while left:
        number = left.pop(0)
        entry = _heard(court, number, heads.get(number, ""))
        if isinstance(entry.error, NotOpen):
            if numbers is not None and len(numbers) == 1:
                raise entry.error
            continue
        same = [other for other in _sharing(listed, entry.head) if other != number]
        entries = [entry, *(_heard(court, other, entry.head) for other in same)]
        left = [other for other in left if other not in same]
        yield from _published(entries, clerk)


def _sharing(listed: list[OpenPull], head: str) -> list[int]:
    return [one.number for one in listed if head and one.head == head]


def _heard(court: Court, number: int, head: str) -> Entry:
    try:
        pull = court.reviews.pull(number)
        head = pull.head
        judged = court.judge_pull(pull)
        return Entry(number, judged.facts.head, judged)
    except Exception as error:  # a defect in the judging of one must not leave an old success on its head
        return Entry(number, head, None, error)


def _published(entries: list[Entry], clerk: Clerk | None) -> list[Entry]:
    """The entries, with the error where their status could not be published."""
    if clerk is None or not entries[0].head:
        return entries
    try:
        # one that moved has another head than the others
        for head in dict.fromkeys(one.head for one in entries):
            clerk.publish([one for one in entries if one.head == head])
    except ModelregError as error:
        return [Entry(one.number, one.head, None, one.error or error) for one in entries]
    return entries
