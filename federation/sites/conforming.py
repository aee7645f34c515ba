"""An entry judged by the shape of partner sites: what ``shapes/federation.ttl`` says of it."""

from __future__ import annotations

import pyshacl
import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib import SH

import shapes
from federation.sites.entries import base_of
from shapes.terms import graph_of

SHAPES = shapes.FOLDER / "federation.ttl"


def faults(text: str, name: str) -> list[str]:
    """What the shape refuses of the entry, one English sentence each; none where it conforms."""
    entry = graph_of(parse(text, RdfFormat.TURTLE, base_iri=base_of(name)))
    wanted = graph_of(parse(path=str(SHAPES), format=RdfFormat.TURTLE))
    _, report, _ = pyshacl.validate(entry, shacl_graph=wanted, inference="none")
    assert isinstance(report, rdflib.Graph)
    return sorted(
        {
            str(message)
            for message in report.objects(None, SH.resultMessage)
            if isinstance(message, rdflib.Literal) and message.language == "en"
        }
    )
