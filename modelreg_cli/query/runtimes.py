"""Runtimes: how they use memory, read from catalog/runtimes."""

from typing import Any, NamedTuple

from modelreg_cli.errors import ModelregError, did_you_mean, listed
from modelreg_cli.memory import Profile
from modelreg_cli.query.bits import USUAL_RUNTIME
from modelreg_cli.query.opened import Index


class Runtime(NamedTuple):
    """A runtime with its newest memory profile; no formats means that they are not known."""

    id: str
    formats: tuple[str, ...]
    memory: dict[str, Any]

    @property
    def told(self) -> str:
        """Name and release."""
        return f"{self.id} {self.memory['release']}"

    @property
    def copies(self) -> dict[str, int]:
        """How often the hidden size counts in the compute buffer, by architecture."""
        return dict(self.memory.get("copies", {}))

    @property
    def tensor(self) -> bool:
        """Whether several devices split every layer."""
        return bool(self.memory.get("devices") == "tensors")

    def profile(self, architecture: str | None) -> Profile:
        """How it uses memory for an architecture."""
        memory = self.memory
        return Profile(
            pad=memory.get("context_pad", 1),
            ubatch=memory.get("ubatch"),
            block=memory.get("cache_block"),
            batched=memory.get("batched", memory.get("cache_block", 1)),
            unified=memory.get("unified", False),
            flash=memory.get("flash", True),
            copies=self.copies.get(architecture or ""),
            min_vocab=memory.get("min_vocab", 0),
            state=memory.get("state_bytes"),
            fixed=int(memory.get("fixed_mib", 0) * 1024**2),
            tensor=self.tensor,
        )

    def room(self, size: int, devices: int) -> int:
        """Bytes that it may use of devices of so many bytes each: of one where each holds a part of every layer, else of all."""
        share = self.memory.get("utilization")
        usable = size if share is None else int(size * share)
        return usable if self.tensor else usable * devices

    def cache_type(self, option: str, asked: str | None) -> str:
        """A type of the cache that it knows, or its usual one.

        Raises:
            ModelregError: it does not know that type.
        """
        known: list[str] = self.memory["cache_types"]
        if asked is None:
            return known[0]
        if asked.lower() not in known:
            hint = did_you_mean(asked, known) or f"it knows {listed(known, 'and')}"
            raise ModelregError(f"{option}: {self.id} has no cache of type {asked!r}", hint)
        return asked.lower()


def usual_runtime(index: Index) -> Runtime | None:
    """The runtime that is meant where none is named; None where this catalog does not say how it uses memory."""
    return _read(index, USUAL_RUNTIME)


def runtime_of(index: Index, named: str | None) -> Runtime:
    """A runtime by its id.

    Raises:
        ModelregError: the catalog has no such runtime, or does not say how it uses memory.
    """
    wanted = named or USUAL_RUNTIME
    known = index.column("SELECT id FROM runtime ORDER BY id")
    profiled = [id_ for id_ in known if index.document("runtime", id_).get("memory")]
    found = _read(index, wanted.lower())
    if found:
        return found
    hint = f"known: {', '.join(profiled)}" if profiled else "add one with `memory`: catalog/runtimes/<runtime>.yaml"
    if wanted.lower() in known:
        raise ModelregError(f"--runtime: the catalog does not say how {wanted} uses memory", hint)
    raise ModelregError(f"--runtime: no runtime is called {wanted!r}", did_you_mean(wanted, profiled) or hint)


def _read(index: Index, id_: str) -> Runtime | None:
    told = index.document("runtime", id_)
    return Runtime(id_, tuple(told.get("formats", ())), told["memory"][-1]) if told.get("memory") else None
