"""The command table: help needs nothing else, so a command is imported only when it runs."""

from typing import NamedTuple


class Entry(NamedTuple):
    """Where a command is, its section of the help, its summary; `reads` means that it answers from the index alone.

    With `actions` its first argument says what to do, and alone it shows its help.
    Without a `function`, which Typer reads, the module has a COMMAND, which the thin parser reads too.
    """

    module: str
    section: str
    summary: str
    reads: bool = False
    function: str = ""
    actions: bool = False


def _read(name: str, summary: str) -> Entry:
    return Entry(f"modelreg_cli.commands.{name}", "Find", summary, reads=True)


all_commands: dict[str, Entry] = {
    "search": _read("search", "find models by text and filters"),
    "show": _read("show", "everything about one model, version, artifact or offering"),
    "versions": _read("versions", "versions of a model, the newest first"),
    "compare": _read("compare", "what differs between models, first"),
    "leaderboard": _read("leaderboard", "models ranked by a benchmark"),
    "resolve": _read("resolve", "one JSON: what to fetch or call for a ref"),
    "recommend": _read("recommend", "which models to choose from, and why: by quality, price and memory"),
    "fit": _read("fit", "how much memory a model needs, and whether it fits"),
    "stats": _read("stats", "counts, and how much of the catalog is known"),
    "sql": _read("sql", "ask the index in SQL, read-only"),
    "history": _read("history", "what changed when, by whom: prices, statuses, licences, tags"),
    "init": Entry("modelreg_cli.commands.init", "Change", "begin a new catalog repository", function="init"),
    "new": Entry("modelreg_cli.commands.new", "Change", "register a model: publisher, model, first version", function="new"),
    "edit": Entry("modelreg_cli.commands.edit", "Change", "change values of files; comments and order stay", function="edit"),
    "import": Entry("modelreg_cli.commands.import_", "Change", "turn public facts into catalog files", function="import_"),
    "drift": Entry("modelreg_cli.commands.drift", "Change", "where the catalog and its sources disagree", function="drift"),
    "bench": Entry("modelreg_cli.commands.bench", "Change", "take over what programs measured", function="bench", actions=True),
    "fmt": Entry("modelreg_cli.commands.fmt", "Change", "canonical order and style, comments kept", function="fmt"),
    "release": Entry("modelreg_cli.commands.release", "Change", "a new version, or a model made from one", function="release"),
    "deprecate": Entry("modelreg_cli.commands.deprecate", "Change", "announce an end, and what to use instead", function="deprecate"),
    "adopt": Entry("modelreg_cli.commands.adopt", "Change", "make a version of the catalog underneath its own", function="adopt"),
    "scan": Entry("modelreg_cli.commands.scan", "Review", "look for code in files of weights", function="scan"),
    "validate": Entry("modelreg_cli.commands.validate", "Review", "check every file and rule", function="validate"),
    "diff": Entry("modelreg_cli.commands.diff", "Review", "what a branch changes, in the words of the catalog", function="diff"),
    "propose": Entry("modelreg_cli.commands.propose", "Review", "commit, push, and open a pull request", function="propose"),
    "gate": Entry(
        "modelreg_cli.commands.gate", "Review", "judge a pull request: approvals, and what a protected tag asks", function="gate"
    ),
    "approve": Entry("modelreg_cli.commands.approve", "Review", "sign that a version may wear a protected tag", function="approve"),
    "audit": Entry("modelreg_cli.commands.audit", "Review", "prove from history that every protected tag was earned", function="audit"),
    "doctor": Entry(
        "modelreg_cli.commands.doctor", "Review", "is this catalog guarded as its policy says? and what to mend", function="doctor"
    ),
    "build": Entry("modelreg_cli.commands.build", "Publish", "compile the catalog into one SQLite file"),
    "publish": Entry("modelreg_cli.commands.publish", "Publish", "publish the compiled index of a commit, signed", function="publish"),
    "pull": Entry("modelreg_cli.commands.pull", "Publish", "bring a published index here, verified", function="pull"),
    "upstream": Entry("modelreg_cli.commands.upstream", "Publish", "bring the catalog that this one lies over", function="upstream"),
    "verify": Entry("modelreg_cli.commands.verify", "Publish", "check a published index: signature, digests, age", function="verify"),
}
sections = ("Find", "Change", "Review", "Publish")
