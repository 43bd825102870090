"""A guarded repository with its people, and a forge that keeps pull requests of it."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from modelreg_cli.catalog.artifact import artifact_digest
from tests.gate import forges
from tests.servers import Exchange

TODAY = datetime.now(UTC).date()
NUMBERS = {"alice": 101, "bob": 102, "carol": 103, "dana": 104, "eve": 105, "frank": 106, "mallory": 666, "alice2": 201, "helper[bot]": 900}


def days_ago(days: int) -> str:
    """A date."""
    return (TODAY - timedelta(days=days)).isoformat()


def sha(word: str) -> str:
    """A digest that stands for bytes."""
    return hashlib.sha256(word.encode()).hexdigest()


def files(word: str) -> list[dict[str, Any]]:
    """The files of an artifact, as catalogs write them."""
    return [{"path": "model.safetensors", "bytes": 1000, "sha256": sha(word)}]


def digest(word: str) -> str:
    """The digest of an artifact with these files."""
    return str(artifact_digest(files(word)))


POLICY = """\
people:
  alice: {github: [{id: 101, login: alice}, {id: 201, login: alice2}], emails: [alice@example.org], keys: [alice]}
  bob: {github: {id: 102, login: bob}, emails: [bob@example.org], keys: [bob]}
  carol: {github: {id: 103, login: carol}, emails: [carol@example.org], keys: [carol]}
  dana: {github: {id: 104, login: dana}, emails: [dana@example.org]}
  eve: {github: {id: 105, login: eve}, emails: [eve@example.org], keys: [eve]}
  frank: {github: {id: 106, login: frank}, emails: [frank@example.org]}
roles:
  curators: [alice, bob, carol]
  evaluators: [eve]
  admins: [dana, alice, frank]
control_plane: {approvals: {required: 2, from: admins}}
results: {approvals: {required: 1, from: evaluators}}
data: {approvals: {required: 1, from: curators}}
protected_tags:
  curated:
    approvals: {required: 2, from: curators}
    requires: {scan: passed, license: known, sourced: governed, findings: none}
    benchmarks:
      - {types: [weights], tasks: [chat], benchmark: mmlu, metric: acc, shots: 5, min: 0.65, at: lower95, min_samples: 14000,
         harness: {name: lm-eval, version: ">=0.4.5"}, max_age_days: 180,
         max_regression: {sigma: 2, absolute: 0.02, against: previous-curated}}
"""
SOURCES = 'sources: {card: {url: "https://example.org/card", retrieved: 2026-06-01}}\nsourced: {"": card}\n'
VERSION = "catalog/models/acme/tiny/1.1.0.yaml"
OLDER = "catalog/models/acme/tiny/1.0.0.yaml"
MODEL = "catalog/models/acme/tiny/model.yaml"
RESULTS = "catalog/results/acme/tiny/1.1.0/lm-eval-0a0a0a0a.yaml"
OLDER_RESULTS = "catalog/results/acme/tiny/1.0.0/lm-eval-0b0b0b0b.yaml"
SCAN = "catalog/scans/acme/tiny/1.1.0/picklescan-0c0c0c0c.yaml"
OLDER_SCAN = "catalog/scans/acme/tiny/1.0.0/picklescan-0d0d0d0d.yaml"
PUBLISHER = "catalog/models/acme/publisher.yaml"
LICENSE = "catalog/licenses/plain.yaml"
BENCHMARK = "catalog/benchmarks/mmlu.yaml"


def version(word: str, tags: str = "small", more: str = "") -> str:
    """A version whose one artifact has the bytes of a word."""
    return (
        f"released: 2026-0{1 if word == 'old' else 5}-01\nstatus: active\nweights: open\nlimits: {{context: 8192}}\n"
        f"artifacts:\n  - id: weights\n    format: safetensors\n    uri: https://example.org/{word}\n"
        f"    files:\n      - {{path: model.safetensors, bytes: 1000, sha256: {sha(word)}}}\n"
        f"tags: [{tags}]\n{more}{SOURCES}"
    )


def results(word: str, value: float = 0.68, **other: Any) -> str:
    """A measured run; `other` replaces fields of the run (date, basis, digest, harness) or of its row (samples, shots, ...)."""
    run = {"basis": "measured", "harness": {"name": "lm-eval", "version": "0.4.9"}, "date": days_ago(12), "digest": digest(word)}
    row = {"benchmark": "mmlu", "metric": "acc", "value": value, "stderr": 0.0038, "samples": 14042, "shots": 5}
    row |= {name: told for name, told in other.items() if name not in run}
    run |= {name: told for name, told in other.items() if name in run}
    told = {"basis": run["basis"], "by": "us", "harness": run["harness"], "date": run["date"], "digest": run["digest"]}
    return json.dumps({**{name: one for name, one in told.items() if one is not None}, "metrics": [_some(row)]}, indent=1) + "\n"


def _some(row: dict[str, Any]) -> dict[str, Any]:
    return {name: told for name, told in row.items() if told is not None}


def scan(word: str, status: str = "passed", date: str | None = None) -> str:
    """A scan of the bytes of a word."""
    found = ", findings: [os.system]" if status == "failed" else ""
    return (
        f"tool: picklescan\ntool_version: 1.0.5\ndate: {date or days_ago(10)}\nstatus: {status}\nartifact: weights\n"
        f"files:\n  - {{path: model.safetensors, sha256: {sha(word)}, status: {status}{found}}}\n"
    )


def base_files() -> dict[str, str]:
    """acme/tiny: 1.0.0 wears `curated`; 1.1.0 does not, and has what it takes."""
    return {
        "ci/policy.yaml": POLICY,
        "README.md": "A catalog.\n",
        "catalog/catalog.yaml": "name: guarded\nschema_version: 1\n",
        "catalog/vocabulary/tasks.yaml": "description: Tasks.\nterms:\n  chat: {description: Talking.}\n",
        "catalog/vocabulary/capabilities.yaml": "description: Capabilities.\nterms:\n  tools: {description: Calling tools.}\n",
        "catalog/vocabulary/evaluators.yaml": "description: Evaluators.\nterms:\n  us: {description: Ourselves., redistribution: 'yes'}\n",
        "catalog/vocabulary/meters.yaml": "description: Meters.\nterms:\n  input: {description: In., per: 1000000, unit: token}\n",
        PUBLISHER: "name: Acme\n",
        MODEL: f"name: Tiny\ntype: weights\ntasks: [chat]\nlicense: plain\ndefault: 1.0.0\n{SOURCES}",
        OLDER: version("old", "small, curated"),
        VERSION: version("new"),
        LICENSE: "name: Plain\nspdx: MIT\nterms: {commercial: 'yes', derivatives: 'yes', redistribution: 'yes'}\n",
        BENCHMARK: "name: MMLU\ntasks: [chat]\nmetrics:\n  acc: {unit: fraction, better: higher}\nredistribution: 'yes'\n",
        "catalog/tags/small.yaml": "description: Small.\n",
        "catalog/tags/curated.yaml": "description: Looked at by two.\n",
        RESULTS: results("new", 0.68),
        OLDER_RESULTS: results("old", 0.67),
        SCAN: scan("new"),
        OLDER_SCAN: scan("old"),
    }


@dataclass
class World:
    """The repository on the forge (bare), a clone to write changes in, and what the forge keeps."""

    folder: Path
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    events: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    statuses: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    versions: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    clock: int = 0
    kind: str = "github"
    disturbed: Callable[[Exchange], bool] | None = None
    asked: list[Exchange] = field(default_factory=list)
    url: str = ""
    signers: str = ""
    moment: str = ""

    @property
    def work(self) -> Path:
        """The clone."""
        return self.folder / "work"

    @property
    def site(self) -> Path:
        """The repository of the forge."""
        return self.folder / "forge.git"

    def git(self, *argv: str, who: str = "dana", committer: str = "", folder: Path | None = None, stdin: str | None = None) -> str:
        """Git by a person."""
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_AUTHOR_NAME": who, "GIT_AUTHOR_EMAIL": mail(who), "GIT_COMMITTER_NAME": committer or who,
            "GIT_COMMITTER_EMAIL": mail(committer or who), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
        }  # fmt: skip
        env |= {"GIT_COMMITTER_DATE": self.moment} if self.moment else {}
        done = subprocess.run(
            ["git", "-C", str(folder or self.work), *argv], env=env, check=True, capture_output=True, text=True, input=stdin
        )
        return done.stdout.strip()

    def begin(self, given: dict[str, str | None] | None = None) -> "World":
        """The first state of the base."""
        self.work.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.git("clone", "-q", "--bare", str(self.work), str(self.site), folder=self.folder)
        policy = {"ci/policy.yaml": POLICY.replace("{github:", f"{{{self.kind}:")}
        self.base({**base_files(), **policy, **(given or {})}, "Begin")
        return self

    def write(self, changed: dict[str, str | None]) -> None:
        """Files of the clone; None removes one."""
        for path, text in changed.items():
            file = self.work / path
            if text is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, "utf-8")

    def commit(self, changed: dict[str, str | None], say: str = "A change", who: str = "dana", committer: str = "", *more: str) -> str:
        """A commit in the clone."""
        self.write(changed)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", say, *more, who=who, committer=committer)
        return self.git("rev-parse", "HEAD")

    def base(self, changed: dict[str, str | None], say: str = "Base", who: str = "dana") -> str:
        """A commit on main, pushed."""
        if (self.work / ".git" / "refs" / "heads" / "main").exists() or "main" in self.git("branch", "--list", "main"):
            self.git("checkout", "-q", "main")
        made = self.commit(changed, say, who)
        self.git("push", "-q", str(self.site), "main")
        return made

    def propose(self, changed: dict[str, str | None] | None = None, who: str = "dana", opened_by: str = "", say: str = "A change") -> int:
        """A pull request of a new branch with one commit."""
        number = len(self.pulls) + 1
        self.git("checkout", "-q", "-b", f"change-{number}", "main")
        self.pulls[number] = {"author": opened_by or who, "state": "open"}
        self.reviews[number], self.events[number], self.versions[number] = [], [], []
        if changed is not None:
            self.commit(changed, say, who)
        self.push(number)
        return number

    def push(self, number: int) -> str:
        """Brings the branch to the forge as the head of the pull request."""
        self.git("push", "-q", "-f", str(self.site), f"HEAD:{self._ref(number)}")
        self.versions[number].append((self.head(number), self._now()))
        return self.head(number)

    def head(self, number: int) -> str:
        """The head of a pull request."""
        return self.git("rev-parse", self._ref(number), folder=self.site)

    def _ref(self, number: int) -> str:
        return forges.HEADS[self.kind].format(number)

    def review(self, number: int, who: str, state: str = "APPROVED", commit: str | None = "head") -> int:
        """Somebody's review, of the head unless told otherwise."""
        known = self.reviews[number]
        told = {
            "id": number * 1000 + len(known),
            "user": self.account(who),
            "state": state,
            "commit_id": self.head(number) if commit == "head" else commit,
            "submitted_at": self._now(),
        }
        known.append(told)
        return int(told["id"])

    def dismiss(self, number: int, review: int, by: str) -> None:
        """Somebody sets a review aside."""
        told = next(one for one in self.reviews[number] if one["id"] == review)
        event = {"state": told["state"].lower(), "review_id": review}
        told["state"] = "DISMISSED"
        self.events[number].append({"event": "review_dismissed", "actor": self.account(by), "dismissed_review": event})

    def answer(self, asked: Exchange) -> None:
        """As a forge of the kind answers, unless something disturbs it."""
        if self.disturbed is None or not self.disturbed(asked):
            forges.answer(self, self.kind, asked)

    def account(self, who: str) -> dict[str, Any]:
        """An account, as GitHub tells it."""
        return {"id": NUMBERS[who], "login": who, "type": "Bot" if who.endswith("[bot]") else "User"}

    def _now(self) -> str:
        """A time after all that was told before."""
        self.clock += 1
        return f"2026-11-01T{9 + self.clock // 60:02}:{self.clock % 60:02}:00Z"


def mail(who: str) -> str:
    """The address that commits of a person bear."""
    return who if "@" in who else f"{who}@example.org"


def worn(word: str = "new", **other: str) -> str:
    """The newer version with the tag."""
    return version(word, "small, curated", **other)
