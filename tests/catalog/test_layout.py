"""Paths, ids and slugs."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelreg_cli.catalog.layout import check, locate, path_of, slug
from modelreg_cli.catalog.load import load
from modelreg_cli.catalog.tree import Folder, Tree
from modelreg_cli.entities.offering import Offering
from modelreg_cli.finding import Finding

_wire_ids = st.one_of(
    st.text("aAbB01-._/:@ é", min_size=1, max_size=8),
    st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable()),
    st.sampled_from(
        ["model", "provider", "Model", "con", "CON", "con.x", "nul", "0_model", "_", "__1", "a__1", "A", "a/-b", "a-/b", "a--b", "a/b"]
    ),
    st.text("aB/", min_size=190, max_size=300),
)


@settings(max_examples=2000, deadline=None)
@given(st.lists(_wire_ids, unique=True, min_size=2, max_size=6))
def test_a_slug_is_a_good_file_name_and_tells_wire_ids_apart(wire_ids: list[str]) -> None:
    slugs = [slug(wire_id) for wire_id in wire_ids]
    assert len({name.casefold() for name in slugs}) == len(wire_ids)
    for name in slugs:
        path = path_of("offering", "acme", name)
        location = locate(path)
        assert check(path) == []
        assert location is not None
        assert (location.kind, location.id) == ("offering", f"acme/{name}")


def test_slugs_of_the_catalog_are_unique_under_case_folding() -> None:
    catalog = load(Folder(Path(__file__).parents[2]))
    wire_ids = {offering.wire_id for offering in catalog.entities(Offering).values()}
    assert len({slug(wire_id).casefold() for wire_id in wire_ids}) == len(wire_ids)


@pytest.mark.parametrize(
    ("path", "kind", "id_"),
    [
        ("catalog/catalog.yaml", "catalog", "catalog"),
        ("catalog/models/a/publisher.yaml", "publisher", "a"),
        ("catalog/models/a/b/model.yaml", "model", "a/b"),
        ("catalog/models/a/b/1.0.0.yaml", "version", "a/b@1.0.0"),
        ("catalog/results/a/b/1.0/lm-eval-00000000.yaml", "results", "a/b@1.0/lm-eval-00000000"),
        ("catalog/providers/a/provider.yaml", "provider", "a"),
        ("catalog/providers/a/b.yaml", "offering", "a/b"),
        ("catalog/engines/a/b.yaml", "binding", "a/b"),
    ],
)
def test_locate(path: str, kind: str, id_: str) -> None:
    location = locate(path)
    assert location is not None
    assert (location.kind, location.id) == (kind, id_)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("catalog/models/publisher.yaml", "path-unknown"),
        ("catalog/providers/a/model.yaml", "path-unknown"),
        ("catalog/tags/a.yml", "path-unknown"),
        ("catalog/tags/a.yaml.orig", "path-unknown"),
        ("catalog/README.md", "path-name"),
        ("catalog/tags/-a.yaml", "path-name"),
        ("catalog/tags/a-.yaml", "path-name"),
        ("catalog/tags/é.yaml", "path-name"),
        ("catalog/tags/e\u0301.yaml", "path-name"),
        (f"catalog/tags/{'a' * 240}.yaml", "path-name"),
        ("catalog/models/aux/publisher.yaml", "path-device-name"),
        ("catalog/tags/com1.x.yaml", "path-device-name"),
        ("catalog/approvals/a/b/1.0/notes.txt", "path-unknown"),
    ],
)
def test_check(path: str, code: str) -> None:
    assert [finding.code for finding in check(path)] == [code]


class _Leaky:
    """A tree one of whose files cannot be opened."""

    def paths(self) -> list[str]:
        return ["catalog/tags/a.yaml", "catalog/tags/b.yaml"]

    def listed(self) -> tuple[list[str], list[Finding]]:
        return self.paths(), []

    def id(self) -> str:
        return ""

    def part(self, paths: list[str]) -> Tree:
        return self

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, b"description: x\n") for path in paths if not path.endswith("b.yaml"))

    def beside(self, path: str) -> bytes | None:
        return None


def test_a_file_that_cannot_be_opened_is_a_finding() -> None:
    catalog = load(_Leaky())
    assert [(finding.code, finding.path) for finding in catalog.findings] == [("file-unreadable", "catalog/tags/b.yaml")]
    assert catalog.has("tag", "a")
    assert catalog.has("tag", "b")
