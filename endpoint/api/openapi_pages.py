"""The pages for people, as the OpenAPI document lists them, and what goes with them.

Each answers HTML in the language that ``lang`` or Accept-Language asks for, and needs no script.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from endpoint.api.openapi_parts import (
    ANY,
    IRI,
    LANGUAGE,
    NOT_MODIFIED,
    READING,
    TEXT,
    Json,
    documents,
    format_parameter,
    formats,
    json_content,
    ok,
    path_parameter,
    query_parameter,
    responses,
)
from endpoint.wire.addresses import HTML
from queries.parameters import LONGEST

THING: Json = {"anyOf": [{**TEXT, "maxLength": LONGEST}, {"const": ""}]}


class Page(NamedTuple):
    """``parts``: of the path, with an example each; ``asked``: what its address may say."""

    summary: str
    parts: Mapping[str, str] = {}
    asked: Mapping[str, str] = {}


PAGES = {
    "/": Page("The first page"),
    "/search": Page(
        "Things whose names have the words",
        asked={"q": "The words.", "type": "Only things of this class."},
    ),
    "/map": Page(
        "The map of relations",
        asked={
            "centre": "The thing in the middle: its IRI, or its path such as question/precarity.",
            "open": "A thing whose neighbourhood is shown too; may be repeated.",
            "depth": "Steps around the middle: 1 or 2.",
            "family": "Only relations of this family.",
            "type": "Only relations of this type.",
            "status": "Only relations of this status.",
            "source": "Only relations of this source.",
            "selected": "The thing that is chosen on the map.",
            "q": "Words of the names of things to start from.",
        },
    ),
    "/matrix": Page(
        "Relations crossed by two sorts of things",
        asked={
            "of": "What is crossed, such as domain-domain.",
            "from": "Where the relations are from.",
            "count": "What is counted.",
            "row": "The row of the cell that is open.",
            "column": "The column of the cell that is open.",
        },
    ),
    "/questions": Page(
        "Questions that cross communities or sites",
        asked={"with": "The IRI of a community or a site; may be repeated."},
    ),
    "/territories": Page(
        "Communes by name, code, department or grouping",
        asked={
            "q": "A name or a code.",
            "department": "The code of a department.",
            "grouping": "The SIREN number of a grouping of communes.",
        },
    ),
    "/territories/{insee}": Page(
        "Who does what in a commune",
        {"insee": "54395"},
        {"vintage": "The year of the register.", "source": "The source of the schemes."},
    ),
    "/territories/{insee}/pair": Page(
        "Two schemes that serve one public, with no recorded articulation",
        {"insee": "54395"},
        {
            "public": "The public that both serve.",
            "first": "One scheme.",
            "second": "The other.",
            "source": "The source of the schemes.",
        },
    ),
    "/experiences": Page(
        "Experiences and documents by facet",
        asked={
            "kind": "document, for documents in place of experiences.",
            "like": "The INSEE code of a commune, for experiences of territories like it.",
        },
    ),
    "/queries/": Page("The named queries by theme", asked={"q": "Words of their titles."}),
    "/queries/{name}": Page(
        "A named query as a form, and its answer",
        {"name": "cq48_desmogram"},
        {"as": "chart or map, where the answer can be drawn.", "of": "The variable to draw."},
    ),
    "/queries/editor": Page(
        "The editor of queries",
        asked={
            "query": "The query that it opens with.",
            "named": "Or a named query that it opens with.",
            "where": "everywhere, for this atlas and its partners.",
            "run": "1: with the answer.",
        },
    ),
    "/links": Page(
        "All that leads to a thing by a property, page by page",
        asked={
            "thing": "The IRI of the thing.",
            "property": "The IRI of the property.",
            "by": "rules, for what the rules alone say.",
            "page": "The number of the page, 1 if none is given.",
        },
    ),
    "/datasets": Page("Sources, files, states, validation and conformance"),
    "/datasets/{name}": Page("One source", {"name": "ontology"}),
    "/partners": Page("The sites that this atlas asks"),
    "/partners/{name}": Page("One of these sites", {"name": "site-ressources"}),
    "/local": Page(
        "A reader's own map",
        asked={"m": "The map, as its address holds it.", "find": "Words of names to add."},
    ),
    "/propose": Page("What may be proposed to the atlas"),
    "/propose/{kind}": Page("The form of a proposal", {"kind": "relation"}),
    "/problems/{slug}": Page("What a problem's type means, and the way out", {"slug": "not-found"}),
}


def page(path: str) -> Json:
    """An address that answers a page."""
    summary, parts, asked = PAGES[path]
    found = {200: ok("The page.", {HTML: {"schema": TEXT}}), 304: NOT_MODIFIED, 303: LED}
    return {
        "summary": summary,
        "tags": ["pages"],
        "parameters": [
            *(path_parameter(name, name.capitalize(), example=of) for name, of in parts.items()),
            *(query_parameter(name, THING, says) for name, says in asked.items()),
            LANGUAGE,
        ],
        "responses": responses(found, READING),
    }


LED: Json = {"description": "Leads to the address that answers."}


def foreign() -> Json:
    """What is said of a thing of another site: the one document that is named by a parameter."""
    iri = query_parameter(
        "iri",
        {**IRI, "maxLength": LONGEST - 1, "pattern": "^(https?://|urn:)"},
        "The IRI of the thing; one of ours is led to its own document.",
        required=True,
        example="http://eurovoc.europa.eu/1389",
    )
    found = {200: ok("The document.", documents()), 303: LED, 304: NOT_MODIFIED}
    return {
        "operationId": "about",
        "summary": "What is said of a thing of another site",
        "parameters": [iri, format_parameter([*formats("CONSTRUCT"), "html"]), LANGUAGE],
        "responses": responses(found, ANY),
    }


class Reply(NamedTuple):
    """What goes with a page and is for programs or to be saved."""

    summary: str
    content: Json
    parts: Mapping[str, str] = {}
    asked: Mapping[str, str] = {}


SAVED: Json = {"text/turtle": {"schema": TEXT}}
REPLIES = {
    "/queries/editor/terms": Reply(
        "The prefixes, and the classes and properties in use, as the editor offers them",
        json_content({"type": "object"}),
    ),
    "/datasets/conformance.json": Reply(
        "The results of the conformance tests", json_content({"type": "object"})
    ),
    "/local/map.ttl": Reply(
        "A reader's own map as Turtle; .nt, .rdf and .jsonld give the other syntaxes",
        SAVED,
        asked={"m": "The map, as its address holds it."},
    ),
    "/propose/{kind}/proposal.ttl": Reply("A proposal as Turtle", SAVED, {"kind": "relation"}),
    "/robots.txt": Reply("What robots may read", {"text/plain": {"schema": TEXT}}),
}


def reply(path: str) -> Json:
    summary, content, parts, asked = REPLIES[path]
    return {
        "summary": summary,
        "parameters": [
            *(path_parameter(name, name.capitalize(), example=of) for name, of in parts.items()),
            *(query_parameter(name, THING, says) for name, says in asked.items()),
            LANGUAGE,
        ],
        "responses": responses({200: ok("The file, whole.", content), 304: NOT_MODIFIED}, ANY),
    }


def forms() -> dict[str, Json]:
    """The forms of pages: a change to a reader's own map, a file of one, a proposal to check."""
    led = {303: {"description": "The page of the map as it is then."}}
    change = {
        "summary": "Change a reader's own map, which its address holds",
        "parameters": [
            query_parameter("m", THING, "The map, as its address holds it."),
            query_parameter("do", TEXT, "The change, such as add.", required=True),
            LANGUAGE,
        ],
        "responses": responses(led, ANY),
    }
    file = {"type": "object", "properties": {"file": {**TEXT, "format": "binary"}}}
    opened = {
        "summary": "Open the file of a map",
        "requestBody": body({"multipart/form-data": {"schema": file}}),
        "responses": responses(led, (*ANY, 415)),
    }
    fields = {"type": "object", "additionalProperties": TEXT}
    checked = {
        "summary": "What is wrong with a proposal, and its Turtle once nothing is",
        "parameters": [path_parameter("kind", "Kind", example="relation")],
        "requestBody": body({"application/x-www-form-urlencoded": {"schema": fields}}),
        "responses": responses(
            {200: ok("The findings.", json_content({"type": "object"}))}, (*ANY, 415)
        ),
    }
    return {
        "/local/change": {"get": change},
        "/local/open": {"post": opened},
        "/propose/{kind}/check": {"post": checked},
    }


def body(content: Json) -> Json:
    return {"required": True, "content": content}


def pages() -> dict[str, Json]:
    """Every page and what goes with it, by path."""
    return {
        **{path: {"get": page(path)} for path in PAGES},
        "/about": {"get": foreign()},
        **{path: {"get": reply(path)} for path in REPLIES},
        **forms(),
    }
