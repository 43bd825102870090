"""Hostile files: each is refused quickly and without a crash, and the rest of the catalog is still checked."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modelreg_cli.catalog import document
from modelreg_cli.catalog.load import load, load_file
from modelreg_cli.catalog.placed import placed
from modelreg_cli.catalog.tree import Folder
from modelreg_cli.render.findings import all_formats, summary, text
from modelreg_cli.rules.report import Report
from modelreg_cli.settings import MAX_BYTES
from tests.catalog.hostile import lay, texts, things
from tests.measured import of_children
from tests.rules.samples import GOOD, laid_over

SECONDS = 0.5  # for one file
# texts that are YAML after all, and wrong only as a tag: what matters is that they cost little
_PLAIN = {"byte-order-mark": "forbidden-character", "utf-16": "not-utf8", "exponent": "ambiguous-scalar", "merge-key": "ambiguous-scalar"}


@pytest.mark.parametrize("name", texts)
def test_a_text_is_refused_quickly(name: str) -> None:
    started = time.process_time()
    loaded, findings = load_file("catalog/tags/hostile.yaml", texts[name])
    document.places(texts[name][:MAX_BYTES].decode("utf-8", "replace"))
    assert time.process_time() - started < SECONDS
    assert loaded is None
    assert findings
    assert all(len(finding.message) < 400 for finding in findings)
    if name in _PLAIN:
        assert [finding.code for finding in findings] == [_PLAIN[name]]


def test_the_rest_is_still_checked(tmp_path: Path) -> None:
    """In a process of its own: a crash of the parser would end it, and so would recursion."""
    top = laid_over(tmp_path / "nothing", tmp_path / "catalog")
    count = lay(top / "catalog" / "tags")
    (top / "catalog/models/acme/base/1.0.0.yaml").write_text("weights: opne\n", "utf-8")
    started = of_children()
    done = subprocess.run(
        [sys.executable, "-m", "modelreg_cli", "validate", "--root", str(top), "--format", "json", "--today", "2026-08-01"],
        capture_output=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    seconds = of_children() - started
    assert done.returncode == 1, done.stderr.decode()
    assert seconds < 1 + count * SECONDS / 4
    findings = json.loads(done.stdout)["findings"]
    refused = {finding["path"] for finding in findings if finding["severity"] == "error"}
    wanted = {f"catalog/tags/h-{name}.yaml" for name in (*texts, *things) if name != "unreadable" or os.geteuid()}
    assert wanted <= refused
    assert {"catalog/tags/Small.yaml", "catalog/tags/con.yaml", "catalog/tags/a\nb.yaml", "catalog/tags/::error::x.yaml"} <= refused
    assert "catalog/models/acme/base/1.0.0.yaml" in refused
    assert b"Traceback" not in done.stderr


def test_hostile_names_and_texts_do_not_get_into_any_output(tmp_path: Path) -> None:
    top = laid_over(tmp_path / "nothing", tmp_path / "catalog")
    lay(top / "catalog" / "tags")
    tree = Folder(top)
    report = Report(placed(load(tree).findings, tree), 0, 0, 0, 0.0)
    for write in (*all_formats.values(), text):
        out = write(report)
        out.encode("utf-8")
        assert "\x1b" not in out
        assert "\u202e" not in out
    for line in all_formats["github"](report).splitlines():
        assert line.startswith(("::error file=", "::warning file="))
        assert "::" not in line.split("::", 2)[1]
    assert "find" in summary(report) or "error" in summary(report)


def test_a_commit_with_links_is_read_without_a_checkout(tmp_path: Path) -> None:
    top = laid_over(tmp_path / "nothing", tmp_path / "catalog")
    (top / "catalog/tags/link.yaml").symlink_to("/etc/passwd")
    (top / "catalog/tags/run.yaml").write_text("description: x\n", "utf-8")
    (top / "catalog/tags/run.yaml").chmod(0o755)
    git = ["git", "-C", str(top), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for step in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *step], check=True)
    (top / "catalog/tags/llm.yaml").write_text("broken: [\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "modelreg_cli", "validate", "--root", str(top), "--at", "HEAD", "-q", "--today", "2026-08-01"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    told = {line.split(":")[0] for line in done.stdout.splitlines()}
    assert told == {"catalog/tags/link.yaml", "catalog/tags/run.yaml"}, done.stderr
    assert GOOD.is_dir()
