"""Benchmark, results, scan: what was measured or found."""

from typing import Annotated, Any, Literal

from pydantic import Field

from modelreg_cli.entities.base import Date, Entity, Id, Line, Part, PartialDate, Source, Sourced, Text, Url

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Metric(Part):
    """One number that a benchmark gives."""

    unit: Literal["fraction", "percent", "elo", "index", "ms", "tokens_per_second", "score"] = Field(
        description="Values are stored in this unit; fraction is 0 to 1."
    )
    better: Literal["higher", "lower"] = Field(description="Which way is better.")
    min: float | None = Field(None, description="Smallest possible value.")
    max: float | None = Field(None, description="Largest possible value.")
    description: Line | None = Field(None, description="What it says.")


class HarnessTask(Part):
    """What a harness calls a benchmark, so that its result files can be read."""

    harness: Id = Field(description="The program.", examples=["lm-eval"])
    task: Line = Field(description="Its task or group of tasks.", examples=["mmlu"])
    metrics: dict[Line, Id] | None = Field(
        None,
        description="Its word for a metric, and the metric here; absent where they are the same.",
        examples=[{"acc": "accuracy"}],
    )
    split: Line | None = Field(None, description="The part of the benchmark that this task is, where the harness does not say it.")
    subset: Line | None = Field(None, description="The subject or language that this task is.")


class Benchmark(Sourced):
    """catalog/benchmarks/<benchmark>.yaml: what a benchmark measures."""

    name: Line = Field(description="Name as its makers write it.", examples=["MMLU"])
    description: Text | None = Field(None, description="What it asks and how.")
    url: Url | None = Field(None, description="Its home.")
    aliases: list[Line] | None = Field(None, description="Other spellings of the name.")
    tasks: list[Id] | None = Field(None, description="What it measures models of, in words of vocabulary/tasks.")
    metrics: dict[Id, Metric] = Field(description="The first one is the default.", min_length=1)
    harness_tasks: list[HarnessTask] | None = Field(None, description="What programs that measure it call it.")
    redistribution: Literal["yes", "no", "unknown"] = Field("unknown", description="Whether scores may be stored here.")


class Harness(Part):
    """The program that measured."""

    name: Id = Field(description="Its name.", examples=["lm-eval"])
    version: Line | None = Field(None, description="Its release.")
    commit: Line | None = Field(None, description="Its commit, where it is no release.")


class Measurement(Part):
    """One value and what makes it comparable."""

    benchmark: Id = Field(description="An id of catalog/benchmarks.")
    metric: Id | None = Field(None, description="Absent is the benchmark's default.")
    value: float | None = Field(None, description="In the metric's unit; absent where it may only be linked.")
    stderr: Annotated[float, Field(ge=0)] | None = Field(None, description="Standard error, in the metric's unit.")
    samples: Annotated[int, Field(gt=0)] | None = Field(None, description="How many questions were asked.")
    total_samples: Annotated[int, Field(gt=0)] | None = Field(None, description="How many questions there are.")
    limit: Annotated[float, Field(gt=0)] | None = Field(
        None, description="What the run was limited to: a share of the questions below 1, else a number of them."
    )
    partial: Line | None = Field(None, description="Why this is not the whole benchmark; the gate does not count such a value.")
    shots: Annotated[int, Field(ge=0)] | None = Field(None, description="Examples in the prompt.")
    task_version: Line | None = Field(None, description="Version of the harness's task.")
    filter: Line | None = Field(None, description="How answers were picked out of the text.")
    split: Line | None = Field(None, description="The part of the benchmark that was run.")
    subset: Line | None = Field(None, description="The subject or language, where it is not the whole.")
    dataset_revision: Line | None = Field(None, description="Commit of the data set.")
    prompt_digest: Line | None = Field(None, description="Digest of the prompt template.")
    chat_template_digest: Line | None = Field(None, description="Digest of the chat template.")
    hardware: Id | None = Field(None, description="An id of catalog/hardware, where the value depends on it.")
    devices: Annotated[int, Field(gt=0)] | None = Field(None, description="How many of them.")
    runtime: Id | None = Field(None, description="An id of catalog/runtimes, where the value depends on it.")
    runtime_version: Line | None = Field(None, description="Its release.")
    concurrency: Annotated[int, Field(gt=0)] | None = Field(None, description="Requests under way at once.")
    batch: Annotated[int, Field(gt=0)] | None = Field(None, description="Sequences of one step.")
    input_tokens: Annotated[int, Field(gt=0)] | None = Field(None, description="Tokens of a prompt.")
    output_tokens: Annotated[int, Field(gt=0)] | None = Field(None, description="Tokens of an answer.")
    withheld: Line | None = Field(None, description="Why there is no value: the evaluator does not let it be stored.")
    verified: bool | None = Field(None, description="Whether the page has a token that proves the value; the token itself stays there.")


class Endpoint(Part):
    """What was asked, where no bytes can be named: an offering."""

    provider: Id = Field(description="An id of catalog/providers.")
    wire_id: Line = Field(description="The name that the provider's interface was asked for.")


class Results(Entity):
    """catalog/results/<publisher>/<model>/<version>/<harness>-<run8>.yaml: one run, all its metrics."""

    basis: Literal["reported", "measured"] = Field(description="reported: read on a page; measured: a run whose record was ingested.")
    by: Id = Field(description="Who measured: a publisher, or a word of vocabulary/evaluators.")
    harness: Harness | None = Field(None, description="The program that measured, where one did.")
    date: PartialDate | None = Field(None, description="When it was measured or published.")
    run: Digest | None = Field(None, description="Digest of what identifies the run; the file's name has its beginning.")
    source: Source | None = Field(None, description="The page that the values were read on.")
    variant: Line | None = Field(None, description="The setting of the model, such as its reasoning effort.")
    artifact: Id | None = Field(None, description="The artifact that was measured.")
    digest: Digest | None = Field(None, description="The digest of the weights that were measured.")
    endpoint: Endpoint | None = Field(None, description="The offering that was measured, of a hosted version.")
    hardware: Line | None = Field(None, description="What it ran on.")
    settings: dict[str, Any] | None = Field(None, description="Model arguments and seeds of the run.")
    metrics: list[Measurement] = Field(description="The values.", min_length=1)


class ScannedFile(Part):
    """What a scanner said of one file."""

    path: Line = Field(description="Path of the file in its artifact.")
    sha256: Digest = Field(
        description="Digest of the bytes that were scanned; of a skipped file that was not here, what the artifact lists."
    )
    status: Literal["passed", "failed", "skipped"] = Field(description="What the scanner said of it.")
    findings: list[Line] | None = Field(None, description="What it found.")


class Scan(Entity):
    """catalog/scans/<publisher>/<model>/<version>/<tool>-<hash8>.yaml: what a scanner said of which bytes."""

    tool: Id = Field(description="The scanner.")
    tool_version: Line | None = Field(None, description="Its release.")
    database: Line | None = Field(None, description="Version of its signatures.")
    date: Date
    status: Literal["scanning", "passed", "failed", "skipped"] = Field(description="What it said in all; scanning: it had not ended.")
    artifact: Id | None = Field(None, description="The artifact that was scanned.")
    digest: Digest | None = Field(
        None, description="The artifact's digest, where every byte of all its files was read and is what the artifact lists."
    )
    files: list[ScannedFile] | None = Field(None, description="What it said of each file.")
    reason: Line | None = Field(None, description="Why it was skipped or failed.")
