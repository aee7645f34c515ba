"""The graphs that state what a page shows: a letter for each, and a legend that says what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from atlas.namespaces import ATLAS, DCTERMS, PROV
from endpoint.language import translate
from endpoint.names import in_language, shortened
from endpoint.publishing.licences import licence_name
from endpoint.view import View, lists
from endpoint.web.thing.said import Text, best, is_inferred
from endpoint.wire.addresses import link, own_path

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WEB = ("https://", "http://")


@dataclass(frozen=True)
class Source:
    """A named graph as the legend shows it; what the graph does not say is empty."""

    letter: str
    graph: str
    title: str
    href: str | None
    licence: str
    licence_name: str
    rights: str
    origin: str
    version: str
    read: str
    inferred: bool
    illustrative: bool
    unverified: bool
    apart: bool


@dataclass
class Letters:
    """Hands out a letter to each graph in the order in which the page first cites it."""

    given: dict[str, str] = field(default_factory=dict)

    def of(self, graphs: Iterable[str]) -> str:
        """The letters of these graphs; what a source states is not said to be inferred as well."""
        stating = sorted(graphs, key=lambda graph: (is_inferred(graph), graph))
        plain = [graph for graph in stating if not is_inferred(graph)]
        return "".join(sorted(self._letter(graph) for graph in plain or stating))

    def _letter(self, graph: str) -> str:
        if graph not in self.given:
            number = len(self.given)
            self.given[graph] = LETTERS[number] if number < len(LETTERS) else "…"
        return self.given[graph]


def legend(view: View, letters: Letters) -> list[Source]:
    """What the graphs that the page cites say of themselves, in the order of their letters."""
    if not letters.given:
        return []
    graphs = sorted(letters.given)
    said: dict[str, dict[str, list[Text]]] = {graph: {} for graph in graphs}
    for some in lists(graphs):
        for row in view.ask("thing_sources", graphs=some):
            of_graph = said[row.text("graph")]
            text = Text(row.text("value"), row.language("value"))
            of_graph.setdefault(row.text("property"), []).append(text)
    merged = merged_graphs(view)
    return [
        source(view, graph, letter, said[graph], apart=merged is not None and graph not in merged)
        for graph, letter in letters.given.items()
    ]


def titled(sources: Sequence[Source]) -> Callable[[str], str]:
    """What letters stand for, in words: the titles of their sources."""
    titles = {source.letter: source.title for source in sources}

    @cache
    def title(given: str) -> str:
        found = [titles[letter] for letter in given if letter in titles]
        return translate("site.semicolon").join(found)

    return title


def source(
    view: View, graph: str, letter: str, said: dict[str, list[Text]], *, apart: bool
) -> Source:
    def first(iri: str) -> str:
        return min(text.text for text in said[iri]) if iri in said else ""

    title = best(said.get(f"{DCTERMS}title", ()), view.language)
    licence, origin = first(f"{DCTERMS}license"), first(f"{DCTERMS}source")
    return Source(
        letter=letter,
        graph=graph,
        title=title.text if title else shortened(graph),
        href=in_language(link(graph, view.base)) if own_path(graph, view.base) else None,
        licence=licence if licence.startswith(WEB) else "",
        licence_name=licence_name(licence),
        rights=first(f"{DCTERMS}rights"),
        origin=origin if origin.startswith(WEB) else "",
        version=first(f"{ATLAS}sourceVersion"),
        read=first(f"{PROV}generatedAtTime"),
        inferred=is_inferred(graph),
        illustrative=first(f"{ATLAS}illustrative") == "true",
        unverified=first(f"{ATLAS}licenceVerified") == "false" and not is_inferred(graph),
        apart=apart,
    )


def merged_graphs(view: View) -> frozenset[str] | None:
    """The graphs that make up the default graph, None where the generation does not record it."""
    entries = view.site.record(view.generation).get("graphs")
    if not entries:
        return None
    return frozenset(entry["graph"] for entry in entries if entry.get("publish") == "default")


def citation(view: View, name: str, iri: str, sources: Sequence[Source], published: str) -> str:
    """How to cite the page: the name, the atlas, the IRI, the state of the data, the sources."""
    parts = [
        translate("thing.cite", name=name, atlas=translate("site.name"), iri=iri),
        translate("thing.cite_state", date=published, number=view.generation)
        if published
        else translate("thing.cite_generation", number=view.generation),
    ]
    credits = list(credited(sources))
    if credits:
        joined = translate("site.semicolon").join(credits)
        parts.append(translate("thing.cite_sources", sources=joined))
    return " ".join(parts)


def credited(sources: Iterable[Source]) -> Iterator[str]:
    """Each source in words: its title, to whom it is due, under which licence."""
    for one in sources:
        if not one.inferred:
            details = ", ".join(part for part in (one.rights, one.licence_name) if part)
            yield f"{one.title} ({details})" if details else one.title
