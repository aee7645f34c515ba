"""What a source gives no IRI, or leaves half said, takes no page away from everything else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.endpoint.serving import Served, serving
from tests.endpoint.world import ATLAS, BASE, DCTERMS, LABEL, NANCY, TYPE, publish_world

SKOS = "http://www.w3.org/2004/02/skos/core#"
TYPES, STATUSES = (f"{BASE}/vocabulary/relation-{name}" for name in ("types", "statuses"))
QUESTION, DOCUMENT, SITE = (f"{BASE}/id/{name}" for name in ("question/q", "document/d", "site/s"))
KINDS = (
    *("Experience", "Document", "CrossCuttingQuestion", "Challenge", "Relation", "PolicyDomain"),
    *("Scheme", "ResourceSite", "TargetPublic", "ProfessionalCommunity", "Descriptor", "Commune"),
    *("Scale", "TerritoryComponent", "GovernanceAngle", "RelationType", "Grouping"),
)
# The question crosses a domain without an IRI; and it has a relation to a text, without a status.
SAID = f"""\
<{QUESTION}> {TYPE} <{ATLAS}CrossCuttingQuestion> .
<{QUESTION}> {LABEL} "la question"@fr .
<{DOCUMENT}> {TYPE} <{ATLAS}Document> .
<{DOCUMENT}> <{DCTERMS}title> "le document"@fr .
<{DOCUMENT}> <{ATLAS}publishedOn> <{SITE}> .
<{DOCUMENT}> <{ATLAS}publishedOn> _:ResourceSite .
_:Document <{ATLAS}publishedOn> _:ResourceSite .
_:Descriptor <{ATLAS}documentedBy> _:Document .
<{BASE}/id/descriptor/x> {TYPE} <{ATLAS}Descriptor> .
<{BASE}/id/descriptor/x> <{ATLAS}documentedBy> <{DOCUMENT}> .
<{BASE}/id/relation/crosses> {TYPE} <{ATLAS}Relation> .
<{BASE}/id/relation/crosses> <{ATLAS}relationSource> <{QUESTION}> .
<{BASE}/id/relation/crosses> <{ATLAS}relationType> <{TYPES}/crossesDomain> .
<{BASE}/id/relation/crosses> <{ATLAS}relationTarget> _:PolicyDomain .
<{BASE}/id/relation/crosses> <{ATLAS}relationStatus> <{STATUSES}/observed> .
<{BASE}/id/relation/torn> {TYPE} <{ATLAS}Relation> .
<{BASE}/id/relation/torn> <{ATLAS}relationSource> <{QUESTION}> .
<{BASE}/id/relation/torn> <{ATLAS}relationType> <{TYPES}/dependsOn> .
<{BASE}/id/relation/torn> <{ATLAS}relationTarget> "rien" .
<{BASE}/id/relation/torn> <{ATLAS}documentedBy> <{DOCUMENT}> .
<{NANCY}> <{ATLAS}partOf> _:Commune .
""" + "".join(
    f'_:{kind} {TYPE} <{ATLAS}{kind}> .\n_:{kind} {LABEL} "sans adresse"@fr .\n'
    f'_:{kind} <{DCTERMS}title> "sans adresse"@fr .\n_:{kind} <{SKOS}prefLabel> "sans"@fr .\n'
    for kind in KINDS
)
PATHS = (
    "/",
    "/experiences",
    "/experiences?kind=document",
    "/questions",
    f"/questions?with={SITE}",
    "/matrix",
    "/matrix?of=domain-domain",
    "/map",
    "/map?centre=question/q&depth=2",
    "/datasets",
    "/search?q=sans",
    "/doc/question/q",
    "/doc/relation/crosses",
    "/doc/relation/torn",
    "/doc/document/d",
    "/doc/commune/54395",
)


@pytest.fixture(scope="module")
def nameless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("nameless")
    publish_world(home, extra=SAID)
    with serving(home, ATLAS_WORKERS="1") as running:
        yield running


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_there_all_the_same(nameless: Served, path: str) -> None:
    reply = nameless.fetch(path, headers={"Accept": "text/html"})
    assert reply.status == 200, reply.text
