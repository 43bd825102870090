"""What the Python API raises beside the errors of every command, and how it names keywords in their words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from modelreg_cli.errors import ModelregError, UnknownRef

_OPTION = re.compile(r"(`[^`]*`)|--([a-z]+(?:-[a-z]+)*)")


class WrongKeyword(ModelregError, TypeError):
    """A keyword that the question does not have, or a value of a type that it does not take."""


class ModelNotFound(UnknownRef):
    """No model is called so."""

    code = "E4001"


class InvalidModel(ModelregError):
    """A model that cannot be registered or changed: it is there already, or the catalog would have an error."""

    code = "E4003"


@contextmanager
def in_keywords() -> Iterator[None]:
    """Errors of the questions name options; here they name keywords: --min-context is min_context."""
    try:
        yield
    except ModelregError as error:
        error.message = _spoken(error.message)
        error.hint = _spoken(error.hint) if error.hint else None
        error.args = (error.message,)
        raise


def _spoken(text: str) -> str:
    return _OPTION.sub(lambda hit: hit[1] or hit[2].replace("-", "_"), text)
