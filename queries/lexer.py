"""Reads a SPARQL text as tokens: its form, what it reaches for, how deep it nests.

It judges no syntax: the engine alone does. But whatever the engine reads as a keyword must be seen
here, even where no space sets it apart: its parser works without a tokenizer, so ``ASKFROM<g>`` and
``SERVICE:partner{…}`` are queries to it. https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urljoin

# Possessive quantifiers (`*+`): no text makes the reader go back over what it has read.
TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n\r]*+)
  | (?P<iri><(?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>)
  | (?P<long>'{3}(?:[^'\\]|\\.|'{1,2}(?!'))*+'{3} | "{3}(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3})
  | (?P<unclosed>'{3}|"{3})
  | (?P<string>'(?:[^'\\\n\r]|\\.)*+'? | "(?:[^"\\\n\r]|\\.)*+"?)
  | (?P<variable>[?$]\w++)
  | (?P<language>@[A-Za-z]++(?:-{1,2}[A-Za-z0-9]++)*+)
  | (?P<blank>_:[\w.\-]++)
  | (?P<number>[0-9]++)
  | (?P<word>(?=[^\W\d]|:)(?:[^\W\d](?:[\w\-]|\.(?=[\w.\-:]))*+)?+
      (?::(?:[\w:\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]|\.(?=[\w.:%\-\\]))*+)?+)
  | (?P<open><<|[({\[])
  | (?P<close>>>|[)}\]])
  | (?P<operator>\|\||&&|[!|/*+\-^])
    """,
    re.VERBOSE | re.DOTALL,
)
QUERY_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATE_FORMS = (
    "INSERT",
    "DELETE",
    "LOAD",
    "CLEAR",
    "CREATE",
    "DROP",
    "COPY",
    "MOVE",
    "ADD",
    "WITH",
)
FORM = re.compile("|".join(QUERY_FORMS + UPDATE_FORMS))
REACHING = re.compile("SERVICE|LOAD|FROM|GRAPH")
# The engine recurses once for each, however flat the text: 4,000 OPTIONALs end its process.
CHAINED = frozenset({"UNION", "OPTIONAL", "MINUS", "BIND", "VALUES", "FILTER", "AS", "LATERAL"})
# The answer to these is no function of the data.
VOLATILE = frozenset({"NOW", "RAND", "UUID", "STRUUID"})
CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
# Characters that all IRIs of a text may have together once they are written out: each name takes
# a whole prefix or base, and a text may declare a long one.
WRITTEN_OUT = 8_000_000
WORDS = re.compile(r"\w+")
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
SPACE = " \t\r\n"
LOCAL_ESCAPE = re.compile(r"\\(.)")


class Token(NamedTuple):
    kind: str
    text: str
    start: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass
class Analysis:
    """What the tokens of one text say. IRIs are resolved against its BASE and PREFIX lines."""

    form: str | None = None
    services: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    default_graphs: list[str] = field(default_factory=list)
    named_graphs: list[str] = field(default_factory=list)
    uses_service: bool = False
    uses_graph: bool = False
    graph_variables: bool = False
    volatile: bool = False
    unclosed: bool = False
    expansive: bool = False
    depth: int = 0
    chained: int = 0
    names: set[str] = field(default_factory=set)

    @property
    def is_update(self) -> bool:
        return self.form in UPDATE_FORMS


def analyse(text: str, base: str = "") -> Analysis:
    """What ``text`` is and reaches for; ``base``: where its relative IRIs start.

    Raises nothing: a text that is not SPARQL says little.
    """
    reader = Reader(tokenise(text), base)
    for position, token in enumerate(reader.tokens):
        reader.read(position, token)
    return reader.analysis


def tokenise(text: str) -> list[Token]:
    """The tokens of ``text``, without comments and what no token begins with.

    A long string that is not closed ends the reading: what follows could be read in two ways.
    """
    tokens = []
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is not None and kind != "comment":
            tokens.append(Token(kind, match.group()))
        if kind == "unclosed":
            break
    return tokens


def lexemes(text: str) -> Iterator[Token]:
    """Every token of ``text`` where it stands, and as a ``mark`` each character between two tokens.

    Only white space and comments are left out, so that whoever reads these has read all of it.
    """
    done = 0
    for match in TOKEN.finditer(text):
        if match.start() > done:
            yield from marks(text, done, match.start())
        done, kind = match.end(), match.lastgroup
        if kind is not None and kind != "comment":
            yield Token(kind, match.group(), match.start())
        if kind == "unclosed":
            return
    yield from marks(text, done, len(text))


def marks(text: str, start: int, end: int) -> Iterator[Token]:
    for position in range(start, end):
        if text[position] not in SPACE:
            yield Token("mark", text[position], position)


class Reader:
    """Walks the tokens once and remembers which keyword waits for its IRI."""

    def __init__(self, tokens: Sequence[Token], base: str) -> None:
        self.tokens = tokens
        self.analysis = Analysis()
        self.base = base
        self.prefixes: dict[str, str] = {}
        self.level = 0
        self.room = WRITTEN_OUT
        self.awaiting = ""  # PREFIX, BASE or one of REACHING
        self.declared = ""  # the prefix that a PREFIX line is about to bind

    def read(self, position: int, token: Token) -> None:
        kind, text, _ = token
        if kind == "word" and ":" in text:
            self.name(position, text)
        elif kind == "word":
            # Without a colon, what looks like a prefix is words around full stops and hyphens.
            for word in WORDS.findall(text.upper()):
                self.word(word)
        elif kind == "iri":
            self.iri(text)
        elif kind == "open":
            self.level += 1
            self.analysis.depth = max(self.analysis.depth, self.level)
            self.awaiting = ""
        elif kind == "close":
            self.level = max(self.level - 1, 0)
        elif kind == "operator":
            self.analysis.chained += 1
        elif kind == "variable":
            self.reached(text)
        elif kind == "unclosed":
            self.analysis.unclosed = True

    def word(self, word: str) -> None:
        analysis = self.analysis
        analysis.chained += word in CHAINED
        analysis.volatile |= word in VOLATILE
        if analysis.form is None and (form := FORM.match(word)):
            analysis.form = form.group()
        if word in ("PREFIX", "BASE"):
            self.awaiting = word
        elif keyword := REACHING.search(word):
            self.keyword(keyword.group(), word[keyword.end() :])
        elif word == "NAMED" and self.awaiting == "FROM":
            self.awaiting = "FROM NAMED"

    def keyword(self, keyword: str, rest: str) -> None:
        """A keyword that leads to an IRI, and what was glued to it."""
        self.awaiting = "FROM NAMED" if keyword == "FROM" and rest == "NAMED" else keyword
        self.analysis.uses_graph |= keyword == "GRAPH"
        self.analysis.uses_service |= keyword == "SERVICE"

    def iri(self, text: str) -> None:
        if not self.fits(self.base, text):
            return
        iri = CODEPOINT.sub(character, text[1:-1])
        iri = resolved(self.base, iri)
        if self.awaiting == "BASE":
            self.base = iri
        elif self.awaiting == "PREFIX":
            self.prefixes[self.declared] = iri
        else:
            self.analysis.names.add(iri)
            self.reached(iri)
            return
        self.awaiting = ""

    def name(self, position: int, text: str) -> None:
        prefix, _, local = text.partition(":")
        if self.awaiting == "PREFIX":
            self.declared = prefix
            return
        if prefix not in self.prefixes or self.opens_group(position):
            self.glued(prefix.upper())
            prefix = prefix if prefix in self.prefixes else ""
        if prefix in self.prefixes and self.fits(self.prefixes[prefix], local):
            iri = self.prefixes[prefix] + LOCAL_ESCAPE.sub(r"\1", local)
            self.analysis.names.add(iri)
            self.reached(iri)
        else:
            self.reached(text)

    def fits(self, start: str, rest: str) -> bool:
        """Whether there is room for one IRI more; without room a text is read no further."""
        self.room -= len(start) + len(rest)
        self.analysis.expansive |= self.room < 0
        return self.room >= 0

    def glued(self, prefix: str) -> None:
        """A keyword that stands where a prefix would: ``SERVICE:partner{``, ``DESCRIBE:x``."""
        if self.analysis.form is None and (form := FORM.match(prefix)):
            self.analysis.form = form.group()
        if prefix == "NAMED" and self.awaiting == "FROM":
            self.awaiting = "FROM NAMED"
        elif keyword := REACHING.search(prefix):
            self.keyword(keyword.group(), prefix[keyword.end() :])

    def opens_group(self, position: int) -> bool:
        following = self.tokens[position + 1 : position + 2]
        return bool(following) and following[0].text == "{"

    def reached(self, target: str) -> None:
        """What a waiting keyword led to: an IRI, or a variable or name that stands for one."""
        analysis = self.analysis
        places = {
            "SERVICE": analysis.services,
            "LOAD": analysis.loads,
            "FROM": analysis.default_graphs,
            "FROM NAMED": analysis.named_graphs,
        }
        if self.awaiting in places:
            places[self.awaiting].append(target)
        elif self.awaiting == "GRAPH":
            analysis.graph_variables |= target[:1] in "?$"
        self.awaiting = ""


def character(match: re.Match[str]) -> str:
    """What an escape of CODEPOINT stands for; as it is where that is no character."""
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= sys.maxunicode else match[0]


def resolved(base: str, reference: str) -> str:
    """A relative reference from the base; what cannot be resolved is for the engine to judge."""
    if not base or ABSOLUTE.match(reference):
        return reference
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference
