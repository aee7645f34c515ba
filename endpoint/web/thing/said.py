"""What is said of one thing, statement by statement, with the graphs that say it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode

from endpoint.language import LANGUAGES
from endpoint.view import View
from endpoint.web.thing.words import MEANINGS, NAMES, OTHER_NAMES, TYPE
from store.answers import Term

INFERRED = "/graph/inferred"
MOST = 2_000
# Of one property a page shows so many values; beyond these a query's page has them all.
SHOWN = 60


@dataclass(frozen=True)
class Statement:
    """One statement about the thing, and the graphs that state it in the order of their names."""

    predicate: str
    value: Term
    graphs: tuple[str, ...]

    @property
    def inferred(self) -> bool:
        """Whether only the rules say it."""
        return all(is_inferred(graph) for graph in self.graphs)

    @property
    def iri(self) -> str:
        return self.value.value if isinstance(self.value, NamedNode) else ""


@dataclass(frozen=True)
class Text:
    """A text with its language, "" where it says none."""

    text: str
    language: str


@dataclass(frozen=True)
class Told:
    """Everything that is said of the thing, up to a bound."""

    thing: str
    statements: tuple[Statement, ...]
    cut: bool = False

    @cached_property
    def types(self) -> frozenset[str]:
        return frozenset(s.iri for s in self.statements if s.predicate == TYPE and s.iri)

    @cached_property
    def asserted(self) -> tuple[Statement, ...]:
        """What a source states."""
        return tuple(s for s in self.statements if not s.inferred)

    @cached_property
    def sample(self) -> tuple[Statement, ...]:
        """What the page shows: of each property the first values, stated and inferred apart."""
        found: dict[tuple[str, bool], list[Statement]] = {}
        for said in self.statements:
            found.setdefault((said.predicate, said.inferred), []).append(said)
        return tuple(
            said
            for many in found.values()
            for said in sorted(many, key=lambda said: str(said.value))[:SHOWN]
        )

    def of(self, *properties: str) -> Iterator[Statement]:
        """The asserted statements with these properties, in the order of the properties."""
        for iri in properties:
            yield from (s for s in self.asserted if s.predicate == iri)

    def texts(self, *properties: str) -> list[Text]:
        """The texts of these properties, each once, in the order of the site's languages."""
        found = dict.fromkeys(
            Text(s.value.value, s.value.language or "")
            for s in self.of(*properties)
            if isinstance(s.value, Literal)
        )
        return sorted(found, key=lambda text: (place(text.language), text.text))

    @property
    def names(self) -> list[Text]:
        return [text for text in self.texts(*NAMES) if text.text.strip()]

    @property
    def other_names(self) -> list[Text]:
        names = set(self.names)
        return [text for text in self.texts(*OTHER_NAMES) if text not in names]

    def meaning(self, language: str) -> Text | None:
        """What it is, in the reader's language or in one there is."""
        for iri in MEANINGS:
            if found := best(self.texts(iri), language):
                return found
        return None

    def text(self, iri: str) -> str:
        """The first text of a property, "" where there is none."""
        return next((text.text for text in self.texts(iri)), "")

    @property
    def has_nodes(self) -> bool:
        return any(isinstance(s.value, BlankNode) for s in self.statements)


def read(view: View, thing: str) -> Told:
    """The statements about a thing, those of graphs kept apart included."""
    rows = view.ask("thing_statements", thing=thing)
    graphs: dict[tuple[str, Term], list[str]] = {}
    for row in rows:
        graphs.setdefault((row.text("property"), row["value"]), []).append(row.text("graph"))
    return Told(
        thing,
        tuple(
            Statement(iri, value, tuple(sorted(stating)))
            for (iri, value), stating in graphs.items()
        ),
        cut=len(rows) >= MOST,
    )


def best(texts: Sequence[Text], language: str) -> Text | None:
    """The text in a language, or in one there is."""
    return min(texts, key=lambda text: text.language != language, default=None)


def place(language: str) -> int:
    """Where a language stands: those of the site first, then none, then any other."""
    order = (*LANGUAGES, "")
    return order.index(language) if language in order else len(order)


def is_inferred(graph: str) -> bool:
    """Whether a graph holds what the rules add."""
    return INFERRED in graph
