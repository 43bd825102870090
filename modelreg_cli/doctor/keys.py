"""Keys: whether people can sign approvals with them, and nobody else can."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from fnmatch import fnmatchcase

from modelreg_cli.doctor.check import Check, Premises, check
from modelreg_cli.doctor.revoked import REVOKED_KEY, asked
from modelreg_cli.doctor.signers import Signer, Wrong, signers_of
from modelreg_cli.entities.policy import Policy
from modelreg_cli.gate.statement import NAMESPACE, REVOKED, SIGNERS
from modelreg_cli.rules.policy import POLICY

_ABOUT = "keys"
_SOON = timedelta(days=30)
_LOST = "a signed approval counts by its key alone: whoever holds one is that person"


def keys_checks(premises: Premises) -> Iterator[Check]:
    """Everything about ci/allowed_signers and ci/revoked_keys."""
    policy, raw = premises.policy, premises.tree.beside(SIGNERS)
    wanted = {key: name for name, person in (policy.people if policy else {}).items() for key in person.keys or ()}
    if raw is None:
        wrong = [f"{name} signs as {key}, and there is no {SIGNERS}" for key, name in wanted.items()]
        yield check(_ABOUT, "present", wrong, f"there is no {SIGNERS}, and the policy names no key", _LOST, f"write {SIGNERS}")
        return
    lines = list(signers_of(raw))
    known = [one for one in lines if isinstance(one, Signer)]
    told = [f"{SIGNERS}:{one.line}: {one.why}" for one in lines if isinstance(one, Wrong)]
    yield check(
        _ABOUT, "readable", told, f"{len(known)} keys", "ssh-keygen stops at a line that it does not take", f"mend the line in {SIGNERS}"
    )
    if policy is not None and (known or wanted):
        yield _belong(policy, known, wanted)
    if known:
        yield _in_time(premises, known)
        yield _strong(known)
    if (revoked := premises.tree.beside(REVOKED)) is not None:
        yield _revoked(revoked, known)


def _belong(policy: Policy, known: list[Signer], wanted: dict[str, str]) -> Check:
    wrong = [
        f"{name} signs as {key}, and no line of {SIGNERS} is for it"
        for key, name in wanted.items()
        if not any(key in one.principals for one in known)
    ]
    holders = defaultdict(set)
    for one in known:
        for principal in one.principals:
            if any(sign in principal for sign in "*?!"):
                mine = [key for key in wanted if fnmatchcase(key, principal)]
                wrong.append(f"{SIGNERS}:{one.line}: the pattern {principal} lets one key sign as {len(mine)} principals")
            elif principal not in wanted:
                wrong.append(f"{SIGNERS}:{one.line}: {principal} belongs to nobody in `people`")
            else:
                holders[one.key].add(wanted[principal])
    wrong += [f"one key is {' and '.join(sorted(names))}'s" for names in holders.values() if len(names) > 1]
    fine = f"each of {len(known)} keys belongs to one of {len(policy.people)} persons"
    return check(_ABOUT, "belong", wrong, fine, _LOST, f"`keys` of the person in {POLICY}, or the first word of the line in {SIGNERS}")


def _in_time(premises: Premises, known: list[Signer]) -> Check:
    now = datetime.combine(premises.today, time(), UTC)
    wrong = []
    for one in known:
        name = ",".join(one.principals)
        if one.until is not None and one.until <= now:
            wrong.append(f"{SIGNERS}:{one.line}: the key of {name} ended on {one.until:%Y-%m-%d}")
        elif one.until is not None and one.until <= now + _SOON:
            wrong.append(f"{SIGNERS}:{one.line}: the key of {name} ends on {one.until:%Y-%m-%d}")
        if one.since is not None and one.since > now:
            wrong.append(f"{SIGNERS}:{one.line}: the key of {name} begins on {one.since:%Y-%m-%d}")
    why = "what is signed after that day counts for nothing"
    return check(
        _ABOUT, "in time", wrong, "none ends within 30 days", why, 'valid-before="YYYYMMDD" of a new key, on a line beside the old one'
    )


def _strong(known: list[Signer]) -> Check:
    wrong = []
    for one in known:
        name = ",".join(one.principals)
        if weakness := one.weakness():
            wrong.append(f"{SIGNERS}:{one.line}: the key of {name} {weakness}")
        if not one.signs(NAMESPACE):
            wrong.append(f"{SIGNERS}:{one.line}: the key of {name} may not sign {NAMESPACE}")
        if one.authority:
            wrong.append(f"{SIGNERS}:{one.line}: whoever this authority certifies can be {name}")
    fix = f'`ssh-keygen -t ed25519`; namespaces="{NAMESPACE},git" (git: commits of results)'
    return check(_ABOUT, "strong", wrong, f"each may sign {NAMESPACE}, with a strong key of its own", _LOST, fix)


def _revoked(revoked: bytes, known: list[Signer]) -> Check:
    """Each key is asked for by itself: ssh-keygen tells nothing of a list that it does not read but that."""
    wrong = []
    for one in known:
        said = asked(revoked, one.key_type, one.key)
        if said == REVOKED_KEY:
            wrong.append(f"{SIGNERS}:{one.line}: the key of {','.join(one.principals)} is revoked, and still listed")
        elif said:
            wrong = [f"{REVOKED}: {said}"]
            break
    fix = f"{REVOKED} has one public key a line, or is what `ssh-keygen -k` writes; take a revoked key out of {SIGNERS}"
    return check(_ABOUT, "revoked", wrong, "the list of revoked keys reads, and none of these is on it", _LOST, fix)
