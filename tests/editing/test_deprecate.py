"""`modelreg deprecate`: an end with dates and a replacement, and a word on everything that still leads there."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from tests.conftest import Run
from tests.editing.test_edit import states
from tests.golden_files import golden

SCREENS = {
    "deprecate": "acme/atlas-8b@1.1.0 --on 2026-01-01 --retire 2099-01-01 --replacement aurore-mini",
    "deprecate-order": "acme/atlas-70b --on 2027-01-01 --retire 2026-12-01 --reason Old.",
    "deprecate-itself": "acme/atlas-8b@1.1.0 --replacement acme/atlas-8b@1.1.0",
    "deprecate-artifact": "acme/atlas-8b@1.1.0#bf16",
    "deprecate-provider": "providers/mercato",
    "deprecate-tag": "tags/edge",
    "deprecate-retired": "acme/pro@2025-01-15",
    "deprecate-no-day": "acme/pro --on soon",
    "deprecate-unknown-replacement": "acme/pro --replacement acme/prol",
}


@pytest.mark.parametrize("name", SCREENS)
def test_what_it_says(run: Run, checkout: Path, name: str) -> None:
    got = run("deprecate", *SCREENS[name].split(), "--root", str(checkout))
    golden(f"editing/{name}.txt", f"$ modelreg deprecate {SCREENS[name]}\n{got.out}--- stderr\n{got.err}--- exit code {got.code}\n")


def read(root: Path, path: str) -> dict[str, object]:
    return dict(yaml.load((root / path).read_text("utf-8"), yaml.BaseLoader))


def test_a_model_is_all_its_versions_that_have_not_ended(run: Run, checkout: Path) -> None:
    before = states(checkout)
    got = run("deprecate", "acme/pro", "--reason", "Too dear.", "--root", str(checkout))
    assert got.code == 0, got.err
    changed = {path for path, raw in states(checkout).items() if raw != before[path]}
    assert changed == {"catalog/models/acme/pro/2025-06-30.yaml"}, "the other one is retired"
    today = datetime.now(UTC).date().isoformat()
    value = read(checkout, "catalog/models/acme/pro/2025-06-30.yaml")
    assert value["deprecation"] == {"date": today, "reason": "Too dear."}
    assert "tenant press still prefers acme/pro for chat" not in got.err, "acme/pro has no default that would have ended"
    assert "acme-cloud:acme-pro-2025-06-30 still serves acme/pro@2025-06-30" in got.err


def test_now_is_retired_and_taking_back_gives_the_same_bytes(run: Run, checkout: Path) -> None:
    before = states(checkout)
    got = run("deprecate", "acme-cloud:atlas-70b", "--now", "--replacement", "acme/atlas-8b", "--root", str(checkout))
    assert got.code == 0, got.err
    value = read(checkout, "catalog/providers/acme-cloud/atlas-70b.yaml")
    today = datetime.now(UTC).date().isoformat()
    assert (value["status"], value["deprecation"]) == ("retired", {"retires": today, "replacement": "acme/atlas-8b"})
    back = got.err.partition("to take it back: modelreg ")[2].splitlines()[0].split()
    assert run(*back, "--root", str(checkout)).code == 0
    assert states(checkout) == before


def test_what_was_said_of_the_end_stays(run: Run, checkout: Path) -> None:
    got = run("deprecate", "acme/atlas-8b@1.0.0", "--retire", "2099-06-01", "--root", str(checkout))
    assert got.code == 0, got.err
    assert read(checkout, "catalog/models/acme/atlas-8b/1.0.0.yaml")["deprecation"] == {
        "announced": "2025-02-10",
        "date": "2025-05-01",
        "retires": "2099-06-01",
        "replacement": "acme/atlas-8b@1.1.0",
    }


def test_an_end_that_has_passed_is_retired(run: Run, checkout: Path) -> None:
    assert run("deprecate", "acme/atlas-70b@2.0.0", "--retire", "2026-01-01", "--reason", "Old.", "--root", str(checkout)).code == 0
    assert read(checkout, "catalog/models/acme/atlas-70b/2.0.0.yaml")["status"] == "retired"


def test_who_still_points_to_it(run: Run, checkout: Path) -> None:
    got = run("deprecate", "acme/atlas-8b", "--replacement", "aurore-mini", "--dry-run", "--root", str(checkout))
    told = [line for line in got.err.splitlines() if line.startswith("note: ")]
    assert "note: acme/atlas-8b@1.1.0 is still the default version of acme/atlas-8b: modelreg edit acme/atlas-8b default=VERSION" in told
    assert "note: binding den/atlas still uses acme/atlas-8b@1.1.0#gguf-q4_k_m" in told
    assert any(line.startswith("note: tenant ") and line.endswith("still prefers acme/atlas-8b for chat") for line in told)
    assert "note: mercato:acme/atlas-8b still serves acme/atlas-8b@1.1.0" in told
