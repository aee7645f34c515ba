"""The ontology as documents: for Protégé, for programs, for people."""

from __future__ import annotations

import re

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef
from rdflib.compare import isomorphic

import ontology
from endpoint.documents import ontology_files
from endpoint.language import words
from ontology.modules import Files
from ontology.namespaces import ATLAS, MODULE
from tests.endpoint.serving import Served
from tests.endpoint.test_pages import Reader

HTML = {"Accept": "text/html"}
# What OWL API 4.5 sends when it loads an ontology from the web.
OWL_API = {
    "Accept": "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, "
    "text/plain; q=0.1, */*; q=0.09",
    "Accept-Encoding": "xz,gzip,deflate",
}


def test_protege_is_given_the_whole_ontology_in_rdf_xml(served: Served) -> None:
    plain = {**OWL_API, "Accept-Encoding": "xz,deflate"}
    reply = served.fetch("/ontology/", headers=plain)
    assert (reply.status, reply.type) == (200, "application/rdf+xml")
    graph = Graph().parse(data=reply.body, format="xml")
    assert set(graph.subjects(RDF.type, OWL.Ontology)) == {MODULE.atlas}, "one ontology"
    assert not set(graph.objects(None, OWL.imports)), "that needs no other file"
    assert (ATLAS.Commune, RDF.type, OWL.Class) in graph
    assert served.fetch("/ontology/", headers=OWL_API).headers["Content-Encoding"] == "gzip"


def test_the_whole_is_what_the_modules_say_of_their_terms(served: Served) -> None:
    whole = Graph().parse(data=served.fetch("/ontology.nt").text, format="nt")
    said = ontology.load()
    headers = set(said.subjects(RDF.type, OWL.Ontology))
    for subject, prop, value in said:
        if isinstance(subject, URIRef) and isinstance(value, URIRef) and subject not in headers:
            assert (subject, prop, value) in whole


@pytest.mark.parametrize("accept", ["application/xml", "text/xml", "application/rdf+xml"])
def test_each_name_of_rdf_xml_gives_it(served: Served, accept: str) -> None:
    assert served.fetch("/ontology/", headers={"Accept": accept}).type == "application/rdf+xml"


def test_each_module_is_the_document_of_its_file(served: Served) -> None:
    files = {path.resolve() for path in ontology_files.modules().values()}
    assert files == {path.resolve() for path in Files().all()}
    for name in ("core", "vocabulary-scales", "alignment-org"):
        reply = served.fetch(f"/module/{name}", headers=OWL_API | {"Accept-Encoding": "identity"})
        assert reply.type == "application/rdf+xml"
        served_graph = Graph().parse(data=reply.body, format="xml")
        file = Graph().parse(ontology_files.modules()[name], format="turtle")
        assert isomorphic(served_graph, file)


def test_the_page_leads_into_classes_vocabularies_and_modules(published: Served) -> None:
    page = Reader(published.fetch("/ontology/?lang=en", headers=HTML).text)
    assert page.open == []
    assert {"/ontology/Commune?lang=en", "/vocabulary/scales?lang=en"} <= set(page.leads)
    modules = [lead for lead in page.leads if lead.startswith("/module/")]
    assert len(modules) > len(ontology_files.modules()), "each as a subject or a document"
    for lead in set(modules):
        assert published.fetch(lead, headers=HTML).status == 200


def test_the_page_of_a_module_leads_to_its_terms(served: Served) -> None:
    page = Reader(served.fetch("/module/territory?lang=en", headers=HTML).text)
    assert page.open == []
    assert "/ontology/Commune?lang=en" in page.leads


def test_where_the_data_has_no_ontology_the_page_says_so_and_gives_the_files(
    served: Served,
) -> None:
    reply = served.fetch("/ontology/", headers=HTML)
    assert words("fr")["terms.overview.none"] in reply.text
    assert "/ontology.ttl" in Reader(reply.text).leads


def test_the_page_changes_with_the_data(served: Served) -> None:
    reply = served.fetch("/ontology/", headers=HTML)
    assert reply.headers["Atlas-Generation"]
    held = {**HTML, "If-None-Match": reply.headers["ETag"]}
    assert served.fetch("/ontology/", headers=held).status == 304
    assert reply.headers["ETag"] != served.fetch("/ontology/").headers["ETag"]


@pytest.mark.parametrize(
    ("language", "says"),
    [("fr", "commune déléguée"), ("en", "delegated commune"), ("es", "municipio delegado")],
)
def test_the_page_names_terms_in_the_reader_s_language(
    served: Served, language: str, says: str
) -> None:
    headers = {"Accept": "text/html", "Accept-Language": language}
    reply = served.fetch("/module/territory", headers=headers)
    assert says in reply.text


def test_every_own_term_has_its_module(served: Served) -> None:
    graph = Graph().parse(data=served.fetch("/ontology.ttl").text, format="turtle")
    named = set(graph.subjects(RDFS.label)) | set(graph.subjects(SKOS.prefLabel))
    own = {term for term in named if str(term).startswith(str(ATLAS))}
    assert len(own) > 50
    for term in own:
        (module,) = graph.objects(term, RDFS.isDefinedBy)
        assert re.sub(".*/", "", str(module)) in ontology_files.modules()


def test_documents_of_the_ontology_change_with_the_program_and_not_with_the_data(
    served: Served,
) -> None:
    reply = served.fetch("/ontology/")
    assert "Atlas-Generation" not in reply.headers
    etag = reply.headers["ETag"]
    assert served.fetch("/ontology/", headers={"If-None-Match": etag}).status == 304


def test_without_the_slash_the_reader_is_led_on(served: Served) -> None:
    reply = served.fetch("/ontology")
    assert reply.status == 308
    assert reply.headers["Location"].endswith("/ontology/")
    assert served.fetch("/ontology.docx").status == 404
    assert served.fetch("/module/core.docx").status == 404
