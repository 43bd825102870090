"""The questions of `modelreg new` on a terminal: each answer is checked when it is given."""

import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

from modelreg_cli.catalog.load import Catalog
from modelreg_cli.editing.files import Files
from modelreg_cli.editing.new import ASKS, TYPES, Ask, check, ids_of, missing, words_of
from modelreg_cli.errors import ModelregError, did_you_mean, listed
from modelreg_cli.render.findings import shown

_FEW = 24


@dataclass(frozen=True)
class Form:
    """What is known of a new model so far."""

    files: Files
    catalog: Catalog
    ref: str | None
    type: str | None
    answers: dict[str, str]

    @property
    def complete(self) -> bool:
        """Whether nothing that is needed is missing."""
        return bool(self.ref and self.type and not missing(self.type, self.answers))

    @property
    def typed(self) -> str:
        """The same as a command line."""
        options = [("--type", self.type or ""), *((ask.option, self.answers[ask.key]) for ask in ASKS if ask.key in self.answers)]
        return shlex.join([self.ref or "", *(part for pair in options for part in pair)])


def on_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def checked(form: Form) -> Form:
    """The form, where it is complete and every answer can be.

    Raises:
        ModelregError: something is missing, all of which is named; or the first answer that cannot be.
    """
    lacking = ["REF" if form.ref is None else "", "--type" if form.type is None else ""]
    lacking += [ask.option for ask in missing(form.type or "", form.answers)]
    if named := [one for one in lacking if one]:
        of = f"a model of type {form.type}" if form.type else "a new model"
        raise ModelregError(f"{of} needs {listed(named, 'and')}", _why(form))
    for ask in ASKS:
        if ask.key in form.answers:
            check(form.catalog, ask, form.answers[ask.key])
    return form


def _why(form: Form) -> str:
    if form.type is None:
        return f"types are {listed(list(TYPES), 'and')}; on a terminal, `modelreg new` asks for everything"
    asks = "on a terminal it asks for what is missing"
    return f"{asks}; --like REF takes the architecture of a version that is known" if form.type == "weights" else asks


def ask(form: Form) -> Form:
    """The form after the questions; what was said already is not asked.

    Raises:
        KeyboardInterrupt: the person went away.
        ModelregError: an answer of the command line that cannot be.
    """
    for one in ASKS:
        if one.key in form.answers:
            check(form.catalog, one, form.answers[one.key])
    _say("An empty answer leaves out what is not needed; Ctrl-C ends without writing.")
    type_ = form.type or _answer("Type: weights, hosted, adapter or router", "weights", _type)
    ref = form.ref or _answer("Id, as publisher/model", "", lambda text: ids_of(form.files, text, type_, {}))
    answers = dict(form.answers)
    for one in ASKS:
        needed = one in missing(type_, answers)
        if one.key in answers or not (needed or type_ in one.asked):
            continue
        usual = one.usual or (ref.partition("/")[2].partition("@")[0] if one.key == "name" else "")
        if told := _answer(_question(form.catalog, one), usual, lambda text, of=one: check(form.catalog, of, text), needed):  # type: ignore[misc]
            answers[one.key] = told
    return replace(form, ref=ref, type=type_, answers=answers)


def _question(catalog: Catalog, one: Ask) -> str:
    known = words_of(catalog, one.words)
    return f"{one.question} ({', '.join(known)})" if 0 < len(known) <= _FEW else one.question


def _type(text: str) -> None:
    if text not in TYPES:
        raise ModelregError(f"no type is called {text!r}", did_you_mean(text, TYPES) or f"types are {listed(list(TYPES), 'and')}")


def _answer(question: str, usual: str, check_: Callable[[str], object], needed: bool = True) -> str:
    """One answer that can be."""
    while True:
        sys.stderr.write(f"{question}{f' [{usual}]' if usual else ''}: ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise KeyboardInterrupt
        text = line.strip() or usual
        if not text and not needed:
            return ""
        try:
            if not text:
                raise ModelregError("this is needed")
            check_(text)
        except ModelregError as error:
            _say(f"  {error.message}{f'; {error.hint}' if error.hint else ''}")
            continue
        return text


def _say(line: str) -> None:
    print(shown(line), file=sys.stderr)
