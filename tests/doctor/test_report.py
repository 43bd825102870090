"""The report of a whole run, in every format."""

import json
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.conftest import Run
from tests.doctor.forges import Forge
from tests.doctor.world import TODAY, guarded, policy
from tests.golden_files import golden
from tests.servers import serving


def test_a_whole_report(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_API_URL", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    forge = Forge("github")
    forge.answers["/rulesets/7"] = (404, {"message": "Not Found"})
    forge.answers["/rules/branches/main"] = [one for one in forge.answers["/rules/branches/main"] if one["type"] != "non_fast_forward"]
    changed = {
        "ci/policy.yaml": policy().replace("[alice, bob, carol]", "[alice, bob]").replace("eve@curators.internal", "eve@example.org"),
        ".github/workflows/modelreg-review.yml": None,
    }
    top = guarded(tmp_path, changed).top
    with serving(forge.answer) as server:
        where = ("--forge", "github", "--remote", f"{server.url}/team/registry.git", "--root", str(top), "--today", TODAY)
        text, told, table = run("doctor", *where), run("doctor", "--json", *where), run("doctor", "--format", "markdown", *where)
        colored = run("doctor", "--color", "always", *where)
    assert {one.code for one in (text, told, table, colored)} == {1}
    value = json.loads(told.out)
    for one in value["checks"]:
        one["told"] = ["git version N"] if one["name"] == "git" else one["told"]
    golden("doctor/report.json", json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    version = next(line for line in text.out.splitlines() if line.startswith("  git "))
    golden("doctor/report.txt", text.out.replace(version, "  git                ok       git version N"))
    golden("doctor/report.md", table.out.replace(version.split("ok", 1)[1].strip(), "git version N"))
    assert colored.out.replace("\x1b[1;31m", "").replace("\x1b[1;32m", "").replace("\x1b[1;33m", "").replace("\x1b[0m", "") == text.out


def test_what_people_wrote_is_not_obeyed(run: Run, tmp_path: Path) -> None:
    told = policy().replace("bob@curators.internal", '"a|b<i>@[x](https://x.example)"')
    top = guarded(tmp_path, {"ci/allowed_signers": "\x1b[31malice no-key\n", "ci/policy.yaml": told}).top
    for form in ("text", "markdown"):
        got = run("doctor", "--offline", "--root", str(top), "--format", form)
        assert "a|b<i>@" in got.out or "a\\|b<i>@" in got.out
        assert "\x1b[31m" not in got.out
    page = MarkdownIt().enable("table").render(got.out)
    assert "<i>" not in page and "<a " not in page and "&lt;i&gt;" in page
