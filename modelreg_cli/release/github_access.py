"""Where GitHub is asked and where it takes files, and which token may be shown to it."""

import os
from typing import NamedTuple
from urllib.parse import urlsplit

from modelreg_cli.errors import listed
from modelreg_cli.forge.address import Address
from modelreg_cli.forge.github import API, TOKENS, base_of

_PUBLIC = "github.com"
#: What `gh` takes for servers of one's own.
_ENTERPRISE = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
_LOOPBACK = frozenset(("127.0.0.1", "localhost"))


class Site(NamedTuple):
    """`api`: the address of the interface. `uploads`: hosts that files may be sent to. `token`: empty for nobody in particular."""

    api: str
    uploads: frozenset[str]
    token: str
    hint: str


def site_of(host: str, clear: bool) -> Site:
    """The interface of a host, or of the GitHub that is worked with: github.com, or what a runner has in GITHUB_API_URL.

    GITHUB_TOKEN is for github.com or for the runner's own server; another server is shown a token of its own alone.
    """
    here = os.environ.get(API, "").rstrip("/")
    scheme = "http" if clear or host.partition(":")[0] in _LOOPBACK else "https"
    api = base_of(Address(f"{scheme}://{host}", host, "")) if host else here or base_of(Address("", _PUBLIC, ""))
    own = not host or host == _PUBLIC or (here and urlsplit(here).netloc == host)
    names = TOKENS if own else _ENTERPRISE
    token = next((value for name in names if (value := os.environ.get(name))), "")
    where = urlsplit(api).hostname or ""
    hosts = frozenset((where, f"uploads.{where.removeprefix('api.')}"))
    return Site(api, hosts, token, f"set {listed(list(names))} in the environment, with `contents: write`")
