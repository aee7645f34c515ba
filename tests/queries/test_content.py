"""The content of the atlas itself: every relation can be checked where it says it was read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef

import loaders
import ontology

CONTENT = Path(loaders.__file__).parent / "content"
SOURCED = ("calame-talk", "citego")
PLACEMENTS = "placements"
ILLUSTRATIVE = "illustrative-meurthe-et-moselle"
ATLAS = Namespace("https://w3id.org/atlas-relationnel/ontology/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
TALK = URIRef("https://w3id.org/atlas-relationnel/id/document/calame-talk-talk")
PREFIXES = {"fr": "[illustratif] ", "en": "[illustrative] ", "es": "[ilustrativo] "}


def read(name: str) -> Graph:
    return Graph().parse(CONTENT / f"{name}.ttl")


@pytest.fixture(scope="module")
def content() -> Graph:
    graph = Graph()
    for name in SOURCED:
        graph += read(name)
    assert len(relations(graph)) > 100
    assert set(graph.objects(None, ATLAS.documentedBy))
    return graph


def relations(graph: Graph) -> list[URIRef]:
    return sorted(URIRef(node) for node in graph.subjects(RDF.type, ATLAS.Relation))


def languages(graph: Graph, node: URIRef) -> list[str]:
    found = [*graph.objects(node, RDFS.label), *graph.objects(node, SKOS.prefLabel)]
    return sorted(str(label.language) for label in found if isinstance(label, Literal))


def test_every_relation_is_named_in_three_languages(content: Graph) -> None:
    for relation in relations(content):
        assert languages(content, relation) == ["en", "es", "fr"], relation


def test_every_relation_has_a_document_and_a_place_in_it_or_says_it_is_unverified(
    content: Graph,
) -> None:
    for relation in relations(content):
        documents = list(content.objects(relation, ATLAS.documentedBy))
        locators = [str(text) for text in content.objects(relation, ATLAS.locator)]
        if not documents:
            assert list(content.objects(relation, SKOS.editorialNote)), relation
            assert not locators
            assert content.value(relation, ATLAS.relationStatus) != observed()
            continue
        assert locators, relation
        pages = {str(page) for one in documents for page in content.objects(one, FOAF.page)}
        for locator in locators:
            if TALK in documents:
                assert re.fullmatch("paragraph [1-7]", locator), relation
            else:
                assert locator in pages, relation


def observed() -> URIRef:
    return URIRef("https://w3id.org/atlas-relationnel/vocabulary/relation-statuses/observed")


def test_every_document_cited_is_described_with_a_title_and_a_page(content: Graph) -> None:
    for document in set(content.objects(None, ATLAS.documentedBy)):
        assert content.value(document, URIRef("http://purl.org/dc/terms/title")), document
        assert content.value(document, FOAF.page), document


def test_direct_triples_of_relations_are_left_to_the_rules(content: Graph) -> None:
    vocabulary = ontology.load()
    properties = set(vocabulary.objects(None, ATLAS.namesProperty))
    for relation in relations(content):
        source = content.value(relation, ATLAS.relationSource)
        target = content.value(relation, ATLAS.relationTarget)
        assert not properties & set(content.predicates(source, target)), relation


def test_both_ends_of_every_relation_are_described_here_or_in_a_vocabulary(content: Graph) -> None:
    known = content + ontology.load()
    for relation in relations(content):
        for end in (ATLAS.relationSource, ATLAS.relationTarget):
            assert (content.value(relation, end), RDF.type, None) in known, relation


def test_what_the_talk_calls_shared_is_shared_by_the_three_communities(content: Graph) -> None:
    shared = URIRef("https://w3id.org/atlas-relationnel/vocabulary/relation-types/sharedBy")
    pairs = {
        (content.value(one, ATLAS.relationSource), content.value(one, ATLAS.relationTarget))
        for one in content.subjects(ATLAS.relationType, shared)
    }
    questions = {source.rsplit("/", 1)[1] for source, _ in pairs}
    assert questions == {"precarity", "social-exclusion", "short-supply-chains"}
    assert len(pairs) == 9


def test_every_placement_of_the_editors_says_why_in_three_languages(content: Graph) -> None:
    places = read(PLACEMENTS)
    vocabulary = ontology.load()
    kinds = {
        ATLAS.belongsToComponent: ATLAS.TerritoryComponent,
        ATLAS.seenFromAngle: ATLAS.GovernanceAngle,
    }
    assert set(places.predicates()) == {*kinds, SKOS.editorialNote}
    for thing in set(places.subjects()):
        # Whatever is placed is described in the content that says where it was read.
        assert (thing, RDF.type, ATLAS.Descriptor) in content, thing
        notes = [
            one for one in places.objects(thing, SKOS.editorialNote) if isinstance(one, Literal)
        ]
        assert sorted(str(note.language) for note in notes) == ["en", "es", "fr"], thing
        put = [(term, place) for term in kinds for place in places.objects(thing, term)]
        assert put, thing
        for term, place in put:
            assert (place, RDF.type, kinds[term]) in vocabulary, place
            assert (thing, term, place) not in content, (thing, place)
            for note in notes:
                (name,) = [
                    one
                    for one in vocabulary.objects(place, SKOS.prefLabel)
                    if isinstance(one, Literal) and one.language == note.language
                ]
                assert str(name) in note, (thing, name)


def test_every_illustrative_thing_says_so_in_its_label_and_by_a_triple() -> None:
    graph = read(ILLUSTRATIVE)
    things = set(graph.subjects(RDF.type, None))
    assert things
    for thing in things:
        assert (thing, ATLAS.illustrative, Literal(True)) in graph
        labels = [one for one in graph.objects(thing, RDFS.label) if isinstance(one, Literal)]
        assert {str(one.language) for one in labels} == set(PREFIXES)
        assert all(one.startswith(PREFIXES[str(one.language)]) for one in labels)


def test_nothing_illustrative_is_in_the_sourced_content(content: Graph) -> None:
    assert not list(content.triples((None, ATLAS.illustrative, None)))
    shared = set(read(ILLUSTRATIVE).subjects(RDF.type, None)) & set(content.subjects())
    assert not shared
