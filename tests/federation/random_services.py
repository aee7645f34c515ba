"""Queries with SERVICE at random, and small data on which their answers differ when wrong.

The same seed gives the same query and data. A query may be one that SPARQL does not allow.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

PREFIXES = "PREFIX ex: <http://example.org/>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
LOCAL_GRAPH = "urn:local"
# Values that engines write in several ways, and one that is not equal to itself.
LITERALS = (
    *("1", "2", "3", "1.0", "true", '"a"', '"b"@en', '"b"@en-GB'),
    *('"01"^^xsd:integer', '"2"^^xsd:int', '"NaN"^^xsd:double'),
)
PATHS = ("(ex:p|ex:q)", "ex:p/ex:q", "^ex:p", "ex:p+", "?d")


class Chance(random.Random):
    """Draws data and queries over the ``sites``, each an IRI."""

    def __init__(self, seed: int, sites: Sequence[str]) -> None:
        super().__init__(seed)
        self.sites, self.made = sites, 0

    def data(self, size: int, *, blanks: bool = False) -> str:
        """Turtle with so many triples; the sites' IRIs are among the objects."""
        lines = [PREFIXES, f"ex:t1 ex:p <{self.sites[0]}> . ex:t2 ex:q <{self.sites[1]}> ."]
        for _ in range(size):
            subject, object_ = self.iri(), self.choice([self.iri, self.iri, self.literal])()
            if blanks and self.random() < 0.2:
                subject = f"_:x{self.randrange(3)}"
            if blanks and self.random() < 0.1:
                object_ = f"_:x{self.randrange(3)}"
            lines.append(f"{subject} {self.predicate()} {object_} .")
        return "\n".join(lines)

    def query(self) -> str:
        group, tail = self.group(2, service=True), self.choice(["", "", f" {self.values()}"])
        one, other = self.sample("abcd", 2)
        return PREFIXES + self.choice(
            [
                f"SELECT * WHERE {group}{tail}",
                f"SELECT ?{one} ?{other} {group}{tail}",
                f"SELECT DISTINCT ?{one} {group}{tail}",
                f"SELECT ?{one} (COUNT(*) AS ?n) {group} GROUP BY ?{one}",
                f"SELECT (COUNT(DISTINCT ?{one}) AS ?n) {group}",
                f"ASK {group}",
            ]
        )

    def group(self, depth: int, *, service: bool = False, remote: bool = False) -> str:
        """``service``: there is one for certain; ``remote``: there is none, a partner reads it."""
        parts = [self.element(depth, remote) for _ in range(self.randint(1, 4))]
        if service:
            parts.insert(self.randint(0, len(parts)), self.service())
        return f"{{ {' '.join(parts)} }}"

    def service(self) -> str:
        name = f"<{self.choice(self.sites)}>" if self.random() < 0.9 else "?a"
        silent = " SILENT" if name != "?a" and self.random() < 0.2 else ""
        return f"SERVICE{silent} {name} {self.body()}"

    def body(self) -> str:
        drawn = self.random()
        if drawn < 0.55:
            return f"{{ {self.triples()} }}"
        if drawn < 0.65:
            return f"{{ {self.triples()} {self.filter()} }}"
        group = self.group(1, remote=True)
        if drawn < 0.9:
            return group
        return f"{{ {self.sub_select(group)} }}"

    def element(self, depth: int, remote: bool) -> str:
        if not remote and self.random() < 0.3:
            return self.service()
        if depth <= 0 or self.random() < 0.4:
            return self.triples()

        def inner() -> str:
            return self.group(depth - 1, remote=remote)

        return self.choice(
            [
                self.filter,
                self.values,
                self.bind,
                inner,
                lambda: f"OPTIONAL {inner()}",
                lambda: f"{inner()} UNION {inner()}",
                lambda: f"MINUS {inner()}",
                lambda: f"FILTER {self.choice(['', 'NOT '])}EXISTS {inner()}",
                lambda: f"{{ {self.sub_select(inner())} }}",
                lambda: self.triples() if remote else f"GRAPH <{LOCAL_GRAPH}> {inner()}",
            ]
        )()

    def sub_select(self, group: str) -> str:
        one, other = self.sample("abcd", 2)
        self.made += 1
        return self.choice(
            [
                f"SELECT ?{one} WHERE {group}",
                f"SELECT DISTINCT ?{one} ?{other} WHERE {group}",
                f"SELECT ?{one} (COUNT(*) AS ?n{self.made}) {group} GROUP BY ?{one}",
                f"SELECT * {group} ORDER BY ?a ?b ?c ?d LIMIT 3",
                f"SELECT ?{one} ?{other} {group} ORDER BY ?{one} ?{other} LIMIT 4",
                f"SELECT ?{one} ({self.expression()} AS ?h{self.made}) {group}",
                f"SELECT ?{one} {group} {self.values()}",
            ]
        )

    def triples(self) -> str:
        return " . ".join(self.triple() for _ in range(self.randint(1, 2))) + self.choice(
            [" ", " . "]
        )

    def triple(self) -> str:
        subject = self.variable() if self.random() < 0.85 else self.iri()
        predicate = self.predicate() if self.random() < 0.85 else self.choice(PATHS)
        drawn = self.random()
        if drawn < 0.07:
            self.made += 1
            return f"{subject} {predicate} _:b{self.made}"
        if drawn < 0.14:
            return f"{subject} {predicate} [ {self.predicate()} {self.term()} ]"
        return f"{subject} {predicate} {self.term()}"

    def values(self) -> str:
        if self.random() < 0.5:
            terms = " ".join(self.constant() for _ in range(self.randint(1, 3)))
            return f"VALUES {self.variable()} {{ {terms} }}"
        one, other = self.sample("abcd", 2)
        rows = " ".join(
            f"({self.choice(['UNDEF', self.constant(), self.constant()])} {self.iri()})"
            for _ in range(self.randint(1, 3))
        )
        return f"VALUES (?{one} ?{other}) {{ {rows} }}"

    def bind(self) -> str:
        self.made += 1
        name = self.choice([self.variable(), f"?f{self.made}"])
        return f"BIND({self.expression()} AS {name})"

    def filter(self) -> str:
        one, other = self.variable(), self.variable()
        return "FILTER" + self.choice(
            [
                f"({one} = {other})",
                f"({one} != {self.iri()})",
                f"(!BOUND({one}))",
                f" BOUND({one})",
                f" isIRI({one})",
                f"({one} > 1)",
                f"({one} IN ({self.iri()}, {self.literal()}))",
                f"(isLiteral({one}) || {one} = {self.iri()})",
                f"({one}<{other}&&{other}>1)",
            ]
        )

    def expression(self) -> str:
        one = self.variable()
        return self.choice(
            [
                self.constant(),
                one,
                f"STR({one})",
                f"({one} + 1)",
                f"IF(BOUND({one}), {one}, {self.iri()})",
                f"COALESCE({one}, {self.literal()})",
            ]
        )

    def term(self) -> str:
        return self.choice([self.variable, self.variable, self.variable, self.constant])()

    def constant(self) -> str:
        return self.choice([self.iri, self.literal])()

    def variable(self) -> str:
        return f"?{self.choice('abcd')}"

    def iri(self) -> str:
        return f"ex:t{self.randrange(7)}"

    def predicate(self) -> str:
        return f"ex:{self.choice('pqr')}"

    def literal(self) -> str:
        return self.choice(LITERALS)


class Dense(Chance):
    """Few nodes, and patterns of variables alone: most parts have solutions, so a row that is
    missing is seen. SERVICE stands deep inside.
    """

    def data(self, size: int, *, blanks: bool = False) -> str:
        lines = [
            f"{self.iri()} {self.predicate()} {self.choice([self.iri(), self.iri(), '1'])} ."
            for _ in range(size // 2)
        ]
        return "\n".join([PREFIXES, *lines])

    def query(self) -> str:
        group, one = self.around(3), self.choice("abcd")
        values = f"VALUES ?{one} {{ {self.iri()} {self.iri()} }}"
        return PREFIXES + self.choice(
            [
                f"SELECT * {group}",
                f"SELECT * {group} {values}",
                f"SELECT ?{one} {group}",
                f"SELECT DISTINCT ?{one} {group}",
                f"ASK {group}",
            ]
        )

    def around(self, depth: int) -> str:
        """A group that holds a SERVICE, at most so deep."""
        parts = [self.beside() for _ in range(self.choice([0, 1, 1, 2]))]
        parts.insert(self.randint(0, len(parts)), self.holding(depth))
        return f"{{ {' '.join(parts)} }}"

    def holding(self, depth: int) -> str:
        if depth <= 0 or self.random() < 0.25:
            return self.service()
        group = self.around(depth - 1)
        one, other = self.sample("abcd", 2)
        self.made += 1
        return self.choice(
            [
                group,
                f"OPTIONAL {group}",
                f"OPTIONAL {group}",
                f"MINUS {group}",
                f"{group} UNION {{ {self.triple()} }}",
                f"FILTER EXISTS {group}",
                f"FILTER NOT EXISTS {group}",
                f"GRAPH <{LOCAL_GRAPH}> {group}",
                f"{{ SELECT ?{one} {group} }}",
                f"{{ SELECT DISTINCT ?{one} ?{other} {group} }}",
                f"{{ SELECT ?{one} (COUNT(*) AS ?n{self.made}) {group} GROUP BY ?{one} }}",
                f"{{ SELECT * {group} ORDER BY ?a ?b ?c ?d LIMIT 2 }}",
                f"{{ SELECT ?{one} {group} VALUES ?{other} {{ {self.iri()} {self.iri()} }} }}",
            ]
        )

    def beside(self) -> str:
        self.made += 1
        one, other = self.sample("abcd", 2)
        return self.choice(
            [
                *[self.triple()] * 8,
                f"OPTIONAL {{ {self.triple()} }}",
                f"MINUS {{ {self.triple()} }}",
                f"{{ {self.triple()} }} UNION {{ {self.triple()} }}",
                self.filter(),
                f"BIND(COALESCE({self.variable()}, {self.iri()}) AS ?{one})",
                f"BIND(IF(BOUND(?{one}), {self.iri()}, ?{other}) AS ?f{self.made})",
                f"VALUES ?{one} {{ {self.iri()} {self.iri()} }}",
                f"VALUES (?{one} ?{other}) {{ ({self.iri()} UNDEF) (UNDEF {self.iri()}) }}",
                f"{{ SELECT ?{one} {{ {self.triple()} }} ORDER BY ?{one} LIMIT 3 }}",
                self.service(),
            ]
        )

    def service(self) -> str:
        body = self.choice(
            [
                *[self.triple()] * 6,
                f"{self.triple()} {self.triple()}",
                f"{self.triple()} OPTIONAL {{ {self.triple()} }}",
                f"OPTIONAL {{ {self.triple()} }} {self.triple()}",
                f"{self.triple()} {self.filter()}",
                f"{self.triple()} MINUS {{ {self.triple()} }}",
                f"{{ {self.triple()} }} UNION {{ {self.triple()} }}",
                f"BIND(COALESCE({self.variable()}, {self.iri()}) AS ?g) {self.triple()}",
                f"SELECT * {{ {self.triple()} }} ORDER BY ?a ?b ?c ?d LIMIT 2",
                f"SELECT ?a (COUNT(*) AS ?count) {{ {self.triple()} }} GROUP BY ?a",
            ]
        )
        return f"SERVICE <{self.choice(self.sites)}> {{ {body} }}"

    def triple(self) -> str:
        one, other = self.sample("abcd", 2)
        object_ = f"?{other}" if self.random() < 0.8 else self.iri()
        return f"?{one} {self.predicate()} {object_} ."

    def iri(self) -> str:
        return f"ex:t{self.randrange(4)}"
