"""Reads a query's text as groups and what stands in them: ``read``.

A text is read only as far as its parts must be told apart; the engine judges its syntax. What the
reader does not understand it refuses: it never guesses.
https://www.w3.org/TR/sparql11-query/#rQueryUnit
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from federation.query.parts import (
    Bind,
    Element,
    Expression,
    Filter,
    Graph,
    Group,
    Lateral,
    Minus,
    Optional_,
    Query,
    Select,
    Service,
    SubSelect,
    Triples,
    Union,
    Values,
)
from federation.query.reading import Scanner, written_out
from queries.lexer import Token

AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
ELEMENTS = frozenset(
    {"OPTIONAL", "MINUS", "LATERAL", "GRAPH", "SERVICE", "FILTER", "BIND", "VALUES", "UNION"}
)
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
MODIFIERS = frozenset({"GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"})


def read(text: str, base: str = "") -> Query:
    """The query's parts; ``base``: where its relative IRIs start.

    Raises MalformedQuery with the place where it cannot be read, also for an update.
    """
    return _Reader(text, base).query()


class _Head(NamedTuple):
    """What a SELECT shows; a query of another form shows nothing."""

    plain: frozenset[str] | None = frozenset()
    names: tuple[str, ...] = ()
    distinct: bool = False


class _Found:
    """What an expression is found to hold while it is read."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.variables: set[str] = set()
        self.words: set[str] = set()
        self.groups: list[Group] = []
        self.terms = 0

    def expression(self, end: int) -> Expression:
        return Expression(
            self.start,
            end,
            frozenset(self.variables),
            self.groups,
            frozenset(self.words),
            self.terms,
        )


class _Reader:
    """Reads one text from the left to the right."""

    def __init__(self, text: str, base: str) -> None:
        self.scanner = Scanner(text)
        self.base = base

    def query(self) -> Query:
        scanner = self.scanner
        self.prologue()
        opening = scanner.peek().start
        form = scanner.keyword(*FORMS)
        if not form:
            raise scanner.unexpected("SELECT, ASK, CONSTRUCT or DESCRIBE")
        template = None
        clauses: list[Expression] = []
        head = _Head()
        if form == "SELECT":
            head = self.head(clauses)
        elif form == "CONSTRUCT":
            template = self.template()
        elif form == "DESCRIBE":
            template = self.described()
        datasets = self.datasets()
        select = self.body(opening, head, clauses, optional=form == "DESCRIBE")
        if scanner.peek().kind != "end":
            raise scanner.unexpected("the end of the query")
        return Query(
            scanner.text, form, scanner.prefixes, self.base, opening, select, template, datasets
        )

    def prologue(self) -> None:
        scanner = self.scanner
        while word := scanner.keyword("PREFIX", "BASE", "VERSION"):
            if word == "VERSION":
                scanner.take("string", "long")
                continue
            name = scanner.declaring() if word == "PREFIX" else None
            iri = written_out(scanner.take("iri").text, {}, self.base)
            if name is None:
                self.base = iri
            else:
                scanner.prefixes[name] = iri

    def head(self, clauses: list[Expression]) -> _Head:
        """What SELECT shows; the word itself is taken."""
        scanner = self.scanner
        distinct = bool(scanner.keyword("DISTINCT", "REDUCED"))
        plain: set[str] = set()
        names: list[str] = []
        if scanner.peek().text == "*":
            scanner.next()
            return _Head(None, distinct=distinct)
        while (token := scanner.peek()).kind == "variable" or token.text == "(":
            if token.kind == "variable":
                name = scanner.next().text[1:]
                plain.add(name)
            else:
                expression, name = self.named()
                clauses.append(expression)
            names.append(name)
        if not names:
            raise scanner.unexpected("a variable")
        return _Head(frozenset(plain), tuple(dict.fromkeys(names)), distinct)

    def template(self) -> tuple[int, int] | None:
        """CONSTRUCT's template, passed over; None for the short form."""
        scanner = self.scanner
        start, depth = scanner.peek().start, 0
        if scanner.peek().text != "{":
            return None
        while True:
            token = scanner.next()
            if token.kind == "end":
                raise scanner.unexpected("}", token)
            depth += (token.text == "{") - (token.text == "}")
            if not depth:
                return start, token.end

    def described(self) -> tuple[int, int]:
        scanner = self.scanner
        start = scanner.peek().start
        while (
            (token := scanner.peek()).kind in ("iri", "variable")
            or token.text == "*"
            or (token.kind == "word" and ":" in token.text)
        ):
            scanner.next()
        return start, scanner.last

    def datasets(self) -> list[tuple[int, int]]:
        scanner = self.scanner
        found = []
        while scanner.word == "FROM":
            start = scanner.next().start
            scanner.keyword("NAMED")
            found.append((start, scanner.take("iri", "word").end))
        return found

    def body(
        self, start: int, head: _Head, clauses: list[Expression], *, optional: bool = False
    ) -> Select:
        """WHERE and what stands behind it; ``optional``: it may be missing."""
        scanner = self.scanner
        worded = scanner.keyword("WHERE")
        place = scanner.last
        missing = optional and not worded and scanner.peek().text != "{"
        where = Group(place, place) if missing else self.group()
        words: set[str] = set()
        values = None
        while (word := scanner.word) in MODIFIERS:
            if word == "VALUES":
                values = self.values()
                break
            scanner.next()
            words.add(word)
            clauses.append(self.clause())
        aggregated = any(clause.words & AGGREGATES for clause in clauses)
        return Select(
            start,
            scanner.last,
            where,
            head.plain,
            head.names,
            head.distinct,
            aggregated or bool(words & {"GROUP", "HAVING"}),
            bool(words & {"LIMIT", "OFFSET"}),
            "ORDER" in words,
            clauses,
            values,
        )

    def clause(self) -> Expression:
        """What stands behind GROUP, HAVING, ORDER, LIMIT or OFFSET."""
        scanner = self.scanner
        found = _Found(scanner.peek().start)
        while scanner.word not in MODIFIERS:
            token = scanner.peek()
            if token.kind == "end" or token.text == "}":
                break
            self.part(found)
        return found.expression(scanner.last)

    def part(self, found: _Found) -> None:
        """One token of an expression, or a bracket of it, or a group of an EXISTS."""
        scanner = self.scanner
        token = scanner.peek()
        if token.text == "(":
            self.brackets(found)
        elif token.text == "{":
            if "EXISTS" not in found.words:
                raise scanner.unexpected("an expression")
            found.groups.append(self.group())
        elif token.kind == "end" or token.text == "}":
            raise scanner.unexpected(")")
        else:
            scanner.next()
            found.terms += token.kind != "mark"
            if token.kind == "variable":
                found.variables.add(token.text[1:])
            elif token.kind == "word" and ":" not in token.text:
                found.words.add(token.text.upper())

    def brackets(self, found: _Found) -> None:
        """From one bracket to that which closes it."""
        scanner = self.scanner
        outside, scanner.computing = scanner.computing, True
        scanner.expect("(")
        found.terms += 1
        while scanner.peek().text != ")":
            self.part(found)
        # What comes behind the last bracket is read as what it is there.
        scanner.computing = outside
        scanner.expect(")")

    def named(self) -> tuple[Expression, str]:
        """``( expression AS ?variable )``"""
        scanner = self.scanner
        scanner.computing = True
        scanner.expect("(")
        found = _Found(scanner.peek().start)
        while scanner.word != "AS":
            self.part(found)
        end = scanner.last
        scanner.next()
        name = scanner.take("variable").text[1:]
        scanner.computing = False
        scanner.expect(")")
        return found.expression(end), name

    def group(self) -> Group:
        scanner = self.scanner
        outside, scanner.computing = scanner.computing, False
        start = scanner.expect("{").start
        elements: list[Element] = []
        if scanner.word == "SELECT":
            elements.append(self.sub_select())
        while scanner.peek().text != "}":
            if scanner.peek().text == ".":
                scanner.next()
            else:
                elements.append(self.element())
        scanner.computing = outside
        return Group(start, scanner.expect("}").end, elements)

    def sub_select(self) -> SubSelect:
        start = self.scanner.next().start
        clauses: list[Expression] = []
        select = self.body(start, self.head(clauses), clauses)
        if self.scanner.peek().text != "}":
            raise self.scanner.unexpected("}")
        return SubSelect(select.start, select.end, select)

    def element(self) -> Element:
        scanner = self.scanner
        scanner.leading()
        word, start = scanner.word, scanner.peek().start
        if scanner.peek().text == "{":
            return self.union()
        if word not in ELEMENTS:
            return self.triples()
        if word == "VALUES":
            return self.values()
        scanner.next()
        if word == "BIND":
            expression, name = self.named()
            return Bind(start, scanner.last, expression, name)
        if word == "FILTER":
            expression = self.constraint()
            return Filter(start, scanner.last, expression)
        if word == "SERVICE":
            silent = bool(scanner.keyword("SILENT"))
        name = self.name() if word in ("GRAPH", "SERVICE") else ""
        group = self.group()
        match word:
            case "SERVICE":
                return Service(start, group.end, name, silent, group)
            case "GRAPH":
                return Graph(start, group.end, name, group)
        return GROUPED[word](start, group.end, group)

    def name(self) -> str:
        """An IRI or a variable, as written."""
        token = self.scanner.take("iri", "variable", "word")
        if token.kind == "word" and ":" not in token.text:
            raise self.scanner.unexpected("an IRI or a variable", token)
        return token.text

    def union(self) -> Element:
        scanner = self.scanner
        branches = [self.group()]
        while scanner.keyword("UNION"):
            branches.append(self.group())
        if len(branches) == 1:
            return branches[0]
        return Union(branches[0].start, branches[-1].end, branches)

    def constraint(self) -> Expression:
        """What stands behind FILTER: brackets, a function's call, EXISTS or NOT EXISTS."""
        scanner = self.scanner
        found = _Found(scanner.peek().start)
        while scanner.peek().text not in ("(", "{"):
            if scanner.peek().kind not in ("word", "iri"):
                raise scanner.unexpected("a condition")
            self.part(found)
        self.part(found)
        return found.expression(scanner.last)

    def values(self) -> Values:
        scanner = self.scanner
        start = scanner.next().start
        names: list[str] = []
        several = scanner.peek().text == "("
        if several:
            scanner.next()
        while scanner.peek().kind == "variable":
            names.append(scanner.next().text[1:])
            if not several:
                break
        if several:
            scanner.expect(")")
        scanner.expect("{")
        undefined = False
        while (token := scanner.next()).text != "}":
            if token.kind == "end" or token.text == "{":
                raise scanner.unexpected("}", token)
            undefined |= token.kind == "word" and token.text.upper() == "UNDEF"
        return Values(start, scanner.last, tuple(names), undefined)

    def triples(self) -> Triples:
        """One sentence: up to a full stop, a brace or the word that opens another element."""
        scanner = self.scanner
        start = scanner.peek().start
        variables: set[str] = set()
        labels: set[str] = set()
        open_brackets: list[str] = []
        while not self.ends(scanner.peek(), open_brackets):
            token = scanner.next()
            if token.kind == "variable":
                variables.add(token.text[1:])
            elif token.kind == "blank":
                labels.add(token.text)
            elif token.kind == "open":
                open_brackets.append(token.text)
            elif token.kind == "close" and not self.closes(token, open_brackets):
                raise scanner.unexpected("a triple", token)
        if scanner.last <= start:
            raise scanner.unexpected("a pattern")
        return Triples(start, scanner.last, frozenset(variables), frozenset(labels))

    def closes(self, token: Token, open_brackets: list[str]) -> bool:
        return bool(open_brackets) and CLOSES[token.text] == open_brackets.pop()

    def ends(self, token: Token, open_brackets: list[str]) -> bool:
        if token.kind == "end":
            if open_brackets:
                raise self.scanner.unexpected(f"the end of {open_brackets[-1]}")
            return True
        if token.text == "{" and self.scanner.follows(token, "|"):
            return False  # An annotation: {| … |}
        if open_brackets:
            return False
        return token.text in (".", "{", "}") or self.scanner.word in ELEMENTS


GROUPED: dict[str, Callable[[int, int, Group], Element]] = {
    "OPTIONAL": Optional_,
    "MINUS": Minus,
    "LATERAL": Lateral,
}
CLOSES = {")": "(", "]": "[", "}": "{", ">>": "<<"}
