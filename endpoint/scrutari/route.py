"""``/scrutari/``: what the atlas has as ScrutariData, for the engines of the Scrutari family.

``/scrutari/atlas.xml`` has the documents that the atlas itself recorded, ``/scrutari/NAME.xml``
those of a resource site. Only what the default graph says is in them.
http://www.scrutari.net/dokuwiki/scrutaridata:xml
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Blueprint, Response, render_template, request, url_for
from pyoxigraph import Literal, NamedNode, Triple

from atlas.errors import UnknownName
from atlas.namespaces import DCAT, DCTERMS
from endpoint.cache import Kept, Key
from endpoint.catalogue import Queries
from endpoint.language import LANGUAGES, translate
from endpoint.refusals import refused
from endpoint.scrutari.bases import FORMAT, Base, all_bases
from endpoint.scrutari.content import MEDIA_TYPE, Export
from endpoint.site import Reader, current_site
from endpoint.view import View, current_view
from endpoint.wire.addresses import SUFFIXES
from endpoint.wire.answers import CACHING, WHOLE
from endpoint.wire.clients import current_client
from endpoint.wire.representations import SYNTAX_NAMES, is_held, represent, validator, wanted
from store import Answer
from store.statistics import RDF_TYPE, void_dataset

blueprint = Blueprint("scrutari", __name__)
PLACE = "/scrutari/"


@blueprint.get(PLACE)
@blueprint.get(f"{PLACE}index.<any({', '.join(SUFFIXES)}):suffix>", endpoint="bases_as")
def bases(suffix: str = "") -> Response:
    """The bases that there are."""
    site = current_site()
    reader, base = site.reader(current_client()), site.settings.base
    return represent(
        wanted(SUFFIXES.get(suffix)),
        triples=lambda: described(all_bases(reader, base), base),
        page=lambda: page(all_bases(reader, base), current_view(reader.generation)),
        stem=f"{request.script_root}{PLACE}index",
        generation=reader.generation,
    )


@blueprint.get(f"{PLACE}<name>.xml")
def base(name: str) -> Response:
    """One base whole; 304 where the client holds it. Raises UnknownName, AnswerTooBig."""
    site = current_site()
    reader = site.reader(current_client())
    etag = validator(str(reader.generation), MEDIA_TYPE)
    response = Response(status=304) if is_held(etag) else Response(content_type=MEDIA_TYPE)
    if response.status_code == 200:
        fill(response, name, etag, reader)
    response.set_etag(etag)
    response.headers["Cache-Control"] = CACHING
    response.headers["Atlas-Generation"] = str(reader.generation)
    return response


def fill(response: Response, name: str, etag: str, reader: Reader) -> None:
    """Give the response its body: from the cache, or written anew and kept where it fits there.

    It is written once, however many ask for it at one time.
    """
    site = current_site()
    key = Key(reader.generation or 0, f"{PLACE}{etag}", "")
    with site.cache.asking(key, site.settings.query_timeout):
        kept = site.cache.get(key)
        if kept is not None:
            response.set_data(kept.body)
            return
        answer = written(name, reader)
        if answer.size > max(site.cache.largest, WHOLE):
            response.response = answer
            response.content_length = answer.size
            response.call_on_close(answer.close)
            return
        content = answer.read()
        site.cache.put(key, Kept(content, ""), len(content))
        response.set_data(content)


def written(name: str, reader: Queries) -> Answer:
    """The base in a spool: its size is known before a byte of it is sent."""
    settings = current_site().settings
    known = all_bases(reader, settings.base)
    if name not in known:
        raise refused(UnknownName, "refusal.base", name=name, page=PLACE, count=len(known))
    answer = Answer(MEDIA_TYPE, limit=settings.answer_bytes)
    try:
        Export(
            reader, known[name], root=settings.base, sink=answer, limit=settings.answer_bytes
        ).write()
    except BaseException:
        answer.close()
        raise
    return answer


def described(known: Mapping[str, Base], root: str) -> Iterator[Triple]:
    """Each base as a distribution of what the atlas holds."""
    for each in known.values():
        address = NamedNode(address_of(each))
        yield Triple(void_dataset(root), NamedNode(f"{DCAT}distribution"), address)
        yield Triple(address, RDF_TYPE, NamedNode(f"{DCAT}Distribution"))
        yield Triple(address, NamedNode(f"{DCAT}downloadURL"), address)
        yield Triple(address, NamedNode(f"{DCTERMS}conformsTo"), NamedNode(FORMAT))
        for language in LANGUAGES:
            title = translate("scrutari.base", language, name=each.name)
            yield Triple(address, NamedNode(f"{DCTERMS}title"), Literal(title, language=language))
        if each.site:
            yield Triple(address, NamedNode(f"{DCTERMS}source"), NamedNode(each.site))


def address_of(base: Base) -> str:
    return url_for("scrutari.base", name=base.name, _external=True)


def page(known: Mapping[str, Base], view: View) -> str:
    names = view.names(base.site for base in known.values() if base.site)
    return render_template(
        "scrutari.html",
        bases=[
            (base, address_of(base), names.value(base.site) if base.site else None)
            for base in known.values()
        ],
        stem=f"{request.script_root}{PLACE}index",
        syntaxes=SYNTAX_NAMES,
    )
