"""Files that the program makes: pipelines and CODEOWNERS, as this release of it would write them."""

from collections.abc import Iterator

from modelreg_cli.catalog.pipelines import pipelines_of
from modelreg_cli.catalog.tree import Tree
from modelreg_cli.doctor.check import Check, Premises, check
from modelreg_cli.rules.codeowners import CODEOWNERS, made_for, wanted
from modelreg_cli.rules.policy import FORGES

_ABOUT = "files"
_FIX = "`modelreg doctor --fix` writes it"
_ADVICE = "the forge asks the wrong people for a review"


def files_checks(premises: Premises) -> Iterator[Check]:
    """Pipelines and CODEOWNERS of the forge in use."""
    if premises.forge is None:
        why = "which pipelines belong here depends on it"
        yield Check(_ABOUT, "forge", "unknown", ("which forge this is on is not known",), why, "--forge github, gitlab or forgejo")
        return
    yield _pipelines(premises.tree, premises.forge)
    yield _owners(premises.tree, premises.forge)


def forge_by_files(tree: Tree) -> str | None:
    """The forge whose pipelines are there, where that is one forge."""
    found = [forge for forge in FORGES if any(tree.beside(path) is not None for path in pipelines_of(forge))]
    return found[0] if len(found) == 1 else None


def made_files(tree: Tree, forge: str) -> dict[str, str]:
    """Path -> text of what is missing here or differs, and has one right form; what people wrote themselves is left alone."""
    found = {path: text for path, text in pipelines_of(forge).items() if tree.beside(path) != text.encode()}
    raw, owners = tree.beside(CODEOWNERS), wanted(tree, forge)
    if owners is not None and raw != owners.encode() and (raw is None or made_for(raw)):
        found[CODEOWNERS] = owners
    return found


def _pipelines(tree: Tree, forge: str) -> Check:
    wrong = []
    there = pipelines_of(forge)
    for path, text in there.items():
        raw = tree.beside(path)
        if raw is None:
            wrong.append(f"{path} is missing")
        elif raw != text.encode():
            old, new = raw.decode("utf-8", "replace").split("\n"), text.split("\n")
            line = next((at for at, pair in enumerate(zip(old, new, strict=False), 1) if pair[0] != pair[1]), min(len(old), len(new)) + 1)
            wrong.append(f"{path} is not what this release writes, from line {line} on")
    why = "a pipeline that is missing judges nothing, and one that was changed may judge otherwise"
    return check(_ABOUT, "pipelines", wrong, f"{len(there)} as this release writes them", why, f"{_FIX}; `git diff` shows what changes")


def _owners(tree: Tree, forge: str) -> Check:
    raw, text = tree.beside(CODEOWNERS), wanted(tree, forge)
    if text is None:
        return Check(
            _ABOUT, CODEOWNERS, "unknown", ("without a policy that reads there is nothing to hold it against",), _ADVICE, "mend the policy"
        )
    if raw == text.encode():
        return Check(_ABOUT, CODEOWNERS, "ok", ("it agrees with the policy",), _ADVICE)
    if raw is None:
        return Check(_ABOUT, CODEOWNERS, "weak", ("there is none",), _ADVICE, _FIX)
    if made_for(raw) is None:
        told = "somebody wrote their own, so whether it agrees with the policy is not known"
        return Check(_ABOUT, CODEOWNERS, "unknown", (told,), _ADVICE, "delete it, and `modelreg doctor --fix` writes one by the policy")
    return Check(_ABOUT, CODEOWNERS, "weak", ("it is not what the policy says",), _ADVICE, _FIX)
