"""A repository and what a forge says -> the facts of a proposal. The change is read as Git objects, never checked out or run."""

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from modelreg_cli.entities.policy import Policy
from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.forge.reviews import Account, Opinion
from modelreg_cli.gate.commits import Line, line_of, signers
from modelreg_cli.gate.facts import ChangedFile, Facts
from modelreg_cli.gate.files import Change, area_of, changes, wrong_with
from modelreg_cli.gate.people import People
from modelreg_cli.gate.sparse import Sparse, SparseState
from modelreg_cli.gate.statement import SIGNERS
from modelreg_cli.gate.statements import Notary
from modelreg_cli.gate.subjects import Sides, subjects
from modelreg_cli.git import Repository
from modelreg_cli.rules.policy import POLICY, policy_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change to judge: commits of the base and of the head, and what the forge says of it.

    `moment` (YYYYMMDDhhmmss, UTC) is when it happened, where that is past.
    """

    repository: Repository
    base: str
    head: str
    today: date
    forge: str = "offline"
    folder: str = ""
    author: Account | None = None
    opinions: tuple[Opinion, ...] = ()
    moment: str | None = None


def gather(proposal: Proposal) -> Facts:
    """Everything that a verdict needs.

    Raises:
        ModelregError: the base has no policy, or a bad one.
        Refused: the change is too large to be judged.
    """
    repository, folder = proposal.repository, proposal.folder
    policy = policy_of(Sparse(repository, proposal.base, folder).beside(POLICY))
    line = line_of(repository, proposal.base, proposal.head, folder)
    result, conflicts = merge(repository, proposal.base, proposal.head)
    return facts_of(proposal, policy, line, result, conflicts)


def facts_of(proposal: Proposal, policy: Policy, line: Line, result: str, conflicts: tuple[str, ...]) -> Facts:
    """The facts of a change whose merge result is a tree."""
    repository, folder = proposal.repository, proposal.folder
    old = SparseState(Sparse(repository, proposal.base, folder))
    new = SparseState(Sparse(repository, result, folder))
    new.protected = old.protected
    changed = changes(repository, proposal.base, result, folder)
    for state, paths in ((old, [one.path for one in changed if one.before]), (new, [one.path for one in changed if one.after])):
        state.fetch([path for path in paths if path.startswith("catalog/")])
    people = People(policy, proposal.forge)
    files = tuple(_files(changed, proposal, old, new, people))
    return Facts(
        policy,
        proposal.today,
        proposal.forge,
        proposal.base,
        proposal.head,
        result,
        line.heads,
        proposal.author,
        conflicts,
        files,
        tuple(subjects(Sides(old, new, policy, tuple(changed), proposal.today, proposal.moment))),
        line.commits,
        proposal.opinions,
        {need.benchmark: old.of("benchmark", need.benchmark) for tag in policy.protected_tags.values() for need in tag.benchmarks or ()},
    )


def merge(repository: Repository, base: str, head: str) -> tuple[str, tuple[str, ...]]:
    """The tree that merging gives, and paths in which both sides disagree.

    Raises:
        Unavailable: Git is too old, or not installed.
    """
    try:
        out = repository.run("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", base, head, also=(1,))
    except ModelregError as error:
        if isinstance(error, Unavailable):
            raise
        if "unrelated histories" in error.message:
            return f"{head}^{{tree}}", ("everything: base and head have no common history",)
        raise Unavailable(error.message, "`git merge-tree --write-tree` needs Git 2.38 or newer") from None
    tree, *names = [piece.decode("utf-8", "surrogateescape") for piece in out.split(b"\0") if piece]
    return tree, tuple(names)


def _files(changed: list[Change], proposal: Proposal, old: SparseState, new: SparseState, people: People) -> list[ChangedFile]:
    areas = {change.path: area_of(change, old, new) for change in changed}
    signed = _signers([path for path, area in areas.items() if area == "results"], proposal, old, new, people)
    notary = Notary(old.tree, people.policy, proposal.today, proposal.moment)
    return [
        ChangedFile(one.path, areas[one.path], tuple(wrong_with(one, areas[one.path], old, new.tree, notary)), signed.get(one.path, ()))
        for one in changed
    ]


def _signers(paths: list[str], proposal: Proposal, old: SparseState, new: SparseState, people: People) -> dict[str, tuple[str | None, ...]]:
    """Persons who signed the commits of measured results and scans, where the merge result has the bytes of the head."""
    allowed = old.tree.beside(SIGNERS)
    if not paths or allowed is None:
        return {}
    head = Sparse(proposal.repository, proposal.head, proposal.folder)
    with tempfile.TemporaryDirectory(prefix="modelreg-") as folder:
        file = Path(folder) / "allowed_signers"
        file.write_bytes(allowed)
        found = signers(proposal.repository, proposal.base, proposal.head, [f"{proposal.folder}{path}" for path in paths], str(file))
    kept = {}
    for path in paths:
        principals = found[f"{proposal.folder}{path}"]
        if (entry := head.entry(path)) is not None and entry == new.tree.entry(path):
            kept[path] = tuple(one and people.of_key(one) for one in principals)
    return kept
