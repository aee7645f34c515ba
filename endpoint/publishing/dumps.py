"""``/dumps/``: the graphs of the served generation as files, licence and attribution in each.

Those that may be given away are listed. A graph of invented examples is had by its name alone; one
whose licence nobody verified is refused.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import gevent
from babel.numbers import format_decimal
from flask import Blueprint, Response, render_template, request

from atlas.errors import Forbidden, UnknownName
from endpoint.language import reader_language, translate
from endpoint.names import Names, Value
from endpoint.publishing.distributions import GZIP, address_of, available, distributions, titled
from endpoint.publishing.licences import licence_name
from endpoint.refusals import refused, withheld
from endpoint.site import Site, current_site
from endpoint.wire.addresses import SUFFIXES
from endpoint.wire.answers import CACHING
from endpoint.wire.representations import (
    SYNTAX_NAMES,
    is_held,
    prefixes,
    represent,
    validator,
    wanted,
)
from store import Generation, graph_files
from store.exports.dump import refusals
from store.exports.dump_files import FORMS, PACKED, kept, made, name_of

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
    generation = site.served
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


def chosen(generation: Generation, name: str) -> Entry:
    """The graph whose files have this name. Raises UnknownName, Forbidden."""
    graphs = generation.record.get("graphs", ())
    graph: Entry | None = next((graph for graph in graphs if name_of(graph) == name), None)
    if graph is None:
        raise refused(UnknownName, "refusal.dump", name=name, page=PLACE)
    reason = refusals(graphs).get(graph["name"])
    if reason and graph["publish"] != "illustrative":
        why = withheld(reason)
        raise refused(Forbidden, "refusal.not_given", graph=graph["name"], why=why)
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
    language, known = reader_language(), site.catalogue(generation)
    names, folder = Names({}, language, site.settings.base), graphs_folder(site, generation)
    return render_template(
        "dumps.html",
        generation=generation,
        graphs=[
            {
                "title": names.link(graph["graph"], titled(graph, known.graphs, language)),
                "attribution": graph.get("attribution", ""),
                "licence": graph.get("licence")
                and names.link(graph["licence"], licence_name(graph["licence"])),
                "triples": graph["triples"],
                "size": folder and written_size(size_of(folder, graph)),
                "files": [
                    Value(f"{name_of(graph)}.{form}{PACKED}", address_of(graph, form))
                    for form in FORMS
                ],
            }
            for graph in available(known.record)
        ],
        stem=stem,
        syntaxes=SYNTAX_NAMES,
    )


def graphs_folder(site: Site, generation: int | None) -> Path | None:
    found = site.engine.served
    return found.graphs if found is not None and found.number == generation else None


def size_of(folder: Path, graph: Entry) -> int:
    """Bytes of the graph as N-Triples, unpacked; 0 where the files are gone in this moment."""
    path = folder / graph["file"]
    stem = path.with_suffix("")
    changed = {graph_files.REMOVED: -1, graph_files.ADDED: 1}
    try:
        return path.stat().st_size + sum(
            sign * patch.stat().st_size
            for suffix, sign in changed.items()
            if (patch := stem.with_name(stem.name + suffix)).exists()
        )
    except FileNotFoundError:
        return 0


def written_size(size: int) -> str:
    """A size as readers write it, with three digits at most: ``86 kB``, ``1.2 GB``."""
    value, unit = size / 1000, "kb"
    for larger in ("mb", "gb"):
        if value >= 1000:
            value, unit = value / 1000, larger
    rounded = round(value, 1) if value < 10 else round(value)
    return translate(
        f"datasets.bytes.{unit}", size=format_decimal(rounded, locale=reader_language())
    )
