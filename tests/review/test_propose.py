"""`modelreg propose`: from edited files to a branch on the remote, and nothing lost on the way."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran, Run
from tests.forge.contract import Contract
from tests.forge.kept import KINDS, TOKEN, Forge
from tests.repositories import Repo
from tests.review.guarded import MODEL, VERSION, edit, repository
from tests.servers import serving

PRO = "catalog/providers/acme-cloud/acme-pro.yaml"


@pytest.fixture(autouse=True)
def _person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever runs the tests has a name, and no settings of their own."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = Ann\nemail = ann@example.org\n", "ascii")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "FORGEJO_TOKEN", "GITEA_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A clone of the guarded repository, whose remote takes pushes."""
    origin = repository(tmp_path / "origin", curated=False)
    bare = tmp_path / "forge.git"
    origin.git("clone", "-q", "--bare", ".", str(bare))
    clone = Repo(tmp_path / "work")
    clone.root.mkdir()
    clone.git("clone", "-q", str(bare), ".")
    return clone


@pytest.fixture
def propose(run: Run, repo: Repo) -> Run:
    def call(*argv: str, **given: Any) -> Ran:
        return run("propose", "--root", str(repo.top), *argv, **given)

    return call


def forge(repo: Repo, *argv: str) -> str:
    """Git in the remote."""
    folder = repo.root.parent / "forge.git"
    return subprocess.run(["git", "-C", str(folder), *argv], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    """A forge of each kind, as the place that the remote is read from; pushes go to the folder."""
    forge_ = Forge(request.param)
    contract = Contract(request.param)
    with serving(contract.guard(forge_.answer)) as server:
        repo.git("remote", "set-url", "--push", "origin", str(repo.root.parent / "forge.git"))
        repo.git("remote", "set-url", "origin", f"{server.url}/team/registry.git")
        monkeypatch.setenv(TOKEN[forge_.kind], "s3cret")
        yield forge_
    assert contract.broken == []


def test_a_pull_request_is_opened_and_kept_up_to_date(propose: Run, repo: Repo, site: Forge) -> None:
    edit(repo, PRO, "input: 5", "input: 4")
    told = propose("--forge", site.kind, "--draft", "-m", "Cheaper\n\nAs their page says.", "--json").json
    (pull,) = site.pulls.values()
    assert told["pull_request"] == {"number": 7, "url": "https://forge.example/team/registry/7", "new": True}
    assert (pull["branch"], pull["base"], pull["title"], pull["draft"]) == (told["branch"], "main", "Cheaper", True)
    assert "- `acme-cloud:acme-pro`: `price corrected input $5 -> $4/1M (-20%)`" in pull["body"]
    pull["body"] = f"Please look soon.\n\n{pull['body']}"
    edit(repo, MODEL, "languages: [de, en]", "languages: [de]")
    again = propose("--forge", site.kind)
    assert again.lines == ["https://forge.example/team/registry/7"]
    assert "open already" in again.err
    assert len(site.pulls) == 1
    assert pull["body"].startswith("Please look soon.\n\n")
    assert "- `acme/atlas-8b`: `languages 1 - en`" in pull["body"]


def test_a_forge_that_says_no_keeps_the_branch(propose: Run, repo: Repo, site: Forge) -> None:
    site.trouble = (422, "no commits between them")
    edit(repo, PRO, "input: 5", "input: 4")
    got = propose("--forge", site.kind)
    assert (got.code, got.out) == (3, "")
    assert "is pushed, and the pull request could not be opened: POST " in got.err
    assert "no commits between them" in got.err
    assert "hint: open it by hand at http" in got.err
    assert "s3cret" not in got.err
    name = repo.git("rev-parse", "--abbrev-ref", "HEAD")
    assert forge(repo, "rev-parse", name) == repo.git("rev-parse", "HEAD")
    site.trouble = None
    assert propose("--forge", site.kind).lines == ["https://forge.example/team/registry/7"]


def test_without_a_token_people_open_it_by_hand(propose: Run, repo: Repo, site: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN[site.kind])
    edit(repo, PRO, "input: 5", "input: 4")
    got = propose("--forge", site.kind)
    assert got.lines[0].startswith("propose/")
    assert "note: open the pull request at http://127.0.0.1" in got.err
    assert TOKEN[site.kind] in got.err
    assert not site.pulls


def test_a_pull_request_of_a_fork_with_the_same_name_is_another(propose: Run, repo: Repo, site: Forge) -> None:
    if site.kind != "forgejo":
        pytest.skip("the others are asked for the branch of this repository")
    site.pulls[3] = {"branch": "mine", "base": "main", "body": "", "of": "stranger/registry"}
    repo.git("switch", "-q", "-c", "mine")
    edit(repo, PRO, "input: 5", "input: 4")
    assert propose("--forge", "forgejo", "--json").json["pull_request"]["new"] is True


def test_a_host_that_nobody_knows(propose: Run, repo: Repo, site: Forge) -> None:
    edit(repo, PRO, "input: 5", "input: 4")
    got = propose()
    assert (got.code, "which forge runs at 127.0.0.1 is not known" in got.err) == (2, True), got
    got = propose("--forge", "githab")
    assert (got.code, "did you mean" in got.err) == (2, True), got


def state(repo: Repo) -> tuple[str, str, str, dict[str, bytes]]:
    """Branch, commit, what is staged and not, and every file of the catalog."""
    files = {str(path): path.read_bytes() for path in sorted((repo.top / "catalog").rglob("*")) if path.is_file()}
    return repo.git("rev-parse", "--abbrev-ref", "HEAD"), repo.git("rev-parse", "HEAD"), repo.git("status", "--porcelain"), files


def test_from_edited_files_to_a_branch_on_the_remote(propose: Run, repo: Repo) -> None:
    edit(repo, PRO, "input: 5, output: 25", "input: 4,   output: 25")
    got = propose()
    name = got.lines[0]
    assert name.startswith("propose/acme-cloud-acme-pro-")
    assert f"formatted {PRO}" in got.err
    assert f"on the branch {name}" in got.err
    assert "pushed to origin" in got.err
    assert forge(repo, "log", "-1", "--format=%an %s", name) == "Ann acme-cloud:acme-pro: price corrected input $5 -> $4/1M (-20%)"
    assert forge(repo, "diff", "--name-only", f"main..{name}") == PRO
    assert "input: 4, output: 25" in forge(repo, "show", f"{name}:{PRO}")
    assert repo.git("status", "--porcelain") == ""


def test_the_same_again_and_then_more(propose: Run, repo: Repo) -> None:
    edit(repo, PRO, "input: 5", "input: 4")
    first = propose("--json").json
    again = propose("--json")
    assert again.json == first
    assert "there is nothing to commit" in again.err
    edit(repo, MODEL, "languages: [de, en]", "languages: [de]")
    more = propose("-m", "One language\n\nSays the card.", "--json").json
    assert (more["branch"], more["pushed"]) == (first["branch"], True)
    assert forge(repo, "log", "--format=%s%n%b", f"main..{more['branch']}").startswith("One language\nSays the card.")
    assert forge(repo, "rev-parse", f"{more['branch']}~1") == first["commit"]


def test_files_of_every_fate(propose: Run, repo: Repo) -> None:
    repo.write({
        VERSION: None,
        MODEL: (repo.top / MODEL).read_text("utf-8").replace("1.1.0", "1.2.0"),
        VERSION.replace("1.1.0", "1.2.0"): (repo.top / VERSION).read_text("utf-8"),
        "catalog/tags/new one [x].txt": "stray",
    })  # fmt: skip
    before = state(repo)
    got = propose()
    assert (got.code, got.out) == (1, ""), got
    assert "error[removed-file]" in got.err
    assert "nothing was committed" in got.err
    assert state(repo) == before


def test_a_broken_file_is_never_committed(propose: Run, repo: Repo) -> None:
    edit(repo, MODEL, "license: apache-2.0", "license: apache-9")
    repo.write({"catalog/tags/edge.yaml": "description: [\n"})
    before = state(repo)
    got = propose()
    assert got.code == 1
    assert "catalog/tags/edge.yaml:2" in got.err
    assert "did you mean" in got.err
    assert state(repo) == before


def test_what_is_no_catalog_data_stays_as_it_is(propose: Run, repo: Repo) -> None:
    edit(repo, MODEL, "languages: [de, en]", "languages: [de]")
    repo.write({"ci/policy.yaml": "protected_tags: {}\n", "notes.txt": "mine\n", "staged.txt": "mine too\n"})
    repo.git("add", "staged.txt")
    got = propose()
    assert "note: not part of it, as it is no catalog data: ci/policy.yaml, notes.txt, staged.txt" in got.err
    assert repo.git("show", "--name-only", "--format=", "HEAD") == MODEL
    left = repo.git("status", "--porcelain").splitlines()
    assert {line.strip() for line in left} == {"M ci/policy.yaml", "A  staged.txt", "?? notes.txt"}


def test_on_a_branch_of_ones_own_and_one_by_name(propose: Run, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "mine")
    edit(repo, MODEL, "languages: [de, en]", "languages: [de]")
    assert propose().lines == ["mine"]
    edit(repo, MODEL, "languages: [de]", "languages: [fr]")
    assert propose("--branch", "other").lines == ["other"]
    got = propose("--branch", "mine")
    assert (got.code, "the branch mine is there already" in got.err) == (2, True)
    assert repo.git("rev-parse", "--abbrev-ref", "HEAD") == "other"


def test_no_branch_is_checked_out(propose: Run, repo: Repo) -> None:
    repo.git("switch", "-q", "--detach", "HEAD")
    edit(repo, MODEL, "languages: [de, en]", "languages: [de]")
    name = propose().lines[0]
    assert forge(repo, "rev-parse", name) == repo.git("rev-parse", "HEAD")


def test_dry_run_and_no_push(propose: Run, repo: Repo) -> None:
    edit(repo, MODEL, "languages: [de, en]", "languages: [de]")
    before = state(repo)
    got = propose("--dry-run")
    assert "acme/atlas-8b" in got.out
    assert state(repo) == before
    told = propose("--no-push", "--json").json
    assert told["pushed"] is False
    assert told["branch"] not in forge(repo, "branch", "--list", "--format=%(refname:short)")


def test_without_a_remote(propose: Run, repo: Repo) -> None:
    repo.git("remote", "remove", "origin")
    edit(repo, MODEL, "languages: [de, en]", "languages: [de]")
    got = propose()
    assert got.lines[0].startswith("propose/")
    assert "there is no remote to push to" in got.err


def test_a_remote_that_takes_nothing_loses_nothing(propose: Run, repo: Repo) -> None:
    hook = repo.root.parent / "forge.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'the door is closed' >&2\nexit 1\n", "ascii")
    hook.chmod(0o755)
    edit(repo, MODEL, "languages: [de, en]", "languages: [de]")
    got = propose()
    assert (got.code, got.out) == (3, "")
    assert "the door is closed" in got.err
    assert "run `modelreg propose` again" in got.err
    assert repo.git("status", "--porcelain") == ""
    commit = repo.git("rev-parse", "HEAD")
    hook.unlink()
    name = propose().lines[0]
    assert forge(repo, "rev-parse", name) == commit


@pytest.mark.parametrize("why", ["no name", "a hook", "a key"])
def test_git_that_refuses_to_commit_loses_nothing(propose: Run, repo: Repo, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if why == "no name":
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        repo.git("config", "user.useConfigOnly", "true")
    elif why == "a hook":
        hook = repo.root / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho 'too late in the day' >&2\nexit 1\n", "ascii")
        hook.chmod(0o755)
    else:
        repo.git("config", "commit.gpgsign", "true")
        repo.git("config", "gpg.format", "ssh")
        repo.git("config", "user.signingkey", str(repo.root / "no-such-key"))
    edit(repo, MODEL, "languages: [de, en]", "languages: [de]")
    repo.write({"staged.txt": "mine\n", "catalog/tags/new.yaml": "description: New.\n"})
    repo.git("add", "staged.txt")
    before = state(repo)
    got = propose()
    assert (got.code, got.out) == (2, ""), got
    assert {"no name": "user.", "a hook": "too late in the day", "a key": "public key"}[why] in got.err
    assert state(repo) == before
    assert repo.git("branch", "--format=%(refname:short)") == "main"


def test_commits_are_signed_where_git_is_set_up_so(propose: Run, repo: Repo, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (("commit.gpgsign", "true"), ("gpg.format", "ssh"), ("user.signingkey", str(key))):
        repo.git("config", name, value)
    edit(repo, MODEL, "languages: [de, en]", "languages: [de]")
    assert propose().code == 0
    assert "-----BEGIN SSH SIGNATURE-----" in repo.git("cat-file", "commit", "HEAD")


def test_nothing_to_propose_and_work_half_done(propose: Run, repo: Repo) -> None:
    got = propose()
    assert (got.code, got.err.splitlines()[0]) == (1, "error: nothing below catalog/ differs from main")
    repo.commit({MODEL: (repo.top / MODEL).read_text("utf-8").replace("[de, en]", "[de]")})
    repo.git("switch", "-q", "-c", "other", "HEAD~1")
    repo.commit({MODEL: (repo.top / MODEL).read_text("utf-8").replace("[de, en]", "[fr]")})
    subprocess.run(["git", "-C", str(repo.root), "merge", "-q", "main"], check=False, capture_output=True)
    got = propose()
    assert (got.code, got.err.splitlines()[0]) == (2, "error: a merge is not finished here")
    repo.git("merge", "--abort")
    got = propose("--remote", "nosuch")
    assert (got.code, "there is no remote 'nosuch'" in got.err) == (2, True)


def test_commits_made_by_hand_are_proposed_too(propose: Run, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "mine")
    commit = repo.commit({MODEL: (repo.top / MODEL).read_text("utf-8").replace("[de, en]", "[de]")})
    got = propose()
    assert got.lines == ["mine"]
    assert forge(repo, "rev-parse", "mine") == commit


def test_below_the_top_of_another_repository(run: Run, tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", below="deep/registry")
    edit(repo, MODEL, "languages: [de, en]", "languages: [de]")
    repo.root.joinpath("other.txt").write_text("mine", "ascii")
    got = run("propose", "--root", str(repo.top))
    assert got.code == 0, got.err
    assert repo.git("show", "--name-only", "--format=", "HEAD") == f"deep/registry/{MODEL}"
    assert repo.git("status", "--porcelain") == "?? other.txt"
