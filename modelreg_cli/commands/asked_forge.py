"""Where the repository is whose pull requests a command asks for."""

import os

from modelreg_cli.errors import ModelregError


def address_of_repository(remote: str | None, known: dict[str, str]) -> str:
    """What was named, the remote of a clone, or what the pipeline says.

    Raises:
        ModelregError: nothing says it.
    """
    if remote is not None:
        return known.get(remote, remote)
    if "origin" in known:
        return known["origin"]
    server, name = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    if server and name:
        return f"{server}/{name}.git"
    if project := os.environ.get("CI_PROJECT_URL"):
        return f"{project}.git"
    raise ModelregError(
        "where the repository is is not known", "name its address with --remote, or run it in a clone with a remote `origin`"
    )
