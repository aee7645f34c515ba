"""A partner's entry as RDF: read from Turtle that a person may have written, and written as such.

    <#partner> a atlas:PartnerSite , dcat:DataService ;
        dcterms:title "Un site"@fr ;
        dcat:endpointURL <https://site.example/sparql> ;
        atlas:allowedUse "service" ;
        atlas:sendableValue "iris" ;
        dcat:servesDataset <#data> .

    <#data> a void:Dataset ;
        dcterms:license <https://creativecommons.org/licenses/by/4.0/> .

The names are those of DCAT and VoID, and ours where they have none.
https://www.w3.org/TR/vocab-dcat-3/#Class:Data_Service
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from atlas.errors import Forbidden, MalformedSource, shown
from federation.exchange import addresses
from federation.partner import SENDS, USES, Limits, Partner
from ontology.namespaces import PREFIXES

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME_LENGTH = 60
WHAT_A_NAME_IS = "lower-case letters, digits and single hyphens, such as site-ressources"

TYPE = NamedNode(f"{PREFIXES['rdf']}type")
PARTNER = NamedNode(f"{PREFIXES['atlas']}PartnerSite")
DATASET = NamedNode(f"{PREFIXES['void']}Dataset")
SERVES = "dcat:servesDataset"


@dataclass(frozen=True)
class Term:
    """One property of an entry: where its value goes in a Partner, and how it is read.

    ``of_data``: it is said of the dataset, not of the partner. ``many``: it may be said often.
    """

    name: str
    field: str
    read: Callable[[Any], Any]
    many: bool = False
    of_data: bool = False


def read_entry(text: bytes, name: str, path: Path | str) -> Partner:
    """The partner that Turtle describes; ``path`` is for messages.

    Raises MalformedSource with the file, and the line where it can be told.
    """
    return _Reader(text, name, path).partner()


def write_entry(partner: Partner) -> str:
    """The entry as Turtle that ``read_entry`` reads as the same partner."""
    head, data = (list(_values(partner, of_data=of_data)) for of_data in (False, True))
    kinds = "atlas:PartnerSite , dcat:DataService" if partner.endpoint else "atlas:PartnerSite"
    blocks = [_block("<#partner>", kinds, [*head, (SERVES, "<#data>")] if data else head)]
    if data:
        blocks.append(_block("<#data>", "void:Dataset", data))
    used = sorted(prefix for prefix in PREFIXES if any(f" {prefix}:" in block for block in blocks))
    prefixes = [f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in used]
    return "".join(prefixes) + "\n" + "\n".join(blocks)


def base_of(name: str) -> str:
    """Where the relative IRIs of an entry start."""
    return f"urn:x-atlas:partner:{name}"


def check_name(name: str) -> str:
    """The name. Raises ValueError for one that a file, an IRI and a graph could not all carry."""
    if NAME.fullmatch(name) is None or len(name) > NAME_LENGTH:
        raise ValueError(f"the name of a partner is {WHAT_A_NAME_IS}")
    return name


def address(value: NamedNode | Literal | str) -> str:
    """An address that the gate can read. Raises ValueError."""
    text = value if isinstance(value, str) else _iri(value)
    try:
        addresses.read(text)
    except Forbidden as error:
        raise ValueError(f"{error}".rstrip(".")) from error
    if "#" in text:
        raise ValueError("an address that is asked has no part after #")
    return text


def ip_address(value: Literal | str) -> str:
    """One IP address in its usual form. Raises ValueError."""
    try:
        return str(ipaddress.ip_address(value if isinstance(value, str) else value.value))
    except ValueError as error:
        raise ValueError("it is no IP address; each is written out, such as 10.0.0.7") from error


def positive(kind: type[int] | type[float]) -> Callable[[Any], Any]:
    """A reader of numbers above zero."""

    def read(value: Literal | float) -> int | float:
        text = value.value if isinstance(value, Literal) else str(value)
        try:
            number = kind(text)
        except ValueError as error:
            raise ValueError(f"it is no {'whole ' * (kind is int)}number") from error
        if not 0 < number < float("inf"):
            raise ValueError("it is not above zero")
        return number

    return read


def one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    """A reader of one of these words."""

    def read(value: Literal) -> str:
        if not isinstance(value, Literal) or value.value not in words:
            raise ValueError(f"it is none of {', '.join(words)}")
        return value.value

    return read


def _iri(value: Any) -> str:
    if not isinstance(value, NamedNode):
        raise ValueError("it is no IRI; write it between < and >")
    return value.value


def _iri_or_words(value: Any) -> str:
    if not isinstance(value, NamedNode | Literal):
        raise ValueError("it is neither an IRI nor a text")
    return value.value


def _title(value: Any) -> tuple[str, str]:
    if not isinstance(value, Literal) or not value.value.strip():
        raise ValueError("it is no text")
    return value.language or "", value.value


TERMS = (
    Term("dcterms:title", "title", _title, many=True),
    Term("dcat:endpointURL", "endpoint", address),
    Term("atlas:answersTo", "names", _iri, many=True),
    Term("foaf:homepage", "homepage", address),
    Term("atlas:allowedUse", "uses", one_of(USES), many=True),
    Term("atlas:sendableValue", "sends", one_of(SENDS)),
    Term("atlas:reachableAddress", "addresses", ip_address, many=True),
    Term("atlas:timeLimit", "seconds", positive(float)),
    Term("atlas:byteLimit", "bytes", positive(int)),
    Term("atlas:rowLimit", "rows", positive(int)),
    Term("atlas:concurrencyLimit", "concurrency", positive(int)),
    Term("atlas:bindingLimit", "block", positive(int)),
    Term("void:dataDump", "dump", address, of_data=True),
    Term("dcterms:license", "licence", _iri_or_words, of_data=True),
    Term("void:vocabulary", "vocabularies", _iri, many=True, of_data=True),
)
LIMITS = ("seconds", "bytes", "rows", "concurrency", "block")
COLLECTED: dict[str, Callable[[list[Any]], Any]] = {
    "title": dict,
    "names": tuple,
    "uses": frozenset,
    "addresses": frozenset,
    "vocabularies": tuple,
}


class _Reader:
    """One file while it is read: its triples, and where in its text a word stands."""

    def __init__(self, text: bytes, name: str, path: Path | str) -> None:
        self.text, self.name, self.path = text, name, path

    def partner(self) -> Partner:
        self._in_place(lambda: check_name(self.name))
        self.triples = self._parsed()
        partner = self._subject(PARTNER)
        if partner is None:
            raise MalformedSource(self.path, "it describes no atlas:PartnerSite.")
        served = self._objects(partner, SERVES)
        found: dict[str, Any] = {}
        for term in TERMS:
            values = [
                value
                for subject in (served if term.of_data else [partner])
                for value in self._objects(subject, term.name)
            ]
            if values:
                found[term.field] = self._read(term, values)
        return self._made(found)

    def _made(self, found: dict[str, Any]) -> Partner:
        limits = Limits(**{name: found.pop(name) for name in LIMITS if name in found})
        for name, what in (("uses", "atlas:allowedUse"), ("sends", "atlas:sendableValue")):
            if name not in found:
                raise MalformedSource(
                    self.path, f"it does not say {what}: what is not said is not allowed."
                )
        partner = Partner(self.name, limits=limits, **found)
        self._in_place(lambda: check_whole(partner))
        return partner

    def _parsed(self) -> list[Triple]:
        read = parse(self.text, RdfFormat.TURTLE, base_iri=base_of(self.name))
        try:
            return [quad.triple for quad in read]
        except SyntaxError as error:
            raise MalformedSource(
                self.path, f"this is not Turtle: {error.msg}.", line=error.lineno
            ) from error
        except ValueError as error:
            raise MalformedSource(self.path, f"this cannot be read: {error}.") from error

    def _subject(self, kind: NamedNode) -> Any:
        subjects = {t.subject for t in self.triples if t.predicate == TYPE and t.object == kind}
        if len(subjects) > 1:
            raise MalformedSource(
                self.path, "it describes several partners; each has a file of its own."
            )
        return next(iter(subjects), None)

    def _objects(self, subject: Any, name: str) -> list[Any]:
        predicate = _expanded(name)
        return [t.object for t in self.triples if t.subject == subject and t.predicate == predicate]

    def _read(self, term: Term, values: list[Any]) -> Any:
        read = []
        for value in values:
            try:
                read.append(term.read(value))
            except ValueError as error:
                said = value.value if isinstance(value, NamedNode | Literal) else str(value)
                raise MalformedSource(
                    self.path,
                    f"{term.name} is {shown(said)}: {error}.",
                    line=self._line(term, said),
                ) from error
        if term.many:
            return COLLECTED[term.field](read)
        if len(set(read)) > 1:
            raise MalformedSource(
                self.path, f"{term.name} is said {len(read)} times.", line=self._line(term)
            )
        return read[0]

    def _line(self, term: Term, said: str = "") -> int | None:
        """The line that says it, as far as can be told from the text: Turtle has no line marks."""
        lines = self.text.decode("utf-8", "replace").splitlines()
        named = [number for number, line in enumerate(lines, 1) if term.name in line]
        both = [number for number in named if said and said in lines[number - 1]]
        return next(iter(both or named), None)

    def _in_place(self, step: Callable[[], object]) -> None:
        try:
            step()
        except ValueError as error:
            raise MalformedSource(self.path, f"{error}.") from error


def check_whole(partner: Partner) -> None:
    """Raises ValueError for a partner whose parts do not fit each other."""
    if not partner.endpoint and not partner.dump:
        raise ValueError("it has neither dcat:endpointURL nor void:dataDump: nothing can be asked")
    asked = sorted(partner.uses & {"service", "federation"})
    if asked and not partner.endpoint:
        raise ValueError(f"it allows {' and '.join(asked)} and has no dcat:endpointURL")


def _values(partner: Partner, *, of_data: bool) -> Iterator[tuple[str, str]]:
    """Properties of the partner, or of its dataset, with each value as Turtle."""
    for term in TERMS:
        if term.of_data == of_data:
            source = partner.limits if term.field in LIMITS else partner
            for value in _turtle(term, getattr(source, term.field)):
                yield term.name, value


def _turtle(term: Term, value: Any) -> list[str]:
    if term.field == "title":
        return [str(Literal(text, language=tag or None)) for tag, text in sorted(value.items())]
    if term.field in LIMITS:
        return [str(value)]
    values = sorted(value) if term.many else [value] if value else []
    if term.read in (address, _iri):
        return [str(NamedNode(one)) for one in values]
    if term.read is _iri_or_words:
        return [_named_or_said(one) for one in values]
    return [str(Literal(one)) for one in values]


def _named_or_said(text: str) -> str:
    try:
        return str(NamedNode(text))
    except ValueError:
        return str(Literal(text))


def _block(subject: str, kinds: str, values: list[tuple[str, str]]) -> str:
    lines = [f"{subject} a {kinds}", *(f"    {name} {value}" for name, value in values)]
    return " ;\n".join(lines) + " .\n"


def _expanded(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)
