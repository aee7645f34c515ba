"""What a page is made of: the answers of named queries over one generation, and which they were.

A page shows nothing that is not in the answer of a named query, and says at its foot which queries
it asked, with the values, so that each figure can be had again as a table, as CSV or as JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote

from flask import Response, render_template, request, url_for
from pyoxigraph import (
    Literal,
    RdfFormat,
    Triple,
    parse,
)

from endpoint.cache import Kept, Key
from endpoint.catalogue import RESULTS
from endpoint.language import reader_language
from endpoint.names import Names
from endpoint.reading.guard import scope
from endpoint.site import Site, current_site
from endpoint.solutions import Solution, by_name, solutions_in
from endpoint.wire import metrics
from endpoint.wire.addresses import HTML, nameable
from endpoint.wire.answers import CACHING, fingerprint, with_charset
from endpoint.wire.clients import current_client
from endpoint.wire.representations import is_held, validator
from queries import NamedQuery
from queries.lexer import Analysis, analyse
from queries.parameters import MOST
from store import Operation

N_TRIPLES = "application/n-triples"
NAMES = "labels"
# Characters of the longest query of which is remembered what it reaches for.
REMEMBERED = 16_000
# Seconds to wait for the answer that somebody else asked for, before asking oneself.
PATIENCE = 2.0
# Characters that a list of values takes of an address, which has 8,190 for everything.
ADDRESSED = 6_000


@dataclass(frozen=True)
class Asked:
    """A named query with the values it was asked with; ``rows`` is how many solutions it gave."""

    query: NamedQuery
    values: Mapping[str, str]
    rows: int

    @property
    def page(self) -> str:
        """The page of the query, filled in with these values."""
        path = url_for("library.query", name=self.query.name)
        given = f"{self._address[1]}&" if self._address[1] else ""
        return f"{path}?{given}lang={reader_language()}"

    def data(self, suffix: str) -> str:
        """The address of the answer in a format, such as csv."""
        path, given = self._address
        return f"{path}.{suffix}?{given}" if given else f"{path}.{suffix}"

    @property
    def cut(self) -> bool:
        """Whether there may be more than it gave."""
        return self.query.ceiling is not None and self.rows >= self.query.ceiling

    @cached_property
    def _address(self) -> tuple[str, str]:
        """The path of the answer, and what stands behind the question mark: the values."""
        given: dict[str, Any] = {**self.values}
        path, _, query = url_for("named.run", name=self.query.name, **given).partition("?")
        return path, query

    @property
    def long(self) -> bool:
        """Whether it was asked about one of the pieces of a long list."""
        return sum(map(len, self.values.values())) > ADDRESSED // 2


@dataclass
class View:
    """One page being made, for one reader, over one generation."""

    site: Site
    language: str
    generation: int
    asked: list[Asked] = field(default_factory=list)

    @property
    def base(self) -> str:
        return self.site.settings.base

    @property
    def behind(self) -> list[Asked]:
        """The queries behind the page, each once."""
        once = {(asked.query.name, *sorted(asked.values.items())): asked for asked in self.asked}
        return list(once.values())

    @property
    def listed(self) -> list[Asked]:
        """Those whose addresses the page gives: of the pieces of a long list, the first two, for
        the addresses of all would be longer than the page."""
        pieces: Counter[str] = Counter()
        found = []
        for asked in self.behind:
            pieces[asked.query.name] += asked.long
            if not asked.long or pieces[asked.query.name] <= 2:
                found.append(asked)
        return found

    def ask(self, name: str, **values: str | int | None) -> list[Solution]:
        """The solutions of a named SELECT; what is None or "" is not given.

        The reader's language is given to a query that takes one.
        Raises UsageError for a value that is not of its parameter's type, and what the engine
        raises.
        """
        query, given = self._given(name, values)
        solutions = list(by_name(solutions_in(self.answered(query, given, RESULTS))))
        self._note(query, given, len(solutions))
        return solutions

    def triples(self, name: str, **values: str | int | None) -> list[Triple]:
        """The triples of a named CONSTRUCT or DESCRIBE. Raises as ``ask`` does."""
        query, given = self._given(name, values)
        body = self.answered(query, given, N_TRIPLES)
        found = [quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES)]
        self._note(query, given, len(found))
        return found

    def names(self, iris: Iterable[str]) -> Names:
        """What things are called; those that have no name are called by their IRI made short."""
        kept, generation = self.site.labels, self.generation
        found = {iri: kept.get((generation, iri)) for iri in iris if nameable(iri)}
        for block in blocks(iri for iri, texts in found.items() if texts is None):
            for iri, texts in self._labels(block).items():
                found[iri] = texts
                kept.put((generation, iri), texts, len(iri) + sum(map(len, texts.values())))
        known = {iri: texts for iri, texts in found.items() if texts}
        return Names(known, self.language, self.base)

    def _labels(self, iris: Sequence[str]) -> dict[str, dict[str, str]]:
        """The names of each thing by language, none for what has no name."""
        found: dict[str, dict[str, str]] = {iri: {} for iri in iris}
        query, given = self._given(NAMES, {"things": " ".join(iris)})
        for solution in solutions_in(self.answered(query, given, RESULTS)):
            thing, label = solution["thing"], solution["label"]
            # What is called by nothing but white space is not named by it.
            if isinstance(label, Literal) and label.value.strip():
                texts = found.setdefault(thing.value, {})
                language = label.language or ""
                # Of several in one language the first in the alphabet: always the same one.
                texts[language] = min(label.value, texts.get(language, label.value))
        return found

    def render(self, template: str, **values: object) -> str:
        """The page, with the queries behind it at its foot."""
        return render_template(template, view=self, **values)

    def _given(
        self, name: str, values: Mapping[str, str | int | None]
    ) -> tuple[NamedQuery, dict[str, str]]:
        query = self.site.library[name]
        given = {key: str(value) for key, value in values.items() if value not in (None, "")}
        if any(parameter.name == "language" for parameter in query.parameters):
            given.setdefault("language", self.language)
        return query, given

    def _note(self, query: NamedQuery, given: Mapping[str, str], rows: int) -> None:
        self.asked.append(Asked(query, given, rows))

    def answered(self, query: NamedQuery, given: Mapping[str, str], media_type: str) -> bytes:
        """The bytes of an answer, kept for whoever asks the same of this generation.

        Raises as ``ask`` does, but notes nothing.
        """
        operation = Operation(query.bind(given).text)
        analysis = reaching(query, operation.text)
        operation = scope(operation, analysis, lambda: self.site.catalogue(self.generation))
        key = Key(self.generation, fingerprint(operation, media_type), "")
        kept = self.site.cache.get(key)
        if kept is not None:
            metrics.CACHE_HITS.inc()
            return kept.body
        with self.site.cache.asking(key, PATIENCE):
            # Somebody may have asked the same meanwhile.
            kept = self.site.cache.get(key) or self._fresh(operation, media_type, key)
        return kept.body

    def _fresh(self, operation: Operation, media_type: str, key: Key) -> Kept:
        metrics.CACHE_MISSES.inc()
        answer = self.site.engine.query(
            operation, media_type, generation=self.generation, client=current_client()
        )
        try:
            kept = Kept(answer.read(), answer.encoding)
        finally:
            answer.close()
        self.site.cache.put(key, kept, len(kept.body))
        return kept


def current_view(generation: int | None = None) -> View:
    """A view for the reader of this request, over the generation served or over another one.

    Raises Overloaded while none is served.
    """
    site = current_site()
    number = site.served.number if generation is None else generation
    return View(site, reader_language(), number)


def answer(make: Callable[[View], str], *, version: str = "") -> Response:
    """The page that ``make`` makes, made only where the client does not hold it already.

    ``version``: what the page is a function of besides the generation, such as the state of others.
    Raises Overloaded while no generation is served, and what ``make`` raises.
    """
    view = current_view()
    asked = request.query_string.decode("latin-1")
    etag = validator(str(view.generation), HTML, view.language, asked, version)
    if is_held(etag):
        response = Response(status=304)
    else:
        response = Response(make(view), content_type=with_charset(HTML))
    response.set_etag(etag)
    response.headers["Cache-Control"] = CACHING
    response.headers["Content-Language"] = view.language
    response.headers["Atlas-Generation"] = str(view.generation)
    response.vary.update(("Accept", "Accept-Language"))
    return response


def plain(template: str, **values: object) -> Response:
    """A page that is no function of a generation."""
    response = Response(render_template(template, **values), content_type=with_charset(HTML))
    response.vary.update(("Accept", "Accept-Language"))
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Language"] = reader_language()
    return response


def reaching(query: NamedQuery, text: str) -> Analysis:
    """What a named query reaches for, ``text`` being the query with its values.

    Values are terms: they may name a graph, which tells only where the query asks for graphs.
    """
    known = analysed(query.text)
    if not known.uses_graph:
        return known
    return analysed(text) if len(text) <= REMEMBERED else analyse(text)


@lru_cache(maxsize=512)
def analysed(text: str) -> Analysis:
    """What a query of the library reaches for: read once, for pages ask the same again and again.

    Its form and its bounds are the library's own, so nothing is refused here.
    """
    return analyse(text)


def blocks(iris: Iterable[str]) -> Iterator[list[str]]:
    """The IRIs, each once, in as many pieces as a query's list of values allows."""
    every = list(dict.fromkeys(iris))
    for start in range(0, len(every), MOST):
        yield every[start : start + MOST]


def lists(iris: Iterable[str]) -> Iterator[str]:
    """The IRIs, each once, as values of a list: in as many as have an address for their answer.

    Data may name things by what no parameter of a query takes, which is left out.
    """
    said: list[str] = []
    length = 0
    for iri in filter(nameable, dict.fromkeys(iris)):
        more = len(quote(iri, safe=":/")) + 1
        if said and length + more > ADDRESSED:
            yield " ".join(said)
            said, length = [], 0
        said.append(iri)
        length += more
    if said:
        yield " ".join(said)
