"""The reader's language, and the words of the pages in it.

The words stand in catalogues, ``translations/{language}/{family of pages}.po``: a message's id is
its key, so that a text can change in one language without a change in the others. A message with a
plural has its forms in the order of the catalogue's Plural-Forms.
https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import has_request_context, request

from endpoint.negotiate import parse_languages

LANGUAGES = ("fr", "en", "es")
FOLDER = Path(__file__).parent / "translations"
# Where a request keeps the language that was chosen for it.
CHOSEN = "atlas.language"


@dataclass(frozen=True)
class Words:
    """The texts of one language by key; those with plurals have one text for each form."""

    texts: dict[str, str]
    plurals: dict[str, tuple[str, ...]]


def choose_language(asked: str | None, header: str | None) -> str:
    """The language asked by ``?lang=``, else the one the client accepts best, else French."""
    if asked in LANGUAGES:
        return asked
    for tag in parse_languages(header or ""):
        if tag.split("-")[0] in LANGUAGES:
            return tag.split("-")[0]
    return LANGUAGES[0]


def reader_language() -> str:
    """The language of the request being answered."""
    if not has_request_context():
        return LANGUAGES[0]
    # Asked for each word of a page, so it is chosen once for a request.
    environ = request.environ
    if CHOSEN not in environ:
        environ[CHOSEN] = choose_language(
            request.args.get("lang"), request.headers.get("Accept-Language")
        )
    chosen: str = environ[CHOSEN]
    return chosen


@cache
def catalogues(language: str) -> Words:
    """All the words of a language."""
    read = Words({}, {})
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        for message in catalogue:
            if isinstance(message.id, str):
                read.texts[message.id] = str(message.string)
            else:
                read.plurals[message.id[0]] = tuple(message.string or ())
    read.texts.pop("", None)  # A catalogue's first message describes the catalogue.
    return read


def words(language: str) -> dict[str, str]:
    """Every text by key; the forms of a plural are ``key[0]``, ``key[1]`` and so on."""
    read = catalogues(language)
    forms = {
        f"{key}[{place}]": text
        for key, texts in read.plurals.items()
        for place, text in enumerate(texts)
    }
    return {**read.texts, **forms}


def translate(key: str, language: str | None = None, **values: object) -> str:
    """The text of ``key`` with its values in place; empty where there is none.

    A text with a plural takes the form for the number ``count``, which is written as the language
    writes numbers.
    """
    language = language or reader_language()
    count = values.get("count")
    text = unfilled(key, language, count)
    if isinstance(count, int):
        values["count"] = written(count, language)
    return text.format(**values) if values else text


def unfilled(key: str, language: str, count: object = None) -> str:
    """The text of ``key`` with its values still to be put in place, in the form for the number."""
    read = catalogues(language)
    if isinstance(count, int) and key in read.plurals:
        forms = read.plurals[key]
        return forms[0] if is_one(count, language) else forms[-1]
    return read.texts.get(key, "")


def language_name(tag: str) -> str:
    """What a language is called in the reader's own; its tag where nobody knows."""
    return str(Locale(reader_language()).languages.get(tag.partition("-")[0].lower(), tag))


@lru_cache(maxsize=4096)
def written(number: float | Decimal, language: str) -> str:
    """A number as the language writes it, with at most three decimals."""
    return str(format_decimal(number, locale=language))


@lru_cache(maxsize=4096)
def is_one(count: int, language: str) -> bool:
    """Whether a count takes the singular."""
    return bool(Locale(language).plural_form(count) == "one")
