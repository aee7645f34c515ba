"""Reads an HTTP request as a SPARQL operation, strictly and once.

https://www.w3.org/TR/sparql11-protocol/#protocol. A parameter given twice, or in the address and in
the body, is refused: whichever were taken, somebody would get the answer to another question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from urllib.parse import parse_qsl

from flask import Request

from atlas.errors import Forbidden, TooLarge, UnsupportedMedia, UsageError, shown
from atlas.settings import Settings
from store import Operation

FORM = "application/x-www-form-urlencoded"
DIRECT_QUERY = "application/sparql-query"
DIRECT_UPDATE = "application/sparql-update"
DATASET = ("default-graph-uri", "named-graph-uri")
UPDATE_DATASET = ("using-graph-uri", "using-named-graph-uri")
MAX_FIELDS = 1_000
READ_ONLY = "This endpoint only answers queries; updates are not open here."

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """A query with what the request says about its answer."""

    operation: Operation
    formats: tuple[str, ...]
    timeout: float | None


class Parameters:
    """The parameters of one request, from its address and its form."""

    def __init__(self, address: Pairs, form: Pairs = ()) -> None:
        self._places = [grouped(place) for place in (address, form) if place]

    def one(self, name: str) -> str | None:
        """The value of a parameter that may be given once.

        Raises UsageError where it is given more often, or in two places.
        """
        values = self.several(name)
        if len(values) > 1:
            raise UsageError(f"The parameter {name} is given {len(values)} times; give it once.")
        return values[0] if values else None

    def several(self, name: str) -> tuple[str, ...]:
        """The values of a parameter that may be repeated, in one place.

        Raises UsageError where it is given in two places.
        """
        given = [place[name] for place in self._places if name in place]
        if len(given) > 1:
            raise UsageError(f"The parameter {name} is given in the address and in the body.")
        return tuple(given[0]) if given else ()

    def names(self) -> set[str]:
        return {name for place in self._places for name in place}


def grouped(pairs: Pairs) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def parse_operation(request: Request, settings: Settings) -> Asked:
    """The query that a request asks.

    Raises UsageError for parameters that are missing, repeated or unreadable, Forbidden for an
    update, UnsupportedMedia or TooLarge for a body that is not a query or too big.
    """
    if request.method == "POST":
        text, parameters = read_post(request, settings)
    else:
        parameters = Parameters(address(request))
        refuse_update(parameters)
        text = required(parameters.one("query"))
    default_graphs, named_graphs = dataset(parameters)
    return Asked(
        operation=Operation(text, default_graphs, named_graphs),
        formats=parameters.several("format"),
        timeout=seconds(parameters.one("timeout")),
    )


def read_post(request: Request, settings: Settings) -> tuple[str, Parameters]:
    kind = request.mimetype
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if kind == DIRECT_UPDATE:
        raise Forbidden(READ_ONLY)
    if kind not in (FORM, DIRECT_QUERY) or charset not in ("utf-8", "utf8"):
        raise UnsupportedMedia(
            f"The body's type is {request.content_type or 'not given'}; a query is sent as {FORM} "
            f"or {DIRECT_QUERY}, in UTF-8."
        )
    coding = request.headers.get("Content-Encoding", "identity")
    if coding.lower() != "identity":
        raise UnsupportedMedia(f"The body is coded as {shown(coding)}; send it as it is.")
    content = body(request, settings)
    if kind == FORM:
        parameters = Parameters(address(request), pairs(content, "body"))
        refuse_update(parameters)
        return required(parameters.one("query")), parameters
    parameters = Parameters(address(request))
    refuse_update(parameters)
    if parameters.several("query"):
        raise UsageError("The parameter query is given in the address and in the body.")
    return required(decoded(content, "body")), parameters


def body(request: Request, settings: Settings) -> bytes:
    """The request's body.

    Raises TooLarge before reading what says its length, or once more than allowed has come.
    """
    limit = settings.body_bytes
    content = b""
    if (request.content_length or 0) <= limit:
        content = request.stream.read(limit + 1)
    if (request.content_length or 0) > limit or len(content) > limit:
        raise TooLarge(f"The body has more than {limit:,} bytes (ATLAS_BODY_BYTES).")
    return content


def address(request: Request) -> Pairs:
    return pairs(request.query_string, "address")


def pairs(content: bytes, place: str) -> Pairs:
    """The fields of a query string or form, in their order.

    Raises UsageError for what is not UTF-8, or for too many fields.
    """
    text = decoded(content, place)
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise UsageError(f"The {place} holds a percent-encoding that is not UTF-8.") from error
    except ValueError as error:
        raise UsageError(f"The {place} has more than {MAX_FIELDS} parameters.") from error


def decoded(content: bytes, place: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"The {place} is not UTF-8 at byte {error.start}.") from error


def required(query: str | None) -> str:
    if query is None or not query.strip():
        raise UsageError("There is no query: give it as the parameter query, or as the body.")
    return query


def refuse_update(parameters: Parameters) -> None:
    names = parameters.names()
    if {"query", "update"} <= names:
        raise UsageError("The parameters query and update are given together; give one of them.")
    if "update" in names:
        raise Forbidden(READ_ONLY)
    for name in UPDATE_DATASET:
        if name in names:
            raise UsageError(
                f"The parameter {name} belongs to updates; a query takes {DATASET[0]}."
            )


def dataset(parameters: Parameters) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """The default and named graphs that the request names; with neither, the engine's own."""
    default, named = (parameters.several(name) for name in DATASET)
    return default, (named if default or named else None)


def seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (isfinite(value) and value > 0):
        raise UsageError(f"The parameter timeout is {shown(text)}; it takes seconds, such as 2.5.")
    return value
