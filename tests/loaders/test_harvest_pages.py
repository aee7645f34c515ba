"""Endpoints that are taken whole, page by page, whatever they cap, refuse or change meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse

from atlas.errors import PartnerFailed, PartnerLimit
from federation.exchange.gate import Gate
from federation.partner import Limits, Partner
from loaders.harvests import pages as harvest_pages
from loaders.harvests.pages import Endpoint, Pages
from tests.loaders.sites import Site

PREFIX = "@prefix : <https://site.example/> .\n"
THINGS = 40
DATA = PREFIX + "".join(
    f':t{n} a :Thing ; :name "T{n}"@fr , "{n}"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    for n in range(THINGS)
)
BLANK = ":t1 :at [ :lat 1 ; :near _:b ] . :t2 :at _:b . _:b :lat 2 ."


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvest_pages, "PAGE", 25)
    monkeypatch.setattr(harvest_pages, "SMALLEST_PAGE", 5)


def harvested(site: Site, path: Path, limits: Limits | None = None, limit: int = 10**6) -> Dataset:
    """What is taken, as a dataset."""
    partner = Partner(
        "site",
        endpoint=f"{site.address}/sparql",
        addresses=frozenset({"127.0.0.1"}),
        limits=limits or Limits(block=10),
    )
    endpoint = Endpoint(partner, Gate(), seconds=60, limit=limit)
    file = path / "endpoint.nt"
    count = Pages(endpoint, lambda done, known: None).write(file)
    found = dataset(file.read_bytes(), RdfFormat.N_TRIPLES)
    assert len(found) == count
    return found


def dataset(text: bytes, form: RdfFormat) -> Dataset:
    quads = Dataset(Quad(q.subject, q.predicate, q.object) for q in parse(text, format=form))
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return quads


def expected(turtle: str) -> Dataset:
    return dataset(turtle.encode(), RdfFormat.TURTLE)


def asked(site: Site, word: str) -> int:
    return sum(word in text for _, _, text in site.asked)


def test_an_endpoint_is_taken_whole_in_pages(site: Site, tmp_path: Path) -> None:
    site.holds(DATA + BLANK)
    assert harvested(site, tmp_path) == expected(DATA + BLANK)
    assert asked(site, "SELECT DISTINCT ?s WHERE { ?s ?p ?o FILTER(isIRI") == 3
    assert asked(site, "VALUES") == 5


def test_a_cap_on_the_rows_of_an_answer_loses_nothing(site: Site, tmp_path: Path) -> None:
    site.holds(DATA)
    site.cap = 7
    with pytest.raises(PartnerFailed, match=r"counts 120 triples and gives \d+; .* cut short"):
        harvested(site, tmp_path)
    assert harvested(site, tmp_path, Limits(block=2, rows=50)) == expected(DATA)


def test_what_the_partner_cannot_manage_is_asked_in_smaller_parts(
    site: Site, tmp_path: Path
) -> None:
    site.holds(DATA)
    site.refuses = lambda text: text.count("<https://site.example/") > 4 or "LIMIT 25" in text
    assert harvested(site, tmp_path) == expected(DATA)


def test_a_partner_that_cannot_count_everything_counts_each_part(
    site: Site, tmp_path: Path
) -> None:
    site.holds(DATA + BLANK)
    site.refuses = lambda text: "WHERE { ?s ?p ?o } }" in text
    assert harvested(site, tmp_path) == expected(DATA + BLANK)
    site.cap = 7
    assert harvested(site, tmp_path) == expected(DATA + BLANK)


def test_a_partner_that_changes_meanwhile_is_no_harvest(site: Site, tmp_path: Path) -> None:
    site.holds(DATA)

    def grow(text: str) -> None:
        if "VALUES" in text and asked(site, "VALUES") == 3:
            site.store.update("INSERT DATA { <https://site.example/t0> <urn:p> 1 , 2 }")

    site.before = grow
    with pytest.raises(PartnerFailed, match="it held 120 triples, then 122"):
        harvested(site, tmp_path)


def test_blank_nodes_that_do_not_fit_into_one_answer_are_told(site: Site, tmp_path: Path) -> None:
    many = "".join(f":t{n} :at [ :lat {n} ; :name '{'x' * 50}' ] .\n" for n in range(60))
    site.holds(DATA + many)
    with pytest.raises(PartnerLimit, match="with blank nodes does not fit into one answer"):
        harvested(site, tmp_path, Limits(bytes=8_000, block=10))


def test_more_bytes_than_a_harvest_may_have_are_told(site: Site, tmp_path: Path) -> None:
    site.holds(DATA)
    with pytest.raises(PartnerLimit, match="more than 5,000 bytes"):
        harvested(site, tmp_path, limit=5_000)


def test_other_syntaxes_than_n_triples_are_read(site: Site, tmp_path: Path) -> None:
    site.holds(DATA + BLANK)
    site.syntax = RdfFormat.RDF_XML
    assert harvested(site, tmp_path, Limits(block=100)) == expected(DATA + BLANK)


@pytest.mark.parametrize(
    ("media_type", "body", "reason"),
    [
        ("text/html", b"<html>", "answers a CONSTRUCT with text/html, not RDF"),
        ("application/n-triples", b"<html>\n", "sent an answer that is not N-Triples"),
        ("text/turtle", b"<html>", "sent an answer that is not Turtle"),
    ],
)
def test_what_is_no_answer_is_told(
    media_type: str, body: bytes, reason: str, site: Site, tmp_path: Path
) -> None:
    site.holds(DATA)
    site.constructed = lambda text: (media_type, body)
    with pytest.raises(PartnerFailed, match=reason):
        harvested(site, tmp_path)


def test_an_endpoint_that_is_down_is_told_at_once(site: Site, tmp_path: Path) -> None:
    site.refuses = lambda text: True
    with pytest.raises(PartnerFailed, match="answers with status 500"):
        harvested(site, tmp_path)
    assert len(site.asked) == 2
