"""What a partner may not say here: what our terms mean, and what our graphs are.

A partner's graph may describe anything, under any IRI. But the terms of the ontology and of the
vocabularies are for their own files to describe, and each graph's description (its licence, its
checksum) for whoever filled it. The rules follow no axiom outside the ontology and the alignments;
SHACL takes rdfs:subClassOf from all of the data, so that a class on which the ontology builds, such
as skos:Concept, cannot be put below another one either (see ``store.writing.meanings``).
"""

from __future__ import annotations

from functools import cache

from pyoxigraph import NamedNode, Triple
from rdflib import OWL, RDF, RDFS, URIRef

from atlas.settings import DEFAULT_BASE
from loaders.terms import RDFS as RDFS_TERMS
from ontology.modules import Files, merge

OURS = tuple(f"{DEFAULT_BASE}/{part}/" for part in ("ontology", "module", "vocabulary", "shape"))
WHAT = "statements about the atlas's own terms and graphs"
SUB_CLASS = RDFS_TERMS["subClassOf"]


def allowed(triple: Triple, base: str) -> bool:
    """Whether a partner may say this. ``base``: of this atlas."""
    subject = triple.subject
    if not isinstance(subject, NamedNode):
        return True
    if subject.value.startswith((*OURS, f"{base}/graph/")):
        return False
    return triple.predicate != SUB_CLASS or subject.value not in built_on()


@cache
def built_on() -> frozenset[str]:
    """The classes of others that the ontology builds on or is aligned with: its import stubs'."""
    stubs = merge(Files().imports)
    kinds = (OWL.Class, RDFS.Class)
    found = {name for kind in kinds for name in stubs.subjects(RDF.type, kind)}
    return frozenset(str(name) for name in found if isinstance(name, URIRef))
