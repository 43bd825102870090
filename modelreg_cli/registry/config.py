"""ModelConfig: a model as a gateway needs it, on one provider or wherever it runs."""

from typing import Any, NamedTuple

from modelreg_cli.registry.record import Record

_NONE = Record({})


class RateLimit(NamedTuple):
    """How much one plan may ask: requests and tokens a minute, requests a day, requests at once."""

    plan: str
    rpm: int | None = None
    tpm: int | None = None
    rpd: int | None = None
    concurrent: int | None = None


class ModelConfig(NamedTuple):
    """A model, or a model on one provider; None is unknown.

    `id` is `provider:wire-id` for what a provider serves and `publisher/model` (or `publisher/model@version`) for a
    model wherever it runs: then `provider` is None, and the costs are the lowest that anybody asks. Costs are USD for
    a million tokens, limits are tokens ("none" and "unlimited" where that is known), latency is milliseconds,
    `quality` are judgements from 0 to 1 by subject, `scores` the headline results by benchmark in their own units.
    """

    id: str
    model: str | None = None
    name: str | None = None
    provider: str | None = None
    type: str | None = None
    status: str = "active"
    license: str | None = None
    weights: str | None = None
    released: str | None = None
    capabilities: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    context_window: int | str | None = None
    max_output_tokens: int | str | None = None
    input_cost: float | None = None
    output_cost: float | None = None
    billing: str | None = None
    rate_limits: tuple[RateLimit, ...] = ()
    latency_p50_ms: float | None = None
    latency_p99_ms: float | None = None
    quality: Record = _NONE
    scores: Record = _NONE

    @property
    def is_available(self) -> bool:
        """Whether it may be used today: active, or deprecated and not yet gone."""
        return self.status in ("active", "deprecated")

    def can(self, capability: str) -> bool:
        """Whether it is known to have a capability, by the catalog's word for it."""
        return capability in self.capabilities

    def to_dict(self) -> dict[str, Any]:
        """All of it as dicts and lists."""
        told: dict[str, Any] = {name: list(value) if isinstance(value, tuple) else value for name, value in self._asdict().items()}
        told["rate_limits"] = [limit._asdict() for limit in self.rate_limits]
        return {**told, "quality": self.quality.to_dict(), "scores": self.scores.to_dict()}
