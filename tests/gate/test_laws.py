"""Laws of the decision, over every sort of opinion, file and row."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from modelreg_cli.entities.policy import Policy
from modelreg_cli.forge.reviews import Account, Opinion
from modelreg_cli.gate.decide import decide
from modelreg_cli.gate.facts import ChangedFile, Evidence, Facts, Judged, Subject, Wrote
from modelreg_cli.gate.verdict import Verdict
from tests.gate.world import NUMBERS, POLICY, TODAY, days_ago, digest, mail, sha

POLICY_OF = Policy.model_validate(yaml.safe_load(POLICY))
HEADS = ("c0", "c1", "c2")
FEW = settings(max_examples=150, deadline=None)


def accounts() -> st.SearchStrategy[Account]:
    """Anybody's account."""
    return st.sampled_from(sorted(NUMBERS)).map(lambda who: Account(NUMBERS[who], who))


@st.composite
def opinion(draw: st.DrawFn) -> Opinion:
    """Any opinion that a forge may tell."""
    return Opinion(
        draw(accounts()),
        draw(st.sampled_from(("approved", "approved", "changes requested"))),
        draw(st.sampled_from((*HEADS, "c0", "c0", None))),
        f"2026-11-01T10:{draw(st.integers(0, 59)):02}:00Z",
        draw(st.sampled_from((False, False, False, True))),
        draw(st.sampled_from((False, False, False, True))),
        draw(st.none() | accounts()),
    )


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    """A measured run, good or bad in every way that is asked about."""
    row = {
        "benchmark": draw(st.sampled_from(("mmlu", "mmlu", "other"))), "metric": "acc", "shots": draw(st.sampled_from((5, 5, 0))),
        "value": draw(st.sampled_from((0.9, 0.7, 0.655, 0.1))), "stderr": draw(st.sampled_from((0.004, 0.1))),
        "samples": draw(st.sampled_from((14042, 14000, 13999))),
    }  # fmt: skip
    document = {
        "basis": draw(st.sampled_from(("measured", "measured", "reported"))), "by": "us", "date": days_ago(draw(st.integers(-1, 200))),
        "harness": {"name": "lm-eval", "version": draw(st.sampled_from(("0.4.9", "0.4.4")))},
        "digest": digest(draw(st.sampled_from(("new", "new", "other")))), "metrics": [row],
    }  # fmt: skip
    return Evidence(f"catalog/results/{draw(st.integers(0, 9))}.yaml", draw(st.sampled_from(("base", "base", "added here"))), document)


SCAN = {"tool": "picklescan", "status": "passed", "date": days_ago(1), "files": [{"sha256": sha("new"), "status": "passed"}]}


ROW = {"benchmark": "mmlu", "metric": "acc", "shots": 5, "value": 0.7, "stderr": 0.004, "samples": 14042}
RUN = {"basis": "measured", "date": days_ago(9), "harness": {"name": "lm-eval", "version": "0.4.9"}, "digest": digest("new")}
#: What passes, so that the laws are asked of that as well.
GOOD = Evidence("catalog/results/good.yaml", "base", {**RUN, "metrics": [ROW]})
YES = [Opinion(Account(NUMBERS[who], who), "approved", "c0", "2026-11-01T09:00:00Z") for who in ("alice", "bob", "carol")]


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """A promotion with everything but, perhaps, approvals and scores."""
    subject = Subject(
        "acme/tiny@1.1.0", "curated", draw(st.sampled_from(("given", "touched"))), type="weights", tasks=("chat",),
        digests={"weights": digest("new")}, files={"weights": frozenset((sha("new"),))},
        licenses={"plain": {"terms": dict.fromkeys(("commercial", "derivatives", "redistribution"), "yes")}},
        results=(*draw(st.lists(evidence(), max_size=1)), *draw(st.sampled_from(((GOOD,), (GOOD,), ())))),
        scans=(Evidence("catalog/scans/a.yaml", "base", SCAN),),
        statements=tuple(draw(st.lists(statement(), max_size=2))),
    )  # fmt: skip
    commits = tuple(
        Wrote(commit, (("author", mail(draw(st.sampled_from(("dana", "dana", "dana", "dana", "alice", "frank"))))),)) for commit in HEADS
    )
    return Facts(
        POLICY_OF, TODAY, "github", "b0", "c0", "t0", frozenset(("c0",)), draw(st.just(Account(104, "dana")) | accounts()),
        files=(ChangedFile("catalog/models/acme/tiny/1.1.0.yaml", "data"),), subjects=(subject,), commits=commits,
        opinions=(*draw(st.lists(st.sampled_from(YES), max_size=3)), *draw(st.lists(opinion(), max_size=3))),
        benchmarks={"mmlu": {"metrics": {"acc": {"unit": "fraction", "better": "higher"}}}},
    )  # fmt: skip


@st.composite
def statement(draw: st.DrawFn) -> Judged:
    """A signed statement, good or not."""
    says = draw(st.sampled_from(("approve", "approve", "reject")))
    return Judged(draw(st.sampled_from(("alice", "bob", "carol", "eve"))), says, draw(st.sampled_from(("", "", "it expired"))), "x.json")


def about(verdict: Verdict, name: str) -> list[Any]:
    """The checks about a subject."""
    return [check for check in verdict.checks if check.about == name]


@FEW
@given(facts(), st.data())
def test_removing_an_approval_never_lets_anything_pass(given_: Facts, data: st.DataObject) -> None:
    approvals = [one for one in given_.opinions if one.says == "approved" and not one.dismissed]
    if not approvals or decide(given_).outcome == "passed":
        return
    gone = data.draw(st.sampled_from(approvals))
    left = list(given_.opinions)
    left.remove(gone)
    assert decide(replace(given_, opinions=tuple(left))).outcome != "passed"


@FEW
@given(facts(), st.data())
def test_removing_a_statement_for_it_never_lets_anything_pass(given_: Facts, data: st.DataObject) -> None:
    (subject,) = given_.subjects
    kept = tuple(one for one in subject.statements if one.says == "reject")
    if decide(given_).outcome != "passed":
        assert decide(replace(given_, subjects=(replace(subject, statements=kept),))).outcome != "passed"


@FEW
@given(facts(), opinion())
def test_an_objection_never_lets_anything_pass(given_: Facts, more: Opinion) -> None:
    against = more._replace(says="changes requested", dismissed=False, at="2026-11-02T00:00:00Z")
    if decide(given_).outcome != "passed":
        assert decide(replace(given_, opinions=(*given_.opinions, against))).outcome != "passed"


@FEW
@given(facts(), st.data())
def test_removing_evidence_that_counts_never_lets_anything_pass(given_: Facts, data: st.DataObject) -> None:
    """But for a newer run, which decides over an older one."""
    (subject,) = given_.subjects
    without = replace(given_, subjects=(replace(subject, results=()),))
    assert decide(without).outcome != "passed"


@FEW
@given(facts(), st.randoms())
def test_the_order_of_what_was_said_and_found_changes_nothing(given_: Facts, shuffle: Any) -> None:
    (subject,) = given_.subjects
    told = list({one.at: one for one in given_.opinions}.values())
    rows, mixed = list(subject.results), list(told)
    shuffle.shuffle(rows)
    shuffle.shuffle(mixed)
    one = decide(replace(given_, opinions=tuple(told)))
    other = decide(replace(given_, opinions=tuple(mixed), subjects=(replace(subject, results=tuple(rows)),)))
    assert one.outcome == other.outcome


@FEW
@given(facts(), st.sampled_from(("data", "results")), accounts())
def test_an_unrelated_file_changes_nothing_about_a_version(given_: Facts, area: Any, _who: Account) -> None:
    more = ChangedFile("catalog/models/acme/publisher.yaml", area)
    name = "acme/tiny@1.1.0 curated"
    assert about(decide(given_), name) == about(decide(replace(given_, files=(*given_.files, more))), name)


@FEW
@given(facts())
def test_who_passes_has_two_curators_who_are_no_authors(given_: Facts) -> None:
    """The promise itself, counted again in plain words."""
    if decide(given_).outcome != "passed":
        return
    emails = {email for commit in given_.commits for _, email in commit.emails}
    numbers = {NUMBERS[name]: name.removesuffix("2") for name in NUMBERS}
    authors = {email.partition("@")[0] for email in emails} | {numbers[given_.author.id] if given_.author else ""}
    said = {numbers[one.account.id] for one in given_.opinions if one.says == "approved" and one.commit == "c0" and not one.bot}
    signed = {one.person for one in given_.subjects[0].statements if one.says == "approve" and not one.why_not}
    assert len(((said | signed) & {"alice", "bob", "carol"}) - authors) >= 2
    old = (TODAY - timedelta(days=180)).isoformat()
    measured = [one.document for one in given_.subjects[0].results if one.standing == "base" and one.document]
    recent = [one for one in measured if one["basis"] == "measured" and old <= one["date"] <= TODAY.isoformat()]
    assert any(one["digest"] == digest("new") and one["metrics"][0]["value"] >= 0.65 for one in recent)


def test_the_promise_is_kept_by_some() -> None:
    """The law above is not empty."""
    seen: set[str] = set()

    @settings(max_examples=400, deadline=None, database=None)
    @given(facts())
    def look(given_: Facts) -> None:
        seen.add(decide(given_).outcome)

    look()
    assert seen == {"passed", "refused", "pending"}
