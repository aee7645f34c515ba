"""``/api/openapi.json``: the whole HTTP surface as an OpenAPI 3.1 document.

Named queries are described from their files, one path each. https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

import atlas
from endpoint.api.openapi_graphs import BEARER, WRITTEN, graphs
from endpoint.api.openapi_pages import pages
from endpoint.api.openapi_parts import (
    ANY,
    ASKING,
    DATASET,
    FEDERATED,
    LANGUAGE,
    NOT_MODIFIED,
    OLDER,
    READING,
    SCHEMAS,
    SEARCH,
    TEXT,
    TIMEOUT,
    WRITING,
    Json,
    answers,
    documents,
    format_parameter,
    formats,
    json_content,
    ok,
    path_parameter,
    problem_responses,
    query_parameter,
    responses,
)
from endpoint.site import Site, current_site
from endpoint.wire.formats import FORMAT_NAMES
from endpoint.wire.representations import represent_json
from queries import TYPES, NamedQuery, Parameter

blueprint = Blueprint("openapi", __name__)
FORMS = ("SELECT", "CONSTRUCT")
SPARQL: Json = {"type": "string", "pattern": r"\S", "examples": ["ASK {}"]}
# One text and no other; what belongs to it as in the address of a GET.
FORM: Json = {
    "type": "object",
    "properties": {"query": SPARQL, "update": SPARQL},
    "oneOf": [{"required": ["query"]}, {"required": ["update"]}],
}
DOCUMENTS = {
    "/doc/{type}/{key}": ("What is said of a thing", [("type", "commune"), ("key", "54395")]),
    "/ontology/{name}": ("A term of the ontology", [("name", "Commune")]),
    "/vocabulary/{scheme}": ("A vocabulary", [("scheme", "scales")]),
    "/vocabulary/{scheme}/{concept}": (
        "A concept of a vocabulary",
        [("scheme", "relation-statuses"), ("concept", "missing")],
    ),
    "/module/{name}": ("A module of the ontology", [("name", "core")]),
    "/ontology/": ("The whole ontology", []),
    "/.well-known/void": ("What the atlas holds, counted (VoID)", []),
    "/catalog": ("The data sets, their licences, files and service (DCAT)", []),
    "/dumps/": ("The files of the graphs", []),
    "/feed/": ("What changed from one generation to the next", []),
    "/feed/ldes": ("The same as a stream of versions of the graphs (LDES)", []),
    "/scrutari/": ("The bases that are had as ScrutariData", []),
    "/.well-known/sparql-examples": ("The named queries as examples (SHACL)", []),
}
# How a value of each type of parameter is written, beyond being a text.
SCHEMA_OF: dict[str, Json] = {
    "iri": {"format": "iri", "pattern": "^(https?://|urn:)[!-~]+$"},
    "integer": {"type": "integer"},
    "count": {"type": "integer", "minimum": 0, "maximum": 999_999_999},
    "insee": {"pattern": "^[0-9]([0-9]|[AB])?[0-9]{0,3}$"},
    "siren": {"pattern": "^[0-9]{9}$"},
    "year": {"pattern": "^[0-9]{4}$"},
    "concept": {"pattern": "^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"},
    "language": {"pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"},
    "source": {"pattern": "^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$"},
}


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    site = current_site()
    return represent_json(lambda: document(site, request.script_root), version=atlas.__version__)


def document(site: Site, root: str) -> Json:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Atlas relationnel",
            "version": atlas.__version__,
            "description": "SPARQL 1.1 over HTTP, named queries as plain addresses, linked data.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root or "/"}],
        "paths": {
            "/sparql": sparql(),
            "/federation/sparql": federated(),
            **graphs(),
            "/api/queries/": {"get": listing()},
            **{path: {"get": operation} for path, operation in named(site).items()},
            "/api/queries/{name}/about": {"get": about(site)},
            "/api/search": {"get": search()},
            "/api/partners": {"get": partners()},
            "/api/partners/{name}": {"get": partner()},
            **{path: {"get": linked(path)} for path in DOCUMENTS},
            **{path: {"get": file(path)} for path in FILES},
            **{path: {"get": changes(path)} for path in FEED},
            "/id/{type}/{key}": {"get": thing()},
            **{path: {"get": probe(path)} for path in PROBES},
            **pages(),
        },
        "components": {
            "schemas": SCHEMAS,
            "responses": problem_responses(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def sparql() -> Json:
    """https://www.w3.org/TR/sparql11-protocol/"""
    found = {
        200: ok("The answer, whole.", answers(*FORMS) | {"text/html": {"schema": TEXT}}),
        304: NOT_MODIFIED,
    }
    options = [*DATASET, format_parameter(formats(*FORMS)), TIMEOUT, OLDER]
    text = query_parameter("query", SPARQL, "A SPARQL 1.1 query; without one: this service in RDF.")
    return {
        "get": {
            "operationId": "query",
            "summary": "Answer a SPARQL query",
            "parameters": [text, *options],
            "responses": responses(found, READING),
        },
        "post": {
            "operationId": "queryOrUpdate",
            "summary": "Answer a SPARQL query, or run an update with a token",
            "security": [{}, *BEARER],
            "requestBody": {
                "required": True,
                "content": {
                    "application/sparql-query": {"schema": SPARQL},
                    "application/sparql-update": {"schema": SPARQL},
                    "application/x-www-form-urlencoded": {"schema": FORM},
                },
            },
            "responses": responses({**found, **WRITTEN}, WRITING),
        },
    }


def federated() -> Json:
    """A plain query over this atlas and its partners: no answer of it may be kept."""
    content = answers(*FORMS) | json_content({"type": "object"}) | {"text/html": {"schema": TEXT}}
    found = {200: ok("The answer, whole, or the plan.", content), 304: NOT_MODIFIED}
    options = [format_parameter(formats(*FORMS)), TIMEOUT, OLDER, *FEDERATED]
    text = query_parameter("query", SPARQL, "A query that names no site; without one: the service.")
    form = {"type": "object", "properties": {"query": SPARQL}, "required": ["query"]}
    return {
        "get": {
            "operationId": "federatedQuery",
            "summary": "Answer a SPARQL query over this atlas and its partners together",
            "parameters": [text, *options],
            "responses": responses(found, ASKING),
        },
        "post": {
            "operationId": "postFederatedQuery",
            "summary": "The same, for a query that is too long for an address",
            "parameters": options,
            "requestBody": {
                "required": True,
                "content": {
                    "application/sparql-query": {"schema": SPARQL},
                    "application/x-www-form-urlencoded": {"schema": form},
                },
            },
            "responses": responses(found, (*ASKING, 415)),
        },
    }


def listing() -> Json:
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/NamedQuery"}}
    return {
        "operationId": "namedQueries",
        "summary": "The named queries",
        "responses": responses({200: ok("All of them.", json_content(schema))}, ANY),
    }


def about(site: Site) -> Json:
    schema = {"$ref": "#/components/schemas/NamedQuery"}
    name = path_parameter("name", "The query's name.", example=next(iter(site.library), "query"))
    return {
        "operationId": "namedQuery",
        "summary": "What a named query answers, and its text",
        "parameters": [{**name, "schema": {"enum": list(site.library)}}],
        "responses": responses({200: ok("The query.", json_content(schema))}, ANY),
    }


def search() -> Json:
    found = {
        200: ok(
            "The first of them; and where there are few or none, things with near names.",
            json_content({"$ref": "#/components/schemas/Found"}),
        ),
        304: NOT_MODIFIED,
    }
    return {
        "operationId": "search",
        "summary": "Things of the default graph by the beginnings of the words of their names",
        "parameters": [*SEARCH],
        "responses": responses(found, ANY),
    }


def partners() -> Json:
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Partner"}}
    found = {200: ok("All of them.", json_content(schema)), 304: NOT_MODIFIED}
    return {
        "operationId": "partners",
        "summary": "The sites that this atlas asks, and how they do",
        "responses": responses(found, ANY),
    }


def partner() -> Json:
    schema = {"$ref": "#/components/schemas/Partner"}
    found = {200: ok("The partner.", json_content(schema)), 304: NOT_MODIFIED}
    return {
        "operationId": "partner",
        "summary": "One of these sites: what it holds and its last checks",
        "parameters": [path_parameter("name", "The partner's name.", example="site-ressources")],
        "responses": responses(found, ANY),
    }


def named(site: Site) -> dict[str, Json]:
    return {f"/api/queries/{name}": run(query) for name, query in site.library.items()}


def run(query: NamedQuery) -> Json:
    return {
        "operationId": query.name,
        "summary": query.title["en"],
        "description": query.description["en"],
        "tags": list(query.tags),
        "parameters": [
            *map(parameter, query.parameters),
            format_parameter(FORMAT_NAMES[query.form]),
        ],
        "responses": responses(
            {200: ok("The answer, whole.", answers(query.form)), 304: NOT_MODIFIED}, READING
        ),
    }


def parameter(given: Parameter) -> Json:
    kind = TYPES[given.type]
    schema: dict[str, Any] = {"type": "string", "maxLength": 2000, **SCHEMA_OF.get(given.type, {})}
    if schema["type"] == "integer":
        del schema["maxLength"]
    if given.default is not None:
        schema["default"] = int(given.default) if given.type == "integer" else given.default
    return query_parameter(
        given.name,
        # An empty value is no value.
        schema if given.required else {"anyOf": [schema, {"const": ""}]},
        f"{given.label['en']}: {kind.says}, such as {given.example}.",
        required=given.required,
        example=int(given.example) if schema["type"] == "integer" else given.example,
    )


def linked(path: str) -> Json:
    """An address that answers RDF in every syntax, or a page."""
    summary, parts = DOCUMENTS[path]
    names = [path_parameter(name, name.capitalize(), example=example) for name, example in parts]
    found = {200: ok("The document.", documents()), 304: NOT_MODIFIED}
    return {
        "summary": summary,
        "parameters": [*names, format_parameter([*formats("CONSTRUCT"), "html"]), LANGUAGE],
        "responses": responses(found, ANY),
    }


FILES = {
    "/dumps/{name}.nt.gz": ("A graph as packed N-Triples", "application/gzip", "ontology"),
    "/dumps/{name}.ttl.gz": ("A graph as packed Turtle", "application/gzip", "ontology"),
    "/scrutari/{name}.xml": ("The documents of a base as ScrutariData", "application/xml", "atlas"),
}


def file(path: str) -> Json:
    """An address that answers a file of one kind."""
    summary, media_type, example = FILES[path]
    schema = TEXT if media_type == "application/xml" else {}
    found = {200: ok("The file, whole.", {media_type: {"schema": schema}}), 304: NOT_MODIFIED}
    return {
        "summary": summary,
        "parameters": [path_parameter("name", "Its name in the list.", example=example)],
        "responses": responses(found, (*ANY, 403, 507)),
    }


FEED = {
    "/feed/changes.atom": ("The newest changes (Atom)", "application/atom+xml", ()),
    "/feed/changes-{page}.atom": ("An archive of it", "application/atom+xml", ("page",)),
    "/feed/ldes/{page}": ("A page of the stream", "", ("page",)),
    "/feed/patch/{from}/{to}": (
        "What makes one generation another (RDF Patch); 0 is the empty one",
        "application/rdf-patch",
        ("from", "to"),
    ),
}


def changes(path: str) -> Json:
    """An address of the feed, whose parts are numbers."""
    summary, media_type, numbers = FEED[path]
    content = {media_type: {"schema": TEXT}} if media_type else documents()
    found = {200: ok("The changes, whole.", content), 304: NOT_MODIFIED}
    parts = [
        {
            **path_parameter(name, "A number.", example="0"),
            "schema": {"type": "integer", "minimum": 0},
        }
        for name in numbers
    ]
    return {
        "summary": summary,
        "parameters": [*parts, LANGUAGE],
        "responses": responses(found, (*ANY, 410, 507)),
    }


def thing() -> Json:
    parts = (("type", "commune"), ("key", "54395"))
    found = {303: {"description": "The document about the thing."}}
    return {
        "summary": "A thing; leads to the document about it",
        "parameters": [path_parameter(name, name.capitalize(), example=of) for name, of in parts],
        "responses": responses(found, ANY),
    }


PROBES = {
    "/health": ("Whether the process is alive", "application/json"),
    "/ready": ("Whether queries are answered", "application/json"),
    "/metrics": ("Counts for Prometheus", "text/plain"),
    "/api/openapi.json": ("This document", "application/json"),
}


def probe(path: str) -> Json:
    summary, media_type = PROBES[path]
    schemas = {"application/json": {"type": "object"}, "text/plain": TEXT}
    content = {media_type: {"schema": schemas[media_type]}}
    if path == "/metrics":
        content["application/openmetrics-text"] = {"schema": TEXT}
    return {
        "summary": summary,
        "responses": responses({200: ok("The answer.", content), 304: NOT_MODIFIED}, (*ANY, 403)),
    }
