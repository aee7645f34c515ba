"""What the list shows of each experience or document: where, when, by whom, under which licence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from endpoint.language import language_name
from endpoint.names import Names, Value
from endpoint.publishing.licences import licence_name
from endpoint.view import View
from endpoint.web.experiences.facets import Kind, Namer
from endpoint.web.experiences.table import UNSAID, Entry, Text

# The roles whose values are things with a name.
NAMED = ("place", "carrier", "document")
WEB = ("http://", "https://")


@dataclass(frozen=True)
class Source:
    """The graph that states something, and under which licence."""

    name: Text
    licence: str = ""
    licence_name: str = ""
    verified: bool = True


@dataclass(frozen=True)
class Link:
    """A page on the web, by the name of its site."""

    href: str
    site: str


@dataclass
class Item:
    """One experience or document as the list shows it. What its source does not say is empty.

    ``values`` are its values by facet; ``foreign`` is the language of its name, where that is not
    the reader's.
    """

    title: Value
    language: str
    foreign: str
    year: str
    summary: Text
    values: dict[str, list[Text]]
    sources: list[Source]
    places: list[Value] = field(default_factory=list)
    carriers: list[Value] = field(default_factory=list)
    documents: list[Value] = field(default_factory=list)
    pages: list[Link] = field(default_factory=list)
    rights: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    illustrative: bool = False


def items(view: View, kind: Kind, on_page: Sequence[Entry], namer: Namer) -> list[Item]:
    """What the list shows of what stands on one page."""
    if not on_page:
        return []
    roles: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    things = " ".join(one.iri for one in on_page)
    for row in view.ask(kind.query("details"), things=things):
        roles[row.text(kind.subject)][row.text("role")].append(row.text("value"))
    named = {iri for said in roles.values() for role in NAMED for iri in said.get(role, ())}
    names = view.names(sorted(named))
    known = sources(view, kind, namer)
    return [item(kind, one, roles[one.iri], names, namer, known) for one in on_page]


def item(
    kind: Kind,
    entry: Entry,
    roles: dict[str, list[str]],
    names: Names,
    namer: Namer,
    known: dict[str, Source],
) -> Item:
    name = entry.name(namer.language)
    local = Namer(names, namer.language)
    return Item(
        title=names.link(entry.iri, name.text, told=True),
        language=name.language,
        foreign=foreign(name.language, namer.language),
        year=entry.year,
        summary=entry.summary,
        values={
            facet.key: [
                namer.name(facet, value)
                for value in sorted(entry.values[facet.key])
                if value != UNSAID
            ]
            for facet in kind.facets
        },
        sources=[known[one] for one in sorted(entry.values["source"]) if one in known],
        places=[names.link(iri, local.thing(iri).text) for iri in sorted(roles["place"])],
        carriers=[names.value(iri) for iri in sorted(roles["carrier"])],
        documents=[names.value(iri) for iri in sorted(roles["document"])],
        pages=web_pages(roles["page"]),
        rights=sorted(roles["rights"]),
        notes=sorted(roles["note"]),
        illustrative="true" in roles["illustrative"],
    )


def foreign(language: str, reader: str) -> str:
    return language_name(language) if language not in ("", reader) else ""


def web_pages(addresses: list[str]) -> list[Link]:
    """The pages that a browser may open, each once."""
    return [Link(one, site(one)) for one in sorted(set(addresses)) if one.startswith(WEB)]


def site(address: str) -> str:
    """The name of the site, or the address where it has none that can be read."""
    try:
        return urlsplit(address).netloc.removeprefix("www.") or address
    except ValueError:
        return address


def sources(view: View, kind: Kind, namer: Namer) -> dict[str, Source]:
    """The sources of what is listed, by the IRI of their graph."""
    found: dict[str, Source] = {}
    for row in view.ask(kind.query("sources")):
        licence = row.text("licence")
        found.setdefault(
            row.text("source"),
            Source(
                namer.thing(row.text("source")),
                licence if licence.startswith(WEB) else "",
                licence_name(licence) if licence else "",
                row.text("verified") != "false",
            ),
        )
    return found
