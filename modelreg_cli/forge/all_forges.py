"""Which forge a remote is on, and how it is asked; tokens come from the environment alone."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from modelreg_cli.errors import ModelregError, did_you_mean, listed
from modelreg_cli.forge import forgejo, github, gitlab
from modelreg_cli.forge.address import KINDS, Address, address_of, kind_of
from modelreg_cli.forge.forgejo import Forgejo
from modelreg_cli.forge.forgejo_guards import ForgejoGuards
from modelreg_cli.forge.github import GitHub
from modelreg_cli.forge.github_guards import GitHubGuards
from modelreg_cli.forge.gitlab import GitLab
from modelreg_cli.forge.gitlab_guards import GitLabGuards
from modelreg_cli.forge.guards import Guards
from modelreg_cli.forge.pull import Proposals
from modelreg_cli.forge.reviews import Reviews
from modelreg_cli.http import Client, Deadline

_MODULES = {"github": github, "gitlab": gitlab, "forgejo": forgejo}
_CLASSES: dict[str, type[GitHub | GitLab | Forgejo]] = {"github": GitHub, "gitlab": GitLab, "forgejo": Forgejo}

_GUARDS: dict[str, type[GitHubGuards | GitLabGuards | ForgejoGuards]] = {
    "github": GitHubGuards,
    "gitlab": GitLabGuards,
    "forgejo": ForgejoGuards,
}


class Found(NamedTuple):
    """A forge; `token`: whether it may be asked to change something. `tokens` are the variables that may hold one."""

    forge: Proposals
    token: bool
    tokens: tuple[str, ...]


class Asked(NamedTuple):
    """A forge whose reviews are read, its kind, and the token that Git may fetch with."""

    reviews: Reviews
    kind: str
    token: str


def forge_of(
    remote: str, kind: str | None, environment: Mapping[str, str], deadline: Deadline, talk: Callable[[str], None]
) -> Found | None:
    """The forge of a remote's address, or None where that is no forge's.

    Raises:
        ModelregError: no forge is called so, or it is not known which one the host runs.
    """
    _known(kind)
    address = address_of(remote)
    if address is None:
        return None
    kind = kind or _kind_at(address)
    client, token = _client(address, kind, environment, deadline, talk)
    return Found(_CLASSES[kind](client, address), bool(token), _MODULES[kind].TOKENS)


def reviews_of(remote: str, kind: str | None, environment: Mapping[str, str], deadline: Deadline, talk: Callable[[str], None]) -> Asked:
    """The same, where reviews are to be read.

    Raises:
        ModelregError: as `forge_of`, or the address is no forge's.
    """
    _known(kind)
    address = address_of(remote)
    if address is None:
        raise ModelregError(f"{remote} is no address of a forge", "name one with --remote, or judge with --forge offline")
    kind = kind or _kind_at(address)
    client, token = _client(address, kind, environment, deadline, talk)
    return Asked(_CLASSES[kind](client, address), kind, token)


def kind_at(remote: str | None, kind: str | None) -> str | None:
    """The kind that was named, or that the host of an address tells; None where neither says it.

    Raises:
        ModelregError: no forge is called so.
    """
    _known(kind)
    address = address_of(remote) if remote else None
    return kind or (kind_of(address.host) if address else None)


def guards_of(
    remote: str, kind: str, environment: Mapping[str, str], deadline: Deadline, talk: Callable[[str], None]
) -> tuple[Guards | None, tuple[str, ...]]:
    """Whom to ask for the rules of a repository's branches, None without a token; and the variables that may hold one.

    Raises:
        ModelregError: the address is no forge's.
    """
    address = address_of(remote)
    if address is None:
        raise ModelregError(f"{remote} is no address of a forge", "name one with --remote, or leave the forge alone with --offline")
    client, token = _client(address, kind, environment, deadline, talk)
    return _GUARDS[kind](client, address) if token else None, _MODULES[kind].TOKENS


def _known(kind: str | None) -> None:
    if kind is not None and kind not in KINDS:
        raise ModelregError(f"no forge is called {kind!r}", did_you_mean(kind, KINDS) or f"one of: {listed(list(KINDS))}")


def _kind_at(address: Address) -> str:
    kind = kind_of(address.host)
    if kind is None:
        raise ModelregError(f"which forge runs at {address.host} is not known", f"name it with --forge: {listed(list(KINDS))}")
    return kind


def _client(
    address: Address, kind: str, environment: Mapping[str, str], deadline: Deadline, talk: Callable[[str], None]
) -> tuple[Client, str]:
    module = _MODULES[kind]
    token = next((value for name in module.TOKENS if (value := environment.get(name))), "")
    base = environment.get(module.API) or module.base_of(address)
    return Client(deadline, base=base, secret=module.secret_of(token) if token else None, talk=talk), token
