"""Time to first byte of each family of pages, as a reader's browser waits for it.

Asks an atlas with the national registers, one request after another over one connection. Each
family is asked for the same pages twice: the first round meets pages that nobody has asked for yet,
the second is warm. ``page_peers`` asks for pages of things beside other programs' pages of them.
"""

from __future__ import annotations

import random
from urllib.parse import quote, urlencode

from benchmarks.peers import Missing
from benchmarks.site import Reader, asked, figures, site

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
AS_A_BROWSER = {"Accept": "text/html", "Accept-Language": "fr"}


def run() -> None:
    try:
        with site() as address:
            table(address)
    except Missing as missing:
        print(f"Nothing is measured: {missing}.")


def table(address: str) -> None:
    print("| pages | different | first p50 ms | first p95 ms | warm p50 ms | warm p95 ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    reader = Reader(address, AS_A_BROWSER)
    try:
        for name, paths in pages(address).items():
            rounds = [[reader.waited(path) for path in paths] for _ in range(2)]
            cells = [f"{value:.0f}" for times in rounds for value in figures(times)]
            print(f"| {name} | {len(paths)} | {' | '.join(cells)} |", flush=True)
    finally:
        reader.close()


def pages(address: str) -> dict[str, list[str]]:
    """Paths by family, a hundred at most of each, always the same ones."""
    families = {"first pages": list(SINGLE)}
    for name, chosen in things(address).items():
        families[name] = [page_of(iri) for iri in chosen]
        if name == "a commune":
            codes = [iri.rpartition("/")[2] for iri in chosen]
            families["who does what here"] = [f"/territories/{code}" for code in codes]
            families["experiences like mine"] = [f"/experiences?like={code}" for code in codes[:30]]
        if name in ("a relation", "a document"):
            ends = [urlencode({"centre": iri}) for iri in chosen[:30]]
            families[f"map around {name}"] = [f"/map?{end}" for end in ends]
    return families


def things(address: str, most: int = MOST) -> dict[str, list[str]]:
    """Things of our own base by the family of their pages."""
    luck = random.Random(SEED)
    found = {}
    for name, class_ in CLASSES.items():
        own = [iri for iri in asked(address, THINGS.format(class_)) if iri.startswith(BASE)]
        found[name] = luck.sample(own, min(most, len(own)))
    return found


def page_of(iri: str) -> str:
    """The path of the page of a thing, the one to which its IRI redirects."""
    return quote(iri.removeprefix(BASE)).replace("/id/", "/doc/")
