"""``/local``: a reader's own map, shared by its address or by a file; nothing of it is kept here.

/local?m=MAP                  the map that the address holds, with forms to change it
/local/change?m=MAP&do=…      a change: leads to the address of the map changed
/local/map.ttl?m=MAP          the map as RDF
/local/open                   a file sent by POST: leads to the address of its map
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from atlas.errors import TooLarge, UsageError
from endpoint.api.finding import find
from endpoint.errors import wants_page
from endpoint.names import Value, folded
from endpoint.page_addresses import at
from endpoint.refusals import refused, sentence
from endpoint.view import View, answer, current_view
from endpoint.web.local import rdf as local_rdf
from endpoint.web.local.map import LARGEST, STATUSES, Link, LocalMap, Thing, decoded, encoded
from endpoint.web.local.picture import picture
from endpoint.wire.addresses import SUFFIXES, nameable
from endpoint.wire.answers import with_charset
from endpoint.wire.representations import written
from store.labels.asked import Query

blueprint = Blueprint("local", __name__)
FOUND = 8
# What a form sends beside its fields.
BESIDE = 64 * 1024
LONGEST_FILE_NAME = 60

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Sentence:
    """A relation as a sentence, of the map or of the atlas."""

    source: Value
    verb: str
    target: Value
    status: str
    note: str = ""
    add: str = ""


@blueprint.get("/local")
def page() -> Response:
    code = request.args.get("m", "")
    try:
        local = decoded(code)
    except UsageError as error:
        return told(error)
    return answer(lambda view: shown_map(view, local, code))


@blueprint.get("/local/change")
def change() -> WerkzeugResponse:
    """The page of the map as it was, with the reason, for a change that cannot be made."""
    code, wish = request.args.get("m", ""), request.args.get("do", "")
    try:
        local = decoded(code)
        if wish not in CHANGES:
            raise refused(UsageError, "refusal.local_change", wish=wish, known=tuple(CHANGES))
        return to(CHANGES[wish](local, request.args))
    except UsageError as error:
        return told(error, code)


@blueprint.get("/local/map.<any(ttl, nt, rdf, jsonld):suffix>")
def file(suffix: str) -> Response:
    """The map as RDF, to be saved."""
    local = decoded(request.args.get("m", ""))
    media_type = SUFFIXES[suffix]
    response = Response(as_rdf(local, media_type), content_type=with_charset(media_type))
    name = file_name(local)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return response


@blueprint.post("/local/open")
def open_file() -> WerkzeugResponse:
    """The map of a file; for a file that holds none the page that sent it, with the reason.

    Raises TooLarge.
    """
    if (request.content_length or 0) > LARGEST + BESIDE:
        raise refused(TooLarge, "refusal.local_file_bytes", most=LARGEST)
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise refused(UsageError, "refusal.local_no_file")
        return to(local_rdf.from_file(sent.read(), sent.filename))
    except UsageError as error:
        return told(error, request.form.get("m", ""))


def file_name(local: LocalMap) -> str:
    """What the file of a map is called: its title, for a folder may have several."""
    words = re.findall("[a-z0-9]+", folded(local.title))
    return "-".join(words)[:LONGEST_FILE_NAME].strip("-") or "map"


def to(local: LocalMap) -> WerkzeugResponse:
    """Leads to the page of a map. Raises UsageError for one that is beyond the limits."""
    return redirect(at("local.page", m=encoded(local.checked())), 303)


def told(error: UsageError, code: str = "") -> Response:
    """The page of the map that there was, with what is wrong: one goes on from there.

    Raises the error itself for who asks no page.
    """
    if not wants_page():
        raise error
    local = LocalMap()
    with suppress(UsageError):
        local = decoded(code)
    kept = code if local.things or local.title else ""
    response = answer(lambda view: shown_map(view, local, kept, error))
    response.status_code = error.status
    response.headers["Cache-Control"] = "no-store"
    response.headers.pop("ETag", None)
    return response


def as_rdf(local: LocalMap, media_type: str) -> bytes:
    """The map in a syntax, its relations called as the page calls them."""
    view = current_view()
    sentences = {
        place: f"{said.source.text} {said.verb} {said.target.text}"
        for place, said in enumerate(own_sentences(view, local, verbs(view)))
    }
    said = local_rdf.triples(local, view.base, view.language, sentences)
    # One thing after the other: a file that one reads and edits.
    return written(sorted(said, key=lambda triple: str(triple.subject)), media_type)


# Changes: each takes the map and the fields of a form and gives another map.


def add(local: LocalMap, fields: Fields) -> LocalMap:
    iri, name = fields.get("iri", "").strip(), fields.get("name", "").strip()
    if not iri and not name:
        raise refused(UsageError, "refusal.local_nothing")
    if iri and not nameable(iri):
        raise refused(UsageError, "refusal.local_iri", iri=iri)
    return local.with_thing(Thing(iri=iri) if iri else Thing(name=name))


def relate(local: LocalMap, fields: Fields) -> LocalMap:
    """A relation between two things of the map."""
    return local.with_link(
        Link(
            number(fields, "source"),
            fields.get("type", ""),
            number(fields, "target"),
            fields.get("status") or STATUSES[1],
            fields.get("note", "").strip(),
        )
    )


def take(local: LocalMap, fields: Fields) -> LocalMap:
    """A relation of the atlas, with its ends."""
    ends = [fields.get(name, "") for name in ("source", "target")]
    for iri in ends:
        local = add(local, {"iri": iri})
    places = {thing.iri: place for place, thing in enumerate(local.things) if thing.iri}
    source, target = (places[iri] for iri in ends)
    return local.with_link(
        Link(source, fields.get("type", ""), target, fields.get("status") or STATUSES[0])
    )


def note(local: LocalMap, fields: Fields) -> LocalMap:
    place, text = placed(local.things, fields), fields.get("note", "").strip()
    things = [
        replace(thing, note=text) if nth == place else thing
        for nth, thing in enumerate(local.things)
    ]
    return replace(local, things=tuple(things))


CHANGES: dict[str, Callable[[LocalMap, Fields], LocalMap]] = {
    "add": add,
    "relate": relate,
    "take": take,
    "note": note,
    "title": lambda local, fields: replace(local, title=fields.get("title", "").strip()),
    "drop-thing": lambda local, fields: local.without_thing(placed(local.things, fields)),
    "drop-relation": lambda local, fields: local.without_link(placed(local.links, fields)),
}


def number(fields: Fields, name: str) -> int:
    text = fields.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise refused(UsageError, "refusal.local_field", name=name, value=text)
    return int(text)


def placed(among: tuple[object, ...], fields: Fields) -> int:
    """Raises UsageError where nothing stands at the place that the fields name."""
    place = number(fields, "place")
    if place >= len(among):
        raise refused(UsageError, "refusal.local_gone")
    return place


# What the page shows.


def shown_map(view: View, local: LocalMap, code: str, error: UsageError | None = None) -> str:
    """``code``: the map as its address has it; ``error``: why what was asked was not done."""
    words = request.args.get("find", "").strip()
    spoken = verbs(view)
    sentences = own_sentences(view, local, spoken)
    names = called(view, local)
    return view.render(
        "web/local.html",
        local=local,
        code=code,
        fault=sentence(error) if error else "",
        names=names,
        sentences=sentences,
        drawing=picture(names, local.links) if len(names) > 1 else None,
        verbs=spoken,
        statuses=STATUSES,
        near=list(near(view, local, spoken, code)),
        words=words,
        found=found_names(view, words) if words else [],
    )


def verbs(view: View) -> dict[str, str]:
    """The verbs of the atlas by the slug of their type."""
    return {
        row.text("type").rpartition("/")[2]: row.text("verb") for row in view.ask("local_verbs")
    }


def called(view: View, local: LocalMap) -> list[Value]:
    """What the things of the map are called, each leading to its page where it has one."""
    names = view.names(thing.iri for thing in local.things if thing.iri)
    return [names.value(thing.iri) if thing.iri else Value(thing.name) for thing in local.things]


def own_sentences(view: View, local: LocalMap, spoken: Mapping[str, str]) -> list[Sentence]:
    names = called(view, local)
    return [
        Sentence(
            names[link.source],
            spoken.get(link.type, link.type),
            names[link.target],
            link.status,
            link.note,
        )
        for link in local.links
    ]


def near(view: View, local: LocalMap, spoken: Mapping[str, str], code: str) -> Iterator[Sentence]:
    """Relations of the atlas that touch the map and are not on it, those of two things first."""
    iris = [thing.iri for thing in local.things if thing.iri]
    if not iris:
        return
    rows = view.ask("local_near", things=" ".join(iris))
    names = view.names(row.text(end) for row in rows for end in ("source", "target"))
    held = {
        (local.things[link.source].iri, link.type, local.things[link.target].iri)
        for link in local.links
    }
    for row in rows:
        kind, status = (row.text(name).rpartition("/")[2] for name in ("type", "status"))
        ends = {"source": row.text("source"), "target": row.text("target")}
        if (ends["source"], kind, ends["target"]) in held:
            continue
        yield Sentence(
            names.value(ends["source"]),
            spoken.get(kind, kind),
            names.value(ends["target"]),
            status,
            add=at("local.change", m=code, do="take", type=kind, status=status, **ends),
        )


def found_names(view: View, words: str) -> list[tuple[str, str, str, bool]]:
    """Things whose names have the words: IRI, name, kind, and whether it only comes near."""
    served = view.site.engine.served
    if served is None:
        return []
    query = Query(words[:200], view.language, None, FOUND)
    found, _ = find(view.site, served, query)
    return [
        (
            hit.iri,
            label.text if (label := hit.label or hit.match) else hit.iri,
            kind.text if hit.types and (kind := found.labels.get(hit.types[0])) else "",
            hit in found.near,
        )
        for hit in (*found.hits, *found.near)
    ]
