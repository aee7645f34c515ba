"""One resource in the format that the request asks: by suffix, by ``format=``, by Accept.

RDF in every syntax, and a page for people. https://www.w3.org/TR/webarch/#representations-reps
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Response, jsonify, request
from pyoxigraph import RdfFormat, Triple, parse, serialize

import atlas
from atlas.errors import NotAcceptable
from endpoint.language import reader_language
from endpoint.negotiate import best
from endpoint.refusals import refused
from endpoint.wire.addresses import HTML, extension, sent_path
from endpoint.wire.answers import CACHING, with_charset
from endpoint.wire.formats import GRAPH_ALIASES, GRAPH_TYPES, negotiate
from endpoint.wire.formats import OFFERED as OFFERED_FORMATS
from endpoint.wire.namespaces import namespaces
from store.formats import BY_MEDIA_TYPE
from store.sayable import sayable

OFFERED = (*GRAPH_TYPES, HTML)
SYNTAX_NAMES = {row.extension: row.name for row in OFFERED_FORMATS["CONSTRUCT"]}
ALIASES = {**GRAPH_ALIASES, "application/xhtml+xml": HTML}
PREFIX_TABLE = Path(__file__).parents[2] / "ontology" / "prefixes.ttl"


def wanted(suffix: str | None = None) -> str:
    """The media type to answer with. Raises NotAcceptable, UsageError.

    ``suffix``: the type that the address itself names, which then is the only one.
    """
    if suffix is not None:
        return suffix
    wishes = request.args.getlist("format")
    if wishes == ["html"]:
        return HTML
    if wishes:
        return negotiate(None, "CONSTRUCT", wishes)
    accept = request.headers.get("Accept")
    chosen = best(accept, OFFERED, ALIASES)
    if chosen is None:
        known = ", ".join(OFFERED)
        raise refused(NotAcceptable, "refusal.accept", accept=accept or "", known=known)
    return chosen


def represent(
    media_type: str,
    *,
    triples: Callable[[], Iterable[Triple]],
    page: Callable[[], str],
    stem: str = "",
    generation: int | None = None,
    version: str = "",
    asked: str = "",
) -> Response:
    """The answer in this format, made only where the client does not hold it already.

    ``stem``: the address without a suffix, where each format has an address of its own.
    ``generation``: the state of the data that the content is made from; ``version``: what it is
    a function of, where that is not the data; ``asked``: what else than its path an address says.
    """
    language = reader_language() if media_type == HTML else ""
    # Links keep the language that the address asks for, so one page differs from the other.
    kept = request.args.get("lang", "") if media_type == HTML else ""
    etag = validator(version or str(generation), media_type, language, kept, asked)
    if is_held(etag):
        response = Response(status=304)
    elif media_type == HTML:
        response = Response(page(), content_type=with_charset(HTML))
    else:
        response = Response(written(triples(), media_type), content_type=with_charset(media_type))
    response.set_etag(etag)
    response.headers["Cache-Control"] = CACHING
    response.vary.update(("Accept", "Accept-Language"))
    if generation is not None:
        response.headers["Atlas-Generation"] = str(generation)
    if language:
        response.headers["Content-Language"] = language
    if stem:
        response.headers["Content-Location"] = f"{stem}.{extension(media_type)}"
        response.headers["Link"] = ", ".join(alternate(stem, other) for other in OFFERED)
    return response


def represent_json(make: Callable[[], object], *, version: str) -> Response:
    """A JSON document that is a function of this version of the program."""
    etag = validator(version, "json")
    response = Response(status=304) if is_held(etag) else jsonify(make())
    response.set_etag(etag)
    response.headers["Cache-Control"] = CACHING
    return response


def is_held(etag: str) -> bool:
    """Whether the client says that it holds what has this tag; "*" is found out by making it.

    A proxy that compresses makes tags weak: here they match all the same.
    https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match
    """
    held = request.if_none_match
    return not held.star_tag and held.contains_weak(etag)


def validator(version: str, *parts: str) -> str:
    """The entity tag: one state of the data, one address, one format, one answer."""
    whole = repr((atlas.__version__, request.url_root, sent_path(request), *parts))
    return f"{version}-{sha256(whole.encode()).hexdigest()[:24]}"


def alternate(stem: str, media_type: str) -> str:
    """https://www.rfc-editor.org/rfc/rfc8288#section-3.4.1"""
    return f'<{stem}.{extension(media_type)}>; rel="alternate"; type="{media_type}"'


def written(triples: Iterable[Triple], media_type: str) -> bytes:
    """The triples in an RDF syntax, with those of the project's prefixes that they make use of.

    Raises NotAcceptable where the syntax cannot say them.
    """
    syntax = BY_MEDIA_TYPE[media_type].engine
    assert isinstance(syntax, RdfFormat)
    said = list(sayable(triples) if syntax == RdfFormat.RDF_XML else triples)
    return serialize(said, format=syntax, prefixes=namespaces(said, prefixes())) or b""


@cache
def prefixes() -> dict[str, str]:
    """The one table of prefixes."""
    reading = parse(path=str(PREFIX_TABLE), format=RdfFormat.TURTLE)
    for _ in reading:
        pass  # The table has no triple; its prefixes are known once it is read.
    return dict(reading.prefixes)
