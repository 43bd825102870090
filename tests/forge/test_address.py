"""Addresses of remotes."""

import pytest

from modelreg_cli.forge.address import Address, address_of, kind_of
from modelreg_cli.forge.pull import text_with


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/acme/registry.git", Address("https://github.com", "github.com", "acme/registry")),
        ("https://user:s3cret@github.com/acme/registry", Address("https://github.com", "github.com", "acme/registry")),
        ("git@github.com:acme/registry.git", Address("https://github.com", "github.com", "acme/registry")),
        ("ssh://git@gitlab.example.org:2222/a/b/c.git", Address("https://gitlab.example.org", "gitlab.example.org", "a/b/c")),
        ("http://127.0.0.1:3000/a/b/", Address("http://127.0.0.1:3000", "127.0.0.1", "a/b")),
        ("codeberg.org:a/b", Address("https://codeberg.org", "codeberg.org", "a/b")),
        ("/srv/git/registry.git", None),
        ("../registry", None),
        ("file:///srv/git/a/b", None),
        ("C:\\registry\\a", None),
        ("https://github.com/alone", None),
    ],
)
def test_where_a_remote_is(remote: str, address: Address | None) -> None:
    assert address_of(remote) == address


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("github.com", "github"), ("github.acme.example", "github"), ("gitlab.com", "gitlab"), ("gitlab-2.example.org", "gitlab"),
        ("codeberg.org", "forgejo"), ("gitea.example.org", "forgejo"), ("git.example.org", None), ("notgithub.com", None),
    ],
)  # fmt: skip
def test_which_forge_a_host_runs(host: str, kind: str | None) -> None:
    assert kind_of(host) == kind


def test_the_text_of_people_stays() -> None:
    first = text_with("", "one")
    mine = f"Please look.\n\n{first}\nThanks!\n"
    assert text_with(mine, "two") == mine.replace("one", "two")
    assert text_with("Mine alone", "two").startswith("Mine alone\n\n<!-- ")
