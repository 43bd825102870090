"""What a user wrote down once: which catalog answers where no checkout is, and where catalogs are pulled from.

config.toml in the user's folder of settings, or the file that MODELREG_CONFIG names:

    catalog = "acme-models"

    [catalogs.acme-models]
    channel = "s3://acme/models"
    trust = "acme.signers"

Asked by reading commands: paths are plain text, and TOML is read only where there is such a file.
"""

import importlib
import os
from typing import Any, NamedTuple

from modelreg_cli.errors import ModelregError, did_you_mean, listed

CONFIG_ENV = "MODELREG_CONFIG"


class Source(NamedTuple):
    """Where a catalog is pulled from, and the file of keys that may have signed it; empty where not said."""

    channel: str
    trust: str


class Config(NamedTuple):
    """What the file says: an index `file` or the name of a pulled catalog to ask (empty: neither), and catalogs by name."""

    path: str
    file: str
    catalog: str
    catalogs: dict[str, Source]


def config_file() -> str:
    """Where the file is, or would be."""
    named = os.environ.get(CONFIG_ENV)
    if named:
        return named
    if os.name == "nt" and (roaming := os.environ.get("APPDATA")):
        return os.path.join(roaming, "modelreg", "config.toml")
    above = os.environ.get("XDG_CONFIG_HOME", "")
    return os.path.join(above if os.path.isabs(above) else os.path.expanduser("~/.config"), "modelreg", "config.toml")


def config() -> Config:
    """What the file says; nothing where there is none.

    Raises:
        ModelregError: it does not read, or says something that nobody understands.
    """
    path = config_file()
    try:
        with open(path, "rb") as file:
            raw = file.read()
    except (FileNotFoundError, NotADirectoryError):
        if os.environ.get(CONFIG_ENV):
            raise ModelregError(f"there is no file {path}, which {CONFIG_ENV} names", "write it, or take the variable away") from None
        return Config(path, "", "", {})
    except OSError as error:
        raise ModelregError(f"{path} cannot be read: {error.strerror}", "check its permissions") from None
    try:
        found = importlib.import_module("tomllib").loads(raw.decode("utf-8"))
    except ValueError as error:  # both a wrong TOML and a wrong encoding are one
        raise ModelregError(f"{path} is not TOML: {error}", "docs/publish.md shows what it may say") from None
    _known(path, "", found, ("index", "catalog", "catalogs"))
    catalogs = _table(path, "catalogs", found)
    sources = {name: _source(path, name, _table(path, f"catalogs.{name}", catalogs, name)) for name in catalogs}
    if found.get("index") and found.get("catalog"):
        raise ModelregError(f"{path} names an index and a catalog", "keep one of them: it is what answers where no checkout is")
    return Config(path, _file(path, "index", found), _text(path, "catalog", found), sources)


def _source(path: str, name: str, table: dict[str, Any]) -> Source:
    _known(path, f"catalogs.{name}.", table, ("channel", "trust"))
    channel = _text(path, "channel", table)
    if not channel:
        raise ModelregError(f"{path}: catalogs.{name} has no channel", 'write: channel = "https://..." or a folder')
    return Source(channel if "://" in channel else _file(path, "channel", table), _file(path, "trust", table))


def _known(path: str, above: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            hint = did_you_mean(key, known) or f"it may say {listed(list(known), 'and')}"
            raise ModelregError(f"{path}: {above}{key} is not known", hint)


def _table(path: str, name: str, table: dict[str, Any], key: str = "") -> dict[str, Any]:
    found = table.get(key or name, {})
    if not isinstance(found, dict):
        raise ModelregError(f"{path}: {name} is no table", f"write: [{name}]")
    return found


def _text(path: str, key: str, table: dict[str, Any]) -> str:
    found = table.get(key, "")
    if not isinstance(found, str):
        raise ModelregError(f"{path}: {key} is no text", f'write: {key} = "..."')
    return found


def _file(path: str, key: str, table: dict[str, Any]) -> str:
    """A path that counts from the folder of the file that names it."""
    found = os.path.expanduser(_text(path, key, table))
    return os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(path)), found)) if found else ""
