"""What somebody asks the history of: a ref of today, or one that was."""

from modelreg_cli.errors import ModelregError, UnknownRef, listed, nearest
from modelreg_cli.history.ask import History, Name, all_refs, knows, names_of
from modelreg_cli.index.current import find_index
from modelreg_cli.query.opened import open_index
from modelreg_cli.query.refs import resolve_ref


def find_names(history: History, asked: str) -> list[Name]:
    """The names under which the history knows it; an alias, or a name without a publisher, is looked up in the index.

    Raises:
        UnknownRef: nothing is or was called so, or several things are.
    """
    if knows(history, asked):
        return names_of(history, asked)
    try:
        index = open_index(find_index(None))
        target = resolve_ref(index, asked)
    except UnknownRef as error:
        raise _unknown(history, asked, error) from None
    except ModelregError:  # a bare repository has no index of today
        raise _unknown(history, asked) from None
    if target.kind == "offering":
        row = index.one("SELECT provider || ':' || wire_id FROM offering WHERE id = ?", (target.offering,))
        return names_of(history, row[0] if row else target.version)
    return names_of(history, target.model if target.kind == "model" else target.version)


def _unknown(history: History, asked: str, error: UnknownRef | None = None) -> UnknownRef:
    """The error of today's refs, with what was once called nearly so."""
    refs = all_refs(history)
    slugs = {ref.partition("/")[2]: ref for ref in refs if "/" in ref and ":" not in ref}
    once = [slugs.get(name, name) for name in nearest(asked, [*refs, *slugs])]
    if error is not None and (error.candidates or not once):
        return error
    message = error.message if error else f"nothing is or was called {asked!r}"
    return UnknownRef(message, f"did you mean {listed(list(dict.fromkeys(once)))}?" if once else None, once)
