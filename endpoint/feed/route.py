"""``/feed/``: what changed from one generation to the next, for whoever keeps a mirror.

    /feed/                    a page for people
    /feed/changes.atom        an entry for each generation (RFC 4287), archives of it (RFC 5005)
    /feed/patch/7/9           RDF Patch: what makes generation 7 generation 9; 0 is the empty one
    /feed/ldes                versions of the graphs as a Linked Data Event Stream

It tells what the dumps hold and nothing else.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import BinaryIO, cast

from flask import Blueprint, Response, render_template, request, url_for

from atlas.errors import Gone, UnknownName, Wording, shown
from endpoint import refusals
from endpoint.feed import ldes as feed_ldes
from endpoint.feed.events import PAGE, History, history, refused, told
from endpoint.feed.events import patch as patch_between
from endpoint.language import reader_language
from endpoint.publishing.dumps import CHUNK
from endpoint.site import Site, current_site
from endpoint.wire.addresses import SUFFIXES
from endpoint.wire.answers import CACHING, WHOLE
from endpoint.wire.representations import SYNTAX_NAMES, is_held, represent, validator, wanted
from store import Generation, disk
from store.exports.history import state
from store.exports.patches import Patch
from store.sayable import UNWRITABLE

blueprint = Blueprint("feed", __name__)
PLACE = "/feed/"
ATOM, PATCH = "application/atom+xml", "application/rdf-patch"


@blueprint.get(PLACE)
def page() -> Response:
    """The newest changes for people; to a program where the stream of them is."""
    return stream(wanted())


@blueprint.get(f"{PLACE}ldes")
@blueprint.get(f"{PLACE}ldes.<any({', '.join(SUFFIXES)}):suffix>", endpoint="ldes_as")
def ldes(suffix: str = "") -> Response:
    """The stream and its pages."""
    return stream(wanted(SUFFIXES.get(suffix)))


@blueprint.get(f"{PLACE}ldes/<int:number>")
@blueprint.get(f"{PLACE}ldes/<int:number>.<any({', '.join(SUFFIXES)}):suffix>", endpoint="node_as")
def node(number: int, suffix: str = "") -> Response:
    """One page of the stream. Raises UnknownName, Gone."""
    site = current_site()
    now, past = site.served.number, history(site)
    check_page(past, number, now)
    return represent(
        wanted(SUFFIXES.get(suffix)),
        triples=lambda: feed_ldes.page(past, number),
        page=lambda: page_of(site, past, number),
        stem=f"{request.script_root}{PLACE}ldes/{number}",
        generation=now,
        version=past.version,
    )


def stream(media_type: str) -> Response:
    site = current_site()
    now, past = site.served.number, history(site)
    return represent(
        media_type,
        triples=lambda: feed_ldes.root(past),
        page=lambda: page_of(site, past, past.pages[-1] if past.pages else 0),
        stem=f"{request.script_root}{PLACE}ldes",
        generation=now,
        version=past.version,
    )


def page_of(site: Site, past: History, number: int) -> str:
    older = [page for page in past.pages if page < number]
    return render_template(
        "feed.html",
        events=[told(event, site) for event in past.events(number)],
        older=url_for("feed.node", number=older[-1], lang=reader_language()) if older else "",
        stem=f"{request.script_root}{PLACE}ldes",
        syntaxes=SYNTAX_NAMES,
    )


@blueprint.get(f"{PLACE}changes.atom")
@blueprint.get(f"{PLACE}changes-<int:number>.atom", endpoint="archive")
def atom(number: int | None = None) -> Response:
    """The newest changes, or an archive of older ones. Raises UnknownName, Gone."""
    site = current_site()
    now, past = site.served.number, history(site)
    if number is not None:
        check_page(past, number, now)
    etag = validator(past.version, ATOM, reader_language())
    if is_held(etag):
        response = Response(status=304)
    else:
        response = Response(written(site, past, number), content_type=ATOM)
    response.set_etag(etag)
    response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = CACHING
    response.headers["Content-Language"] = reader_language()
    response.headers["Atlas-Generation"] = str(now)
    return response


def check_page(past: History, number: int, now: int) -> None:
    if number not in past.pages:
        if not past.pages or number > past.pages[-1]:
            raise refusals.refused(
                UnknownName, "refusal.changes_page", page=shown(number), feed=PLACE
            )
        first = number * PAGE
        raise refusals.refused(
            Gone,
            "refusal.changes_gone",
            first=str(first),
            last=str(first + PAGE - 1),
            again=start_again(now),
        )


def written(site: Site, past: History, number: int | None) -> bytes:
    """https://www.rfc-editor.org/rfc/rfc4287, https://www.rfc-editor.org/rfc/rfc5005#section-4"""
    pages = past.pages
    at = number if number is not None else (pages[-1] if pages else 0)
    older = [page for page in pages if page < at]
    newer = [page for page in pages if at < page]
    text = render_template(
        "changes.xml",
        base=site.settings.base,
        language=reader_language(),
        events=[told(event, site) for event in past.events(at)],
        archive=bool(newer),
        own=archive_address(at) if number is not None else url_for("feed.atom", _external=True),
        older=archive_address(older[-1]) if older else "",
        # The newest page is no archive: what follows the last of them is the feed itself.
        newer=archive_address(newer[0]) if newer[:-1] else "",
    )
    return UNWRITABLE.sub("\ufffd", text).encode("utf-8")


def archive_address(number: int) -> str:
    return url_for("feed.archive", number=number, _external=True)


@blueprint.get(f"{PLACE}patch/<int:old>/<int:new>")
def patch(old: int, new: int) -> Response:
    """What makes one generation the other. Raises UnknownName, Gone."""
    site = current_site()
    now = site.served
    before, after = kept(site, old, now) if old else None, kept(site, new, now)
    base = site.settings.base
    found = patch_between(site, before, after)
    for name, reason in refused(found.graphs, before, after, now).items():
        raise refusals.refused(
            Gone,
            "refusal.changes_withheld",
            old=str(old),
            new=str(new),
            graph=name,
            why=refusals.withheld(reason),
            again=start_again(now.number),
        )
    etag = validator(str(new), state(before, base) if before else "", state(after, base))
    response = Response(status=304) if is_held(etag) else sent(found)
    response.set_etag(etag)
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = CACHING
    response.headers["Atlas-Generation"] = str(new)
    return response


def kept(site: Site, number: int, now: Generation) -> Generation:
    """Raises Gone for a generation that is not kept any more, UnknownName for one to come."""
    found = {generation.number: generation for generation in site.engine.generations.all()}
    if number in found:
        return found[number]
    if number > max(found, default=0):
        numbers = ", ".join(map(str, found))
        raise refusals.refused(
            UnknownName, "refusal.generation_none", number=shown(number), kept=numbers
        )
    raise refusals.refused(
        Gone, "refusal.generation_gone", number=str(number), again=start_again(now.number)
    )


def start_again(generation: int) -> Wording:
    """How to go on from the generation that is served."""
    return Wording("refusal.start_again", {"generation": str(generation)})


def sent(found: Patch) -> Response:
    """The patch: a small one as any document, a large one from its file, packed if it may be."""
    with disk.sentences(found.file):
        file = found.file.open("rb")
    response = Response(content_type=PATCH)
    if found.size > WHOLE and request.accept_encodings["gzip"] > 0:
        response.response = pieces(file)
        response.content_length = found.file.stat().st_size
        response.headers["Content-Encoding"] = "gzip"
        response.call_on_close(file.close)
        return response
    unpacked = cast(BinaryIO, gzip.GzipFile(fileobj=file))
    if found.size > WHOLE:
        response.response = pieces(unpacked)
        response.content_length = found.size
        response.call_on_close(file.close)
        return response
    with file:
        response.set_data(unpacked.read())
    return response


def pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece
