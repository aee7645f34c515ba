"""The pages that every test of pages opens; a new page is a new row here."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("fr", "en", "es")


@dataclass(frozen=True)
class Address:
    """A page: its name in reports and pictures, its path, the most bytes of script it may load."""

    name: str
    path: str
    script: int = 200_000


PAGES = (
    Address("home", "/"),
    Address("local-empty", "/local"),
    Address("propose", "/propose"),
    Address("propose-relation", "/propose/relation?check=1&relationType=sharedBy"),
    Address("propose-question", "/propose/question?label.fr=La+faim&crossesDomain=health"),
    Address("propose-experience", "/propose/experience?check=1&date=hier&label.fr=Un+essai"),
    Address("experiences", "/experiences"),
    Address("experiences-documents", "/experiences?kind=document"),
    Address("experiences-like", "/experiences?domain=Health&like=54395"),
    Address("experiences-words", "/experiences?q=sant%C3%A9"),
    Address("search", "/search?q=nancy"),
    Address("datasets", "/datasets"),
    Address("source", "/datasets/banatic"),
    Address("source-illustrative", "/datasets/illustrative-meurthe-et-moselle"),
    Address("partners", "/partners"),
    Address("queries", "/queries/"),
    Address("query", "/queries/cq05_competence_holders"),
    Address("editor", "/queries/editor"),
    Address("ontology", "/ontology"),
    Address("class", "/ontology/Municipality"),
    Address("property", "/ontology/governs"),
    Address("vocabulary", "/vocabulary/territory-components"),
    Address("concept", "/vocabulary/scales/region"),
    Address("relation-type", "/vocabulary/relation-types/dependsOn"),
    Address("module", "/module/actors"),
    Address("sparql", "/sparql"),
    Address("federation", "/federation/sparql"),
    Address("void", "/.well-known/void"),
    Address("catalog", "/catalog"),
    Address("dumps", "/dumps/"),
    Address("feed", "/feed/"),
    Address("scrutari", "/scrutari/"),
    Address("territories", "/territories"),
    Address("territories-found", "/territories?q=Sainte-Colombe"),
    Address("territories-department", "/territories?department=90"),
    Address("territories-grouping", "/territories?grouping=245400676"),
    Address("territories-bodies", "/territories?q=grand+nancy"),
    Address("territories-postal", "/territories?q=54000"),
    Address("territories-nancy", "/territories/54395"),
    Address("territories-two-levels", "/territories/92049?vintage=2021"),
    Address("territories-former", "/territories/25297"),
    Address(
        "territories-pair",
        "/territories/75056/pair?public=higher-education-students"
        "&first=aides-jeunes-ville-paris-aide-logement-etudiant-aile"
        "&second=aides-jeunes-ile-de-france-aide-au-merite",
    ),
    # The map is what the page is for: its library comes as soon as it is in view.
    Address("map", "/map", script=700_000),
    Address("map-centre", "/map?centre=question/precarity&depth=2", script=700_000),
    Address("map-registers", "/map?centre=grouping/245400676", script=700_000),
    Address("map-parts", "/map?centre=department/54&page=2", script=700_000),
    Address("map-found", "/map?q=nancy"),
    Address("matrix", "/matrix?row=flow&column=actors"),
    Address("matrix-cell", "/matrix?row=economy-and-territory&column=domains"),
    Address("matrix-domains", "/matrix?of=domain-domain&row=health&column=transport"),
    Address("matrix-registers", "/matrix?of=actor-actor&from=registers"),
    Address("questions", "/questions"),
    Address(
        "questions-corpora",
        "/questions?with=https://w3id.org/atlas-relationnel/id/site/citego"
        "&with=https://w3id.org/atlas-relationnel/id/site/fabrique-des-transitions",
    ),
    Address("question", "/doc/question/precarity"),
    Address("relation", "/doc/relation/calame-talk-short-supply-chains-food-systems"),
    Address("document", "/doc/document/calame-talk-talk"),
    Address("document-pages", "/doc/document/citego-fiche-204"),
    Address("grouping", "/doc/grouping/245400676"),
    Address("experience", "/doc/experience/jrc-public-services-10070"),
    Address(
        "scheme-apart",
        "/doc/scheme/aides-jeunes-caf-seine-maritime-aide-bafa-approfondissement",
    ),
    Address("foreign", "/about?iri=http://eurovoc.europa.eu/1389"),
    Address("commune", "/doc/commune/54395"),
    Address(
        "links",
        "/links?thing=https://w3id.org/atlas-relationnel/id/country/FR"
        "&property=https://w3id.org/atlas-relationnel/ontology/partOf&by=rules&page=2",
    ),
)
