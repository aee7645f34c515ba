"""``/dumps/``: the graphs of the served generation as files, licence and attribution in each.

Those that may be given away are listed. A graph of invented examples is had by its name alone; one
whose licence nobody verified is refused.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import gevent
from flask import Blueprint, Response, render_template, request

from atlas.errors import Forbidden, Overloaded, UnknownName, shown
from endpoint.addresses import SUFFIXES
from endpoint.answers import CACHING
from endpoint.distributions import GZIP, address_of, available, distributions, titled
from endpoint.language import reader_language
from endpoint.names import Value
from endpoint.representations import (
    SYNTAX_NAMES,
    is_held,
    prefixes,
    represent,
    validator,
    wanted,
)
from endpoint.site import Site, current_site
from store import Generation
from store.dump import refusals
from store.dump_files import FORMS, PACKED, kept, made, name_of

blueprint = Blueprint("dumps", __name__)
PLACE = "/dumps/"
CHUNK = 64 * 1024
FILE = f"{PLACE}<name>.<any({', '.join(FORMS)}):extension>{PACKED}"
# One file is made at a time in one process; whoever else wants one waits as a greenlet.
MAKING = threading.Lock()

Entry = Mapping[str, Any]


@blueprint.get(PLACE)
@blueprint.get(f"{PLACE}index.<any({', '.join(SUFFIXES)}):suffix>", endpoint="files_as")
def files(suffix: str = "") -> Response:
    """The files that there are: to a program as distributions of the catalogue."""
    site = current_site()
    generation = site.generation
    stem = f"{request.script_root}{PLACE}index"
    return represent(
        wanted(SUFFIXES.get(suffix)),
        triples=lambda: distributions(site, generation),
        page=lambda: page(site, generation, stem),
        stem=stem,
        generation=generation,
    )


@blueprint.get(FILE)
def file(name: str, extension: str) -> Response:
    """One graph in one syntax. Raises UnknownName, Forbidden."""
    site = current_site()
    generation = served(site)
    graph = chosen(generation, name)
    etag = validator(str(generation.number), GZIP)
    if is_held(etag):
        response = Response(status=304)
    else:
        stream = kept(site.settings.home, generation, graph, extension)
        response = sent(stream or make(site, generation, graph, extension))
    response.set_etag(etag)
    response.headers["Cache-Control"] = CACHING
    response.headers["Atlas-Generation"] = str(generation.number)
    return response


def served(site: Site) -> Generation:
    """Raises Overloaded while there is none."""
    generation = site.engine.served
    if generation is None:
        raise Overloaded("No generation is served yet; atlas build makes one.")
    return generation


def chosen(generation: Generation, name: str) -> Entry:
    """The graph whose files have this name. Raises UnknownName, Forbidden."""
    graphs = generation.record.get("graphs", ())
    graph: Entry | None = next((graph for graph in graphs if name_of(graph) == name), None)
    if graph is None:
        raise UnknownName(f"There is no dump {shown(name)}; {PLACE} lists those that there are.")
    reason = refusals(graphs).get(graph["name"])
    if reason and graph["publish"] != "illustrative":
        why, _, _ = reason.partition(";")
        raise Forbidden(f"The graph {graph['name']} is not given away: {why}.")
    return graph


def make(site: Site, generation: Generation, graph: Entry, extension: str) -> BinaryIO:
    """The file made in a thread of its own, so that other requests are answered meanwhile."""
    with MAKING:
        stream: BinaryIO = gevent.get_hub().threadpool.apply(
            made, (site.settings.home, generation, graph, extension, prefixes())
        )
        return stream


def sent(stream: BinaryIO) -> Response:
    """The file in pieces, its length first."""
    size = stream.seek(0, 2)
    stream.seek(0)

    def pieces() -> Iterator[bytes]:
        while piece := stream.read(CHUNK):
            yield piece

    response = Response(pieces(), content_type=GZIP)
    response.content_length = size
    response.call_on_close(stream.close)
    return response


def page(site: Site, generation: int | None, stem: str) -> str:
    graphs = available(site.record(generation))
    language, catalogue = reader_language(), site.catalogue(generation)
    return render_template(
        "dumps.html",
        generation=generation,
        graphs=[
            (
                titled(graph, catalogue.graphs, language),
                graph["triples"],
                [
                    Value(f"{name_of(graph)}.{form}{PACKED}", address_of(graph, form))
                    for form in FORMS
                ],
            )
            for graph in graphs
        ],
        stem=stem,
        syntaxes=SYNTAX_NAMES,
    )
