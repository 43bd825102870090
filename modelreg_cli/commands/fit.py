"""modelreg fit"""

from typing import Any

from modelreg_cli.commands.answer import opened, plural, put, style, talk
from modelreg_cli.commands.fitting import GPUS, PRECISION, USE, told
from modelreg_cli.commands.options import OUTPUT, STATE, Command, Param, Values
from modelreg_cli.query.fit import as_value, fit
from modelreg_cli.query.fits import Fits
from modelreg_cli.query.hardware import Room
from modelreg_cli.render import words
from modelreg_cli.render.output import STRUCTURED, Column, rows
from modelreg_cli.render.structured import structured

_PARTS = [Column("part", "PART"), Column("bytes", "SIZE", words.size, right=True), Column("basis", "BASIS")]
_NEEDS = [
    Column("ref", "REF"),
    Column("precision", "PRECISION"),
    *(
        Column(name, title, words.size, right=True)
        for name, title in (
            ("weights", "WEIGHTS"),
            ("kv_cache", "KV CACHE"),
            ("state", "STATE"),
            ("compute", "COMPUTE"),
            ("at_least", "NEEDS"),
        )
    ),
    Column("basis", "BASIS"),
]
_ROOM = [
    Column("fits", "FITS", lambda value: "unknown" if value is None else "yes" if value else "no"),
    Column("left", "LEFT", lambda value: words.size(value) if value is None or value >= 0 else f"-{words.size(-value)}", right=True),
    Column("longest_context", "LONGEST", words.tokens, right=True),
]


def _run(values: Values) -> int:
    shape = style(values)
    index = opened(values)
    answer = fit(index, values["ref"], values)
    found, room = answer.needs, answer.room
    if shape.chosen in STRUCTURED and not shape.fields and not shape.quiet:
        put(structured(as_value(answer), shape.chosen))
        return 0
    if len(found) == 1 and shape.chosen in ("table", "markdown") and not shape.fields and not shape.quiet:
        sum_ = found[0]["at_least"] or None
        total = {"part": "total", "bytes": sum_, "basis": found[0]["basis"] if sum_ else "unknown"}
        put(rows(_PARTS, [*found[0]["parts"], total], shape, "part"))
    else:
        kept = [column for column in _NEEDS if shape.chosen != "table" or any(one[column.name] for one in found)]
        put(rows([*kept, *(_ROOM if room else ())], found, shape, "ref"))
    if not shape.quiet:
        talk(f"{answer.target.version}: {told(answer.asked)}.")
        _verdict(answer.row, answer.asked, room, found)
    return 0


def _verdict(row: Any, asked: Fits, room: Room | None, found: list[dict[str, Any]]) -> None:
    """What the numbers mean, in words."""
    if row["context"] and asked.use.context > row["context"]:
        talk(f"It takes {row['context']:,} tokens at most.")
    if room is None:
        for one in found[:1]:
            _unknown(one, len(found))
        return
    where = f"{asked.use.gpus} x {room.told}" if asked.use.gpus > 1 else room.told
    share = asked.runtime.memory.get("utilization")
    where += f", of which {asked.runtime.id} takes {share:.0%}: {words.size(asked.room)}" if share else ""
    if len(found) > 1:
        fitting = sum(1 for one in found if one["fits"])
        talk(f"{plural(len(found), 'artifact')}, {fitting} fit in {where}.")
        return
    one = found[0]
    if one["fits"]:
        talk(f"It fits in {where}: {words.size(one['left'])} left{', which its machine needs too' if room.shared else ''}.")
    elif one["fits"] is None:
        least = f"it needs at least {words.size(one['at_least'])}" if one["at_least"] else "so is all that it needs"
        talk(f"Whether it fits in {where} is unknown: {least}.")
    else:
        least = "at least " if one["total"] is None else ""
        talk(f"It does not fit in {where}: it needs {least}{words.size(one['at_least'] - asked.room)} more.")
    if one["longest_context"] is not None:
        most = "" if one["total"] is not None else "at most "
        longest = f"{most}{one['longest_context']:,} tokens" if one["longest_context"] else "none"
        talk(f"The longest context that fits: {longest}.")
    _unknown(one, 1)


def _unknown(one: dict[str, Any], many: int) -> None:
    for reason in one["unknown"]:
        if many == 1 or not reason.startswith("weights"):
            talk(f"unknown: {reason}")


COMMAND = Command(
    "fit",
    "how much memory a model needs, and whether it fits",
    (
        Param("ref", "model, version, artifact, alias or purl", argument=True, required=True, metavar="REF"),
        Param("gpu", "the device, or the size of one: rtx4090, 24GB (GB of a GPU are GiB)", metavar="GPU"),
        GPUS,
        *USE,
        Param("artifact-format", "only artifacts of this format", metavar="WORD", words="artifact_format"),
        Param("quantization", "only the artifact of this precision", metavar="WORD", words="quantization"),
        PRECISION,
        *STATE,
        *OUTPUT,
    ),
    _run,
    details="Every part with its basis: bytes of files, computed from the architecture, measured, or unknown and why. "
    "An answer of no is an answer: the exit code is 0. docs/memory.md has the formula.",
    examples=(
        "modelreg fit llama-3.1-8b-instruct --precision q4_k_m --gpu rtx4090",
        "modelreg fit qwen3-32b --precision fp8 --runtime vllm --gpu h100 --gpus 2 --sequences 8",
    ),
)
