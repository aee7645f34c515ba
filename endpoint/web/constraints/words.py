"""Constraints in plain words: a sentence for each, in the reader's language, its terms as links.

A table gives each constraint component its template in the catalogue. What no template says is
shown by its message, and as the Turtle that it is written in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Literal

from endpoint.web.constraints.shapes import Constraint, Rule, Term
from endpoint.web.constraints.text import (
    COMMA,
    Phrase,
    Piece,
    Words,
    chosen,
    joined,
    number,
    text_of,
)
from endpoint.web.constraints.values import EACH

# Where a validator puts the value that it found. https://www.w3.org/TR/shacl/#sparql-constraints-variables
BOUND = re.compile(r"\{[?$]\w+\}")
LEVELS = {"Violation": "must", "Warning": "should", "Info": "noted"}


@dataclass(frozen=True)
class Sentence:
    """A sentence, and the cases that it goes on to list."""

    pieces: Phrase
    cases: Sequence[Phrase] = ()


@dataclass(frozen=True)
class Said:
    """A rule in words. ``subject``: the property; empty where the thing itself is meant."""

    subject: Phrase
    level: str
    sentences: Sequence[Sentence]
    message: str
    queries: Sequence[str] = ()
    turtle: str = ""


@dataclass
class Saying:
    """Says rules in one language. ``done`` and ``unsaid`` hold the constraints met on the way."""

    words: Words
    done: list[Constraint] = field(default_factory=list)
    unsaid: list[Constraint] = field(default_factory=list)

    def say(self, rule: Rule) -> Said:
        before = len(self.unsaid)
        sentences = [self.finished(sentence) for sentence in self.sentences(rule)]
        left = len(self.unsaid) > before
        return Said(
            subject=self.words.path(rule.path) if rule.path is not None else [],
            level=LEVELS.get(rule.severity, "must"),
            sentences=sentences,
            message=chosen(rule.messages, self.words.language),
            queries=[query for c in rule.constraints for query in self.queries(c)],
            turtle=self.words.shapes.turtle(rule.shape) if left else "",
        )

    def sentences(self, rule: Rule) -> list[Sentence]:
        """How many values, what each of them is, then whatever is said of them together."""
        each: list[Phrase] = []
        together: list[Sentence] = []
        for constraint in sorted(rule.constraints, key=rank):
            phrase = self.phrase(constraint)
            if phrase is not None:
                each.append(phrase)
            elif constraint.parameter in TOGETHER:
                together.append(TOGETHER[constraint.parameter](self, rule, constraint))
            elif constraint.parameter not in COUNTS:
                self.unsaid.append(constraint)
                continue
            self.done.append(constraint)
        found = [self.count(rule), self.kind(rule, each)]
        return [*(Sentence(pieces) for pieces in found if pieces), *together]

    # --- Of the values together ---

    def count(self, rule: Rule) -> Phrase:
        """How many values there are; nothing where no number is asked."""
        least, most = (number(rule.value(name)) for name in COUNTS)
        if most == 0:
            return self.words.say("none")
        if least == most:
            return self.words.say("exactly", count=most) if most is not None else []
        if not least:
            return self.words.say("at-most", count=most or 0)
        if most is None:
            return self.words.say("at-least", count=least)
        return self.words.say("between", count=most, least=Piece(str(least)))

    def kind(self, rule: Rule, phrases: Sequence[Phrase]) -> Phrase:
        """What each value is, or the thing itself."""
        if not phrases:
            return []
        one = number(rule.value("maxCount")) == 1
        key = "self" if rule.path is None else "value" if one else "values"
        return self.words.say(key, what=joined(phrases, COMMA))

    def same(self, rule: Rule, constraint: Constraint) -> Sentence:
        """A template that names the other property, or the value."""
        own = "-self" if rule.path is None and constraint.parameter == "disjoint" else ""
        return Sentence(
            self.words.say(constraint.parameter + own, other=self.words.term(constraint.value))
        )

    def unique_language(self, rule: Rule, constraint: Constraint) -> Sentence:
        return Sentence(self.words.say("uniqueLang"))

    def qualified(self, rule: Rule, constraint: Constraint) -> Sentence:
        """How many of the values are of a kind; the numbers stand beside the shape of the kind."""
        inline = self.inline(constraint.value)
        phrases = []
        for name in ("qualifiedMinCount", "qualifiedMaxCount"):
            for value in self.words.shapes.values(constraint.shape, name):
                what = inline or self.words.say("such")
                phrases.append(self.words.say(name, count=number(value) or 0, what=what))
        cases = () if inline else (self.case(constraint.value),)
        return Sentence(joined(phrases, COMMA), cases)

    def choice(self, rule: Rule, constraint: Constraint) -> Sentence:
        """``or``, ``and``, ``xone``: the cases, one below the other."""
        members = self.words.shapes.members(constraint.value)
        return Sentence(
            self.words.say(constraint.parameter), [self.case(member) for member in members]
        )

    def one_case(self, rule: Rule, constraint: Constraint) -> Sentence:
        """``not``, ``node`` and a shape of a property inside that of another."""
        return Sentence(
            self.words.say(constraint.parameter + "-case"), (self.case(constraint.value),)
        )

    def by_query(self, rule: Rule, constraint: Constraint) -> Sentence:
        messages = {
            text.language or "": text.value
            for text in self.words.shapes.values(constraint.value, "message")
            if isinstance(text, Literal)
        }
        said = BOUND.sub("…", chosen(messages, self.words.language)).removesuffix(".")
        return Sentence(self.words.say("sparql", message=[Piece(said)]))

    def closed(self, rule: Rule, constraint: Constraint) -> Sentence:
        ignored = [
            self.words.term(member)
            for value in self.words.shapes.values(constraint.shape, "ignoredProperties")
            for member in self.words.shapes.members(value)
        ]
        return Sentence(self.words.say("closed"), ignored)

    def case(self, node: Term) -> Phrase:
        """A shape inside another, in one line."""
        rule = self.words.shapes.rule(node)
        inner = [c for c in rule.constraints if c.parameter in ("property", "not")]
        own = [c for c in rule.constraints if c not in inner]
        lines = []
        if own:
            bare = Rule(rule.shape, rule.named, rule.path, rule.severity, rule.messages, own)
            said = [self.flat(sentence) for sentence in self.sentences(bare)]
            subject = (
                [*self.words.path(rule.path), *self.words.say("colon"), Piece(" ")]
                if rule.path
                else []
            )
            lines.append([*subject, *joined(said, COMMA)])
        for constraint in inner:
            self.done.append(constraint)
            line = self.case(constraint.value)
            lines.append(
                line if constraint.parameter == "property" else self.words.say("no", what=line)
            )
        return joined(lines, self.words.say("and-also"))

    # --- Of each value ---

    def phrase(self, constraint: Constraint) -> Phrase | None:
        """What a constraint says of each value, None for one that needs a sentence of its own."""
        if constraint.parameter in INLINE:
            return self.nested(constraint)
        say = EACH.get(constraint.parameter)
        return say(self.words, constraint) if say else None

    def inline(self, node: Term) -> Phrase | None:
        """A shape without a path as a phrase; None where it is more than that."""
        rule = self.words.shapes.rule(node)
        phrases = [self.phrase(constraint) for constraint in sorted(rule.constraints, key=rank)]
        said = [phrase for phrase in phrases if phrase is not None]
        if rule.path is not None or len(said) < len(phrases) or not said:
            return None
        self.done += rule.constraints
        return joined(said, COMMA)

    def nested(self, constraint: Constraint) -> Phrase | None:
        """``or``, ``not`` and ``node`` where each shape inside is a phrase."""
        if constraint.parameter == "or":
            classes = self.classes(constraint)
            if classes:
                return self.words.say("class", what=self.words.either(classes))
            phrases = [self.inline(node) for node in self.words.shapes.members(constraint.value)]
            said = [phrase for phrase in phrases if phrase is not None]
            return self.words.either(said) if len(said) == len(phrases) else None
        phrase = self.inline(constraint.value)
        if phrase is None or constraint.parameter == "node":
            return phrase
        return self.words.say("not", what=phrase)

    def classes(self, choice: Constraint) -> list[Phrase]:
        """The classes that a choice is between, none where it is between anything else too."""
        found: list[Phrase] = []
        rules = [self.words.shapes.rule(node) for node in self.words.shapes.members(choice.value)]
        constraints = [constraint for rule in rules for constraint in rule.constraints]
        if all(one.parameter == "class" for one in constraints) and all(
            len(rule.constraints) == 1 and rule.path is None for rule in rules
        ):
            self.done += constraints
            found = [self.words.term(one.value) for one in constraints]
        return found

    def flat(self, sentence: Sentence) -> Phrase:
        """A sentence with its cases in one line."""
        if not sentence.cases:
            return sentence.pieces
        cases = joined(sentence.cases, self.words.say("and-also"))
        return [*sentence.pieces, Piece(" ("), *cases, Piece(")")]

    def finished(self, sentence: Sentence) -> Sentence:
        """With a capital at its start, and at its end a full stop, or a colon before its cases."""
        first, *rest = sentence.pieces
        capital = first.text if first.code else first.text[:1].upper() + first.text[1:]
        end = self.words.say("colon") if sentence.cases else [Piece(".")]
        start = Piece(capital, first.href, first.external, first.code)
        return Sentence([start, *rest, *end], sentence.cases)

    def queries(self, constraint: Constraint) -> list[str]:
        if constraint.parameter != "sparql":
            return []
        return [text_of(query) for query in self.words.shapes.values(constraint.value, "select")]


COUNTS = ("minCount", "maxCount")
# Phrases where they can be, else sentences with cases.
INLINE = ("or", "not", "node")
TOGETHER: dict[str, Callable[[Saying, Rule, Constraint], Sentence]] = {
    "uniqueLang": Saying.unique_language,
    "hasValue": Saying.same,
    "equals": Saying.same,
    "disjoint": Saying.same,
    "lessThan": Saying.same,
    "lessThanOrEquals": Saying.same,
    "qualifiedValueShape": Saying.qualified,
    "or": Saying.choice,
    "and": Saying.choice,
    "xone": Saying.choice,
    "not": Saying.one_case,
    "node": Saying.one_case,
    "property": Saying.one_case,
    "sparql": Saying.by_query,
    "closed": Saying.closed,
}


def rank(constraint: Constraint) -> int:
    order = (*EACH, *INLINE)
    parameter = constraint.parameter
    return order.index(parameter) if parameter in order else len(order)
