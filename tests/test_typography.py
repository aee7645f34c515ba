"""The signs of each language in every text of ours: catalogues, ontology, shapes, queries, content.

French keeps its high signs at their words with a no-break space and has no straight apostrophe;
Spanish opens its questions; no language has straight quotation marks or doubled spaces. Titles of
other people's documents stay as their source writes them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
import pytest
from babel.messages.pofile import read_po

from queries.header import Value, read_header

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path
    for pattern in (
        "endpoint/translations/*/*.po",
        "ontology/*.ttl",
        "ontology/vocabularies/*.ttl",
        "ontology/alignments/*.ttl",
        "shapes/*.ttl",
        "shapes/lint/*.ttl",
        "queries/**/*.rq",
        "loaders/content/*.ttl",
        "loaders/sources.toml",
    )
    for path in ROOT.glob(pattern)
)
LANGUAGES = ("fr", "en", "es")
TITLE = pyoxigraph.NamedNode("http://purl.org/dc/terms/title")
DOCUMENTS = "/id/document/"
# How the note of a document says that its title is ours.
OURS = "de nous"

STRAIGHT = re.compile(r"['\"]")
DOTS = re.compile(r"\.\.\.")
DOUBLED = re.compile(r"\S  +\S")
# A high sign after an ordinary space, or after none; a number that a line could break in two.
TORN = re.compile(
    r" [;:!?»]( |$)|«[^\u00a0\u202f]|[^\u00a0\u202f]»|\w[;!?]|[0-9] [0-9]{3}(?![0-9])"
)
UNACCENTED = re.compile(
    r"\bE(?=tat|col|chel|chang|cono|gal|duca|valua|quip|tud|tabl|nonc|nerg|diti)"
)
# -ise and -our, as in the rest of our English.
AMERICAN = re.compile(
    r"(?i)\b\w*(?:organiz|recogniz|visualiz|summariz|behavior)|\b(?:color|center)\b"
)
LOW = re.compile(r" [;:!?»](?: |$)|« ")

Said = tuple[str, str]  # language, text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_language_is_set_with_its_own_signs(path: Path) -> None:
    said = list(READERS[path.suffix](path))
    assert said or path.name == "prefixes.ttl"
    assert [(language, text) for language, text in said if badly_set(language, text)] == []


def badly_set(language: str, text: str) -> bool:
    """Whether a text has a sign that its language does not write so."""
    text = without_programs(text)
    if STRAIGHT.search(text) or DOTS.search(text) or DOUBLED.search(text):
        return True
    if language == "fr":
        return bool(TORN.search(text) or UNACCENTED.search(text))
    if LOW.search(text):
        return True
    if language == "en":
        return "«" in text or bool(AMERICAN.search(text))
    return any(text.count(opening) != text.count(closing) for opening, closing in ("¿?", "¡!"))


def without_programs(text: str) -> str:
    """A text without what is written for a program: addresses, and values between braces."""
    return re.sub(r"https?://\S+|\{[^}]*\}|[?$]\w+", "x", text)


def in_catalogue(path: Path) -> Iterator[Said]:
    with path.open("rb") as file:
        for message in read_po(file):
            texts = (
                message.string if isinstance(message.string, (tuple, list)) else [message.string]
            )
            yield from ((path.parent.name, str(text)) for text in texts if message.id)


def in_turtle(path: Path) -> Iterator[Said]:
    quads = list(pyoxigraph.parse(path=str(path), format=pyoxigraph.RdfFormat.TURTLE))
    titled_by_us = {
        quad.subject
        for quad in quads
        if isinstance(quad.object, pyoxigraph.Literal) and OURS in quad.object.value
    }
    for quad in quads:
        text = quad.object
        if not isinstance(text, pyoxigraph.Literal) or text.language not in LANGUAGES:
            continue
        foreign = quad.predicate == TITLE and DOCUMENTS in str(quad.subject)
        if not foreign or quad.subject in titled_by_us:
            yield text.language, text.value


def in_query(path: Path) -> Iterator[Said]:
    return in_map(read_header(path, path.read_text(encoding="utf-8")))


def in_sources(path: Path) -> Iterator[Said]:
    return in_map(tomllib.loads(path.read_text(encoding="utf-8")))


def in_map(value: Value) -> Iterator[Said]:
    """The texts that stand under the name of a language."""
    if isinstance(value, list):
        for one in value:
            yield from in_map(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in LANGUAGES and isinstance(one, str):
                yield key, one
            else:
                yield from in_map(one)


READERS = {".po": in_catalogue, ".ttl": in_turtle, ".rq": in_query, ".toml": in_sources}
