"""What a verdict is made from: everything is read before anything is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from modelreg_cli.entities.policy import Policy
from modelreg_cli.forge.reviews import Account, Opinion

Document = dict[str, Any]
Area = Literal["data", "results", "statement", "control"]
Action = Literal["given", "touched", "taken off", "gone", "redefined"]


class Wrote(NamedTuple):
    """One commit of the change, and who had a part in it: (author, committer, co-author or signer-off; address)."""

    commit: str
    emails: tuple[tuple[str, str], ...]


class ChangedFile(NamedTuple):
    """One path that differs between the base and the merge result.

    `wrong` is why it may not be so. `signers` are the persons who signed the commits that wrote a measured result or a scan,
    None for a commit that nobody known signed; empty where the bytes come from no commit of the change.
    """

    path: str
    area: Area
    wrong: tuple[str, ...] = ()
    signers: tuple[str | None, ...] = ()


class Evidence(NamedTuple):
    """One file of results or of a scan; `standing` says where it comes from: only what lay on the base, unchanged, counts."""

    path: str
    standing: Literal["base", "added here", "changed here", "removed here"]
    document: Document | None


class Bound(NamedTuple):
    """What a statement is bound to: sha256 of the governed values, the evidence on the base and the policy; the catalog's name."""

    governed: str = ""
    evidence: str = ""
    policy: str = ""
    catalog: str = ""


class Judged(NamedTuple):
    """A statement that lies in the catalog about this very version: whose, what it says, and why it does not count."""

    person: str
    says: Literal["approve", "reject"]
    why_not: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The version that a value may not fall behind."""

    ref: str
    digests: frozenset[str]
    results: tuple[Evidence, ...]
    hosted: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A version (or what its values mean) and a protected tag, as the merge result has them.

    `digests` are those of its artifacts by id, None where an artifact lists no files. `wrong` are findings about the files
    of its model; `unsourced` are governed values without a source. `offerings` are those that its results name, as the base
    has them. `earlier` are the versions to compare with, by what the policy calls them.
    """

    ref: str
    tag: str
    action: Action
    why: tuple[str, ...] = ()
    type: str = ""
    tasks: tuple[str, ...] = ()
    bound: Bound = field(default_factory=Bound)
    digests: Mapping[str, str | None] = field(default_factory=dict)
    files: Mapping[str, frozenset[str]] = field(default_factory=dict)
    licenses: Mapping[str, Document | None] = field(default_factory=dict)
    unsourced: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    results: tuple[Evidence, ...] = ()
    scans: tuple[Evidence, ...] = ()
    offerings: Mapping[tuple[str, str], Document] = field(default_factory=dict)
    earlier: Mapping[str, Earlier] = field(default_factory=dict)
    statements: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """A proposed change; `result` is the tree that merging gives.

    `heads` are the commits that an approval may be for: the head, and signed statements after it.

    `commits` are the newest first; `author` opened the pull request.
    """

    policy: Policy
    today: date
    forge: str
    base: str
    head: str
    result: str
    heads: frozenset[str]
    author: Account | None
    conflicts: tuple[str, ...] = ()
    files: tuple[ChangedFile, ...] = ()
    subjects: tuple[Subject, ...] = ()
    commits: tuple[Wrote, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    benchmarks: Mapping[str, Document | None] = field(default_factory=dict)
