"""What RDF/XML cannot say, and the engine writes all the same as XML that nobody can read.

https://www.w3.org/TR/rdf-xml/#section-Syntax-node-property-elements
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, Triple

from atlas.errors import NotAcceptable, shown

# A property's name must end like an XML name: the engine cuts it there into namespace and name.
ENDS_AS_NAME = re.compile(r"[^\W\d][\w.\-]*\Z")
# Characters that XML 1.0 has no way to write.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def sayable(triples: Iterable[Triple]) -> Iterator[Triple]:
    """The triples, one by one. Raises NotAcceptable at the first that RDF/XML cannot say."""
    for triple in triples:
        refuse_unsayable(triple)
        yield triple


def refuse_unsayable(triple: Triple) -> None:
    """Raises NotAcceptable; a triple term is written like a triple, whatever it stands in."""
    if ENDS_AS_NAME.search(triple.predicate.value) is None:
        raise NotAcceptable(
            f"RDF/XML cannot name the property {shown(triple.predicate.value)}; "
            "ask for text/turtle."
        ).worded("refusal.rdfxml_property", property=triple.predicate.value)
    if isinstance(triple.object, Triple):
        refuse_unsayable(triple.object)
    elif isinstance(triple.object, Literal) and UNWRITABLE.search(triple.object.value):
        raise NotAcceptable(
            f"RDF/XML cannot write a control character, which a value of "
            f"{shown(triple.predicate.value)} holds; ask for text/turtle."
        ).worded("refusal.rdfxml_value", property=triple.predicate.value)
