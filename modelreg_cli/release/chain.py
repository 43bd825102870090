"""The states between the one that is held and the newest: how keys were passed on meanwhile.

Each manifest names the one before by its digest, so whoever has the newest finds them, as far back as the channel keeps them.
"""

from pathlib import Path

from modelreg_cli.errors import ModelregError
from modelreg_cli.release.channel import Channel
from modelreg_cli.release.envelope import Envelope, opened
from modelreg_cli.release.manifest import Manifest

#: The most bytes of an envelope.
_MOST = 1 << 20


def passed_on(channel: Channel, newest: Manifest, kept: Path, trusted: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that may have signed the newest state, for a reader who trusts some, and holds the state whose envelope is kept.

    It is what the reader would trust who had pulled every state in between that the channel still has: each one that a key signed
    which was trusted then says which keys come after, and what others signed says nothing.
    """
    try:
        held = opened(kept.read_bytes()).manifest
    except (OSError, ModelregError):
        return trusted
    between: list[Envelope] = []
    at = newest
    while at.sequence > held.sequence + 1 and (found := _before(channel, at)):
        between.append(found)
        at = found.manifest
    if at.sequence == held.sequence + 1 and at.previous != held.digest():
        return trusted  # another history than ours
    for one in reversed(between):
        if not one.why_not(trusted):
            trusted = one.manifest.signers or trusted
    return trusted


def _before(channel: Channel, one: Manifest) -> Envelope | None:
    """The state before, or None where the channel does not have it (any more), or has something else in its place."""
    raw = b""
    try:
        for chunk in channel.get(f"manifests/{one.sequence - 1:08}-{one.previous[:16]}.json"):
            raw += chunk
            if len(raw) > _MOST:
                return None
        found = opened(raw)
        manifest = found.manifest
    except ModelregError:
        return None
    same = (manifest.digest(), manifest.sequence, manifest.catalog) == (one.previous, one.sequence - 1, one.catalog)
    return found if same else None
