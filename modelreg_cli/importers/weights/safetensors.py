"""modelreg import safetensors FILE|FOLDER|URL --model REF"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelreg_cli.catalog.layout import is_id
from modelreg_cli.http import Deadline, HttpError
from modelreg_cli.importers.draft import Facts, Refusal, Request
from modelreg_cli.importers.weights.place import Place, opened, place_of, told_files
from modelreg_cli.importers.weights.target import Document, absent, draft, made_as, target, where
from modelreg_cli.weights import config as configs
from modelreg_cli.weights import config_file, parameters, pickle, safetensors
from modelreg_cli.weights.source import LocalFile, Source, WrongWeights

_TOLD = 5


class SafetensorsFile:
    """The headers of safetensors, single or in shards, and the config.json beside them."""

    name = "safetensors"
    summary = "the headers of safetensors: a file, a folder, an index, an address, or hf://owner/repo@revision/file"
    options = ("model", "artifact")
    unit = "MiB"
    usual = ""

    def facts(self, request: Request) -> Facts:
        """An artifact, the number of weights, and what config.json says of the architecture.

        Raises:
            ModelregError: no such model, or a file that is cut, hostile or of another format.
            Unavailable: the server does not answer.
        """
        to, place = target(request), _file(request)
        source, client = opened(place, Deadline(request.deadline), request.talk)
        sharded = source.name.endswith(".json")
        header, sources = safetensors.read_all(source) if sharded else (safetensors.read(source), [source])
        config = _config(source)
        told = configs.read(config or {})
        architecture = dict(told.architecture) if config else {}
        counted = parameters.count(header, architecture.get("experts"))
        architecture |= {"parameters": counted} if counted else {}
        files, commit = told_files(place, sources, client, request.progress)
        quantization = _quantization(config) or parameters.precision(header)
        artifact = made_as("safetensors", quantization, header.tensor_bytes, (counted or {}).get("total"))
        artifact |= where(place.uri(commit, sharded), place.repo, to.publisher)
        artifact |= {"files": files} if files else {}
        said: Document = {"limits": {"context": told.context}} if told.context else {}
        said |= {"architecture": architecture} if architecture else {}
        observed = request.observed or request.today
        page = {"url": place.shown(source.name, commit), "retrieved": observed, "note": "headers, and config.json beside them"}
        reasons = [absent(reason) for reason in told.reasons] if config else []
        if counted is None:
            reasons.append(Refusal("", "", "not-understood", "parameters: weights are packed together", "architecture.parameters"))
        _pickles(source, request)
        return draft(to, said, artifact, page, observed, tuple(reasons))


def _file(request: Request) -> Place:
    """The file that a folder means: the index of its shards, or the one file."""
    place = place_of(request.source)
    folder = Path(place.typed)
    if place.url is not None or not folder.is_dir():
        return place
    names = (safetensors.INDEX, safetensors.SINGLE)
    others = sorted(path.name for path in folder.glob("*.safetensors"))
    found = next((name for name in names if (folder / name).is_file()), others[0] if len(others) == 1 else None)
    if found is None:
        raise WrongWeights(f"{folder.name} holds neither {' nor '.join(names)}", "name the file itself")
    return place_of(str(folder / found))


def _config(source: Source) -> Mapping[str, Any] | None:
    """config.json beside the weights; None where there is none."""
    try:
        raw = source.beside("config.json").read(0, config_file.MOST + 1)
    except HttpError as error:
        if error.status in (404, 410):
            return None
        raise
    except WrongWeights:
        return None
    return config_file.parsed(raw, f"the config.json beside {source.name}")


def _quantization(config: Mapping[str, Any] | None) -> str | None:
    """What the configuration calls it, where it tells of one."""
    told = (config or {}).get("quantization_config")
    method = told.get("quant_method") if isinstance(told, dict) else None
    return method if isinstance(method, str) and is_id(method) else None


def _pickles(source: Source, request: Request) -> None:
    """Pickles in the same folder are not weights that are taken over; what they import is told."""
    if not isinstance(source, LocalFile):
        return
    for path in sorted(source.path.parent.iterdir()):
        if path.suffix in pickle.ENDINGS and path.is_file():
            found = pickle.read(LocalFile(path))
            strange = [*found.strange, *found.unknown]
            words = f"imports {', '.join(strange[:_TOLD])}" if strange else "imports nothing but what tensors need"
            more = f" and {len(strange) - _TOLD:,} more" if len(strange) > _TOLD else ""
            request.talk(f"{'warning' if strange else 'note'}: {path.name} is a pickle, which is not read: it {words}{more}")
