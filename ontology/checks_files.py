"""Checks of the files themselves: syntax, stable form, catalogue of imports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import parse as parse_xml
from rdflib import OWL, RDF, Graph, URIRef

from atlas.errors import MalformedSource
from ontology.commands import difference
from ontology.findings import Finding
from ontology.messages import message
from ontology.project import Project, reading, short
from ontology.turtle import serialise, shared_blank_nodes

CATALOG_NAMESPACE = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}"


def syntax(project: Project) -> Iterator[Finding]:
    """Every Turtle file of the ontology and the shapes can be read."""
    shapes = [reading(path) for path in sorted(project.shapes.rglob("*.ttl"))]
    for error in [
        *project.broken,
        *(found for found in shapes if isinstance(found, MalformedSource)),
    ]:
        place = f"line {error.line}: {error.reason}" if error.line else error.reason
        yield Finding(message("broken", reason=place), Path(error.path))


def stable(project: Project) -> Iterator[Finding]:
    """Every file is as the stable writer writes it, and can be: no shared blank node."""
    for path, graph in project.graphs.items():
        after, before = serialise(graph), path.read_bytes()
        if after.encode() != before:
            shown = difference(path, before.decode(), after)
            yield Finding(message("not-stable", file=path, difference=shown), path)
        for node in sorted(shared_blank_nodes(graph)):
            said = " ; ".join(
                sorted(f"{short(str(p))} {short(str(o))}" for p, o in graph.predicate_objects(node))
            )
            yield Finding(message("shared-node", said=said or "[]"), path)


def catalog(project: Project) -> Iterator[Finding]:
    """Every import leads to a file of ours through the catalogue, and no module imports itself."""
    path = project.ontology.catalog
    try:
        entries = read_catalog(path)
    except MalformedSource as error:
        yield Finding(message("no-catalog", reason=error.reason), path)
        return
    yield from wrong_entries(project, entries)
    for file, graph in project.graphs.items():
        name = ontology_iri(graph)
        if name is not None and name not in entries:
            shown = file.relative_to(project.ontology.folder).as_posix()
            text = message("not-in-catalog", catalog=path.name, iri=name, file=shown)
            yield Finding(text, file, name)
        for target in imports(graph):
            if target not in entries:
                text = message("import-not-in-catalog", catalog=path.name, iri=target)
                yield Finding(text, file, name or "")
    yield from cycles(project)


def wrong_entries(project: Project, entries: dict[str, Path]) -> Iterator[Finding]:
    for name, file in entries.items():
        graph = project.graphs.get(file)
        names = {ontology_iri(graph), version_iri(graph)} if graph is not None else set()
        if name not in names:
            yield Finding(
                message("catalog-wrong", iri=name, file=file.name), project.ontology.catalog
            )


def cycles(project: Project) -> Iterator[Finding]:
    """One finding per ontology that comes back to itself along its imports."""
    edges = {ontology_iri(graph): imports(graph) for graph in project.graphs.values()}
    for start in filter(None, edges):
        paths = [[start]]
        seen: set[str] = set()
        while paths:
            path = paths.pop()
            for target in edges.get(path[-1], ()):
                if target == start:
                    through = " → ".join(map(short, [*path[1:], start]))
                    text = message("import-cycle", path=through)
                    yield Finding(text, project.homes.get(start), start)
                    paths.clear()
                    break
                if target not in seen:
                    seen.add(target)
                    paths.append([*path, target])


def read_catalog(path: Path) -> dict[str, Path]:
    """IRI → file, as Protégé reads it.

    Raises MalformedSource. https://www.oasis-open.org/committees/download.php/14809/
    """
    try:
        tree = parse_xml(path, forbid_dtd=True)
    except FileNotFoundError as error:
        raise MalformedSource(path, "the file is not there") from error
    except (ParseError, DefusedXmlException) as error:
        raise MalformedSource(path, f"not an XML catalogue: {error}") from error
    return {
        entry.attrib["name"]: path.parent / unquote(entry.attrib["uri"])
        for entry in tree.iter(f"{CATALOG_NAMESPACE}uri")
        if "name" in entry.attrib and "uri" in entry.attrib
    }


def ontology_iri(graph: Graph) -> str | None:
    """The IRI of the ontology a file holds; a vocabulary may hold none."""
    names = [
        str(name) for name in graph.subjects(RDF.type, OWL.Ontology) if isinstance(name, URIRef)
    ]
    return min(names, default=None)


def version_iri(graph: Graph) -> str | None:
    return min(map(str, graph.objects(None, OWL.versionIRI)), default=None)


def imports(graph: Graph) -> list[str]:
    return sorted(map(str, graph.objects(None, OWL.imports)))
