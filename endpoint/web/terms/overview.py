"""The way into the ontology: what it speaks of, what it says of it, and the words it sorts by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from atlas.namespaces import ATLAS, OWL, RDFS
from endpoint.names import Names, Value, folded
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.terms.ground import by, local, named
from endpoint.wire.representations import SYNTAX_NAMES

# Properties whose sentences together say what the atlas is about, in the order of reading.
ESSENTIAL = tuple(
    f"{ATLAS}{name}"
    for name in (
        *("actsIn", "holdsCompetence", "memberOf", "operatedBy", "servesPublic", "actsOn"),
        *("relationSource", "relationTarget", "crossesDomain", "sharedBy", "carriedBy"),
    )
)
# The order of the subjects: first what is particular to this atlas. Others come after, by name.
SUBJECTS = ("core", "actors", "territory", "competence", "action", "resources", "federation")
ALIGNMENT, IMPORT = "alignment-", "import-"


@dataclass
class Class:
    """A class with those below it that the same module defines."""

    value: Value
    definition: str
    count: int
    deprecated: bool
    below: list[Class] = field(default_factory=list)


@dataclass(frozen=True)
class Property:
    """A property as a sentence: what it starts from, its verb, what it leads to.

    ``gives_value``: whether that is a text or a number, not a thing.
    """

    value: Value
    domain: list[Value]
    range: list[Value]
    count: int
    definition: str
    gives_value: bool


@dataclass(frozen=True)
class Subject:
    """A module: what it is about, its classes as a tree, its properties."""

    value: Value
    anchor: str
    definition: str
    classes: list[Class]
    properties: list[Property]


@dataclass(frozen=True)
class Vocabulary:
    value: Value
    definition: str
    concepts: int


@dataclass(frozen=True)
class Ontology:
    """Everything that the page is made of, once asked."""

    terms: Mapping[str, Solution]
    links: Mapping[str, Sequence[Solution]]
    definitions: Mapping[str, str]
    names: Names

    def linked(self, term: str, link: str) -> list[str]:
        return [
            row.text("other") for row in self.links.get(term, ()) if row.text("link") == RDFS + link
        ]

    def values(self, term: str, link: str) -> list[Value]:
        return [self.names.value(iri) for iri in self.linked(term, link)]


def overview_page(view: View, whole: str, modules: Iterable[str], stem: str) -> str:
    """The page; ``whole`` is the IRI of the whole, ``modules`` those of the parts it is made of."""
    terms = {row.text("term"): row for row in view.ask("term_ontology")}
    links = by(view.ask("term_links"), "term")
    schemes = view.ask("term_vocabularies")
    definitions = {row.text("term"): row.text("definition") for row in view.ask("term_definitions")}
    modules = list(modules)
    others = (row.text("other") for rows in links.values() for row in rows)
    names = named(
        view, [*terms, *others, *(row.text("scheme") for row in schemes), whole, *modules]
    )
    ontology = Ontology(terms, links, definitions, names)
    return view.render(
        "web/term_overview.html",
        title=names.of(whole),
        definition=definitions.get(whole, ""),
        iri=whole,
        classes=sum(1 for row in terms.values() if kind_of(row) == "Class"),
        properties=sum(1 for row in terms.values() if kind_of(row) != "Class"),
        concepts=sum(row.number("concepts") for row in schemes),
        essential=[property_of(iri, ontology) for iri in ESSENTIAL if iri in terms],
        subjects=subjects(ontology),
        vocabularies=vocabularies(schemes, ontology),
        alignments=described(modules, ontology, alignments=True),
        modules=described(modules, ontology, alignments=False),
        imports=imports(modules, names),
        syntaxes=SYNTAX_NAMES,
        stem=stem,
    )


def kind_of(row: Solution) -> str:
    return row.text("kind").removeprefix(OWL)


def subjects(ontology: Ontology) -> list[Subject]:
    grouped = by(ontology.terms.values(), "module")
    return [
        Subject(
            value=ontology.names.value(module),
            anchor=local(module),
            definition=ontology.definitions.get(module, ""),
            classes=classes(rows, ontology),
            properties=sorted(
                (
                    property_of(row.text("term"), ontology)
                    for row in rows
                    if kind_of(row) != "Class"
                ),
                key=lambda one: folded(one.value.text),
            ),
        )
        for module, rows in sorted(grouped.items(), key=lambda pair: place(pair[0]))
    ]


def place(module: str) -> tuple[int, str]:
    name = local(module)
    return (SUBJECTS.index(name) if name in SUBJECTS else len(SUBJECTS)), name


def classes(rows: Sequence[Solution], ontology: Ontology) -> list[Class]:
    """The classes of a module as a tree; one whose broader class is elsewhere stands at the top."""
    found = {row.text("term"): class_of(row, ontology) for row in rows if kind_of(row) == "Class"}
    tops = []
    for iri, one in found.items():
        above = [other for other in ontology.linked(iri, "subClassOf") if other in found]
        if above and above[0] != iri:
            found[above[0]].below.append(one)
        else:
            tops.append(one)
    for one in found.values():
        one.below.sort(key=by_name)
    return sorted(tops, key=by_name)


def class_of(row: Solution, ontology: Ontology) -> Class:
    iri = row.text("term")
    return Class(
        value=ontology.names.value(iri),
        definition=ontology.definitions.get(iri, ""),
        count=row.number("count"),
        deprecated=row.text("deprecated") == "true",
    )


def by_name(one: Class) -> str:
    return folded(one.value.text)


def property_of(iri: str, ontology: Ontology) -> Property:
    return Property(
        value=ontology.names.value(iri),
        domain=ontology.values(iri, "domain"),
        range=ontology.values(iri, "range"),
        count=ontology.terms[iri].number("count"),
        definition=ontology.definitions.get(iri, ""),
        gives_value=kind_of(ontology.terms[iri]) == "DatatypeProperty",
    )


def vocabularies(rows: Sequence[Solution], ontology: Ontology) -> list[Vocabulary]:
    found = [
        Vocabulary(
            value=ontology.names.value(row.text("scheme")),
            definition=ontology.definitions.get(row.text("scheme"), ""),
            concepts=row.number("concepts"),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: folded(one.value.text))


def described(
    modules: Iterable[str], ontology: Ontology, *, alignments: bool
) -> list[tuple[Value, str]]:
    """The documents that the ontology is made of, with what each says of itself."""
    return [
        (ontology.names.value(iri), ontology.definitions.get(iri, ""))
        for iri in modules
        if local(iri).startswith(ALIGNMENT) == alignments and not local(iri).startswith(IMPORT)
    ]


def imports(modules: Iterable[str], names: Names) -> list[tuple[Value, str]]:
    """The documents that hold no more than terms of another vocabulary, with its prefix."""
    found = [(names.value(iri), local(iri)) for iri in modules]
    return sorted(
        ((value, name.removeprefix(IMPORT)) for value, name in found if name.startswith(IMPORT)),
        key=lambda pair: pair[1],
    )
