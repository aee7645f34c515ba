"""The patterns of a plain query, as sites are asked for them."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Variable

from atlas.errors import NotFederable
from federation.plain.values import Values
from federation.query import parts
from federation.query.blocks import written_once
from federation.query.parts import Query, everything
from federation.query.patterns import (
    AnyPattern,
    Chain,
    Choice,
    Link,
    Negated,
    Path,
    PathPattern,
    Pattern,
    Term,
    endless,
)
from federation.query.triples import Names, read_data, read_triples
from queries.lexer import lexemes


class Reading:
    """The patterns of a query's triples, read once."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.names = Names(query.base, query.prefixes)
        self.fixed: dict[str, Values] = {}
        self.endless = False  # whether any path may have no step
        self._read: dict[int, tuple[AnyPattern, ...]] = {}
        self._data: dict[int, list[list[Term | None]]] = {}
        self.patterns = list(self.all())
        for element in everything(query):
            if isinstance(element, parts.Values):
                self.data(element)

    def of(self, triples: parts.Triples) -> tuple[AnyPattern, ...]:
        if triples.start not in self._read:
            found = read_triples(self.query.part(triples), self.names)
            self._read[triples.start] = tuple(map(self.lifted, found))
        return self._read[triples.start]

    def data(self, values: parts.Values) -> list[list[Term | None]]:
        """The rows of inline data, which may be long and is read once."""
        if values.start not in self._data:
            text = self.query.part(values)
            opening = next(token for token in lexemes(text) if token.text == "{")
            self._data[values.start] = list(read_data(text[opening.end : -1], self.names))
        return self._data[values.start]

    def lifted(self, pattern: AnyPattern) -> AnyPattern:
        """The pattern with a variable in place of what sites may write in several ways.

        One without variables gets one too, so that there is something to ask for.
        """
        if isinstance(pattern, PathPattern):
            self.endless |= endless(pattern.path)
            return pattern
        object, subject = pattern.object, pattern.subject
        if not isinstance(object, Variable) and not written_once(object):
            object = self.standing_for(object)
        if not Pattern(subject, pattern.predicate, object).variables:
            subject = self.standing_for(subject)
        return Pattern(subject, pattern.predicate, object)

    def standing_for(self, term: object) -> Variable:
        variable = self.names.hidden()
        self.fixed[variable.value] = Values(frozenset([term]))  # type: ignore[list-item]
        return variable

    def all(self) -> Iterator[Pattern]:
        """Every triple pattern of the query, those of its paths' steps too."""
        for element in everything(self.query):
            if isinstance(element, parts.Triples):
                for pattern in self.of(element):
                    if isinstance(pattern, Pattern):
                        yield pattern
                    else:
                        yield from links(pattern.path)


def links(path: Path) -> Iterator[Pattern]:
    """The triples that the steps of a path are made of, both ends free."""
    if isinstance(path, Link):
        yield link(path)
    elif isinstance(path, Negated):
        yield ANYTHING
    else:
        parts = path.parts if isinstance(path, Chain | Choice) else (path.path,)
        for part in parts:
            yield from links(part)


FROM, TO, BY = (Variable(f"atlas_hidden_{name}") for name in ("from", "to", "by"))
ANYTHING = Pattern(FROM, BY, TO)


def link(step: Link) -> Pattern:
    return Pattern(FROM, step.predicate, TO)


def refuse(query: Query) -> None:
    """Raises NotFederable for what the merge of several sites' default graphs cannot answer."""
    if query.form == "DESCRIBE":
        raise NotFederable(
            "DESCRIBE says nothing definite over several sites; use CONSTRUCT with what you want."
        )
    if query.datasets:
        raise NotFederable(
            "FROM names graphs of one site; a federated query is over the merge of all sites' "
            "default graphs. Leave it out, or ask /sparql."
        )
    if "atlas_hidden_" in query.text:
        raise NotFederable("A variable or name begins with atlas_hidden_; call it otherwise.")
    for element in everything(query):
        if isinstance(element, parts.Graph | parts.Service | parts.Lateral):
            word = type(element).__name__.upper()
            raise NotFederable(
                f"{word} cannot be used here: a federated query is over the merge of all sites' "
                "default graphs and finds the sites itself. Leave it out, or ask /sparql."
            )
