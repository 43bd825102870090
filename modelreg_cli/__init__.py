"""modelreg: an AI model registry kept as a Git repository."""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ("InvalidModel", "ModelConfig", "ModelNotFound", "ModelregError", "RateLimit", "Registry", "UnknownRef", "WrongKeyword")

if TYPE_CHECKING:
    from modelreg_cli.errors import ModelregError, UnknownRef
    from modelreg_cli.registry import InvalidModel, ModelConfig, ModelNotFound, RateLimit, Registry, WrongKeyword


def __getattr__(name: str) -> Any:
    """A name of the Python API, loaded when it is first asked for: the commands need none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "errors" if name in ("ModelregError", "UnknownRef") else "registry"
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
