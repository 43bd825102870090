"""Where weights lie: what each sort of address must look like, and what is to be said of it."""

import re
from typing import NamedTuple

from modelreg_cli.errors import ModelregError, did_you_mean, listed


class Form(NamedTuple):
    """The form of one sort of address: expression, in words, an example."""

    expression: str
    words: str
    example: str


FORMS: dict[str, Form] = {
    "s3": Form(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^\s/][^\s]*", "bucket and key", "s3://weights/acme/tiny/model.safetensors"),
    "gs": Form(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]/[^\s/][^\s]*", "bucket and object", "gs://weights/acme/tiny/model.safetensors"),
    "az": Form(r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9.]+)?/[a-z0-9$][^\s]*", "account, container and blob", "az://acme/weights/model.gguf"),
    "hf": Form(r"[^\s/@]+/[^\s/@]+(?:@[^\s/@]+)?(?:/[^\s]+)?", "owner/repo[@revision][/file]", "hf://acme/tiny@0123abc/model.gguf"),
    "oci": Form(
        r"[a-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9][a-z0-9._-]*)+(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?",
        "registry/repository[:tag][@sha256:digest]",
        "oci://registry.acme.example/models/tiny:1.0.0",
    ),
    "https": Form(r"[^\s/@:?#]+(?::[0-9]+)?/[^\s]+", "host and path, without a user name", "https://acme.example/tiny/model.gguf"),
    "file": Form(r"/[^\s]+", "an absolute path", "file:///srv/weights/tiny/model.gguf"),
}
_PINNED = re.compile(r"@[0-9a-f]{40}(?:[0-9a-f]{24})?(?:/|\Z)")


def check_uri(typed: str, uri: str) -> list[str]:
    """What is to be said of an address that has the form of its sort; `typed` is what asked for it.

    Raises:
        ModelregError: it has none.
    """
    scheme, sign, rest = uri.partition("://")
    if not sign or scheme not in FORMS:
        known = listed([f"{name}://" for name in FORMS])
        raise ModelregError(f"{typed} {uri!r} is no address of weights", did_you_mean(scheme, FORMS) or f"it begins with {known}")
    form = FORMS[scheme]
    if not re.fullmatch(form.expression, rest):
        raise ModelregError(f"{typed} {uri!r} is no {scheme} address", f"{form.words}, such as {form.example}")
    if scheme == "file":
        return [f"{uri} is on this machine alone: others cannot reach it"]
    if scheme == "hf" and not _PINNED.search(rest):
        return [f"{uri} is not pinned: write @ and the 40 digits of a commit behind the repository, or what it holds may change"]
    if scheme == "oci" and "@sha256:" not in rest:
        return [f"{uri} is not pinned: a tag may be moved; @sha256:... is not"]
    return []


def format_of(uri: str) -> str | None:
    """The format that the name of a file tells."""
    return next((form for ending, form in _ENDINGS.items() if uri.lower().endswith(ending)), None)


_ENDINGS = {".gguf": "gguf", ".safetensors": "safetensors", ".onnx": "onnx"}
