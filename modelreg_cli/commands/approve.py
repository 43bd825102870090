"""modelreg approve"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from modelreg_cli.catalog.tree import commit_of
from modelreg_cli.catalog.write import write_all
from modelreg_cli.commands.paths import top_of
from modelreg_cli.errors import ModelregError, Refused
from modelreg_cli.gate.approve import person_of, statement, subject_of
from modelreg_cli.gate.decide import decide
from modelreg_cli.gate.gather import Proposal, gather
from modelreg_cli.gate.judge import Judged
from modelreg_cli.gate.sparse import Sparse
from modelreg_cli.gate.statement import NAMESPACE, SIGNERS, Approval
from modelreg_cli.git import Repository
from modelreg_cli.git.bare import bare
from modelreg_cli.git.work import main_branch, run_as_user
from modelreg_cli.render import verdicts
from modelreg_cli.render.output import Style
from modelreg_cli.signing import sign

_DAYS = 90


def approve(
    ref: Annotated[str, typer.Argument(help="The version, as publisher/model@version.", metavar="REF")],
    tag: Annotated[str, typer.Option(help="The protected tag that it is to wear.", metavar="TAG")],
    base: Annotated[str | None, typer.Option(help="The branch that the change goes into.", metavar="REV", show_default="main")] = None,
    key: Annotated[
        Path | None, typer.Option(help="SSH key to sign with (default: Git's user.signingKey, else ~/.ssh/id_ed25519).", metavar="FILE")
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help="Sign an objection instead.")] = False,
    days: Annotated[int, typer.Option(help="So long the statement counts.", metavar="N", min=1, max=3650)] = _DAYS,
    commit: Annotated[bool, typer.Option("--commit", help="Commit the two files of the statement.")] = False,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be signed, and sign nothing.")] = False,
    color: Annotated[str, typer.Option(help="Colour: auto is a terminal without NO_COLOR.", metavar="auto|always|never")] = "auto",
) -> None:
    """Sign, with your SSH key, that a version may wear a protected tag.

    The statement is about the values of the version, not about a commit: it outlives squash, rebase and a change of forge,
    and any other value voids it. It lies in catalog/approvals/, and committing it neither moves the head that others approve
    nor makes you an author.
    """
    top = top_of(root)
    here = commit_of(top, "HEAD")
    repository, folder = here.repository, here.folder
    if repository.run("status", "--porcelain", "--untracked-files=no", "--", "catalog", "ci").strip():
        raise Refused("files here differ from the last commit", "commit them first: what is signed is what is committed")
    today = datetime.now(UTC).date()
    tip = repository.resolve(base or main_branch(repository))
    with bare(repository) as inside:
        facts = gather(Proposal(inside, tip, here.commit, today, folder=folder))
        judged = Judged(decide(facts), facts)
        allowed = Sparse(inside, tip, folder).beside(SIGNERS) or b""
    subject = subject_of(facts, ref, tag)
    chosen = (key or _own_key(top)).expanduser()
    person = person_of(facts, allowed, chosen)
    said = statement(subject, person, "reject" if reject else "approve", today, today + timedelta(days=days))
    sys.stderr.write(verdicts.text(judged, Style(color=color).colored))
    if dry_run:
        sys.stdout.write(said.text().decode())
        return
    word = "object to" if reject else "approve"
    if not yes and not _agreed(f"{person}, do you {word} {ref} wearing {tag}? [y/N] "):
        raise Refused("nothing was signed", "answer y, or say --yes")
    _keep(top, repository, said, sign(said.text(), chosen, NAMESPACE), commit)


def _keep(top: Path, repository: Repository, said: Approval, signature: bytes, commit: bool) -> None:
    """Writes both files, and commits them where that is asked for."""
    texts = {f"{said.path()}.json": said.text(), f"{said.path()}.sig": signature}
    write_all({top / path: raw.decode() for path, raw in texts.items()})
    if commit:
        paths = [str(top / path) for path in texts]
        title = f"{'Approval of' if said.decision == 'approve' else 'Objection to'} {said.ref} as {said.tag}"
        run_as_user(repository, "add", "--", *paths)
        run_as_user(repository, "commit", "--quiet", "-m", title, "--", *paths)
    sys.stdout.write("".join(f"{path}\n" for path in texts))
    if not commit:
        sys.stderr.write("commit these two files on the branch, and push it\n")


def _own_key(top: Path) -> Path:
    """The key that Git signs with, or the usual one.

    Raises:
        ModelregError: there is neither.
    """
    usual = Path.home() / ".ssh" / "id_ed25519"
    repository = commit_of(top, "HEAD").repository
    try:
        kind = run_as_user(repository, "config", "--default", "", "--get", "gpg.format").strip()
        named = run_as_user(repository, "config", "--default", "", "--get", "user.signingKey").strip() if kind == "ssh" else ""
    except ModelregError:
        named = ""
    if named and not named.startswith(("ssh-", "key::")):
        return Path(named)
    if usual.exists() or Path(f"{usual}.pub").exists():
        return usual
    raise ModelregError("which key to sign with is not known", "name one with --key, or set Git's user.signingKey")


def _agreed(question: str) -> bool:
    """Whether somebody at a terminal says yes."""
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
