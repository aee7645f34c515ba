"""The facets by which experiences are chosen: what each is called, and what its values are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from babel import Locale

from endpoint.language import language_name, reader_language, translate, written
from endpoint.names import Names, folded
from endpoint.web.experiences.table import UNSAID, Text

IRI, WORD, YEAR, LANGUAGE = "iri", "word", "year", "language"
# Values shown at once; the others unfold.
FIRST = 6


@dataclass(frozen=True)
class Facet:
    """``key`` names it in the address of the page and in the catalogues.

    ``parameter`` is its name in the query of the list. The values are IRIs, words of a source,
    years or tags of languages.
    """

    key: str
    values: str = WORD
    parameter: str = ""
    unfolded: bool = False

    @property
    def asked(self) -> str:
        return self.parameter or self.key


@dataclass(frozen=True)
class Kind:
    """What the page lists: ``key`` is its name in the address and in the catalogues.

    ``queries`` begins the names of its queries, in which ``subject`` is the thing that is listed;
    ``bars`` is the facet drawn as bars, ``told`` are those said in one line under a title.
    """

    key: str
    subject: str
    queries: str
    facets: tuple[Facet, ...]
    bars: str
    told: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(facet.key for facet in self.facets)

    def facet(self, key: str) -> Facet:
        return next(facet for facet in self.facets if facet.key == key)

    def query(self, part: str) -> str:
        return f"{self.queries}_{part}"


EXPERIENCES = Kind(
    key="",
    subject="experience",
    queries="experience",
    facets=(
        Facet("domain", unfolded=True),
        Facet("scale", IRI, unfolded=True),
        Facet("country", IRI, unfolded=True),
        Facet("place", IRI),
        Facet("type"),
        Facet("technology"),
        Facet("lead"),
        Facet("status"),
        Facet("year", YEAR),
        # Each query has the reader's own language as its parameter "language".
        Facet("language", LANGUAGE, "languages"),
        Facet("site", IRI),
        Facet("source", IRI),
    ),
    bars="country",
    told=("domain", "technology", "scale", "status"),
)
DOCUMENTS = Kind(
    key="document",
    subject="document",
    queries="experience_document",
    facets=(
        Facet("type", IRI, unfolded=True),
        Facet("site", IRI, unfolded=True),
        Facet("language", LANGUAGE, "languages", unfolded=True),
        Facet("author"),
        Facet("year", YEAR),
        Facet("country", IRI),
        Facet("angle", IRI),
        Facet("component", IRI),
        Facet("source", IRI),
    ),
    bars="site",
    told=("type", "site", "language"),
)
KINDS = {kind.key: kind for kind in (EXPERIENCES, DOCUMENTS)}


@dataclass(frozen=True)
class Counted:
    """A value as the page shows it, with how many experiences have it."""

    value: str
    name: Text
    count: int
    chosen: bool = False

    @property
    def said(self) -> bool:
        return self.value != UNSAID

    @property
    def figure(self) -> str:
        """How many, as the reader's language writes it."""
        return written(self.count, reader_language())


@dataclass(frozen=True)
class Shown:
    """A facet as the page shows it."""

    facet: Facet
    values: list[Counted]

    @property
    def first(self) -> list[Counted]:
        """The most frequent, and whatever is chosen."""
        return [one for nth, one in enumerate(self.values) if nth < FIRST or one.chosen]

    @property
    def rest(self) -> list[Counted]:
        return [one for nth, one in enumerate(self.values) if nth >= FIRST and not one.chosen]

    @property
    def chosen(self) -> bool:
        return any(one.chosen for one in self.values)

    @property
    def said(self) -> list[Counted]:
        return [one for one in self.values if one.said]

    @property
    def most(self) -> int:
        return max((one.count for one in self.values), default=0)


def shown(facet: Facet, counts: Mapping[str, int], chosen: Iterable[str], namer: Namer) -> Shown:
    """The values that there are and those chosen: most frequent first, years from the last.

    What is not said comes at the end.
    """
    asked = tuple(chosen)
    every = [
        Counted(value, namer.name(facet, value), counts.get(value, 0), value in asked)
        for value in {*counts, *asked}
    ]
    every.sort(key=lambda one: (folded(one.name.text), one.value))
    if facet.values == YEAR:
        every.sort(key=lambda one: one.value, reverse=True)
    else:
        every.sort(key=lambda one: -one.count)
    every.sort(key=lambda one: not one.said)
    return Shown(facet, every)


@dataclass(frozen=True)
class Namer:
    """What values are called in the reader's language."""

    names: Names
    language: str

    def name(self, facet: Facet, value: str) -> Text:
        if value == UNSAID:
            return Text(translate(f"experiences.unsaid.{facet.key}", self.language), self.language)
        if facet.values == IRI and value.startswith(("http:", "https:", "urn:")):
            return self.thing(value)
        if facet.values == LANGUAGE:
            return Text(language_name(value), self.language)
        return self.word(facet, value)

    def thing(self, iri: str) -> Text:
        """A thing's label; a country that has none in the language is called as Babel calls it.

        https://cldr.unicode.org/translation/displaynames/countryregion-territory-names
        """
        known = self.names.known.get(iri, {})
        if self.language in known:
            return Text(known[self.language], self.language)
        place, _, code = iri.rpartition("/")
        if place.endswith("/id/country"):
            country = Locale(self.language).territories.get(code)
            if country:
                return Text(str(country), self.language)
        text = self.names.of(iri)
        return Text(text, next((tag for tag, one in known.items() if one == text), ""))

    def word(self, facet: Facet, value: str) -> Text:
        """A word of a source in the reader's language, as it stands where we do not know it."""
        if facet.values == YEAR:
            return Text(value)
        ours = translate(f"experiences.word.{value}", self.language)
        return Text(ours, self.language) if ours else Text(value, "en")
