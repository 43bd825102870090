"""Bytes of a file -> text that every reader takes the same way, and places in it."""

import re
from dataclasses import dataclass

from modelreg_cli.catalog import codes
from modelreg_cli.finding import Code, Finding
from modelreg_cli.settings import MAX_BYTES

#: What one reader takes for a line break, space, an invisible mark or a direction change, and another does not.
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
    "|[\U000e0000-\U000e0fff]|\r(?!\n)"
)
#: What most files are made of: if nothing else is there, nothing is forbidden.
_PRINTABLE = bytes([10, *range(32, 127)])
# libyaml compares each %TAG line with all before it, so a directive is refused before it sees one.
_DIRECTIVE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*(%)")


class Unreadable(Exception):
    """A document that is refused: code, message, hint and place (from 1)."""

    def __init__(self, code: Code, message: str, hint: str, at: "Mark | None" = None) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.at = code, message, hint, at or Mark(1, 1)

    def finding(self, path: str, text: str) -> Finding:
        """The finding, with the source line."""
        found = self.code.about(path, self.message, hint=self.hint)
        return found.at(self.at.line, self.at.column, self.at.length, source_line(text, self.at.line))


@dataclass(frozen=True, slots=True)
class Mark:
    """Line and column from 1, length in characters."""

    line: int
    column: int
    length: int = 1


def decode(raw: bytes) -> str:
    """Bytes of a file as text.

    Raises:
        Unreadable: too large, not UTF-8, or a character that readers disagree about.
    """
    if len(raw) > MAX_BYTES:
        # a reader stops one byte after the limit, so the true size is not known here
        raise Unreadable(
            codes.FILE_TOO_LARGE, f"the file has more than {MAX_BYTES:,} bytes", "split it, or move long text to a linked page"
        )
    if not raw.translate(None, _PRINTABLE):
        text = raw.decode("ascii")
        return _without_directive(text) if b"%" in raw else text
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        at = Mark(before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1)
        raise Unreadable(codes.NOT_UTF8, f"byte 0x{raw[error.start]:02x} is not UTF-8", "save the file as UTF-8", at) from None
    bad = FORBIDDEN.search(text)
    if bad:
        hint = "readers disagree about it or people cannot see it; delete it, or write it as an escape in double quotes"
        raise Unreadable(
            codes.FORBIDDEN_CHARACTER, f"character U+{ord(bad.group()[0]):04X} is not allowed", hint, _mark_at(text, bad.start())
        )
    return _without_directive(text)


def _without_directive(text: str) -> str:
    found = _DIRECTIVE.match(text)
    if found:
        raise directive(_mark_at(text, found.start(1)))
    return text


def directive(at: Mark) -> Unreadable:
    """The refusal of a %YAML or %TAG line."""
    hint = "delete the line; a catalog file is plain YAML"
    return Unreadable(codes.YAML_DIRECTIVE, "a %YAML or %TAG directive is not allowed here", hint, at)


def _mark_at(text: str, at: int) -> Mark:
    return Mark(text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1)


def escape(step: str) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return step.replace("~", "~0").replace("/", "~1")


def pointer_to(*steps: str | int) -> str:
    """The JSON pointer of steps: pointer_to("prices", 0, "rates") is /prices/0/rates."""
    return "".join(f"/{escape(str(step))}" for step in steps)


def source_line(text: str, line: int) -> str:
    """A line of the text, counted from 1, or empty."""
    lines = text.split("\n", line)
    return lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else ""
