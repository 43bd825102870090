"""Opinions and signed statements -> who counts, who does not and why, who still can."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from modelreg_cli.entities.policy import Approvals
from modelreg_cli.errors import listed
from modelreg_cli.forge.reviews import Account, Opinion
from modelreg_cli.gate.facts import Facts, Judged
from modelreg_cli.gate.people import Authors, People
from modelreg_cli.gate.verdict import Check, Outcome


class Needed(NamedTuple):
    """So many different persons of a role, or of any role where it is ANY_ROLE."""

    required: int
    role: str


def needed_of(approvals: Approvals) -> Needed:
    """What a policy asks for."""
    return Needed(approvals.required, approvals.from_)


@dataclass(frozen=True, slots=True)
class Quorum:
    """The voters of one change; what they said is counted for each thing that needs approval."""

    facts: Facts
    people: People
    authors: Authors

    def check(self, needed: Needed, about: str = "", statements: tuple[Judged, ...] = ()) -> Check:
        """Whether enough persons of the role approve, and none of them objects."""
        role = self._role(needed.role)
        yes: dict[str, str] = {}
        no: list[str] = []
        vetoes: list[str] = []
        for person, word, reason in (*self._said(role, needed.role), *self._signed(role, needed.role, statements)):
            if word == "veto":
                vetoes.append(f"{person} {reason}")
            elif word == "counts":
                yes.setdefault(person, reason)
            else:
                no.append(f"{person} does not: {reason}")
        can = sorted(person for person in role if person not in yes and person not in self.authors.parts)
        told = [
            f"{len(yes)} of {needed.required} from {needed.role}",
            *(f"{person} counts ({reason})" for person, reason in yes.items()),
            *no,
            *vetoes,
        ]
        missing = needed.required - len(yes)
        if missing > 0:
            told.append(_who(can, missing, needed.role))
        outcome: Outcome = "refused" if vetoes or missing > len(can) else "pending" if missing > 0 else "passed"
        data = {"required": needed.required, "from": needed.role, "counted": sorted(yes), "can_approve": can, "objections": len(vetoes)}
        return Check("approvals", outcome, tuple(told), about, data)

    def any_of(self, role: str, about: str) -> Check:
        """One person of the role: the author of the pull request will do (what is to be quick must not wait for a second one)."""
        needed = Needed(1, role)
        author = self.facts.author and self.people.of_account(self.facts.author)
        if author in self._role(role):
            told = (f"1 of 1 from {role}", f"{author} counts (opened the pull request)")
            return Check("approvals", "passed", told, about, {"required": 1, "from": role, "counted": [author]})
        return self.check(needed, about)

    def _role(self, name: str) -> frozenset[str]:
        """Persons of a role; of every role where it is called so."""
        roles = self.facts.policy.roles
        return frozenset(person for members in roles.values() for person in members) if name == ANY_ROLE else frozenset(roles[name])

    def _said(self, role: frozenset[str], name: str) -> Iterator[tuple[str, str, str]]:
        """(person, counts | does not | veto, why) for every account that said something."""
        for standing in opinions_that_stand(self.facts.opinions):
            newest = standing[-1]
            person = self.people.of_account(newest.account)
            if newest.says == "changes requested":
                veto = self._veto(newest, person, role)
                if veto:
                    yield person, "veto", veto
                continue
            whys = [self._why_not(opinion, person, role, name) for opinion in standing]
            if "" in whys:
                yield person, "counts", f"head {str(standing[whys.index('')].commit)[:7]}"
            else:
                yield person, "does not", whys[-1]

    def _why_not(self, opinion: Opinion, person: str, role: frozenset[str], name: str) -> str:
        if opinion.bot:
            return "it is a bot"
        if person not in role:
            return f"not one of {name}"
        if person in self.authors.parts:
            return self.authors.parts[person]
        if opinion.dismissed:
            return "the approval was dismissed"
        if opinion.commit is None:
            return "what was approved is not known"
        return "" if opinion.commit in self.facts.heads else f"approved {opinion.commit[:7]}, {self._place(opinion.commit)}"

    def _place(self, commit: str) -> str:
        line = [one.commit for one in self.facts.commits]
        if commit not in line:
            return "which is not the head"
        before = line.index(commit)
        return f"{before} {'commit' if before == 1 else 'commits'} before the head"

    def _veto(self, opinion: Opinion, person: str, role: frozenset[str]) -> str:
        """Words for an objection that stands; it falls when a person of the role who is no author sets it aside."""
        if person not in role or opinion.bot:
            return ""
        if not opinion.dismissed:
            return "requests changes"
        by: Account | None = opinion.dismissed_by
        judge = self.people.of_account(by) if by else None
        if judge in role and judge not in self.authors.parts:
            return ""
        who = f"by {judge}, {self.authors.parts.get(str(judge)) or 'who may not'}" if judge else "by somebody unknown"
        return f"requested changes, which was dismissed {who}: only their own new review, or another reviewer's dismissal, ends it"

    def _signed(self, role: frozenset[str], name: str, statements: tuple[Judged, ...]) -> Iterator[tuple[str, str, str]]:
        for one in statements:
            if one.why_not:
                yield one.person, "does not", f"{one.path}: {one.why_not}"
            elif one.person not in role:
                yield one.person, "does not", f"not one of {name}"
            elif one.says == "reject":
                yield one.person, "veto", "signed a statement against it"
            elif one.person in self.authors.parts:
                yield one.person, "does not", self.authors.parts[one.person]
            else:
                yield one.person, "counts", "signed statement"


#: The role of a policy that names none for plain data.
ANY_ROLE = "any role"


def opinions_that_stand(opinions: tuple[Opinion, ...]) -> list[list[Opinion]]:
    """By account what its newest word leaves standing, the oldest first; never empty.

    An objection or a dismissed approval ends everything before it. Approvals of several commits stand side by side: each
    is for its own commit, and who approved a head, another one, and sees the first again, has approved it.
    """
    found: dict[int, list[Opinion]] = {}
    for opinion in sorted(opinions, key=lambda one: one.at):
        before = found.get(opinion.account.id, [])
        goes_on = before and opinion.says == before[-1].says == "approved" and not (opinion.dismissed or before[-1].dismissed)
        found[opinion.account.id] = [*before, opinion] if goes_on else [opinion]
    return list(found.values())


def _who(can: list[str], missing: int, role: str) -> str:
    if missing > len(can):
        few = f"only {listed(can, 'and')} could" if can else "nobody could"
        return f"{few} still approve, which is not enough: name more {role} in the policy, or let others write the change"
    return f"can still approve: {', '.join(can)}"
