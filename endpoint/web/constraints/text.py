"""Words and terms as the pieces of a sentence, from the templates of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from atlas.namespaces import XSD
from endpoint.language import LANGUAGES, translate
from endpoint.names import Value
from endpoint.web.constraints.shapes import Shapes, Term

PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Piece:
    """Part of a sentence: words, a term with its link, or what is shown as it is written."""

    text: str
    href: str | None = None
    external: bool = False
    code: bool = False


Phrase = list[Piece]
COMMA = [Piece(", ")]


@dataclass(frozen=True)
class Words:
    """What turns terms and templates into phrases, in one language."""

    shapes: Shapes
    names: Callable[[str], Value]
    language: str

    def say(self, key: str, count: int | None = None, **pieces: Phrase | Piece) -> Phrase:
        """A template of the catalogue with pieces in its places."""
        places = {name: f"{{{name}}}" for name in pieces}
        values: dict[str, object] = {**places} if count is None else {**places, "count": count}
        text = translate(f"terms.rule.{key}", self.language, **values)
        found: Phrase = []
        for place, part in enumerate(PLACE.split(text)):
            if place % 2:
                filling = pieces[part]
                found += [filling] if isinstance(filling, Piece) else filling
            elif part:
                found.append(Piece(part))
        return found

    def term(self, value: Term) -> Phrase:
        if isinstance(value, NamedNode):
            named = self.names(value.value)
            return [Piece(named.text, named.href, named.external)]
        if isinstance(value, Literal) and value.datatype.value == f"{XSD}boolean":
            return self.say(f"boolean.{value.value}")
        return [Piece(text_of(value), code=isinstance(value, Literal))]

    def path(self, path: Term | None) -> Phrase:
        """A path in words. https://www.w3.org/TR/shacl/#property-paths"""
        if path is None:
            return []
        if isinstance(path, NamedNode):
            return self.term(path)
        if self.shapes.is_list(path):
            steps = [self.path(step) for step in self.shapes.members(path)]
            return joined(steps, self.say("then"))
        for choice in self.shapes.values(path, "alternativePath"):
            return self.either([self.path(step) for step in self.shapes.members(choice)])
        for name in ("inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"):
            for inner in self.shapes.values(path, name):
                return self.say(f"path.{name}", what=self.path(inner))
        return [Piece(str(path), code=True)]

    def either(self, phrases: Sequence[Phrase]) -> Phrase:
        """The phrases as a choice: "a, b or c"."""
        if len(phrases) < 2:
            return list(phrases[0]) if phrases else []
        return [*joined(phrases[:-1], COMMA), *self.say("or-else"), *phrases[-1]]


def number(value: Term | None) -> int | None:
    return int(value.value) if isinstance(value, Literal) else None


def text_of(value: Term) -> str:
    return value.value if isinstance(value, NamedNode | Literal) else str(value)


def chosen(texts: Mapping[str, str], language: str) -> str:
    """The text in the language, or in one there is."""
    return next((texts[c] for c in (language, *LANGUAGES, "") if c in texts), "")


def joined(phrases: Sequence[Phrase], between: Phrase) -> Phrase:
    found: Phrase = []
    for phrase in phrases:
        found += [*between, *phrase] if found else phrase
    return found
