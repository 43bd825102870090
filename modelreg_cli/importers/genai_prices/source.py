"""Reading genai-prices: its repository, or the folder of its prices, as files or as an archive."""

import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelreg_cli.errors import ModelregError
from modelreg_cli.importers import files
from modelreg_cli.importers.runs import plain_yaml

REPOSITORY = "https://github.com/pydantic/genai-prices"


@dataclass(frozen=True, slots=True)
class Seller:
    """A provider's file: its id there, its value, its address."""

    id: str
    data: dict[str, Any]
    url: str


@dataclass(frozen=True, slots=True)
class Upstream:
    """All providers, files that can not be read (name, why), and the day of the source."""

    sellers: tuple[Seller, ...]
    unread: tuple[tuple[str, str], ...]
    observed: str


def read(source: Path, observed: str | None, revision: str | None, today: str) -> Upstream:
    """The source.

    Raises:
        ModelregError: it can not be read, or holds no providers.
    """
    found = files.read(source, ".yml")
    sellers, unread = [], []
    for path, raw in sorted(found.contents.items()):
        folder, name = posixpath.split(path)
        if posixpath.basename(folder) != "providers":
            continue
        try:
            data = plain_yaml.read(raw.decode("utf-8"), Path(path))
        except (ModelregError, UnicodeDecodeError) as error:
            unread.append((name.removesuffix(".yml"), str(error)))
            continue
        if isinstance(data, dict) and isinstance(data.get("id"), str) and isinstance(data.get("models"), list):
            sellers.append(Seller(data["id"], data, _url(name, revision or found.revision)))
        else:
            unread.append((name.removesuffix(".yml"), f"{path} has no id or no models"))
    if not sellers:
        raise ModelregError(f"{source} holds no providers/*.yml", f"name a folder or archive of {REPOSITORY}")
    return Upstream(tuple(sellers), tuple(unread), files.day_of(observed, found, today))


def _url(name: str, revision: str | None) -> str:
    return f"{REPOSITORY}/blob/{revision}/prices/providers/{name}" if revision else REPOSITORY
