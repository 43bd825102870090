"""Pipelines: thin, safe by laws of our own and of zizmor, and in the form that forges read."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelreg_cli import __version__
from modelreg_cli.catalog.pipelines import PLACES, pipelines_of
from modelreg_cli.cli.table import all_commands
from tests.conftest import Run
from tests.release.conftest import new_key
from tests.repositories import made

ROOT = Path(__file__).parents[2]
ALL = [(forge, path) for forge in PLACES for path in pipelines_of(forge)]
GITHUB = pipelines_of("github")
GATE, CHECK, PUBLISH = (f".github/workflows/modelreg-{name}.yml" for name in ("gate", "check", "publish"))
_TOOLS = Path(sys.executable).parent


def tool(name: str) -> str:
    """A program that came with the tests."""
    found = shutil.which(name, path=str(_TOOLS))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def read(text: str) -> dict[str, Any]:
    """A pipeline; YAML 1.1 takes its `on` for yes."""
    told: dict[Any, Any] = yaml.safe_load(text)
    return {"on" if name is True else name: value for name, value in told.items()}


def steps(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of every job."""
    for job in told["jobs"].values():
        yield from job.get("steps", ())


def unsafe(text: str) -> list[str]:
    """Why a pipeline of GitHub is not safe: what a stranger's change could do with it."""
    told, found = read(text), []
    triggers = {told["on"]} if isinstance(told["on"], str) else set(told["on"])
    rights = [right for job in told["jobs"].values() for right in (job.get("permissions") or {}).items()]
    if told.get("permissions") != {}:
        found.append("rights by default")
    if triggers & {"pull_request_target", "workflow_run"}:
        for step in steps(told):
            if "checkout" in step.get("uses", "") or re.search(r"git (?:fetch|clone|checkout|pull)", step.get("run", "")):
                found.append("brings in what it judges")
    if triggers & {"pull_request", "pull_request_review", "push"}:
        found += ["a right to write" for _, right in rights if right == "write"]
        guarded = all(job.get("environment") and "default_branch" in job.get("if", "") for job in told["jobs"].values())
        # a push is by somebody who may write: the branch that was reviewed may have what its environment holds
        open_ = triggers & {"pull_request", "pull_request_review"} or not guarded
        found += ["a secret"] if ("secrets." in text and open_) or "github.token" in text else []
    for step in steps(told):
        found += ["words of others in a script"] if "${{" in step.get("run", "") else []
        found += ["an action that can change"] if "uses" in step and not re.search(r"@[0-9a-f]{40}\Z", step["uses"]) else []
        if "actions/checkout@" in step.get("uses", "") and (step.get("with") or {}).get("persist-credentials") is not False:
            found.append("a token left behind")
        found += ["a cache"] if "cache" in str(step.get("uses", "")) or "cache" in (step.get("with") or {}) else []
    return found


@pytest.mark.parametrize("path", GITHUB)
def test_pipelines_of_github_are_safe(path: str) -> None:
    assert unsafe(GITHUB[path]) == []


@pytest.mark.parametrize(
    ("path", "before", "after", "told"),
    [
        (GATE, "permissions: {}", "permissions: write-all", "rights by default"),
        (GATE, "    steps:\n", "    steps:\n      - run: git fetch origin refs/pull/1/head\n", "brings in"),
        (CHECK, "contents: read #", "contents: write #", "a right to write"),
        (CHECK, "modelreg fmt --check", "modelreg fmt --check\n        env: {TOKEN: '${{ secrets.KEY }}'}", "a secret"),
        (PUBLISH, "    environment: modelreg-publish\n", "", "a secret"),
        (PUBLISH, "github.ref_name == github.event.repository.default_branch", "true", "a secret"),
        (PUBLISH, "contents: read #", "contents: write #", "a right to write"),
        (CHECK, "modelreg fmt --check", "echo ${{ github.event.pull_request.title }}", "words of others"),
        (CHECK, "persist-credentials: false", "persist-credentials: true", "a token left behind"),
        (CHECK, "11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2", "v4", "an action that can change"),
        (CHECK, 'python-version: "3.12"', 'python-version: "3.12"\n          cache: pip', "a cache"),
    ],
)  # fmt: skip
def test_what_is_unsafe_is_seen(path: str, before: str, after: str, told: str) -> None:
    assert before in GITHUB[path]
    assert any(told in why for why in unsafe(GITHUB[path].replace(before, after, 1)))


def test_what_branch_rules_require_is_what_pipelines_publish() -> None:
    check = read(GITHUB[CHECK])
    assert [job["name"] for job in check["jobs"].values()] == ["modelreg/validate"]
    assert "if" not in check["jobs"]["validate"], "a job that is skipped counts as passed"
    assert {"merge_group", "pull_request"} <= set(check["on"]), "a queue waits for it, too"
    gate = read(GITHUB[GATE])
    assert set(gate["on"]) == {"pull_request_target", "workflow_run", "merge_group", "schedule", "workflow_dispatch"}
    assert gate["on"]["workflow_run"]["workflows"] == [read(GITHUB[".github/workflows/modelreg-review.yml"])["name"]]
    forgejo = read(pipelines_of("forgejo")[".forgejo/workflows/modelreg-check.yml"])
    assert (forgejo["name"], forgejo["jobs"]["validate"]["name"]) == ("modelreg-check", "modelreg/validate")


@pytest.mark.parametrize(("forge", "path"), ALL)
def test_pipelines_call_this_release_and_little_else(forge: str, path: str) -> None:
    text = pipelines_of(forge)[path]
    assert set(re.findall(r"modelreg(?:\[[a-z0-9,]+\])?==(\S+?)\"", text)) <= {__version__}, "ci/ is brought to a new release with it"
    assert {name for name in re.findall(r"^\s*(?:- |- run: |run: )?modelreg (\w+)", text, re.MULTILINE)} <= set(all_commands)
    assert len([line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]) <= 75


@pytest.mark.parametrize(("forge", "path"), ALL)
def test_the_options_that_they_give_are_there(run: Run, forge: str, path: str) -> None:
    for line in re.findall(r"^\s*(?:- |- run: |run: )?modelreg (\w+.*)", pipelines_of(forge)[path], re.MULTILINE):
        command = line.partition(" ")[0]
        known = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", run(command, "--help").out))
        assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", line)) <= known, line


@pytest.mark.parametrize("forge", PLACES)
def test_their_steps_run_in_a_new_catalog(shell: Run, tmp_path: Path, forge: str) -> None:
    """All but the gate, which asks the forge; publishing has a test of its own."""
    assert shell("init", str(tmp_path / "a"), "--forge", forge).code == 0
    lines = [line.strip().removeprefix("- ").removeprefix("run: ") for text in pipelines_of(forge).values() for line in text.splitlines()]
    ran = {line.partition(" #")[0] for line in lines if re.match(r"modelreg (?!gate|publish)", line)}
    assert {"modelreg fmt --check"} < ran
    program = f'modelreg() {{ "{sys.executable}" -m modelreg_cli "$@"; }}; export RUNNER_TEMP=.\n'
    for line in sorted(ran):
        script = ["bash", "-euo", "pipefail", "-c", program + line.replace("/tmp/", "./")]
        done = subprocess.run(script, cwd=tmp_path / "a", capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stderr)


def publishing(forge: str) -> str:
    """The script that publishes."""
    if forge == "gitlab":
        told: dict[str, Any] = yaml.safe_load(pipelines_of(forge)[".gitlab-ci.yml"])
        return str(told["modelreg-publish"]["script"][-1])
    (path,) = (path for path in pipelines_of(forge) if path.endswith("publish.yml"))
    return str([step["run"] for step in steps(read(pipelines_of(forge)[path])) if step.get("name") == "publish"][-1])


@pytest.mark.skipif(shutil.which("ssh-agent") is None or os.name == "nt", reason="ssh-agent is not installed")
@pytest.mark.parametrize("forge", PLACES)
def test_what_is_set_up_is_published_and_else_nothing(shell: Run, tmp_path: Path, forge: str) -> None:
    repo = made(tmp_path / "repo")
    key = new_key(tmp_path / "key")
    secret = str(key) if forge == "gitlab" else key.read_text("ascii").rstrip("\n")  # there it is a variable of type File
    key.chmod(0o644)
    program = f'modelreg() {{ "{sys.executable}" -m modelreg_cli "$@"; }}\n'
    script = program + publishing(forge).replace("/tmp/", f"{tmp_path}/")
    home = str(tmp_path / "home")

    def publish(**env: str) -> "subprocess.CompletedProcess[str]":
        told = {**os.environ, "RUNNER_TEMP": str(tmp_path), "MODELREG_CHANNEL": "", "MODELREG_PUBLISH_KEY": "", **env}
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=repo.top, env=told, capture_output=True, text=True, check=False
        )

    channel = str(tmp_path / "channel")
    for env in ({}, {"MODELREG_CHANNEL": channel}, {"MODELREG_PUBLISH_KEY": secret}):
        done = publish(**env)
        assert done.returncode == 0 and "Not published: MODELREG_CHANNEL or" in done.stdout
        assert not Path(channel).exists()
    for word in ("state 1 published", "state 1 is there already"):
        done = publish(MODELREG_CHANNEL=channel, MODELREG_PUBLISH_KEY=secret)
        assert done.returncode == 0 and word in done.stdout, done.stdout + done.stderr
    assert shell("pull", channel, cwd=tmp_path, env={"MODELREG_HOME": home}).code == 0
    bad = publish(MODELREG_CHANNEL=channel, MODELREG_PUBLISH_KEY=str(tmp_path / "none") if forge == "gitlab" else "x")
    assert bad.returncode != 0


@pytest.mark.parametrize("forge", PLACES)
def test_one_publishes_at_a_time(forge: str) -> None:
    for path, text in pipelines_of(forge).items():
        if forge == "gitlab":
            assert yaml.safe_load(text)["modelreg-publish"]["resource_group"] == "modelreg-publish"
        elif path.endswith("publish.yml"):
            assert read(text)["concurrency"] == {"group": "modelreg-publish", "cancel-in-progress": False}


def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    program, folder = tool("zizmor"), tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for path, text in GITHUB.items():
        (tmp_path / path).write_text(text, "utf-8")
    command = [program, "--offline", "--no-config", "--persona", "pedantic"]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / GATE).write_text(GITHUB[GATE].replace("permissions: {}", "permissions: write-all"), "utf-8")
    assert subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False).returncode != 0


@pytest.mark.parametrize(("forge", "path"), ALL)
def test_pipelines_fit_the_schemas_of_forges(tmp_path: Path, forge: str, path: str) -> None:
    program = tool("check-jsonschema")
    schema = ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"] if forge == "gitlab" else ["vendor.github-workflows"]
    for text, fits in ((pipelines_of(forge)[path], True), (pipelines_of(forge)[path] + "\njobs: []\n", False)):
        file = tmp_path / "pipeline.yml"
        file.write_text(text, "utf-8")
        done = subprocess.run([program, "--builtin-schema", *schema, str(file)], capture_output=True, text=True, check=False)
        assert (done.returncode == 0) is fits, done.stdout
