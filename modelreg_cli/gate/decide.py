"""Facts -> verdict. Nothing is read here, and every check is made whatever the others say."""

from collections.abc import Iterator

from modelreg_cli.catalog import layout
from modelreg_cli.entities.policy import Approvals, Requires
from modelreg_cli.gate.benchmarks import benchmark
from modelreg_cli.gate.facts import ChangedFile, Facts, Subject
from modelreg_cli.gate.people import People
from modelreg_cli.gate.quorum import ANY_ROLE, Needed, Quorum, needed_of
from modelreg_cli.gate.requirements import requirements
from modelreg_cli.gate.verdict import Check, Verdict

#: What gives a version a protected tag, or leaves it on with other values: it has to be earned (again).
_EARNED = ("given", "touched")


def decide(facts: Facts) -> Verdict:
    """The verdict on a change."""
    people = People(facts.policy, facts.forge)
    quorum = Quorum(facts, people, people.authors(facts))
    checks = [
        *_merge(facts),
        *_files(facts),
        *_together(facts),
        *_known(facts, quorum),
        *_areas(facts, quorum),
        *(check for subject in facts.subjects for check in _subject(facts, subject, quorum)),
    ]
    return Verdict(tuple(checks))


def _merge(facts: Facts) -> Iterator[Check]:
    if facts.conflicts:
        yield Check("merge", "refused", tuple(f"conflict in {path}" for path in facts.conflicts))


def _files(facts: Facts) -> Iterator[Check]:
    wrong = tuple(f"{file.path}: {why}" for file in facts.files for why in file.wrong)
    told = wrong or (f"{len(facts.files)} changed",)
    yield Check("files", "refused" if wrong else "passed", told)


def _together(facts: Facts) -> Iterator[Check]:
    """Who changes the rules does not profit from them in the same change."""
    rules = [file.path for file in facts.files if file.area == "control"]
    evidence = [file.path for file in facts.files if file.area == "results"]
    about = sorted({subject.ref for subject in facts.subjects if subject.action in _EARNED})
    if rules and about:
        told = (f"{rules[0]} changes together with {about[0]}: propose them one after the other",)
        yield Check("control plane", "refused", told)
    redefined = sorted({subject.ref for subject in facts.subjects if subject.action == "redefined"})
    if redefined and (about or evidence):
        told = (f"what {redefined[0]} means changes together with {[*about, *evidence][0]}: propose them one after the other",)
        yield Check("meaning", "refused", told)


def _known(facts: Facts, quorum: Quorum) -> Iterator[Check]:
    """Where a tag is to be earned, every author is known, so that nobody approves their own work under another name."""
    if not any(subject.action in _EARNED for subject in facts.subjects):
        return
    remedy = "add the address to `people` in the policy, or write the commit under a known one"
    told = tuple(f"{email} (commit {commit[:7]}) belongs to nobody known: {remedy}" for email, commit in quorum.authors.unknown)
    yield Check("authors", "refused" if told else "passed", told or (", ".join(sorted(quorum.authors.parts)) or "nobody",))


def _areas(facts: Facts, quorum: Quorum) -> Iterator[Check]:
    """Approvals by what kind of files change."""
    areas = {file.area for file in facts.files}
    policy = facts.policy
    if "control" in areas:
        yield quorum.check(needed_of(policy.control_plane.approvals), "control plane")
    if "results" in areas:
        signed = _signed([file for file in facts.files if file.area == "results"], policy.results.approvals, facts)
        yield signed or quorum.check(needed_of(policy.results.approvals), "results and scans")
    # the files of versions that curators decide about are theirs; a signed statement speaks of nothing else
    decided = {_path(subject.ref) for subject in facts.subjects if subject.action in _EARNED}
    if any(file.area == "data" and file.path not in decided for file in facts.files):
        asked = policy.data.approvals if policy.data else None
        if asked != "none":
            yield quorum.check(needed_of(asked) if asked else Needed(1, ANY_ROLE), "data")


def _path(ref: str) -> str:
    publisher, _, rest = ref.partition("/")
    model, _, version = rest.partition("@")
    return layout.path_of("version", publisher, model, version)


def _signed(files: list[ChangedFile], needed: Approvals, facts: Facts) -> Check | None:
    """Whether persons of the role signed every commit that these files were written by."""
    role = facts.policy.roles[needed.from_]
    signers = {person for file in files for person in file.signers}
    if all(file.signers for file in files) and signers <= set(role) and len(signers) >= needed.required:
        told = (f"signed by {', '.join(sorted(filter(None, signers)))} of {needed.from_}",)
        return Check("approvals", "passed", told, "results and scans")
    return None


def _subject(facts: Facts, subject: Subject, quorum: Quorum) -> Iterator[Check]:
    needs = facts.policy.protected_tags[subject.tag]
    about = f"{subject.ref} {subject.tag}"
    if subject.action == "gone":
        told = f"it wears {subject.tag} and may not be deleted or moved: take the tag off first, and retire it"
        yield Check("files", "refused", (told,), about)
        return
    if subject.action == "taken off":
        yield quorum.any_of(needs.approvals.from_, about)
        return
    yield quorum.check(needed_of(needs.approvals), about, subject.statements)
    if subject.action == "redefined":
        return
    for one in [needs.requires] if isinstance(needs.requires, Requires) else needs.requires or ():
        yield from requirements(facts, subject, one)
    for need in needs.benchmarks or ():
        check = benchmark(facts, subject, need)
        if check:
            yield check
