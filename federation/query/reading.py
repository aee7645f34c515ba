"""Takes a query's text token by token, as the engine does: where it stands decides what it is.

``SERVICE:site{`` is a keyword and a name, ``?a<?b&&?c>?d`` holds no IRI, ``1.`` ends a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from atlas.errors import MalformedQuery, shown
from queries.lexer import CODEPOINT, LOCAL_ESCAPE, TOKEN, Token, character, resolved

SPACE = re.compile(r"[ \t\r\n]+|#[^\n\r]*")
NUMBER = re.compile(
    r"[0-9]+\.[0-9]*[eE][+-]?[0-9]+|\.?[0-9]+[eE][+-]?[0-9]+|[0-9]+\.[0-9]+|\.?[0-9]+"
)
DECLARED = re.compile(r"(?:[^\W\d][\w.\-]*)?:")
KEYWORDS = (
    *("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "DISTINCT", "REDUCED", "FROM", "NAMED", "WHERE"),
    *("GROUP", "BY", "HAVING", "ORDER", "ASC", "DESC", "LIMIT", "OFFSET", "VALUES", "UNDEF"),
    *("OPTIONAL", "GRAPH", "SERVICE", "SILENT", "BIND", "AS", "MINUS", "UNION", "FILTER", "NOT"),
    *("EXISTS", "LATERAL", "IN", "PREFIX", "BASE", "VERSION", "TRUE", "FALSE"),
)
LEADING = re.compile("|".join(sorted(KEYWORDS, key=len, reverse=True)), re.IGNORECASE)
# Words of the language that begin as another one does.
WHOLE = frozenset({*KEYWORDS, "GROUP_CONCAT"})
REACHING = ("SERVICE", "GRAPH")
OPERANDS = frozenset({"variable", "number", "string", "long", "language", "iri", "blank"})


class Scanner:
    """One token ahead of its reader.

    ``prefixes``: those declared so far; ``last``: the end of what was taken; ``computing``: whether
    an expression is being read, where "<" behind a value compares.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.prefixes: dict[str, str] = {}
        self.last = 0
        self.computing = False
        self._operand = False
        self._next: Token | None = None

    def peek(self) -> Token:
        if self._next is None:
            self._next = self._read(self.last)
        return self._next

    def next(self) -> Token:
        token = self.peek()
        self._next, self.last = None, token.end
        self._operand = token.kind in OPERANDS or token.text == ")" or _named(token)
        return token

    @property
    def word(self) -> str:
        """The word that comes next, in capitals; "" where a name or no word comes."""
        token = self.peek()
        return token.text.upper() if token.kind == "word" and ":" not in token.text else ""

    def keyword(self, *words: str) -> str:
        """Take the next word if it is one of these; else "" and nothing is taken."""
        word = self.word
        if word not in words:
            return ""
        self.next()
        return word

    def leading(self) -> None:
        """Where an element begins, ``SERVICE:site{`` opens with a keyword, whatever is declared."""
        token = self.peek()
        prefix, colon, _ = token.text.partition(":")
        braced = SPACE.sub("", self.text[token.end : token.end + 1]) == "{"
        if token.kind == "word" and colon and braced and prefix.upper() in REACHING:
            self._next = Token("word", prefix, token.start)

    def expect(self, text: str) -> Token:
        """Take this mark. Raises MalformedQuery."""
        if self.peek().text != text:
            raise self.unexpected(text)
        return self.next()

    def take(self, *kinds: str) -> Token:
        """Take a token of these kinds. Raises MalformedQuery."""
        if self.peek().kind not in kinds:
            raise self.unexpected(f"an {kinds[0]}" if kinds[0] == "iri" else f"a {kinds[0]}")
        return self.next()

    def declaring(self) -> str:
        """Take a prefix with its colon, and no more: ``PREFIX :<urn:x>`` has one too."""
        start = self.peek().start
        match = DECLARED.match(self.text, start)
        if match is None:
            raise self.unexpected("a prefix and a colon")
        self._next, self.last = None, match.end()
        return match.group()[:-1]

    def follows(self, token: Token, text: str) -> bool:
        """Whether this stands right behind the token."""
        return self.text.startswith(text, token.end)

    def unexpected(self, wanted: str, token: Token | None = None) -> MalformedQuery:
        token = token or self.peek()
        line = self.text.count("\n", 0, token.start) + 1
        column = token.start - self.text.rfind("\n", 0, token.start)
        found = shown(token.text, 40) if token.text else "the end"
        words = f"{wanted} is expected here, not {found}."
        return MalformedQuery(
            f"This is not valid SPARQL at line {line}, column {column}: {words}"
        ).worded("refusal.sparql_wrong_at", line=str(line), column=str(column), words=words)

    def _read(self, position: int) -> Token:
        while match := SPACE.match(self.text, position):
            position = match.end()
        if position >= len(self.text):
            return Token("end", "", len(self.text))
        if number := NUMBER.match(self.text, position):
            return Token("number", number.group(), position)
        match = TOKEN.match(self.text, position)
        if match is None or (match.lastgroup == "iri" and self.computing and self._operand):
            return Token("mark", self.text[position], position)
        kind, text = str(match.lastgroup), match.group()
        if kind == "unclosed":
            raise self.unexpected("a string that is closed", Token(kind, text, position))
        if kind == "blank":
            text = text.rstrip(".")
        if kind == "word":
            text = self._apart(text)
        return Token(kind, text, position)

    def _apart(self, word: str) -> str:
        """The word up to where another one is glued to it."""
        prefix, colon, _ = word.partition(":")
        if prefix.upper() in WHOLE and not colon:
            return word
        if colon and prefix in self.prefixes:
            return word
        leading = LEADING.match(word)
        if leading is None or (not colon and prefix.upper() in WHOLE):
            return word
        return leading.group()


def _named(token: Token) -> bool:
    return token.kind == "word" and (":" in token.text or token.text.upper() in ("TRUE", "FALSE"))


def written_out(name: str, prefixes: Mapping[str, str], base: str) -> str:
    """The IRI that ``<…>`` or ``prefix:local`` stands for. Raises MalformedQuery."""
    if name.startswith("<"):
        decoded = CODEPOINT.sub(character, name[1:-1])
        return resolved(base, decoded)
    prefix, _, local = name.partition(":")
    if prefix not in prefixes:
        raise MalformedQuery(f"The prefix {prefix}: is not declared; put PREFIX first.").worded(
            "refusal.sparql_prefix", prefix=prefix
        )
    return prefixes[prefix] + LOCAL_ESCAPE.sub(r"\1", local)
