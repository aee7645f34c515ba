"""What a page says instead of an answer, in the reader's language.

An error carries one English sentence, for programs and for the log, and where the catalogues have
that sentence (``translations/*/refusals.po``): a key, and the values that stand in it. What is
raised here has its English from the catalogue too; a package below this one writes it at the place
where it raises, and a test holds the two to be the same.

A text of the catalogue names its values in braces. A number is written as the language writes
numbers, several texts as the language lists alternatives, of a text by language its own, and
another sentence is put in its place.
``{value!q}`` is what somebody sent, in the language's quotation marks; ``{words!e}`` is English in
every language, such as the engine's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any, TypeVar

from babel.lists import format_list
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from atlas.errors import AtlasError, Wording, shown
from endpoint.language import reader_language, unfilled
from store.exports.dump import ILLUSTRATIVE, INFERRED, UNVERIFIED

# Without a row a text is quoted as the command line quotes it.
QUOTES = {"fr": ("«\u00a0", "\u00a0»"), "es": ("«", "»")}
# British English has no comma before the last of several.
LISTING = {"en": "en_GB"}

WITHHELD = {
    UNVERIFIED: "refusal.why_licence",
    ILLUSTRATIVE: "refusal.why_illustrative",
    INFERRED: "refusal.why_inferred",
}

Kind = TypeVar("Kind", bound=AtlasError)


def refused(kind: type[Kind], key: str, /, **values: object) -> Kind:
    """An error of this kind, to be raised: its sentence is the catalogue's, with these values."""
    return kind(spelled(Wording(key, values), "en")).worded(key, **values)


def spelled(wording: Wording, language: str) -> str:
    """The sentence as plain text. Raises KeyError for a value that is not given."""
    return Speller(language).sentence(wording)


def sentence(error: AtlasError) -> Markup:
    """The error's sentence for a page in the reader's language; empty where it is English only."""
    return in_page(error.wording) if error.wording else Markup()


def in_page(wording: Wording) -> Markup:
    """The sentence for a page in the reader's language."""
    return PageSpeller(reader_language()).sentence(wording)


def withheld(reason: str) -> Wording:
    """Why a graph is not given away, as ``store.exports.dump.refusals`` says it."""
    start = next(start for start in WITHHELD if reason.startswith(start))
    return Wording(WITHHELD[start], {"graphs": reason.removeprefix(start)})


class Speller(Formatter):
    """Puts values into the sentences of a language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def sentence(self, wording: Wording) -> str:
        return self.vformat(self.unfilled(wording), (), wording.values)

    def unfilled(self, wording: Wording) -> str:
        return unfilled(wording.key, self.language, wording.values.get("count"))

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion == "q":
            return self.quoted(str(value))
        return self.english(str(value)) if conversion == "e" else value

    def format_field(self, value: Any, format_spec: str) -> Any:
        if isinstance(value, Wording):
            return self.sentence(value)
        if isinstance(value, Mapping):
            return self.word(value[self.language])
        if isinstance(value, int | float):
            return format_decimal(value, locale=self.language)
        if isinstance(value, list | tuple):
            texts = [self.word(str(one)) for one in value]
            return format_list(texts, style="or", locale=LISTING.get(self.language, self.language))
        return self.word(value)

    def quoted(self, text: str) -> str:
        """What somebody sent, on one line and cut, so that one sentence stays one sentence."""
        if self.language not in QUOTES:
            return self.word(shown(text))
        opening, closing = QUOTES[self.language]
        return opening + self.word(bare(text)) + closing

    def word(self, text: str) -> str:
        return text

    def english(self, text: str) -> str:
        return text


class PageSpeller(Speller):
    """The same for a page: values are escaped, and their letters turn nothing around them."""

    def sentence(self, wording: Wording) -> Markup:
        text = str(escape(self.unfilled(wording)))
        return Markup(self.vformat(text, (), wording.values))

    def word(self, text: str) -> Markup:
        return text if isinstance(text, Markup) else Markup("<bdi>{}</bdi>").format(text)

    def english(self, text: str) -> Markup:
        return Markup('<span lang="en">{}</span>').format(text)


def bare(text: str) -> str:
    """What ``shown`` makes of a text, without its quotation marks."""
    visible = shown(text)
    return visible[1:-1] if visible[-1] == visible[0] else visible[1:]
