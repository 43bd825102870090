"""Laws of `--fits`: SQL over the index says of every version, to the byte, what the pure function says of it."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelreg_cli.catalog.tree import Folder
from modelreg_cli.index.build import build
from modelreg_cli.memory import MOST_TOKENS, Use, fits, need
from modelreg_cli.query.bits import WEIGHT_BITS
from modelreg_cli.query.conditions import Search
from modelreg_cli.query.fits import Fits, needed
from modelreg_cli.query.need import estimates, geometry_of, longest_context, runnable, weights_of
from modelreg_cli.query.opened import Index, open_index
from modelreg_cli.query.runtimes import runtime_of
from modelreg_cli.query.search import search
from tests.conftest import CATALOGS
from tests.query import zoo

RELAXED = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The small catalog with the zoo in it."""
    root = tmp_path_factory.mktemp("zoo") / "checkout"
    shutil.copytree(CATALOGS / "questions", root, ignore=shutil.ignore_patterns(".modelreg"))
    zoo.lay(root)
    assert not build(Folder(root), root / "index.db").left_out
    return open_index(str(root / "index.db"))


@pytest.fixture(scope="module")
def shipped(reference: Path) -> Index:
    return open_index(str(reference))


@st.composite
def asked(draw: Any, index: Index, runtimes: tuple[str, ...]) -> Fits:
    """Any way to run it that the options can say."""
    runtime = runtime_of(index, draw(st.sampled_from(runtimes)))
    kv = draw(st.sampled_from(runtime.memory["cache_types"]))
    sequences = draw(st.integers(1, 40))
    context = draw(st.one_of(st.integers(1, 70_000), st.integers(1, MOST_TOKENS // sequences)))
    use = Use(context, kv, sequences, draw(st.sampled_from([1, 1, 2, 3, 4, 8, 16])))
    formats = draw(st.sampled_from([(), runtime.formats]))
    precision = draw(st.one_of(st.none(), st.sampled_from(["q4_k_m", "bf16", *WEIGHT_BITS])))
    return Fits(draw(st.integers(0, 2**38)), use, runtime, formats, precision)


def by_hand(index: Index, given_: Fits) -> dict[tuple[int, str | None], tuple[int, bool, bool]]:
    """(version, artifact) -> (bytes known, nothing unknown, weights from bits), from memory.py."""
    found = {}
    for row in index.rows("SELECT * FROM version"):
        if runnable(row):
            for one in weights_of(index, row, given_.formats, given_.precision):
                profile = given_.runtime.profile(row["architecture"])
                got = need(geometry_of(index, row), one.size, given_.use._replace(layout=one.layout), profile)
                found[row["number"], one.artifact] = (got.known, got.total is not None, one.about)
    return found


def in_sql(index: Index, given_: Fits) -> dict[tuple[int, str | None], tuple[int, bool, bool]]:
    """The same, from one query."""
    query = needed(given_)
    rows = index.rows(query.text, query.values)
    return {(row["number"], row["artifact"]): (row["known"], bool(row["whole"]), bool(row["about"])) for row in rows}


@RELAXED
@given(data=st.data())
def test_sql_needs_what_the_pure_function_needs(index: Index, data: Any) -> None:
    given_ = data.draw(asked(index, (*zoo.RUNTIMES, "llama.cpp")))
    assert in_sql(index, given_) == by_hand(index, given_)


@settings(RELAXED, max_examples=25)
@given(data=st.data())
def test_so_it_does_on_the_shipped_catalog(shipped: Index, data: Any) -> None:
    given_ = data.draw(asked(shipped, ("llama.cpp", "vllm")))
    assert in_sql(shipped, given_) == by_hand(shipped, given_)


@RELAXED
@given(data=st.data())
def test_a_search_keeps_what_fits_and_counts_what_may(index: Index, data: Any) -> None:
    given_ = data.draw(asked(index, (*zoo.RUNTIMES, "llama.cpp")))
    sure, maybe = set(), set()
    for (number, _), (known, whole, _) in by_hand(index, given_).items():
        if known <= given_.room:
            (sure if whole else maybe).add(number)
    strict = search(index, Search(fits=given_, every_version=True, limit=0))
    loose = search(index, Search(fits=given_, every_version=True, limit=0, unknown=True))
    assert {row["number"] for row in strict.rows} == sure
    assert {row["number"] for row in loose.rows} == sure | maybe
    assert sum(strict.unknown.values()) == len(maybe - sure), "what is unknown is told, not dropped"
    for row in loose.rows:
        assert (row["need"] or 0) <= given_.room
        assert (row["need_basis"] == "at least") == (row["number"] not in sure)


@RELAXED
@given(data=st.data())
def test_the_longest_context_fits_and_one_token_more_does_not(index: Index, data: Any) -> None:
    given_ = data.draw(asked(index, (*zoo.RUNTIMES, "llama.cpp")))
    row = data.draw(st.sampled_from(index.rows("SELECT * FROM version WHERE type = 'weights'")))
    for one in weights_of(index, row, given_.formats, given_.precision):
        tokens = longest_context(index, row, given_, one)
        if tokens is None or tokens == row["context"] or tokens == MOST_TOKENS // given_.use.sequences:
            continue
        verdicts = [
            fits(estimates(index, row, given_.use._replace(context=at), given_.runtime, [one])[0].needed, given_.room)
            for at in (max(tokens, 1), tokens + 1)
        ]
        assert verdicts[1] is False and (tokens == 0) == (verdicts[0] is False)
