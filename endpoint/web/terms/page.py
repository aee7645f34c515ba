"""The page of a term: a class, a property, a vocabulary, a concept or a relation type.

What the term means comes first, then how this atlas uses it, then what the data must respect; what
an ontologist looks for stands last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pyoxigraph import NamedNode, Triple

from atlas.namespaces import ATLAS, DCTERMS, OWL, RDF, RDFS, SKOS
from endpoint.names import Names, Row, Value, shortened
from endpoint.publishing.licences import licence_name
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.terms.classes import class_page
from endpoint.web.terms.concepts import concept_page, relation_type_page, scheme_page
from endpoint.web.terms.ground import DEFINITIONS, About, Text, local
from endpoint.web.terms.properties import property_page
from endpoint.web.terms.queries import queries_for
from endpoint.web.terms.uses import sources
from endpoint.web.thing import page as things
from endpoint.wire.addresses import MODULES
from endpoint.wire.representations import SYNTAX_NAMES


class Kind(NamedTuple):
    """A sort of term: its word in the catalogue, the types that tell it, and what makes its page.

    ``query`` is the sort of query that is made for it.
    """

    key: str
    types: frozenset[str]
    make: Callable[[View, About], dict[str, object]]
    query: str


# A term of several kinds is shown as the first; a relation type is a concept too.
KINDS = (
    Kind("class", frozenset({f"{OWL}Class"}), class_page, "class"),
    Kind(
        "property",
        frozenset(f"{OWL}{name}Property" for name in ("Object", "Datatype", "Annotation")),
        property_page,
        "property",
    ),
    Kind("scheme", frozenset({f"{SKOS}ConceptScheme"}), scheme_page, "scheme"),
    Kind("type", frozenset({f"{ATLAS}RelationType"}), relation_type_page, "type"),
    Kind("concept", frozenset({f"{SKOS}Concept"}), concept_page, "concept"),
)
# What corresponds to a term elsewhere, from the same to the merely related.
MATCHES = (
    f"{OWL}sameAs",
    f"{OWL}equivalentClass",
    f"{OWL}equivalentProperty",
    f"{SKOS}exactMatch",
    f"{RDFS}subClassOf",
    f"{RDFS}subPropertyOf",
    f"{SKOS}closeMatch",
    f"{SKOS}broadMatch",
    f"{SKOS}narrowMatch",
    f"{SKOS}relatedMatch",
)


# Said in words above.
SHOWN = (f"{RDFS}isDefinedBy", f"{RDFS}label", f"{OWL}deprecated")


@dataclass(frozen=True)
class Match:
    """What a term corresponds to elsewhere; ``way`` is the last part of the property."""

    way: str
    other: Value
    comment: Text


@dataclass(frozen=True)
class Citation:
    """How to cite a term: the document that defines it, its version and its licence."""

    module: Value
    version: str
    licence: Value


def page(view: View, term: NamedNode, stem: str) -> str | None:
    """The page of whatever is named as terms are; None where nothing is said of it."""
    found = term_page(view, term.value, stem)
    if found is None:
        view.asked.clear()  # What was asked in vain is not behind the page that comes instead.
        return things.page(view, term, stem)
    return found


def term_page(view: View, iri: str, stem: str) -> str | None:
    """The page of a term, None for what is none of the kinds above. Raises what queries raise.

    ``stem``: the address to which the suffix of a format is added.
    """
    about = About.of(view, iri)
    kind = next((k for k in KINDS if about and k.types & about.types), None)
    if about is None or kind is None:
        return None
    content = kind.make(view, about)
    schemes = about.iris(f"{SKOS}inScheme")
    replaced, modules = about.iris(f"{DCTERMS}isReplacedBy"), view.ask("term_module", term=iri)
    names = view.names([*schemes, *replaced, *(row.text("module") for row in modules)])
    bare = Names({}, view.language, view.base)
    return view.render(
        f"web/term_{kind.key}.html",
        term=about,
        kind=kind.key,
        sort=sort_of(about, kind.key),
        definition=about.text(*DEFINITIONS),
        notes=about.literals(f"{SKOS}scopeNote"),
        cases=about.literals(f"{SKOS}example"),
        also=about.literals(f"{SKOS}altLabel"),
        to_review=to_review(about),
        sources=[bare.value(iri) for iri in about.iris(f"{DCTERMS}source") if not own(iri)],
        own_words=any(own(iri) for iri in about.iris(f"{DCTERMS}source")),
        parents=[names.value(iri) for iri in schemes],
        deprecated=about.text(f"{OWL}deprecated").text == "true",
        replaced=[names.value(iri) for iri in replaced],
        axioms=axioms(about, bare),
        matches=matches(view, iri, bare),
        citation=citation(modules, names),
        said_in=sources(view, iri, "term_said_in"),
        queries=queries_for(view, iri, kind.query, scheme=schemes[0] if schemes else ""),
        syntaxes=SYNTAX_NAMES,
        stem=stem,
        short=shortened(iri),
        **content,
    )


def own(iri: str) -> bool:
    """Whether a source is a module of the ontology: the definition is the project's own then."""
    return iri.startswith(MODULES)


def axioms(about: About, bare: Names) -> list[Row]:
    """What the ontology states of the term in the languages of the web of data, made short."""
    return [
        Row(Value(shortened(prop)), [bare.value(iri) for iri in sorted(about.iris(prop))])
        for prop in about.said
        if prop.startswith((OWL, RDFS, f"{RDF}type")) and prop not in SHOWN and about.iris(prop)
    ]


def sort_of(about: About, key: str) -> str:
    """The sort of a property; of anything else its kind."""
    if key != "property":
        return key
    for name in ("Object", "Datatype", "Annotation"):
        if f"{OWL}{name}Property" in about.types:
            return f"{name.lower()}-property"
    return key


def to_review(about: About) -> bool:
    """Whether the words in the reader's language are still to be reviewed."""
    notes = about.said.get(f"{SKOS}editorialNote", ())
    return any(
        str(note.value) == f"{about.language}: to review"
        for note in notes
        if not isinstance(note, Triple)
    )


def matches(view: View, iri: str, bare: Names) -> list[Match]:
    """What corresponds to the term elsewhere, the closest first."""
    found = [
        Match(
            way=local(row.text("relation")),
            other=bare.value(row.text("other")),
            comment=Text(row.text("comment"), row.language("comment")),
        )
        for row in sorted(view.ask("term_alignments", term=iri), key=closeness)
    ]
    return list({(match.way, match.other.text): match for match in found}.values())


def closeness(row: Solution) -> tuple[int, str]:
    return MATCHES.index(row.text("relation")), row.text("other")


def citation(modules: Sequence[Solution], names: Names) -> Citation | None:
    """From the module that defines the term; None where none does."""
    if not modules:
        return None
    row = modules[0]
    licence = row.text("licence")
    return Citation(
        module=names.value(row.text("module")),
        version=row.text("version"),
        licence=names.link(licence, licence_name(licence)),
    )
