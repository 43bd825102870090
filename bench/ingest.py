"""How long `modelreg bench ingest` takes for many files at once, beside `json.loads` of the same files.

    python bench/ingest.py [--files 1000] [--rounds 3]

Files are copies of a real result file of lm-evaluation-harness with another date; the catalog is the shipped one. Each round
ingests them into a fresh copy, and once more, when all are there already; medians are told.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests/importers/runs/files/lm-eval-0.4.json"


def main() -> None:
    """Prints medians."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--files", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = made(Path(folder), given.files)
        for turn in range(given.rounds):
            top = Path(folder, f"catalog-{turn}")
            shutil.copytree(ROOT / "catalog", top / "catalog")
            run = [sys.executable, "-m", "modelreg_cli", "bench", "ingest", *files, "--model", "qwen/qwen3-32b", "--by", "qwen"]
            run += ["--root", str(top), "--map", "sums=mmlu", "--map", "spell:exact_match=mmlu-pro"]
            subprocess.run([sys.executable, "-m", "modelreg_cli", "build", "-q"], cwd=top, check=True)
            start = time.perf_counter()
            for file in files:
                json.loads(Path(file).read_bytes())
            times.setdefault("json.loads of the files", []).append(time.perf_counter() - start)
            for name in ("ingest, all new", "ingest, all there"):
                start = time.perf_counter()
                subprocess.run(run, check=True, capture_output=True)
                times.setdefault(name, []).append(time.perf_counter() - start)
            shutil.rmtree(top)
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{name}: {median:.2f} s, {given.files / median:,.0f} files/s")


def made(folder: Path, count: int) -> list[str]:
    """That many result files."""
    data = json.loads(SAMPLE.read_text("utf-8"))
    files = []
    for at in range(count):
        data["date"] += 1
        file = folder / f"results_{at}.json"
        file.write_text(json.dumps(data, indent=2))
        files.append(str(file))
    return files


if __name__ == "__main__":
    main()
