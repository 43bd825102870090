"""Repairs what has one right form, the files of the policy among it."""

from collections.abc import Iterable
from pathlib import Path

from modelreg_cli.catalog.fix import fix
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.catalog.write import replace_file
from modelreg_cli.finding import Finding
from modelreg_cli.rules.codeowners import CODEOWNERS, CODEOWNERS_STALE, made_for, wanted


def repair(root: Path, findings: Iterable[Finding]) -> list[str]:
    """Repairs the fixable ones among findings; the paths that were written or removed."""
    found = list(findings)
    fixed = fix(root, [finding for finding in found if finding.code != CODEOWNERS_STALE.name])
    if any(finding.code == CODEOWNERS_STALE.name for finding in found):
        tree = Folder(root)
        forge = made_for(tree.beside(CODEOWNERS) or b"")
        text = wanted(tree, forge) if forge else None
        if text is not None:
            replace_file(root / CODEOWNERS, text)
            fixed.append(CODEOWNERS)
    return sorted(fixed)
