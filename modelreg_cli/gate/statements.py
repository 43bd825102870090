"""Signed statements that lie in a catalog -> whose they are, and whether they count."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from modelreg_cli.entities.policy import Policy
from modelreg_cli.gate.facts import Bound, Judged
from modelreg_cli.gate.sparse import Sparse
from modelreg_cli.gate.statement import NAMESPACE, REVOKED, SIGNERS, Approval, read
from modelreg_cli.signing import Signers

FOLDER = "catalog/approvals/"


@dataclass(frozen=True)
class Notary:
    """The keys and persons of a base, on a day; `moment` (YYYYMMDDhhmmss, UTC) where that day is past."""

    base: Sparse
    policy: Policy
    today: date
    moment: str | None = None

    @cached_property
    def signers(self) -> Signers:
        """Keys that may sign, and keys that may no more."""
        return signers_of(self.base)

    def unsigned(self, said: Approval, raw: bytes, signature: bytes) -> str:
        """Why no key of the person signed it, or nothing."""
        known = self.policy.people.get(said.person)
        if known is None or not known.keys:
            return "the policy has no key of such a person"
        whys = [self.signers.why_not(principal, raw, signature, NAMESPACE, self.moment) for principal in known.keys]
        return "" if "" in whys else whys[0]

    def wrong_with(self, path: str, tree: Sparse) -> Iterator[str]:
        """Why a statement may not be added: it is none, or nobody known signed it."""
        stem = path.rpartition(".")[0]
        raw, signature = tree.beside(f"{stem}.json"), tree.beside(f"{stem}.sig")
        if raw is None or signature is None:
            yield "a statement is two files: the text in .json, its signature in .sig"
        elif path.endswith(".json"):
            try:
                said = read(raw)
            except ValueError as error:
                yield str(error)
                return
            if said.path() != stem:
                yield f"by what it says, its place is {said.path()}"
            elif why := self.unsigned(said, raw, signature):
                yield why


def signers_of(tree: Sparse) -> Signers:
    """The keys that a state of the repository knows."""
    return Signers(tree.beside(SIGNERS) or b"", tree.beside(REVOKED))


def statements_about(ref: str, tag: str, bound: Bound, tree: Sparse, notary: Notary) -> Iterator[Judged]:
    """Every statement about a version and a tag, and why it does not count where it does not."""
    paths = [entry.path for entry in tree.below(f"{FOLDER}{ref.replace('@', '/')}/") if entry.path.endswith(".json")]
    for path, raw in tree.read(paths):
        try:
            said = read(raw)
        except ValueError:
            continue  # whoever adds such a file is refused; what lies there says nothing
        if (said.tag, said.ref) != (tag, ref):
            continue
        why = [f"it is about {_ABOUT[field]}" for field, mine in bound._asdict().items() if getattr(said, field) != mine]
        if said.expires < notary.today.isoformat():
            why.append(f"it expired on {said.expires}")
        signature = tree.beside(f"{path.removesuffix('.json')}.sig") or b""
        yield Judged(said.person, said.decision, "; ".join(why) or notary.unsigned(said, raw, signature), path)


_ABOUT = {
    "governed": "other values of the version",
    "evidence": "other results and scans",
    "policy": "another policy",
    "catalog": "another catalog",
}
