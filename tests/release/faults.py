"""Publish and pull, disturbed at each of their steps (tests/release/tracer.py), and what has to hold afterwards."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from modelreg_cli.cli import main
from modelreg_cli.index.held import Held, held
from modelreg_cli.release.envelope import opened
from tests.release.conftest import new_key
from tests.repositories import made

TRACER = Path(__file__).with_name("tracer.py")
FAULTS = ("kill", "ENOSPC", "EIO", "EACCES")
NEW = {"catalog/models/acme/tiny/1.1.0.yaml": "released: 2026-02-01\nstatus: active\n", "README.md": "Moved.\n"}


class Outcome(NamedTuple):
    """One run that was disturbed; `wrong` is what did not hold."""

    step: str
    fault: str
    wrong: list[str]


class Ended(NamedTuple):
    """How a run of the program ended."""

    code: int
    out: str
    err: str


class Scene:
    """A channel, a machine that pulls, and a command; every run starts from a copy of what was there before."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.before, self.work, self.log = name, folder / name, folder / "work", folder / "log"
        self._repo, self.key = folder / "repo", folder / "key"
        self.pulls = name.startswith("pull")
        self.command = ("pull", f"{self.work}/channel") if self.pulls else self.publishing(name not in ("publish first", "pull first"))
        self._prepare()
        self.steps = self._undisturbed()

    def publishing(self, new: bool) -> tuple[str, ...]:
        """The command that publishes the old state, or the new one."""
        keep = ("--keep", "1") if new else ()
        return (
            "publish",
            f"{self.work}/channel",
            "--key",
            str(self.key),
            "--root",
            str(self._repo),
            "--at",
            "new" if new else "old",
            "--forms",
            "schemas,documents" if "documents" in self.name else "none",
            *keep,
        )

    def _prepare(self) -> None:
        if not self._repo.exists():
            repo = made(self._repo)
            repo.git("tag", "old")
            repo.commit(dict(NEW))
            repo.git("tag", "new")
            new_key(self.key)
        for one in ("channel", "home", "tmp"):
            (self.work / one).mkdir(parents=True)
        steps = {
            "publish first": "", "publish change": "p", "publish again": "pP", "publish documents": "p",
            "pull first": "p", "pull change": "plP", "pull again": "pl", "pull mend": "plm", "pull rest": "plPr",
        }  # fmt: skip
        for step in steps[self.name]:
            if step in "pP":
                assert self.call(*self.publishing(step == "P")).code == 0
            elif step == "l":
                assert self.call("pull", f"{self.work}/channel").code == 0
            elif step == "m":
                (index,) = (self.work / "home" / "small").glob("index-*.db")
                index.write_bytes(index.read_bytes()[:-5000])
            else:
                self._break_off()
        shutil.move(self.work, self.before)

    def _break_off(self) -> None:
        """Leaves the first half of a download behind."""
        told = opened((self.work / "channel" / "latest.json").read_bytes()).manifest.file("index.diff")
        assert told
        raw = (self.work / "channel" / told.name).read_bytes()
        (self.work / "home" / "small" / f".{told.sha256[:16]}.part").write_bytes(raw[: len(raw) // 2])

    def _undisturbed(self) -> list[str]:
        self.begin()
        ended = self._traced(0, "kill")
        assert ended.code == 0, ended.err
        self.wanted = self.snapshot()
        return self.log.read_text().splitlines()

    def begin(self) -> None:
        """Everything as it was before the command."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.before, self.work)
        self.log.unlink(missing_ok=True)

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "MODELREG_HOME": f"{self.work}/home", "TMPDIR": f"{self.work}/tmp"}

    def _traced(self, step: int, fault: str) -> Ended:
        argv = [sys.executable, str(TRACER), str(self.work), str(self.log), str(step), fault, *self.command]
        done = subprocess.run(argv, cwd=self.work / "tmp", env=self._environment(), capture_output=True, text=True, check=False, timeout=60)
        return Ended(done.returncode, done.stdout, done.stderr)

    def call(self, *argv: str) -> Ended:
        """Runs the program in this process, undisturbed."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with (
            redirect_stdout(out),
            redirect_stderr(err),
            mock.patch.dict(os.environ, self._environment()),
            mock.patch.object(tempfile, "tempdir", f"{self.work}/tmp"),
        ):
            try:
                main(list(argv))
            except SystemExit as end:
                code = int(end.code or 0)
        return Ended(code, out.getvalue(), err.getvalue())

    def disturbed(self, faults: tuple[str, ...] = FAULTS, stride: int = 1) -> Iterator[Outcome]:
        """Runs the command with each fault at every step, or every so many."""
        for number, fault in enumerate(faults):
            # another place to begin for each fault, so that together they come closer
            first = 1 + number * stride // len(faults)
            yield from self.at(list(range(first, len(self.steps) + 1, stride)), fault)

    def at(self, steps: list[int], fault: str) -> Iterator[Outcome]:
        """Runs the command with a fault at each of some steps."""
        for step in steps:
            self.begin()
            ended = self._traced(step, fault)
            yield Outcome(self.steps[step - 1], fault, [*self._told(ended, fault), *self._state(), *self._again()])

    def _told(self, ended: Ended, fault: str) -> Iterator[str]:
        if fault == "kill" and ended.code != -9:
            yield f"it was not killed: {ended.code} {ended.err}"
        if fault != "kill" and ended.code not in (0, 1, 2, 3):
            yield f"it ended with {ended.code}: {ended.err}"
        if (ended.code > 0 and "hint: " not in ended.err) or "Traceback" in ended.err:
            yield f"it does not say what to do: {ended.err}"

    def _state(self) -> Iterator[str]:
        """The old state or the new one, and never a mix."""
        if self.pulls:
            yield from self._of_reader()
        if (self.work / "channel" / "latest.json").exists() or "first" not in self.name:
            checked = self.call("verify", f"{self.work}/channel", "--trust", str(self.signers()))
            if checked.code:
                yield f"the channel is not whole: {checked.out}{checked.err}"

    def _of_reader(self) -> Iterator[str]:
        asked = self.call("versions", "acme/tiny", "--catalog", "small", "--json")
        if self.name == "pull first" and asked.code == 3:
            return  # nothing was held, and nothing is
        if self.name == "pull mend" and (asked.code == 3 or self.call("verify").code):
            return  # it was damaged before, and is
        if asked.code or len(json.loads(asked.out)) not in (1, 2):
            yield f"questions are not answered: {asked.code} {asked.out}{asked.err}"
        checked = self.call("verify")
        if checked.code:
            yield f"what is held is not whole: {checked.out}{checked.err}"

    def _again(self) -> Iterator[str]:
        ended = self.call(*self.command)
        if ended.code:
            yield f"the next one fails: {ended.code} {ended.err}"
        elif (found := self.snapshot()) != self.wanted:
            yield f"it ends as something else: {sorted(set(found.items()) ^ set(self.wanted.items()))}"

    def signers(self) -> Path:
        """A file of the keys that may sign."""
        file = self.key.with_name("signers")
        file.write_text(f"publisher {Path(f'{self.key}.pub').read_text()}")
        return file

    def held(self) -> Held:
        """What is held."""
        with mock.patch.dict(os.environ, self._environment()):
            found = held("small")
        assert found
        return found

    def snapshot(self) -> dict[str, str]:
        """Everything that lies there; of what tells a time, without it."""
        found = {}
        for path in sorted(self.work.rglob("*")):
            name, raw = path.relative_to(self.work).as_posix(), path.read_bytes() if path.is_file() else b"folder"
            if name.startswith("tmp/") and not path.name.startswith("modelreg"):
                continue  # Python's own, which looks whether a folder for temporary files can be written
            if not self.pulls and (name.startswith("channel/manifests/") or name == "channel/latest.json"):
                manifest = opened(raw).manifest
                name = name.replace(manifest.digest()[:16], "*")
                raw = f"{manifest.sequence} {manifest.files}".encode()
            found[name] = hashlib.sha256(raw).hexdigest()[:16]
        return found


SCENES = (
    "publish first", "publish change", "publish again", "publish documents",
    "pull first", "pull change", "pull again", "pull mend", "pull rest",
)  # fmt: skip
