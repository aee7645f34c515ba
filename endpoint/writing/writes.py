"""Sends writes to the writer, for updates and for the graph store alike, and answers them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pyoxigraph
from flask import Flask, Response, request
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple
from werkzeug.datastructures import Headers

from atlas.errors import (
    InvalidWrite,
    PreconditionFailed,
    Unauthorized,
    UsageError,
)
from atlas.namespaces import SH
from endpoint import refusals
from endpoint.errors import PROBLEM, problem
from endpoint.negotiate import best
from endpoint.site import Site
from endpoint.tokens import Principal, authenticate, authorise
from endpoint.wire import representations
from endpoint.wire.answers import with_charset
from endpoint.wire.observing import noted
from store import GraphStep, UpdateStep, Write, Written
from store.answers import Term
from store.formats import BY_MEDIA_TYPE, FORMATS, SOLUTIONS
from store.writing.permission import name_a_graph

# A problem document tells this many results; the report itself, as RDF, has them all.
RESULTS = 20
ENTITY_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
# Possessive quantifiers (`*+`): no header makes the reader go back over what it has read.
TAGS = re.compile(rf"\s*+{ENTITY_TAG.pattern}\s*+(?:,\s*+(?:{ENTITY_TAG.pattern}\s*+)?+)*+")
OURS = re.compile(r"([0-9]{1,9})(-.*)?")


def init_app(app: Flask) -> None:
    app.register_error_handler(InvalidWrite, refused)


def principal(site: Site) -> Principal:
    """Who sends this request. Raises Unauthorized."""
    return authenticate(request.headers.get("Authorization"), site.tokens)


def trusted(site: Site) -> bool:
    """Whether this request holds a valid token."""
    try:
        principal(site)
    except Unauthorized:
        return False
    return True


def permit(site: Site, who: Principal, graphs: Iterable[str]) -> None:
    """Raises Forbidden for a graph that the token does not cover, or the merge of all graphs.

    The writer judges again what it really touches; here a write is refused before it waits.
    """
    names = list(graphs)
    if "" in names and not site.own_default_graph:
        raise name_a_graph()
    authorise(who, names)


def perform(
    site: Site,
    who: Principal,
    steps: Sequence[UpdateStep | GraphStep],
    *,
    timeout: float | None = None,
) -> Written:
    """Have the steps done, all or none.

    Raises what the writer raises: Forbidden, InvalidWrite, PreconditionFailed, WriteTimeout, …
    """
    noted(kind="write")
    write = Write(
        steps=tuple(steps),
        by=who.id,
        graphs=who.graphs,
        publish=who.publish,
        if_generation=condition(request.headers.get("If-Match")),
        if_exists=existence(request.headers),
    )
    limit: float = site.settings.write_timeout
    return site.writer.write(write, deadline=min(timeout or limit, limit))


def condition(header: str | None) -> tuple[int, ...] | None:
    """The generations that If-Match names, by an entity tag of theirs or by their number.

    None: any. A weak tag never matches. Raises UsageError for what is no list of entity tags,
    PreconditionFailed where none of them is one of ours.
    https://www.rfc-editor.org/rfc/rfc9110#name-if-match
    """
    if header is None or header.strip() == "*":
        return None
    if TAGS.fullmatch(header) is None:
        raise refusals.refused(UsageError, "refusal.if_match", value=header, example='"12"')
    tags = [tag for weak, tag in ENTITY_TAG.findall(header) if not weak]
    numbers = tuple(int(found[1]) for tag in tags if (found := OURS.fullmatch(tag)))
    if not numbers:
        raise refusals.refused(PreconditionFailed, "refusal.if_match_other", value=header)
    return numbers


def existence(headers: Headers) -> bool | None:
    """Whether the graph that is written must be there, by If-Match: *, or by If-None-Match: * not.

    None: either. Raises UsageError for entity tags in If-None-Match: a write has no use for them.
    https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match
    """
    match, none_match = (headers.get(name, "").strip() for name in ("If-Match", "If-None-Match"))
    if none_match not in ("", "*"):
        raise refusals.refused(UsageError, "refusal.if_none_match", value=none_match)
    if none_match and match:
        raise refusals.refused(UsageError, "refusal.if_both")
    return match == "*" if "*" in (match, none_match) else None


def done(written: Written, location: str | None = None) -> Response:
    """201 where a graph is new, else 204; with the generation that has the write."""
    response = Response(status=201 if written.created else 204)
    del response.headers["Content-Type"]  # There is no body for it to be the type of.
    response.headers["Atlas-Generation"] = str(written.generation)
    if location is not None:
        response.headers["Location"] = location
    return response


def refused(error: InvalidWrite) -> Response:
    """What SHACL refuses: its report where the client names an RDF syntax, else a summary.

    https://www.w3.org/TR/shacl/#validation-report
    """
    rows = [row for row in FORMATS if row.kind != SOLUTIONS]
    names = (PROBLEM, "text/html", *(row.media_type for row in rows))
    chosen = best(request.headers.get("Accept"), names)
    row = BY_MEDIA_TYPE.get(chosen or "")
    triples = [quad.triple for quad in pyoxigraph.parse(error.report, RdfFormat.N_TRIPLES)]
    if row is None or not triples:
        results = summary(triples)
        return problem(error.status, error.slug, str(error), error.wording, results=results)
    noted(problem=error.slug)
    # One thing after another, so that a syntax for people can say it in one place.
    content = representations.written(sorted(triples, key=str), row.media_type)
    return Response(content, status=error.status, content_type=with_charset(row.media_type))


def summary(triples: Sequence[Triple]) -> list[dict[str, str]]:
    """The results of a report, violations first: where, along which path, what is wrong."""
    results = [triple.object for triple in triples if triple.predicate == shacl("result")]
    about: dict[object, dict[str, str]] = {result: {} for result in results}
    for triple in triples:
        for key, name in WORDS.items():
            if triple.subject in about and triple.predicate == shacl(name):
                tell(about[triple.subject], key, triple.object)
    rows = [{key: row[key] for key in WORDS if key in row} for row in about.values()]
    return sorted(rows, key=rank)[:RESULTS]


def rank(result: dict[str, str]) -> tuple[int, list[str]]:
    """What makes the data invalid comes before what does not, in an order that stays."""
    severity = result.get("severity", "").removeprefix(SH)
    return SEVERITIES.get(severity, len(SEVERITIES)), list(result.values())


def tell(result: dict[str, str], key: str, term: Term) -> None:
    """Write one word of a result; of several languages English, of a longer path nothing."""
    if isinstance(term, Literal | NamedNode) and (
        key not in result or getattr(term, "language", None) == "en"
    ):
        result[key] = term.value


SEVERITIES = {"Violation": 0, "Warning": 1, "Info": 2}
WORDS = {
    "focusNode": "focusNode",
    "path": "resultPath",
    "value": "value",
    "severity": "resultSeverity",
    "constraint": "sourceConstraintComponent",
    "message": "resultMessage",
}


def shacl(name: str) -> NamedNode:
    return NamedNode(f"{SH}{name}")
