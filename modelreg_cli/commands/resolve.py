"""modelreg resolve"""

from modelreg_cli.commands.answer import opened, put_record, style
from modelreg_cli.commands.fitting import USE
from modelreg_cli.commands.options import OUTPUT, STATE, Command, Param, Values
from modelreg_cli.query.resolve import resolve
from modelreg_cli.query.use import choice_of


def _run(values: Values) -> int:
    shape = style(values)
    index = opened(values)
    # made for programs: JSON also on a terminal, unless something else is asked for
    put_record(resolve(index, values["ref"], choice_of(index, values)), shape if shape.format else shape._replace(format="json"))
    return 0


COMMAND = Command(
    "resolve",
    "one JSON: what to fetch or call for a ref",
    (
        Param("ref", "model, version, artifact, provider:wire-id, alias or purl", argument=True, required=True, metavar="REF"),
        Param("artifact-format", "choose the artifact of this format: gguf, safetensors, ...", metavar="WORD", words="artifact_format"),
        Param("quantization", "choose the artifact of this precision", metavar="WORD", words="quantization"),
        Param("provider", "choose the offering of this provider", metavar="WORD", words="provider"),
        Param("max-vram", "choose the largest artifact that fits: 24GB (GB of a GPU are GiB), or a device", metavar="SIZE"),
        *USE,
        *STATE,
        *OUTPUT,
    ),
    _run,
    details="Pinned revision, files with sha256 and URL, licence, endpoint, status, replacement, memory in GiB, warnings. null is unknown.",
    examples=(
        "modelreg resolve qwen/qwen3-32b",
        "modelreg resolve gpt-4o --provider azure",
        "modelreg resolve llama-3.1-8b-instruct --max-vram 8GB --context 8k",
    ),
)
