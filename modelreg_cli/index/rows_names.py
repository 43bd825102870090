"""Rows of aliases, and the words by which searches find a version."""

from modelreg_cli.index.context import Context, Document
from modelreg_cli.index.piece import Piece
from modelreg_cli.index.words import words_of


def words_of_model(id_: str, model: Document, context: Context) -> tuple[list[str], set[str]]:
    """Words of the slug, in order, and all words by which any version of the model is found."""
    owner, _, slug = id_.partition("/")
    told = (model.get("name", ""), id_, context.publishers.get(owner, ""), model.get("family", ""), model.get("description", ""))
    aliases = (alias.partition(":")[2] for alias in model.get("aliases", ()))
    return words_of(slug), set(words_of(" ".join((*told, *aliases))))


def add_words(piece: Piece, number: int, spoken: tuple[list[str], set[str]], version: Document, id_: str) -> None:
    """Adds the words of one version; `spoken` is what `words_of_model` gave."""
    slug, common = spoken
    postings = piece.postings
    for word in slug[:1]:
        postings["first", word].append(number)
    for word in set(slug):
        postings["id", word].append(number)
    own = [version.get("name", ""), id_, *(alias.partition(":")[2] for alias in version.get("aliases", ()))]
    own += [alias.partition(":")[2] for artifact in version.get("artifacts", ()) for alias in artifact.get("aliases", ())]
    for word in common.union(words_of(" ".join(own))):
        postings["word", word].append(number)


def add_aliases(piece: Piece, kind: str, target: str, data: Document) -> None:
    """Adds the other names of one thing."""
    for alias in data.get("aliases", ()):
        namespace, _, name = alias.partition(":")
        piece.rows["alias"].append((namespace, name, kind, target, name.lower()))
