"""Options of a search, made from the axes table; shared by search and leaderboard."""

from modelreg_cli.commands.options import Param
from modelreg_cli.query.asked import FLAGS
from modelreg_cli.query.axes import all_axes

_TOLD = (
    "licence allows commercial use, with or without conditions (--term commercial=yes: without)",
    "licence allows changes and further training, likewise",
    "licence allows passing the weights on, likewise",
    "licence allows offering it as a service, likewise",
)

FILTERS: tuple[Param, ...] = (
    *(
        Param(axis.name, axis.help, many=True, commas=axis.operator == "in", metavar=axis.kind.upper(), words=axis.words)
        for axis in all_axes
    ),
    *(
        Param(
            f"not-{axis.name}",
            f"leave out what --{axis.name} would find",
            many=True,
            commas=True,
            metavar=axis.kind.upper(),
            words=axis.words,
        )
        for axis in all_axes
        if axis.operator == "in"
    ),
    Param(
        "all-of", "capability that must be there; several: every one of them", many=True, commas=True, metavar="WORD", words="capability"
    ),
    *(Param(name, told, kind="flag") for name, told in zip(FLAGS, _TOLD, strict=True)),
    Param(
        "min",
        "benchmark at least: --min swe-bench-verified=70 (for fractions, a number above 1 is percent)",
        many=True,
        metavar="BENCH=VALUE",
    ),
    Param("max", "benchmark at most", many=True, metavar="BENCH=VALUE"),
    Param("unknown", "keep what has no known value for a number that is asked for", kind="flag"),
    Param("all-versions", "every version, not only the default one of each model", kind="flag"),
)
