"""The tables: every rule, every comparison, every code."""

from modelreg_cli.catalog.codes import all_file_codes
from modelreg_cli.finding import Code
from modelreg_cli.rules import (
    aliases,
    changes,
    codeowners,
    dates,
    evidence,
    identity,
    licenses,
    lifecycle,
    limits,
    lineage,
    overlays,
    policy,
    prices,
    references,
    secrets,
    shape,
    sources,
    tags,
    tasks,
    words,
)
from modelreg_cli.rules.rule import Comparison, Rule

all_rules: tuple[Rule, ...] = (
    *identity.rules,
    *references.rules,
    *words.rules,
    *aliases.rules,
    *licenses.rules,
    *lineage.rules,
    *tags.rules,
    *tasks.rules,
    *limits.rules,
    *dates.rules,
    *lifecycle.rules,
    *prices.rules,
    *evidence.rules,
    *sources.rules,
    *secrets.rules,
    *shape.rules,
    *policy.rules,
    *codeowners.rules,
    *overlays.rules,
)

all_comparisons: tuple[Comparison, ...] = changes.comparisons

_codes = (
    *all_file_codes,
    *(code for rule in all_rules for code in rule.codes),
    *(code for comparison in all_comparisons for code in comparison.codes),
)

all_codes: dict[str, Code] = {code.name: code for code in _codes}
