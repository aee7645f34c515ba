"""The named queries: by theme, each as a form with its answer; and the editor for one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from pyoxigraph import RdfFormat, Triple, parse

from endpoint.catalogue import RESULTS
from endpoint.language import reader_language
from endpoint.language import words as texts
from endpoint.page_addresses import at
from endpoint.site import current_site
from endpoint.solutions import solutions_in
from endpoint.view import N_TRIPLES, View, answer, current_view, plain
from endpoint.web.library import editor as editing
from endpoint.web.library import figures
from endpoint.web.library.answers import Table, of_triples, table
from endpoint.web.library.forms import Reading, fields, lacking, needed, read
from endpoint.web.library.text import pieces
from endpoint.web.library.themes import first_sentence, matches, themes
from endpoint.wire.answers import CACHING
from endpoint.wire.representations import is_held, validator
from queries import NamedQuery

blueprint = Blueprint("library", __name__)
GRAPHS = ("CONSTRUCT", "DESCRIBE")
# The files that a page offers of an answer, by suffix: of solutions, and of statements.
SOLUTIONS = {"csv": "CSV", "json": "JSON", "tsv": "TSV", "xml": "XML"}
STATEMENTS = {"ttl": "Turtle", "jsonld": "JSON-LD", "rdf": "RDF/XML", "nt": "N-Triples"}


@dataclass
class Shown:
    """An answer with the pictures that fit it, and which one is shown.

    ``about``: the IRI of the thing that the query is about, where it is about one.
    """

    table: Table
    pictures: dict[str, figures.Picture] = field(default_factory=dict)
    shown: str = "table"
    about: str = ""

    @property
    def choices(self) -> list[str]:
        return ["table", *self.pictures]


@blueprint.get("/queries/")
def page() -> Response:
    words = request.args.get("q", "")[:200]
    found = [
        query
        for query in current_site().library.values()
        if matches(query, words, reader_language())
    ]
    return plain("queries.html", **listing(found, words))


def listing(found: Sequence[NamedQuery], words: str = "") -> dict[str, object]:
    """What the list of queries shows: those found, by theme, and the words that found them."""
    return {
        "themes": themes(found),
        "words": words,
        "count": len(found),
        "first": first_sentence,
        "counted": [texts(reader_language())[f"library.count[{form}]"] for form in (0, 1)],
    }


@blueprint.get("/queries/editor")
def editor() -> Response:
    """The editor, filled in; with ``run=1`` also the answer, for who has no script."""
    given = request.args
    text = editing.start(given, "")
    where = "everywhere" if given.get("where") == "everywhere" else "here"
    if given.get("run") != "1" or not text:
        return plain("web/library_editor.html", text=text, **editing.context(where))
    status = 200

    def make(view: View) -> str:
        nonlocal status
        outcome = editing.run(text, view)
        status = outcome.status
        more = editing.context(where)
        return view.render("web/library_editor.html", text=text, outcome=outcome, **more)

    response = answer(make)
    # RAND() and NOW() are no function of the data.
    return unkept(response, status)


@blueprint.get("/queries/editor/terms")
def terms() -> Response:
    """What the editor proposes, as JSON. Raises Overloaded while no generation is served."""
    view = current_view()
    etag = validator(str(view.generation), "terms", view.language)
    response = Response(status=304) if is_held(etag) else jsonify(editing.proposals(view))
    response.set_etag(etag)
    response.headers["Cache-Control"] = CACHING
    response.vary.update(("Accept-Language",))
    return response


@blueprint.get("/queries/<name>")
def query(name: str) -> Response:
    """A query as a form, and the answer to what the form says."""
    found = current_site().named_query(name)
    faults: dict[str, str] = {}

    def make(view: View) -> str:
        reading = read(found, request.args, view)
        faults.update(reading.faults)
        return query_page(found, reading, view)

    response = answer(make)
    return unkept(response, 400) if faults else response


def query_page(query: NamedQuery, reading: Reading, view: View) -> str:
    form = fields(query, reading, view)
    sources = needed(query, view)
    given = {
        parameter.name: reading.values[parameter.name]
        for parameter in query.parameters
        if parameter.name in reading.values
    }
    text = query.bind(given).text if reading.runs else query.text
    return view.render(
        "web/library_query.html",
        query=query,
        fields=form,
        faults=reading.faults,
        sources=sources,
        lacking=lacking(sources),
        example=found_by(query),
        values=given,
        shown=shown(query, given, view) if reading.runs else None,
        pieces=pieces(text),
        files=STATEMENTS if query.form in GRAPHS else SOLUTIONS,
        address=url_for(
            "named.run", name=query.name, _external=True, **typed(told(query, reading))
        ),
        file=lambda suffix: url_for("named.run", name=f"{query.name}.{suffix}", **typed(given)),
    )


def told(query: NamedQuery, reading: Reading) -> dict[str, str]:
    """The values that an address tells, so that one sees what can be changed in it: of a parameter
    that is not given what stands in for it, and an example where there is no answer without one."""
    standing_in = {one.name: one.default for one in query.parameters if one.default}
    return {**standing_in, **(query.example if reading.missing else {}), **reading.values}


def found_by(query: NamedQuery) -> str:
    """The address of the query with values that find something; "" where its file gives none."""
    if not any(parameter.given for parameter in query.parameters):
        return ""
    return at("library.query", name=query.name, **query.example)


def shown(query: NamedQuery, given: dict[str, str], view: View) -> Shown:
    """The answer, and every picture that fits it. Raises what the engine raises."""
    triples: list[Triple] = []
    if query.form in GRAPHS:
        body = view.answered(query, given, N_TRIPLES)
        triples = [quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES)]
        found = of_triples(triples, view)
    else:
        results = solutions_in(view.answered(query, given, RESULTS))
        found = table([variable.value for variable in results.variables], results, view)
    about = centre(query, given)
    middle = view.names([about]).value(about) if about else None
    wanted = request.args.get("of", "")
    pictures = figures.pictures(found, triples, view, centre=middle, wanted=wanted)
    way = request.args.get("as", "")
    return Shown(found, pictures, way if way in pictures else "table", about)


def centre(query: NamedQuery, given: dict[str, str]) -> str:
    """The thing that a query is about, "" where it is about none."""
    parameter = next((one for one in query.parameters if one.name == "thing"), None)
    return given.get("thing", (parameter and parameter.default) or "")


def typed(values: dict[str, str]) -> dict[str, Any]:
    """For ``url_for``, whose own parameters have other types."""
    return {**values}


def unkept(response: Response, status: int) -> Response:
    """The page with its status, for nobody to keep."""
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    response.headers.pop("ETag", None)
    return response
