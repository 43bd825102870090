"""Accounts and addresses -> persons: whoever had a part in a change does not approve it, under any of their names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from modelreg_cli.entities.policy import Policy
from modelreg_cli.forge.reviews import Account
from modelreg_cli.gate.facts import Facts, Wrote
from modelreg_cli.rules.policy import FORGES, accounts

#: Addresses that forges give to people who hide theirs: of GitHub and GitLab with the number of the account.
_HIDDEN = {
    "github": re.compile(r"(?:([0-9]+)\+)?([^@+]+)@users\.noreply\.github\.com\Z", re.IGNORECASE),
    "gitlab": re.compile(r"(?:([0-9]+)-)?([^@]+)@users\.noreply\.gitlab\.com\Z", re.IGNORECASE),
    "forgejo": re.compile(r"()([^@]+)@noreply\.[^@]+\Z", re.IGNORECASE),
}
#: The committer of what people do on a forge's pages; who it was, the author says.
_FORGE_ITSELF = {"github": "noreply@github.com"}


@dataclass(frozen=True, slots=True)
class Authors:
    """Persons (or unknown accounts) who had a part in a change, with how; and addresses that belong to nobody known."""

    parts: dict[str, str] = field(default_factory=dict)
    unknown: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """Who is who by a policy, on one forge."""

    policy: Policy
    forge: str

    def of_account(self, account: Account) -> str:
        """The person of an account, or words for an account that is nobody's."""
        return self._by_number(account.id, self.forge) or f"@{account.login}"

    def of_email(self, email: str) -> str | None:
        """The person of an address."""
        wanted = email.strip().casefold()
        for name, person in self.policy.people.items():
            if wanted in (known.casefold() for known in person.emails or ()):
                return name
        return next((found for forge in self._forges if (found := self._hidden(wanted, forge))), None)

    def _hidden(self, email: str, forge: str) -> str | None:
        """The person of an address that a forge made up."""
        told = _HIDDEN[forge].match(email)
        if told is None:
            return None
        return self._by_number(int(told[1]), forge) if told[1] else self._by_login(told[2], forge)

    @property
    def _forges(self) -> tuple[str, ...]:
        """The forge that is asked; without one, commits may come from any."""
        return (self.forge,) if self.forge in FORGES else FORGES

    def of_key(self, principal: str) -> str | None:
        """The person of a principal of ci/allowed_signers."""
        return next((name for name, person in self.policy.people.items() if principal in (person.keys or ())), None)

    def authors(self, facts: Facts) -> Authors:
        """Everybody who had a part in the change."""
        found = Authors()
        if facts.author:
            found.parts[self.of_account(facts.author)] = "opened the pull request"
        unknown = dict(pair for commit in reversed(facts.commits) for pair in self._of_commit(commit, found))
        return Authors(found.parts, tuple(unknown.items()))

    def _of_commit(self, commit: Wrote, found: Authors) -> Iterator[tuple[str, str]]:
        for part, email in commit.emails:
            if part == "committer" and email.casefold() in (_FORGE_ITSELF.get(forge) for forge in self._forges):
                continue
            person = self.of_email(email)
            if person:
                found.parts.setdefault(person, f"{_PARTS.get(part, part)} commit {commit.commit[:7]}")
            else:
                yield email, commit.commit

    def _by_number(self, number: int, forge: str) -> str | None:
        owned = (name for name, one in self.policy.people.items() if number in {known.id for known in accounts(one, forge)})
        return next(owned, None)

    def _by_login(self, login: str, forge: str) -> str | None:
        """By a name that an address bears: such an address tells no number."""
        for name, person in self.policy.people.items():
            if login.casefold() in {known.login.casefold() for known in accounts(person, forge)}:
                return name
        return None


_PARTS = {"author": "wrote", "committer": "committed", "co-author": "had a part in", "signer-off": "signed off"}
