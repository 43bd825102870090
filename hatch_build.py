"""Wheels carry the compiled index of the catalog: made here from catalog/, by the program itself, when one is built."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class IndexHook(BuildHookInterface[Any]):
    """`modelreg build -o` into the wheel; the bytes follow from catalog/ and the SQLite library."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the index; an editable install reads its checkout."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory(prefix="modelreg-")
        index = Path(self._folder.name, "index.db")
        # in a process of its own; what PYTHONPATH says may be taken back by whoever isolates the build
        program = "import sys\nsys.path.insert(0, sys.argv[3])\nfrom modelreg_cli.cli import main\nmain(sys.argv[1:])"
        command = [sys.executable, "-B", "-c", program, "build", "--root", self.root, "-o", str(index), "--quiet"]
        subprocess.run(command, check=True)
        build_data["force_include"][str(index)] = "modelreg_cli/shipped/index.db"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Takes the index away again."""
        if version != "editable":
            self._folder.cleanup()
