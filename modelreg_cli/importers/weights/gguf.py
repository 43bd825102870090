"""modelreg import gguf FILE|URL --model REF"""

from modelreg_cli.http import Deadline
from modelreg_cli.importers.draft import Facts, Request
from modelreg_cli.importers.weights.place import opened, place_of, told_files
from modelreg_cli.importers.weights.target import Document, absent, draft, made_as, target, where
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
        artifact = made_as("gguf", header.quantization, header.tensor_bytes, told.architecture.get("parameters", {}).get("total"))
        artifact |= {"kv_layout": told.kv_layout} if told.kv_layout else {}
        artifact |= where(place.uri(commit, len(sources) > 1), place.repo, to.publisher)
        artifact |= {"files": files} if files else {}
        said: Document = {"limits": {"context": told.context}} if told.context else {}
        said |= {"architecture": told.architecture} if told.architecture else {}
        observed = request.observed or request.today
        page = {"url": place.shown(source.name, commit), "retrieved": observed, "note": "header of the file"}
        return draft(to, said, artifact, page, observed, tuple(absent(reason) for reason in told.reasons))
