"""The only Git."""

from modelreg_cli.git.objects import Objects
from modelreg_cli.git.repository import Entry, Repository, repository

__all__ = ["Entry", "Objects", "Repository", "repository"]
