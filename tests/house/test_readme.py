"""The README's tour shows what the commands print today. `MODELREG_UPDATE=1 pytest tests/house/test_readme.py` writes it anew."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"```\n\$ (modelreg [^\n]+)\n(.*?)```", re.DOTALL)
PAST = re.compile(r"```console\n\$ (modelreg [^\n]+)\n(.*?)```", re.DOTALL)
WIDTH = 132

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a terminal is needed: Windows has no pty")


def on_a_terminal(command: str) -> str:
    """What a person sees: stdout and stderr of the command on a terminal, without colour."""
    program = (
        "import os, pty, sys\n"
        "pid, master = pty.fork()\n"
        "if pid == 0:\n"
        "    os.execvp('sh', ['sh', '-c', sys.argv[1]])\n"
        "try:\n"
        "    while chunk := os.read(master, 65536):\n"
        "        sys.stdout.buffer.write(chunk)\n"
        "except OSError:\n"
        "    pass\n"
        "os.waitpid(pid, 0)\n"
    )
    shell = f"stty cols {WIDTH} rows 50; PS1= {command.replace('modelreg ', f'{sys.executable} -m modelreg_cli ', 1)}"
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm"}
    done = subprocess.run([sys.executable, "-c", program, shell], cwd=ROOT, capture_output=True, env=environment, timeout=60, check=True)
    return done.stdout.decode().replace("\r\n", "\n")


def steady(text: str) -> str:
    """Times differ from run to run, and a progress bar is gone when its work is."""
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    return re.sub(r"in \d+\.\d+ s", "in 0.9 s", "".join(line.rpartition("\r")[2] for line in plain.splitlines(keepends=True)))


def test_the_tour_shows_what_the_commands_print() -> None:
    text = README.read_text("utf-8")
    blocks = BLOCK.findall(text)
    assert len(blocks) >= 8
    on_a_terminal("modelreg stats")  # the index is fresh before outputs are compared
    made = BLOCK.sub(lambda hit: f"```\n$ {hit[1]}\n{steady(on_a_terminal(hit[1]))}```", text)
    if os.environ.get("MODELREG_UPDATE"):
        README.write_text(made, "utf-8")
        text = made
    assert made == text


def has_the_past() -> bool:
    """Whether the commits that the README tells of are here: an archive and a shallow clone have none."""
    file = "catalog/models/nvidia/nemotron-mini-4b-instruct/2024-08-21.yaml"
    done = subprocess.run(["git", "log", "--format=%cI", "--", file], cwd=ROOT, capture_output=True, text=True, check=False)
    return "2026-11-21T04:24:38" in done.stdout


@pytest.mark.skipif(not has_the_past(), reason="the history of the catalog is not here")
def test_the_tour_of_the_past_shows_what_the_commands_print() -> None:
    text = README.read_text("utf-8")
    assert len(PAST.findall(text)) == 2
    on_a_terminal("modelreg history --limit 1")
    made = PAST.sub(lambda hit: f"```console\n$ {hit[1]}\n{steady(on_a_terminal(hit[1]))}```", text)
    if os.environ.get("MODELREG_UPDATE"):
        README.write_text(made, "utf-8")
        text = made
    without_ids = re.compile("commit [0-9a-f]{12}")
    assert without_ids.sub("", made) == without_ids.sub("", text)


def test_the_counts_are_those_of_the_catalog() -> None:
    told = re.search(r"reference catalog: (\d+) models, (\d+) versions, ([\d,]+) offerings of (\d+) providers", README.read_text("utf-8"))
    assert told is not None
    catalog = ROOT / "catalog"
    models = list(catalog.glob("models/*/*/model.yaml"))
    versions = [path for path in catalog.glob("models/*/*/*.yaml") if path.name != "model.yaml"]
    providers = list(catalog.glob("providers/*/provider.yaml"))
    offerings = [path for path in catalog.glob("providers/*/*.yaml") if path.name != "provider.yaml"]
    assert [int(number.replace(",", "")) for number in told.groups()] == [len(models), len(versions), len(offerings), len(providers)]


def test_the_pages_it_names_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text("utf-8")):
        assert (ROOT / target).exists(), target
