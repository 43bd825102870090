"""What tests of all forms share: sources of them."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modelreg_cli.forms.made import Source
from modelreg_cli.query.opened import open_index
from tests.release.conftest import key, new_key, publish_to, repo

__all__ = ["key", "new_key", "publish_to", "repo"]

#: Opens an index as a source of forms.
Sources = Callable[..., Source]


@pytest.fixture
def source_of() -> Iterator[Sources]:
    """Opens an index as a source of forms."""
    with contextlib.ExitStack() as stack:

        def call(path: Path, catalog: str = "small", root: Path = Path()) -> Source:
            index = open_index(str(path))
            stack.callback(index.connection.close)
            return Source(index, catalog, "c" * 40, "d" * 40, str(root), lambda _words: None)

        yield call
