"""What the operations of the OpenAPI document share: parameters, answers, schemas.

https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from endpoint.language import LANGUAGES
from endpoint.wire.addresses import HTML
from endpoint.wire.formats import FORMAT_NAMES, TYPES
from store.labels.ranking import LITTLE, MOST_NEAR
from store.labels.words import LONGEST_QUERY

Json = dict[str, Any]

PROBLEM = "application/problem+json"
TEXT: Json = {"type": "string"}
NULLABLE: Json = {"type": ["string", "null"]}
IRI: Json = {"type": "string", "format": "iri"}
GENERATION: Json = {"type": "integer", "minimum": 1}

# Each status that may come, and when; their bodies are all problem documents.
PROBLEMS = {
    400: "The request or the SPARQL text is malformed; a syntax error tells line and column.",
    401: "A write without a valid bearer token.",
    403: "Refused: a graph that may not be written or is not ours, a call to another site.",
    404: "Nothing has this name here.",
    406: "No format that the request accepts.",
    408: "The body did not come in time.",
    410: "A state of the data that is not kept any more, or not given away.",
    412: "If-Match names another generation than the one served, or the graph is there already.",
    413: "The body or the query passes a limit.",
    414: "The address is too long.",
    415: "A body of a type that is not read here.",
    422: "The shapes refuse the write, RDF syntaxes get the SHACL report; or no such function.",
    429: "Too many requests of one client at a time.",
    431: "The headers are too long.",
    502: "A partner that had to be asked failed; the sentence names it and says what it did.",
    503: "Out of time or of room; Retry-After says when to come back.",
    507: "More memory or a larger answer than there may be, or the disk is full.",
}
ANY = (400, 404, 406, 408, 413, 414, 429, 431, 503)
READING = (*ANY, 403, 422, 507)
ASKING = (*READING, 502)
WRITING = (*READING, 401, 412, 415)

SCHEMAS: Mapping[str, Json] = {
    "Problem": {
        "type": "object",
        "description": "https://www.rfc-editor.org/rfc/rfc9457",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {**TEXT, "format": "uri", "description": "Leads to a page that explains it."},
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": {**TEXT, "description": "The thing, the limit and the way out."},
            "translation": {
                "type": "object",
                "description": "The detail in the language that Accept-Language asks for.",
                "properties": {"language": TEXT, "detail": TEXT},
            },
            "line": {"type": "integer", "description": "Of a syntax error."},
            "column": {"type": "integer", "description": "Of a syntax error."},
            "results": {
                "type": "array",
                "items": {"type": "object", "additionalProperties": TEXT},
                "description": "The first findings of SHACL where the shapes refuse a write.",
            },
        },
    },
    "Solutions": {
        "type": "object",
        "description": "https://www.w3.org/TR/sparql11-results-json/",
        "required": ["head"],
        "properties": {
            "head": {"type": "object"},
            "results": {
                "type": "object",
                "required": ["bindings"],
                "properties": {"bindings": {"type": "array", "items": {"type": "object"}}},
            },
            "boolean": {"type": "boolean"},
        },
    },
    "NamedQuery": {
        "type": "object",
        "required": ["name", "title", "description", "form", "formats", "url", "parameters"],
        "properties": {
            "name": TEXT,
            "title": {"$ref": "#/components/schemas/Words"},
            "description": {"$ref": "#/components/schemas/Words"},
            "tags": {"type": "array", "items": TEXT},
            "sources": {"type": "array", "items": TEXT},
            "form": {"enum": list(TYPES)},
            "formats": {"type": "array", "items": TEXT},
            "url": {**TEXT, "format": "uri"},
            "parameters": {"type": "array", "items": {"type": "object"}},
            "query": {**TEXT, "description": "The SPARQL text; only in the description of one."},
        },
    },
    "Found": {
        "type": "object",
        "required": [
            *("query", "language", "type", "generation", "limit", "more", "results", "near"),
        ],
        "properties": {
            "query": TEXT,
            "language": TEXT,
            "type": {"type": ["string", "null"], "description": "The IRI of the class."},
            "generation": GENERATION,
            "limit": {"type": "integer"},
            "more": {"type": "boolean", "description": "Whether there is more than the limit."},
            "results": {"type": "array", "items": {"$ref": "#/components/schemas/NamedThing"}},
            "near": {
                "type": "array",
                "maxItems": MOST_NEAR,
                "items": {"$ref": "#/components/schemas/NearThing"},
                "description": "Things whose names have not these words but come near, the nearest"
                " first: letters differ, or words are run together or apart. Empty unless there are"
                f" at most {LITTLE} results, none of which is called so or begins so.",
            },
        },
    },
    "NearThing": {
        "allOf": [{"$ref": "#/components/schemas/NamedThing"}],
        "required": ["distance"],
        "properties": {
            "distance": {
                "type": "integer",
                "minimum": 0,
                "description": "How many letters are missing, too many, other or exchanged in the"
                " words of the query, and one for each word of the name that goes on after that;"
                " 0 where only the spaces between words are others.",
            },
        },
    },
    "NamedThing": {
        "type": "object",
        "required": ["iri", "label", "language", "matched", "type", "within", "codes", "page"],
        "properties": {
            "iri": IRI,
            "label": {
                **NULLABLE,
                "description": "The preferred name in the reader's language, or in one there is.",
            },
            "language": NULLABLE,
            "matched": {
                "type": "object",
                "description": "The name it was found by; a hidden one is not told.",
                "required": ["text", "language", "kind"],
                "properties": {
                    "text": NULLABLE,
                    "language": NULLABLE,
                    "kind": {"enum": ["label", "alternative", "hidden", "code"]},
                },
            },
            "type": {"type": ["object", "null"], "description": "Its most special class, named."},
            "within": {"type": ["object", "null"], "description": "What it lies in, named."},
            "codes": {"type": "array", "items": TEXT},
            "page": {
                **NULLABLE,
                "description": "The page of this atlas about it, also where it is another site's.",
            },
        },
    },
    "Partner": {
        "type": "object",
        "required": ["name", "url", "title", "uses", "sends", "limits", "breaker"],
        "properties": {
            "name": TEXT,
            "url": {**TEXT, "format": "uri"},
            "title": {"type": "object", "additionalProperties": TEXT},
            "endpoint": {**TEXT, "description": "Empty where it is not for the public."},
            "dump": TEXT,
            "homepage": TEXT,
            "names": {"type": "array", "items": IRI},
            "licence": TEXT,
            "vocabularies": {"type": "array", "items": IRI},
            "uses": {"type": "array", "items": {"enum": ["service", "federation", "harvest"]}},
            "sends": {"enum": ["all", "iris", "none"]},
            "limits": {"type": "object", "additionalProperties": {"type": "number"}},
            "breaker": {
                "enum": ["closed", "open", "half-open"],
                "description": "While it is open, the partner is not asked.",
            },
            "checked": {"type": ["object", "null"], "description": "Its last check."},
            "summary": {"type": ["object", "null"], "description": "What it was found to hold."},
            "predicates": {"type": "object", "description": "Triples of each; only of one."},
            "classes": {"type": "object", "description": "Entities of each; only of one."},
            "history": {"type": "array", "items": {"type": "object"}},
        },
    },
    "Words": {
        "type": "object",
        "description": "One text per language.",
        "required": list(LANGUAGES),
        "additionalProperties": TEXT,
    },
}


def query_parameter(name: str, schema: Json, description: str, **more: Any) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": description, **more}


def header_parameter(name: str, description: str) -> Json:
    return {"name": name, "in": "header", "schema": TEXT, "description": description}


def path_parameter(name: str, description: str, *, example: str) -> Json:
    """A part of the path; a slash in it would make it two."""
    schema = {"type": "string", "minLength": 1, "pattern": "^[^/?#]+$"}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": schema,
        "description": description,
        "example": example,
    }


DATASET = [
    query_parameter(
        name, {"type": "array", "items": IRI}, f"The {kind} graphs; graphs of this atlas only."
    )
    for name, kind in (("default-graph-uri", "default"), ("named-graph-uri", "named"))
]
TIMEOUT = query_parameter(
    "timeout",
    {"type": "number", "exclusiveMinimum": 0},
    "Seconds the query may run; it may only lower the server's limit.",
)
OLDER = query_parameter("generation", GENERATION, "An older state of the data that is still kept.")
SWITCH: Json = {"enum": ["0", "1"]}
FEDERATED = [
    query_parameter("sources", SWITCH, "1: with a column ?sources, the sites of each row."),
    query_parameter(
        "partial", SWITCH, "1: leave out a partner that fails; Atlas-Partial names it."
    ),
    query_parameter("explain", SWITCH, "1: who is asked what and what came of it, not the answer."),
]
CONDITIONS = [
    header_parameter("If-Match", "Entity tags of what is to be changed, or * for what is there."),
    header_parameter("If-None-Match", "*, for a graph that is to be new."),
]
LANGUAGE = query_parameter(
    "lang", TEXT, f"Language of the page: {', '.join(LANGUAGES)}; another is passed over."
)

SEARCH = [
    query_parameter(
        "q",
        {"type": "string", "minLength": 1, "maxLength": LONGEST_QUERY, "pattern": r"\S"},
        "Words, or their beginnings, in any order; case and accents are forgiven, and st before "
        "another word is read as saint too. Or a code.",
        required=True,
        example="nancy",
    ),
    query_parameter(
        "lang",
        {"type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"},
        "The reader's language, in which names come first; by default that of Accept-Language.",
        example="fr",
    ),
    query_parameter(
        "type",
        {**TEXT, "maxLength": 2000},
        "Only things of this class or of one below it: an IRI, a prefixed name, or a name of our "
        "ontology.",
        example="Commune",
    ),
    query_parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
        "How many things at most.",
    ),
]


def format_parameter(names: Sequence[str]) -> Json:
    return query_parameter(
        "format", {"enum": list(names)}, "The format, for who cannot set an Accept header."
    )


def formats(*forms: str) -> list[str]:
    """The names of the formats that answers of these forms can have."""
    return list(dict.fromkeys(name for form in forms for name in FORMAT_NAMES[form]))


def answers(*forms: str) -> Json:
    """The content of an answer by media type."""
    types = dict.fromkeys(media_type for form in forms for media_type in TYPES[form])
    schemas = {"application/sparql-results+json": {"$ref": "#/components/schemas/Solutions"}}
    return {media_type: {"schema": schemas.get(media_type, {})} for media_type in types}


def documents() -> Json:
    """The content of what is had as RDF or as a page."""
    return {**answers("CONSTRUCT"), HTML: {"schema": TEXT}}


def json_content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def responses(good: Mapping[int, Json], bad: Sequence[int]) -> Json:
    """What may come back: what went well, then the problems by status."""
    return {str(status): response for status, response in good.items()} | {
        str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(bad)
    }


def ok(description: str, content: Json) -> Json:
    return {"description": description, "content": content, "headers": HEADERS}


HEADERS: Json = {
    "Atlas-Generation": {
        "schema": GENERATION,
        "description": "The state of the data.",
    },
    "ETag": {"schema": TEXT, "description": "Changes with the data; send it as If-None-Match."},
}
NOT_MODIFIED: Json = {"description": "What the client holds is what would be sent."}


def problem_responses() -> Json:
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    # A browser is given the same as a page; the refused write its report in RDF.
    page = {HTML: {"schema": TEXT}}
    return {
        str(status): {
            "description": description,
            "content": content | page | (answers("CONSTRUCT") if status == 422 else {}),
        }
        for status, description in PROBLEMS.items()
    }
