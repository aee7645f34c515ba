"""SPARQLWrapper through the gate."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator

import pytest
from SPARQLWrapper import GET, JSON, POST, TURTLE

from atlas import __version__
from atlas.errors import ClientGone, Forbidden, PartnerFailed, PartnerLimit
from federation.exchange.gate import Gate
from federation.exchange.wrapper import GatedWrapper
from federation.partner import Limits
from store.cancellation import Cancellation
from tests.federation import faulty
from tests.federation.faulty import Faulty, iri

CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 10"


@pytest.fixture
def site() -> Iterator[Faulty]:
    with Faulty(faulty.results(["s"], [{"s": iri("http://example.org/1")}])) as site:
        yield site


@pytest.mark.parametrize("method", [GET, POST])
def test_a_query_goes_through_the_gate_and_comes_back_converted(site: Faulty, method: str) -> None:
    wrapper = GatedWrapper(site.partner(), Gate())
    wrapper.setMethod(method)
    wrapper.setQuery("SELECT ?s { ?s a <http://example.org/é> }")
    wrapper.setReturnFormat(JSON)
    answer = wrapper.queryAndConvert()
    assert answer["results"]["bindings"] == [{"s": iri("http://example.org/1")}]
    [seen] = site.seen
    assert (seen.method, seen.query) == (method, "SELECT ?s { ?s a <http://example.org/é> }")
    assert seen.headers["user-agent"] == f"atlas-relationnel/{__version__}"


def test_a_graph_comes_back_as_it_was_sent(site: Faulty) -> None:
    turtle = b"<http://example.org/1> <http://example.org/p> 1 ."
    site.script(faulty.packed(turtle, "text/turtle"))
    wrapper = GatedWrapper(site.partner(), Gate())
    wrapper.setQuery(CONSTRUCT)
    wrapper.setReturnFormat(TURTLE)
    result = wrapper.query()
    assert (result.convert(), result.geturl()) == (turtle, site.url)
    assert result.info()["content-type"] == "text/turtle"
    assert "text/turtle" in site.seen[0].headers["accept"]


def test_credentials_are_not_sent(site: Faulty) -> None:
    wrapper = GatedWrapper(site.partner(), Gate())
    wrapper.setCredentials("me", "secret")
    wrapper.addCustomHttpHeader("Cookie", "session=1")
    wrapper.setQuery(CONSTRUCT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wrapper.query()
    assert not {"authorization", "cookie"} & set(site.seen[0].headers)


def test_an_endpoint_that_was_changed_is_not_asked(site: Faulty) -> None:
    with Faulty() as other:
        wrapper = GatedWrapper(site.partner(), Gate())
        wrapper.endpoint = other.url
        wrapper.setQuery(CONSTRUCT)
        with pytest.raises(Forbidden):
            wrapper.query()
        assert other.seen == []


def test_failures_are_the_gate_s_own(site: Faulty) -> None:
    for behaviour, kind, seconds in (
        (faulty.status(500, b"boom"), PartnerFailed, 20),
        (faulty.status(404), PartnerFailed, 20),
        (faulty.endless(), PartnerLimit, 20),
        (faulty.hanging(), PartnerFailed, 0.3),
        (faulty.redirect("http://evil.example/"), PartnerFailed, 20),
    ):
        site.script(behaviour)
        wrapper = GatedWrapper(site.partner(limits=Limits(bytes=1000, seconds=seconds)), Gate())
        wrapper.setQuery(CONSTRUCT)
        with pytest.raises(kind):
            wrapper.query()


def test_a_harvest_may_have_its_own_bounds(site: Faulty) -> None:
    cancelled = Cancellation()
    wrapper = GatedWrapper(
        site.partner(), Gate(), ends=time.monotonic() + 20, limit=10, cancelled=cancelled
    )
    wrapper.setQuery(CONSTRUCT)
    with pytest.raises(PartnerLimit, match="more than 10 bytes"):
        wrapper.query()
    cancelled.cancel()
    with pytest.raises(ClientGone):
        wrapper.query()
