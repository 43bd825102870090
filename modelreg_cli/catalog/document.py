"""Strict YAML: only text that every YAML reader takes the same way becomes a document.

The parser is libyaml through PyYAML's event interface. It gives events one by one and looks ahead 1,024
characters at most, so nesting and size are bounded while reading: 100,000 brackets cost 3 ms, while a reader that
composes nodes needs quadratic time or the whole stack for them. No tag, anchor or type of YAML 1.1 takes effect.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml

from modelreg_cli.catalog import codes, scalars, usual
from modelreg_cli.catalog.text import Mark, Unreadable, decode, directive, escape
from modelreg_cli.finding import Code
from modelreg_cli.settings import MAX_DEPTH, MAX_NODES


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands, and where its key does (in a list: the value itself)."""

    value: Mark
    key: Mark


def load(raw: bytes) -> Any:
    """The value of a document: dicts with text keys, lists, str, int, float, bool.

    Raises:
        Unreadable: the first thing that makes it ambiguous or hostile.
    """
    text = decode(raw)
    value = usual.read(text)
    return strictly(text) if value is None else value


def strictly(text: str) -> Any:
    """The value of a decoded document by the strict reader alone.

    Raises:
        Unreadable: as `load`.
    """
    return _Reader(text).value()


def places(text: str) -> dict[str, Place]:
    """JSON pointer -> place, for a document that loads; as much as can be read of one that does not."""
    reader = _Reader(text, keep_places=True)
    with suppress(Unreadable):
        reader.value()
    return reader.places


class _Reader:
    def __init__(self, text: str, keep_places: bool = False) -> None:
        self._parser: Any = _parser(text)
        self._nodes = 0
        self._keep = keep_places
        self.places: dict[str, Place] = {}

    def value(self) -> Any:
        try:
            return self._document()
        except yaml.MarkedYAMLError as error:
            raise _syntax(error) from None
        except (yaml.YAMLError, ValueError) as error:
            raise Unreadable(codes.YAML_SYNTAX, f"not YAML: {error}", "check the file in an editor") from None

    def _document(self) -> Any:
        parser = self._parser
        parser.get_event()  # stream start
        event = parser.get_event()
        if isinstance(event, yaml.StreamEndEvent):
            raise Unreadable(codes.EMPTY_FILE, "the file is empty", "write the entity, or delete the file")
        if event.version or event.tags:
            raise directive(_mark(event))
        result = self._build()
        parser.get_event()  # document end
        event = parser.get_event()
        if not isinstance(event, yaml.StreamEndEvent):
            raise _refusal(event, codes.YAML_DOCUMENTS, "a second document", "one file holds one document: delete the `---`")
        return result

    def _build(self) -> Any:
        """One loop over the events, with its own stack: nothing recurses."""
        next_event = self._parser.get_event
        stack: list[_Open] = []
        while True:
            event = next_event()
            kind = type(event)
            if kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                done = stack.pop()
                if not stack:
                    return done.value
                continue
            value = self._node(event, kind, stack)
            top = stack[-1] if stack else None
            if top is not None and top.wants_key:
                self._key(top, event, value)
                continue
            if top is None and kind is yaml.ScalarEvent:
                raise _refusal(event, codes.NOT_A_MAPPING, "a file with one bare value", "a catalog file is a list of `key: value` lines")
            pointer = self._put(top, value, event) if top is not None else self._remember("", event, None)
            if kind is not yaml.ScalarEvent:
                stack.append(_Open(value, pointer, bool(event.flow_style)))

    def _node(self, event: Any, kind: type, stack: "list[_Open]") -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _refusal(event, codes.TOO_MANY_NODES, f"more than {MAX_NODES:,} values", "split the file")
        if kind is yaml.AliasEvent or event.anchor is not None:
            raise _refusal(event, codes.YAML_ANCHOR, "an anchor or alias (& or *)", "write the value out, or quote the text")
        if event.tag is not None:
            raise _refusal(event, codes.YAML_TAG, "a tag (!...)", "delete it, or quote the text")
        if kind is yaml.ScalarEvent:
            return event.value if event.style else _plain(event, bool(stack) and stack[-1].in_flow)
        if len(stack) >= MAX_DEPTH:
            hint = "a catalog file is flat; check the indentation and brackets"
            raise Unreadable(codes.TOO_DEEP, f"nested deeper than {MAX_DEPTH} levels", hint, _mark(event))
        return {} if kind is yaml.MappingStartEvent else []

    def _key(self, opened: "_Open", event: Any, key: Any) -> None:
        if isinstance(key, (dict, list)):
            raise _refusal(event, codes.KEY_NOT_TEXT, "a key that is not text", "keys are plain words")
        if not isinstance(key, str):
            raise _refusal(event, codes.KEY_NOT_TEXT, f"the key {event.value!r}, which is not text", f'write "{event.value}":')
        if key in opened.value:
            hint = "keep one of them; a reader would silently drop the other"
            raise _refusal(event, codes.DUPLICATE_KEY, f"the key {key[:60]!r} for a second time", hint)
        opened.key, opened.key_event, opened.wants_key = key, event, False
        opened.value[key] = None

    def _put(self, opened: "_Open", value: Any, event: Any) -> str:
        if opened.is_mapping:
            opened.value[opened.key] = value
            opened.wants_key = True
            step = opened.key
        else:
            opened.value.append(value)
            step = str(len(opened.value) - 1)
        return self._remember(f"{opened.pointer}/{escape(step)}", event, opened.key_event) if self._keep else ""

    def _remember(self, pointer: str, event: Any, key: Any) -> str:
        if self._keep:
            self.places[pointer] = Place(_mark(event), _mark(key or event))
        return pointer


class _Open:
    """A collection whose end has not been read."""

    __slots__ = ("in_flow", "is_mapping", "key", "key_event", "pointer", "value", "wants_key")

    def __init__(self, value: Any, pointer: str, in_flow: bool) -> None:
        self.value = value
        self.in_flow = in_flow
        self.pointer = pointer
        self.key = ""
        self.key_event: Any = None
        self.is_mapping = self.wants_key = isinstance(value, dict)


def _parser(text: str) -> Any:
    return yaml.cyaml.CParser(text)  # type: ignore[attr-defined]  # its types leave the C classes out


def _plain(event: Any, in_flow: bool) -> Any:
    if in_flow and "?" in event.value:
        # the question mark ends a plain scalar for some readers, inside brackets only
        raise _refusal(event, codes.AMBIGUOUS_SCALAR, "a plain value with a question mark", "put it in quotes, or outside the brackets")
    try:
        return scalars.plain(event.value)
    except scalars.Refusal as refusal:
        raise _refusal(event, refusal.code, refusal.what, refusal.hint) from None


def _mark(event: Any) -> Mark:
    start, end = event.start_mark, event.end_mark
    length = end.column - start.column if end.line == start.line else 1
    return Mark(start.line + 1, start.column + 1, max(1, length))


def _refusal(event: Any, code: Code, what: str, hint: str) -> Unreadable:
    return Unreadable(code, f"{what} is not allowed here", hint, _mark(event))


def _syntax(error: yaml.MarkedYAMLError) -> Unreadable:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "it does not parse"
    if error.context and error.context_mark and error.context_mark is not mark:
        problem = f"{problem} {error.context} that starts on line {error.context_mark.line + 1}"
    hint = "check the indentation and the quotes on this line and the one before"
    if "character that cannot start any token" in problem:
        hint = "put the value in quotes"
    elif "mapping values are not allowed" in problem:
        hint = "a text with ': ' in it needs quotes"
    return Unreadable(codes.YAML_SYNTAX, f"not YAML: {problem}", hint, Mark(mark.line + 1, mark.column + 1) if mark else None)


def scalar_spans(text: str) -> list[tuple[int, int]]:
    """Where scalars stand, as offsets into the text: what lies between them is syntax, space and comments."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    spans: list[tuple[int, int]] = []
    parser = _parser(text)
    while True:
        event = parser.get_event()
        if isinstance(event, yaml.StreamEndEvent):
            return spans
        if isinstance(event, yaml.ScalarEvent):
            begin: Any = event.start_mark
            end: Any = event.end_mark
            first, last = starts[begin.line] + begin.column, starts[end.line] + end.column
            if event.style in ("|", ">"):
                # a comment may follow the block's header; the block itself starts on the next line
                first = min(text.find("\n", first) + 1 or len(text), last)
                last = first + len(text[first:last].rstrip())
            spans.append((first, last))
