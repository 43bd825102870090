"""The hub's own client, writing: files are sent, and become a commit. Loaded where it is needed."""

import importlib
import importlib.util
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils.tqdm import disable_progress_bars

from modelreg_cli.errors import Unavailable
from modelreg_cli.http.deadline import asked_pause, own_pause
from modelreg_cli.release.channel import Way

#: The branch is not at the commit any more that the new one should follow.
_QUICKER = (409, 412)
#: Answers that may be another one a moment later.
_AGAIN = (429, 500, 502, 503, 504)
#: What the client's own network library raises; its name changed with the client's second version.
_TRANSPORT: type[Exception] = importlib.import_module("httpx2" if importlib.util.find_spec("httpx2") else "httpx").TransportError
Found = TypeVar("Found")


class Writer:
    """Writes to one branch of a dataset repository."""

    def __init__(self, endpoint: str, name: str, branch: str, way: Way) -> None:
        self._api = HfApi(endpoint=endpoint, token=os.environ["HF_TOKEN"])
        self._name, self._branch, self._way = name, branch, way
        disable_progress_bars()

    def added(self, path: str, raw: bytes) -> CommitOperationAdd:
        """A file that a commit can have; a large one is sent now, and its bytes are let go."""
        one = CommitOperationAdd(path_in_repo=path, path_or_fileobj=raw)
        self._asked(
            lambda: self._api.preupload_lfs_files(
                # what .gitignore there says of files of this name does not count
                self._name, [one], repo_type="dataset", revision=self._branch, gitignore_content="",
            )
        )  # fmt: skip
        return one

    def removed(self, path: str) -> CommitOperationDelete:
        """The end of a file."""
        return CommitOperationDelete(path_in_repo=path)

    def commit(self, operations: list[CommitOperationAdd | CommitOperationDelete], parent: str, words: str) -> str | None:
        """The commit that was made of them; None where the branch is not at the parent.

        Raises:
            Unavailable: the hub does not take it, or is not there.
        """
        made = self._asked(
            lambda: self._api.create_commit(
                self._name, operations, commit_message=words, repo_type="dataset", revision=self._branch, parent_commit=parent,
            )
        )  # fmt: skip
        return None if made is None else str(made.oid)

    def _asked(self, ask: Callable[[], Found]) -> Found | None:
        """An answer, asked for again while the hub says that it can not just now; None where somebody was quicker."""
        attempt = 0
        while True:
            attempt += 1
            pause = None
            try:
                with _silent():
                    return ask()
            except (HfHubHTTPError, RuntimeError, OSError, _TRANSPORT) as error:
                told = error.__cause__ if isinstance(error, RuntimeError) else error  # so it is with a large file
                if not isinstance(told, HfHubHTTPError):
                    words = type(told or error).__name__
                else:
                    status = told.response.status_code
                    if status in _QUICKER:
                        return None
                    words = " ".join(f"it answered {status}: {told.server_message or 'without a reason'}".split())[:300]
                    if status not in _AGAIN:
                        raise self._no(words, status) from None
                    pause = asked_pause({name.lower(): value for name, value in told.response.headers.items()})
            except (KeyError, TypeError, ValueError) as error:  # the client trusts that every field is there
                raise self._no(f"what it says is not understood ({type(error).__name__})", 0) from None
            pause = own_pause(attempt) if pause is None else pause
            if pause >= self._way.deadline.left():
                raise Unavailable(
                    f"the hub takes nothing for {self._name}: {words}", "try again, or give it longer with --deadline SECONDS"
                )
            self._way.talk(f"hub: {words}; once more in {pause:.1f} s")
            time.sleep(pause)

    def _no(self, words: str, status: int) -> Unavailable:
        hint = "HF_TOKEN must be of a user who may write to that dataset" if status in (401, 403, 404) else "is HF_ENDPOINT a hub?"
        return Unavailable(f"the hub takes nothing for {self._name}: {words}", hint)


@contextmanager
def _silent() -> Iterator[None]:
    """What the client logs may have addresses in it that are signed."""
    logger = logging.getLogger("huggingface_hub")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
