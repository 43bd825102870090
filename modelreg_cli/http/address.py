"""Addresses: what may be asked, what may be followed, what may carry a secret, and how a message shows one."""

import httpx

from modelreg_cli.errors import ModelregError

_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))


def shown(url: str) -> str:
    """An address as a message may show it: without user, password and query, which may sign it."""
    try:
        plain = str(httpx.URL(url).copy_with(username=None, password=None, query=None, fragment=None))
    except (httpx.InvalidURL, ValueError):
        return "(no address)"
    return "".join(char if char.isprintable() else "?" for char in plain)[:300]


def address(url: str) -> httpx.URL:
    """The address of something on a server.

    Raises:
        ModelregError: it is none, or has a password in it.
    """
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise ModelregError("that is no address", "write it as https://host/path") from None
    if parts.scheme not in ("http", "https") or not parts.host:
        raise ModelregError(f"{shown(url)} is not the address of a server", "write it as https://host/path")
    if parts.userinfo:
        hint = "leave it out, and set the token in the environment"
        raise ModelregError(f"{shown(url)}: a user or password in an address ends up in logs", hint)
    return parts


def onward(url: httpx.URL, location: str) -> httpx.URL | None:
    """Where a redirect leads; None where it is not safe to go: no server, or from https to something else."""
    try:
        target = url.join(location)
    except (httpx.InvalidURL, ValueError):
        return None
    if not location or not target.host or target.scheme not in ("https", url.scheme):
        return None
    return target.copy_with(username=None, password=None)


def origin(url: httpx.URL) -> tuple[str, str, int]:
    """Scheme, host and port: what a secret belongs to."""
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def carries_secrets(base: httpx.URL | None) -> None:
    """Refuses to send a token in the clear.

    Raises:
        ModelregError: the server is not known, or not asked over https (a server on this machine may be).
    """
    if base is None or (base.scheme != "https" and base.host not in _LOOPBACK):
        where = shown(str(base)) if base else "no server in particular"
        raise ModelregError(f"a token is not sent to {where}", "tokens go over https only: give an https:// address")
