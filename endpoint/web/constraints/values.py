"""What one constraint says of each value, as a phrase: "a whole number", "at least 1"."""

from __future__ import annotations

from collections.abc import Callable

from babel import Locale

from atlas.namespaces import RDF, SH, XSD
from endpoint.web.constraints.shapes import Constraint
from endpoint.web.constraints.text import Phrase, Piece, Words, number, text_of

# Datatypes that the catalogue has a word for; any other is called by its short IRI.
DATATYPES = {
    **{f"{XSD}{name}": name for name in ("string", "boolean", "integer", "decimal", "anyURI")},
    **{f"{XSD}{name}": name for name in ("gYear", "gYearMonth", "date", "dateTime")},
    f"{RDF}langString": "langString",
}


def datatype(words: Words, constraint: Constraint) -> Phrase:
    name = DATATYPES.get(text_of(constraint.value))
    if name:
        return words.say(f"datatype.{name}")
    return words.say("datatype", datatype=words.term(constraint.value))


def node_kind(words: Words, constraint: Constraint) -> Phrase:
    return words.say(f"nodeKind.{text_of(constraint.value).removeprefix(SH)}")


def of_class(words: Words, constraint: Constraint) -> Phrase:
    return words.say("class", what=words.term(constraint.value))


def languages(words: Words, constraint: Constraint) -> Phrase:
    known = Locale(words.language).languages
    codes = [text_of(member) for member in words.shapes.members(constraint.value)]
    return words.say(
        "languageIn", what=words.either([[Piece(known.get(code, code))] for code in codes])
    )


def one_of(words: Words, constraint: Constraint) -> Phrase:
    members = [words.term(member) for member in words.shapes.members(constraint.value)]
    return words.say("in", what=words.either(members))


def length(words: Words, constraint: Constraint) -> Phrase:
    count = number(constraint.value) or 0
    if (constraint.parameter, count) == ("minLength", 1):
        return words.say("not-empty")
    return words.say(constraint.parameter, count=count)


def limit(words: Words, constraint: Constraint) -> Phrase:
    return words.say(constraint.parameter, what=[Piece(text_of(constraint.value))])


def pattern(words: Words, constraint: Constraint) -> Phrase:
    return words.say("pattern", what=[Piece(text_of(constraint.value), code=True)])


# Of each value, in the order in which a sentence says them.
EACH: dict[str, Callable[[Words, Constraint], Phrase]] = {
    "datatype": datatype,
    "class": of_class,
    "nodeKind": node_kind,
    "in": one_of,
    "languageIn": languages,
    "minLength": length,
    "maxLength": length,
    "minInclusive": limit,
    "minExclusive": limit,
    "maxInclusive": limit,
    "maxExclusive": limit,
    "pattern": pattern,
}
