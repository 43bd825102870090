"""How long `modelreg import` and `modelreg drift` take for public catalogs, each as a process.

    python bench/import.py --models-dev ARCHIVE --litellm FILE --genai-prices ARCHIVE

Catalogs are copies of the shipped one; models.dev goes into one without models, providers, results and what importers remember.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
#: What an import of models.dev makes, and what it remembers.
MADE = ("models", "providers", "results", "decisions", "snapshots")


def main() -> None:
    """Prints one line for each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("models-dev", "litellm", "genai-prices"):
        parser.add_argument(f"--{name}", required=True)
    given = vars(parser.parse_args())
    sources = {name.replace("_", "-"): str(Path(path).resolve()) for name, path in given.items()}
    with tempfile.TemporaryDirectory() as folder:
        empty, shipped = Path(folder) / "empty", Path(folder) / "shipped"
        for top in (empty, shipped):
            shutil.copytree(ROOT / "catalog", top / "catalog")
        for name in MADE:
            shutil.rmtree(empty / "catalog" / name)
        for step in ("into a catalog without models", "once more"):
            told(f"models-dev, {step}", *timed(empty, "import", "models-dev", sources["models-dev"], "--json"))
        for name in ("litellm", "genai-prices"):
            for step in ("into the shipped catalog", "once more"):
                told(f"{name}, {step}", *timed(shipped, "import", name, sources[name], "--json"))
        seconds, found = timed(shipped, "drift", *(f"{name}:{path}" for name, path in sources.items()), "--json")
        print(f"drift against all three: {seconds:.1f} s, {len(found['disagreements']):,} values disagree")


def timed(root: Path, *argv: str) -> tuple[float, Any]:
    """Seconds of one run, and what it printed."""
    start = time.perf_counter()
    ran = subprocess.run([sys.executable, "-m", "modelreg_cli", *argv, "--root", str(root)], check=True, capture_output=True)
    return time.perf_counter() - start, json.loads(ran.stdout)


def told(what: str, seconds: float, summary: dict[str, Any]) -> None:
    """One line: created, changed and unchanged files, and how many of them a second."""
    counts = {name: sum(summary[name].values()) for name in ("created", "changed", "unchanged")}
    words = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    decisions = sum(summary["decisions"].values())
    print(f"{what}: {seconds:.1f} s, {words}, {decisions:,} decisions; {sum(counts.values()) / seconds:,.0f} files/s")


if __name__ == "__main__":
    main()
