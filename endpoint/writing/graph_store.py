"""``/data``: the SPARQL 1.1 Graph Store HTTP Protocol, and ``/graph/NAME``, the graphs by name.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from atlas.errors import UnknownName, UnsupportedMedia, UsageError, Wording
from endpoint.negotiate import best
from endpoint.reading import bodies
from endpoint.reading.cursor import resolve
from endpoint.reading.protocol import Parameters, address, iri, number
from endpoint.refusals import refused
from endpoint.site import Site, current_site
from endpoint.temporary import BODIES, own_folder
from endpoint.wire.addresses import HTML
from endpoint.wire.answers import send
from endpoint.wire.formats import negotiate
from endpoint.writing.writes import done, perform, permit, principal
from store import GraphStep, Operation
from store.formats import BY_EXTENSION, DATASET, FORMATS, SOLUTIONS
from store.parsing.syntaxes import SYNTAXES

blueprint = Blueprint("graph_store", __name__)

DEFAULT = "text/turtle"
METHODS = ["GET", "PUT", "POST", "DELETE"]
MULTIPART = "multipart/form-data"
MAX_PARTS = 100
# What a program says of a file whose type it does not know.
UNSAID = ("", "application/octet-stream")
READ = {
    row.media_type: row for row in FORMATS if row.kind != SOLUTIONS and row.extension in SYNTAXES
}
EVERYTHING = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"

# A graph's IRI, "" for the default graph, None for the store itself.
Target = str | None


@blueprint.route("/data", methods=METHODS)
@blueprint.route("/data/", methods=METHODS, endpoint="data_slash")
def indirect() -> Response:
    """https://www.w3.org/TR/sparql11-http-rdf-update/#indirect-graph-identification"""
    return answer(named(Parameters(address(request))))


@blueprint.route("/data/<path:path>", methods=METHODS)
def direct(path: str) -> Response:
    """https://www.w3.org/TR/sparql11-http-rdf-update/#direct-graph-identification"""
    refuse_parameters()
    return answer(own(request.host_url.rstrip("/"), path_as_sent()))


@blueprint.route("/graph/<path:name>", methods=METHODS)
def by_name(name: str) -> Response:
    """The graph whose IRI is the base's and this path, wherever the base is served.

    Who reads pages is led to the page about it.
    """
    refuse_parameters()
    if request.method in ("GET", "HEAD") and set(request.args) <= {"lang"} and wants_page():
        response = Response(status=303)
        response.location = url_for("datasets.source", name=name, lang=request.args.get("lang"))
    else:
        response = answer(own(current_site().settings.base, path_as_sent()))
    response.vary.add("Accept")
    return response


def wants_page() -> bool:
    return best(request.headers.get("Accept"), (DEFAULT, HTML)) == HTML


def answer(target: Target) -> Response:
    methods: dict[str, Callable[[Target], Response]] = {
        "GET": read,
        "HEAD": read,
        "PUT": lambda target: write(target, "replace"),
        "POST": lambda target: write(target, "merge"),
        "DELETE": delete,
    }
    return methods[request.method](target)


def named(parameters: Parameters) -> Target:
    """The graph that the address names. Raises UsageError."""
    graph, default = parameters.one("graph"), parameters.one("default")
    if graph is not None and default is not None:
        raise refused(UsageError, "refusal.graph_or_default")
    if default is not None:
        return ""
    return None if graph is None else iri(graph, "graph")


def refuse_parameters() -> None:
    given = Parameters(address(request)).names() & {"graph", "default"}
    if given:
        raise refused(UsageError, "refusal.graph_in_path", name=min(given))


def path_as_sent() -> str:
    """The path of the request, its percent-encoding untouched."""
    sent = request.environ.get("RAW_URI")
    return urlsplit(sent).path if sent else urlsplit(request.base_url).path


def own(start: str, path: str) -> str:
    """The IRI of a path under an address. Raises UsageError where that is none."""
    try:
        return resolve(f"<{start}{path}>", "")
    except ValueError as error:
        raise refused(UsageError, "refusal.path_iri", path=path) from error


def read(target: Target) -> Response:
    """https://www.w3.org/TR/sparql11-http-rdf-update/#http-get"""
    if target is None:
        raise refused(UsageError, "refusal.graph_which")
    site, parameters = current_site(), Parameters(address(request))
    generation = number(parameters.one("generation"))
    wishes = parameters.several("format")
    media_type = negotiate(request.headers.get("Accept"), "CONSTRUCT", wishes)
    if target and target not in site.catalogue(generation).graphs:
        raise missing(target)
    operation = Operation(EVERYTHING, (target,) if target else ())
    return send(site, operation, media_type, generation=generation)


def write(target: Target, kind: str) -> Response:
    """PUT and POST. https://www.w3.org/TR/sparql11-http-rdf-update/#http-put"""
    site = current_site()
    who = principal(site)
    minted = None
    if request.mimetype == MULTIPART and kind == "replace":
        raise refused(UnsupportedMedia, "refusal.form_by_post", form=MULTIPART)
    if target is None and not holds_graphs():
        if kind == "replace":
            raise refused(UsageError, "refusal.graph_which")
        target = minted = mint(site)
    if target is not None:
        permit(site, who, [target])
    with own_folder(BODIES) as folder:
        steps = received(site, target, kind, folder)
        return done(perform(site, who, steps), location=minted)


def delete(target: Target) -> Response:
    """https://www.w3.org/TR/sparql11-http-rdf-update/#http-delete"""
    site = current_site()
    who = principal(site)
    if target is None:
        raise refused(UsageError, "refusal.graph_which")
    permit(site, who, [target])
    written = perform(site, who, [GraphStep(target, "drop")])
    if written.missing:
        raise missing(target)
    return done(written)


def missing(target: str) -> UnknownName:
    return refused(UnknownName, "refusal.graph_none", graph=target)


def mint(site: Site) -> str:
    """A new graph's IRI: under the base, or at this address where the store is its own.

    https://www.w3.org/TR/sparql11-http-rdf-update/#http-post
    """
    start = f"{request.host_url}data" if site.own_default_graph else f"{site.settings.base}/graph"
    return f"{start}/{uuid.uuid4()}"


def holds_graphs() -> bool:
    """Whether the body is in a syntax that names the graphs of its triples."""
    row = READ.get(request.mimetype)
    return row is not None and row.kind == DATASET


def received(site: Site, target: Target, kind: str, folder: Path) -> list[GraphStep]:
    """The body in a file, or the files of a form, each as a step."""
    bound = bodies.for_write(site.settings)
    if request.mimetype == MULTIPART:
        return parts(target, kind, folder, bound)
    media_type = syntax(request.mimetype, request.mimetype_params.get("charset"))
    body = folder / "body"
    bodies.spool(request, bound, body)
    return [GraphStep(target, kind, body, media_type, target or request.base_url)]


def parts(target: Target, kind: str, folder: Path, bound: bodies.Bound) -> list[GraphStep]:
    """The files of a form. https://www.rfc-editor.org/rfc/rfc7578"""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise refused(UnsupportedMedia, "refusal.form_packed")
    request.max_content_length, request.max_form_parts = bound.bytes, MAX_PARTS
    try:
        files = [file for files in request.files.listvalues() for file in files]
    except RequestEntityTooLarge as error:
        raise bound.exceeded("form") from error
    if not files or request.form:
        raise refused(UsageError, "refusal.form_files")
    steps = []
    for index, file in enumerate(files):
        path = folder / f"part-{index}"
        media_type = syntax(of_part(file), file.mimetype_params.get("charset"))
        file.save(path)
        steps.append(GraphStep(target, kind, path, media_type, target or request.base_url))
    return steps


def of_part(file: FileStorage) -> str:
    """The media type of a file of a form; where it has none, that of the ending of its name."""
    row = BY_EXTENSION.get(Path(file.filename or "").suffix.removeprefix("."))
    return row.media_type if row and file.mimetype in UNSAID else file.mimetype


def syntax(media_type: str, charset: str | None) -> str:
    """The media type, once it is known to be an RDF syntax in UTF-8. Raises UnsupportedMedia."""
    if media_type not in READ or (charset or "utf-8").lower() not in ("utf-8", "utf8"):
        said = f"{media_type}; charset={charset}" if charset else media_type
        raise refused(
            UnsupportedMedia,
            "refusal.body_syntax",
            said=said or Wording("refusal.untold", {}),
            known=tuple(READ),
        )
    return media_type
