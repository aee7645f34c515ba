"""The OpenAPI document is valid, complete and true, and the examples run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema_rs
import pytest
import schemathesis
from rdflib import Graph, Literal, Namespace, URIRef
from schemathesis.core.result import Ok

import queries
from atlas.settings import Settings
from endpoint.api.openapi import SCHEMA_OF
from endpoint.app import create_app
from endpoint.site import site_of
from queries import TYPES, competency
from tests.endpoint.serving import Served

SH = Namespace("http://www.w3.org/ns/shacl#")
# Routes that the document leaves out, and why.
OUTSIDE = {
    r"/static/<path:filename>": "styles and scripts, which pages name",
    r".*\.<any\(.*\):suffix>.*": "an address that is told, with a suffix for a format",
    r"/ontology\.<suffix>": "the same, of the whole ontology",
    r"/dumps/<name>\.<any\(nt, ttl\):extension>\.gz": "told as one file and the other",
    r"/api/queries/<name>": "told query by query, with its parameters",
    r"/(id|doc|vocabulary)/<path:\w+>": "told by the parts that such a path has",
}


@pytest.fixture(scope="module")
def document(served: Served) -> dict[str, Any]:
    reply = served.fetch("/api/openapi.json")
    assert (reply.status, reply.type) == (200, "application/json")
    found: dict[str, Any] = reply.json
    return found


def test_schemathesis_can_load_it_and_finds_every_operation(document: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_dict(document)
    operations = list(schema.get_all_operations())
    assert all(isinstance(result, Ok) for result in operations)
    assert len(operations) == sum(len(path) for path in document["paths"].values())
    schema.validate()


def test_its_schemas_are_schemas_and_its_references_lead_somewhere(
    document: dict[str, Any],
) -> None:
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        target: Any = document
        for part in reference.split("/"):
            target = target[part]
    for operation in (op for path in document["paths"].values() for op in path.values()):
        for parameter in operation.get("parameters", ()):
            jsonschema_rs.meta.validate(parameter["schema"])


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
        if "operationId" in operation
    ]
    assert len(names) == len(set(names))


def test_every_named_query_is_a_path_with_its_parameters(document: dict[str, Any]) -> None:
    for name, query in queries.library().items():
        parameters = document["paths"][f"/api/queries/{name}"]["get"]["parameters"]
        described = {parameter["name"]: parameter for parameter in parameters}
        assert described.keys() == {entry.name for entry in query.parameters} | {"format"}
        for entry in query.parameters:
            assert described[entry.name]["required"] == entry.required


def test_the_schema_of_each_type_takes_what_the_type_takes() -> None:
    assert SCHEMA_OF.keys() <= TYPES.keys()
    for name, schema in SCHEMA_OF.items():
        if "pattern" in schema:
            assert re.search(schema["pattern"], TYPES[name].example), name


def test_what_a_path_of_the_document_names_is_there(
    served: Served, document: dict[str, Any]
) -> None:
    for path, operations in document["paths"].items():
        if "get" not in operations or path in ("/data", "/metrics"):
            continue
        filled, asked = path, {}
        for parameter in operations["get"].get("parameters", ()):
            if parameter["in"] == "path" and "example" in parameter:
                filled = filled.replace(f"{{{parameter['name']}}}", quote(parameter["example"]))
            elif parameter.get("required"):
                asked[parameter["name"]] = "x"
        reply = served.fetch(f"{filled}?{urlencode(asked)}" if asked else filled)
        assert str(reply.status) in operations["get"]["responses"], (filled, reply.status)
        if reply.status == 200:
            content = operations["get"]["responses"]["200"]["content"]
            assert reply.type in content, (filled, reply.type)


def test_a_problem_is_as_the_document_describes_it(
    served: Served, document: dict[str, Any]
) -> None:
    schema = document["components"]["schemas"]["Problem"]
    for path in ("/sparql?query=SELECT", "/api/queries/nothing", "/sparql?format=x&query=ASK{}"):
        jsonschema_rs.validate(schema, served.fetch(path).json)


def test_it_is_not_sent_again_while_it_is_the_same(served: Served) -> None:
    etag = served.fetch("/api/openapi.json").headers["ETag"]
    assert served.fetch("/api/openapi.json", headers={"If-None-Match": etag}).status == 304


def test_the_examples_run_as_they_are(served: Served) -> None:
    reply = served.fetch("/.well-known/sparql-examples")
    graph = Graph().parse(data=reply.text, format="turtle")
    listed = set(graph.subjects(predicate=None, object=SH.SPARQLExecutable))
    assert len(listed) == len(competency.questions())
    for example in listed:
        texts = [graph.value(example, SH[form]) for form in ("select", "ask", "construct")]
        (text,) = (text for text in texts if text is not None)
        assert isinstance(text, Literal)
        assert served.ask(str(text)).status == 200, example
        assert served.fetch(str(example).removeprefix(served.address)).status in (200, 400)
    target = set(graph.objects(None, URIRef("https://schema.org/target")))
    assert target == {URIRef(f"{served.address}/sparql")}
    page = served.fetch("/.well-known/sparql-examples", headers={"Accept": "text/html"})
    assert page.type == "text/html"
    assert page.text.count('class="named"') == len(listed)


def test_a_suffix_names_the_format_of_a_named_query(served: Served) -> None:
    path = "/api/queries/cq50_stating_graphs"
    asked = "?" + urlencode({"subject": "urn:x"})
    for suffix, media_type in (
        ("csv", "text/csv"),
        ("tsv", "text/tab-separated-values"),
        ("srj", "application/sparql-results+json"),
        ("json", "application/sparql-results+json"),
        ("xml", "application/sparql-results+xml"),
    ):
        reply = served.fetch(f"{path}.{suffix}{asked}", headers={"Accept": "image/png"})
        assert (reply.status, reply.type) == (200, media_type)
    assert served.fetch("/api/queries/cq48_desmogram.ttl").type == "text/turtle"
    assert served.fetch("/api/queries/cq48_desmogram.csv").status == 404
    assert served.fetch(f"{path}.docx{asked}").status == 404
    assert served.fetch(f"{path}.csv{asked}&format=tsv").status == 400


def test_robots_are_kept_from_queries_and_welcome_at_documents(served: Served) -> None:
    reply = served.fetch("/robots.txt")
    assert reply.type == "text/plain"
    assert "Disallow: /sparql" in reply.text
    assert "/doc/" not in reply.text


@pytest.fixture
def routes(home: Path) -> Iterator[list[str]]:
    app = create_app(Settings.load({}, home=home))
    site = site_of(app)
    with closing(site.engine), closing(site.writer):
        yield [str(rule) for rule in app.url_map.iter_rules()]


def test_every_address_is_told_or_left_out_for_a_reason(
    routes: list[str], document: dict[str, Any]
) -> None:
    told = {re.sub(r"{\w+}", "X", path).rstrip("/") for path in document["paths"]}
    untold = {
        route
        for route in routes
        if re.sub(r"<(path:|int:)?\w+>", "X", route).rstrip("/") not in told
    }
    unreasoned = {route for route in untold if not any(re.fullmatch(one, route) for one in OUTSIDE)}
    assert not unreasoned, "write it in the document, or in OUTSIDE with the reason"
    unused = [one for one in OUTSIDE if not any(re.fullmatch(one, route) for route in untold)]
    assert not unused


def test_the_page_of_a_thing_of_another_site_is_told(document: dict[str, Any]) -> None:
    about = document["paths"]["/about"]["get"]
    (iri,) = (one for one in about["parameters"] if one["name"] == "iri")
    assert iri["required"]
    assert {"200", "303", "400", "404"} <= about["responses"].keys()
    assert {"text/html", "text/turtle"} <= about["responses"]["200"]["content"].keys()
