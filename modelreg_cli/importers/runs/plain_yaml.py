"""YAML that others wrote, read within bounds: no aliases, no key twice, not deep. Catalog files have a stricter reader."""

from pathlib import Path
from typing import Any

import yaml

from modelreg_cli.errors import ModelregError

_DEEPEST = 32
_MOST_NODES = 200_000


def read(text: str, path: Path) -> Any:
    """The value of one document.

    Raises:
        ModelregError: it is no YAML, has aliases, is too deep or too large, or has a key twice.
    """
    loader: Any = yaml.CSafeLoader(text)
    try:
        _check(text, path)
        node = loader.get_single_node()
        return _value(loader, node, path) if node is not None else None
    except (yaml.YAMLError, ValueError) as error:
        first = str(error).partition("\n")[0]
        raise ModelregError(f"{path} is not YAML: {first[:200]}", "check it in an editor") from None
    finally:
        loader.dispose()


def _check(text: str, path: Path) -> None:
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        if isinstance(event, yaml.AliasEvent):
            raise ModelregError(f"{path} has an alias (*{event.anchor})", "write the value out")
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        if depth > _DEEPEST or count > _MOST_NODES:
            raise ModelregError(f"{path} is nested too deep, or has too many values", "this is not a result file")


def _value(loader: Any, node: Any, path: Path) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, item, path) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    found: dict[str, Any] = {}
    for key, item in node.value:
        name = str(key.value)
        if name in found:
            raise ModelregError(f"{path} has the key {name[:60]!r} twice in one mapping", "keep one of them; readers take different ones")
        found[name] = _value(loader, item, path)
    return found
