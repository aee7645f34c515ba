"""The editor: what it starts with, what it proposes, and the answer where no script asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)
from werkzeug.datastructures import MultiDict

from atlas.errors import AtlasError, Forbidden
from endpoint.catalogue import RESULTS
from endpoint.language import reader_language, translate, words
from endpoint.reading.cursor import RELATIVE
from endpoint.reading.guard import inspect, scope
from endpoint.refusals import refused, sentence
from endpoint.site import current_site
from endpoint.view import N_TRIPLES, View
from endpoint.web.library.answers import Table, of_triples, table
from endpoint.web.library.figures import Picture, pictures
from endpoint.web.library.themes import OF_PAGES, themes
from endpoint.wire.aside import apart
from endpoint.wire.clients import current_client
from endpoint.wire.observing import noted
from endpoint.wire.representations import prefixes
from queries import NamedQuery
from queries.parameters import Parameter
from store import Operation

# What the address of the editor may say besides the values of a named query.
OF_THE_EDITOR = ("query", "named", "run", "where", "lang")


# What may go wrong with a query, told in the reader's language before the server's own sentence.
PROBLEMS = (
    *("malformed-query", "bad-request", "forbidden", "not-acceptable", "unknown-function"),
    *("query-timeout", "query-memory", "answer-too-large", "too-large", "uri-too-long"),
    *("too-many-requests", "overloaded", "not-ready", "engine-fault", "internal"),
    *("partner-failed", "partner-limit", "not-federable"),
)


@dataclass
class Outcome:
    """What came of a query: a table with the pictures that fit it, or yes or no, or a problem.

    ``said``: the problem's sentence in the reader's language, empty where it is English only;
    ``detail`` is that of every language.
    """

    table: Table | None = None
    pictures: dict[str, Picture] = field(default_factory=dict)
    yes: bool | None = None
    problem: str = ""
    said: str = ""
    detail: str = ""
    status: int = 200


def start(given: MultiDict[str, str], fallback: str) -> str:
    """The text that the editor opens with: the one given, or a named query with values, or another.

    A query that needs values which are not given is shown as the library has it, to be filled in.
    Raises UnknownName and UsageError for a named query that is not there or refuses its values.
    """
    if given.get("query", "").strip():
        return given["query"]
    name = given.get("named", "")
    if not name:
        return fallback
    query = current_site().named_query(name)
    values = {key: text for key, text in given.items() if key not in OF_THE_EDITOR}
    if any(needed(parameter) and parameter.name not in values for parameter in query.parameters):
        return query.text
    return query.bind(with_language(query, values)).text


def needed(parameter: Parameter) -> bool:
    """Whether there is no query without a value of it."""
    return parameter.required and parameter.default is None


def with_language(query: NamedQuery, values: Mapping[str, str]) -> dict[str, str]:
    """The values, with the reader's language for a query that takes one."""
    takes = any(parameter.name == "language" for parameter in query.parameters)
    return {**({"language": reader_language()} if takes else {}), **values}


def context(where: str = "here") -> dict[str, Any]:
    """What the editor's part of a page needs. ``where``: "here", or "everywhere" for all sites."""
    site = current_site()
    ready = [query for query in site.library.values() if not any(map(needed, query.parameters))]
    return {
        "where": where,
        "examples": [theme for theme in themes(ready) if theme.key != OF_PAGES],
        "labels_text": site.library["labels"].text,
        "prefixes": prefixes(),
        "base": site.settings.base,
        "problems": {slug: translate(f"problem.{slug}") for slug in PROBLEMS},
        "rows": [words(reader_language())[f"library.rows[{form}]"] for form in (0, 1)],
    }


def proposals(view: View) -> dict[str, Any]:
    """What the editor proposes: prefixes, and the terms in use by name, label and count."""
    found = prefixes()
    rows = view.ask("library_terms")
    return {
        "prefixes": found,
        "terms": [
            {
                "iri": row.text("term"),
                "kind": row.text("kind"),
                "count": row.number("count"),
                "label": row.text("label"),
            }
            for row in rows
        ],
    }


def run(text: str, view: View) -> Outcome:
    """The answer of a query over this atlas, or what is wrong with it."""
    try:
        return answered(text, view)
    except AtlasError as error:
        problem = translate(f"problem.{error.slug}")
        detail = error.public or str(error)
        return Outcome(problem=problem, said=sentence(error), detail=detail, status=error.status)


def answered(text: str, view: View) -> Outcome:
    """Raises what the guard and the engine raise, and Forbidden where partners would be asked."""
    noted(kind="query", text=text)
    site = view.site
    base = url_for("sparql.sparql", _external=True) if RELATIVE.search(text) else ""
    operation = Operation(text, base=base)
    analysis = apart(lambda: inspect(operation, site.settings, services=True), size=len(text))
    if analysis.uses_service:
        raise refused(Forbidden, "library.service")
    scoped = scope(operation, analysis, lambda: site.catalogue(view.generation))
    triples = analysis.form in ("CONSTRUCT", "DESCRIBE")
    answer = site.engine.query(
        scoped,
        N_TRIPLES if triples else RESULTS,
        generation=view.generation,
        client=current_client(),
    )
    try:
        body = answer.read()
    finally:
        answer.close()
    if triples:
        found = [quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES)]
        return drawn(of_triples(found, view), found, view)
    results = parse_query_results(body, format=QueryResultsFormat.JSON)
    if isinstance(results, QueryBoolean):
        return Outcome(yes=bool(results))
    assert isinstance(results, QuerySolutions)
    return drawn(table([one.value for one in results.variables], results, view), (), view)


def drawn(answer: Table, triples: Sequence[Triple], view: View) -> Outcome:
    """The answer with its pictures; ``triples``: the statements, where it is statements."""
    wanted = request.args.get("of", "")
    return Outcome(answer, pictures(answer, triples, view, wanted=wanted))
