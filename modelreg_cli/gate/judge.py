"""One proposal, from its number to a verdict: what the forge says, the objects of Git, the decision, and a second look."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from modelreg_cli.errors import ModelregError
from modelreg_cli.forge.reviews import Opinion, PullRequest, Reviews
from modelreg_cli.gate.decide import decide
from modelreg_cli.gate.facts import Facts
from modelreg_cli.gate.gather import Proposal, gather
from modelreg_cli.gate.verdict import Check, Verdict
from modelreg_cli.git import Repository
from modelreg_cli.git.bare import Remote


class NotOpen(ModelregError):
    """A pull request that is closed or merged already."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and what it is about; `pull` is None where there is no forge."""

    verdict: Verdict
    facts: Facts
    pull: PullRequest | None = None


@dataclass(frozen=True, slots=True)
class Court:
    """Where proposals are judged: a bare repository, the forge, the day; `recorder` keeps what passed, before anybody is told of it."""

    repository: Repository
    remote: Remote
    reviews: Reviews
    forge: str
    today: date
    folder: str = ""
    recorder: Callable[[Judged], object] | None = None

    def judge(self, number: int) -> Judged:
        """The verdict on a pull request.

        Raises:
            Unavailable: the forge or the repository does not answer.
            NotOpen: it is closed or merged.
            ModelregError: a bad policy.
        """
        return self.judge_pull(self.reviews.pull(number))

    def judge_pull(self, pull: PullRequest) -> Judged:
        """The same, of a pull request that was asked for before."""
        if not pull.open:
            raise NotOpen(
                f"pull request {pull.number} is not open", "only an open one can be judged; `modelreg audit` tells what was merged"
            )
        opinions = self.reviews.opinions(pull.number)
        tips = self.remote.fetch({"base": f"refs/heads/{pull.base}", "head": pull.ref})
        if tips["head"] != pull.head:
            facts = gather(Proposal(self.repository, tips["base"], tips["head"], self.today, self.forge, self.folder, pull.author))
            return Judged(moved(decide(facts), f"the head moved to {tips['head'][:7]} meanwhile"), facts, pull)
        judged = self.weigh(pull, opinions, tips["base"])
        judged = Judged(self._second_look(judged.verdict, pull, tips["base"]), judged.facts, pull)
        self.record([judged])
        return judged

    def record(self, judged: Sequence[Judged]) -> None:
        """Keeps verdicts that passed on protected tags."""
        for one in judged:
            if self.recorder and one.verdict.outcome == "passed" and one.facts.subjects:
                self.recorder(one)

    def weigh(self, pull: PullRequest, opinions: list[Opinion], base: str) -> Judged:
        """The verdict on the head of a pull request, if it went into that commit."""
        facts = gather(Proposal(self.repository, base, pull.head, self.today, self.forge, self.folder, pull.author, tuple(opinions)))
        return Judged(decide(facts), facts, pull)

    def _second_look(self, verdict: Verdict, before: PullRequest, base: str) -> Verdict:
        """A pass is for what was read: where anything moved meanwhile, it is none yet."""
        if verdict.outcome != "passed":
            return verdict
        after = self.reviews.pull(before.number)
        if after != before:
            return moved(verdict, "the pull request changed while it was judged")
        tip = self.remote.fetch({"base": f"refs/heads/{before.base}"})["base"]
        return verdict if tip == base else moved(verdict, f"{before.base} moved to {tip[:7]} while it was judged")


def moved(verdict: Verdict, why: str) -> Verdict:
    """The verdict, and that it is not about what there is now."""
    return Verdict((Check("moved", "pending", (f"{why}: judge it again",)), *verdict.checks))
