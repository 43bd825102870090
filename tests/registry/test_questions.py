"""The Python API answers what the command line answers, word for word; wrong words are told in keywords."""

import copy
import pickle
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import modelreg_cli
from modelreg_cli import ModelregError, Registry, UnknownRef, WrongKeyword
from modelreg_cli.cli.table import all_commands
from modelreg_cli.registry import answers
from modelreg_cli.registry.record import Answer, Record
from tests.conftest import Run
from tests.repositories import SMALL, made

Asked = Callable[[Registry], Any]


@pytest.fixture(scope="module")
def registry(questions: Path) -> Iterator[Registry]:
    with Registry(index=questions) as opened:
        yield opened


def plain(value: Any) -> Any:
    if isinstance(value, Answer):
        return value.to_dict()
    return [plain(item) for item in value] if isinstance(value, (tuple, answers.Found)) else value


SAME: list[tuple[str, Asked, tuple[str, ...]]] = [
    ("search", lambda r: r.search("atlas"), ("atlas",)),
    ("search", lambda r: r.search(license="apache-2.0", commercial=True), ("--license", "apache-2.0", "--commercial")),
    ("search", lambda r: r.search(license=["apache-2.0", "boreal-nc"], limit=0), ("--license", "apache-2.0,boreal-nc", "--limit", "0")),
    ("search", lambda r: r.search(min_context="100k", max_price_in=0.5), ("--min-context", "100k", "--max-price-in", "0.5")),
    ("search", lambda r: r.search(min_context=100_000.0, unknown=True), ("--min-context", "100000", "--unknown")),
    ("search", lambda r: r.search(min={"quiz": 65}, sort="-quiz"), ("--min", "quiz=65", "--sort=-quiz")),
    ("search", lambda r: r.search(max={"lag": 200}, task=["chat"]), ("--max", "lag=200", "--task", "chat")),
    ("search", lambda r: r.search(since=date(2025, 1, 1), not_publisher=("acme",)), ("--since", "2025-01-01", "--not-publisher", "acme")),
    ("search", lambda r: r.search(all_of=["tools", "json-mode"], all_versions=True), ("--all-of", "tools,json-mode", "--all-versions")),
    (
        "search",
        lambda r: r.search(fits="24GB", context="8k", artifact_format="gguf", limit=1, offset=1),
        ("--fits", "24GB", "--context", "8k", "--artifact-format", "gguf", "--limit", "1", "--offset", "1"),
    ),
    ("search", lambda r: r.search(license=None, commercial=False, min_params=None), ()),
    ("search", lambda r: r.facets("task", "license", publisher="acme"), ("--facets", "task,license", "--publisher", "acme")),
    ("show", lambda r: r.show("acme/atlas-8b"), ("acme/atlas-8b",)),
    ("show", lambda r: r.show("acme-cloud:acme-pro"), ("acme-cloud:acme-pro",)),
    ("versions", lambda r: r.versions("atlas3.1:8b"), ("atlas3.1:8b",)),
    ("compare", lambda r: r.compare("acme/pro", "tian-e"), ("acme/pro", "tian-e")),
    (
        "compare",
        lambda r: r.compare("acme/atlas-8b", "acme/atlas-70b", context=8192),
        ("acme/atlas-8b", "acme/atlas-70b", "--context", "8192"),
    ),
    ("leaderboard", lambda r: r.leaderboard("quiz"), ("quiz",)),
    ("leaderboard", lambda r: r.leaderboard("quiz", limit=1), ("quiz", "--limit", "1")),
    (
        "leaderboard",
        lambda r: r.leaderboard("quiz", metric="acc-norm", publisher="acme"),
        ("quiz", "--metric", "acc-norm", "--publisher", "acme"),
    ),
    ("resolve", lambda r: r.resolve("acme/atlas-8b", quantization="q8_0"), ("acme/atlas-8b", "--quantization", "q8_0")),
    (
        "resolve",
        lambda r: r.resolve("acme/atlas-8b", max_vram="8GB", context=8192),
        ("acme/atlas-8b", "--max-vram", "8GB", "--context", "8192"),
    ),
    ("resolve", lambda r: r.resolve("acme/pro", provider="acme-cloud"), ("acme/pro", "--provider", "acme-cloud")),
    ("recommend", lambda r: r.recommend(quality="quiz"), ("--quality", "quiz")),
    (
        "recommend",
        lambda r: r.recommend(quality=["quiz"], weigh={"quality": 3, "price": 1}),
        ("--quality", "quiz", "--weigh", "quality=3,price=1"),
    ),
    ("fit", lambda r: r.fit("acme/atlas-8b", gpu="rtx4090", gpus=2), ("acme/atlas-8b", "--gpu", "rtx4090", "--gpus", "2")),
    ("stats", lambda r: r.stats(), ()),
    ("sql", lambda r: r.sql("SELECT id, name FROM model ORDER BY id").rows, ("SELECT id, name FROM model ORDER BY id",)),
]


@pytest.mark.parametrize("command, asked, argv", SAME, ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_the_same_question_has_the_same_answer(ask: Run, registry: Registry, command: str, asked: Asked, argv: tuple[str, ...]) -> None:
    assert plain(asked(registry)) == ask(command, *argv, "--json").json


def test_every_question_of_the_command_line_is_asked() -> None:
    names = {name for name, entry in all_commands.items() if entry.reads}
    assert names <= {name for name in dir(Registry) if not name.startswith("_")}
    assert names - {command for command, _, _ in SAME} == {"history"}  # below


def test_history(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = made(tmp_path / "repo", SMALL)
    repo.commit({"catalog/models/acme/tiny/1.0.0.yaml": SMALL["catalog/models/acme/tiny/1.0.0.yaml"].replace("active", "deprecated")})
    monkeypatch.chdir(repo.top)
    with Registry(root=repo.top) as registry:
        assert plain(registry.history("acme/tiny", kind="status")) == run("history", "acme/tiny", "--kind", "status", "--json").json
        assert plain(registry.history(limit=2)) == run("history", "--limit", "2", "--json").json
        assert registry.history("acme/tiny", kind=["status"])[0].after == "deprecated"
    with Registry(root=repo.top, at="HEAD~1") as past, pytest.raises(ModelregError, match="no history"):
        assert past.show("acme/tiny").version.status == "active"
        past.history()


def test_an_answer_has_fields_that_nobody_changes(registry: Registry) -> None:
    found = registry.search("atlas", min={"quiz": 50})
    assert (len(found), found.total, found.models) == (3, 3, 9)
    first = found[0]
    assert first.scores["quiz"] == first["scores"]["quiz"] and first.tags == tuple(first.to_dict()["tags"])
    for act in (lambda: setattr(first, "ref", "x"), lambda: delattr(first, "ref"), lambda: setattr(first, "new", 1)):
        with pytest.raises(AttributeError, match="read-only"):
            act()
    first.to_dict()["tags"].append("x")
    assert "x" not in first.tags
    with pytest.raises(AttributeError, match="no field 'contxt': did you mean context"):
        _ = first.contxt
    assert pickle.loads(pickle.dumps(first)) == first == copy.deepcopy(first) and hash(first) == hash(copy.copy(first))
    assert first != found[1] and {first, first} == {first}
    assert "ref" in first and first.get("nothing", 7) == 7 and list(first) == list(first.to_dict()) and len(first) == len(first.to_dict())


def fields(kind: type[Answer]) -> set[str]:
    return set(kind.__annotations__)


def test_what_a_type_checker_knows_is_what_there_is(registry: Registry, tmp_path: Path) -> None:
    given: list[Answer] = [
        registry.search(fits="24GB")[0],
        registry.show("acme/pro"),
        registry.versions("acme/pro")[0],
        registry.compare("acme/pro", "tian-e")[0],
        registry.leaderboard("quiz"),
        registry.resolve("acme/pro"),
        registry.fit("acme/atlas-8b"),
        registry.stats(),
        registry.sql("SELECT 1"),
        registry.recommend(quality="quiz"),
    ]
    with Registry(root=made(tmp_path / "repo", SMALL).top) as other:
        given.append(other.history()[0])
    for answer in given:
        extra = {"need", "need_basis", "need_artifact"} if isinstance(answer, answers.Match) else {"class"}
        assert fields(type(answer)) == set(answer) - extra, type(answer)
    kinds = {kind for kind in vars(answers).values() if isinstance(kind, type) and issubclass(kind, Answer)} - {Answer, Record}
    assert kinds == {type(answer) for answer in given}


@pytest.mark.parametrize(
    "wrong, told",
    [
        (lambda r: r.search(licence="mit"), "search has no keyword 'licence'"),
        (lambda r: r.search(commercial="yes"), "commercial takes True or False"),
        (lambda r: r.search(license=[]), "license takes a word"),
        (lambda r: r.search(license=""), "license takes a word"),
        (lambda r: r.search(license=7), "license takes a word"),
        (lambda r: r.search(min_context=True), "min_context takes a number"),
        (lambda r: r.search(min_context=[1, 2]), "min_context takes a number"),
        (lambda r: r.search(min="quiz=70"), "min takes benchmarks with numbers"),
        (lambda r: r.leaderboard("quiz", lisense="mit"), "leaderboard has no keyword 'lisense'"),
        (lambda r: r.recommend(quality="quiz", speed=1), "recommend has no keyword 'speed'"),
    ],
)
def test_a_wrong_keyword_is_a_type_error(registry: Registry, wrong: Asked, told: str) -> None:
    with pytest.raises(TypeError) as error:
        wrong(registry)
    assert isinstance(error.value, WrongKeyword) and told in str(error.value)


@pytest.mark.parametrize(
    "wrong, message, hint",
    [
        (lambda r: r.search(min_context="x"), "min_context takes a number, not 'x'", "for example 8192, 128k or 10B"),
        (lambda r: r.search(license="apache"), "license: no license is called 'apache'", "did you mean apache-2.0?"),
        (lambda r: r.search(context="8k"), "context says how it is run, but not in how much memory", "add fits 24GB or gpu rtx4090"),
        (lambda r: r.search(limit=-1), "limit and offset take 0 or more", "limit 0 shows everything"),
        (lambda r: r.facets(), "facets needs an axis or more", None),
        (lambda r: r.compare("acme/pro"), "compare needs two refs or more", "for example `modelreg compare qwen3-32b gpt-oss-120b`"),
        (lambda r: r.sql("DROP TABLE model"), "a statement that writes is not allowed here", None),
    ],
)
def test_errors_speak_of_keywords(registry: Registry, wrong: Asked, message: str, hint: str | None) -> None:
    with pytest.raises(ModelregError) as error:
        wrong(registry)
    assert str(error.value) == error.value.message == message
    assert hint is None or error.value.hint == hint


def test_an_unknown_name_has_suggestions(registry: Registry) -> None:
    with pytest.raises(UnknownRef, match="no model is called 'acme/atlas-8'") as error:
        registry.show("acme/atlas-8")
    assert "acme/atlas-8b" in error.value.candidates


def test_the_package_names_its_api() -> None:
    assert {"Registry", "ModelConfig", "ModelregError"} <= set(dir(modelreg_cli))
    with pytest.raises(AttributeError, match="no attribute 'Registrie'"):
        _ = modelreg_cli.Registrie
