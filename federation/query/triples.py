"""Reads a block of triples as triple patterns, so that each can be asked of the site that has it.

What is not understood is refused with its place, never read in another way than the engine reads
it. https://www.w3.org/TR/sparql11-query/#rTriplesBlock, property paths by section 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import pyoxigraph
from pyoxigraph import Literal, NamedNode, RdfFormat, Variable

from atlas.errors import MalformedQuery, NotFederable, shown
from atlas.namespaces import XSD
from federation.query.patterns import (
    FIRST,
    HIDDEN,
    NIL,
    REST,
    TYPE,
    AnyPattern,
    Chain,
    Choice,
    Inverse,
    Link,
    Negated,
    Path,
    PathPattern,
    Pattern,
    Repeated,
    Term,
)
from queries.lexer import LOCAL_ESCAPE, Token, character, lexemes

NUMBER = re.compile(
    r"[+-]?(?:(?P<double>(?:\d+\.\d*|\.?\d+)[eE][+-]?\d+)|(?P<decimal>\d*\.\d+)|(?P<integer>\d+))"
)
ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", "\\": "\\", '"': '"', "'": "'"}
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
TRIPLE_TERMS = (
    "A pattern with triple terms cannot be asked of several sites; ask each with SERVICE."
)


class Names:
    """What the prologue of a query declares. https://www.w3.org/TR/sparql11-query/#rPrologue"""

    def __init__(self, base: str = "", prefixes: dict[str, str] | None = None) -> None:
        self.base, self.prefixes = base, prefixes or {}
        self._made = 0

    def hidden(self) -> Variable:
        """A variable that nothing else is called."""
        self._made += 1
        return Variable(f"{HIDDEN}{self._made}")


def read_triples(text: str, names: Names) -> tuple[AnyPattern, ...]:
    """The patterns of a block of triples, whole from its first to its last character.

    Raises MalformedQuery where it is not understood, NotFederable for triple terms.
    """
    return tuple(Block(text, names).read())


def read_data(text: str, names: Names) -> Iterator[list[Term | None]]:
    """The rows between the braces of a VALUES clause; None for UNDEF.

    Raises MalformedQuery, or NotFederable for triple terms.
    """
    block = Block(text, names)
    while block.token.kind != "end":
        if not block.took("("):
            yield [block.value()]
            continue
        row = []
        while not block.took(")"):
            row.append(block.value())
        yield row


class Block:
    """One block: the token that comes next, and the patterns found so far."""

    def __init__(self, text: str, names: Names) -> None:
        self.text, self.names = text, names
        self.tokens = [*undotted(lexemes(text)), Token("end", "", len(text))]
        self.place = 0
        self.found: list[AnyPattern] = []

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def at(self, *texts: str) -> bool:
        return self.token.text in texts and self.token.kind in ("mark", "operator", "open", "close")

    def took(self, *texts: str) -> bool:
        here = self.at(*texts)
        self.place += here
        return here

    def need(self, text: str) -> None:
        if not self.took(text):
            raise self.malformed(f"expected {text}")

    def malformed(self, reason: str) -> MalformedQuery:
        if self.at("<<", ">>", "~") or self.text.startswith("{|", self.token.start):
            raise NotFederable(TRIPLE_TERMS)
        found = shown(self.token.text, 40) if self.token.text else "the end of a block of triples"
        words = f"{reason}, not {found}."
        return MalformedQuery(f"The triples of the query are not understood: {words}").worded(
            "refusal.sparql_triples", words=words
        )

    def read(self) -> list[AnyPattern]:
        while self.token.kind != "end":
            if self.took("."):
                continue
            closes = self.at("[") or self.at("(")
            subject = self.node()
            # ``[ :p ?o ] .`` says all it has to say between its brackets.
            if not (closes and (self.at(".") or self.token.kind == "end")):
                self.properties(subject)
            if self.token.kind != "end":
                self.need(".")
        return self.found

    def properties(self, subject: Term) -> None:
        """``p o, o; p o`` up to what no longer belongs to it."""
        self.objects(subject)
        while self.took(";"):
            if not (self.at(";", ".", "]") or self.token.kind == "end"):
                self.objects(subject)

    def objects(self, subject: Term) -> None:
        verb = self.verb()
        self.say(subject, verb, self.node())
        while self.took(","):
            self.say(subject, verb, self.node())

    def verb(self) -> Variable | Path:
        if self.token.kind == "variable":
            return self.variable()
        return self.path()

    def say(self, subject: Term, verb: Variable | Path, object: Term) -> None:
        self.found.extend(simplified(subject, verb, object, self.names))
        if self.at("{", "~"):
            raise self.malformed("expected the end of a triple")

    # Nodes: https://www.w3.org/TR/sparql11-query/#rGraphNode

    def node(self) -> Term:
        kind, text, start = self.token
        if kind == "variable":
            return self.variable()
        if kind == "blank":
            self.place += 1
            return Variable(f"{HIDDEN}of_{re.sub(r'[^A-Za-z0-9]', spelled, text[2:])}")
        if self.took("["):
            return self.properties_of_a_blank_node()
        if self.took("("):
            return self.collection()
        if kind in ("string", "long"):
            return self.literal()
        if number := NUMBER.match(self.text, start):
            return self.number(number)
        if kind == "word" and text in ("true", "false"):
            self.place += 1
            return Literal(text, datatype=NamedNode(XSD + "boolean"))
        return self.iri()

    def value(self) -> Term | None:
        """A value of inline data."""
        if self.token.kind == "word" and self.token.text.upper() == "UNDEF":
            self.place += 1
            return None
        if self.token.kind in ("end", "variable", "blank", "open"):
            raise self.malformed("expected a value")
        return self.node()

    def variable(self) -> Variable:
        self.place += 1
        return Variable(self.tokens[self.place - 1].text[1:])

    def properties_of_a_blank_node(self) -> Variable:
        node = self.names.hidden()
        if not self.took("]"):
            self.properties(node)
            self.need("]")
        return node

    def collection(self) -> Term:
        """https://www.w3.org/TR/sparql11-query/#collections"""
        items = []
        while not self.took(")"):
            if self.token.kind == "end":
                raise self.malformed("expected )")
            items.append(self.node())
        nodes: list[Term] = [self.names.hidden() for _ in items]
        for node, item, rest in zip(nodes, items, [*nodes[1:], NIL], strict=False):
            self.found.append(Pattern(node, FIRST, item))
            self.found.append(Pattern(node, REST, rest))
        return nodes[0] if nodes else NIL

    def literal(self) -> Literal:
        kind, text, _ = self.token
        self.place += 1
        quotes = 3 if kind == "long" else 1
        if len(text) < 2 * quotes or text[-1] != text[0]:
            raise self.malformed("expected a string that is closed")
        value = ESCAPE.sub(unescaped, text[quotes:-quotes])
        if self.token.kind == "language":
            self.place += 1
            tag = self.tokens[self.place - 1].text[1:]
            if "--" in tag:
                raise NotFederable(
                    "A pattern with a directional language tag cannot be asked of several sites."
                )
            return Literal(value, language=tag)
        if self.at("^") and self.text.startswith("^^", self.token.start):
            self.place += 2
            return Literal(value, datatype=self.iri())
        return Literal(value)

    def number(self, number: re.Match[str]) -> Literal:
        while self.token.kind != "end" and self.token.start < number.end():
            if self.token.end > number.end():
                raise self.malformed("expected a number that ends")
            self.place += 1
        return Literal(number.group(), datatype=NamedNode(XSD + str(number.lastgroup)))

    def iri(self) -> NamedNode:
        kind, text, _ = self.token
        if kind == "iri":
            self.place += 1
            return NamedNode(resolve(text, self.names.base))
        prefix, colon, local = text.partition(":")
        if kind == "word" and colon and prefix in self.names.prefixes:
            self.place += 1
            return NamedNode(self.names.prefixes[prefix] + LOCAL_ESCAPE.sub(r"\1", local))
        raise self.malformed("expected a term whose prefix is declared")

    # Paths: https://www.w3.org/TR/sparql11-query/#rPath

    def path(self) -> Path:
        parts = [self.chain()]
        while self.at("|") and self.took("|"):
            parts.append(self.chain())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def chain(self) -> Path:
        parts = [self.step()]
        while self.took("/"):
            parts.append(self.step())
        return parts[0] if len(parts) == 1 else Chain(tuple(parts))

    def step(self) -> Path:
        return Inverse(self.element()) if self.took("^") else self.element()

    def element(self) -> Path:
        path = self.primary()
        if self.at("{"):
            raise self.malformed("expected the end of a path")
        if self.took("*"):
            return Repeated(path, 0, True)
        if self.took("+"):
            return Repeated(path, 1, True)
        return Repeated(path, 0, False) if self.took("?") else path

    def primary(self) -> Path:
        if self.took("("):
            path = self.path()
            self.need(")")
            return path
        if self.took("!"):
            return self.negated()
        return Link(self.predicate())

    def predicate(self) -> NamedNode:
        if self.token.kind == "word" and self.token.text == "a":
            self.place += 1
            return TYPE
        return self.iri()

    def negated(self) -> Negated:
        ways: dict[bool, list[NamedNode]] = {False: [], True: []}
        several = self.took("(")
        while not (several and self.took(")")):
            backward = self.took("^")
            ways[backward].append(self.predicate())
            if not several:
                break
            if not (self.took("|") or self.at(")")):
                raise self.malformed("expected | or )")
        # ``!()`` excludes nothing, forward.
        forward = tuple(ways[False]) if ways[False] or not ways[True] else None
        return Negated(forward, tuple(ways[True]) if ways[True] else None)


def simplified(
    subject: Term, verb: Variable | Path, object: Term, names: Names
) -> Iterator[AnyPattern]:
    """The patterns of one triple: chains and inverses become triples, other paths stay."""
    if isinstance(verb, Variable):
        yield Pattern(subject, verb, object)
    elif isinstance(verb, Link):
        yield Pattern(subject, verb.predicate, object)
    elif isinstance(verb, Inverse):
        yield from simplified(object, verb.path, subject, names)
    elif isinstance(verb, Chain):
        for part in verb.parts[:-1]:
            middle = names.hidden()
            yield from simplified(subject, part, middle, names)
            subject = middle
        yield from simplified(subject, verb.parts[-1], object, names)
    else:
        yield PathPattern(subject, verb, object)


def undotted(tokens: Iterator[Token]) -> Iterator[Token]:
    """The tokens, where full stops at the end of a blank node's label stand for themselves."""
    for token in tokens:
        label = token.text.rstrip(".") if token.kind == "blank" else token.text
        yield Token(token.kind, label, token.start)
        for place in range(token.start + len(label), token.end):
            yield Token("mark", ".", place)


def spelled(match: re.Match[str]) -> str:
    """A character that a name or label may not have, in characters that it may."""
    return f"_{ord(match[0]):x}_"


def unescaped(match: re.Match[str]) -> str:
    if match[3] is None:
        return character(match)
    if match[3] not in ESCAPED:
        raise MalformedQuery(
            f"A string of the query has the unknown escape {shown(match[0])}."
        ).worded("refusal.sparql_escape", escape=match[0])
    return ESCAPED[match[3]]


@lru_cache(maxsize=4096)
def resolve(reference: str, base: str) -> str:
    """The absolute IRI that a reference in angle brackets stands for.

    Raises MalformedQuery. https://www.rfc-editor.org/rfc/rfc3986#section-5
    """
    if ABSOLUTE.match(reference, 1) and "\\" not in reference and reference.isascii():
        return reference[1:-1]
    line = f"{reference} <x:> <x:> .".encode("utf-8", "replace")
    try:
        (quad,) = pyoxigraph.parse(line, RdfFormat.TURTLE, base_iri=base or None)
    except (SyntaxError, ValueError) as error:
        raise MalformedQuery(f"The query has {shown(reference)} where an IRI must be.").worded(
            "refusal.sparql_iri", value=reference
        ) from error
    assert isinstance(quad.subject, NamedNode)
    return quad.subject.value
