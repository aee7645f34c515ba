"""Data and queries at random, of every kind that plain federation has to answer rightly."""

from __future__ import annotations

import random

PREDICATES = ("p", "q", "r", "s")
# IRIs of two authorities.
THINGS = (*(f"ex:t{number}" for number in range(6)), *(f"other:u{number}" for number in range(3)))
LITERALS = (
    "1",
    "2",
    "3",
    '"a"',
    '"b"@en',
    '"b"@en-GB',
    "true",
    '"2020"^^xsd:gYear',
    "1.5",
    '"NaN"^^xsd:double',
)
CLASSES = ("ex:C", "ex:D")
VARIABLES = ("?a", "?b", "?c", "?d", "?e")
HEAD = (
    "@prefix ex: <http://example.org/> . @prefix other: <https://other.example.net/> .\n"
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)


class Chance(random.Random):
    """A source of data and queries; the same seed gives the same ones."""

    def data(self, sites: int, *, blanks: bool = True, apart: bool = False) -> list[str]:
        """Turtle for each site; some triples are on two of them, blank nodes on one.

        ``apart``: most predicates are of one site only, and so is an authority.
        """
        held: list[list[str]] = [[HEAD] for _ in range(sites)]
        for _ in range(26 * sites):
            text = self.triple()
            places = self.sample(range(sites), 1 + self.maybe(0.25))
            if apart:
                named = next((n for n, name in enumerate(PREDICATES) if f" ex:{name} " in text), 0)
                places = [0] if text.startswith("other:") else [named % sites]
            for site in places:
                held[site].append(text)
        for lines in held if blanks else ():
            for _ in range(self.randint(0, 4)):
                node = f"_:n{self.randint(0, 2)}"
                lines.append(f"{self.choice([*THINGS, node])} {self.predicate()} {node} .")
                lines.append(f"{node} {self.predicate()} {self.choice([*THINGS, *LITERALS])} .")
        return ["\n".join(lines) for lines in held]

    def triple(self) -> str:
        if self.random() < 0.2:
            return f"{self.choice(THINGS)} a {self.choice(CLASSES)} ."
        object = self.choice(THINGS if self.random() < 0.7 else LITERALS)
        return f"{self.choice(THINGS)} {self.predicate()} {object} ."

    def predicate(self) -> str:
        return f"ex:{self.choice(PREDICATES)}"

    def maybe(self, part: float) -> bool:
        return self.random() < part

    def query(self) -> str:
        group = self.group(2)
        kind = self.random()
        if kind < 0.08:
            return f"ASK {group}"
        if kind < 0.14:
            return f"CONSTRUCT {{ ?a ex:made ?b . ?b ex:of ?c }} WHERE {group}"
        if kind < 0.28:
            key = self.choice(VARIABLES)
            distinct = self.choice(["", "DISTINCT "])
            having = self.choice(["", " HAVING(COUNT(*) > 1)"])
            counted = self.choice(VARIABLES)
            count = f"(COUNT({distinct}{counted}) AS ?n)"
            return f"SELECT {key} {count} WHERE {group} GROUP BY {key}{having}"
        if kind < 0.32:
            return f"SELECT (COUNT(*) AS ?n) (SUM(?a) AS ?m) WHERE {group}"
        shown = self.choice(["*", " ".join(self.sample(VARIABLES, 2)), "?a (STR(?b) AS ?text)"])
        tail = ""
        if self.maybe(0.1):
            tail = f" VALUES {self.choice(VARIABLES)} {{ {' '.join(self.sample(THINGS, 3))} }}"
        elif self.maybe(0.1):
            tail = " ORDER BY ?a ?b"
        return f"SELECT {self.choice(['', '', 'DISTINCT '])}{shown} WHERE {group}{tail}"

    def group(self, depth: int) -> str:
        parts = [self.basic()]
        for _ in range(self.randint(0, 2)):
            parts.append(self.element(depth))
        if self.maybe(0.2):
            self.shuffle(parts)
        return f"{{ {' '.join(parts)} }}"

    def basic(self) -> str:
        return " ".join(self.pattern() for _ in range(self.randint(1, 2)))

    def pattern(self) -> str:
        subject = self.choice(VARIABLES[:3]) if self.maybe(0.85) else self.choice(THINGS)
        if self.maybe(0.12):
            return f"{subject} a {self.choice([*CLASSES, '?c'])} ."
        if self.maybe(0.08):
            return f"{subject} {self.predicate()} [ {self.predicate()} {self.choice(VARIABLES)} ] ."
        if self.maybe(0.2):
            return f"{subject} {self.path()} {self.choice(VARIABLES)} ."
        predicate = "?e" if self.maybe(0.07) else self.predicate()
        ends = [*VARIABLES, *VARIABLES, self.choice(THINGS), self.choice(LITERALS)]
        return f"{subject} {predicate} {self.choice(ends)} ."

    def path(self) -> str:
        one, other = self.predicate(), self.predicate()
        return self.choice(
            [
                *(f"{one}/{other}", f"^{one}", f"{one}|{other}", f"{one}+", f"({one}/{other})+"),
                *(f"{one}*", f"{one}?", f"!{one}", f"!(^{one}|{other})", f"({one}|^{other})+"),
                *(f"^{one}/{other}*", f"{one}/({other}|a)"),
            ]
        )

    def element(self, depth: int) -> str:
        kinds = [self.filter, self.values, self.bind]
        if depth:
            inner = lambda: self.group(depth - 1)  # noqa: E731
            kinds += [
                *[lambda: f"OPTIONAL {inner()}"] * 3,
                lambda: f"MINUS {inner()}",
                lambda: f"{inner()} UNION {inner()}",
                lambda: f"FILTER EXISTS {inner()}",
                *[lambda: f"FILTER NOT EXISTS {inner()}"] * 2,
                inner,
                lambda: self.sub_select(depth - 1),
            ]
        return str(self.choice(kinds)())

    def sub_select(self, depth: int) -> str:
        inner = self.group(depth)
        if self.maybe(0.3):
            return f"{{ SELECT ?a (COUNT(?b) AS ?n) WHERE {inner} GROUP BY ?a }}"
        shown = self.choice(["*", "?a ?b", "?a", "DISTINCT ?b ?c", "?a (?b AS ?f)"])
        return f"{{ SELECT {shown} WHERE {inner} }}"

    def filter(self) -> str:
        one, other = self.sample(VARIABLES, 2)
        return self.choice(
            [
                *(f"FILTER({one} = {self.choice(THINGS)})", f"FILTER({one} != {other})"),
                *(f"FILTER({one} > 1)", f"FILTER(isIRI({one}))", f'FILTER(LANG({one}) = "en")'),
                *(f'FILTER(CONTAINS(STR({one}), "t1"))', f"FILTER(!BOUND({one}))"),
                f"FILTER({one} IN ({self.choice(THINGS)}, {self.choice(LITERALS)}))",
                f"FILTER({one} = {other} || EXISTS {{ {self.pattern()} }})",
            ]
        )

    def values(self) -> str:
        one, other = self.sample(VARIABLES, 2)
        if self.maybe(0.5):
            return f"VALUES {one} {{ {' '.join(self.sample([*THINGS, *LITERALS], 4))} }}"
        rows = [f"({self.choice([*THINGS, 'UNDEF'])} {self.choice(THINGS)})" for _ in range(3)]
        return f"VALUES ({one} {other}) {{ {' '.join(rows)} }}"

    def bind(self) -> str:
        name = f"?v{self.randint(0, 10**6)}"
        value = self.choice([self.choice(THINGS), "STR(?a)", "EXISTS { ?a ex:q ?b }"])
        return f"BIND({value} AS {name})"
