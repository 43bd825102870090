"""One repository of the hub, read with its own client within one deadline; nothing is kept on this machine."""

import importlib
import importlib.util
import json
import logging
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelreg_cli.errors import ModelregError, Refused, Unavailable

#: The largest text that is fetched: config.json, a list of results.
_MOST = 2 * 1024 * 1024
#: Answers that may be another one a moment later.
_AGAIN = (429, 500, 502, 503, 504)
_EVAL_RESULTS = ".eval_results/"
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
        import huggingface_hub  # noqa: F401, PLC0415 - an extra, and slow to load
    except ImportError:
        raise ModelregError("the client of the Hugging Face hub is not installed", "pip install 'modelreg[hf]'") from None
    if name.count("/") != 1 or not all(name.split("/")):
        raise ModelregError(f"{name!r} is no repository of the hub", "write hf:organisation/name, or hf:organisation/name@revision")
    found: list[Repository | BaseException] = []

    def work() -> None:
        try:
            found.append(_Fetch(name, revision, time.monotonic() + deadline, talk).repository())
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


class _Fetch:
    """One reading of a repository."""

    def __init__(self, name: str, revision: str | None, end: float, talk: Talk) -> None:
        from huggingface_hub import HfApi  # noqa: PLC0415 - an extra, and slow to load

        self._name, self._revision, self._end, self._talk = name, revision, end, talk
        token = os.environ.get("HF_TOKEN") or False  # never the one that a login left on this machine
        self._api = HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None, token=token)

    def repository(self) -> Repository:
        """All of it."""
        info = self._asked(
            lambda: self._api.model_info(
                self._name, revision=self._revision, files_metadata=True, securityStatus=True, timeout=max(1.0, self._left())
            )
        )
        told = _plain(info)
        if not isinstance(info.sha, str):
            raise Refused(f"the hub names no commit of {self._name}", "nothing can be pinned without one")
        sizes = {file["rfilename"]: file.get("size") for file in told.get("siblings") or () if isinstance(file, dict)}
        texts = {path: self._text(path, info.id, info.sha) for path in sorted(sizes) if _is_wanted(path, sizes[path])}
        config = _json(texts.pop("config.json", None))
        return Repository(self._name, info.id, info.sha, told, config, {path: text for path, text in texts.items() if text is not None})

    def _text(self, path: str, name: str, revision: str) -> str | None:
        """A small file, or None where we may not read it."""
        from huggingface_hub.errors import GatedRepoError, RemoteEntryNotFoundError  # noqa: PLC0415

        with tempfile.TemporaryDirectory() as folder:
            try:
                file = self._asked(lambda: self._api.hf_hub_download(name, path, revision=revision, local_dir=folder))
                return Path(file).read_text("utf-8", "replace")
            except GatedRepoError:
                self._talk(f"note: {name} is gated; {path} is left out: HF_TOKEN must be of somebody who agreed to its terms")
                return None
            except RemoteEntryNotFoundError:  # listed a moment ago, and gone now
                return None

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """An answer, asked for again while the hub says that it can not just now."""
        from huggingface_hub.errors import (  # noqa: PLC0415
            DisabledRepoError,
            GatedRepoError,
            HfHubHTTPError,
            HFValidationError,
            RemoteEntryNotFoundError,
            RepositoryNotFoundError,
            RevisionNotFoundError,
        )

        wait = 0.5
        while True:
            try:
                return ask()
            except (GatedRepoError, RemoteEntryNotFoundError):
                raise
            except RepositoryNotFoundError:
                told = "or you may not see it" if self._api.token else "or it is private and HF_TOKEN is not set"
                raise Refused(f"the hub has no repository {self._name}, {told}", "check the spelling; capitals count") from None
            except RevisionNotFoundError:
                raise Refused(f"{self._name} has no revision {self._revision}", "a branch, tag or commit of the repository") from None
            except DisabledRepoError:
                raise Refused(f"the hub has switched {self._name} off", "nothing can be read of it") from None
            except HFValidationError as error:
                raise ModelregError(
                    f"{self._name!r} is no repository of the hub: {str(error).splitlines()[0]}", "write hf:organisation/name"
                ) from None
            except HfHubHTTPError as error:
                status = error.response.status_code if error.response is not None else None
                if status not in _AGAIN:
                    raise Unavailable(f"the hub answered {status} for {self._name}", _hint(status)) from None
                reason = f"it answered {status}"
            except (KeyError, TypeError, AttributeError, ValueError) as error:  # the client trusts that every field is there
                told = f"{type(error).__name__}: {error}".splitlines()[0]
                raise Unavailable(f"what the hub says of {self._name} is not understood: {told}", "is HF_ENDPOINT a hub?") from None
            except (OSError, _transport_error()) as error:
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            wait = min(wait * 2, 8.0)
            pause = wait * random.uniform(0.5, 1.0)  # so that several do not come back at once
            if self._left() <= pause:
                raise Unavailable(f"the hub can not be read: {reason}", "try again later, or give it longer with --deadline")
            self._talk(f"hub: {reason}; once more in {pause:.1f} s")
            time.sleep(pause)

    def _left(self) -> float:
        return self._end - time.monotonic()


def _transport_error() -> type[Exception]:
    """What the client's own network library raises."""
    name = "httpx2" if importlib.util.find_spec("httpx2") else "httpx"
    found: type[Exception] = importlib.import_module(name).TransportError
    return found


def _hint(status: int | None) -> str:
    return "is HF_TOKEN still valid?" if status in (401, 403) else "try again later"


def _is_wanted(path: str, size: Any) -> bool:
    if path != "config.json" and not (path.startswith(_EVAL_RESULTS) and path.endswith((".yaml", ".yml"))):
        return False
    return size is None or (isinstance(size, int) and size <= _MOST)


def _json(text: str | None) -> dict[str, Any] | None:
    try:
        found = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _plain(value: Any) -> Any:
    """The client's objects as plain values."""
    if hasattr(value, "__dict__") and not isinstance(value, type):
        return {key: _plain(item) for key, item in vars(value).items() if not key.startswith("_")}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
