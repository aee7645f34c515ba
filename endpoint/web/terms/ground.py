"""What the pages of terms share: a term with what is said of it, and its texts by language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from pyoxigraph import Literal, NamedNode

from atlas.namespaces import DC, DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, VOID
from endpoint.language import LANGUAGES, translate
from endpoint.names import Names
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.constraints.values import DATATYPES
from endpoint.web.thing.names import names_of
from endpoint.wire.addresses import ROOT
from store.answers import Term

VOCABULARY = f"{ROOT}/vocabulary/"
# Terms that the catalogue has a word for; any other is called by its short IRI.
WORDS = {
    RDFS: ("label",),
    SKOS: ("prefLabel", "inScheme", "notation", "Concept"),
    DCTERMS: ("title", "date", "language", "license"),
    DC: ("creator",),
    FOAF: ("page", "homepage"),
    "http://rdf.insee.fr/def/geo#": ("codeINSEE",),
    PROV: ("generatedAtTime",),
    DCAT: ("endpointURL", "servesDataset"),
    VOID: ("dataDump", "vocabulary"),
}
NAMES = (f"{RDFS}label", f"{SKOS}prefLabel", f"{DCTERMS}title")
DEFINITIONS = (f"{SKOS}definition", f"{DCTERMS}description", f"{RDFS}comment")


@dataclass(frozen=True)
class Text:
    """A text and its language, "" where it has none."""

    text: str
    language: str


@dataclass(frozen=True)
class About:
    """A term with the statements about it, by property."""

    iri: str
    language: str
    said: Mapping[str, tuple[Term, ...]]

    @classmethod
    def of(cls, view: View, iri: str) -> About | None:
        """What the data says of the term, None where it says nothing."""
        said: dict[str, list[Term]] = {}
        for row in view.ask("term_about", term=iri):
            said.setdefault(row.text("property"), []).append(row["value"])
        if not said:
            return None
        return cls(iri, view.language, {key: tuple(values) for key, values in said.items()})

    def texts(self, *properties: str) -> dict[str, str]:
        """The text in each language, of the first of the properties that has any."""
        for prop in properties:
            found = [v for v in self.said.get(prop, ()) if isinstance(v, Literal)]
            if found:
                # Of several in one language the first in the alphabet: always the same one.
                return {v.language or "": v.value for v in sorted(found, key=reversed_text)}
        return {}

    def text(self, *properties: str) -> Text:
        """The text in the reader's language, or in one there is; empty where there is none."""
        return best(self.texts(*properties), self.language)

    def literals(self, prop: str) -> list[Text]:
        """All texts of a property in the reader's language; where none is, all of them."""
        found = [v for v in self.said.get(prop, ()) if isinstance(v, Literal)]
        own = [v for v in found if v.language == self.language]
        return [Text(v.value, v.language or "") for v in own or found]

    def iris(self, prop: str) -> list[str]:
        return [v.value for v in self.said.get(prop, ()) if isinstance(v, NamedNode)]

    @cached_property
    def types(self) -> frozenset[str]:
        return frozenset(self.iris(f"{RDF}type"))

    @cached_property
    def title(self) -> Text:
        named = self.text(*NAMES)
        return named if named.text else Text(local(self.iri), "")

    @property
    def other_names(self) -> list[Text]:
        """What the term is called in the other languages of the site."""
        return others(self.texts(*NAMES), self.title)

    @property
    def other_definitions(self) -> list[Text]:
        """What it means in the other languages of the site."""
        return others(self.texts(*DEFINITIONS), self.text(*DEFINITIONS))


def reversed_text(value: Literal) -> tuple[int, ...]:
    """A key that puts the first in the alphabet last, so that a dictionary keeps that one."""
    return tuple(-ord(character) for character in value.value)


def best(texts: Mapping[str, str], language: str) -> Text:
    """The text in the language, or in one there is."""
    for code in (language, *LANGUAGES, ""):
        if code in texts:
            return Text(texts[code], code)
    return next((Text(text, code) for code, text in sorted(texts.items())), Text("", ""))


def others(texts: Mapping[str, str], shown: Text) -> list[Text]:
    """The texts in those languages of the site that are not shown yet."""
    return [
        Text(texts[code], code) for code in LANGUAGES if code in texts and code != shown.language
    ]


def local(iri: str) -> str:
    """The last part of an IRI."""
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]


def by(rows: Iterable[Solution], name: str) -> dict[str, list[Solution]]:
    """Solutions grouped by the text of one variable, in their order."""
    grouped: dict[str, list[Solution]] = {}
    for row in rows:
        grouped.setdefault(row.text(name), []).append(row)
    return grouped


def named(view: View, iris: Iterable[str]) -> Names:
    """What things are called, and in plain words the best known terms of other vocabularies."""
    names = names_of(view, iris)
    return Names(names.known, view.language, view.base, words(view.language))


@cache
def words(language: str) -> dict[str, dict[str, str]]:
    """Terms of other vocabularies that the data gives no name, by IRI."""
    said = {
        namespace + name: translate(f"terms.word.{name}", language)
        for namespace, names in WORDS.items()
        for name in names
    }
    types = {
        iri: translate(f"terms.rule.datatype.{name}", language) for iri, name in DATATYPES.items()
    }
    return {iri: {language: text} for iri, text in {**said, **types}.items()}
