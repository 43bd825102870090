"""The path is the identity: which kind a path is, its id, and back."""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from modelreg_cli.catalog import codes
from modelreg_cli.entities.base import SEGMENT
from modelreg_cli.finding import Finding

_SEGMENT = re.compile(f"{SEGMENT}\\Z")
RESERVED = frozenset(("publisher", "model", "provider", "engine"))
OVERLAYS = "catalog/overlays/"
#: Kinds of which a catalog can change what the one underneath says; evidence, words and tags are taken as they are, or written anew.
OVERLAID = frozenset(("publisher", "model", "version", "benchmark", "license", "provider", "offering", "runtime", "hardware"))
_APPROVAL = re.compile(f"catalog/approvals/{SEGMENT}/{SEGMENT}/{SEGMENT}/{SEGMENT}-[0-9a-f]{{8}}\\.(?:json|sig)\\Z")
_LONGEST = 200  # file systems take 255 bytes; a lock file or an editor's copy needs some of them
_DEVICES = frozenset(("con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))))


@dataclass(frozen=True, slots=True)
class Location:
    """What a path means: the kind, and the id as refs write it."""

    kind: str
    id: str
    path: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The variable segments of the path."""
        return tuple(re.split(r"[/@]", self.id))


# pattern segments: a literal, or `*` for an id; `!` is an id that is not reserved. The first match wins.
_LAYOUT: tuple[tuple[str, str, str], ...] = (
    ("catalog", "catalog", "catalog"),
    ("vocabulary", "vocabulary/*", "{0}"),
    ("publisher", "models/*/publisher", "{0}"),
    ("model", "models/*/!/model", "{0}/{1}"),
    ("version", "models/*/!/!", "{0}/{1}@{2}"),
    ("results", "results/*/*/*/*", "{0}/{1}@{2}/{3}"),
    ("scan", "scans/*/*/*/*", "{0}/{1}@{2}/{3}"),
    ("benchmark", "benchmarks/*", "{0}"),
    ("license", "licenses/*", "{0}"),
    ("provider", "providers/*/provider", "{0}"),
    ("offering", "providers/*/!", "{0}/{1}"),
    ("runtime", "runtimes/*", "{0}"),
    ("hardware", "hardware/*", "{0}"),
    ("engine", "engines/*/engine", "{0}"),
    ("binding", "engines/*/!", "{0}/{1}"),
    ("tenant", "tenants/*", "{0}"),
    ("tag", "tags/*", "{0}"),
    ("overlay", "overlays/**/*", "{0}"),
    ("decisions", "decisions/*/*", "{0}/{1}"),
    ("snapshot", "snapshots/*/*", "{0}/{1}"),
)
_TEMPLATES = {kind: (pattern, form) for kind, pattern, form in _LAYOUT}
_NOT_RESERVED = f"(?!(?:{'|'.join(sorted(RESERVED))})(?:/|\\.yaml\\Z))"
_STEPS = {"*": f"({SEGMENT})", "!": f"({_NOT_RESERVED}{SEGMENT})"}
_PATTERNS: dict[tuple[str, int], list[tuple[str, re.Pattern[str], str]]] = {}
for _kind, _pattern, _form in _LAYOUT:
    if _kind == "overlay":  # its path is that of another entity
        continue
    _steps = _pattern.split("/")
    _expression = re.compile(f"catalog/{'/'.join(_STEPS.get(step, step) for step in _steps)}\\.yaml\\Z")
    _PATTERNS.setdefault((_steps[0], len(_steps)), []).append((_kind, _expression, _form))


@lru_cache(maxsize=100_000)
def locate(path: str) -> Location | None:
    """The meaning of a path below the top of the repository, or None where it means nothing."""
    if not path.startswith("catalog/") or not path.endswith(".yaml"):
        return None
    if path.startswith(OVERLAYS):
        of = locate(underneath(path))
        return Location("overlay", path[len(OVERLAYS) : -len(".yaml")], path) if of and of.kind in OVERLAID else None
    start = path[len("catalog/") :].partition("/")[0].removesuffix(".yaml")
    for kind, pattern, form in _PATTERNS.get((start, path.count("/")), ()):
        found = pattern.match(path)
        if found:
            return Location(kind, form.format(*found.groups()), path)
    return None


def underneath(overlay: str) -> str:
    """The path that an overlay is about: catalog/overlays/licenses/mit.yaml -> catalog/licenses/mit.yaml."""
    return f"catalog/{overlay[len(OVERLAYS) :]}"


def overlay_path(path: str) -> str:
    """The path of the overlay of a file: catalog/licenses/mit.yaml -> catalog/overlays/licenses/mit.yaml."""
    return f"{OVERLAYS}{path.removeprefix('catalog/')}"


def is_id(text: str) -> bool:
    """Whether a text can be a step of a path."""
    return _SEGMENT.match(text) is not None


def path_of(kind: str, *ids: str) -> str:
    """The path of an entity: path_of("version", "qwen", "qwen3-32b", "2025-04-29")."""
    rest = list(ids)
    steps = [rest.pop(0) if step in "*!" else step for step in _TEMPLATES[kind][0].split("/")]
    return f"catalog/{'/'.join(steps)}.yaml"


def patterns_of(kind: str) -> list[str]:
    """Paths of a kind as editors match them: catalog/models/*/*/*.yaml, and with a `!` what is none of them."""
    pattern = _TEMPLATES[kind][0]
    none = [f"!**/{name}.yaml" for name in sorted(RESERVED)] if pattern.endswith("!") else []
    return [f"catalog/{pattern.replace('!', '*')}.yaml", *none]


#: A device name as a step of a path, with any ending.
_DEVICE = re.compile(f"/(?:{'|'.join(sorted(_DEVICES))})(?:[./]|\\Z)", re.IGNORECASE)


def is_fine(path: str) -> bool:
    """Whether nothing at all is wrong with the path of an entity (the quick way to ask `check`)."""
    return len(path) <= _LONGEST and not _DEVICE.search(path) and locate(path) is not None


def check(path: str) -> list[Finding]:
    """What is wrong with a path below catalog/, whatever is in the file."""
    steps = path.split("/")
    findings = [
        codes.PATH_DEVICE_NAME.about(path, f"{step!r} is a device name on Windows", hint="choose another id")
        for step in steps
        if step.split(".", 1)[0].lower() in _DEVICES
    ]
    if steps[1] == "approvals":
        return [*findings, *_check_approval(path)]
    if path.endswith((".yml", ".YML", ".YAML")):
        return [*findings, codes.PATH_UNKNOWN.about(path, "the ending is not .yaml", hint="rename it to .yaml")]
    if locate(path) is not None and len(max(steps, key=len)) <= _LONGEST:
        return findings
    wrong = [step for step in (*steps[1:-1], steps[-1].removesuffix(".yaml")) if not _SEGMENT.match(step)]
    if wrong:
        hint = "lower case letters, digits and ._- inside; a letter or digit at both ends"
        findings.append(codes.PATH_NAME.about(path, f"{wrong[0]!r} is not an id", hint=hint))
    elif len(max(steps, key=len)) > _LONGEST:
        findings.append(codes.PATH_NAME.about(path, f"a name of more than {_LONGEST} characters", hint="choose a shorter id"))
    else:
        findings.append(codes.PATH_UNKNOWN.about(path, "no kind of entity lives at this path", hint="docs/catalog.md has the layout"))
    return findings


def _check_approval(path: str) -> list[Finding]:
    if _APPROVAL.match(path):
        return []
    hint = "catalog/approvals/<publisher>/<model>/<version>/<person>-<digest8>.json or .sig"
    return [codes.PATH_UNKNOWN.about(path, "no signed statement lives at this path", hint=hint)]


def slug(wire_id: str) -> str:
    """File name of a wire id, readable and injective.

    Small letters, digits, and single `.` and `-` inside stand for themselves; `/` inside is `--`; capitals are
    written small and told by a final `__` and a hexadecimal mask (bit n: the n-th letter is a capital); every
    other byte of UTF-8 is `_` and two hex digits. `_` never stands for itself, so no two wire ids meet. A name that
    would be too long for a file system is cut, and told by a final `___` and a digest.
    """
    out = []
    last = len(wire_id) - 1
    letters = mask = 0
    for at, char in enumerate(wire_id):
        inside = 0 < at < last
        if char.isascii() and char.isalpha():
            mask |= char.isupper() << letters
            letters += 1
            out.append(char.lower())
        elif char == "/" and inside:
            out.append("--")
        elif "0" <= char <= "9" or (inside and (char == "." or (char == "-" and not {wire_id[at - 1], wire_id[at + 1]} & {"-", "/"}))):
            out.append(char)
        else:
            out.append("".join(f"_{byte:02x}" for byte in char.encode("utf-8")))
    name = "".join(out) + (f"__{mask:x}" if mask else "")
    if name in RESERVED or name.split(".", 1)[0] in _DEVICES or not _SEGMENT.match(name):
        name = f"0_{name}"
    if len(name) > _LONGEST - 20:
        name = f"{name[:140].rstrip('._-')}___{sha256(wire_id.encode()).hexdigest()[:20]}"
    return name
