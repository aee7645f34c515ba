"""Reads an update token by token, with the prefixes and the base that its prologue declares.

Unlike a query, an update is cut up by what is read here, so nothing in it may be passed over: what
is not understood is refused, with its place. https://www.w3.org/TR/sparql11-update/
"""

from __future__ import annotations

import re
from functools import lru_cache

import pyoxigraph
from pyoxigraph import NamedNode, RdfFormat

from atlas.errors import MalformedQuery, TooLarge, shown
from endpoint.refusals import refused
from queries.lexer import LOCAL_ESCAPE, Token, lexemes

# Characters of a base, a prefix's IRI or a graph's name: no address of a request is longer.
LONGEST_IRI = 8_190
# Characters of all declarations together, which each operation repeats that makes use of them.
DECLARED = 64_000_000
RELATIVE = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.\-]*:)[^\x00-\x20<>\"{}|^`]*>")
IRI = re.compile(r"[^\x00-\x20<>\"{}|^`\\]+")
STRING = re.compile(r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\"""", re.DOTALL)


class Cursor:
    """The token that comes next, and what has been declared before it."""

    def __init__(self, text: str, base: str) -> None:
        """``base``: the address that relative IRIs start from, where there are any."""
        self.text = text
        self.base = base if RELATIVE.search(text) else ""
        self.version = ""
        self.prefixes: dict[str, str] = {}
        self.used: set[str] = set()
        self.room = DECLARED
        self.end = 0  # where the last token that was taken ends
        self._tokens = lexemes(text)
        self._line, self._counted = 1, 0
        self._move()

    @property
    def finished(self) -> bool:
        return self.token.kind == "end"

    @property
    def follower(self) -> str:
        """The character right behind the token that comes next."""
        return self.text[self.token.end : self.token.end + 1]

    def _move(self) -> None:
        self.token = next(self._tokens, None) or Token("end", "", len(self.text))

    def take(self) -> Token:
        """The next token, taken. Raises MalformedQuery at the end or for a string left open."""
        token = self.token
        kind, text, start = token
        if kind == "word":
            if ":" in text:
                self.used.add(text.partition(":")[0])
        elif kind in ("end", "unclosed") or (kind == "string" and not closed(text)):
            raise self.malformed("the text ends in the middle of an operation or of a string")
        self.end = start + len(text)
        self._move()
        return token

    def at(self, *words: str) -> bool:
        """Whether one of these keywords comes next."""
        return self.token.kind == "word" and self.token.text.upper() in words

    def took(self, *words: str) -> str:
        """The keyword of these that came next, taken; "" where none did."""
        return self.take().text.upper() if self.at(*words) else ""

    def need(self, *words: str) -> str:
        """As ``took``. Raises MalformedQuery where none of them comes next."""
        if not self.at(*words):
            raise self.malformed(f"expected {' or '.join(words)}")
        return self.take().text.upper()

    def open(self) -> None:
        """Take the brace that opens a block. Raises MalformedQuery."""
        if self.token.text != "{" or self.follower == "|":
            raise self.malformed("expected {")
        self.take()

    def place(self) -> tuple[int, int]:
        """Line and column of the token that comes next; asked for in the order of the text."""
        start = self.token.start
        self._line += self.text.count("\n", self._counted, start)
        self._counted = start
        return self._line, start - self.text.rfind("\n", 0, start)

    def malformed(self, reason: str) -> MalformedQuery:
        line, column = self.place()
        found = shown(self.token.text, 40) if self.token.text else "the end"
        words = f"{reason}, not {found}"
        return refused(
            MalformedQuery, "refusal.update_wrong_at", line=line, column=column, words=words
        )

    def prologue(self) -> None:
        """Take PREFIX, BASE and VERSION lines. https://www.w3.org/TR/sparql11-query/#rPrologue"""
        while keyword := self.took("PREFIX", "BASE", "VERSION"):
            if keyword == "BASE":
                self.base = self.reference()
            elif keyword == "PREFIX":
                name = self.token.text
                if self.token.kind != "word" or name.find(":") != len(name) - 1:
                    raise self.malformed("expected a prefix and its colon")
                self.take()
                self.prefixes[name[:-1]] = self.reference()
            elif self.token.kind == "string":
                self.version = self.take().text
            else:
                raise self.malformed("expected a version in quotes")

    def reference(self) -> str:
        """Take an IRI in angle brackets. Raises MalformedQuery."""
        if self.token.kind != "iri":
            raise self.malformed("expected an IRI in angle brackets")
        self.refuse_long(self.token.text)
        try:
            iri = resolve(self.token.text, self.base)
        except ValueError as error:
            raise self.malformed("expected an absolute IRI") from error
        self.take()
        return iri

    def iri(self) -> str:
        """Take an IRI, written out or by its prefix. Raises MalformedQuery."""
        if self.token.kind == "word":
            prefix, colon, local = self.token.text.partition(":")
            if colon and prefix in self.prefixes:
                self.refuse_long(self.prefixes[prefix] + local)
                self.take()
                return self.prefixes[prefix] + LOCAL_ESCAPE.sub(r"\1", local)
        return self.reference()

    def refuse_long(self, iri: str) -> None:
        if len(iri) > LONGEST_IRI:
            raise self.malformed(f"expected an IRI of at most {LONGEST_IRI:,} characters")

    def declarations(self) -> str:
        """One line that declares again what the tokens taken since ``used`` was emptied need.

        Raises TooLarge where many operations repeat long ones.
        """
        # The engine reads `trueSERVICE:x` as a keyword and a name in the empty prefix.
        needed = sorted((self.used | {""}) & self.prefixes.keys())
        lines = [f"PREFIX {prefix}: <{self.prefixes[prefix]}>" for prefix in needed]
        if self.version:
            lines.insert(0, f"VERSION {self.version}")
        if self.base:
            lines.append(f"BASE <{self.base}>")
        line = " ".join(lines)
        self.room -= len(line)
        if self.room < 0:
            raise refused(TooLarge, "refusal.update_prefixes", most=DECLARED)
        return line


def closed(string: str) -> bool:
    """Whether a short string ends where it should: its token may lack the last quote."""
    return STRING.fullmatch(string) is not None


@lru_cache(maxsize=1024)
def resolve(reference: str, base: str) -> str:
    """The absolute IRI that a reference in angle brackets stands for, as the engine resolves it.

    Raises ValueError. https://www.rfc-editor.org/rfc/rfc3986#section-5
    """
    line = f"{reference} <x:> <x:> .".encode("utf-8", "replace")
    try:
        (quad,) = pyoxigraph.parse(line, RdfFormat.TURTLE, base_iri=base or None)
    except SyntaxError as error:
        raise ValueError(reference) from error
    assert isinstance(quad.subject, NamedNode)
    return quad.subject.value


def absolute(text: str) -> str:
    """The IRI itself, once it is known to be one and absolute. Raises ValueError."""
    if IRI.fullmatch(text) is None or resolve(f"<{text}>", "") != text:
        raise ValueError(text)
    return text
