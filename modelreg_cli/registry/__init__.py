"""The Python API: `Registry` asks the index in this process, from any thread, and writes through the catalog's own checks."""

from modelreg_cli.registry.config import ModelConfig, RateLimit
from modelreg_cli.registry.models import Models
from modelreg_cli.registry.wrong import InvalidModel, ModelNotFound, WrongKeyword

__all__ = ("InvalidModel", "ModelConfig", "ModelNotFound", "RateLimit", "Registry", "WrongKeyword")


class Registry(Models):
    """A catalog to ask: `Registry()` is the one here, `Registry(index="file.db")` a file, `Registry(root="folder")` a checkout."""
