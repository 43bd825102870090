"""The codes of what can be wrong with one file alone: its path, its text, its shape, its style."""

from modelreg_cli.finding import Code, warning

PATH_DEVICE_NAME = Code("path-device-name", "a path that Windows cannot check out")
PATH_NAME = Code("path-name", "a path segment that is not an id")
PATH_UNKNOWN = Code("path-unknown", "a file where no kind of entity lives")
PATH_NOT_PLAIN = Code("path-not-plain", "a link, a device, a submodule or an executable file")
PATH_CASE_COLLISION = Code("path-case-collision", "two paths that differ only in case")
FILE_UNREADABLE = Code("file-unreadable", "a file that cannot be opened")
FILE_TOO_LARGE = Code("file-too-large", "a file of more than 256 KB")
EMPTY_FILE = Code("empty-file", "a file without a value")

NOT_UTF8 = Code("not-utf8", "bytes that are not UTF-8")
FORBIDDEN_CHARACTER = Code("forbidden-character", "a control, invisible or direction character, or a line break that only some readers see")
TOO_DEEP = Code("too-deep", "nesting of more than 16 levels")
TOO_MANY_NODES = Code("too-many-nodes", "more than 20,000 values in one file")
YAML_SYNTAX = Code("yaml-syntax", "text that is not YAML")
YAML_DIRECTIVE = Code("yaml-directive", "a %YAML or %TAG line")
YAML_DOCUMENTS = Code("yaml-documents", "a second document in one file")
YAML_ANCHOR = Code("yaml-anchor", "an anchor or alias (& or *)")
YAML_TAG = Code("yaml-tag", "a tag (!...)")
AMBIGUOUS_SCALAR = Code("ambiguous-scalar", "a plain value that YAML 1.1 and 1.2 read differently")
NUMBER_PRECISION = Code("number-precision", "a number with more digits than readers keep")
NULL_VALUE = Code("null-value", "an empty value or null")
KEY_NOT_TEXT = Code("key-not-text", "a key that is not text")
DUPLICATE_KEY = Code("duplicate-key", "the same key twice in one mapping")
NOT_A_MAPPING = Code("not-a-mapping", "a file that is not `key: value` lines")

UNKNOWN_KEY = Code("unknown-key", "a key that the kind does not have")
MISSING_KEY = Code("missing-key", "a key that the kind needs")
WRONG_TYPE = Code("wrong-type", "a value of the wrong type", fixable=True)
WRONG_VALUE = Code("wrong-value", "a value of the right type that is not allowed")

NOT_CANONICAL = warning("not-canonical", "text that `modelreg fmt` would write differently", fixable=True)
DUPLICATE_ITEM = warning("duplicate-item", "the same item twice in one list", fixable=True)
OVERLAY_TARGET = Code("overlay-target", "an overlay of something that the catalog underneath does not have, or that is written anew here")
OVERLAY_VALUE = Code("overlay-value", "something that an overlay says and that cannot be done")
SCHEMA_STALE = Code("schema-stale", "a file below schemas/ that is not what the entities say", fixable=True)

#: Every code of this floor.
all_file_codes: tuple[Code, ...] = tuple(code for code in list(globals().values()) if isinstance(code, Code))
