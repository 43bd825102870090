"""How many faults publish and pull were tried with, and how many they survived: what docs/reliability.md shows.

    python bench/faults.py [--stride 1] [--command NAME] [--fault NAME]

Each step of a command (tests/release/tracer.py counts them) is disturbed in a process of its own: killed, or the step fails with no
space left, an error of the disk, no right. After each the state in use has to be the old one or the new one, verified, and the next
run has to end as an undisturbed one. All steps take about half an hour on two processors.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.release.faults import FAULTS, SCENES, Outcome, Scene


def main() -> None:
    """Prints a line for each scene, and every fault that was not survived."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--stride", type=int, default=1)
    options.add_argument("--command", choices=SCENES, action="append", default=[])
    options.add_argument("--fault", choices=FAULTS, action="append", default=[])
    given = options.parse_args()
    names, faults = given.command or list(SCENES), tuple(given.fault or FAULTS)
    print(f"{'command':<16}{'steps':>6}" + "".join(f"{fault:>14}" for fault in faults))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(_tried, names, [given.stride] * len(names), [faults] * len(names))
        for name, (steps, done) in zip(names, results, strict=True):
            tried, lost = Counter(one.fault for one in done), Counter(one.fault for one in done if one.wrong)
            cells = (f"{tried[fault] - lost[fault]} of {tried[fault]}" for fault in faults)
            print(f"{name:<16}{steps:>6}" + "".join(f"{cell:>14}" for cell in cells), flush=True)
            for one in done:
                if one.wrong:
                    print(f"    {one.fault} at {one.step}: {'; '.join(one.wrong)}")


def _tried(name: str, stride: int, faults: tuple[str, ...]) -> tuple[int, list[Outcome]]:
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Path(folder), name)
        return len(scene.steps), list(scene.disturbed(faults, stride))


if __name__ == "__main__":
    main()
