"""How a registry is entered: anonymously, with a user and a password, or with a token that those give.

https://distribution.github.io/distribution/spec/auth/token/
"""

import base64
import os
import re

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.http import Client
from modelreg_cli.release.channel import Way

USER, PASSWORD, TOKEN = "MODELREG_OCI_USER", "MODELREG_OCI_PASSWORD", "MODELREG_OCI_TOKEN"
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "[::1]"))


def site_of(host: str, port: str, clear: bool) -> str:
    """Where a registry is: over https, on this machine over http."""
    return f"{'http' if clear or host in _LOOPBACK else 'https'}://{host}{port}"


def opened_by(challenge: str, base: str, way: Way) -> Client:
    """A client that may enter, by what the registry asks for.

    Raises:
        Unavailable: the environment has nothing to enter with, or the registry gives no token.
    """
    kind, _, rest = challenge.partition(" ")
    asked = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    basic = _basic()
    if os.environ.get(TOKEN):
        secret = {"authorization": f"Bearer {os.environ[TOKEN]}"}
    elif kind.lower() == "bearer" and "realm" in asked:
        params = {name: asked[name] for name in ("service", "scope") if name in asked}
        with Client(way.deadline, base=asked["realm"], secret=basic, talk=way.talk) as client:
            told = client.get_json(asked["realm"], params=params)
        token = (told.get("token") or told.get("access_token")) if isinstance(told, dict) else None
        if not isinstance(token, str):
            raise Unavailable(f"the registry's {asked['realm']} gave no token", f"are {USER} and {PASSWORD} right?")
        secret = {"authorization": f"Bearer {token}"}
    elif kind.lower() == "basic" and basic:
        secret = basic
    else:
        raise Unavailable("the registry wants to know who asks", f"set {USER} and {PASSWORD}, or {TOKEN}, in the environment")
    return Client(way.deadline, base=base, secret=secret, talk=way.talk)


def _basic() -> dict[str, str]:
    user, password = os.environ.get(USER, ""), os.environ.get(PASSWORD, "")
    if bool(user) != bool(password):
        raise ModelregError(f"only one of {USER} and {PASSWORD} is set", "set both, or none")
    return {"authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"} if user else {}
