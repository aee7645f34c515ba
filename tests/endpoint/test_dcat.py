"""The catalogue: whole, true, and as DCAT-AP's own shapes ask for it."""

from __future__ import annotations

from pathlib import Path

import pyshacl
import pytest
from rdflib import DCAT, DCTERMS, RDF, RDFS, SH, Graph, Literal, URIRef

from store.statistics import void_dataset
from tests.endpoint.published import BASE
from tests.endpoint.serving import Served

CATALOG = URIRef(f"{BASE}/catalog#catalog")
OWN = URIRef(f"{BASE}/graph/own")
SHAPES = (
    "shacl/dcat-ap-SHACL.ttl",
    "shacl/ranges.ttl",
    "html/shacl/shapes.ttl",
    "html/shacl/range.ttl",
    "html/shacl/mdr-vocabularies.shape.ttl",
    "html/shacl/deprecateduris.ttl",
)
# What the shapes ask and is not so, by the path and the class or scheme, with the reason.
EXCUSED = {
    (DCAT.endpointURL, RDFS.Resource): "every IRI is one, which no reasoner is asked here",
    (DCAT.endpointDescription, RDFS.Resource): "the same",
    (
        DCTERMS.publisher,
        None,
    ): "asks for a corporate body of the EU's list (a warning, with violations in its details); "
    "an atlas is published by whoever serves it",
}


@pytest.fixture
def catalog(published: Served) -> Graph:
    reply = published.fetch("/catalog")
    assert (reply.status, reply.type) == (200, "text/turtle"), reply.text
    return Graph().parse(data=reply.text, format="turtle")


@pytest.mark.parametrize("file", SHAPES)
def test_the_shapes_of_dcat_ap_find_no_violation(
    catalog: Graph, atlas_data: Path, file: str
) -> None:
    shapes = Graph().parse(atlas_data / "shacl-semic" / "dcat-ap-3.0.1" / file)
    # Some property shapes of these files have lost their sh:path: no processor reads them.
    for shape, prop in list(shapes.subject_objects(SH.property)):
        if shapes.value(prop, SH.path) is None:
            shapes.remove((shape, SH.property, prop))
    _, report, _ = pyshacl.validate(catalog, shacl_graph=shapes)
    assert isinstance(report, Graph)
    results = set(report.objects(None, SH.result))
    found = []
    for result in results:
        if report.value(result, SH.resultSeverity) != SH.Violation:
            continue
        path = report.value(result, SH.resultPath)
        wanted = shapes.value(report.value(result, SH.sourceShape), SH["class"])
        if (path, wanted) not in EXCUSED:
            found.append((report.value(result, SH.focusNode), path, wanted))
    assert found == []


def test_a_data_set_has_its_title_licence_theme_and_files(catalog: Graph) -> None:
    assert (CATALOG, DCAT.dataset, OWN) in catalog
    titles = {title.language: str(title) for title in catalog.objects(OWN, DCTERMS.title)}  # type: ignore[attr-defined]
    assert titles == {"fr": "own (fr)", "en": "own (en)", "es": "own (es)"}
    assert catalog.value(OWN, DCTERMS.license) == URIRef("https://example.org/licence")
    (theme,) = catalog.objects(OWN, DCAT.theme)
    assert str(theme).endswith("/data-theme/REGI")
    media = {
        str(catalog.value(file, DCAT.mediaType)).rpartition("media-types/")[2]
        for file in catalog.objects(OWN, DCAT.distribution)
    }
    assert media == {"application/n-triples", "text/turtle"}


def test_what_may_not_be_given_away_is_described_without_a_file_and_the_invented_is_not_there(
    catalog: Graph,
) -> None:
    unverified = URIRef(f"{BASE}/graph/unverified")
    assert (unverified, RDF.type, DCAT.Dataset) in catalog
    assert catalog.value(unverified, DCAT.distribution) is None
    assert (URIRef(f"{BASE}/graph/invented"), None, None) not in catalog


def test_the_service_serves_the_data_sets_and_the_whole(catalog: Graph, published: Served) -> None:
    service = URIRef(f"{published.address}/sparql#service")
    assert (CATALOG, DCAT.service, service) in catalog
    whole = URIRef(void_dataset(BASE).value)
    assert {whole, OWN} <= set(catalog.objects(service, DCAT.servesDataset))
    addresses = {
        str(catalog.value(file, DCAT.accessURL))
        for file in catalog.objects(whole, DCAT.distribution)
    }
    assert addresses == {
        f"{published.address}/sparql",
        f"{published.address}/scrutari/atlas.xml",
        f"{published.address}/feed/changes.atom",
    }


def test_people_see_the_same(published: Served) -> None:
    page = published.fetch("/catalog", headers={"Accept": "text/html", "Accept-Language": "es"})
    assert "Catálogo del atlas relacional" in page.text
    assert "own (es)" in page.text
    assert "invented" not in page.text


def test_it_describes_a_generation_that_recorded_nothing(served: Served) -> None:
    graph = Graph().parse(data=served.fetch("/catalog").text, format="turtle")
    titles = set(graph.objects(URIRef(f"{BASE}/graph/places"), DCTERMS.title))
    assert Literal("Carte", lang="fr") in titles
    etag = served.fetch("/catalog").headers["ETag"]
    assert served.fetch("/catalog", headers={"If-None-Match": etag}).status == 304
