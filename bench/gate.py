"""What judging a pull request of 20 files costs, in catalogs of several sizes: it should be the same in all of them.

    python bench/gate.py [--models 700 1400 5700] [--rounds 5]

One change edits 19 versions and gives one the tag `curated`; the other edits one licence, which may concern any version that
wears the tag. Every judgement is a process of its own, as in a pipeline; `modelreg validate --base` of the same change stands
beside it, which looks at the whole catalog. Medians, in seconds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scale import generate

ROOT = Path(__file__).parents[1]
POLICY = """\
people: {alice: {emails: [alice@example.org]}, bob: {emails: [bob@example.org]}, dana: {emails: [dana@example.org]}}
roles: {curators: [alice, bob]}
control_plane: {approvals: {required: 1, from: curators}}
results: {approvals: {required: 1, from: curators}}
data: {approvals: none}
protected_tags:
  curated:
    approvals: {required: 2, from: curators}
    requires: {license: known, scan: passed, findings: none}
    benchmarks: [{benchmark: mmlu, min: 0.5, max_regression: {absolute: 0.02, against: previous-curated}}]
"""


def main() -> None:
    """Measures, and prints a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--models", type=int, nargs="*", default=[700, 1400, 5700])
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    print(f"{'files':>8}  {'20 files':>9}  {'a licence':>9}  {'validate':>9}")
    for models in given.models:
        with tempfile.TemporaryDirectory() as folder:
            top = Path(folder)
            files = make(top, models)
            times = [measure(top, branch, given.rounds, "gate") for branch in ("versions", "license")]
            print(f"{files:>8,}  {times[0]:>9.2f}  {times[1]:>9.2f}  {measure(top, 'versions', 1, 'validate'):>9.2f}", flush=True)


def make(top: Path, models: int) -> int:
    """A repository with a catalog of so many models, and both changes as branches; how many files it has."""
    files = generate(top, models)
    (top / "ci").mkdir()
    (top / "ci" / "policy.yaml").write_text(POLICY)
    (top / "catalog" / "tags" / "curated.yaml").write_text("description: Looked at by two.\n")
    git(top, "init", "-q", "-b", "main")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "Begin")
    git(top, "checkout", "-q", "-b", "versions")
    versions = sorted(path for path in (top / "catalog" / "models").rglob("*.yaml") if path.name[0].isdigit())[:: max(1, models // 10)][:20]
    for path in versions[1:]:
        path.write_text(f"{path.read_text()}changelog: Another word.\n")
    text = versions[0].read_text()
    versions[0].write_text(text.replace("tags: [", "tags: [curated, ", 1) if "tags: [" in text else f"{text}tags: [curated]\n")
    git(top, "commit", "-q", "-a", "-m", "Twenty versions")
    git(top, "checkout", "-q", "-b", "license", "main")
    path = top / "catalog" / "licenses" / "mit.yaml"
    path.write_text(path.read_text().replace("hosting:", "hosting: conditional # ", 1))
    git(top, "commit", "-q", "-a", "-m", "A licence")
    git(top, "repack", "-a", "-d", "-q")
    return files


def measure(top: Path, branch: str, rounds: int, command: str) -> float:
    """Seconds for one judgement."""
    git(top, "checkout", "-q", branch)
    program = [sys.executable, "-m", "modelreg_cli", command, "--root", str(top)]
    program += ["--forge", "offline", "--base", "main", "--json"] if command == "gate" else ["--base", "main"]
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        done = subprocess.run(program, capture_output=True, text=True, check=False)
        times.append(time.perf_counter() - started)
        if command == "gate":
            told = json.loads(done.stdout)
            assert told["outcome"] in ("pending", "refused", "passed"), done.stderr
            assert branch != "versions" or len(told["subjects"]) == 1, told
    return statistics.median(times)


def git(top: Path, *argv: str) -> None:
    """Git by one person, whatever the machine's settings are."""
    who = {
        f"GIT_{part}_{what}": value for part in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "Dana"), ("EMAIL", "dana@example.org"))
    }
    env = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", str(top), *argv], check=True, capture_output=True, env=env)


if __name__ == "__main__":
    main()
