"""Which IRI an address of this site stands for, and which address of this site an IRI has.

A partner's site may have another ``base`` than the one our terms are named under: its things are
under the base, the terms always under the project's own namespace; both have a path here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urlsplit

from flask import Request, request
from pyoxigraph import NamedNode

from queries.parameters import LONGEST
from store.formats import FORMATS, SOLUTIONS

ROOT = "https://w3id.org/atlas-relationnel"
MODULES = f"{ROOT}/module/"
# What is published under the base, and what under the project's own namespace.
THINGS = ("/id/", "/graph/", "/.well-known/", "/catalog")
TERMS = ("/ontology/", "/vocabulary/", "/module/")
HTML = "text/html"
# Where the pages are of what is named there.
PAGES = {"/id/": "/doc/", "/graph/": "/datasets/"}
SUFFIXES = {
    **{row.extension: row.media_type for row in FORMATS if row.kind != SOLUTIONS},
    "html": HTML,
}
# What this atlas says of a thing of another site.
ABOUT = "/about"
# What may stand in a path or a fragment as it is; everything else is percent-encoded.
KEPT = "/:@!$&'()*+,;=~#%"
NOT_ASCII = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")


def own_path(iri: str, base: str) -> str | None:
    """The path of this site where an IRI leads to, None where it is not one of ours."""
    own = from_root(iri, base)
    return None if own is None else request.script_root + own


@lru_cache(maxsize=4096)
def from_root(iri: str, base: str) -> str | None:
    """The same from this application's root; a page asks of the same IRIs again and again."""
    for root, places in ((base, THINGS), (ROOT, TERMS)):
        rest = iri.removeprefix(root)
        if rest != iri and rest.startswith(places):
            return quote(rest, safe=KEPT)
    return None


def link(iri: str, base: str) -> str | None:
    """Where a page may lead for an IRI found in data: here, else to the web; else nowhere."""
    own = from_root(iri, base)
    if own is None:
        return on_the_web(iri)
    # Straight to the document, which the thing's own address would only redirect to; what is at a
    # graph's own address is for programs.
    for place, page in PAGES.items():
        if own.startswith(place):
            own = page + own.removeprefix(place)
    return request.script_root + own


def on_the_web(address: str) -> str | None:
    """What the data gives is a link only where it leads to a page."""
    return address if address.startswith(("https://", "http://")) else None


def about(iri: str) -> str:
    """The address here of what is said of a thing of another site."""
    return f"{request.script_root}{ABOUT}?iri={quote(iri, safe='')}"


def page_of(iri: str, base: str) -> str | None:
    """Where this atlas shows what it says of a thing, its own or another site's; else None."""
    if own_path(iri, base) is not None:
        return link(iri, base)
    return about(iri) if nameable(iri) else None


def nameable(iri: str) -> bool:
    """Whether a thing can be asked for by this IRI: the parameters of queries are bounded.

    A text of the data may begin as an IRI and be none.
    """
    return iri.startswith(("http://", "https://", "urn:")) and len(iri) < LONGEST and _is_iri(iri)


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def sent_path(request: Request) -> str:
    """The path as it was sent, percent-encodings and all, from this application's root."""
    raw = urlsplit(request.environ.get("RAW_URI", "")).path
    whole = raw or quote(request.script_root + request.path, safe=KEPT)
    return whole.removeprefix(request.script_root)


def split_suffix(path: str) -> tuple[str, str | None]:
    """A path without the suffix that names a format, and that format's media type."""
    stem, _, suffix = path.rpartition(".")
    if stem and suffix in SUFFIXES and not stem.endswith("/"):
        return stem, SUFFIXES[suffix]
    return path, None


def iris(root: str, path: str) -> Iterator[NamedNode]:
    """The IRIs that a path as sent may stand for: as it is written, in letters, decoded whole."""
    for spelling in dict.fromkeys((path, in_letters(path), decoded(path))):
        try:
            yield NamedNode(root + spelling)
        except ValueError:
            continue


def in_letters(path: str) -> str:
    """The path with what stands for letters beyond ASCII written in letters, where it is UTF-8."""
    return NOT_ASCII.sub(lambda match: _utf_8(match[0]) or match[0], path)


def decoded(path: str) -> str:
    return _utf_8(path) or path


def _utf_8(text: str) -> str | None:
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        return None


def extension(media_type: str) -> str:
    """The suffix under which this format is had."""
    return next(suffix for suffix, named in SUFFIXES.items() if named == media_type)
