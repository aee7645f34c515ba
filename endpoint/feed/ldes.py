"""The versions of the graphs as a Linked Data Event Stream, in pages by time.

https://semiceu.github.io/LinkedDataEventStreams/, on https://w3id.org/tree/specification. A member
says that a graph was created, updated or deleted, and where the patch is that did it.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import url_for
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from atlas.namespaces import RDFS, VOID, XSD
from endpoint.feed.events import Event, History
from endpoint.language import LANGUAGES
from endpoint.publishing.distributions import licence_of, said, terms, typed
from store.exports.patches import GraphChange
from store.statistics import RDF_TYPE

LDES = "https://w3id.org/ldes#"
TREE = "https://w3id.org/tree#"
ACTIVITY = "https://www.w3.org/ns/activitystreams#"
DATE_TIME = NamedNode(f"{XSD}dateTime")
SEE_ALSO = NamedNode(f"{RDFS}seeAlso")
# What a change of each kind is called there, and here.
KINDS = {"created": "Create", "changed": "Update", "removed": "Delete"}


def root(past: History) -> Iterator[Triple]:
    """The stream, and the time from which each page tells it."""
    view = NamedNode(url_for("feed.ldes", _external=True))
    yield from _stream(view)
    yield from said(_name(view), "title", "feed.title")
    yield from typed(view, f"{TREE}RootNode")
    if past.steps:
        policy = BlankNode("retention")
        yield Triple(view, _ldes("retentionPolicy"), policy)
        yield Triple(policy, RDF_TYPE, _ldes("RetentionPolicy"))
        yield Triple(policy, _ldes("startingFrom"), _time(past.steps[0].at))
    for number in past.pages:
        steps = past.on(number)
        for name, relation, at in (
            ("from", "GreaterThanOrEqualToRelation", min(step.at for step in steps)),
            ("to", "LessThanOrEqualToRelation", max(step.at for step in steps)),
        ):
            if name == "to" and number == past.pages[-1]:
                continue  # It is still written to.
            node = BlankNode(f"{name}{number}")
            yield Triple(view, _tree("relation"), node)
            yield Triple(node, RDF_TYPE, _tree(relation))
            yield Triple(node, _tree("path"), terms("created"))
            yield Triple(node, _tree("value"), _time(at))
            yield Triple(node, _tree("node"), _page(number))


def page(past: History, number: int) -> Iterator[Triple]:
    """The versions of one page, oldest first."""
    view = NamedNode(url_for("feed.ldes", _external=True))
    yield from _stream(view)
    yield from typed(_page(number), f"{TREE}Node")
    for event in reversed(past.events(number)):
        for change in event.graphs:
            yield from _member(_name(view), event, change, past)


def _stream(view: NamedNode) -> Iterator[Triple]:
    stream = _name(view)
    yield from typed(stream, f"{LDES}EventStream")
    yield Triple(stream, _tree("view"), view)
    yield Triple(stream, _ldes("timestampPath"), terms("created"))
    yield Triple(stream, _ldes("versionOfPath"), terms("isVersionOf"))
    for kind in KINDS.values():
        yield Triple(stream, _ldes(f"version{kind}Path"), RDF_TYPE)
        yield Triple(stream, _ldes(f"version{kind}Object"), NamedNode(ACTIVITY + kind))


def _member(
    stream: NamedNode, event: Event, change: GraphChange, past: History
) -> Iterator[Triple]:
    version = NamedNode(f"{event.iri}#{quote(change.name, safe='')}")
    yield Triple(stream, _tree("member"), version)
    yield from typed(version, ACTIVITY + KINDS[change.kind])
    yield Triple(version, terms("isVersionOf"), NamedNode(change.graph))
    yield Triple(version, terms("created"), _time(event.step.at))
    yield Triple(version, SEE_ALSO, NamedNode(event.patch))
    known = past.site.catalogue().graphs
    for language in LANGUAGES:
        title = event.title(change, known, language)
        yield Triple(version, terms("title"), Literal(title, language=language))
    if change.kind != "removed":
        entry = event.entry(change)
        yield Triple(version, NamedNode(f"{VOID}triples"), Literal(entry["triples"]))
        yield from licence_of(version, entry)


def _name(view: NamedNode) -> NamedNode:
    """The stream itself, of which the address has the description."""
    return NamedNode(f"{view.value}#stream")


def _page(number: int) -> NamedNode:
    return NamedNode(url_for("feed.node", number=number, _external=True))


def _time(at: str) -> Literal:
    return Literal(at, datatype=DATE_TIME)


def _ldes(name: str) -> NamedNode:
    return NamedNode(LDES + name)


def _tree(name: str) -> NamedNode:
    return NamedNode(TREE + name)
