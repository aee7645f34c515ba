"""Reads an HTTP request as a SPARQL query or update, strictly and once.

https://www.w3.org/TR/sparql11-protocol/#protocol. A parameter given twice, or in the address and in
the body, is refused: whichever were taken, somebody would get the answer to another question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from urllib.parse import parse_qsl

from flask import Request

from atlas.errors import UnsupportedMedia, UsageError, Wording
from atlas.settings import Settings
from endpoint.reading import bodies
from endpoint.reading.cursor import absolute
from endpoint.reading.using import Using
from endpoint.refusals import refused
from store import Operation

FORM = "application/x-www-form-urlencoded"
DIRECT_QUERY = "application/sparql-query"
DIRECT_UPDATE = "application/sparql-update"
DATASET = ("default-graph-uri", "named-graph-uri")
UPDATE_DATASET = ("using-graph-uri", "using-named-graph-uri")
QUERIES_ONLY = (*DATASET, "generation")
MAX_FIELDS = 1_000

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """A query with what the request says about its answer.

    ``generation``: the number of an older generation to ask; None: the one served. ``partial``:
    whether partners that fail may be left out. ``sources``, ``explain``: of a federated query,
    whether its rows name their sites, and whether its plan is wanted instead of its answer.
    """

    operation: Operation
    formats: tuple[str, ...]
    timeout: float | None
    generation: int | None = None
    partial: bool = False
    sources: bool = False
    explain: bool = False


@dataclass(frozen=True)
class Change:
    """An update with the dataset that the request gives its WHERE clauses."""

    text: str
    using: Using
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
            raise refused(UsageError, "refusal.twice", name=name, count=len(values))
        return values[0] if values else None

    def several(self, name: str) -> tuple[str, ...]:
        """The values of a parameter that may be repeated, in one place.

        Raises UsageError where it is given in two places.
        """
        given = [place[name] for place in self._places if name in place]
        if len(given) > 1:
            raise refused(UsageError, "refusal.both_places", name=name)
        return tuple(given[0]) if given else ()

    def names(self) -> set[str]:
        return {name for place in self._places for name in place}


def grouped(pairs: Pairs) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def parse_operation(
    request: Request, settings: Settings, *, trusted: bool = False
) -> Asked | Change:
    """The query or update that a request asks for.

    ``trusted``: its sender holds a token; only then may a body be as large as a write.
    Raises UsageError for parameters that are missing, repeated or unreadable, UnsupportedMedia or
    TooLarge for a body that is neither or too big.
    """
    if request.method == "POST":
        return read_post(request, settings, trusted)
    parameters = Parameters(address(request))
    if "update" in parameters.names():
        refuse_both(parameters)
        raise refused(UsageError, "refusal.update_by_post")
    return as_query(parameters.one("query"), parameters)


def read_post(request: Request, settings: Settings, trusted: bool) -> Asked | Change:
    kind = request.mimetype
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if kind not in (FORM, DIRECT_QUERY, DIRECT_UPDATE) or charset not in ("utf-8", "utf8"):
        raise refused(
            UnsupportedMedia,
            "refusal.body_type",
            said=request.content_type or Wording("refusal.untold", {}),
            form=FORM,
            query=DIRECT_QUERY,
            update=DIRECT_UPDATE,
        )
    place = address(request)
    update = kind == DIRECT_UPDATE
    # A form may hold an update, and only its content says so.
    large = trusted and kind != DIRECT_QUERY
    bound = bodies.for_write(settings) if large else bodies.for_query(settings)
    if kind == FORM:
        form = pairs(bodies.read(request, bound), "body")
        return read_form(Parameters(place, form), place)
    parameters = Parameters(place)
    own, other = ("update", "query") if update else ("query", "update")
    if other in parameters.names():
        raise refused(UsageError, f"refusal.body_is.{own}")
    if own in parameters.names():
        raise refused(UsageError, "refusal.both_places", name=own)
    text = decoded(bodies.read(request, bound), "body")
    return as_update(text, parameters) if update else as_query(text, parameters)


def read_form(parameters: Parameters, address: Pairs) -> Asked | Change:
    refuse_both(parameters)
    if "update" not in parameters.names():
        return as_query(parameters.one("query"), parameters)
    text = parameters.one("update")
    if "update" in grouped(address):
        raise refused(UsageError, "refusal.update_in_body")
    return as_update(text, parameters)


def as_query(text: str | None, parameters: Parameters) -> Asked:
    refuse_foreign(parameters, UPDATE_DATASET, "updates")
    default, named = (parameters.several(name) for name in DATASET)
    return Asked(
        operation=Operation(required(text, "query"), default, named if default or named else None),
        formats=parameters.several("format"),
        timeout=seconds(parameters.one("timeout")),
        generation=number(parameters.one("generation")),
        partial=flag(parameters, "partial"),
        sources=flag(parameters, "sources"),
        explain=flag(parameters, "explain"),
    )


def as_update(text: str | None, parameters: Parameters) -> Change:
    refuse_foreign(parameters, QUERIES_ONLY, "queries")
    default, named = (
        tuple(iri(value, name) for value in parameters.several(name)) for name in UPDATE_DATASET
    )
    return Change(
        text=required(text, "update"),
        using=Using(default, named),
        timeout=seconds(parameters.one("timeout")),
    )


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
        raise refused(UsageError, "refusal.not_text", place=in_words(place)) from error
    except ValueError as error:
        where = in_words(place)
        raise refused(
            UsageError, "refusal.many_parameters", place=where, most=MAX_FIELDS
        ) from error


def decoded(content: bytes, place: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        where = in_words(place)
        raise refused(UsageError, "refusal.bytes", place=where, byte=error.start) from error


def in_words(place: str) -> Wording:
    """What a place of the request is called."""
    return Wording(f"refusal.where.{place}", {})


def required(text: str | None, what: str) -> str:
    if text is None or not text.strip():
        raise refused(UsageError, f"refusal.none_given.{what}")
    return text


def refuse_both(parameters: Parameters) -> None:
    if {"query", "update"} <= parameters.names():
        raise refused(UsageError, "refusal.query_and_update")


def refuse_foreign(parameters: Parameters, names: Sequence[str], whose: str) -> None:
    for name in names:
        if name in parameters.names():
            raise refused(UsageError, f"refusal.belongs.{whose}", name=name)


def iri(text: str, name: str) -> str:
    """The absolute IRI that a parameter gives. Raises UsageError."""
    try:
        return absolute(text)
    except ValueError as error:
        raise refused(UsageError, "refusal.iri", name=name, value=text) from error


def seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (isfinite(value) and value > 0):
        raise refused(UsageError, "refusal.seconds", value=text)
    return value


def flag(parameters: Parameters, name: str) -> bool:
    """Whether a parameter is 1; without it, it is 0. Raises UsageError for all else."""
    text = parameters.one(name)
    if text not in (None, "0", "1"):
        raise refused(UsageError, "refusal.flag", name=name, value=text)
    return text == "1"


def number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise refused(UsageError, "refusal.generation_number", value=text)
    return int(text)
