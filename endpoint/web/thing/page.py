"""The page about one thing: what it is, its relations, its documents, and who says each of it.

First everything is asked, then everything that occurs is named in one go, then it is put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote

from flask import request, url_for
from pyoxigraph import NamedNode

from atlas.namespaces import ATLAS
from endpoint.language import language_name, translate
from endpoint.names import Names, Row, Value, in_language, shortened
from endpoint.page_addresses import at
from endpoint.view import View, lists
from endpoint.web.dates import written_date
from endpoint.web.star.drawing import Star, star
from endpoint.web.thing import documents, facts, relations, values
from endpoint.web.thing.asked import Asked, ask, listed
from endpoint.web.thing.links import Group, spokes
from endpoint.web.thing.names import heading, is_code, kind_of, names_of, of_sort
from endpoint.web.thing.said import Text, Told, read
from endpoint.web.thing.sources import Letters, citation, legend, titled
from endpoint.web.thing.statements import property_name, raw
from endpoint.web.thing.words import ACTOR, DOORS, NAMED_AFTER, TERRITORY, Door, local
from endpoint.wire.addresses import nameable, own_path
from endpoint.wire.representations import SYNTAX_NAMES

TEMPLATE = "thing.html"
COMPONENT = f"{ATLAS}belongsToComponent"
# Of a thing with very many statements so many stand on the page; the RDF formats have the others.
MOST_RAW = 300
# A name in another language that is longer is read as a text, not beside the heading.
LONG_NAME = 60


def page(view: View, thing: NamedNode, stem: str) -> str | None:
    """The page about a thing, None where the atlas says nothing of it.

    ``stem``: the address without a suffix, "" where the formats have no addresses of their own.
    """
    told, counts = read(view, thing.value), facts.pointed(view, thing.value)
    if not told.statements and not counts:
        return None
    asked = ask(view, told, counts)
    return view.render(TEMPLATE, **shown(view, asked), formats=formats(thing.value, stem))


def formats(iri: str, stem: str) -> list[tuple[str, str]]:
    """The RDF formats by name, with the address of each: a suffix, or a parameter."""
    return [
        (name, f"{stem}.{suffix}" if stem else foreign(iri, suffix))
        for suffix, name in SYNTAX_NAMES.items()
    ]


def foreign(iri: str, suffix: str) -> str:
    return url_for("documents.foreign", iri=iri, format=suffix)


def shown(view: View, asked: Asked) -> dict[str, object]:
    """What the template shows, by name."""
    letters = Letters()
    names = names_of(view, asked.iris())
    name = heading(asked.told, names)
    parts = {
        **headed(asked, names, name),
        **linked(view, asked, names, name, letters),
        **told_of(asked, names, letters),
    }
    return {**parts, **founded(view, asked, name, letters)}


def headed(asked: Asked, names: Names, name: Text) -> dict[str, object]:
    """What stands at the head: kind and names, what it means, which pages show more of it."""
    told = asked.told
    elsewhere = [text for text in told.names if text.language != name.language]
    return {
        "name": name,
        "unnamed": is_code(told.thing, names) and name.text == names.of(told.thing),
        "names": elsewhere,
        "long_names": any(len(text.text) > LONG_NAME for text in elsewhere),
        "language_name": language_name,
        "other_names": told.other_names,
        "meaning": told.meaning(names.language),
        "kinds": kinds(asked.kinds, names),
        "iri": told.thing,
        "foreign": own_path(told.thing, names.base) is None,
        "doors": doors(told),
        "sentence": relations.read(asked.sentence, names),
    }


def linked(
    view: View, asked: Asked, names: Names, name: Text, letters: Letters
) -> dict[str, object]:
    """What the thing is linked to: the atlas's relations, then registers and sources; drawn."""
    told = asked.told
    years = facts.years(asked.memberships)
    groups = relations.groups(asked.relations, names, letters, told.thing)
    links = facts.in_order(
        [
            *facts.outgoing(told, names, letters, years),
            *facts.incoming(told.thing, listed(asked), asked.led, names, letters, years),
            *facts.past(asked.memberships, told, names, letters),
        ],
        names,
    )
    distinguish(name.text, [*groups, *links])
    component = numbered(view, told, groups)
    figure = drawing(names.link(told.thing, name.text, language=name.language), [*groups, *links])
    return {
        "groups": groups,
        "links": links,
        "component": (component[0], names.value(component[1])) if component else None,
        "figure": figure,
        "map_address": mapped(asked, figure),
    }


def told_of(asked: Asked, names: Names, letters: Letters) -> dict[str, object]:
    """What is read or looked up: facts, notes, documents, what rules add, all as written."""
    told = asked.told
    every = values.facts(told, names, letters)
    written = len(told.sample[:MOST_RAW])
    return {
        "rests": documents.rests(told, names, letters),
        "facts": [fact for fact in every if not fact.long],
        "notes": [fact for fact in every if fact.long],
        "documents": documents.about(asked.documents, told, names),
        "documented": relations.documented(asked.documented, names, letters),
        "subjects": documents.subjects(asked.subjects, names, letters),
        "added": facts.added(told, asked.counts, names, letters),
        "raw": raw(told, asked.nodes, names, letters, MOST_RAW),
        "led": led_rows(told.thing, asked.counts, names),
        "led_cut": len(asked.counts) if len(asked.counts) > facts.MOST_LEADING else None,
        "every_leading": at("library.query", name="thing_pointed", thing=told.thing),
        "total": len(told.statements),
        "cut": told.cut,
        "raw_cut": written if written < len(told.statements) else None,
        "every_statement": facts.every_statement(told.thing),
    }


def founded(view: View, asked: Asked, name: Text, letters: Letters) -> dict[str, object]:
    """What the page rests on, once every letter is given: the sources, and how to cite it."""
    sources = legend(view, letters)
    published = written_date(str(view.site.record(view.generation).get("published", "")))
    return {
        "sources": sources,
        "titled": titled(sources),
        "citation": citation(view, name.text, asked.told.thing, sources, published),
    }


def kinds(iris: Sequence[str], names: Names) -> list[Value]:
    """Each kind once: a sort and a class may be called by one word."""
    return list({one.text: one for one in (kind(iri, names) for iri in iris)}.values())


def kind(iri: str, names: Names) -> Value:
    """A class or a sort in words, leading to what is said of it."""
    words = translate(f"class.{shortened(iri)}") or names.of(iri)
    return names.link(iri, words[:1].upper() + words[1:], told=True)


def distinguish(name: str, groups: Sequence[Group]) -> None:
    """Say what the others are that are called as the thing itself: a place and who governs it.

    A district too is told from the town that it is named after, where both may stand in a list.
    """
    for group in groups:
        kinds = {kind_of(item.iri) for item in group.items}
        for item in group.items:
            named_after = kind_of(item.iri) in NAMED_AFTER and len(kinds) > 1
            if item.value.text == name or named_after:
                item.value.text = of_sort(item.value.text, item.iri)


def led_rows(thing: str, counts: Sequence[facts.Pointed], names: Names) -> list[Row]:
    """How many statements lead here by each property, each number a link to all of them."""
    return [
        Row(
            property_name(one.predicate, names),
            [
                Value(
                    translate("thing.led", count=count),
                    facts.every(thing, one.predicate, inferred=inferred)
                    if nameable(one.predicate)
                    else None,
                )
                for count, inferred in ((one.stated, False), (one.inferred, True))
                if count
            ],
        )
        for one in facts.leading(counts)
    ]


def drawing(centre: Value, groups: Sequence[Group]) -> Star | None:
    """The thing among what it is linked to, None where that is nothing or one thing alone."""
    branches = spokes(groups)
    every = sum(group.count for group in groups)
    return star(centre, branches, every=every) if len(branches) > 1 else None


def numbered(view: View, told: Told, groups: Sequence[Group]) -> tuple[int, str] | None:
    """The number of the thing's component and its IRI; the things around take the number of theirs.

    Asked only where the atlas relates the thing, or it belongs to a component.
    """
    items = [item for group in groups for item in group.items if nameable(item.iri)]
    things = dict.fromkeys(item.iri for item in items)
    own = any(told.of(COMPONENT))
    if own:
        things = {told.thing: None, **things}
    if not things:
        return None
    found: dict[str, tuple[int, str]] = {}
    for some in lists(sorted(things)):
        for row in view.ask("thing_components", things=some):
            if row.text("number").isdecimal():
                found.setdefault(row.text("thing"), (row.number("number"), row.text("component")))
    for item in items:
        item.component = found.get(item.iri, (None, ""))[0]
    return found.get(told.thing)


def mapped(asked: Asked, figure: Star | None) -> str | None:
    """The map around the thing, or around the source of a relation; None where it has none.

    Of registers it shows what joins actors and territories.
    """
    joined = figure and asked.told.types & {ACTOR, TERRITORY}
    centre = asked.told.thing if asked.relations or joined else ""
    if asked.sentence:
        centre = asked.sentence[0].text("source")
    return at("map.page", centre=centre) if centre else None


def doors(told: Told) -> list[tuple[str, str]]:
    """The pages that show more of such a thing: the key of the words, and the address."""
    found = []
    for kind, door in DOORS.items():
        code = code_for(told, door) if kind in told.types else ""
        if code:
            path = request.script_root + door.path.format(quote(code, safe=""))
            found.append((door.key, in_language(path) or path))
    return found


def code_for(told: Told, door: Door) -> str:
    """The code that the address of a door ends in, "" where the thing has none, or several."""
    if not door.leads_to:
        return told.text(door.code)
    ends = {said.iri for said in told.of(door.code) if kind_of(said.iri) == door.leads_to}
    return unquote(local(ends.pop())) if len(ends) == 1 else ""
