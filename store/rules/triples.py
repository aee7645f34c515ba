"""What the rules read and write, as lines of N-Triples.

Nemo rewrites literals ("01" becomes "1"^^xsd:int, "fr-BE" becomes "fr-be"), renames blank nodes,
and after an ill-typed literal ("bad"^^xsd:integer) reads the rest of a file one word out of step.
So it is given neither: a literal that a rule may carry along travels as a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

LITERAL = "<urn:literal:"
SUB_PROPERTY = "<http://www.w3.org/2000/01/rdf-schema#subPropertyOf>"
# True of everything, so that nothing is learnt from a statement of it.
EMPTY = {
    "<http://www.w3.org/2002/07/owl#Thing>",
    "<http://www.w3.org/2000/01/rdf-schema#Resource>",
}


def axioms(schema: Path) -> Iterator[str]:
    """The statements of the schema between names: one about a blank node is a class expression."""
    for subject, predicate, value in _split(schema):
        if _is_name(subject) and _is_name(value) and value not in EMPTY:
            yield f"{subject} {predicate} {value} .\n"


def carried(lines: Iterable[str]) -> set[str]:
    """The properties whose literals a rule can carry along: both ends of a sub-property."""
    ends: set[str] = set()
    for line in lines:
        subject, predicate, value = line.split()[:3]
        if predicate == SUB_PROPERTY:
            ends |= {subject, value}
    return ends


def readable(path: Path, properties: set[str]) -> Iterator[str]:
    """The triples of a file as the rules may read them."""
    for subject, predicate, value in _split(path):
        if not _is_name(subject):
            continue
        if _is_name(value):
            yield f"{subject} {predicate} {value} .\n"
        elif value.startswith('"') and predicate in properties:
            yield f"{subject} {predicate} {LITERAL}{quote(value, safe='')}> .\n"


def restored(lines: Iterable[str]) -> Iterator[str]:
    """What the rules wrote, with literals as they were."""
    for line in lines:
        if LITERAL not in line:
            yield line
            continue
        subject, predicate, value = line.split()[:3]
        if not subject.startswith(LITERAL):
            yield f"{subject} {predicate} {unquote(value[len(LITERAL) : -1])} .\n"


def _split(path: Path) -> Iterator[tuple[str, str, str]]:
    with path.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            words = line.split(None, 2)
            if len(words) == 3 and not words[0].startswith("#"):
                yield words[0], words[1], words[2].rstrip().removesuffix(".").rstrip()


def _is_name(term: str) -> bool:
    # "<<(" begins a triple term of RDF 1.2.
    return term.startswith("<") and not term.startswith("<<")
