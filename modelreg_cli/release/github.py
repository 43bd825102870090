"""A repository on GitHub as a channel: files are assets of one release, and a branch of its own says what is newest.

That branch is moved by a commit that follows the one that was read, and never by force, so that GitHub itself refuses
whoever was slower: https://docs.github.com/en/rest/git/refs#update-a-reference
"""

import base64
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.forge.github import secret_of
from modelreg_cli.forge.told import Told
from modelreg_cli.http import Answer, Client, HttpError
from modelreg_cli.release.channel import LATEST, Latest, Moved, Way
from modelreg_cli.release.github_access import Site, site_of
from modelreg_cli.release.packed import digest_of
from modelreg_cli.release.pieces import pieces, settled

BRANCH, RELEASE = "modelreg-latest", "modelreg-files"
_ADDRESS = re.compile(r"github://(?:([A-Za-z0-9.-]+(?::\d+)?)/)?([A-Za-z0-9_-]+/[A-Za-z0-9._-]+)/?\Z")
_PAUSE = 0.5  # seconds
_ATTEMPTS = 4
_OCTETS = "application/octet-stream"
_WORDS = "Files of a published catalog. `modelreg pull` reads them; the branch `modelreg-latest` says which state is the newest."


class Asset(NamedTuple):
    """One file of the release; `whole`: all of it arrived. `sha256` is empty where the server does not tell it."""

    number: int
    bytes: int
    sha256: str
    whole: bool


class GitHubChannel:
    """One repository; the token is GITHUB_TOKEN or GH_TOKEN, and none is needed to read a public one."""

    paths = False

    def __init__(self, address: str, way: Way) -> None:
        parts = _ADDRESS.match(address)
        if not parts or parts[2].endswith(("/.", "/..")):
            raise ModelregError(
                f"{address.partition('?')[0]} names no repository", "write github://owner/name, or github://host/owner/name"
            )
        self.address, self._way = address.rstrip("/"), way
        self._site: Site = site_of(parts[1] or "", way.clear)
        self._base = f"{self._site.api}/repos/{quote(parts[2])}/"
        secret = secret_of(self._site.token) if self._site.token else None
        self._client = Client(way.deadline, base=self._base, secret=secret, talk=way.talk)
        self._octets = Client(way.deadline, base=self._base, secret=secret, headers={"accept": _OCTETS}, talk=way.talk)
        self._upload: tuple[int, Client] | None = None
        self._known: dict[str, Asset] = {}

    def latest(self) -> Latest | None:
        """The newest envelope; its mark is the commit that the branch is at."""
        head = self._head()
        if head is None:
            self._client.get_json(self._base.rstrip("/"))  # a repository that is not there is told as such
            return None
        found = self._client.request("GET", f"contents/{LATEST}", params={"ref": head}, also=(404,))
        told = Told(found.json(), f"the branch {BRANCH}")
        if found.status == 404 or told.get("encoding") != "base64":
            raise ModelregError(f"the branch {BRANCH} is something else than a catalog of modelreg", "is it the right repository?")
        try:
            return Latest(base64.b64decode(told.text("content")), head)
        except ValueError:
            raise Unavailable(f"{self.address}: {LATEST} does not come as it should", "a proxy may have changed it: try again") from None

    def swap(self, raw: bytes, before: Latest | None) -> None:
        """Moves the branch by one commit, where it is still at the one that was read."""
        self._writes()
        mark = before.mark if before else None
        file = {"path": LATEST, "mode": "100644", "type": "blob", "content": raw.decode()}
        tree = self._made("git/trees", "the tree", tree=[file])
        commit = self._made("git/commits", "the commit", message="Publish a state", tree=tree, parents=[mark] if mark else [])
        try:
            if mark:
                self._client.request("PATCH", f"git/refs/heads/{BRANCH}", body={"sha": commit, "force": False}, safe=True)
            else:
                self._client.request("POST", "git/refs", body={"ref": f"refs/heads/{BRANCH}", "sha": commit}, safe=True)
        except HttpError as error:
            now = self._head()
            if error.status not in (409, 422) or (now == mark and now != commit):
                raise
            if now != commit:  # else it was done, and only the answer was lost
                raise Moved(self.address) from None

    def has(self, name: str) -> int | None:
        """Bytes of a file."""
        found = self._assets().get(name)
        return found.bytes if found and found.whole else None

    def put(self, name: str, source: Path) -> None:
        """Puts a file; what broke off, or is another file of that name, is taken away before."""
        self._writes()
        size, sha = digest_of(source)
        for attempt in range(_ATTEMPTS):
            there = self._assets().get(name)
            if there and (there.whole, there.bytes, there.sha256) == (True, size, sha):
                return
            if there and (there.whole or attempt):  # at first it may be another publisher's that is still on its way
                self._delete(there)
                there = None
            if there is None and self._sent(name, source):
                return
            time.sleep(min(_PAUSE, self._way.deadline.left()))
        raise Unavailable(f"{self.address}: {name} does not arrive whole", "is another publisher at work? try again")

    def get(self, name: str, start: int = 0) -> Iterator[bytes]:
        """The bytes of a file. Where they lie is asked once: on github.com that is another host, which is told no token."""
        found = self._known.get(name) or self._assets().get(name)
        if found is None or not found.whole:
            raise Unavailable(f"{self.address} has no {name}", "its publisher has to publish it again")
        yield from pieces(self._octets, settled(self._octets, f"releases/assets/{found.number}"), start)

    def names(self, prefix: str) -> list[str]:
        """Names that begin so."""
        return sorted(name for name in self._assets() if name.startswith(prefix))

    def remove(self, *names: str) -> None:
        """Takes files away."""
        assets = self._assets() if names else {}
        for name in names:
            if name in assets:
                self._delete(assets[name])

    def _head(self) -> str | None:
        found = self._client.request("GET", f"git/ref/heads/{BRANCH}", also=(404, 409))  # 409: a repository without a commit
        return Told(found.json(), f"the branch {BRANCH}").of("object").text("sha") if found.status == 200 else None

    def _made(self, path: str, what: str, **body: Any) -> str:
        return Told(self._client.request("POST", path, body=body, safe=True).json(), what).text("sha")

    def _assets(self) -> dict[str, Asset]:
        """What is there now; who reads many files looks once."""
        found: dict[str, Asset] = {}
        self._known = found
        release = self._client.request("GET", f"releases/tags/{RELEASE}", also=(404,))
        if release.status == 404:
            return found
        number = Told(release.json(), "the release").number("id")
        for page in self._client.pages(f"releases/{number}/assets", params={"per_page": 100}):
            for told in Told.each(page, "the assets"):
                digest = told.get("digest") or ""
                whole = told.text("state") == "uploaded"
                found[_name(told.text("name"))] = Asset(told.number("id"), told.number("size"), digest.removeprefix("sha256:"), whole)
        return found

    def _sent(self, name: str, source: Path) -> bool:
        """Whether a file arrived; False where one of that name is there already."""
        number, client = self._uploads()
        self._known = {}
        answer = client.request(
            "POST", f"releases/{number}/assets", params={"name": _flat(name)}, body=source, headers={"content-type": _OCTETS}, safe=True,
            also=(422,),
        )  # fmt: skip
        if answer.status == 422 and "already_exists" not in answer.body.decode("utf-8", "replace"):
            raise Unavailable(f"{self.address} takes no {name}: {_said(answer)}", "releases that are immutable can not be a channel")
        return answer.status != 422 and Told(answer.json(), "the asset").text("name") == _flat(name)

    def _uploads(self) -> tuple[int, Client]:
        """The release, made where it is not there yet, and the way to send files to it."""
        if self._upload is None:
            found = self._client.request("GET", f"releases/tags/{RELEASE}", also=(404,))
            if found.status == 404:
                body = {"tag_name": RELEASE, "name": "Published catalog", "body": _WORDS, "make_latest": "false"}
                found = self._client.request("POST", "releases", body=body, safe=True, also=(422,))
                if found.status == 422:  # another publisher was quicker, or the repository has no commit
                    said = _said(found)
                    found = self._client.request("GET", f"releases/tags/{RELEASE}", also=(404,))
                    if found.status == 404:
                        raise Unavailable(f"{self.address} takes no release: {said}", "it needs a first commit")
            told = Told(found.json(), "the release")
            onto = urlsplit(told.text("upload_url").partition("{")[0])
            if onto.hostname not in self._site.uploads or not onto.path.endswith(f"/releases/{told.number('id')}/assets"):
                raise Unavailable(f"{self.address}: files were to be sent to {onto.hostname}", "a token is not sent to another host")
            base = f"{onto.scheme}://{onto.netloc}{onto.path.rpartition('/releases/')[0]}/"
            client = Client(self._way.deadline, base=base, secret=secret_of(self._site.token), talk=self._way.talk)
            self._upload = told.number("id"), client
        return self._upload

    def _delete(self, asset: Asset) -> None:
        self._known = {}
        self._client.request("DELETE", f"releases/assets/{asset.number}", safe=True, also=(404,))

    def _writes(self) -> None:
        if not self._site.token:
            raise ModelregError(f"{self.address} is written with a token only", self._site.hint)


def _said(answer: Answer) -> str:
    return "".join(char for char in answer.words() if char.isprintable())[:200] or str(answer.status)


def _flat(name: str) -> str:
    """A name as an asset can have it: letters, digits, hyphens, dots within, and the rest as _ and two hex digits."""
    return re.sub(r"[^A-Za-z0-9.-]|\.\Z", lambda char: f"_{ord(char[0]):02x}", name)


def _name(flat: str) -> str:
    return re.sub(r"_([0-9a-f]{2})", lambda code: chr(int(code[1], 16)), flat)
