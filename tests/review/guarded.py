"""A repository with the small catalog of the questions and a tag that is protected."""

from pathlib import Path

from tests.conftest import CATALOGS
from tests.repositories import Repo, made

POLICY = "people: {}\nroles: {}\nprotected_tags: {curated: {approvals: {required: 2, from: curators}}}\n"
VERSION = "catalog/models/acme/atlas-8b/1.1.0.yaml"
MODEL = "catalog/models/acme/atlas-8b/model.yaml"


def repository(folder: Path, below: str = "", curated: bool = True) -> Repo:
    """acme/atlas-8b@1.1.0 wears `curated`, unless told otherwise."""
    root = CATALOGS / "questions"
    files = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in sorted(root.rglob("*.yaml"))}
    files |= {"ci/policy.yaml": POLICY, "catalog/tags/curated.yaml": "description: Approved by two curators.\n"}
    if curated:
        files[VERSION] = files[VERSION].replace("tags: [edge]", "tags: [edge, curated]")
    return made(folder, files, below)


def edit(repo: Repo, path: str, before: str, after: str) -> None:
    """Replaces a text that must be there."""
    file = repo.top / path
    text = file.read_text("utf-8")
    assert before in text, (before, text)
    file.write_text(text.replace(before, after, 1), "utf-8")
