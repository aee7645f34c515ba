"""Chooses the format of an answer from what the client accepts.

https://www.rfc-editor.org/rfc/rfc9110#name-accept
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
PARAMETER = re.compile(r';\s*([^\s=;,"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*)')
RANGE = re.compile(r"\s*([!#$%&'*+.^_`|~\w-]+)/([!#$%&'*+.^_`|~\w-]+)\s*(?=;|$)")
WEIGHT = re.compile(r"0(\.[0-9]*)?|1(\.0*)?")


@dataclass(frozen=True)
class MediaRange:
    """One element of an Accept header. Parameters other than q name no other format of ours."""

    type: str
    subtype: str
    weight: float

    @property
    def specificity(self) -> int:
        return (self.type != "*") + (self.subtype != "*")

    def covers(self, media_type: str) -> bool:
        kind, _, subtype = media_type.partition("/")
        return self.type in ("*", kind) and self.subtype in ("*", subtype)


def parse_accept(header: str) -> list[MediaRange]:
    """The ranges of an Accept header; an element that is not a range is passed over."""
    ranges = []
    for element in ELEMENT.findall(header):
        named = RANGE.match(element)
        if named is None or (named[1] == "*" and named[2] != "*"):
            continue
        parameters = {key.lower(): value for key, value in PARAMETER.findall(element)}
        weight = parameters.get("q", "1").strip()
        if WEIGHT.fullmatch(weight):
            ranges.append(MediaRange(named[1].lower(), named[2].lower(), float(weight)))
    return ranges


def quality(ranges: Sequence[MediaRange], media_type: str) -> tuple[float, int]:
    """The weight that the most specific range gives a type, and how specific that range is."""
    covering = [candidate for candidate in ranges if candidate.covers(media_type)]
    if not covering:
        return 0.0, 0
    closest = max(covering, key=lambda candidate: candidate.specificity)
    return closest.weight, closest.specificity


def best(header: str | None, media_types: Sequence[str]) -> str | None:
    """The type that the client likes best, or None where it accepts none of them.

    A header without one readable range says nothing, as an absent one does. Between equals, a type
    that is named comes before one that a wildcard covers; then the order of the types decides.
    """
    ranges = parse_accept(header or "")
    if not ranges:
        return media_types[0]
    weight, _, _, media_type = max(
        (*quality(ranges, media_type), -rank, media_type)
        for rank, media_type in enumerate(media_types)
    )
    return media_type if weight > 0 else None


def parse_languages(header: str) -> list[str]:
    """The language tags of an Accept-Language header, the preferred first, the refused left out.

    https://www.rfc-editor.org/rfc/rfc9110#name-accept-language
    """
    weighted = []
    for element in ELEMENT.findall(header):
        tag = element.partition(";")[0].strip().lower()
        parameters = {key.lower(): value for key, value in PARAMETER.findall(element)}
        weight = parameters.get("q", "1").strip()
        if tag and WEIGHT.fullmatch(weight) and float(weight) > 0:
            weighted.append((tag, float(weight)))
    return [tag for tag, _ in sorted(weighted, key=lambda pair: -pair[1])]
