"""modelreg import gguf FILE|URL --model REF"""

from modelreg_cli.http import Deadline
from modelreg_cli.importers.draft import Facts, Refusal, Request
from modelreg_cli.importers.weights.place import opened, place_of, told_files
from modelreg_cli.importers.weights.target import Document, draft, target
from modelreg_cli.weights import gguf, gguf_architecture


class GgufFile:
    """The header of a GGUF file, which may be split over several."""

    name = "gguf"
    summary = "the header of a GGUF file: a path, an address, or hf://owner/repo@revision/file"
    options = ("model", "artifact")
    unit = "MiB"
    usual = ""

    def facts(self, request: Request) -> Facts:
        """An artifact, and what the header says of the architecture.

        Raises:
            ModelregError: no such model, or a file that is cut, hostile or of another format.
            Unavailable: the server does not answer.
        """
        to, place = target(request), place_of(request.source)
        source, client = opened(place, Deadline(request.deadline), request.talk)
        header, sources = gguf.read_all(source)
        told = gguf_architecture.read(header)
        files, commit = told_files(place, sources, client, request.progress)
        quantization = header.quantization
        artifact: Document = {"id": f"gguf-{quantization}" if quantization else "gguf", "format": "gguf"}
        artifact |= {"quantization": quantization} if quantization else {}
        total = told.architecture.get("parameters", {}).get("total")
        artifact |= {"bits": float(f"{header.tensor_bytes * 8 / total:.4g}")} if total else {}
        artifact |= {"kv_layout": told.kv_layout} if told.kv_layout else {}
        artifact |= where(place.uri(commit, len(sources) > 1), place.repo, to.publisher)
        artifact |= {"files": files} if files else {}
        said: Document = {"limits": {"context": told.context}} if told.context else {}
        said |= {"architecture": told.architecture} if told.architecture else {}
        observed = request.observed or request.today
        page = {"url": place.shown(source.name, commit), "retrieved": observed, "note": "header of the file"}
        return draft(to, said, artifact, page, observed, tuple(absent(reason) for reason in told.reasons))


def where(uri: str | None, repo: str | None, publisher: str) -> Document:
    """Where an artifact can be fetched, and who made it where that is somebody else."""
    owner = repo.partition("/")[0] if repo else None
    found: Document = {"uri": uri} if uri else {}
    return found | ({"publisher": owner} if owner and owner.lower() != publisher else {})


def absent(reason: str) -> Refusal:
    """What a header does not tell for certain."""
    return Refusal("", "", "not-understood", reason, "architecture.layers")
