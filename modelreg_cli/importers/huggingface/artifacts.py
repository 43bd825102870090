"""The files of a repository -> artifacts: weights by format and precision, with sizes and digests as the hub states them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from modelreg_cli.importers.huggingface.client import Repository

Document = dict[str, Any]

_SPLIT = re.compile(r"[-.](\d{5})-of-(\d{5})$")
#: A quantization as the names of GGUF files tell it: Q4_K_M, IQ3_XXS, BF16, MXFP4.
_QUANTIZED = re.compile(r"(?:^|[-._])((?:UD-)?(?:I?Q\d(?:_[A-Z0-9]+)*|BF16|F16|F32|FP16|TQ\d_\d|MXFP4(?:_MOE)?))$", re.IGNORECASE)
_SUM = re.compile(r"[0-9a-f]{64}\Z")
#: Ending of a file -> format; what pickles weights comes last, and counts only where nothing safer is there.
_FORMATS = {
    ".safetensors": "safetensors", ".gguf": "gguf", ".onnx": "onnx", ".tflite": "tflite", ".nemo": "nemo", ".mlmodel": "coreml",
    ".bin": "pytorch", ".pt": "pytorch", ".pth": "pytorch", ".ckpt": "pytorch",
}  # fmt: skip
#: A second copy of the weights beside the usual one: in another precision, or in one piece as their publisher saved them.
_COPY = re.compile(r"(?:^|[./])(fp16|bf16|fp32|non_ema|consolidated)(?=[.-])")
#: Names of files that end like weights and are none, or only a training's.
_NOT_WEIGHTS = re.compile(
    r"(?:^|/)(?:optimizer|scheduler|rng_state|training_args|scaler|sentencepiece|tokenizer|vocab|spiece)[^/]*$", re.IGNORECASE
)
#: How the hub's counts of weights name precisions.
_PRECISIONS = {"BF16": "bf16", "F16": "f16", "F32": "f32", "F64": "f64", "F8_E4M3": "fp8", "F8_E5M2": "fp8", "I8": "int8", "U8": "u8"}


def artifacts(repository: Repository) -> list[Document]:
    """An artifact for each format at the top of the repository, and one for each precision of GGUF files."""
    groups: dict[tuple[str, str | None], list[Document]] = defaultdict(list)
    for file in _files(repository):
        kind = _format(file["path"])
        if kind and not _NOT_WEIGHTS.search(file["path"]):
            groups[kind, _quantization(file["path"]) if kind == "gguf" else _copy(file["path"])].append(file)
    formats = {kind for kind, _ in groups}
    found = [
        _artifact(repository, kind, part, files)
        for (kind, part), files in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        if not (kind == "pytorch" and "safetensors" in formats)
    ]
    return _distinct(found)


def _files(repository: Repository) -> Iterator[Document]:
    """Files with the size and the sha256 that the hub states; only large files have one."""
    for item in repository.info.get("siblings") or ():
        lfs = item.get("lfs") if isinstance(item, dict) else None
        if isinstance(lfs, dict) and _SUM.match(str(lfs.get("sha256"))) and isinstance(lfs.get("size"), int) and lfs["size"] > 0:
            yield {"path": item["rfilename"], "bytes": lfs["size"], "sha256": lfs["sha256"]}


def _format(path: str) -> str | None:
    """Weights lie at the top, or in one folder of a precision or part; deeper ones are other things."""
    name = path.rpartition("/")[2]
    return next((kind for ending, kind in _FORMATS.items() if name.endswith(ending)), None) if path.count("/") <= 1 else None


def _stem(path: str) -> str:
    """The name without its ending and its place in a row of parts."""
    return _SPLIT.sub("", path.rpartition("/")[2].rpartition(".")[0])


def _quantization(path: str) -> str | None:
    found = _QUANTIZED.search(_stem(path))
    return found.group(1).lower() if found else None


def _copy(path: str) -> str | None:
    found = _COPY.search(path)
    return found.group(1) if found else None


def _artifact(repository: Repository, kind: str, part: str | None, files: list[Document]) -> Document:
    own = {"fp16": "f16", "fp32": "f32"}.get(part or "", part)
    precision = own if kind == "gguf" or own in ("f16", "f32", "bf16") else _precision(repository, kind)
    suffix = own if own in ("non_ema", "consolidated") else None
    files = sorted(files, key=lambda file: str(file["path"]))
    uri = f"hf://{repository.name}@{repository.revision}"
    if kind == "gguf" and len(files) == 1:
        uri += f"/{files[0]['path']}"
    made: Document = {"id": "-".join(step for step in (kind, precision, suffix) if step), "format": kind}
    if precision:
        made["quantization"] = precision
    return {**made, "uri": uri, "files": files}


def _precision(repository: Repository, kind: str) -> str | None:
    """What the configuration says of its quantization, else the precision of the most weights by the hub's own count."""
    told = (repository.config or {}).get("quantization_config")
    method = told.get("quant_method") if isinstance(told, dict) else None
    if isinstance(method, str) and re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", method):
        return method
    counts = (repository.info.get("safetensors") or {}).get("parameters") if kind == "safetensors" else None
    counts = {name: count for name, count in (counts or {}).items() if isinstance(count, int)}
    return _PRECISIONS.get(max(counts, key=lambda name: counts[name])) if counts else None


def _distinct(found: list[Document]) -> list[Document]:
    """Two groups never share an id."""
    seen: set[str] = set()
    for made in found:
        while made["id"] in seen:
            made["id"] += "-2"
        seen.add(made["id"])
    return found
