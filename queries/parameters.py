"""The types a query's parameter may have: what a caller writes, and the RDF term it becomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from atlas.errors import UsageError, Wording, shown
from atlas.namespaces import XSD

VOCABULARY = "https://w3id.org/atlas-relationnel/vocabulary"
G_YEAR = NamedNode(f"{XSD}gYear")
LONGEST = 2000
# The values that a list may have, and the types that are lists: white space parts their values.
MOST = 2000
LISTS = ("iris",)
# The type of what stands after LIMIT and OFFSET.
COUNT = "count"

Term = NamedNode | Literal


@dataclass(frozen=True)
class Parameter:
    """One value that a query takes.

    ``scheme`` is set for concepts only: the vocabulary in which a slug is looked up. ``given`` is a
    value that finds something, "" where the query's file gives none.
    """

    name: str
    type: str
    label: Mapping[str, str]
    default: str | None = None
    required: bool = False
    scheme: str | None = None
    given: str = ""

    @property
    def example(self) -> str:
        """A value that the parameter takes."""
        return self.given or self.default or TYPES[self.type].example

    @property
    def takes(self) -> Wording:
        """What its type says, for readers of other languages."""
        return Wording(f"refusal.type.{self.type}", {})

    def written(self, text: str, base: str) -> str:
        """What stands in the query for the parameter: a term, or several as VALUES takes them.

        Raises UsageError where the text is not of the parameter's type.
        """
        if self.type in LISTS:
            return " ".join(str(self.term(one, base)) for one in self.parts(text))
        term = self.term(text, base)
        # LIMIT and OFFSET take digits only, and elsewhere digits are the same number.
        return term.value if self.type == COUNT else str(term)

    def parts(self, text: str) -> list[str]:
        """The values of a list, each once. Raises UsageError for more than MOST."""
        parts = list(dict.fromkeys(text.split()))
        if len(parts) > MOST:
            raise UsageError(
                f"The parameter {self.name} has {len(parts):,} values; it may have {MOST:,}."
            ).worded("refusal.query_values", name=self.name, count=len(parts), most=MOST)
        return parts

    def term(self, text: str, base: str) -> Term:
        """The RDF term that ``text`` says.

        Raises UsageError where the text is not of the parameter's type.
        """
        kind = TYPES[self.type]
        if len(text) > LONGEST:
            raise UsageError(
                f"The parameter {self.name} has {len(text):,} characters; it may have {LONGEST:,}."
            ).worded("refusal.query_long", name=self.name, count=len(text), most=LONGEST)
        try:
            return kind.convert(self, text.strip(), base)
        except ValueError as error:
            raise UsageError(
                f"The parameter {self.name} is {shown(text)}; "
                f"it takes {kind.says}, such as {self.example}."
            ).worded(
                "refusal.query_value",
                name=self.name,
                value=text,
                takes=self.takes,
                example=self.example,
            ) from error


@dataclass(frozen=True)
class ParameterType:
    """A row of the table of types. ``convert`` raises ValueError for a text it does not take."""

    says: str
    example: str
    convert: Callable[[Parameter, str, str], Term]


def _matching(pattern: str, text: str) -> str:
    if re.fullmatch(pattern, text) is None:
        raise ValueError(text)
    return text


def _iri(parameter: Parameter, text: str, base: str) -> NamedNode:
    # Only these schemes: a prefixed name such as "atlas:Relation" would pass for an absolute IRI.
    return NamedNode(_matching(r"(https?://|urn:).+", text))


def _string(parameter: Parameter, text: str, base: str) -> Literal:
    return Literal(text)


def _integer(parameter: Parameter, text: str, base: str) -> Literal:
    return Literal(int(_matching(r"[+-]?[0-9]{1,18}", text)))


def _count(parameter: Parameter, text: str, base: str) -> Literal:
    return Literal(int(_matching(r"[0-9]{1,9}", text)))


def _insee(parameter: Parameter, text: str, base: str) -> Literal:
    return Literal(_matching(r"[0-9]([0-9]|[AB])?[0-9]{0,3}", text.upper()))


def _siren(parameter: Parameter, text: str, base: str) -> Literal:
    return Literal(_matching(r"[0-9]{9}", text.replace(" ", "")))


def _year(parameter: Parameter, text: str, base: str) -> Literal:
    return Literal(_matching(r"[0-9]{4}", text), datatype=G_YEAR)


def _language(parameter: Parameter, text: str, base: str) -> Literal:
    return Literal(_matching(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", text).lower())


def _concept(parameter: Parameter, text: str, base: str) -> NamedNode:
    if "://" in text:
        return _iri(parameter, text, base)
    slug = _matching(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", text)
    return NamedNode(f"{VOCABULARY}/{parameter.scheme}/{slug}")


def _source(parameter: Parameter, text: str, base: str) -> NamedNode:
    if "://" in text:
        return _iri(parameter, text, base)
    return NamedNode(f"{base}/graph/{_matching(r'[A-Za-z0-9]+([._-][A-Za-z0-9]+)*', text)}")


TYPES: dict[str, ParameterType] = {
    "iri": ParameterType("an absolute IRI (http, https or urn)", "https://example.org/x", _iri),
    "iris": ParameterType("absolute IRIs parted by spaces", "https://example.org/x", _iri),
    "string": ParameterType("a text", "mobilité", _string),
    "integer": ParameterType("a whole number", "3", _integer),
    COUNT: ParameterType("a whole number from 0, of nine digits at most", "3", _count),
    "insee": ParameterType("an INSEE code of a place", "54395", _insee),
    "siren": ParameterType("a SIREN number of nine digits", "245400676", _siren),
    "year": ParameterType("a year of four digits", "2026", _year),
    "concept": ParameterType("the slug or the IRI of a concept", "children", _concept),
    "language": ParameterType("a language tag", "fr", _language),
    "source": ParameterType("the name of a source or the IRI of its graph", "calame-talk", _source),
}
