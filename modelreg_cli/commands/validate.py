"""modelreg validate"""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from modelreg_cli.commands.paths import below_top, top_of
from modelreg_cli.dates import day_of
from modelreg_cli.errors import NO, ModelregError
from modelreg_cli.render.findings import all_formats, lines, summary, text
from modelreg_cli.render.output import Style
from modelreg_cli.render.progress import bar
from modelreg_cli.rules.repair import repair
from modelreg_cli.rules.report import Question, Report, examine


def validate(
    paths: Annotated[list[str] | None, typer.Argument(help="Report on these files or folders only.", metavar="[PATH]...")] = None,
    root: Annotated[Path | None, typer.Option(help="Top of the catalog repository.", metavar="DIR")] = None,
    format_: Annotated[
        Literal["text", "json", "github", "gitlab", "sarif"], typer.Option("--format", help="How to write findings.")
    ] = "text",
    fix: Annotated[bool, typer.Option("--fix", help="Repair what has one right form, then validate again.")] = False,
    at: Annotated[str | None, typer.Option(help="Validate this commit, tag or branch, without a checkout.", metavar="REV")] = None,
    base: Annotated[str | None, typer.Option(help="Report only what changed, or broke, since the branch left REV.", metavar="REV")] = None,
    today: Annotated[str | None, typer.Option(hidden=True, metavar="DATE")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line a finding, no summary.")] = False,
    color: Annotated[Literal["auto", "always", "never"], typer.Option(help="Colour: auto is a terminal without NO_COLOR.")] = "auto",
) -> None:
    """Check every file of the catalog, and report all that is wrong.

    Exit code 0 where there are warnings at most, 1 where there are errors.
    """
    if fix and at:
        raise ModelregError("--fix and --at do not go together", "a commit cannot be edited; check it out first")
    top = top_of(root, at)
    question = Question(top, day_of(today), at, base, below_top(paths or [], top))
    with bar("validating", "files", shown=not quiet) as progress:
        report = examine(question, progress)
        if fix:
            fixed = repair(top, report.findings)
            report = examine(question, progress) if fixed else report
            _tell(fixed, quiet)
    sys.stdout.write(_written(report, format_, quiet, color))
    sys.stdout.flush()
    if not quiet:
        print(summary(report), file=sys.stderr)
    if report.failed:
        raise typer.Exit(NO)


def _written(report: Report, format_: str, quiet: bool, color: str) -> str:
    if format_ != "text":
        return all_formats[format_](report)
    return lines(report) if quiet else text(report, Style(color=color).colored)


def _tell(fixed: list[str], quiet: bool) -> None:
    if not quiet:
        for path in fixed:
            print(f"fixed {path}", file=sys.stderr)
