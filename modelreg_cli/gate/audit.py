"""The first-parent history -> for each moment at which a protected tag was given or its wearer changed: had it been earned?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Literal, NamedTuple

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.protected import protected_tags
from modelreg_cli.entities.policy import Policy
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.forge.reviews import Opinion, PullRequest, Reviews
from modelreg_cli.gate.commits import line_of
from modelreg_cli.gate.decide import decide
from modelreg_cli.gate.facts import Action, Subject
from modelreg_cli.gate.files import Change, changes
from modelreg_cli.gate.gather import Proposal, facts_of, merge
from modelreg_cli.gate.report import ROLE, Report, report_of
from modelreg_cli.gate.sparse import Sparse, SparseState
from modelreg_cli.gate.statements import signers_of
from modelreg_cli.gate.verdict import Check, Verdict
from modelreg_cli.git import Repository
from modelreg_cli.rules.policy import POLICY, policy_of

Proof = Literal["proven", "unproven", "refuted"]
#: Kinds whose change may concern a wearer of a protected tag.
_CONCERNING = ("version", "model", "license", "benchmark", "offering", "results", "scan")


class Moment(NamedTuple):
    """What a commit did to a version and a protected tag, and whether that had been earned.

    `time` is committer time, seconds since 1970. `approved_by` are the persons who count; `told` is why it is not proven.
    `pull` is the pull request that brought it, where the forge was asked and knows one.
    """

    commit: str
    time: int
    ref: str
    tag: str
    action: Action
    proof: Proof
    approved_by: tuple[str, ...] = ()
    governed: str = ""
    told: tuple[str, ...] = ()
    pull: int | None = None


class Step(NamedTuple):
    """A commit of the line and its parents."""

    commit: str
    parents: tuple[str, ...]
    time: int


class Brought(NamedTuple):
    """How a commit came in by the forge: its pull request, what was said of it, its head here."""

    pull: PullRequest
    opinions: tuple[Opinion, ...]
    head: str


@dataclass(frozen=True)
class Auditor:
    """A bare repository whose line is walked; with `reviews` the forge is asked for what is not signed.

    `fetch` gets refs of the remote, as the gate's court does. `verdicts` is the tip of the branch of reports, where there is one.
    """

    repository: Repository
    folder: str = ""
    forge: str = "offline"
    reviews: Reviews | None = None
    fetch: Callable[[dict[str, str]], dict[str, str]] | None = None
    verdicts: str | None = None

    def line(self, tip: str, since: int | None = None, start: str | None = None) -> list[Step]:
        """The commits of the first-parent line, the oldest first; after a commit, or from a moment on."""
        wanted = [tip] if start is None else [tip, f"^{start}"]
        out = self.repository.run("rev-list", "--first-parent", "--reverse", "--parents", "--timestamp", *wanted).decode()
        steps = [Step(words[1], tuple(words[2:]), int(words[0])) for words in map(str.split, out.splitlines())]
        return [step for step in steps if since is None or step.time >= since]

    def moments(self, step: Step) -> Iterator[Moment]:
        """What one commit did to protected tags."""
        base = step.parents[0] if step.parents else self._nothing
        changed = changes(self.repository, base, step.commit, self.folder)
        if not any(_concerns(change) for change in changed):
            return
        raw = Sparse(self.repository, base, self.folder).beside(POLICY) if step.parents else None
        if raw is None:
            yield from self._before(step)
            return
        try:
            policy = policy_of(raw)
        except ModelregError as error:
            yield from self._unruled(step, base, error.message.splitlines()[0])
            return
        if not policy.protected_tags:
            yield from self._before(step)
            return
        yield from self._judged(step, base, policy)
        yield from self._newly_protected(step, policy, changed)

    @cached_property
    def _nothing(self) -> str:
        """The empty tree, which the first commit is compared with."""
        return self.repository.run("hash-object", "-t", "tree", "-w", "--stdin", stdin=b"").decode().strip()

    def _judged(self, step: Step, base: str, policy: Policy) -> Iterator[Moment]:
        brought = self._brought(step)
        head = brought.head if brought else step.parents[1] if len(step.parents) > 1 else step.commit
        result, conflicts = merge(self.repository, base, head)
        there = self.repository.tree_id(step.commit)
        odd = () if result == there or conflicts else ("the merge commit has other files than merging its head gives",)
        line = line_of(self.repository, base, head, self.folder)
        then = datetime.fromtimestamp(step.time, UTC)
        today, moment = then.date(), then.strftime("%Y%m%d%H%M%S")
        author, opinions = (brought.pull.author, brought.opinions) if brought else (None, ())
        proposal = Proposal(self.repository, base, head, today, self.forge, self.folder, author, opinions, moment)
        facts = facts_of(proposal, policy, line, there, ())
        verdict = decide(facts)
        direct = self.reviews is not None and brought is None
        recorded = self._recorded(base, there, policy)
        for subject in facts.subjects:
            found = self._moment(step, subject, verdict, odd, brought, direct)
            yield _with_report(found, recorded) if recorded and not brought else found

    def _recorded(self, base: str, tree: str, policy: Policy) -> Report | None:
        """The gate's own report of this merge, signed by a recorder whom the base knew."""
        principals = [key for name in policy.roles.get(ROLE, ()) for key in policy.people[name].keys or ()]
        if self.verdicts is None or not principals:
            return None
        signers = signers_of(Sparse(self.repository, base, self.folder))
        found = report_of(self.repository, self.verdicts, base, tree)
        return found if found and found.signed_by(principals, signers) else None

    def _moment(
        self, step: Step, subject: Subject, verdict: Verdict, odd: tuple[str, ...], brought: Brought | None, direct: bool
    ) -> Moment:
        about = f"{subject.ref} {subject.tag}"
        mine = [check for check in verdict.checks if check.about == about or check.name in ("control plane", "meaning", "authors")]
        bad = [check for check in mine if check.outcome != "passed"]
        told = (
            *odd,
            *(["it was pushed, and came by no pull request"] if direct else []),
            *(line for check in bad for line in _words(check)),
        )
        approvals = [check for check in bad if check.name == "approvals"]
        refuted = (
            odd
            or len(bad) > len(approvals)
            or (approvals and self.reviews is not None)
            or any(one.data.get("objections") for one in approvals)
        )
        proof: Proof = "refuted" if refuted else "unproven" if bad else "proven"
        counted = tuple(person for check in mine if check.name == "approvals" for person in check.data.get("counted", ()))
        number = brought.pull.number if brought else None
        return Moment(
            step.commit, step.time, subject.ref, subject.tag, subject.action, proof, counted, subject.bound.governed, told, number
        )

    def _brought(self, step: Step) -> Brought | None:
        """The pull request that a commit came by, with its head fetched."""
        if self.reviews is None or self.fetch is None:
            return None
        pull = self.reviews.pull_of(step.commit)
        if pull is None:
            return None
        head = self.fetch({"head": pull.ref})["head"]
        if head != pull.head:
            raise Unavailable(f"the forge has another head of pull request {pull.number} than it says", "try again")
        return Brought(pull, tuple(self.reviews.opinions(pull.number)), head)

    def _before(self, step: Step) -> Iterator[Moment]:
        """Wearers that the first policy found."""
        after = Sparse(self.repository, step.commit, self.folder)
        if after.beside(POLICY) is None:
            return
        yield from self._found(step, protected_tags(after), "it wore the tag before the policy protected it")

    def _newly_protected(self, step: Step, policy: Policy, changed: list[Change]) -> Iterator[Moment]:
        """Wearers of tags that this commit protects."""
        if any(change.path == POLICY for change in changed):
            after = protected_tags(Sparse(self.repository, step.commit, self.folder))
            yield from self._found(step, after - set(policy.protected_tags), "it wore the tag before the policy protected it")

    def _unruled(self, step: Step, base: str, why: str) -> Iterator[Moment]:
        """A policy that was wrong let nothing pass: whoever has the tag now, and had it not, did not earn it."""
        tags = protected_tags(Sparse(self.repository, base, self.folder))
        before = {(one.ref, one.tag) for one in self._found(step._replace(commit=base), tags, "")}
        for one in self._found(step, tags, why):
            if (one.ref, one.tag) not in before:
                yield one._replace(proof="refuted")

    def _found(self, step: Step, tags: frozenset[str], why: str) -> Iterator[Moment]:
        state = SparseState(Sparse(self.repository, step.commit, self.folder))
        state.protected = tags
        for ref in state.wearers():
            for tag in state.worn(ref):
                yield Moment(step.commit, step.time, ref, tag, "given", "unproven", told=(why,))


def _with_report(found: Moment, report: Report) -> Moment:
    """What only lacks approvals is proven where the report has them, for these very values."""
    persons = report.approved_by.get((found.ref, found.tag, found.governed))
    if found.proof != "unproven" or persons is None:
        return found
    return found._replace(proof="proven", approved_by=persons, told=())


def _concerns(change: Change) -> bool:
    place = layout.locate(change.path)
    return change.path == POLICY or (place is not None and place.kind in _CONCERNING)


def _words(check: Check) -> list[str]:
    return [f"{check.name}: {line}" for line in check.told]


def worn_now(repository: Repository, tip: str, folder: str = "") -> set[tuple[str, str]]:
    """(ref, tag) of every version that wears a protected tag at a commit."""
    state = SparseState(Sparse(repository, tip, folder))
    return {(ref, tag) for ref in state.wearers() for tag in state.worn(ref)}


def day_of(moment: Moment) -> date:
    """Its day, in UTC."""
    return datetime.fromtimestamp(moment.time, UTC).date()
