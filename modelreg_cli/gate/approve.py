"""A person's own statement about a version that a change gives a protected tag to."""

from datetime import date
from pathlib import Path
from typing import Literal

from modelreg_cli.errors import ModelregError, did_you_mean, listed
from modelreg_cli.gate.facts import Facts, Subject
from modelreg_cli.gate.statement import Approval
from modelreg_cli.signing import public_key


def subject_of(facts: Facts, ref: str, tag: str) -> Subject:
    """What a change does to a version and a tag that somebody is to approve.

    Raises:
        ModelregError: nothing that needs approval, or no such tag.
    """
    known = facts.policy.protected_tags
    if tag not in known:
        raise ModelregError(f"{tag} is no protected tag", did_you_mean(tag, known) or f"the policy has: {listed(sorted(known), 'and')}")
    concerned = [one for one in facts.subjects if one.action in ("given", "touched")]
    found = next((one for one in concerned if (one.ref, one.tag) == (ref, tag)), None)
    if found is None:
        others = listed([f"{one.ref} {one.tag}" for one in concerned], "and") if concerned else "nothing"
        raise ModelregError(
            f"the change neither gives {tag} to {ref} nor touches it", f"it concerns {others}; commit the tag first, and then approve"
        )
    return found


def statement(subject: Subject, person: str, decision: Literal["approve", "reject"], made: date, expires: date) -> Approval:
    """What the person says."""
    return Approval(
        ref=subject.ref,
        tag=subject.tag,
        decision=decision,
        person=person,
        made=made.isoformat(),
        expires=expires.isoformat(),
        **subject.bound._asdict(),
    )


def person_of(facts: Facts, allowed: bytes, key: Path) -> str:
    """Whose key it is, by ci/allowed_signers and the policy of the base.

    Raises:
        ModelregError: nobody's.
    """
    blob = public_key(key)
    for line in allowed.decode("utf-8", "replace").splitlines():
        words = line.split()
        if not line.startswith("#") and blob in words:
            for principal in words[0].split(","):
                for name, person in facts.policy.people.items():
                    if principal in (person.keys or ()):
                        return name
    raise ModelregError(
        f"{key} is nobody's key",
        "ci/allowed_signers of the base names keys by principal, and `keys` in `people` of the policy whose they are",
    )
