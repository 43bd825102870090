"""The tags that only the gate gives."""

from modelreg_cli.catalog import document
from modelreg_cli.catalog.text import Unreadable
from modelreg_cli.catalog.tree import Tree
from modelreg_cli.errors import ModelregError

POLICY = "ci/policy.yaml"


def protected_tags(tree: Tree) -> frozenset[str]:
    """The tags that only the gate gives, by ci/policy.yaml; none where there is no policy.

    Raises:
        ModelregError: the policy does not read.
    """
    raw = tree.beside(POLICY)
    if raw is None:
        return frozenset()
    try:
        policy = document.load(raw)
    except Unreadable as error:
        raise ModelregError(f"{POLICY}:{error.at.line}: {error.message}", error.hint) from None
    tags = policy.get("protected_tags") if isinstance(policy, dict) else None
    return frozenset(tags) if isinstance(tags, dict) else frozenset()
