"""Takes a partner's default graph whole through its SPARQL endpoint, page by page.

Its things are listed in the order of their IRIs, each page beginning after the last IRI of the one
before, so that a server that caps its answers loses nothing; then what is said of them is asked for
in blocks. What has to do with blank nodes comes in one answer, for in two a node would be two. In
the end the triples are as many as the partner counts, or the harvest is none.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from pyoxigraph import Literal, NamedNode, RdfFormat, serialize

from atlas.errors import MalformedSource, PartnerFailed, PartnerLimit
from federation.exchange import results
from federation.exchange.gate import Gate
from federation.exchange.statuses import NUMBER
from federation.exchange.wrapper import GatedWrapper
from federation.partner import Partner
from federation.rows import Rows
from loaders.harvests.fetching import plain_source
from loaders.harvests.kinds import MEDIA_TYPES
from loaders.readers import rdf_file
from loaders.rows import Problems

T = TypeVar("T")

COUNT = "SELECT (COUNT(*) AS ?n) WHERE {{ SELECT DISTINCT ?s ?p ?o WHERE {{ {where} }} }}"
SUBJECTS = """SELECT DISTINCT ?s WHERE {{ ?s ?p ?o FILTER(isIRI(?s) && !isBlank(?o){after}) }}
ORDER BY STR(?s) LIMIT {limit}"""
BLOCK = "VALUES ?s {{ {things} }} ?s ?p ?o FILTER(!isBlank(?o))"
BLANK = "?s ?p ?o FILTER(isBlank(?s) || isBlank(?o))"
ALL = "?s ?p ?o"
CONSTRUCT = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {where} }}"

ACCEPT = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
N_TRIPLES = "application/n-triples"
PAGE, SMALLEST_PAGE = 50_000, 100
# Blocks that must have come well before larger ones are asked for.
PATIENCE = 10
FORBIDDEN = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


class Endpoint:
    """One partner's endpoint, asked through the gate; ``limit``: bytes of all answers together."""

    def __init__(self, partner: Partner, gate: Gate, *, seconds: float, limit: int) -> None:
        self.partner, self.gate, self.left, self.limit = partner, gate, limit, limit
        self.ends = time.monotonic() + seconds

    def select(self, text: str) -> Rows:
        kind, body = self._asked(text, results.ACCEPT_RESULTS)
        return results.solutions(self.partner, kind, body, self.partner.limits.rows)

    def count(self, where: str) -> int:
        """How many different triples match."""
        rows = self.select(COUNT.format(where=where)).rows
        value = rows[0][0] if len(rows) == 1 and rows[0] else None
        if not isinstance(value, Literal) or not NUMBER.fullmatch(value.value):
            raise PartnerFailed(self.partner.name, "answers a count with something else.")
        return int(value.value)

    def construct(self, where: str) -> set[bytes]:
        """The triples that match, as lines of N-Triples.

        Raises MalformedSource, PartnerFailed for an answer that is not RDF.
        """
        kind, body = self._asked(CONSTRUCT.format(where=where), ACCEPT)
        if kind not in MEDIA_TYPES:
            raise PartnerFailed(
                self.partner.name, f"answers a CONSTRUCT with {kind or 'no media type'}, not RDF."
            )
        return set(_lines(self.partner, body, MEDIA_TYPES[kind]))

    def _asked(self, text: str, accept: str) -> tuple[str, bytes]:
        """The media type and the body."""
        wrapper = GatedWrapper(self.partner, self.gate, ends=self.ends)
        wrapper.setOnlyConneg(True)
        wrapper.addCustomHttpHeader("Accept", accept)
        wrapper.setQuery(text)
        answer = wrapper.query().response
        body: bytes = answer.read()
        self.left -= len(body)
        if self.left < 0:
            raise PartnerLimit(
                f"The partner {self.partner.name} sends more than {self.limit:,} bytes "
                "(ATLAS_HARVEST_BYTES); harvest its dump, or raise the limit."
            )
        kind = answer.info().get("Content-Type", "").partition(";")[0].strip().lower()
        return kind, body


def _lines(partner: Partner, body: bytes, syntax: str) -> Iterator[bytes]:
    """An answer's triples as N-Triples. What is in that syntax is not parsed here: all of it is
    together, later and where it can do no harm."""
    if syntax != "nt":
        body = _as_n_triples(partner, body, syntax)
    for line in body.splitlines():
        bare = line.strip()
        if bare and not bare.startswith(b"#"):
            if not bare.endswith(b"."):
                raise PartnerFailed(partner.name, "sent an answer that is not N-Triples.")
            yield bare + b"\n"


def _as_n_triples(partner: Partner, body: bytes, syntax: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"answer.{syntax}"
        path.write_bytes(body)
        source = plain_source({path.name: path}, base_iris=[partner.endpoint])
        try:
            triples = rdf_file.read_rows(source, Problems(source))
            return serialize(triples, format=RdfFormat.N_TRIPLES) or b""
        except MalformedSource as error:
            raise PartnerFailed(
                partner.name, f"sent an answer that {error.reason.rstrip('.')}."
            ) from error


class Pages:
    """One harvest of an endpoint. ``say`` tells how far it is: things done, things known of."""

    def __init__(self, endpoint: Endpoint, say: Callable[[int, int], None]) -> None:
        self.endpoint, self.say = endpoint, say
        self.partner = endpoint.partner
        self.page = min(PAGE, self.partner.limits.rows)
        self.block = self.partner.limits.block
        self.total: int | None = None
        self.done = self.went_well = 0

    def write(self, path: Path) -> int:
        """Write all triples as N-Triples, sorted; how many they are.

        Raises PartnerFailed, PartnerLimit, and nothing is whole until it returns.
        """
        self.total = self._counted()
        lines: set[bytes] = set()
        seen: set[str] = set()
        for things in self._things():
            new = [thing for thing in things if thing not in seen]
            if not new:
                raise PartnerFailed(
                    self.partner.name, "lists the same things again on another page."
                )
            seen.update(new)
            for block in self._blocks(new):
                lines |= block
                self.say(self.done, len(seen))
        lines |= self._blank()
        self._check(len(lines))
        with path.open("wb") as stream:
            stream.writelines(sorted(lines))
        return len(lines)

    def _counted(self) -> int | None:
        """How many triples there are; None where the partner cannot count so many at once."""
        try:
            return self.endpoint.count(ALL)
        except (PartnerFailed, PartnerLimit):
            # Whoever does not answer at all is told by the next question.
            self.endpoint.count("?s ?p ?o FILTER(false)")
            return None

    def _things(self) -> Iterator[list[str]]:
        """The IRIs of all things, page by page, until there are no more."""
        last = ""
        while True:
            after = f" && STR(?s) > {Literal(last)}" if last else ""

            def asked(limit: int, after: str = after) -> Rows:
                return self.endpoint.select(SUBJECTS.format(after=after, limit=limit))

            rows, self.page = _smaller(asked, self.page, SMALLEST_PAGE)
            things = [self._iri(row[0]) for row in rows.rows]
            if not things:
                return
            yield things
            last = things[-1]

    def _iri(self, term: object) -> str:
        if not isinstance(term, NamedNode) or FORBIDDEN.search(term.value):
            raise PartnerFailed(self.partner.name, f"lists {term} among its IRIs, and it is none.")
        return term.value

    def _blocks(self, things: Sequence[str]) -> Iterator[set[bytes]]:
        """What is said of these, in blocks that shrink where the partner cannot manage them."""
        start = 0
        while start < len(things):

            def asked(size: int, start: int = start) -> set[bytes]:
                named = " ".join(f"<{thing}>" for thing in things[start : start + size])
                return self._matching(BLOCK.format(things=named))

            size = min(self.block, len(things) - start)
            found, managed = _smaller(asked, size, 1)
            yield found
            start += managed
            self.done += managed
            self._learn(size, managed)

    def _learn(self, size: int, managed: int) -> None:
        """Ask for what was managed, and for more again once that has gone well for a while."""
        if managed < size:
            self.block, self.went_well = managed, 0
            return
        self.went_well += 1
        if self.went_well == PATIENCE:
            self.block, self.went_well = min(2 * self.block, self.partner.limits.block), 0

    def _matching(self, where: str) -> set[bytes]:
        """The triples that match; counted here where they could not be counted all together."""
        found = self.endpoint.construct(where)
        if self.total is None and (counted := self.endpoint.count(where)) != len(found):
            raise _cut(self.partner, counted, len(found))
        return found

    def _blank(self) -> set[bytes]:
        try:
            return self._matching(BLANK)
        except PartnerLimit as error:
            raise PartnerLimit(
                f"What the partner {self.partner.name} says with blank nodes does not fit into one "
                f"answer of {self.partner.limits.bytes:,} bytes, and must. Harvest its dump, or "
                "raise the limit in its entry."
            ) from error

    def _check(self, found: int) -> None:
        """Before and after, the partner must have counted what was found."""
        if self.total is None:
            return
        now = self.endpoint.count(ALL)
        if now != self.total:
            raise PartnerFailed(
                self.partner.name,
                f"changed while it was harvested: it held {self.total:,} triples, then {now:,}. "
                "Harvest it again.",
            )
        if found != self.total:
            raise _cut(self.partner, self.total, found)


def _cut(partner: Partner, counted: int, found: int) -> PartnerFailed:
    return PartnerFailed(
        partner.name, f"counts {counted:,} triples and gives {found:,}; its answers are cut short."
    )


def _smaller(ask: Callable[[int], T], size: int, smallest: int) -> tuple[T, int]:
    """The answer, asked for less where it does not come, and the size that was managed."""
    while True:
        try:
            return ask(size), size
        except (PartnerFailed, PartnerLimit):
            if size <= smallest:
                raise
            size = max(smallest, size // 2)
