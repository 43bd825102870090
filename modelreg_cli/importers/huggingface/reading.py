"""The hub's own client at work: answers asked for again while there is time, errors in our words. Loaded where it is needed."""

import importlib
import importlib.util
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from modelreg_cli.errors import ModelregError, Refused, Unavailable
from modelreg_cli.importers.huggingface.client import Repository, Talk

#: The largest text that is fetched: config.json, a list of results.
_MOST = 2 * 1024 * 1024
#: Answers that may be another one a moment later.
_AGAIN = (429, 500, 502, 503, 504)
_EVAL_RESULTS = ".eval_results/"
#: What the client's own network library raises; its name changed with the client's second version.
_TRANSPORT: type[Exception] = importlib.import_module("httpx2" if importlib.util.find_spec("httpx2") else "httpx").TransportError


class Reading:
    """One reading of a repository."""

    def __init__(self, name: str, revision: str | None, end: float, talk: Talk) -> None:
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
            except (OSError, _TRANSPORT) as error:
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            wait = min(wait * 2, 8.0)
            pause = wait * random.uniform(0.5, 1.0)  # so that several do not come back at once
            if self._left() <= pause:
                raise Unavailable(f"the hub can not be read: {reason}", "try again later, or give it longer with --deadline")
            self._talk(f"hub: {reason}; once more in {pause:.1f} s")
            time.sleep(pause)

    def _left(self) -> float:
        return self._end - time.monotonic()


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
