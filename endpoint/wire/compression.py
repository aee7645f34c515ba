"""Compresses what clients accept compressed; each compressed form has an entity tag of its own.

https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding, and section 8.8.3.3 for the tags. The
answers of the engine arrive compressed by its workers; pages and documents are compressed here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from flask import Flask, Response, request

from store.breath import breathe
from store.codings import CODERS, WORTH_IT

ELEMENT = re.compile(r"\s*([A-Za-z0-9*_\-]+)\s*(?:;\s*[qQ]\s*=\s*(0(?:\.[0-9]*)?|1(?:\.0*)?)\s*)?")
SUFFIX = re.compile("-(" + "|".join(CODERS) + r')"')
TEXTS = re.compile(
    r"text/.+|image/svg\+xml|application/("
    r".+\+(json|xml)|json|xml|javascript|n-triples|n-quads|trig|rdf-patch|sparql-(query|update))"
)
# Compressed in pieces of this size, between which other requests have their turn.
PIECE = 256 * 1024


def init_app(app: Flask) -> None:
    app.before_request(read_tags)
    app.after_request(compress)


def read_tags() -> None:
    """Take the tags of compressed forms for that of the content: they stand for the same."""
    environ = request.environ
    for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"):
        if name in environ:
            environ[f"atlas.{name}"] = given = environ[name]
            environ[name] = SUFFIX.sub('"', given)


def compress(response: Response) -> Response:
    if response.status_code == 304:
        held = request.environ.get("atlas.HTTP_IF_NONE_MATCH", "")
        response.headers["ETag"] = form_held(response.headers.get("ETag", ""), held)
    coding = response.headers.get("Content-Encoding")
    if coding is None and response.status_code == 200 and worth_it(response):
        response.vary.add("Accept-Encoding")
        coding = chosen(request.headers.get("Accept-Encoding"))
        if coding:
            response.set_data(compressed(response.get_data(), coding))
            response.headers["Content-Encoding"] = coding
    if coding and "ETag" in response.headers:
        response.headers["ETag"] = form(response.headers["ETag"], coding)
    return response


def worth_it(response: Response) -> bool:
    if response.is_streamed or response.direct_passthrough:
        return False
    length = response.calculate_content_length() or 0
    return length >= WORTH_IT and compressible(response.mimetype)


@lru_cache(maxsize=1024)
def chosen(header: str | None) -> str:
    """The coding that the client likes best of ours, "" for none."""
    weights: dict[str, float] = {}
    for element in (header or "").split(","):
        if named := ELEMENT.fullmatch(element):
            weights.setdefault(named[1].lower(), float(named[2] or 1))
    weights.setdefault("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    liked = {coding: weights.get(coding, weights.get("*", 0.0)) for coding in CODERS}
    best = max(liked, key=lambda coding: liked[coding])
    return best if liked[best] > 0 and liked[best] >= weights.get("identity", 0.0) else ""


@lru_cache(maxsize=256)
def compressible(media_type: str) -> bool:
    return TEXTS.fullmatch(media_type) is not None


def compressed(content: bytes, coding: str) -> bytes:
    coder = CODERS[coding]()
    pieces = []
    for start in range(0, len(content), PIECE):
        if start:
            breathe()
        pieces.append(coder.compress(content[start : start + PIECE]))
    return b"".join([*pieces, coder.flush()])


def form(tag: str, coding: str) -> str:
    """The tag of a compressed form of what has this tag."""
    return f'{tag[:-1]}-{coding}"'


def forms(tag: str) -> tuple[str, ...]:
    """The tags of all forms of what has this tag, in whichever form."""
    if not tag:
        return ()
    plain = SUFFIX.sub('"', tag)
    return plain, *(form(plain, coding) for coding in CODERS)


def form_held(tag: str, held: str) -> str:
    """Of the tags of one content's forms the one that the client says it holds."""
    return next((each for each in forms(tag) if each in held), tag)
