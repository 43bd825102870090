"""A group of a merge queue: every commit on its branch is what one pull request gives on top of the commit before it.

The branch and its messages are made by the forge, and may have been made by somebody else. They say which pull request to look
at; what counts is that merging the head of that pull request gives the very tree of the commit, and that it passes there.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from modelreg_cli.forge.reviews import PullRequest
from modelreg_cli.gate.event import Group
from modelreg_cli.gate.gather import merge
from modelreg_cli.gate.judge import Court, Judged
from modelreg_cli.gate.sparse import Sparse
from modelreg_cli.gate.statement import SIGNERS
from modelreg_cli.gate.verdict import Check, Outcome, Verdict
from modelreg_cli.git import Repository
from modelreg_cli.rules.policy import POLICY

#: More commits than a group ever has.
_MOST = 1000
_IN_SUBJECT = re.compile(r"(?:\AMerge pull request #([0-9]{1,9})\b|\(#([0-9]{1,9})\)\s*\Z)")
_IN_BRANCH = re.compile(r"/pr-([0-9]{1,9})-[0-9a-f]+\Z")


class Commit(NamedTuple):
    """One commit on the branch of a group."""

    id: str
    tree: str
    parents: tuple[str, ...]
    subject: str


class Step(NamedTuple):
    """A pull request, the commit that it goes on top of, and its last commit on the branch."""

    pull: PullRequest
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Queued:
    """What comes of a group: checks of the branch, and the verdict on each pull request."""

    checks: tuple[Check, ...]
    base: str
    head: str
    pulls: tuple[Judged, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The worst of all."""
        return Verdict((*self.checks, *(check for one in self.pulls for check in one.verdict.checks))).outcome


def judge_group(court: Court, group: Group) -> Queued:
    """The verdict on a group.

    Raises:
        Unavailable: the forge or the repository does not answer.
        ModelregError: a bad policy.
    """
    refs = {"base": group.base_ref, "group": group.ref}
    tips = court.remote.fetch(refs)
    base = tips["base"]
    line = _line(court.repository, base, tips["group"])
    if tips["group"] != group.head or not line or line[0].parents[:1] != (base,):
        return Queued((_moved("the queue or its branch moved"),), base, group.head)
    steps, stray = _steps(court, group, base, line)
    if stray:
        why = f"commit {stray.id[:7]} on the branch of the queue is not what an open pull request gives on top of {stray.parents[0][:7]}"
        return Queued((Check("merge queue", "refused", (why,)),), base, group.head)
    told = tuple(f"commit {step.after[:7]} is pull request {step.pull.number} on top of {step.before[:7]}" for step in steps)
    judged = tuple(court.weigh(step.pull, court.reviews.opinions(step.pull.number), step.before) for step in steps)
    queued = Queued((Check("merge queue", "passed", told), *_rules(court, base, steps)), base, group.head, judged)
    if queued.outcome != "passed":
        return queued
    same = court.remote.fetch(refs) == tips and all(court.reviews.pull(step.pull.number) == step.pull for step in steps)
    if same:
        court.record(judged)
    return queued if same else Queued((_moved("something moved while the group was judged"), *queued.checks), base, group.head, judged)


def _moved(why: str) -> Check:
    return Check("moved", "pending", (f"{why}: judge it again",))


def _line(repository: Repository, base: str, head: str) -> list[Commit]:
    """First parents from the base to the head, the oldest first."""
    out = repository.run(
        "log", "-z", "--first-parent", "--reverse", "--no-show-signature", "--encoding=UTF-8", f"--max-count={_MOST}",
        "--format=%H%n%T%n%P%n%s", f"{base}..{head}", "--",
    )  # fmt: skip
    records = (record.split("\n", 3) for record in out.decode("utf-8", "replace").split("\0") if record)
    return [Commit(name, tree, tuple(parents.split()), subject) for name, tree, parents, subject in records]


def _steps(court: Court, group: Group, base: str, line: list[Commit]) -> tuple[list[Step], Commit | None]:
    """The pull requests of a line, and the first commit that is none's; numbers in messages first, then all that are open."""
    there = {one.number for one in court.reviews.open_pulls() if f"refs/heads/{one.base}" == group.base_ref}
    pulls = _Pulls(court, {})
    steps, stray = _lined_up(court.repository, base, line, lambda commit: pulls.some(there & set(_hints(commit, line, group))))
    if stray:
        steps, stray = _lined_up(court.repository, base, line, lambda _: pulls.some(there))
    return steps, stray


def _hints(commit: Commit, line: list[Commit], group: Group) -> Iterator[int]:
    found = _IN_SUBJECT.search(commit.subject)
    if found:
        yield int(found[1] or found[2])
    named = _IN_BRANCH.search(group.ref)
    if named and commit is line[-1]:
        yield int(named[1])


@dataclass(frozen=True, slots=True)
class _Pulls:
    """Open pull requests whose heads are here, asked for once."""

    court: Court
    known: dict[int, PullRequest]

    def some(self, numbers: set[int]) -> list[PullRequest]:
        for number in sorted(numbers - set(self.known)):
            pull = self.court.reviews.pull(number)
            self.known[number] = pull._replace(head=self.court.remote.fetch({"head": pull.ref})["head"])
        return [self.known[number] for number in sorted(numbers)]


def _lined_up(
    repository: Repository, base: str, line: list[Commit], candidates: Callable[[Commit], list[PullRequest]]
) -> tuple[list[Step], Commit | None]:
    steps: list[Step] = []
    begun: list[Commit] = []
    before = base
    for commit in line:
        begun.append(commit)
        used = {step.pull.number for step in steps}
        fitting = (pull for pull in candidates(commit) if pull.number not in used and _fits(repository, before, pull.head, begun))
        if (pull := next(fitting, None)) is not None:
            steps.append(Step(pull, before, commit.id))
            before, begun = commit.id, []
    return steps, begun[0] if begun else None


def _fits(repository: Repository, before: str, head: str, commits: list[Commit]) -> bool:
    """Whether commits on top of another are a pull request: merged or squashed into one, or its own commits put there one by one."""
    if len(commits) == 1 and commits[0].parents in ((before,), (before, head)):
        return merge(repository, before, head) == (commits[0].tree, ())
    if any(len(commit.parents) != 1 for commit in commits):
        return False
    own = repository.run("rev-list", "--reverse", "--topo-order", "--no-merges", f"--max-count={_MOST}", f"{before}..{head}", "--")
    own_commits = own.decode().split()
    return len(own_commits) == len(commits) and all(
        merge(repository, before, mine) == (commit.tree, ()) for mine, commit in zip(own_commits, commits, strict=True)
    )


def _rules(court: Court, base: str, steps: list[Step]) -> Iterator[Check]:
    """The policy and the keys are those of the branch as it is, so nothing of a group may rest on rules that the group brings."""
    real = [Sparse(court.repository, base, court.folder).beside(path) for path in (POLICY, SIGNERS)]
    for step in steps:
        if [Sparse(court.repository, step.before, court.folder).beside(path) for path in (POLICY, SIGNERS)] != real:
            told = f"the rules change before pull request {step.pull.number}: queue it again when they have been merged"
            yield Check("control plane", "refused", (told,))
            return
