"""The graph store as the OpenAPI document describes it: graphs read and written whole.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

from endpoint.api.openapi_parts import (
    CONDITIONS,
    IRI,
    NOT_MODIFIED,
    OLDER,
    READING,
    WRITING,
    Json,
    answers,
    format_parameter,
    formats,
    ok,
    path_parameter,
    query_parameter,
    responses,
)

BEARER: list[Json] = [{"bearer": []}]
WRITTEN: dict[int, Json] = {
    201: {"description": "Written; a graph is new."},
    204: {"description": "Written; Atlas-Generation is the state that has it."},
}


def data() -> Json:
    """https://www.w3.org/TR/sparql11-http-rdf-update/"""
    which = [
        query_parameter("graph", IRI, "The graph's IRI.", example="https://example.org/graph"),
        query_parameter("default", {"const": ""}, "The default graph.", allowEmptyValue=True),
    ]
    body = {"required": True, "content": answers("CONSTRUCT")}
    whole = {200: ok("The graph, whole.", answers("CONSTRUCT")), 304: NOT_MODIFIED}
    writing: Json = {
        "parameters": [*which, *CONDITIONS],
        "security": BEARER,
        "responses": responses(WRITTEN, WRITING),
    }
    return {
        "get": {
            "operationId": "getGraph",
            "summary": "A graph in an RDF syntax",
            "parameters": [*which, format_parameter(formats("CONSTRUCT")), OLDER],
            "responses": responses(whole, READING),
        },
        "put": {
            "operationId": "putGraph",
            "summary": "Replace a graph",
            "requestBody": body,
            **writing,
        },
        "post": {
            "operationId": "postGraph",
            "summary": "Add to a graph",
            "requestBody": body,
            **writing,
        },
        "delete": {"operationId": "deleteGraph", "summary": "Remove a graph", **writing},
    }


GRAPHS = {
    "/graph/{name}": ("graph", "The graph whose IRI is the base's and this path", "ontology"),
    "/data/{path}": ("own", "The graph whose IRI is this very address", "notes"),
}


def direct(path: str) -> Json:
    """https://www.w3.org/TR/sparql11-http-rdf-update/#direct-graph-identification"""
    word, summary, example = GRAPHS[path]
    part = path_parameter(path[path.index("{") + 1 : -1], summary, example=example)
    operations = data()
    led = {303: {"description": "The page about the graph, for who reads pages."}}
    for operation in operations.values():
        others = [one for one in operation["parameters"] if one["name"] not in ("graph", "default")]
        operation["parameters"] = [part, *(one for one in others if one["in"] == "header")]
        operation["summary"] = f"{operation['summary']}: {summary[0].lower()}{summary[1:]}"
        if "operationId" in operation:
            operation["operationId"] = f"{operation['operationId']}By{word.capitalize()}"
    operations["get"]["responses"] |= responses(led, ())
    return operations


def graphs() -> dict[str, Json]:
    """Every address of a graph, by path."""
    return {"/data": data(), **{path: direct(path) for path in GRAPHS}}
