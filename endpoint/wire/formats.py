"""Which formats a query form's answer can have, and which of them a request gets.

The one table of formats is the store's; here it is read by form, by name and by Accept header.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from atlas.errors import NotAcceptable, UsageError
from endpoint.negotiate import best
from endpoint.refusals import refused
from store.formats import FORMATS, SOLUTIONS, Format

# A text that is none of these is sent as a SELECT, for the engine to say what is wrong with it.
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
GRAPH_FORMS = ("CONSTRUCT", "DESCRIBE")
# What clients write for `format=` besides extensions, names and media types.
SYNONYMS = {
    "json": ("application/sparql-results+json", "application/ld+json"),
    "xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "rdf+xml": ("application/rdf+xml",),
    "rdfxml": ("application/rdf+xml",),
    "json-ld": ("application/ld+json",),
    "ntriples": ("application/n-triples",),
    "nquads": ("application/n-quads",),
}


def offered(form: str | None) -> tuple[Format, ...]:
    """The formats that can hold the answer of a query form, the default first."""
    if form in GRAPH_FORMS:
        return tuple(row for row in FORMATS if row.kind != SOLUTIONS)
    return tuple(row for row in FORMATS if row.kind == SOLUTIONS and (row.boolean or form != "ASK"))


def named(rows: Sequence[Format]) -> dict[str, Format]:
    """The formats by every name that ``format=`` may give them, the usual name first."""
    names: dict[str, Format] = {}
    for row in rows:
        names.setdefault(row.name.lower(), row)
    for row in rows:
        names.setdefault(row.extension, row)
    for synonym, media_types in SYNONYMS.items():
        for row in rows:
            if row.media_type in media_types:
                names.setdefault(synonym, row)
    return names


OFFERED = {form: offered(form) for form in FORMS}
NAMED = {form: named(rows) for form, rows in OFFERED.items()}
FORMAT_NAMES = {form: [row.name.lower() for row in rows] for form, rows in OFFERED.items()}
TYPES = {form: tuple(row.media_type for row in rows) for form, rows in OFFERED.items()}
# What a graph is also asked as; of the formats of solutions, the table itself says it.
GRAPH_ALIASES = {
    "text/plain": "application/n-triples",
    "application/xml": "application/rdf+xml",
    "text/xml": "application/rdf+xml",
    "application/json": "application/ld+json",
    "application/x-turtle": "text/turtle",
}
ALIASES = {
    form: GRAPH_ALIASES
    if form in GRAPH_FORMS
    else {alias: row.media_type for row in rows for alias in row.aliases}
    for form, rows in OFFERED.items()
}
GRAPH_TYPES = TYPES["CONSTRUCT"]


def negotiate(accept: str | None, form: str | None, wishes: Sequence[str] = ()) -> str:
    """The media type of the answer: what ``format=`` says, else what the Accept header likes best.

    Raises NotAcceptable where the form's answer has no such format, UsageError where ``format=`` is
    given twice for different formats.
    """
    form = form if form in FORMS else "SELECT"
    if wishes:
        found = {wished(wish, form) for wish in wishes}
        if len(found) > 1:
            raise refused(UsageError, "refusal.formats", count=len(found))
        return found.pop()
    chosen = liked(accept, form)
    if chosen is None:
        known = ", ".join(TYPES[form])
        raise refused(
            NotAcceptable, "refusal.accept_form", accept=accept or "", form=form, known=known
        )
    return chosen


@lru_cache(maxsize=512)
def liked(accept: str | None, form: str) -> str | None:
    """What an Accept header likes best for a form: programs send the same one each time."""
    return best(accept, TYPES[form], ALIASES[form])


def wished(wish: str, form: str) -> str:
    """The media type that one value of ``format=`` names: a name, an extension or media types."""
    if wish.lower() in NAMED[form]:  # One name has a slash in it: RDF/XML.
        return NAMED[form][wish.lower()].media_type
    if "/" in wish:
        # A "+" that nobody percent-encoded has become a space.
        chosen = best(wish.replace(" ", "+"), TYPES[form], ALIASES[form])
        if chosen is not None:
            return chosen
    known = ", ".join(FORMAT_NAMES[form])
    raise refused(NotAcceptable, "refusal.format", format=wish, form=form, known=known)
