"""``/api/search`` and ``/search``: the things whose names have all the words of a query.

Where these are few or none, those with near names are told apart.

As JSON for programs and for what asks at each keystroke; as a page that needs no script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urljoin, urlsplit

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from atlas.errors import InstanceError, UnknownName, UsageError
from atlas.namespaces import ATLAS
from endpoint.api.finding import Json, class_label, find, named, typed
from endpoint.api.twins import list_titles
from endpoint.language import LANGUAGES, reader_language
from endpoint.names import Names, shortened
from endpoint.reading.protocol import Parameters, address, iri
from endpoint.refusals import refused
from endpoint.site import Site, current_site
from endpoint.wire.addresses import HTML, page_of
from endpoint.wire.answers import CACHING, with_charset
from endpoint.wire.representations import is_held, prefixes, validator
from store import Generation
from store.labels.asked import Found, Hit, Label, Query
from store.labels.kinds import ANY, kinds
from store.labels.search import Index
from store.labels.things import ALTERNATIVE, CODE, HIDDEN, PREFERRED
from store.labels.words import LONGEST_QUERY

blueprint = Blueprint("search", __name__)
PARAMETERS = ("q", "lang", "type", "limit")
LIMIT, MOST, ON_A_PAGE = 20, 100, 50
LONGEST_TYPE = 2_000
# So many kinds of things are offered to narrow a search down; any thing, and one kind, are none.
KINDS_SHOWN, SOLE = 12, 2
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
# A postal code looks like a code of INSEE, and is none.
POSTAL = re.compile(r"[0-9]{5}")
LOCAL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
KINDS = {PREFERRED: "label", ALTERNATIVE: "alternative", HIDDEN: "hidden", CODE: "code"}


@blueprint.get("/api/search")
def api() -> Response:
    site, parameters = current_site(), Parameters(address(request))
    unknown = sorted(parameters.names() - set(PARAMETERS))
    if unknown:
        known = ", ".join(PARAMETERS)
        raise refused(UsageError, "refusal.search_parameter", name=unknown[0], known=known)
    text = text_of(parameters)
    if not text.strip():
        raise refused(UsageError, "refusal.search_nothing")
    query = Query(text, language_of(parameters), type_of(parameters), limit_of(parameters))
    return answer(site, query, lambda found, number: as_json(site, query, found, number))


@blueprint.get("/search")
def page() -> Response:
    site, parameters = current_site(), Parameters(address(request))
    query = Query(text_of(parameters), reader_language(), type_of(parameters), ON_A_PAGE)
    return answer(site, query, lambda found, number: as_page(site, query, found, number), HTML)


def text_of(parameters: Parameters) -> str:
    text = parameters.one("q") or ""
    if len(text) > LONGEST_QUERY:
        raise refused(UsageError, "refusal.too_long", name="q", count=len(text), most=LONGEST_QUERY)
    return text


def language_of(parameters: Parameters) -> str:
    """The reader's language: a tag, or what the request accepts best. Raises UsageError."""
    tag = parameters.one("lang")
    if tag is not None and not LANGUAGE_TAG.fullmatch(tag):
        raise refused(UsageError, "refusal.language_tag", value=tag)
    return tag.lower() if tag else reader_language()


def limit_of(parameters: Parameters) -> int:
    text = parameters.one("limit")
    if text is None:
        return LIMIT
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise refused(
            UsageError, "refusal.number_between", name="limit", value=text, least=1, most=MOST
        )
    return int(text)


def type_of(parameters: Parameters) -> str | None:
    """The class of which things are wanted: an IRI, a prefixed name, or a name of our ontology.

    Raises UsageError for what is none of these.
    """
    text = parameters.one("type") or ""
    if len(text) > LONGEST_TYPE:
        raise refused(UsageError, "refusal.type_too_long", name="type", most=LONGEST_TYPE)
    if not text:
        return None
    if LOCAL_NAME.fullmatch(text):
        return f"{ATLAS}{text}"
    prefix, _, local = text.partition(":")
    if prefix in prefixes() and not local.startswith("//"):
        return iri(prefixes()[prefix] + local, "type")
    return iri(text, "type")


def answer(
    site: Site, query: Query, make: Callable[[Found, int], Response], media_type: str = "json"
) -> Response:
    """The answer, made only where the client does not hold it already.

    Raises Overloaded while no generation is served, InstanceError where its index is missing.
    """
    served = site.served
    etag = tag(served, query, media_type)
    if is_held(etag):
        response = Response(status=304)
    else:
        found, served = find(site, served, query)
        etag = tag(served, query, media_type)
        response = make(found, served.number)
    response.set_etag(etag)
    response.headers["Cache-Control"] = CACHING
    response.headers["Atlas-Generation"] = str(served.number)
    response.vary.update(("Accept-Language",))
    if media_type == HTML:
        response.headers["Content-Language"] = query.language
    return response


def tag(served: Generation, query: Query, media_type: str) -> str:
    asked = (query.text, query.language, query.type or "", str(query.limit))
    return validator(str(served.number), media_type, *asked, request.args.get("lang", ""))


def as_json(site: Site, query: Query, found: Found, generation: int) -> Response:
    return jsonify(
        {
            "query": query.text,
            "language": query.language,
            "type": query.type,
            "generation": generation,
            "limit": query.limit,
            "more": found.more,
            "results": [result(site, query, hit, found) for hit in found.hits],
            "near": [
                {**result(site, query, hit, found), "distance": hit.steps} for hit in found.near
            ],
        }
    )


def result(site: Site, query: Query, hit: Hit, found: Found) -> Json:
    page = page_of(hit.iri, site.settings.base)
    return {
        "iri": hit.iri,
        **named(hit.label),
        "matched": {**named(hit.match, "text"), "kind": KINDS[hit.kind]},
        "type": typed(hit, found, query.language),
        "within": (
            {"iri": hit.within, **named(found.labels.get(hit.within))} if hit.within else None
        ),
        "codes": list(hit.codes),
        "page": page and urljoin(request.url_root, page),
    }


def as_page(site: Site, query: Query, found: Found, generation: int) -> Response:
    asked = request.args.get("lang")
    kept: Json = {"lang": asked} if asked in LANGUAGES else {}
    listed = list_titles(found.hits, generation)
    text = render_template(
        "search.html",
        query=query.text,
        searched=bool(query.words),
        coded=POSTAL.fullmatch(query.text.strip()) is not None,
        kept={**kept, **({"type": query.type} if query.type else {})},
        every=url_for("search.page", q=query.text, **kept),
        only=query.type and class_name(query, found),
        kinds=kinds_found(site, query, generation, kept),
        results=[row(site, query, hit, found, kept, listed) for hit in found.hits],
        near=[row(site, query, hit, found, kept, {}) for hit in found.near],
        more=found.more,
        most=ON_A_PAGE,
        longest=LONGEST_QUERY,
    )
    return Response(text, content_type=with_charset(HTML))


def class_name(query: Query, found: Found) -> str:
    """What the class is called to which the search is held."""
    assert query.type is not None, "only where there is one"
    label = found.labels.get(query.type) or class_label(query.type, query.language)
    return label.text


def kinds_found(site: Site, query: Query, generation: int, kept: Json) -> list[Json]:
    """What the things with these words are, the most frequent first, with how many there are.

    Nothing where all are one kind of thing, or where there are too many to count.
    """

    def counted(index: Index) -> tuple[dict[str, int], dict[str, Label]]:
        counts = kinds(index, query) or {}
        most = sorted(counts, key=lambda name: (name != ANY, -counts[name], name))[
            : KINDS_SHOWN + 1
        ]
        chosen = {name: counts[name] for name in most}
        return chosen, index.labels(chosen.keys() - {ANY}, (query.language, *LANGUAGES))

    try:
        served = site.engine.generations.get(generation)
        counts, labels = site.names.asked(served, counted)
    except (InstanceError, UnknownName):
        return []  # It was pruned in this moment; what was found in it stands.
    named = {name: labels.get(name) or class_label(name, query.language) for name in counts if name}
    return [
        {
            "name": named[name].text if name else "",
            "language": named[name].language if name else "",
            "count": count,
            "href": url_for("search.page", q=query.text, type=name or None, **kept),
            "current": name == (query.type or ANY),
        }
        for name, count in (counts.items() if len(counts) > SOLE else ())
    ]


def row(
    site: Site, query: Query, hit: Hit, found: Found, kept: Json, listed: Mapping[str, str]
) -> Json:
    """One result as the page shows it. ``listed``: the list that a thing is of, by its IRI."""
    names = Names({}, query.language, site.settings.base)
    label = hit.label or hit.match
    kind = typed(hit, found, query.language)
    within = found.labels.get(hit.within)
    other = hit.match if hit.match != label and hit.kind != CODE else None
    return {
        "site": urlsplit(hit.iri).netloc,
        "name": names.link(hit.iri, label.text if label else shortened(hit.iri), told=True),
        "language": label.language if label else "",
        "other": other,
        "type": kind and kind["label"],
        "type_language": kind and kind["language"],
        "only": kind and url_for("search.page", q=query.text, type=kind["iri"], **kept),
        "within": within.text if within else listed.get(hit.iri, ""),
        "codes": hit.codes,
    }
