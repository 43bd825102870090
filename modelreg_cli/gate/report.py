"""Reports of verdicts on a branch of their own: what a forge's reviews proved, kept where no forge is needed to read it.

A report is an in-toto Statement about the tree that merging gave. The branch only grows; whoever reads it trusts signatures by
persons of the policy's role `recorders`, and not the branch.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelreg_cli.errors import Unavailable
from modelreg_cli.gate.judge import Judged
from modelreg_cli.gate.sparse import Sparse
from modelreg_cli.gate.statement import canonical
from modelreg_cli.git import Repository
from modelreg_cli.git.bare import Remote
from modelreg_cli.signing import Signers, sign

BRANCH = "modelreg-verdicts"
ROLE = "recorders"
NAMESPACE = "modelreg-verdict@v1"
_TYPE = "https://in-toto.io/Statement/v1"
_PREDICATE = "urn:modelreg:verdict:v1"
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Report:
    """What a verdict that passed rested on: the persons who counted, by (ref, tag, digest of the governed values)."""

    base: str
    tree: str
    approved_by: dict[tuple[str, str, str], tuple[str, ...]]
    text: bytes
    signature: bytes | None

    def signed_by(self, principals: list[str], signers: Signers) -> bool:
        """Whether one of these principals signed it."""
        signature = self.signature
        return signature is not None and any(not signers.why_not(one, self.text, signature, namespace=NAMESPACE) for one in principals)


def text_of(judged: Judged, day: str) -> bytes:
    """The report of a verdict."""
    facts, pull = judged.facts, judged.pull
    counted = {check.about: check.data["counted"] for check in judged.verdict.checks if check.name == "approvals"}
    predicate = {
        "base": facts.base,
        "head": facts.head,
        "tree": facts.result,
        "forge": facts.forge,
        "pull_request": None if pull is None else {"number": pull.number, "url": pull.url},
        "made": day,
        "outcome": judged.verdict.outcome,
        "subjects": [
            {"ref": one.ref, "tag": one.tag, "governed": one.bound.governed, "approved_by": counted.get(f"{one.ref} {one.tag}", [])}
            for one in facts.subjects
        ],
        "checks": [{"name": one.name, "about": one.about, "outcome": one.outcome, "told": list(one.told)} for one in judged.verdict.checks],
    }
    subject = [{"name": "merge result", "digest": {"gitTree": facts.result}}]
    return canonical({"_type": _TYPE, "subject": subject, "predicateType": _PREDICATE, "predicate": predicate})


def record(repository: Repository, remote: Remote, judged: Judged, day: str, key: Path | None) -> str:
    """Adds the report of a verdict to the branch of the remote; its path there.

    Raises:
        Unavailable: the remote takes no push, or others push all the time.
        ModelregError: the key does not sign.
    """
    text = text_of(judged, day)
    stem = f"{judged.facts.base}/{judged.facts.result}"
    files = {f"{stem}.json": text, **({f"{stem}.sig": sign(text, key, NAMESPACE)} if key else {})}
    for attempt in range(_ATTEMPTS):
        tip = remote.tip(f"refs/heads/{BRANCH}")
        commit = _commit(repository, tip, files, f"Verdict on {judged.facts.head[:12]}")
        try:
            remote.push(commit, f"refs/heads/{BRANCH}")
        except Unavailable:
            if attempt + 1 == _ATTEMPTS or remote.tip(f"refs/heads/{BRANCH}") == tip:
                raise
        else:
            break
    return f"{stem}.json"


def _commit(repository: Repository, tip: str | None, files: dict[str, bytes], title: str) -> str:
    """A commit that adds files to what the branch has."""
    index = repository.folder / "verdicts.index"
    with repository.index(index) as staged:
        if tip:
            staged.run("read-tree", tip)
        for path, raw in files.items():
            oid = repository.run("hash-object", "-w", "--stdin", stdin=raw).decode().strip()
            staged.run("update-index", "--add", "--cacheinfo", f"100644,{oid},{path}")
        tree = staged.run("write-tree").decode().strip()
    who = ("-c", "user.name=modelreg gate", "-c", "user.email=gate@modelreg.invalid")
    return repository.run(*who, "commit-tree", tree, *(("-p", tip) if tip else ()), "-m", title).decode().strip()


def report_of(repository: Repository, tip: str, base: str, tree: str) -> Report | None:
    """The report of a merge, where the branch has one of a verdict that passed."""
    branch = Sparse(repository, tip)
    text = branch.beside(f"{base}/{tree}.json")
    return _read(text, base, tree, branch.beside(f"{base}/{tree}.sig")) if text is not None else None


def _read(text: bytes, base: str, tree: str, signature: bytes | None) -> Report | None:
    """A report of a verdict that passed; None where it is none, or about something else."""
    try:
        told: dict[str, Any] = json.loads(text)
        said = told["predicate"]
        if (said["base"], said["tree"], said["outcome"], told["predicateType"]) != (base, tree, "passed", _PREDICATE):
            return None
        counted = {(one["ref"], one["tag"], one["governed"]): tuple(map(str, one["approved_by"])) for one in said["subjects"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return Report(base, tree, counted, text, signature)
