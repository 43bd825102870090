"""Policy: who may decide what, and what a protected tag asks for."""

from typing import Annotated, Literal

from pydantic import Field

from modelreg_cli.entities.base import Entity, Id, Line, Part, VersionRef
from modelreg_cli.entities.model import ModelType

Email = Annotated[str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+$", max_length=254)]
#: What `ssh-keygen -Y verify -I` takes: a name in the first column of ci/allowed_signers.
Principal = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+@-]*$", max_length=200)]
Share = Annotated[float, Field(gt=0)]
Days = Annotated[int, Field(gt=0)]


class Account(Part):
    """An account on a forge; the number is what identifies it, since names can be changed and taken by others."""

    id: Annotated[int, Field(gt=0)] = Field(description="The forge's number of the account.")
    login: Line = Field(description="Its name, for people to read.")


Accounts = Account | Annotated[list[Account], Field(min_length=1)]


class Person(Part):
    """Somebody who may decide or write, under all their names: whatever they do, they are one person."""

    github: Accounts | None = Field(None, description="Accounts on GitHub.")
    gitlab: Accounts | None = Field(None, description="Accounts on GitLab.")
    forgejo: Accounts | None = Field(None, description="Accounts on Forgejo or Gitea.")
    emails: list[Email] | None = Field(None, description="Addresses that their commits bear.")
    keys: list[Principal] | None = Field(None, description="Their principals in ci/allowed_signers.")


class Approvals(Part):
    """How many persons of a role must say yes."""

    required: Annotated[int, Field(ge=1)] = Field(description="So many different persons, none of them an author of the change.")
    from_: Id = Field(alias="from", description="The role that they must have.")


class Area(Part):
    """What changes of one area of the repository need."""

    approvals: Approvals = Field(description="Who must approve.")


class OpenArea(Part):
    """What changes of plain catalog data need."""

    approvals: Approvals | Literal["none"] = Field(description="Who must approve; `none` leaves it to the forge's own rules.")


class Requires(Part):
    """What must be so before a version wears the tag, beside benchmarks; of models of these types."""

    types: list[ModelType] | None = Field(None, description="Models that it is asked of; absent is every type.")
    scan: Literal["passed"] | None = Field(None, description="A scan of every file of every artifact passed.")
    scanners: list[Id] | None = Field(None, description="Each of these must have scanned; absent is any one.")
    scan_max_age_days: Days | None = Field(None, description="An older scan does not count.")
    license: Literal["known"] | None = Field(None, description="A licence is named and its terms are known.")
    sourced: Literal["governed"] | None = Field(None, description="Governed values rest on sources.")
    findings: Literal["none"] | None = Field(None, description="Nothing is wrong with the files of the model.")


class HarnessNeed(Part):
    """The program that must have measured."""

    name: Id = Field(description="Its name.", examples=["lm-eval"])
    version: Line | None = Field(None, description="Its releases that count, as Python packages write it.", examples=[">=0.4.5"])


class Regression(Part):
    """How much worse than an earlier version a value may be; both bounds hold where both are given."""

    sigma: Share | None = Field(None, description="So many standard errors of the difference.")
    absolute: Share | None = Field(None, description="In the metric's unit.")
    against: Literal["previous-curated"] | VersionRef = Field(
        description="previous-curated: the newest other version of the model that wears the tag; or one version."
    )
    when_incomparable: Literal["fail", "pass"] = Field("fail", description="What follows where that one has no comparable value.")


class BenchmarkNeed(Part):
    """A value that must have been measured, and how good it must be."""

    types: list[ModelType] | None = Field(None, description="Models that it is asked of; absent is every type.")
    tasks: list[Id] | None = Field(None, description="Models for any of these tasks; absent is every model.")
    benchmark: Id = Field(description="An id of catalog/benchmarks.")
    metric: Id | None = Field(None, description="Absent is the benchmark's default.")
    shots: Annotated[int, Field(ge=0)] | None = Field(None, description="Examples in the prompt.")
    subset: Line | None = Field(None, description="The subject or language.")
    split: Line | None = Field(None, description="The part of the benchmark.")
    filter: Line | None = Field(None, description="How answers were picked out of the text.")
    task_version: Line | None = Field(None, description="Version of the harness's task.")
    min: float | None = Field(None, description="Smallest value, in the metric's unit.")
    max: float | None = Field(None, description="Largest value, in the metric's unit.")
    at: Literal["value", "lower95", "upper95"] = Field(
        "value", description="What is held against the bound: the value, or the end of its one-sided 95 % interval (1.645 standard errors)."
    )
    min_samples: Annotated[int, Field(gt=0)] | None = Field(None, description="Fewer questions do not count.")
    artifacts: Literal["any", "every"] = Field("any", description="Whether one artifact measured is enough.")
    harness: HarnessNeed | None = Field(None, description="The program that must have measured.")
    max_age_days: Days | None = Field(None, description="An older run does not count.")
    max_regression: Regression | None = Field(None, description="How much worse than an earlier version it may be.")


class ProtectedTag(Part):
    """What a version must have before it wears the tag."""

    approvals: Approvals = Field(description="Who must approve.")
    requires: Requires | Annotated[list[Requires], Field(min_length=1)] | None = Field(None, description="What else must be so.")
    benchmarks: list[BenchmarkNeed] | None = Field(None, description="What must have been measured.")


class Policy(Entity):
    """ci/policy.yaml: who may decide what; read from the branch that a change goes into, never from the change."""

    people: dict[Id, Person] = Field(description="Everybody that the policy knows.")
    roles: dict[Id, list[Id]] = Field(description="Persons by role.", examples=[{"curators": ["alice", "bob"]}])
    control_plane: Area = Field(
        description="Every file that is not catalog data: this policy, pipelines, code, and protected tags' own files."
    )
    results: Area = Field(description="Measured results and scans; results that were only reported are plain data.")
    data: OpenArea | None = Field(None, description="All other catalog data; absent is one person of any role.")
    protected_tags: dict[Id, ProtectedTag] = Field(description="What each tag asks for.")
