"""Time to first byte of each family of pages, as a reader's browser waits for it.

Asks a running atlas at ``ATLAS_BENCH_SITE``, of which the national registers are loaded, one
request after another over one connection. Each family is asked for the same pages twice: the first
round meets pages that nobody has asked for yet, the second is warm. Peers that show linked data as
pages (Skosmos, LodView) need stores of their own and cannot hold this one, so none stands beside.
"""

from __future__ import annotations

import csv
import http.client
import io
import os
import random
import statistics
import time
from collections.abc import Sequence
from urllib.parse import quote, urlencode, urlsplit

SITE = os.environ.get("ATLAS_BENCH_SITE", "http://127.0.0.1:8000")
BASE = "https://w3id.org/atlas-relationnel"
MOST, SEED = 100, 20
# Things of each class, in the order of their IRIs.
THINGS = """
PREFIX atlas: <https://w3id.org/atlas-relationnel/ontology/>
SELECT ?thing WHERE {{ ?thing a {} }} ORDER BY ?thing"""
CLASSES = {
    "a commune": "atlas:Commune",
    "a grouping": "atlas:OwnTaxGrouping",
    "a department": "atlas:Department",
    "a relation": "atlas:Relation",
    "a document": "atlas:Document",
    "an experience": "atlas:Experience",
    "a class": "<http://www.w3.org/2002/07/owl#Class>",
    "a concept": "<http://www.w3.org/2004/02/skos/core#Concept>",
}
SINGLE = ("/", "/map", "/matrix", "/questions", "/territories", "/experiences", "/queries/")


def run() -> None:
    families = pages()
    print("| pages | different | first p50 ms | first p95 ms | warm p50 ms | warm p95 ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    connection = http.client.HTTPConnection(urlsplit(SITE).netloc, timeout=60)
    try:
        for name, addresses in families.items():
            rounds = [[waited(connection, address) for address in addresses] for _ in range(2)]
            cells = [f"{value:.0f}" for times in rounds for value in figures(times)]
            print(f"| {name} | {len(addresses)} | {' | '.join(cells)} |", flush=True)
    finally:
        connection.close()


def pages() -> dict[str, list[str]]:
    """Addresses by family, a hundred at most of each, always the same ones."""
    luck = random.Random(SEED)
    families = {"first pages": list(SINGLE)}
    for name, class_ in CLASSES.items():
        own = [iri for iri in asked(THINGS.format(class_)) if iri.startswith(BASE)]
        chosen = luck.sample(own, min(MOST, len(own)))
        families[name] = [quote(iri.removeprefix(BASE)).replace("/id/", "/doc/") for iri in chosen]
        if name == "a commune":
            codes = [iri.rpartition("/")[2] for iri in chosen]
            families["who does what here"] = [f"/territories/{code}" for code in codes]
            families["experiences like mine"] = [f"/experiences?like={code}" for code in codes[:30]]
        if name in ("a relation", "a document"):
            ends = [urlencode({"centre": iri}) for iri in chosen[:30]]
            families[f"map around {name}"] = [f"/map?{end}" for end in ends]
    return families


def asked(query: str) -> list[str]:
    """The first column of an answer."""
    connection = http.client.HTTPConnection(urlsplit(SITE).netloc, timeout=60)
    try:
        connection.request(
            "GET", f"/sparql?{urlencode({'query': query})}", headers={"Accept": "text/csv"}
        )
        text = connection.getresponse().read().decode("utf-8")
    finally:
        connection.close()
    return [row[0] for row in csv.reader(io.StringIO(text))][1:]


def waited(connection: http.client.HTTPConnection, address: str) -> float:
    """Milliseconds from the request to the first byte of the page; all of it is then read."""
    began = time.perf_counter()
    connection.request("GET", address, headers={"Accept": "text/html", "Accept-Language": "fr"})
    reply = connection.getresponse()
    seconds = time.perf_counter() - began
    reply.read()
    # A commune that has merged is answered too: its page says into which.
    assert reply.status in (200, 303), f"{address}: {reply.status}"
    return seconds * 1000


def figures(times: Sequence[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]
