"""Whether a wire id can be a name of a base model, judged by its words and numbers.

A human link is a fact only where the wire id does not speak against it: a number that the model does not have
(another generation or date), a generation that is missing, a word that makes it another model (distill, non-), or
another base of the same publisher that fits strictly better.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from modelreg_cli.importers.linking.ids import Named, plain_name, split

_SIZE = re.compile(r"(?:[0-9]+(?:b|m|t|e)|a[0-9]+b)\Z")
_CONTEXT = re.compile(r"[0-9]+k\Z")
_PRECISION = re.compile(r"(?:fp4|fp8|fp16|bf16|nvfp4|mxfp4|int4|int8|awq|gptq|[0-9]bit)\Z")
_REVISION = re.compile(r"v[0-9]+\Z")
_VENDOR_DOT = re.compile(r"^(?:[a-z]{2,6}\.)?[a-z]+\.[a-z]")
# Words behind a model's name that tell how it is sold or served, not which model it is.
_HOW = frozenset(
    [
        "free",
        "tee",
        "fast",
        "turbo",
        "lightning",
        "flex",
        "highspeed",
        "hf",
        "preview",
        "beta",
        "latest",
        "default",
        "thinking",
        "workers",
        "cf",
        "maas",
        "serverless",
        "priority",
    ]
)
# A word of how it is served stays harmless only behind a colon, where it is no part of the name.
_AFTER_COLON_ONLY = frozenset(("thinking",))


@lru_cache(maxsize=4096)  # a wire id is held against every name
def tokens(text: str) -> tuple[str, ...]:
    """Words and numbers of a name: Qwen3.6-35B-A3B -> qwen 3 6 35b a3b."""
    found: list[str] = []
    for part in re.split(r"[^a-z0-9]+", text.lower()):
        if not part:
            continue
        if (
            _PRECISION.match(part)
            or _SIZE.match(part)
            or _CONTEXT.match(part)
            or _REVISION.match(part)
            or re.fullmatch(r"[a-z][0-9]+[a-z]?", part)
        ):
            found.append(part)
            continue
        glued = re.fullmatch(r"([a-z]{2,})([0-9]+[a-z]*)", part)
        found.extend(glued.groups() if glued else [part])
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Name:
    """All the ways to write one base's name: its id without date, its name, its repository; and its dates."""

    base: Named
    forms: tuple[tuple[str, ...], ...]
    words: frozenset[str]
    glued: frozenset[str]
    dates: tuple[tuple[str, ...], ...]


def name_of(base: Named) -> Name:
    """The name of a base, taken apart."""
    written = [split(base.id).stem, plain_name(base.name), (base.repository or "/").split("/")[1]]
    forms = tuple(tokens(text) for text in written if text)
    words = frozenset(word for form in forms for word in form) | set(tokens(base.publisher))
    return Name(base, forms, words, frozenset(_glued(forms)), tuple(_dates(base)))


@dataclass(frozen=True, slots=True)
class Fit:
    """How a wire id differs from a base: what speaks against it, and the words that either has alone."""

    against: tuple[str, ...] = ()
    apart: frozenset[str] = field(default_factory=frozenset)


def fit(wire_id: str, name: Name) -> Fit:
    """How well a wire id names a base, by the form of its name that fits best."""
    said, behind = _last_step(wire_id)
    tail = _without_dates(list(tokens(said)), name.dates)
    against, extra = _additions(tail, wire_id, behind, name)
    fits = [_against_form(tail, form, against, extra, name) for form in name.forms]
    return min(fits, key=lambda found: (len(found.against), len(found.apart)))


def contradiction(wire_id: str, name: Name, others: Iterable[Name]) -> str | None:
    """Why a wire id can not name this base, in words; None where nothing speaks against it.

    A name with no word of the model or its publisher (a provider's own brand) says nothing, so it is not refused.
    """
    if is_brand(wire_id, name):
        return None
    own = fit(wire_id, name)
    if own.against:
        return f"the wire id {own.against[0]}"
    for other in others:
        if other.base.publisher != name.base.publisher or other.base.key == name.base.key:
            continue
        rival = fit(wire_id, other)
        if not rival.against and rival.apart < own.apart:
            return f"{other.base.key} fits the wire id better"
    return None


def is_brand(wire_id: str, name: Name) -> bool:
    """Whether a wire id holds no word of the model or its publisher."""
    return not any(word in name.words and not word.isdigit() and not _SIZE.match(word) for word in tokens(wire_id))


def _additions(tail: list[str], wire_id: str, behind: str, name: Name) -> tuple[list[str], set[str]]:
    """Words of the wire id that no form of the name has: those that speak against it, and harmless ones."""
    start = next((at for at, word in enumerate(tail) if word in name.words), 0)
    against, extra = [], set()
    for at, word in enumerate(tail):
        has_digit = any(char.isdigit() for char in word)
        if word in name.words or word in name.glued or (at < start and not has_digit):
            continue
        if _harmless(word, wire_id, behind, name.words):
            extra.add(word)
        elif has_digit:
            against.append(f"says {word!r}, which {name.base.key} does not")
        else:
            against.append(f"says {word!r}, which makes it another model than {name.base.key}")
    return against, extra


def _against_form(tail: list[str], form: tuple[str, ...], against: list[str], extra: set[str], name: Name) -> Fit:
    there = set(tail) | {piece for word in tail for piece in _pieces(word, form)}
    missing = {word for word in form if word not in there}
    generation = {word for word in missing if word.isdigit() or re.fullmatch(r"[a-z][0-9]+", word)}
    sizes = {word for word in form if _SIZE.match(word)}
    found = list(against)
    if generation and not (sizes and sizes <= there):
        found.append(f"does not say {sorted(generation)[0]!r}, the generation of {name.base.key}")
    return Fit(tuple(found), frozenset((missing | extra) - {"latest"}))


def _last_step(wire_id: str) -> tuple[str, str]:
    """The name in a wire id: without the folders before it, and apart from what stands behind a colon."""
    name = wire_id.lower().rsplit("/", 1)[-1]
    name, _, behind = name.partition(":")
    return name, behind


def _harmless(word: str, wire_id: str, behind: str, known: frozenset[str]) -> bool:
    if word in _HOW:
        return word not in _AFTER_COLON_ONLY or word in tokens(behind)
    if _REVISION.match(word):
        first = word == "v1" and not any(_REVISION.match(other) for other in known)
        return first or bool(_VENDOR_DOT.match(wire_id))
    return bool(_PRECISION.match(word) or _CONTEXT.match(word))


def _glued(forms: Iterable[tuple[str, ...]]) -> set[str]:
    """Numbers written without their dot: 5.2 as 52, m2.5 as m25."""
    pairs = [pair for form in forms for pair in pairwise(form)]
    return {left + right for left, right in pairs if right.isdigit() and re.fullmatch(r"[a-z]?[0-9]+", left)}


def _pieces(word: str, form: tuple[str, ...]) -> set[str]:
    """The tokens of a form that one glued word stands for."""
    return {piece for left, right in pairwise(form) if left + right == word for piece in (left, right)}


def _dates(base: Named) -> list[tuple[str, ...]]:
    """The ways to write the dates of a base, as tokens, longest first: they are no part of the name."""
    parts = split(base.id)
    written = {date for date in (parts.date, base.release_date, base.last_updated if parts.latest else None) if date}
    forms = {tokens(date) for date in written} | {(date.replace("-", ""),) for date in written}
    month_day = (base.release_date or "").replace("-", "")[4:]
    if month_day and month_day in tokens(base.id):
        forms.add((month_day,))
    return sorted(forms, key=lambda form: (-len(form), form))


def _without_dates(words: list[str], dates: Iterable[tuple[str, ...]]) -> list[str]:
    for date in dates:
        for at in range(1, len(words) - len(date) + 1):
            if tuple(words[at : at + len(date)]) == date:
                return words[:at] + words[at + len(date) :]
    return words


def is_dated(wire_id: str, version: str) -> bool:
    """Whether a wire id itself names the date of a version: then it will never mean another one."""
    bare = version.replace("-", "")
    if not bare.isdigit() or len(bare) < 4:
        return False
    return bool(re.search(rf"(?<![0-9])(?:{re.escape(version)}|{bare})(?![0-9])", wire_id))


def precision(wire_id: str) -> str | None:
    """The serving precision that a wire id names."""
    return next((word for word in reversed(tokens(wire_id)) if _PRECISION.match(word)), None)
