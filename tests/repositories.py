"""Real Git repositories with fixed dates and authors, for tests of what was."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

SMALL = {
    "catalog/catalog.yaml": "name: small\nschema_version: 1\n",
    "catalog/vocabulary/meters.yaml": "description: Meters.\nterms:\n  input: {description: In., per: 1000000, unit: token}\n"
    "  output: {description: Out., per: 1000000, unit: token}\n  image: {description: Images., per: 1, unit: image}\n",
    "catalog/models/acme/publisher.yaml": "name: Acme\n",
    "catalog/models/acme/tiny/model.yaml": "name: Tiny\ntype: weights\ndefault: 1.0.0\n",
    "catalog/models/acme/tiny/1.0.0.yaml": "released: 2026-01-01\nstatus: active\nlimits: {context: 8192}\ntags: [small]\n",
    "catalog/tags/small.yaml": "description: Small.\n",
    "catalog/tags/curated.yaml": "description: Looked at.\n",
}
OFFERING = """\
wire_id: Acme/Tiny
serves: {version: acme/tiny@1.0.0, pinned: false}
billing: metered
prices:
  - observed: 2026-05-01
    currency: USD
    rates: {input: 3, output: 15}
"""


@dataclass(frozen=True)
class Repo:
    """A repository and the folder of its catalog below the top."""

    root: Path
    below: str = ""

    @property
    def top(self) -> Path:
        """Where the catalog lies."""
        return self.root / self.below

    def git(self, *argv: str, when: str = "2026-06-01T12:00:00Z", who: str = "Ann") -> str:
        """One Git command, by a person at a moment, whatever the machine's settings are."""
        mail = f"{who.lower()}@example.org"
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_AUTHOR_NAME": who, "GIT_AUTHOR_EMAIL": mail, "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_NAME": "Forge", "GIT_COMMITTER_EMAIL": "forge@example.org", "GIT_COMMITTER_DATE": when,
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
        }  # fmt: skip
        done = subprocess.run(["git", "-C", str(self.root), *argv], env=env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, files: dict[str, str | None]) -> None:
        """Puts files below the catalog's folder; None removes one."""
        for path, text in files.items():
            file = self.top / path
            if text is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, "utf-8")

    def commit(self, files: dict[str, str | None], when: str = "2026-06-01T12:00:00Z", who: str = "Ann", say: str = "A change") -> str:
        """Commits files; its id."""
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", say, when=when, who=who)
        return self.git("rev-parse", "HEAD")


def made(folder: Path, files: dict[str, str] | None = None, below: str = "", when: str = "2026-05-01T12:00:00Z") -> Repo:
    """A new repository with a first commit."""
    folder.mkdir(parents=True, exist_ok=True)
    repo = Repo(folder, below)
    repo.git("init", "-q", "-b", "main")
    repo.commit(dict(SMALL if files is None else files), when=when, say="First")
    return repo
