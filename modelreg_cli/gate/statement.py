"""Signed statements: a person says yes or no to the governed values of a version, whatever forge or branch they are on.

The form is an in-toto Statement (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) in canonical JSON,
signed with `ssh-keygen -Y sign`.
"""

import hashlib
import json
from datetime import date
from typing import Any, Literal, NamedTuple

NAMESPACE = "modelreg-approval@v1"
SIGNERS = "ci/allowed_signers"
REVOKED = "ci/revoked_keys"
_TYPE = "https://in-toto.io/Statement/v1"
_PREDICATE = "urn:modelreg:approval:v1"
_FIELDS = ("catalog", "decision", "evidence", "expires", "made", "person", "policy", "tag")


class Approval(NamedTuple):
    """What a statement says. Digests are sha256 in hex: of the governed values, of the policy, of the evidence on the base."""

    ref: str
    governed: str
    catalog: str
    tag: str
    decision: Literal["approve", "reject"]
    policy: str
    evidence: str
    person: str
    made: str
    expires: str

    def text(self) -> bytes:
        """The bytes that are signed."""
        predicate = {field: getattr(self, field) for field in _FIELDS}
        subject = [{"name": self.ref, "digest": {"sha256": self.governed}}]
        return canonical({"_type": _TYPE, "subject": subject, "predicateType": _PREDICATE, "predicate": predicate})

    def path(self) -> str:
        """Where it lies in the catalog, without its ending."""
        model, _, version = self.ref.partition("@")
        return f"catalog/approvals/{model}/{version}/{self.person}-{hashlib.sha256(self.text()).hexdigest()[:8]}"


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8, with a final newline."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode() + b"\n"


def digest(value: Any) -> str:
    """sha256 of the canonical JSON of a value, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def read(raw: bytes) -> Approval:
    """What the bytes of a statement say.

    Raises:
        ValueError: they are no such statement, or another text would say the same.
    """
    try:
        told = json.loads(raw)
        (subject,) = told["subject"]
        predicate = told["predicate"]
        found = Approval(ref=subject["name"], governed=subject["digest"]["sha256"], **{field: predicate[field] for field in _FIELDS})
        date.fromisoformat(found.made), date.fromisoformat(found.expires)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("it is no statement of an approval") from None
    if found.decision not in ("approve", "reject") or found.text() != raw:
        raise ValueError("its text is not canonical")
    return found
