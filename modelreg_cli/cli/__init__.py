"""The command line: a table of commands, and the one place where an error becomes a message and an exit code."""

import errno
import importlib
import os
import sys

from modelreg_cli.cli.table import all_commands
from modelreg_cli.commands.options import Command, parse
from modelreg_cli.errors import BUG, UNAVAILABLE, ModelregError, Unavailable, UnknownRef

#: What a machine may be in trouble with: no room, no right, too many files open. None of these is a defect of the program.
_TROUBLES = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.EIO))
_STOPPED = 130  # what shells expect of a program that Ctrl-C ended


def main(argv: list[str] | None = None) -> None:
    """Runs `modelreg`; ends the process with the exit code."""
    given = sys.argv[1:] if argv is None else argv
    _speak_anyhow()
    try:
        code = _run(given)
        sys.stdout.flush()
    except ModelregError as error:
        code = _say(error)
    except BrokenPipeError:
        code = _unheard(0)  # the reader of our output went away (| head); say nothing, as other programs do
    except KeyboardInterrupt:
        print("\nstopped; no file was left half written", file=sys.stderr)
        code = _STOPPED
    except OSError as error:
        if error.errno in _TROUBLES and error.filename is not None:
            code = _say(
                Unavailable(f"{error.filename}: {error.strerror}", "make room, or check the permissions; files there before are whole")
            )
        elif error.filename is not None:
            code = _bug(error, given)
        else:  # no file was named: it is our output that could not be written
            print(f"error: the output could not be written: {error.strerror}", file=sys.stderr)
            code = _unheard(UNAVAILABLE)
    except Exception as error:  # the last line of defence: a bug is reported, never a bare traceback
        code = _bug(error, given)
    sys.exit(code)


def _run(given: list[str]) -> int:
    entry = all_commands.get(given[0]) if given else None
    if entry and not entry.function and "_MODELREG_COMPLETE" not in os.environ:
        command: Command = importlib.import_module(entry.module).COMMAND
        values = parse(command, given[1:])
        if values is not None:
            return command.run(values) or 0
    # everything else, and help, goes through Typer, which costs more to load than a search
    full = importlib.import_module("modelreg_cli.cli.full")
    return int(full.run(given))


def _speak_anyhow() -> None:
    """A character that the terminal's encoding lacks is written as an escape, and a closed stream takes nothing."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - it lives as long as the process
        elif hasattr(stream, "reconfigure") and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="backslashreplace")


def _unheard(code: int) -> int:
    """Sends what is left in the buffer nowhere, or the interpreter would complain about it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _say(error: ModelregError) -> int:
    print(f"error: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"hint: {error.hint}", file=sys.stderr)
    if isinstance(error, UnknownRef) and len(error.candidates) > 8:
        print("\n".join(error.candidates), file=sys.stderr)
    return error.exit_code


def _bug(error: Exception, given: list[str]) -> int:
    report = importlib.import_module("modelreg_cli.cli.bug")
    print(report.report(error, given), file=sys.stderr)
    return BUG
