"""What a gateway asks of a registry: models as configurations, by name, provider, status and capability; and its two writes."""

import importlib
from collections.abc import Iterable

from modelreg_cli.errors import Ambiguous, Refused, UnknownRef
from modelreg_cli.query import sets
from modelreg_cli.query.capable import capable, implied
from modelreg_cli.query.opened import Index
from modelreg_cli.query.orders import by_ref
from modelreg_cli.query.refs import Target, resolve_ref
from modelreg_cli.query.words import check_word
from modelreg_cli.registry.answers import Stats
from modelreg_cli.registry.config import ModelConfig
from modelreg_cli.registry.configs import offered, versions
from modelreg_cli.registry.questions import Questions
from modelreg_cli.registry.source import Pool, shipped
from modelreg_cli.registry.wrong import ModelNotFound, in_keywords


class Models(Questions):
    """Models as a gateway needs them. An id is any ref: `publisher/model`, `provider:wire-id`, an alias."""

    @property
    def is_initialized(self) -> bool:
        """Whether there is a catalog to ask."""
        return self._pool is not None and not self._pool.closed

    def get(self, id: str) -> ModelConfig | None:
        """One model, or None where nothing is called so.

        Raises:
            Ambiguous: several things are; their names are its `candidates`.
        """
        try:
            return self.get_or_raise(id)
        except ModelNotFound:
            return None

    def get_or_raise(self, id: str) -> ModelConfig:
        """One model.

        Raises:
            ModelNotFound: nothing is called so; the hint has the nearest names (`code` is E4001).
            Ambiguous: several things are; their names are its `candidates`.
        """
        with self._asking() as index:
            return _config(index, _found(index, id))

    def list(self, provider: str | None = None, status: str | None = None) -> tuple[ModelConfig, ...]:
        """All models, each in its default version; of a provider, all that it serves."""
        with self._asking() as index:
            wanted = None if status is None else check_word(index, "--status", "status", status)
            found = _all(index, sets.having(index, "is", "default"), provider)
            return tuple(config for config in found if wanted in (None, config.status))

    def list_by_provider(self, provider: str) -> tuple[ModelConfig, ...]:
        """What a provider serves."""
        return self.list(provider=provider)

    def list_by_capability(self, capability: str, provider: str | None = None) -> tuple[ModelConfig, ...]:
        """Models that are known to have a capability, under any of its names: vision, tools, tool_use, json_mode, ..."""
        return self.list_by_capabilities([capability], provider)

    def list_by_capabilities(self, capabilities: Iterable[str], provider: str | None = None) -> tuple[ModelConfig, ...]:
        """Models that are known to have every one of these capabilities."""
        with self._asking() as index:
            words = [check_word(index, "--capability", "capability", word) for word in capabilities]
            if provider is not None:  # an offering may lack what its version can
                return tuple(config for config in _all(index, 0, provider) if all(config.can(word) for word in words))
            chosen = sets.having(index, "is", "default")
            for word in words:
                chosen &= capable(index, word)
            return _all(index, chosen, None)

    def list_available(self, provider: str | None = None) -> tuple[ModelConfig, ...]:
        """Models that can be used today: in service, and served by somebody or with weights to be had."""
        with self._asking() as index:
            served = sets.of_numbers(index.column("SELECT number FROM version WHERE offers > 0 OR weights IN ('open', 'gated')"))
            found = _all(index, sets.having(index, "is", "default") & served, provider)
            return tuple(config for config in found if config.is_available)

    def providers(self) -> tuple[str, ...]:
        """Providers that serve something."""
        with self._asking() as index:
            return tuple(index.column("SELECT DISTINCT provider FROM offering WHERE in_service = 1 ORDER BY provider"))

    def capabilities(self) -> tuple[str, ...]:
        """Capabilities that some model is known to have."""
        with self._asking() as index:
            every = sets.having(index, "is", "default")
            words = {*dict(sets.counts(index, "capability", every)), *implied(index)}
            return tuple(sorted(word for word in words if capable(index, word) & every))

    def get_stats(self) -> Stats:
        """The same as `stats()`."""
        return self.stats()

    def load_default_models(self) -> int:
        """Asks the catalog that is shipped with the program from now on; the number of its models."""
        with in_keywords():
            before, self._pool = self._pool, Pool(shipped(), self._refresh)
            if before:
                before.close()
        with self._asking() as index:
            return int(index.column("SELECT count(*) FROM model")[0])

    def register_model(self, config: ModelConfig) -> ModelConfig:
        """Writes the files of a new model (`publisher/model@version`) or offering (`provider:wire-id`) into the checkout.

        All of them or none, in canonical form, and only where the whole catalog has no error with them.

        Raises:
            InvalidModel: it is there already, or not valid (`code` is E4003).
            Refused: this registry reads an index file.
        """
        with self._asking() as index:
            importlib.import_module("modelreg_cli.registry.write").register(index, self._root(), config)
        return self._after(config.id)

    def update_model_status(self, id: str, status: str) -> ModelConfig:
        """Writes the status of a version or offering: active, deprecated, disabled, maintenance, retired.

        Raises:
            ModelNotFound: nothing is called so (`code` is E4001).
            InvalidModel: the catalog would have an error with it (`code` is E4003).
            Refused: this registry reads an index file.
        """
        with self._asking() as index:
            target = _found(index, id)
            importlib.import_module("modelreg_cli.registry.write").set_status(index, self._root(), target, status)
        return self._after(id)

    def _root(self) -> str:
        root = self._pool_here().where.root
        if root is None:
            raise Refused("an index file is read-only", "Registry(root=...) on a clone of the catalog can write")
        return root

    def _after(self, id_: str) -> ModelConfig:
        self._pool_here().look_again()
        return self.get_or_raise(id_)


def _found(index: Index, id_: str) -> Target:
    try:
        return resolve_ref(index, id_)
    except Ambiguous:
        raise
    except UnknownRef as error:
        raise ModelNotFound(error.message, error.hint, error.candidates) from None


def _config(index: Index, target: Target) -> ModelConfig:
    if target.offering:
        return offered(index, "id = ?", [target.offering])[0]
    config = versions(index, index.column("SELECT number FROM version WHERE ref = ?", (target.version,)))[0]
    return config if target.kind == "model" else config._replace(id=target.version)


def _all(index: Index, chosen: int, provider: str | None) -> tuple[ModelConfig, ...]:
    if provider is None:
        return tuple(versions(index, list(by_ref(index, chosen))))
    return tuple(offered(index, "provider = ?", [check_word(index, "--provider", "provider", provider)]))
