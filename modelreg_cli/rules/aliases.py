"""An alias means one thing."""

from collections.abc import Iterator

from modelreg_cli.catalog.text import pointer_to
from modelreg_cli.entities.model import Model, Publisher
from modelreg_cli.entities.offering import Offering, Provider
from modelreg_cli.entities.version import Version
from modelreg_cli.finding import Code, Finding
from modelreg_cli.rules.facts import Facts
from modelreg_cli.rules.rule import Rule

ALIAS_COLLISION = Code("alias-collision", "one alias for two things")

# path, pointer, alias
Alias = tuple[str, str, str]


def collisions(facts: Facts) -> Iterator[Finding]:
    """The first file keeps the alias, all others are told.

    Who makes and who serves are asked for in other places than models, so their aliases may read the same.
    """
    seen: dict[tuple[str, str], Alias] = {}
    for group, alias in _all(facts):
        other = seen.setdefault((group, alias[2]), alias)
        if other is not alias:
            where = "in this file" if other[0] == alias[0] else f"in {other[0]}"
            yield ALIAS_COLLISION.about(alias[0], f"{alias[2]} is already an alias {where}", alias[1], "keep it where it is exact")


def _all(facts: Facts) -> Iterator[tuple[str, Alias]]:
    for loaded, publisher in facts.each(Publisher):
        yield from (("publisher", alias) for alias in _of(loaded.location.path, publisher.aliases))
    for loaded, provider in facts.each(Provider):
        yield from (("provider", alias) for alias in _of(loaded.location.path, provider.aliases))
    for loaded, model in facts.each(Model):
        yield from (("model", alias) for alias in _of(loaded.location.path, model.aliases))
    for loaded, version in facts.each(Version):
        yield from (("model", alias) for alias in _of_version(loaded.location.path, version))
    for loaded, offering in facts.each(Offering):
        yield from (("model", alias) for alias in _of(loaded.location.path, offering.aliases))


def _of(path: str, aliases: list[str] | None, above: str = "") -> Iterator[Alias]:
    for at, alias in enumerate(aliases or ()):
        yield path, f"{above}/aliases/{at}", alias


def _of_version(path: str, version: Version) -> Iterator[Alias]:
    yield from _of(path, version.aliases)
    for at, artifact in enumerate(version.artifacts or ()):
        yield from _of(path, artifact.aliases, pointer_to("artifacts", at))


rules = (Rule((ALIAS_COLLISION,), collisions),)
