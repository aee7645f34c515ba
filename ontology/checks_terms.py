"""Checks of the terms: declared, used, of one kind; and how many translations await review."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from ontology.checks_files import ontology_iri
from ontology.findings import INFORMATION, Finding
from ontology.messages import message
from ontology.namespaces import ATLAS
from ontology.project import TERMS, Project, short
from ontology.usage import used_terms

BUILT_IN = tuple(map(str, (RDF, RDFS, OWL, XSD)))
DECLARATIONS = {*TERMS, RDFS.Class, RDFS.Datatype, RDF.Property}
# Places whose object is a class, a datatype or a property, or a list of them.
SCHEMA_PLACES = (
    RDF.type,
    RDFS.subClassOf,
    RDFS.subPropertyOf,
    RDFS.domain,
    RDFS.range,
    OWL.equivalentClass,
    OWL.equivalentProperty,
    OWL.disjointWith,
    OWL.propertyDisjointWith,
    OWL.inverseOf,
    OWL.complementOf,
    OWL.onProperty,
    OWL.onClass,
    OWL.someValuesFrom,
    OWL.allValuesFrom,
    OWL.unionOf,
    OWL.intersectionOf,
    OWL.disjointUnionOf,
    OWL.propertyChainAxiom,
    OWL.members,
)
REVIEW = re.compile(r"(fr|en|es): to review")
KINDS = (OWL.AnnotationProperty, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.Class, RDFS.Datatype)


def undeclared(project: Project) -> Iterator[Finding]:
    """Nothing is used that the file, or what it imports, does not declare; no misspelt term."""
    declarations = {path: set(declared(graph)) for path, graph in project.graphs.items()}
    for path, graph in project.graphs.items():
        known = set().union(*(declarations[file] for file in visible(project, path)))
        for term in sorted(uses(graph) - known):
            yield Finding(message("undeclared"), path, term)
    known = set().union(*declarations.values())
    for path in written_about(project):
        # In Python and in tables any word may look like a term: there only queries are judged.
        if path.suffix in (".rq", ".ru", ".ttl", ".trig"):
            for term in sorted(used_terms(path) - known):
                yield Finding(message("unknown-term"), path, term)


def unused(project: Project) -> Iterator[Finding]:
    """Each term is used by a question, a shape or a loader (FIBO's rule); axioms do not count."""
    used: set[str] = set()
    for path in written_about(project):
        used |= used_terms(path)
    deprecated = set(project.everything.subjects(OWL.deprecated, Literal(True)))
    for term, path in sorted(project.terms.items()):
        if str(term) not in used and term not in deprecated:
            yield Finding(message("unused"), path, term)


def punning(project: Project) -> Iterator[Finding]:
    """No term is of two kinds at once."""
    kinds = defaultdict(set)
    for subject, kind in project.everything.subject_objects(RDF.type):
        if kind in KINDS:
            kinds[subject].add(short(str(kind)))
    for subject, found in sorted(kinds.items()):
        if len(found) > 1:
            home = project.homes.get(str(subject))
            yield Finding(message("punning", kinds=" + ".join(sorted(found))), home, str(subject))


def misplaced(project: Project) -> Iterator[Finding]:
    """Each term stands in the file of the module that it names."""
    for term, path in sorted(project.terms.items()):
        here = ontology_iri(project.graphs[path])
        for module in project.graphs[path].objects(term, RDFS.isDefinedBy):
            if str(module) != here:
                yield Finding(message("misplaced", module=short(str(module))), path, term)


def translations(project: Project) -> Iterator[Finding]:
    """How many translations nobody has reviewed yet, by language."""
    notes = map(str, project.everything.objects(None, SKOS.editorialNote))
    counts = Counter(found[1] for note in notes if (found := REVIEW.match(note)))
    for language, count in sorted(counts.items()):
        yield Finding(message("to-review", count=count, language=language), severity=INFORMATION)


def written_about(project: Project) -> list[Path]:
    """The files that use terms: questions (not lint queries), shapes, loaders, their content."""
    return [
        *(
            path
            for path in sorted(project.queries.rglob("*.rq"))
            if not path.is_relative_to(project.lint_queries)
        ),
        *sorted(project.shapes.glob("*.ttl")),
        *sorted(project.loaders.rglob("*.py")),
        *sorted(project.loaders.rglob("*.toml")),
        *sorted(project.loaders.rglob("*.ttl")),
        *sorted(project.loaders.rglob("*.trig")),
    ]


def visible(project: Project, path: Path) -> Iterable[Path]:
    """The file and all it imports; a vocabulary without a header sees the whole ontology."""
    by_name = {ontology_iri(graph): file for file, graph in project.graphs.items()}
    if ontology_iri(project.graphs[path]) is None:
        return project.graphs
    found: dict[Path, None] = {}
    waiting = [path]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found[file] = None
            targets = map(str, project.graphs[file].objects(None, OWL.imports))
            waiting += [by_name[target] for target in targets if target in by_name]
    return found


def declared(graph: Graph) -> Iterator[str]:
    """Terms with a type that makes them one; of our own namespace any type will do."""
    for subject, kind in graph.subject_objects(RDF.type):
        if isinstance(subject, URIRef) and (kind in DECLARATIONS or subject in ATLAS):
            yield str(subject)


def uses(graph: Graph) -> set[str]:
    """What must be declared: predicates, classes and properties in axioms, anything of our own."""
    found: set[Node] = set(graph.predicates())
    for place in SCHEMA_PLACES:
        for value in graph.objects(None, place):
            found.update(Collection(graph, value) if (value, RDF.first, None) in graph else [value])
    found.update(node for triple in graph for node in triple if str(node).startswith(ATLAS))
    return {
        str(node)
        for node in found
        if isinstance(node, URIRef) and not str(node).startswith(BUILT_IN) and node != URIRef(ATLAS)
    }
