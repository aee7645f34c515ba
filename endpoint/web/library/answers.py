"""The answer of a query as a table that people read: names in place of IRIs, numbers in columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from atlas.namespaces import XSD
from endpoint.language import translate, written
from endpoint.names import Names, Value
from endpoint.solutions import DIGITS
from endpoint.view import View
from store.answers import Term

# Of a long answer, a page shows so many rows; the files have them all.
SHOWN = 200
NUMERIC = frozenset(
    f"{XSD}{name}"
    for name in (
        *("integer", "decimal", "double", "float", "int", "long", "short", "byte"),
        *("nonNegativeInteger", "positiveInteger", "unsignedInt", "unsignedLong"),
    )
)
# Whole numbers that count nothing: written without groups of digits, never drawn.
ORDINAL = re.compile(r"year|vintage|decade|code|length|steps|number", re.IGNORECASE)
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
LONGEST = 48
TRIPLE = ("subject", "predicate", "object")

Row = Sequence[Term | None]
Known = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Column:
    """A variable: what its head says, and whether all its values are numbers."""

    variable: str
    head: str
    number: bool = False
    counts: bool = False


@dataclass(frozen=True)
class Cell:
    """A value as it is shown; ``amount`` where it is a number, ``iri`` where it names a thing."""

    value: Value
    language: str = ""
    amount: Decimal | None = None
    iri: str = ""

    @property
    def text(self) -> str:
        return self.value.text


@dataclass
class Table:
    """The first rows of an answer, and how many it has. Rows have a cell for each column.

    ``names``: of every IRI in it. ``terms``: the rows as the engine gave them, all variables.
    """

    columns: list[Column]
    rows: list[list[Cell]]
    total: int
    names: Names
    variables: tuple[str, ...] = ()
    terms: list[Row] = field(default_factory=list)

    @property
    def cut(self) -> bool:
        return self.total > len(self.rows)


def table(variables: Sequence[str], solutions: Iterable[Row], view: View) -> Table:
    """The first SHOWN solutions by name; the others are counted."""
    rows: list[Row] = []
    total = 0
    for solution in solutions:
        total += 1
        if total <= SHOWN:
            rows.append(tuple(solution))
    names = view.names(term.value for row in rows for term in row if isinstance(term, NamedNode))
    labels = labelled(variables, rows, names.known)
    kept = [place for place in range(len(variables)) if place not in labels.values()]
    columns = [column(variables[place], [row[place] for row in rows]) for place in kept]
    shown = [
        [
            cell(row[place], one, names, row[labels[place]] if place in labels else None)
            for place, one in zip(kept, columns, strict=True)
        ]
        for row in rows
    ]
    return Table(columns, shown, total, names, tuple(variables), rows)


def of_triples(triples: Sequence[Triple], view: View) -> Table:
    """Statements as a table of three columns."""
    rows = [(one.subject, one.predicate, one.object) for one in triples]
    return table(TRIPLE, rows, view)


def labelled(variables: Sequence[str], rows: Sequence[Row], known: Known) -> dict[int, int]:
    """Which columns of things have a column of texts that only says what they are called."""
    places = range(len(variables))
    texts = [p for p in places if any(isinstance(row[p], Literal) for row in rows)]
    things = [p for p in places if any(isinstance(row[p], NamedNode) for row in rows)]
    found: dict[int, int] = {}
    for text in texts:
        for thing in things:
            usual = meant(variables, text, thing, things)
            if thing not in found and says_names(rows, text, thing, known, usual=usual):
                found[thing] = text
                break
    return found


def meant(variables: Sequence[str], text: int, thing: int, things: Sequence[int]) -> bool:
    """Whether a text is by its variable's name the label of a thing: ?x and ?xLabel."""
    if variables[text] in ("label", "title"):
        return thing == things[0]
    return variables[text] == f"{variables[thing]}Label"


def says_names(rows: Sequence[Row], text: int, thing: int, known: Known, *, usual: bool) -> bool:
    """Whether a column has, in every row, a name of the thing in the other, or nothing.

    ``usual``: whether it is believed of a thing whose names nobody knows.
    """
    for row in rows:
        said, named = row[text], row[thing]
        if said is None:
            continue
        if not (isinstance(said, Literal) and isinstance(named, NamedNode)):
            return False
        names = known.get(named.value)
        if said.value not in names.values() if names else not usual:
            return False
    return True


def column(variable: str, terms: Iterable[Term | None]) -> Column:
    bound = [term for term in terms if term is not None]
    number = bool(bound) and all(amount_of(term) is not None for term in bound)
    counts = number and not ORDINAL.search(variable)
    return Column(variable, head(variable), number, counts)


def head(variable: str) -> str:
    """What a column is called: in words of ours, else the variable's name taken apart."""
    known = translate(f"library.column.{variable}")
    if known:
        return known
    if variable.endswith("Label") and (known := translate(f"library.column.{variable[:-5]}")):
        return known
    words = HUMP.sub(" ", variable).strip().lower()
    return words[:1].upper() + words[1:]


def cell(term: Term | None, column: Column, names: Names, label: Term | None = None) -> Cell:
    """``label``: what the answer itself calls a thing."""
    if term is None:
        return Cell(Value())
    if isinstance(term, NamedNode):
        known = term.value in names.known
        if not known and isinstance(label, Literal):
            named = names.link(term.value, label.value, told=True, language=label.language or "")
            return Cell(named, iri=term.value)
        text = names.of(term.value) if known else brief(names.of(term.value), names.base)
        named = names.link(term.value, text, language=names.foreign(term.value))
        return Cell(named, iri=term.value)
    if isinstance(term, BlankNode):
        return Cell(Value(translate("doc.unnamed")))
    if isinstance(term, Triple):
        return Cell(Value(str(term)))
    amount = amount_of(term) if column.number else None
    if amount is not None and column.counts:
        return Cell(Value(written(amount, names.language)), amount=amount)
    code = "boolean" if term.datatype.value == f"{XSD}boolean" else column.variable
    words = "" if term.language else translate(f"library.value.{code}.{term.value}")
    return Cell(Value(words or term.value), term.language or "", amount)


def brief(iri: str, base: str) -> str:
    """An IRI that nobody has named, short enough for a cell."""
    text = re.sub(r"^https?://(www\.)?", "", iri.removeprefix(f"{base}/id/"))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def amount_of(term: Term) -> Decimal | None:
    """The number that a literal says, None for anything else and for what is beyond reading."""
    if not isinstance(term, Literal) or term.datatype.value not in NUMERIC:
        return None
    try:
        amount = Decimal(term.value)
    except InvalidOperation:
        return None
    # A few letters can write a number that no memory holds.
    return amount if amount.is_finite() and abs(amount.adjusted()) < DIGITS else None
