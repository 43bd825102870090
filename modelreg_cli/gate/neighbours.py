"""The rules of the catalog for the files of one model: read are these files and what they name, not the catalog."""

import re
from collections.abc import Iterator
from datetime import date

from modelreg_cli.catalog import layout
from modelreg_cli.catalog.load import Catalog, Loaded, load_file
from modelreg_cli.entities.all_kinds import all_kinds
from modelreg_cli.entities.base import SEGMENT
from modelreg_cli.finding import Finding
from modelreg_cli.gate.sparse import SparseState
from modelreg_cli.rules.check import check

_REF = re.compile(f"({SEGMENT})/({SEGMENT})(?:@({SEGMENT}))?(?:#.*)?\\Z")
#: Kinds that are named by one id.
_BY_ID = ("license", "benchmark", "hardware", "runtime", "tag", "publisher", "provider")


def findings_of_model(state: SparseState, ref: str, today: date) -> Iterator[str]:
    """What is wrong with the version, its model, its publisher, its results and scans; as text."""
    publisher, _, rest = ref.partition("/")
    model, _, version = rest.partition("@")
    own = [
        layout.path_of("publisher", publisher),
        layout.path_of("model", publisher, model),
        layout.path_of("version", publisher, model, version),
        *state.below(f"catalog/results/{publisher}/{model}/{version}/"),
        *state.below(f"catalog/scans/{publisher}/{model}/{version}/"),
    ]
    files = dict(state.tree.read(own))
    common = ["catalog/catalog.yaml", *state.below("catalog/vocabulary/"), *state.below(f"catalog/models/{publisher}/{model}/")]
    named = {path for raw in files.values() for path in _named(raw)}
    files |= dict(state.tree.read([path for path in (*common, *sorted(named)) if path not in files]))
    for finding in check(_catalog(state, files), today):
        if finding.path in own:
            yield f"{finding.path}{finding.pointer}: {finding.message}"


def _catalog(state: SparseState, files: dict[str, bytes]) -> Catalog:
    by_kind: dict[str, dict[str, Loaded]] = {kind: {} for kind in all_kinds}
    findings: list[Finding] = []
    refused: dict[str, set[str]] = {}
    for path, raw in files.items():
        loaded, wrong = load_file(path, raw)
        findings.extend(wrong)
        place = layout.locate(path)
        if loaded:
            by_kind[loaded.location.kind][loaded.location.id] = loaded
        elif place:
            refused.setdefault(place.kind, set()).add(place.id)
    return Catalog(state.tree, by_kind, findings, len(files), refused)


def _named(raw: bytes) -> Iterator[str]:
    """Paths of everything that a text may name: refs, and words that are ids."""
    for word in re.findall(r"[a-z0-9][a-z0-9._/@#-]*", raw.decode("utf-8", "replace")):
        found = _REF.match(word.rstrip("."))
        if found:
            publisher, model, version = found.groups()
            yield layout.path_of("model", publisher, model)
            yield layout.path_of("publisher", publisher)
            if version:
                yield layout.path_of("version", publisher, model, version)
        elif layout.is_id(word):
            yield from (layout.path_of(kind, word) for kind in _BY_ID)
