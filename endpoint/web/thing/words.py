"""Facts about properties and classes that the pages of things go by: what to show where, and how.

Everything here is a table; a property or a class that stands in none is shown like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from atlas.namespaces import ATLAS, DC, DCTERMS, FOAF, ORG, OWL, PROV, RDFS, SKOS
from endpoint.language import language_name, translate
from endpoint.web.dates import written_date
from endpoint.web.passages import passage
from store.statistics import RDF_TYPE

IGEO = "http://rdf.insee.fr/def/geo#"
TYPE = RDF_TYPE.value

RELATION, DOCUMENT, EXPERIENCE = (
    f"{ATLAS}{name}" for name in ("Relation", "Document", "Experience")
)
ACTOR, TERRITORY, COMMUNE, MUNICIPALITY, DEPARTMENT = (
    f"{ATLAS}{name}" for name in ("Actor", "Territory", "Commune", "Municipality", "Department")
)

NAMES = (f"{RDFS}label", f"{SKOS}prefLabel", f"{DCTERMS}title", f"{FOAF}name")
OTHER_NAMES = (f"{SKOS}altLabel", f"{DCTERMS}alternative", f"{FOAF}nick")
MEANINGS = (f"{SKOS}definition", f"{DCTERMS}description", f"{RDFS}comment")
CODES = (f"{IGEO}codeINSEE", f"{ATLAS}siren", f"{SKOS}notation", f"{ATLAS}countryCode")

# What says more than the class: a sort of grouping, a sort of document.
MORE_TELLING = (f"{ATLAS}groupingNature", f"{ATLAS}documentType")

# Said elsewhere on the page: in the heading, in a sentence, in the evidence of a relation.
SAID_ELSEWHERE = frozenset(
    {
        TYPE,
        *NAMES,
        *OTHER_NAMES,
        *MEANINGS,
        *(f"{ATLAS}relation{end}" for end in ("Source", "Target", "Type", "Status")),
        f"{ATLAS}documentedBy",
        f"{ATLAS}locator",
        f"{ATLAS}documents",
        *MORE_TELLING,
    }
)
# What one reads at length, below the rest.
NOTES = (
    f"{SKOS}note",
    f"{SKOS}scopeNote",
    f"{SKOS}example",
    f"{SKOS}editorialNote",
    f"{SKOS}historyNote",
    f"{DCTERMS}rights",
)
# The nodes that date a membership or a holding: the same is said directly, and the years with it.
NODES = frozenset(f"{ATLAS}{name}" for name in ("grouping", "member", "holder", "heldCompetence"))
# What leads to a thing and is told elsewhere on its page.
LED_ELSEWHERE = NODES | frozenset(
    f"{ATLAS}{name}"
    for name in (
        "relationSource",
        "relationTarget",
        "documentedBy",
        "documents",
        "definesNotion",
        "indexedBy",
    )
)
# Of a kind that says nothing to a reader who sees a more telling one.
TECHNICAL = (OWL, f"{SKOS}Concept", PROV, FOAF, ORG, f"{DCTERMS}Location", RDFS)
# What is told first of a thing, beside its name; the rest follows in the order of the alphabet.
BRIEF = (
    *CODES,
    f"{ATLAS}population",
    f"{DC}creator",
    f"{DCTERMS}creator",
    f"{DCTERMS}date",
    f"{DCTERMS}language",
    f"{FOAF}page",
    f"{RDFS}seeAlso",
    f"{ATLAS}recordedIn",
    f"{ATLAS}vintage",
    f"{ATLAS}participants",
)
# Relations read in this order: where it lies, who it is with, what it means elsewhere, what it
# does. Who holds a competence stands after what that matches: of many only a code is known.
ORDER = (
    *(
        f"{ATLAS}{name}"
        for name in (
            "directlyPartOf",
            "partOf",
            "governs",
            "actsIn",
            "appliesIn",
            "carriedBy",
            "operatedBy",
            "memberOf",
            "appliesToMembersOf",
            "excludesMembersOf",
            "servesPublic",
            "atScale",
            "addresses",
            "concernsDomain",
            "belongsToComponent",
            "seenFromAngle",
        )
    ),
    *(f"{SKOS}{name}" for name in ("broader", "narrower", "related")),
    *(f"{SKOS}{name}Match" for name in ("exact", "close", "narrow", "broad", "related")),
    *(f"{ATLAS}{name}" for name in ("holdsCompetence", "succeededBy", "publishedOn")),
)
MEMBER_OF = f"{ATLAS}memberOf"

# Why the rules say it, by property: the key of a sentence.
RULES = {
    TYPE: "type",
    f"{ATLAS}partOf": "part",
    f"{ATLAS}widerScaleThan": "part",
    f"{ATLAS}actsIn": "acts",
    f"{ATLAS}documents": "inverse",
    f"{ATLAS}documentedBy": "inverse",
}
# Relations that the atlas states: an observed one also holds as a direct statement.
FROM_RELATIONS = frozenset(
    f"{ATLAS}{name}"
    for name in (
        "relatesTo",
        "dependsOn",
        "sharedBy",
        "crossesDomain",
        "conflictsWith",
        "articulatesWith",
        "ignores",
        "contributesTo",
        "cooperatesWith",
        "inspiredBy",
    )
)


@dataclass(frozen=True)
class Door:
    """A page that shows more of such a thing: its words' key, its path, the property for that.

    ``leads_to``: the sort of thing to which the property leads, where its value is no code.
    """

    key: str
    path: str
    code: str
    leads_to: str = ""


# Sorts of things that bear the name of another thing, as their IRIs say it.
NAMED_AFTER = frozenset({"arrondissement"})
# By class: the first that a thing has counts.
DOORS = {
    COMMUNE: Door("thing.door.territory", "/territories/{}", f"{IGEO}codeINSEE"),
    MUNICIPALITY: Door("thing.door.territory", "/territories/{}", f"{ATLAS}governs", "commune"),
    DEPARTMENT: Door("thing.door.department", "/territories?department={}", f"{IGEO}codeINSEE"),
}


def where(locator: str) -> str:
    """A passage in words; an address as it is."""
    return passage(locator) or locator


WRITTEN: dict[str, Callable[[str], str]] = {
    f"{DCTERMS}date": written_date,
    f"{DCTERMS}language": language_name,
    f"{ATLAS}locator": where,
}


def rule(iri: str) -> str:
    """Why the rules say a statement with this property, in a sentence."""
    key = RULES.get(iri)
    if key is None and iri in FROM_RELATIONS:
        key = "relation"
    if key is None and not iri.startswith(ATLAS):
        key = "shared"
    return translate(f"thing.rule.{key or 'other'}")


def local(iri: str) -> str:
    """The last part of an IRI: the name by which the tables of words know it."""
    return iri.rpartition("#")[2].rpartition("/")[2]


def out_words(iri: str, label: str) -> str:
    """How a property is said of its subject: in our words where we have some, else by its label."""
    return translate(f"thing.out.{local(iri)}") or label


def back_words(iri: str) -> str:
    """How a property is said the other way round, "" where we have no words for it."""
    return translate(f"thing.back.{local(iri)}")
