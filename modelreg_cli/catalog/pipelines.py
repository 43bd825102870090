"""The pipelines that come with the program, one set for each forge: what each runs is told in the files themselves."""

from pathlib import Path

from modelreg_cli.errors import Unavailable
from modelreg_cli.settings import shipped_root

#: Forge -> where a pipeline of the name {name} lies in a repository.
PLACES = {
    "github": ".github/workflows/{name}",
    "gitlab": ".gitlab-ci.yml",
    "forgejo": ".forgejo/workflows/{name}",
}


def pipelines_of(forge: str) -> dict[str, str]:
    """Path below the top of a repository -> text, as this release of the program has them.

    Raises:
        Unavailable: the program was installed without them.
    """
    root = shipped_root()
    files = sorted(Path(root, "ci", forge).glob("*.yml")) if root else []
    if not files:
        raise Unavailable("the program was installed without its pipelines", "install it again from its package")
    return {PLACES[forge].format(name=file.name): file.read_text("utf-8") for file in files}
