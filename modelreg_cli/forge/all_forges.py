"""Which forge a remote is on, and how it is asked; tokens come from the environment alone."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from modelreg_cli.errors import ModelregError, did_you_mean, listed
from modelreg_cli.forge import forgejo, github, gitlab
from modelreg_cli.forge.address import KINDS, address_of, kind_of
from modelreg_cli.forge.forgejo import Forgejo
from modelreg_cli.forge.github import GitHub
from modelreg_cli.forge.gitlab import GitLab
from modelreg_cli.forge.pull import Proposals
from modelreg_cli.http import Client, Deadline

_MODULES = {"github": github, "gitlab": gitlab, "forgejo": forgejo}
_CLASSES: dict[str, type[GitHub | GitLab | Forgejo]] = {"github": GitHub, "gitlab": GitLab, "forgejo": Forgejo}


class Found(NamedTuple):
    """A forge; `token`: whether it may be asked to change something. `tokens` are the variables that may hold one."""

    forge: Proposals
    token: bool
    tokens: tuple[str, ...]


def forge_of(
    remote: str, kind: str | None, environment: Mapping[str, str], deadline: Deadline, talk: Callable[[str], None]
) -> Found | None:
    """The forge of a remote's address, or None where that is no forge's.

    Raises:
        ModelregError: no forge is called so, or it is not known which one the host runs.
    """
    if kind is not None and kind not in KINDS:
        raise ModelregError(f"no forge is called {kind!r}", did_you_mean(kind, KINDS) or f"one of: {listed(list(KINDS))}")
    address = address_of(remote)
    if address is None:
        return None
    kind = kind or kind_of(address.host)
    if kind is None:
        raise ModelregError(f"which forge runs at {address.host} is not known", f"name it with --forge: {listed(list(KINDS))}")
    module = _MODULES[kind]
    token = next((value for name in module.TOKENS if (value := environment.get(name))), "")
    base = environment.get(module.API) or module.base_of(address)
    client = Client(deadline, base=base, secret=module.secret_of(token) if token else None, talk=talk)
    return Found(_CLASSES[kind](client, address), bool(token), module.TOKENS)
