"""A reader's own map: things of the atlas or of their own, and relations between them, with notes.

Nothing of it is kept here: the whole map is in its address, as JSON, deflated, in base64url, or in
a file as RDF (``rdf``). Changes give a new map, and so a new address.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass, replace
from typing import Any

from atlas.errors import UsageError
from endpoint.refusals import refused

MOST_THINGS, MOST_LINKS = 60, 120
LONGEST_NAME, LONGEST_NOTE, LONGEST_IRI = 200, 500, 500
# Characters of the address that a map may take: servers and proxies refuse lines over 8,190 bytes.
LONGEST_CODE = 6_000
LARGEST = 64 * 1024
STATUSES = ("observed", "possible", "missing", "broken")


@dataclass(frozen=True)
class Thing:
    """A thing of the map: one of the atlas (``iri``), or words of one's own (``name``)."""

    iri: str = ""
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class Link:
    """A relation: the places of its ends among the map's things, its type and status by slug."""

    source: int
    type: str
    target: int
    status: str = "possible"
    note: str = ""


@dataclass(frozen=True)
class LocalMap:
    """A map, never changed: each change gives another one."""

    title: str = ""
    things: tuple[Thing, ...] = ()
    links: tuple[Link, ...] = ()

    def checked(self) -> LocalMap:
        """The map itself. Raises UsageError for one that is beyond the limits or torn."""
        for key, count, most in (
            ("refusal.local_things", len(self.things), MOST_THINGS),
            ("refusal.local_relations", len(self.links), MOST_LINKS),
        ):
            if count > most:
                raise refused(UsageError, key, count=count, most=most)
        for text, most in self._texts():
            if len(text) > most:
                raise refused(UsageError, "refusal.local_text", count=len(text), most=most)
        for link in self.links:
            if not (0 <= link.source < len(self.things) and 0 <= link.target < len(self.things)):
                raise refused(UsageError, "refusal.local_loose_end")
            if link.status not in STATUSES or not link.type.isidentifier():
                raise refused(UsageError, "refusal.local_kind")
        return self

    def _texts(self) -> list[tuple[str, int]]:
        return [
            (self.title, LONGEST_NAME),
            *((thing.name, LONGEST_NAME) for thing in self.things),
            *((thing.iri, LONGEST_IRI) for thing in self.things),
            *((thing.note, LONGEST_NOTE) for thing in self.things),
            *((link.note, LONGEST_NOTE) for link in self.links),
        ]

    def with_thing(self, thing: Thing) -> LocalMap:
        """The map with one thing more; a thing of the atlas is on it once."""
        if thing.iri and any(thing.iri == other.iri for other in self.things):
            return self
        return replace(self, things=(*self.things, thing))

    def without_thing(self, place: int) -> LocalMap:
        """The map without a thing and the relations that it had."""
        kept = [nth for nth in range(len(self.things)) if nth != place]
        moved = {old: new for new, old in enumerate(kept)}
        return replace(
            self,
            things=tuple(self.things[nth] for nth in kept),
            links=tuple(
                replace(link, source=moved[link.source], target=moved[link.target])
                for link in self.links
                if place not in (link.source, link.target)
            ),
        )

    def with_link(self, link: Link) -> LocalMap:
        """The map with one relation more, in the place of one with the same ends and type."""
        same = (link.source, link.type, link.target)
        kept = (each for each in self.links if (each.source, each.type, each.target) != same)
        return replace(self, links=(*kept, link))

    def without_link(self, place: int) -> LocalMap:
        kept = (link for nth, link in enumerate(self.links) if nth != place)
        return replace(self, links=tuple(kept))


def encoded(local: LocalMap) -> str:
    """The map as its address has it. Raises UsageError where it is too long for one."""
    content = [
        local.title,
        [[thing.iri, thing.name, thing.note] for thing in local.things],
        [[each.source, each.type, each.target, each.status, each.note] for each in local.links],
    ]
    packed = zlib.compress(json.dumps(content, ensure_ascii=False).encode("utf-8"), 9)
    code = base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")
    if len(code) > LONGEST_CODE:
        raise refused(UsageError, "refusal.local_long", count=len(code), most=LONGEST_CODE)
    return code


def decoded(code: str) -> LocalMap:
    """The map that an address has. Raises UsageError for what is none."""
    if not code:
        return LocalMap()
    try:
        packed = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, LARGEST)
        if unpacking.unconsumed_tail or not unpacking.eof:
            raise ValueError("it does not end")
        return read(json.loads(content)).checked()
    except (binascii.Error, zlib.error, ValueError, TypeError, KeyError, RecursionError) as error:
        raise refused(UsageError, "refusal.local_torn") from error


def read(content: Any) -> LocalMap:
    """Raises ValueError or TypeError for what is no map."""
    title, things, links = content
    return LocalMap(
        text(title),
        tuple(Thing(*(text(part) for part in thing)) for thing in things),
        tuple(
            Link(int(source), text(type_), int(target), text(status), text(note))
            for source, type_, target, status, note in links
        ),
    )


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
