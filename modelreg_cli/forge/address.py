"""The address of a remote -> which forge it is on, and under which name."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

KINDS = ("github", "gitlab", "forgejo")
#: git@host:owner/name, as ssh takes it.
_SHORT = re.compile(r"(?:[^@/:\s]+@)?([^:/\s]+):(?!//)(.+)\Z")
_HOSTS = {"github.com": "github", "gitlab.com": "gitlab", "codeberg.org": "forgejo"}


class Address(NamedTuple):
    """Where a repository is on a forge: the web address of the forge, and owner/name (of GitLab with all groups)."""

    site: str
    host: str
    name: str


def address_of(remote: str) -> Address | None:
    """The place of a remote's address, without what it says about who asks; None where it is no forge's, such as a folder."""
    parts = urlsplit(remote)
    if parts.scheme in ("http", "https", "ssh", "git+ssh", "git") and parts.hostname:
        host, path = parts.hostname, parts.path
        port = f":{parts.port}" if parts.port and parts.scheme in ("http", "https") else ""
        site = f"{'http' if parts.scheme == 'http' else 'https'}://{host}{port}"
    elif not parts.scheme.startswith("file") and (short := _SHORT.match(remote)) and len(short[1]) > 1:  # C:\... is a folder
        host, path, site = short[1], short[2], f"https://{short[1]}"
    else:
        return None
    name = path.strip("/").removesuffix(".git").strip("/")
    return Address(site, host, name) if "/" in name else None


def kind_of(host: str) -> str | None:
    """github, gitlab or forgejo, by the name of a host."""
    if host in _HOSTS:
        return _HOSTS[host]
    names = {"github": "github", "gitlab": "gitlab", "forgejo": "forgejo", "gitea": "forgejo"}
    return next((kind for name, kind in names.items() if name in re.split(r"[.-]", host)), None)
