"""A catalog that is guarded as its policy says, to be weakened in one place at a time."""

import base64
import hashlib
from pathlib import Path

from modelreg_cli.catalog import document
from modelreg_cli.catalog.pipelines import pipelines_of
from modelreg_cli.entities.policy import Policy
from modelreg_cli.rules.codeowners import codeowners
from tests.repositories import SMALL, Repo, made

TODAY = "2026-08-01"
NAMES = {"alice": 5000101, "bob": 5000102, "carol": 5000103, "dana": 5000104, "erin": 5000105, "eve": 5000106}
VERSION = "catalog/models/acme/tiny/1.0.0.yaml"


def policy(forge: str = "github") -> str:
    """People with everything, and roles with one person more than must approve."""
    people = "".join(
        f"  {name}: {{{forge}: {{id: {number}, login: {name}-m}}, emails: [{name}@curators.internal], keys: [{name}]}}\n"
        for name, number in NAMES.items()
    )
    return f"""\
people:
{people}roles:
  curators: [alice, bob, carol]
  evaluators: [eve, erin]
  admins: [dana, alice, erin]
control_plane: {{approvals: {{required: 2, from: admins}}}}
results: {{approvals: {{required: 1, from: evaluators}}}}
data: {{approvals: {{required: 1, from: curators}}}}
protected_tags:
  curated:
    approvals: {{required: 2, from: curators}}
    requires: {{scan: passed, license: known, sourced: governed}}
"""


def key(name: str, kind: str = "ssh-ed25519", bits: int = 0) -> str:
    """A public key in the form of its type (RFC 4253, RFC 8709), as nobody's private one would make it."""
    body = hashlib.sha256(name.encode()).digest()
    pieces = [kind.encode(), b"\1\0\1", b"\0" + (1 << bits - 1).to_bytes(bits // 8, "big")] if bits else [kind.encode(), body]
    return f"{kind} {base64.b64encode(b''.join(len(one).to_bytes(4, 'big') + one for one in pieces)).decode()}"


def line(name: str, options: str = 'namespaces="modelreg-approval@v1,git"', **other: str) -> str:
    """A line of ci/allowed_signers."""
    return f"{other.get('principal', name)} {options} {other.get('key') or key(name)}\n".replace("  ", " ")


def files(forge: str = "github") -> dict[str, str]:
    """Every file of the guarded catalog."""
    told = policy(forge)
    return {
        **SMALL,
        "ci/policy.yaml": told,
        "ci/allowed_signers": "# keys\n" + "".join(line(name) for name in NAMES),
        "CODEOWNERS": codeowners(Policy.model_validate(document.load(told.encode())), forge),
        **pipelines_of(forge),
    }


def guarded(folder: Path, changed: dict[str, str | None] | None = None, forge: str = "github") -> Repo:
    """The repository, with some of its files changed, and None for those that are not there."""
    there = {**files(forge), **(changed or {})}
    return made(folder, {path: text for path, text in there.items() if text is not None})
