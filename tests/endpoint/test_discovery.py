"""From the root address a partner finds everything, by following only what it is told."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from urllib.parse import urljoin

from defusedxml.ElementTree import fromstring
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, VOID, Graph, Namespace, URIRef
from rdflib.term import Node

from tests.endpoint.serving import Reply, Served

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SH = Namespace("http://www.w3.org/ns/shacl#")
LINK = re.compile(r'<([^>]*)>; rel="([^"]*)"; type="([^"]*)"')
TURTLE = "text/turtle"


class Partner:
    """A program that knows the root address and the standards, and no path of ours."""

    def __init__(self, served: Served) -> None:
        self.served = served

    def get(self, address: str, accept: str = TURTLE) -> Reply:
        assert address.startswith(self.served.address), "it is told of no other place"
        path = address.removeprefix(self.served.address) or "/"
        reply = self.served.fetch(path, headers={"Accept": accept})
        assert reply.status == 200, (address, reply.text)
        return reply

    def links(self) -> list[tuple[str, str, str]]:
        """(address, relation, media type) of each link of the root address."""
        root = f"{self.served.address}/"
        header = self.get(root, "*/*").headers["Link"]
        return [(urljoin(root, path), rel, media) for path, rel, media in LINK.findall(header)]

    def linked(self, rel: str) -> list[str]:
        return [
            address for address, named, media in self.links() if (named, media) == (rel, TURTLE)
        ]

    def read(self, addresses: Iterable[str]) -> Graph:
        graph = Graph()
        for address in addresses:
            graph.parse(data=self.get(address).text, format="turtle")
        return graph


def one(graph: Graph, kind: Node) -> Node:
    (found,) = set(graph.subjects(RDF.type, kind))
    return found


def test_the_service_and_its_queries_are_found_from_the_root(published: Served) -> None:
    partner = Partner(published)
    description = partner.read(partner.linked("service-desc"))
    service = one(description, SD.Service)
    endpoint = str(description.value(service, SD.endpoint))
    examples = partner.read(partner.linked("service-meta"))
    queries = [
        str(text)
        for example in examples.subjects(RDF.type, SH.SPARQLSelectExecutable)
        for text in examples.objects(example, SH.select)
    ]
    assert queries
    reply = published.fetch(
        endpoint.removeprefix(published.address),
        "POST",
        body=queries[0],
        headers={"Content-Type": "application/sparql-query"},
    )
    assert reply.status == 200


def test_the_description_of_the_service_leads_to_void_dcat_and_examples(published: Served) -> None:
    partner = Partner(published)
    description = partner.read(partner.linked("service-desc"))
    service = one(description, SD.Service)
    documents = [str(address) for address in description.objects(service, RDFS.seeAlso)]
    found = partner.read(documents)
    (dataset,) = set(description.objects(service, DCAT.servesDataset))
    assert (dataset, VOID.triples, None) in found
    assert list(found.objects(None, VOID.classPartition))
    assert (None, RDF.type, SH.SPARQLExecutable) in found
    catalog = one(found, DCAT.Catalog)
    assert (catalog, DCAT.service, service) in found
    descriptions = set(map(str, description.objects(service, DCAT.endpointDescription)))
    assert any(partner.get(a, "application/json").json["openapi"] for a in descriptions)


def test_linksets_say_to_whom_the_data_leads(published: Served) -> None:
    partner = Partner(published)
    void = partner.read(partner.linked("describedby"))
    rows = void.query(
        """SELECT ?property ?space ?triples WHERE { [] a void:Linkset ;
          void:linkPredicate ?property ; void:triples ?triples ;
          void:objectsTarget [ void:uriSpace ?space ] }""",
        initNs={"void": VOID},
    )
    found = {tuple(map(str, row)) for row in rows if isinstance(row, tuple)}
    skos = "http://www.w3.org/2004/02/skos/core#"
    assert (f"{skos}exactMatch", "http://eurovoc.europa.eu/", "2") in found
    assert ("http://www.w3.org/2002/07/owl#sameAs", "http://example.org/", "1") in found


def test_every_file_of_the_catalogue_is_had_and_is_what_it_says(published: Served) -> None:
    partner = Partner(published)
    catalog = partner.read(partner.linked("describedby"))
    datasets = set(catalog.objects(one(catalog, DCAT.Catalog), DCAT.dataset))
    files = {file for dataset in datasets for file in catalog.objects(dataset, DCAT.distribution)}
    triples, documents = 0, 0
    for file in files:
        address = catalog.value(file, DCAT.downloadURL)
        if address is None:
            continue  # It is had from a service.
        reply = partner.get(str(address), "*/*")
        media = catalog.value(file, DCAT.mediaType)
        if media is None:
            assert fromstring(reply.body).tag == "base"
            documents += 1
            continue
        format_ = str(media).rpartition("/")[2].replace("n-triples", "nt")
        triples += len(Graph().parse(data=gzip.decompress(reply.body), format=format_))
    assert triples > 1000
    assert documents == 1
    dumps = set(catalog.objects(None, VOID.dataDump))
    assert dumps == set(catalog.objects(None, DCAT.downloadURL)) - {
        URIRef(f"{published.address}/scrutari/atlas.xml")
    }


def test_licences_are_told_where_the_data_is_described(published: Served) -> None:
    partner = Partner(published)
    catalog = partner.read(partner.linked("describedby"))
    for dataset in set(catalog.objects(one(catalog, DCAT.Catalog), DCAT.dataset)):
        for file in catalog.objects(dataset, DCAT.distribution):
            if catalog.value(file, DCAT.compressFormat):
                licence = catalog.value(file, DCTERMS.license)
                assert licence == catalog.value(dataset, DCTERMS.license)
    assert (None, FOAF.primaryTopic, None) in catalog


class Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "link" and "type" in named:
            self.found.append((named["href"], named["rel"], named["type"]))


def test_pages_have_the_same_links_as_the_root_s_header(published: Served) -> None:
    told = Partner(published).links()
    for path in ("/", "/queries/", "/doc/document/panorama", "/nowhere"):
        page = published.fetch(path, headers={"Accept": "text/html"}).text
        links = [(urljoin(published.address, href), *rest) for href, *rest in Links(page).found]
        assert links == told
