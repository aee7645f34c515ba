"""SERVICE with bind join: the query without it, with the partners' rows in its place.

Each SERVICE is asked with the values that its variables have here, and its rows are put back into
the text, which the engine then answers. Rows that no solution here could join are not asked for;
all else, such as OPTIONAL, MINUS or DISTINCT, is left to the engine.
https://www.w3.org/TR/sparql11-federated-query/
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from pyoxigraph import NamedNode

from atlas.errors import Forbidden, NotFederable, UnknownFunction, shown
from federation.federation import Federation
from federation.partner import SERVICE, Partner
from federation.query.bindings import Bindings, Local, find, values
from federation.query.blocks import blocks
from federation.query.context import Contexts, Piece, components
from federation.query.parts import Element, Query, Service, everything
from federation.query.scoping import certain, possible
from federation.query.structure import read
from federation.query.writing import has_blanks, term, written
from federation.rows import Rows
from federation.run import Run
from federation.service.asking import SILENCED, Request, at_once, ordered
from federation.service.frozen import freeze
from federation.service.judging import judged
from federation.service.nesting import side_by_side
from federation.service.services import enough, services, wanted
from queries.lexer import analyse
from store.answers import Operation, Term
from store.breath import breathe

# With more blocks than this, one request for all rows costs less.
MOST_BLOCKS = 20
# The bindings of a block where no partner says how many.
BLOCK = 500
MOST = MOST_BLOCKS * BLOCK
# For each SERVICE values are looked for here, again whenever another one has answered.
MOST_SERVICES = 20
# Services that are asked at a time.
AT_ONCE = 8
# What a SERVICE SILENT that fails gives: the solution that binds nothing.
NOTHING_SAID = Rows((), [()])


def answerable(
    operation: Operation,
    federation: Federation,
    local: Local,
    run: Run,
    *,
    judge: Callable[[Operation], None] | None = None,
    reading: Reading | None = None,
) -> Operation:
    """The operation with the partners' rows instead of each SERVICE.

    ``local``: the rows of a SELECT, over the same state of the data as the operation will be.
    ``judge``: raises MalformedQuery for what the engine cannot read, before a partner is asked.
    ``reading``: of that operation.
    Raises MalformedQuery, NotFederable, Forbidden for a site that is no partner, PartnerFailed,
    PartnerLimit, QueryTimeout.
    """
    reading = reading or read_services(operation)
    if judge is not None:
        # What a partner can compute, this engine need not.
        with suppress(UnknownFunction):
            judge(reading.without)
    query = side_by_side(reading.query)
    asking = _Asking(query, operation, federation, local, run)
    asking.ask()
    text = written(query, 0, len(query.text), asking.tables)
    blanks = any(has_blanks(rows.rows) for rows in asking.tables.values())
    return replace(operation, text=text, blanks=blanks)


@dataclass(frozen=True)
class Reading:
    """A query, and the operation that it is without its SERVICEs, for the engine to judge."""

    query: Query
    without: Operation


def read_services(operation: Operation) -> Reading:
    """Raises MalformedQuery, and NotFederable for SERVICEs that are too many or hard to tell."""
    query = read(operation.text, operation.base)
    refuse_many(query)
    without = judged(query, operation)
    if analyse(without.text, without.base).uses_service:
        raise NotFederable(
            "The query has a SERVICE that cannot be told apart for certain; put spaces around "
            "the word and around its braces."
        )
    return Reading(query, without)


def refuse_many(query: Query) -> None:
    """Raises NotFederable for more SERVICEs than one query may have."""
    number = sum(isinstance(element, Service) for element in everything(query))
    if number > MOST_SERVICES:
        raise NotFederable(
            f"The query has {number:,} SERVICEs; at most {MOST_SERVICES} are asked for one query. "
            "Put what one site is asked into one SERVICE, or ask in parts."
        )


@dataclass(frozen=True)
class _Ready:
    """A SERVICE that can be asked now, and what is known of its variables."""

    service: Service
    bindings: Bindings
    binds: bool

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Least first: those bound by few values, then those bound by none."""
        known = self.bindings.nothing or len(self.bindings) > 0
        return (not known, bool(self.service.variable) and not self.binds, len(self.bindings))


@dataclass
class _Asking:
    """One query's SERVICEs, asked one after another, or together where none helps the other."""

    query: Query
    operation: Operation
    federation: Federation
    local: Local
    run: Run
    tables: dict[Element, Rows] = field(default_factory=dict)
    passed: set[Element] = field(default_factory=set)

    def ask(self) -> None:
        pending = list(services(self.query))
        for service in pending:
            self.check(service)
        while pending:
            freeze(self.query, self.operation, self.local, self.tables, self.passed, most=MOST)
            chosen = self.choose(pending)
            answers = at_once(self.rows, chosen, workers=AT_ONCE)
            for ready, rows in zip(chosen, answers, strict=True):
                self.tables[ready.service] = rows
                pending.remove(ready.service)

    def check(self, service: Service) -> None:
        """Raises Forbidden for a site that is no partner, before anybody is asked anything."""
        if not service.variable and not service.silent:
            self.partner(self.query.iri(service.name))

    def partner(self, iri: str) -> Partner:
        found = self.federation.partners.called(iri)
        if found is None or SERVICE not in found.uses or not found.endpoint:
            raise Forbidden(
                f"SERVICE {shown(iri)} is refused: this atlas asks its partners only, and none "
                "that may be asked so has that address; /api/partners lists them."
            ).worded("refusal.service_stranger", site=iri)
        return found

    def choose(self, pending: list[Service]) -> list[_Ready]:
        """Whom to ask next: the SERVICE that fewest values bind, and those it tells nothing."""
        ready = sorted(map(self.ready, pending), key=lambda ready: ready.rank)
        return [
            other
            for place, other in enumerate(ready)
            if not any(self.helps(one.service, other.service) for one in ready[:place])
        ]

    def ready(self, service: Service) -> _Ready:
        pieces = self.pieces(service)
        shared = self.joinable(service)
        if service.variable:
            shared = frozenset([service.variable])
        bindings = find(self.query, self.operation, pieces, shared, self.local, most=MOST)
        return _Ready(service, bindings, bool(bindings.parts))

    def helps(self, one: Service, other: Service) -> bool:
        """Whether the rows of the one would tell more of what to ask the other."""
        breathe()
        rows = Rows(tuple(possible(one, {})), [])
        tables = {**self.tables, one: rows}
        told = Contexts(self.query, tables, self.given, texts=False).of(other)
        if len(told) <= len(Contexts(self.query, self.tables, self.given, texts=False).of(other)):
            return False
        wanted = self.joinable(other) | {other.variable}
        return any(
            joined & possible(one, {}) and joined & wanted
            for members in components(told)
            for joined in [frozenset().union(*(piece.possible for piece in members))]
        )

    def pieces(self, service: Service) -> list[Piece]:
        return Contexts(self.query, self.tables, self.given).of(service)

    def joinable(self, service: Service) -> frozenset[str]:
        return certain(service.group, self.tables)

    @property
    def given(self) -> str:
        """The values that the request gives to variables, as inline data."""
        given = self.operation.substitutions
        if not given:
            return ""
        names = " ".join(f"?{name}" for name in given)
        return f"VALUES ({names}) {{ ({' '.join(map(term, given.values()))}) }}"

    def rows(self, ready: _Ready) -> Rows:
        service = ready.service
        if ready.bindings.nothing:
            return Rows(wanted(self.query, service), [])
        if not service.variable:
            return self.silently(
                service,
                lambda: self.of_site(service, self.query.iri(service.name), ready.bindings),
            )
        return self.of_sites(service, ready.bindings)

    def of_site(self, service: Service, iri: str, bindings: Bindings) -> Rows:
        partner = self.partner(iri)
        request = Request(
            self.query, service, partner, wanted(self.query, service), enough(self.query, service)
        )
        asked = blocks(bindings, partner, most=MOST_BLOCKS)
        return request.answers(self.federation.client, asked, self.run)

    def of_sites(self, service: Service, named: Bindings) -> Rows:
        """The rows of each site that the variable is bound to, or of every partner."""
        name = service.variable
        sites: list[Term] = [
            value for part in named.parts for value in values(part, part.variables.index(name))
        ]
        if not named.parts:
            partners = self.federation.partners.all().values()
            sites = [
                NamedNode(partner.endpoint)
                for partner in partners
                if SERVICE in partner.uses and partner.endpoint
            ]
        found = at_once(lambda site: self.at_site(service, site), sites, workers=AT_ONCE)
        return united(found)

    def at_site(self, service: Service, site: Term) -> Rows:
        name = service.variable
        bound = frozenset([name])
        pieces = [
            *self.pieces(service),
            Piece(0, "", f"VALUES ?{name} {{ {term(site)} }}", bound, bound),
        ]
        bindings = find(
            self.query,
            self.operation,
            pieces,
            self.joinable(service),
            self.local,
            most=MOST,
        )
        if bindings.nothing:
            return Rows((), [])
        rows = self.silently(service, lambda: self.of_named(service, site, bindings))
        return bound_to(rows, name, site)

    def of_named(self, service: Service, site: Term, bindings: Bindings) -> Rows:
        if not isinstance(site, NamedNode):
            raise Forbidden(f"SERVICE ?{service.variable} is refused: {site} is no site.").worded(
                "refusal.service_no_site", variable=f"?{service.variable}", site=str(site)
            )
        return self.of_site(service, site.value, bindings)

    def silently(self, service: Service, work: Callable[[], Rows]) -> Rows:
        """https://www.w3.org/TR/sparql11-federated-query/#defn_service"""
        try:
            return work()
        except SILENCED:
            if not service.silent:
                raise
            return NOTHING_SAID


def bound_to(rows: Rows, name: str, site: Term) -> Rows:
    """The rows that are compatible with the variable being this site, and bind it."""
    if name not in rows.variables:
        return Rows((*rows.variables, name), [(*row, site) for row in rows.rows])
    at = rows.variables.index(name)
    kept = [row for row in rows.rows if row[at] is None or row[at] == site]
    return Rows(rows.variables, [(*row[:at], site, *row[at + 1 :]) for row in kept])


def united(several: list[Rows]) -> Rows:
    """The rows of all, over the variables of all."""
    names = tuple(dict.fromkeys(name for rows in several for name in rows.variables))
    return Rows(names, [row for rows in several for row in ordered(rows, names)])
