"""What a partner answered, read as results and as nothing else.

Terms stay as they were sent; blank nodes get names of their own, since theirs mean something within
one answer only. https://www.w3.org/TR/sparql11-results-json/,
https://www.w3.org/TR/rdf-sparql-XMLres/
"""

from __future__ import annotations

import re
from itertools import accumulate

from pyoxigraph import (
    BlankNode,
    Literal,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from atlas.errors import MalformedSource, PartnerFailed, PartnerLimit, shown
from federation.exchange.failures import plain
from federation.partner import Partner
from federation.rows import BREATH, Row, Rows, unhurried
from store.breath import breathe
from store.parsing import safe_xml
from store.parsing.renaming import Renaming

SPARQL_JSON, SPARQL_XML = "application/sparql-results+json", "application/sparql-results+xml"
RESULTS = {
    SPARQL_JSON: QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    SPARQL_XML: QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/xml": QueryResultsFormat.XML,
}
GRAPHS = {"application/n-triples": RdfFormat.N_TRIPLES, "text/turtle": RdfFormat.TURTLE}
ACCEPT_RESULTS = f"{SPARQL_JSON}, {SPARQL_XML};q=0.5"
ACCEPT_GRAPH = "application/n-triples, text/turtle;q=0.5"

# The engine's readers recurse on triples about triples and end the process at some thousands.
MAXIMUM_BRACKETS = 100
# As many may open within one line of N-Triples, or within all of a Turtle file.
MAXIMUM_OPEN = 100
# No pattern here goes back over what it has read. A string that never ends is one all the same.
JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
# A stretch of some strings, and of what is between them.
STRETCH = re.compile(rb'(?:[^"]++|"(?:[^"\\]|\\.)*+"?){1,10000}+', re.DOTALL)
# "triple" may hide behind escapes that nobody needs.
ESCAPED_LETTER = re.compile(rb"\\u00[4-7]")
NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
DEEPER = [(chr(byte) in "[{") - (chr(byte) in "]}") for byte in range(256)]
# Brackets that are counted before others have their turn.
COUNTED_AT_ONCE = 64 * 1024
# Names of blank nodes that the engine does not read, such as Virtuoso's nodeID://b1. They cannot
# stand within a string, where the quotes around them would be escaped.
ODD_NODE = {
    QueryResultsFormat.JSON: re.compile(
        rb'("bnode"\s*+,\s*+"value"\s*+:\s*+")(\w*+[^\w"\\][^"\\]*+)(?=")'
    ),
    QueryResultsFormat.XML: re.compile(rb"(<bnode>)(\w*+[^\w<&][^<&]*+)(?=</bnode>)"),
}
END_OF_XML = re.compile(
    rb"</(?:[\w.-]++:)?sparql\s*+>(?:\s|<!--(?:[^-]|-(?!->))*+-->)*+\Z", re.DOTALL
)
# The variable of the one row in which Virtuoso says yes (1) or no to an ASK.
ASK_IN_A_ROW = "__ASK_RETVAL"
# Values of one answer, those that are not bound included: each takes room here, whatever it took
# on the way.
MAXIMUM_CELLS = 5_000_000


def solutions(partner: Partner, media_type: str, body: bytes, limit: int) -> Rows:
    """The rows of a SELECT, ``limit`` at most. Raises PartnerFailed, PartnerLimit."""
    results = _parsed(partner, media_type, body)
    nodes = _nodes(partner)
    rows: list[Row] = []
    try:
        if not isinstance(results, QuerySolutions):
            raise PartnerFailed(partner.name, "answers true or false where rows were asked for.")
        names = tuple(variable.value for variable in results.variables)
        most = MAXIMUM_CELLS // max(1, len(names))
        breath = max(1, BREATH // max(1, len(names)))
        for solution in results:
            if len(rows) == limit:
                raise too_many(partner, "rows", limit)
            if len(rows) == most:
                raise PartnerFailed(
                    partner.name, f"answers more than {MAXIMUM_CELLS:,} values, bound or not."
                )
            if len(rows) % breath == 0:
                breathe()
            rows.append(tuple(map(nodes.term, solution)))
        return Rows(names, rows)
    except SyntaxError as error:
        raise _malformed(partner, media_type, error) from error
    finally:
        # No other thread may drop it, and the trace of an error would carry it off to one.
        del results


def boolean(partner: Partner, media_type: str, body: bytes) -> bool:
    """The answer to an ASK. Raises PartnerFailed."""
    results = _parsed(partner, media_type, body)
    try:
        if isinstance(results, QueryBoolean):
            return bool(results)
        if [variable.value for variable in results.variables] == [ASK_IN_A_ROW]:
            return any(isinstance(one, Literal) and one.value == "1" for [one] in results)
        raise PartnerFailed(partner.name, "answers rows where true or false was asked for.")
    except SyntaxError as error:
        raise _malformed(partner, media_type, error) from error
    finally:
        del results


def triples(partner: Partner, media_type: str, body: bytes, limit: int) -> list[Triple]:
    """The triples of a CONSTRUCT, ``limit`` at most. Raises PartnerFailed, PartnerLimit."""
    syntax = GRAPHS.get(media_type)
    if syntax is None:
        raise _other_type(partner, media_type, "triples")
    lines = body.splitlines() if syntax == RdfFormat.N_TRIPLES else [body]
    if b"<<" in body and any(line.count(b"<<") > MAXIMUM_OPEN for line in lines):
        raise _too_deep(partner)
    nodes = _nodes(partner)
    found: list[Triple] = []
    try:
        for quad in parse(body, format=syntax):
            if len(found) == limit:
                raise too_many(partner, "triples", limit)
            if len(found) % BREATH == 0:
                breathe()
            found.append(nodes.triple(quad.triple))
    except SyntaxError as error:
        raise _malformed(partner, media_type, error) from error
    return found


def too_many(partner: Partner, what: str, limit: int) -> PartnerLimit:
    return PartnerLimit(
        f"The partner {partner.name} sends more than {limit:,} {what} for one answer, which is its "
        "limit. Add a more selective pattern, or raise the limit in its entry."
    )


def _parsed(partner: Partner, media_type: str, body: bytes) -> QuerySolutions | QueryBoolean:
    syntax = RESULTS.get(media_type)
    if syntax is None:
        raise _other_type(partner, media_type, "SPARQL results")
    body = _with_plain_nodes(syntax, body) if b"bnode" in body else body
    try:
        _check(partner, syntax, body)
        return parse_query_results(body, format=syntax)
    except (SyntaxError, ValueError, MalformedSource) as error:
        raise _malformed(partner, media_type, error) from error


def _check(partner: Partner, syntax: QueryResultsFormat, body: bytes) -> None:
    """What the engine's readers do not look at themselves."""
    if syntax == QueryResultsFormat.XML:
        if b"triple" in body:
            safe_xml.check("its answer", body)
        if not END_OF_XML.search(body[-4096:]) and b"<sparql" in body[:4096]:
            raise PartnerFailed(partner.name, "answers SPARQL results (XML) that stop midway.")
    elif b"triple" in body or ESCAPED_LETTER.search(body):
        _check_depth(partner, body)


def _check_depth(partner: Partner, body: bytes) -> None:
    """How deep the brackets of a JSON text nest; one that closes none is too deep as well."""
    depth = 0
    for stretch in STRETCH.finditer(body):
        brackets = JSON_STRING.sub(b"", stretch[0]).translate(None, NO_BRACKETS)
        for start in range(0, len(brackets) or 1, COUNTED_AT_ONCE):
            breathe()
            steps = map(DEEPER.__getitem__, brackets[start : start + COUNTED_AT_ONCE])
            depths = list(accumulate(steps, initial=depth))
            if min(depths) < 0 or max(depths) > MAXIMUM_BRACKETS:
                raise _too_deep(partner)
            depth = depths[-1]


def _with_plain_nodes(syntax: QueryResultsFormat, body: bytes) -> bytes:
    """The body with names of blank nodes that the engine reads."""
    written, done = bytearray(), 0
    for match in unhurried(ODD_NODE[syntax].finditer(body)):
        written += body[done : match.end(1)] + b"x" + match[2].hex().encode()
        done = match.end()
    return bytes(written + body[done:])


def _too_deep(partner: Partner) -> PartnerFailed:
    return PartnerFailed(partner.name, "answers what nests deeper than results do.")


def _other_type(partner: Partner, media_type: str, wanted: str) -> PartnerFailed:
    did = f"answers {shown(media_type)}" if media_type else "answers without saying in which type"
    return PartnerFailed(partner.name, f"{did} where {wanted} were asked for.")


def _malformed(partner: Partner, media_type: str, error: Exception) -> PartnerFailed:
    why = plain(str(error.args[0] if error.args else error))
    return PartnerFailed(partner.name, f"answers {media_type} that cannot be read: {why}.")


def _nodes(partner: Partner) -> Renaming:
    """The blank nodes of one answer under names that no other answer has."""
    return Renaming(lambda number: BlankNode(), lambda: _too_deep(partner))
