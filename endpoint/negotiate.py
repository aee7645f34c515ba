"""Chooses the format of an answer from what the client accepts.

https://www.rfc-editor.org/rfc/rfc9110#name-accept
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

# Possessive quantifiers (`*+`): no header makes the reader go back over what it has read.
ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*+"?)++')
PARAMETER = re.compile(r';\s*([^\s=;,"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*)')
RANGE = re.compile(r"\s*([!#$%&'*+.^_`|~\w-]+)/([!#$%&'*+.^_`|~\w-]+)\s*(?=;|$)")
WEIGHT = re.compile(r"0(\.[0-9]*)?|1(\.0*)?")
ESCAPED = re.compile(r"\\(.)")

# What our answers are besides their type, by type and parameter. All that we write is UTF-8; tables
# have a line of names; RDF without triple terms, as our own data is, reads alike in each version.
EVERYWHERE = {"charset": frozenset({"utf-8", "utf8"})}
TABLE = {**EVERYWHERE, "header": frozenset({"present"})}
RDF = {**EVERYWHERE, "version": frozenset({"1.1", "1.2", "1.2-basic"})}
PRODUCED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "text/csv": TABLE,
    "text/tab-separated-values": TABLE,
    "text/turtle": RDF,
    "application/n-triples": RDF,
    "application/rdf+xml": RDF,
    "application/trig": RDF,
    "application/n-quads": RDF,
}
# A profile in a request is a hint, not a condition. https://www.rfc-editor.org/rfc/rfc6906#section-3
HINTS = frozenset({"profile"})
# What one line of a header may have; a server joins lines of one name, and each range costs time.
LONGEST = 8_190
NO_ALIASES: Mapping[str, str] = {}


@dataclass(frozen=True)
class MediaRange:
    """One element of an Accept header: a range of types, what they must be besides, its weight."""

    type: str
    subtype: str
    weight: float
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def named(self) -> int:
        """How much of the type it names: 2 a type, 1 a kind of types, 0 nothing."""
        return (self.type != "*") + (self.subtype != "*")

    @property
    def specificity(self) -> tuple[int, int]:
        return self.named, len(self.parameters)

    def covers(self, media_type: str) -> bool:
        """Whether our answers of that type, which has no parameter, are in this range."""
        kind, _, subtype = media_type.partition("/")
        produced = PRODUCED.get(media_type, EVERYWHERE)
        return (
            self.type in ("*", kind)
            and self.subtype in ("*", subtype)
            and all(value in produced.get(name, ()) for name, value in self.parameters)
        )


def parse_accept(header: str) -> list[MediaRange]:
    """The ranges of an Accept header; an element that is not a range is passed over.

    So is what stands behind LONGEST characters. The parameter q is the weight wherever it stands;
    each other one narrows the range.
    """
    ranges = []
    for element in ELEMENT.findall(header[:LONGEST]):
        named = RANGE.match(element)
        if named is None or (named[1] == "*" and named[2] != "*"):
            continue
        parameters = {key.lower(): unquoted(value) for key, value in PARAMETER.findall(element)}
        weight = parameters.pop("q", "1").strip()
        if WEIGHT.fullmatch(weight):
            conditions = ((name, parameters[name]) for name in sorted(parameters.keys() - HINTS))
            ranges.append(
                MediaRange(named[1].lower(), named[2].lower(), float(weight), tuple(conditions))
            )
    return ranges


def unquoted(value: str) -> str:
    """What a token or a quoted string says; values of the parameters we know have no case."""
    if value.startswith('"'):
        value = ESCAPED.sub(r"\1", value[1:-1])
    return value.lower()


def quality(ranges: Sequence[MediaRange], media_type: str) -> tuple[float, int]:
    """The weight that the most specific range gives a type, and how much that range names."""
    covering = [candidate for candidate in ranges if candidate.covers(media_type)]
    if not covering:
        return 0.0, 0
    closest = max(covering, key=lambda candidate: (candidate.specificity, candidate.weight))
    return closest.weight, closest.named


def best(
    header: str | None, media_types: Sequence[str], aliases: Mapping[str, str] = NO_ALIASES
) -> str | None:
    """The type that the client likes best, or None where it accepts none of them.

    ``aliases``: other names of these types, which a client must write out to be given them. A
    header without one readable range says nothing, as an absent one does. Between equals, a type
    that is named comes before one that a wildcard covers; then the order of the types decides.
    """
    ranges = parse_accept(header or "")
    if not ranges:
        return media_types[0]
    offers = [(*quality(ranges, name), name) for name in media_types]
    refused = {name for weight, named, name in offers if named == 2 and weight == 0}
    for alias, name in aliases.items():
        weight, named = quality(ranges, alias)
        if named == 2 and name not in refused:
            offers.append((weight, named, name))
    weight, _, _, media_type = max(
        (weight, named, -rank, name) for rank, (weight, named, name) in enumerate(offers)
    )
    return media_type if weight > 0 else None


def parse_languages(header: str) -> list[str]:
    """The language tags of an Accept-Language header, the preferred first, the refused left out.

    https://www.rfc-editor.org/rfc/rfc9110#name-accept-language
    """
    return list(_languages(header[:LONGEST]))


# A page asks for each of its words.
@lru_cache(maxsize=256)
def _languages(header: str) -> tuple[str, ...]:
    weighted = []
    for element in ELEMENT.findall(header):
        tag = element.partition(";")[0].strip().lower()
        parameters = {key.lower(): value for key, value in PARAMETER.findall(element)}
        weight = parameters.get("q", "1").strip()
        if tag and WEIGHT.fullmatch(weight) and float(weight) > 0:
            weighted.append((tag, float(weight)))
    return tuple(tag for tag, _ in sorted(weighted, key=lambda pair: -pair[1]))
