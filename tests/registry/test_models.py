"""Models as a gateway asks for them, and the two writes: valid, canonical, all files or none."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelreg_cli import InvalidModel, ModelConfig, ModelNotFound, ModelregError, RateLimit, Registry
from modelreg_cli.errors import Ambiguous
from tests.conftest import Run


@pytest.fixture(scope="module")
def registry(questions: Path) -> Iterator[Registry]:
    with Registry(index=questions) as opened:
        yield opened


@pytest.fixture(scope="module")
def shipped(reference: Path) -> Iterator[Registry]:
    with Registry(index=reference) as opened:
        yield opened


@pytest.fixture
def writer(checkout: Path) -> Iterator[Registry]:
    with Registry(root=checkout) as opened:
        yield opened


def test_a_model_wherever_it_runs(registry: Registry) -> None:
    found = registry.get_or_raise("atlas3.1")
    assert (found.id, found.model, found.provider, found.status) == ("acme/atlas-8b", "acme/atlas-8b@1.1.0", None, "active")
    assert (found.context_window, found.max_output_tokens, found.license, found.weights) == (131072, 16384, "apache-2.0", "open")
    assert found.capabilities == ("json-mode", "tools") and found.can("tools") and not found.can("vision")
    assert found.quality.to_dict() == {"reasoning": 0.71} and found.scores["quiz"] == 0.684
    assert (found.rate_limits, found.latency_p50_ms) == ((), None), "they belong to a provider"
    assert registry.get_or_raise("acme/atlas-8b@1.0.0").id == "acme/atlas-8b@1.0.0"
    assert pickle.loads(pickle.dumps(found)) == found


def test_a_model_on_a_provider(registry: Registry) -> None:
    found = registry.get_or_raise("acme-cloud:acme-pro-2025-06-30")
    assert (found.id, found.model, found.provider) == ("acme-cloud:acme-pro-2025-06-30", "acme/pro@2025-06-30", "acme-cloud")
    assert (found.input_cost, found.output_cost, found.billing) == (3, 15, "metered")
    assert found.rate_limits == (RateLimit("paid", rpm=4000, tpm=100000),)
    assert (found.latency_p50_ms, found.latency_p99_ms) == (400, 2100)
    assert found.to_dict()["rate_limits"] == [{"plan": "paid", "rpm": 4000, "tpm": 100000, "rpd": None, "concurrent": None}]


def test_a_name_that_means_nothing_or_two_things(registry: Registry) -> None:
    assert registry.get("acme/nothing") is None
    with pytest.raises(ModelNotFound) as error:
        registry.get_or_raise("acme/atlas-8")
    assert error.value.code == "E4001" and "acme/atlas-8b" in (error.value.hint or "")
    with pytest.raises(Ambiguous) as several:
        registry.get("atlas-8b")
    assert several.value.candidates == ["acme/atlas-8b", "borealis/atlas-8b"]


def test_lists(registry: Registry) -> None:
    every = registry.list()
    assert [one.id for one in every] == sorted(one.id for one in every) and len(every) == 9
    served = registry.list(provider="mercato")
    assert served == registry.list_by_provider("mercato") and {one.provider for one in served} == {"mercato"}
    assert {one.status for one in registry.list(status="active")} == {"active"}
    assert set(registry.list(status="active")) < set(every)
    assert registry.providers() == ("acme-cloud", "mercato", "yuan-ai")
    assert {one.id for one in registry.list_available()} <= {one.id for one in every if one.is_available}
    assert registry.get_stats() == registry.stats()
    for wrong in (lambda: registry.list("mercat"), lambda: registry.list(status="alive"), lambda: registry.list_by_capability("fly")):
        with pytest.raises(ModelregError):
            wrong()


@pytest.mark.parametrize(
    "name", ["vision", "tool_use", "json_mode", "streaming", "code", "function_calling", "reasoning", "structured_output"]
)
def test_names_of_capabilities_are_understood(shipped: Registry, run: Run, reference: Path, name: str) -> None:
    found = shipped.list_by_capability(name)
    told = run("search", "--index", str(reference), "--capability", name, "--limit", "0", "--json").json
    assert sorted(one.id for one in found) == sorted(row["model"] for row in told)
    for one in found:
        assert name != "vision" or "image" in one.input_modalities
        assert name != "tool_use" or one.can("tools")
    assert len(found) > 100 or name in ("json_mode", "streaming", "code", "structured_output"), "the shipped catalog says so of many"


def test_several_capabilities_are_all_of_them(shipped: Registry) -> None:
    both = {one.id for one in shipped.list_by_capabilities(["vision", "tools"])}
    assert both == {one.id for one in shipped.list_by_capability("vision")} & {one.id for one in shipped.list_by_capability("tools")}
    assert shipped.list_by_capabilities([]) == shipped.list()
    assert {"vision", "tools", "reasoning"} <= set(shipped.capabilities())
    for word in shipped.capabilities():
        assert shipped.list_by_capability(word)
    served = shipped.list_by_capability("vision", provider="openrouter")
    assert served == tuple(one for one in shipped.list("openrouter") if one.can("vision")) and served


def test_the_shipped_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Registry() as registry:
        assert registry.load_default_models() == len(registry.list()) > 300
        assert registry.is_initialized


def test_an_offering_is_registered(writer: Registry, checkout: Path, run: Run) -> None:
    limit = RateLimit("free", rpm=20)
    new = ModelConfig(
        "mercato:Atlas/New", model="acme/atlas-8b", input_cost=0.1, output_cost=0.25, context_window=32000, rate_limits=(limit,)
    )
    made = writer.register_model(new)
    assert (made.id, made.model, made.context_window, made.input_cost) == ("mercato:Atlas/New", "acme/atlas-8b@1.1.0", 32000, 0.1)
    assert (made.rate_limits, made.billing) == ((limit,), "metered")
    assert made in writer.list("mercato")
    assert run("fmt", "--check", "--root", str(checkout), "catalog/providers/mercato").code == 0
    assert run("validate", "--root", str(checkout)).code == 0


def test_a_model_is_registered_with_its_publisher(writer: Registry, checkout: Path, run: Run) -> None:
    new = ModelConfig("newco/tiny@1.0.0", type="weights", name="Tiny", license="apache-2.0", tasks=("chat",), capabilities=("tools",))
    assert writer.register_model(new).capabilities == ("tools",)
    assert writer.get_or_raise("newco/tiny").name == "Tiny"
    assert sorted(path.name for path in (checkout / "catalog/models/newco").rglob("*.yaml")) == [
        "1.0.0.yaml",
        "model.yaml",
        "publisher.yaml",
    ]
    writer.register_model(ModelConfig("newco/tiny@1.1.0", type="weights", context_window=8192))
    assert len(writer.versions("newco/tiny")) == 2
    assert run("validate", "--root", str(checkout)).code == 0


@pytest.mark.parametrize(
    "config, told",
    [
        (ModelConfig("acme/atlas-8b@1.1.0", type="weights"), "is registered already"),
        (ModelConfig("mercato:embed-small", model="acme/pro"), "is registered already"),
        (ModelConfig("newco/tiny@1.0.0", type="weights", capabilities=("fly",)), "'fly' is no word of vocabulary/capabilities"),
        (ModelConfig("newco/tiny@1.0.0", type="weights", license="mitt"), "there is no licence mitt"),
        (ModelConfig("newco/tiny@1.0.0", type="wheels"), "`type`"),
        (ModelConfig("newco/tiny@1.0.0"), "has no type"),
        (ModelConfig("newco/tiny", type="weights"), "names no version"),
        (ModelConfig("newco/tiny@1.0.0", type="weights", input_cost=1.0), "input_cost belongs to a provider"),
        (ModelConfig("acme/atlas-8b@2.0.0", type="hosted"), "says of its type: 'weights'"),
        (ModelConfig("../../x/y@1", type="weights"), "names no version"),
        (ModelConfig("Newco/Tiny@1", type="weights"), "has no place in a catalog"),
        (ModelConfig("x"), "is no id of a model"),
        (ModelConfig("mercato:x"), "does not say which model it serves"),
        (ModelConfig("mercato:x", model="acme/none"), "no model is called 'acme/none'"),
        (ModelConfig("mercato:x", model="acme/pro", license="mit"), "license belongs to the model"),
        (ModelConfig("mercato:x", model="acme/pro", provider="yuan-ai"), "is no id of a model"),
        (ModelConfig("nobody:x", model="acme/pro"), "there is no catalog/providers/nobody/provider.yaml"),
        (ModelConfig("mercato:x", model="acme/pro", context_window=8000, max_output_tokens=9000), "output 9000 is more than context 8000"),
        (ModelConfig("mercato:x", model="acme/pro", context_window=-1), "must be more than 0"),
    ],
)
def test_what_is_not_valid_writes_nothing(writer: Registry, checkout: Path, config: ModelConfig, told: str) -> None:
    before = {path: path.read_bytes() for path in (checkout / "catalog").rglob("*") if path.is_file()}
    with pytest.raises(InvalidModel) as error:
        writer.register_model(config)
    assert error.value.code == "E4003" and told in error.value.message
    assert {path: path.read_bytes() for path in (checkout / "catalog").rglob("*") if path.is_file()} == before
    assert not (checkout / "catalog/models/newco").exists()


def test_a_disk_that_fails_leaves_nothing_half_written(writer: Registry, checkout: Path) -> None:
    (checkout / "catalog/models/newco").mkdir()
    (checkout / "catalog/models/newco/tiny").write_text("in the way", "utf-8")
    with pytest.raises(ModelregError):
        writer.register_model(ModelConfig("newco/tiny@1.0.0", type="weights"))
    assert not (checkout / "catalog/models/newco/publisher.yaml").exists()


def test_a_status_is_written_and_comments_stay(writer: Registry, checkout: Path) -> None:
    file = checkout / "catalog/providers/mercato/embed-small.yaml"
    file.write_text("# watched by the search team\n" + file.read_text("utf-8"), "utf-8")
    assert writer.update_model_status("mercato:embed-small", "deprecated").status == "deprecated"
    text = file.read_text("utf-8")
    assert "# watched by the search team" in text and "status: deprecated" in text
    assert writer.update_model_status("acme/pro", "maintenance").status == writer.get_or_raise("acme/pro").status == "maintenance"
    writer.update_model_status("mercato:embed-small", "deprecated")
    assert file.read_text("utf-8") == text, "the same again changes nothing"
    with pytest.raises(ModelNotFound) as unknown:
        writer.update_model_status("acme/none", "active")
    with pytest.raises(InvalidModel) as wrong:
        writer.update_model_status("acme/pro", "gone")
    assert (unknown.value.code, wrong.value.code) == ("E4001", "E4003")


def test_an_index_file_is_not_written(registry: Registry) -> None:
    for write in (
        lambda: registry.register_model(ModelConfig("mercato:x", model="acme/pro")),
        lambda: registry.update_model_status("acme/pro", "active"),
    ):
        with pytest.raises(ModelregError, match="an index file is read-only"):
            write()
