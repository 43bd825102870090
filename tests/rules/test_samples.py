"""Every code has a sample that gives it, a paragraph that explains it, and nothing else is wrong with the sample."""

import os
import re
from pathlib import Path

import pytest

from modelreg_cli.catalog.load import load
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.catalog.tree_id import blob_id
from modelreg_cli.finding import Finding
from modelreg_cli.rules.all_rules import all_codes
from modelreg_cli.rules.check import Change, check
from modelreg_cli.rules.report import Question, examine
from tests.rules.samples import BAD, GOOD, TODAY, codes, day, expected, laid_over

DOCS = Path(__file__).parents[2] / "docs" / "findings.md"


def _blobs(top: Path) -> dict[str, str]:
    tree = Folder(top)
    return {path: blob_id(raw) for path, raw in tree.read(tree.paths())}


def _findings(code: str, tmp_path: Path) -> list[Finding]:
    folder = BAD / code
    if not (folder / "before").is_dir():
        return examine(Question(laid_over(folder, tmp_path / "catalog"), day(code))).findings
    before, after = laid_over(folder / "before", tmp_path / "before"), laid_over(folder / "after", tmp_path / "after")
    old, new = _blobs(before), _blobs(after)
    paths = frozenset(path for path in {*old, *new} if old.get(path) != new.get(path))
    return check(load(Folder(after)), day(code), Change(load(Folder(before)), paths))


def test_the_good_catalog_has_no_finding() -> None:
    assert examine(Question(GOOD, TODAY)).findings == []


@pytest.mark.parametrize("code", codes())
def test_a_sample_has_its_finding_and_no_other_error(code: str, tmp_path: Path) -> None:
    if code == "file-unreadable" and os.geteuid() == 0:
        pytest.skip("the administrator may read every file")
    findings = _findings(code, tmp_path)
    assert code in {finding.code for finding in findings}
    others = {finding.code for finding in findings if finding.severity == "error"} - expected(code)
    assert not others, [finding for finding in findings if finding.code in others]
    for finding in findings:
        known = all_codes[finding.code]
        assert (finding.severity, finding.fixable and not known.fixable) == (known.severity, False)
        assert finding.message


def test_every_code_has_a_sample() -> None:
    assert codes() == sorted(all_codes)


def test_every_code_has_a_paragraph() -> None:
    parts = re.split(r"^### (.+)$", DOCS.read_text("utf-8"), flags=re.MULTILINE)
    told = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert sorted(told) == sorted(all_codes)
    for name, paragraph in told.items():
        code = all_codes[name]
        says = f"*{code.severity}{', fixable' if code.fixable else ''}*"
        assert says in paragraph, f"{name} should say {says}"
        assert len(paragraph.split()) > 15, f"{name} explains too little"
