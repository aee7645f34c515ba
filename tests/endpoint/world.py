"""A small readable atlas for the endpoint's tests: two sources and one illustrative one."""

from __future__ import annotations

from pathlib import Path

from store import Generation, Generations, LoadJob

BASE = "https://w3id.org/atlas-relationnel"
ATLAS = f"{BASE}/ontology/"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
DCTERMS = "http://purl.org/dc/terms/"
PLACES, TALK, EXAMPLE = (f"{BASE}/graph/{name}" for name in ("places", "talk", "example"))
NANCY = f"{BASE}/id/commune/54395"


def described(graph: str, title: str, *, illustrative: bool = False, verified: bool = True) -> str:
    boolean = "<http://www.w3.org/2001/XMLSchema#boolean>"
    lines = [
        f'<{graph}> <{DCTERMS}title> "{title}"@fr .',
        f"<{graph}> <{DCTERMS}license> <https://creativecommons.org/licenses/by/4.0/> .",
        f'<{graph}> <{ATLAS}licenceVerified> "{str(verified).lower()}"^^{boolean} .',
    ]
    if illustrative:
        lines.append(f'<{graph}> <{ATLAS}illustrative> "true"^^{boolean} .')
    return "\n".join(lines) + "\n"


COMMUNES = f"""\
<{NANCY}> {TYPE} <{ATLAS}Commune> .
<{NANCY}> {LABEL} "Nancy"@fr .
<{BASE}/id/commune/54357> {TYPE} <{ATLAS}Commune> .
<{BASE}/id/commune/54357> {LABEL} "Maxéville"@fr .
"""
RELATIONS = f"""\
<{BASE}/id/relation/school-housing> {TYPE} <{ATLAS}Relation> .
<{BASE}/id/relation/school-housing> {LABEL} "l’école dépend du logement"@fr .
<{NANCY}> {LABEL} "Nancy"@fr .
"""
INVENTED = f"""\
<{BASE}/id/scheme/invented> {TYPE} <{ATLAS}Scheme> .
<{BASE}/id/scheme/invented> {LABEL} "dispositif inventé"@fr .
"""


def publish_world(home: Path, *, verified: bool = True, extra: str = "") -> Generation:
    """One generation: PLACES and TALK in the default graph, EXAMPLE illustrative and apart."""
    generations = Generations(home)
    home.mkdir(parents=True, exist_ok=True)
    sources = {
        PLACES: (COMMUNES + described(PLACES, "Carte") + extra, True),
        TALK: (RELATIONS + described(TALK, "Exposé", verified=verified), True),
        EXAMPLE: (INVENTED + described(EXAMPLE, "Exemple", illustrative=True), False),
    }
    jobs = []
    for number, (graph, (text, merged)) in enumerate(sources.items()):
        path = home / f"source-{number}.nt"
        path.write_text(text, "utf-8")
        jobs.append(LoadJob(path, graph, merged))
    with generations.stage() as staging:
        staging.load(jobs)
        return generations.publish(staging, {})
