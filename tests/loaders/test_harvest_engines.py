"""Endpoints of other real engines, each taken whole: what comes is what they were given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from federation.exchange.gate import Gate
from federation.partner import Limits, Partner
from loaders.harvests import pages as harvest_pages
from loaders.harvests.pages import Endpoint, Pages
from tests.federation.real import engines

# Numbers other than in their plainest form come back from some engines in another form.
DATA = """@prefix : <https://site.example/> .
:a :p [ :q 1 ; :near _:s ] , true , "line\\nbreak \\"quoted\\" \\\\ tab\\t" , "été \U0001f600"@fr ,
    "2020-01-01"^^<http://www.w3.org/2001/XMLSchema#date> , "x"^^:custom , "" .
_:s :t :a . :b%20c :p <https://site.example/iri?a=b&c=d#e> . :é :p ( 1 2 3 ) .
""" + "".join(f':t{n} :name "T{n}"@fr ; :next :t{n + 1} .\n' for n in range(300))


def dataset(triples: list[Triple]) -> Dataset:
    found = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["oxigraph", "virtuoso", "fuseki", "rdf4j"])
def test_an_engine_s_default_graph_is_taken_whole(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvest_pages, "PAGE", 120)
    triples = [quad.triple for quad in parse(DATA.encode(), format=RdfFormat.TURTLE)]
    if name == "virtuoso":  # It has no booleans: true is 1.
        triples = [triple for triple in triples if "boolean" not in str(triple.object)]
    serialize(triples, str(tmp_path / "data.nt"), format=RdfFormat.N_TRIPLES)
    path = tmp_path / "taken.nt"
    try:
        with engines.running(getattr(engines, name), tmp_path) as address:
            partner = Partner(
                name,
                endpoint=address,
                addresses=frozenset({"127.0.0.1"}),
                limits=Limits(seconds=60, block=50),
            )
            endpoint = Endpoint(partner, Gate(), seconds=300, limit=10**7)
            Pages(endpoint, lambda done, known: None).write(path)
    except engines.Missing as missing:
        if os.environ.get("CI") == "true" and name in ("oxigraph", "virtuoso"):
            pytest.fail(f"Under CI it must be there: {missing}")
        pytest.skip(str(missing))
    taken = [quad.triple for quad in parse(path.read_bytes(), format=RdfFormat.N_TRIPLES)]
    assert dataset(taken) == dataset(triples)
