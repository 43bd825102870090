"""Texts kept in tests/golden/: with MODELREG_UPDATE=1 a test writes them anew."""

import os

from tests.conftest import CATALOGS

FOLDER = CATALOGS.parent / "golden"


def golden(name: str, text: str) -> None:
    """Compares with tests/golden/<name>, or writes it."""
    file = FOLDER / name
    if os.environ.get("MODELREG_UPDATE"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")
