"""One repository of the hub, read with its own client within one deadline; nothing is kept on this machine."""

import importlib
import importlib.util
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from modelreg_cli.errors import ModelregError, Unavailable

Talk = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Repository:
    """What the hub says of a repository at a commit.

    `asked` is the name that was asked for, which an old name may differ from; `info` is the answer of the interface;
    `config` is config.json, None where it can not be read or is not there; `results` are the texts of .eval_results/ by path.
    """

    asked: str
    name: str
    revision: str
    info: dict[str, Any]
    config: dict[str, Any] | None = None
    results: dict[str, str] = field(default_factory=dict)


def fetch(name: str, revision: str | None, deadline: float, talk: Talk) -> Repository:
    """The repository `org/name`, at a revision or at its newest commit; HF_TOKEN and HF_ENDPOINT are taken from the environment.

    Raises:
        ModelregError: the extra is not installed, or the name is none.
        Refused: there is no such repository or revision, or it is closed to us.
        Unavailable: the hub did not answer in `deadline` seconds.
    """
    try:
        reading = importlib.import_module("modelreg_cli.importers.huggingface.reading")  # an extra, and slow to load
    except ImportError:
        raise ModelregError("the client of the Hugging Face hub is not installed", "pip install 'modelreg[hf]'") from None
    if name.count("/") != 1 or not all(name.split("/")):
        raise ModelregError(f"{name!r} is no repository of the hub", "write hf:organisation/name, or hf:organisation/name@revision")
    found: list[Repository | BaseException] = []

    def work() -> None:
        try:
            found.append(reading.Reading(name, revision, time.monotonic() + deadline, talk).repository())
        except BaseException as error:
            found.append(error)

    # the client waits and tries again by itself, as long as it likes: the clock is ours
    thread = threading.Thread(target=work, daemon=True)
    logger, handler = logging.getLogger("huggingface_hub"), _Told(talk)
    logger.addHandler(handler)
    propagate, logger.propagate = logger.propagate, False
    try:
        thread.start()
        thread.join(deadline)
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
    if not found:
        raise Unavailable(f"the hub said nothing of {name} within {deadline:g} seconds", "try again, or give it longer with --deadline")
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


class _Told(logging.Handler):
    """What the client logs, to whoever listens."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(logging.WARNING)
        self._talk = talk

    def emit(self, record: logging.LogRecord) -> None:
        self._talk(f"hub: {record.getMessage().splitlines()[0]}")
