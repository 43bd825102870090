"""An OCI registry as a channel: each state is an artifact, its files and its envelope are layers.

https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
"""

import hashlib
import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from modelreg_cli.errors import ModelregError, Unavailable
from modelreg_cli.http import Answer, Client, HttpError
from modelreg_cli.release.channel import LATEST, Latest, Moved, Way
from modelreg_cli.release.envelope import opened
from modelreg_cli.release.manifest import is_safe
from modelreg_cli.release.oci_access import opened_by, site_of
from modelreg_cli.release.packed import digest_of
from modelreg_cli.release.pieces import pieces
from modelreg_cli.release.publish import INDEX

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_TYPE = "application/vnd.modelreg.state.v1"
_EMPTY = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": f"sha256:{hashlib.sha256(b'{}').hexdigest()}", "size": 2}
_TITLE = "org.opencontainers.image.title"
_ADDRESS = re.compile(r"oci://([A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:\d+)?/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)/?\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_STATE = re.compile(r"state-(\d{1,12})\Z")
#: The most bytes of an envelope, and of a registry's manifest.
_MOST = 1 << 20
#: Seconds between moving `latest` and looking whether another publisher moved it as well.
_PAUSE = 1.0
_ATTEMPTS = 8


class OciChannel:
    """One repository of a registry; `latest` is a tag, and `state-N` keeps each state."""

    paths = False

    def __init__(self, address: str, way: Way) -> None:
        parts = _ADDRESS.match(address)
        if not parts:
            raise ModelregError(f"{address!r} names no repository of a registry", "write oci://host/name, without a tag")
        self.address, self._way = address.rstrip("/"), way
        self._base = f"{site_of(parts[1], parts[2] or '', way.clear)}/v2/{parts[3]}/"
        self._client = Client(way.deadline, base=self._base, talk=way.talk)
        self._layers: dict[str, tuple[str, int]] = {}

    def latest(self) -> Latest | None:
        """The newest envelope; its mark is the digest of the artifact's manifest."""
        raw = self._manifest("latest")
        if raw is None:
            return None
        self._layers = _layers_of(raw)
        return Latest(self._envelope(self._layers), _digest(raw))

    def swap(self, raw: bytes, before: Latest | None) -> None:
        """Moves the tag, and looks whether it stays."""
        manifest = opened(raw).manifest
        files = [(one.name, f"sha256:{one.sha256}", one.bytes) for one in manifest.files if one.role != INDEX]
        layers = [
            {"mediaType": "application/octet-stream", "digest": digest, "size": size, "annotations": {_TITLE: title}}
            for title, digest, size in [(LATEST, _digest(raw), len(raw)), *files]
        ]
        told = {"schemaVersion": 2, "mediaType": _MANIFEST, "artifactType": _TYPE, "config": _EMPTY, "layers": layers}
        told["annotations"] = {"org.opencontainers.image.created": manifest.made, "org.opencontainers.image.revision": manifest.commit}
        made = json.dumps(told, sort_keys=True).encode()
        self._blob(_digest(raw), raw)
        self._blob(str(_EMPTY["digest"]), b"{}")
        if self._mark() != (before.mark if before else None):
            raise self._moved()
        if self._tag("latest", made, also=(400, 500)).status in (400, 500):
            # Debian's registry, where two write at once; where nobody else did, the second answer is an error
            self._wait(_PAUSE * random.random())
            if self._mark() != (before.mark if before else None):
                raise self._moved()
            self._tag("latest", made)
        self._wait(_PAUSE)
        now = self.latest()
        if now is None or (now.mark != _digest(made) and opened(now.raw).manifest.previous != manifest.digest()):
            raise self._moved()
        self._tag(f"state-{manifest.sequence}", made)
        self._layers = _layers_of(made)

    def has(self, name: str) -> int | None:
        """Bytes of a file of the newest state."""
        digest, size = self._layers.get(name, ("", 0))
        return size if digest and self._asked("HEAD", f"blobs/{digest}", also=(404,)).status == 200 else None

    def put(self, name: str, source: Path) -> None:
        """Puts a file, by its digest; a manifest goes with its state."""
        if not name.startswith("manifests/"):
            size, sha = digest_of(source)
            self._blob(f"sha256:{sha}", source)
            self._layers[name] = (f"sha256:{sha}", size)

    def get(self, name: str, start: int = 0) -> Iterator[bytes]:
        """The bytes of a file of the newest state, or of one whose manifest was asked for; a whole one is verified."""
        if name.startswith("manifests/"):
            yield self._older(name)[start:]
            return
        if name not in self._layers:
            raise Unavailable(f"{self.address} has no {name}", "its publisher has to publish it again")
        digest, _size = self._layers[name]
        self._asked("HEAD", f"blobs/{digest}")  # signs in, where that is wanted
        found = hashlib.sha256()
        for chunk in pieces(self._client, f"blobs/{digest}", start):
            found.update(chunk)
            yield chunk
        if not start and f"sha256:{found.hexdigest()}" != digest:
            raise self._damaged(name)

    def _older(self, name: str) -> bytes:
        """The envelope of an older state; its files can be had from now on."""
        number = re.match(r"manifests/(\d{8,})-", name)
        raw = self._manifest(f"state-{int(number[1])}") if number else None
        if raw is None:
            raise Unavailable(f"{self.address} has no {name}", "its publisher keeps the last states only")
        layers = _layers_of(raw)
        self._layers = {**layers, **self._layers}
        return self._envelope(layers)

    def names(self, prefix: str) -> list[str]:
        """The states that are kept, as manifests; files the registry tidies up by itself."""
        if prefix != "manifests/":
            return []
        found, url, seen = [], "tags/list", set()
        while url not in seen:
            seen.add(url)
            answer = self._asked("GET", url, also=(404,))
            tags = answer.json().get("tags") if answer.status == 200 else None
            found += [f"manifests/{int(state[1]):08}" for tag in tags or [] if isinstance(tag, str) and (state := _STATE.match(tag))]
            onward = re.match(r"<([^>]*)>", answer.headers.get("link", ""))
            url = urljoin(answer.url, onward[1]) if onward else url
        return sorted(found)

    def remove(self, *names: str) -> None:
        """Deletes the artifacts of states."""
        for name in names:
            raw = self._manifest(f"state-{int(name.removeprefix('manifests/'))}")
            if raw is not None:
                self._asked("DELETE", f"manifests/{_digest(raw)}", safe=True, also=(404,))

    def _manifest(self, tag: str) -> bytes | None:
        for _attempt in range(_ATTEMPTS):
            # 500: Debian's registry, while somebody moves the tag (its files are not swapped as one)
            answer = self._asked("GET", f"manifests/{tag}", headers={"accept": _MANIFEST}, also=(404, 500), limit=_MOST)
            if answer.status != 500:
                break
            self._wait(_PAUSE / 4)
        else:
            raise Unavailable(f"{self.address}: the registry fails to give {tag}", "its log may tell why")
        if answer.status == 404:
            return None
        told = answer.headers.get("docker-content-digest", "")
        if told.startswith("sha256:") and told != _digest(answer.body):
            raise self._damaged(tag)
        return answer.body

    def _envelope(self, layers: dict[str, tuple[str, int]]) -> bytes:
        if LATEST not in layers:
            raise ModelregError(f"{self.address} has something else than an index of modelreg", "is it the right address?")
        digest, _size = layers[LATEST]
        found = self._asked("GET", f"blobs/{digest}", limit=_MOST).body
        if _digest(found) != digest:
            raise self._damaged(LATEST)
        return found

    def _moved(self) -> Moved:
        """Waits, so that the one who was quicker is sure of it before this one goes on."""
        self._wait(_PAUSE * random.uniform(1, 2))
        return Moved(self.address)

    def _wait(self, seconds: float) -> None:
        time.sleep(min(seconds, self._way.deadline.left()))

    def _mark(self) -> str | None:
        raw = self._manifest("latest")
        return None if raw is None else _digest(raw)

    def _tag(self, tag: str, made: bytes, also: tuple[int, ...] = ()) -> Answer:
        return self._asked("PUT", f"manifests/{tag}", body=made, headers={"content-type": _MANIFEST}, safe=True, also=also)

    def _blob(self, digest: str, body: bytes | Path) -> None:
        if self._asked("HEAD", f"blobs/{digest}", also=(404,)).status == 200:
            return
        answer = self._asked("POST", "blobs/uploads/", body=b"", safe=True)
        onto = urljoin(answer.url, answer.headers.get("location", ""))
        self._asked("PUT", onto, params={"digest": digest}, body=body, headers={"content-type": "application/octet-stream"})

    def _asked(self, method: str, url: str, **more: Any) -> Answer:
        try:
            return self._client.request(method, url, **more)
        except HttpError as error:
            challenge = error.answer.headers.get("www-authenticate", "")
            if error.status != 401 or not challenge:
                raise
            self._client = opened_by(challenge, self._base, self._way)
            return self._client.request(method, url, **more)

    def _damaged(self, name: str) -> Unavailable:
        return Unavailable(f"{self.address}: {name} is not what its digest says", "pull again; if it stays so, the registry is damaged")


def _digest(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _layers_of(raw: bytes) -> dict[str, tuple[str, int]]:
    """Digest and bytes of each layer by its title.

    Raises:
        ModelregError: it is no manifest of an artifact.
    """
    try:
        layers = [(one["annotations"][_TITLE], one["digest"], one["size"]) for one in json.loads(raw)["layers"]]
        fine = all(is_safe(title) and _DIGEST.match(digest) and type(size) is int for title, digest, size in layers)
    except (ValueError, KeyError, TypeError, RecursionError):
        fine = False
    if not fine:
        raise ModelregError("the registry's artifact is something else than an index of modelreg", "is it the right address?")
    return {title: (digest, size) for title, digest, size in layers}
