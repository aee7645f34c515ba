"""What a partner was found to hold: its predicates, its classes, where its IRIs come from.

A summary lets a query pass over a partner that cannot answer it. It may do so only where it is
known to list everything: what is not ``complete`` says what is there, never what is not.
https://www.w3.org/TR/void/#statistics
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

# Where a summary comes from: what the partner publishes of itself, some of its triples, or a count
# of all of them.
VOID, SAMPLED, COUNTED = "void", "sampled", "counted"
SOURCES = (VOID, SAMPLED, COUNTED)


@dataclass(frozen=True)
class PredicateSummary:
    """What is known of the triples with one predicate.

    ``triples``: how many, None where that is not known. ``subjects``, ``objects``: the authorities
    of the IRIs there, None where they are not known or not all known. ``literals``: whether an
    object is a literal, None where that is not known. Blank nodes are in neither.
    """

    triples: int | None = None
    subjects: frozenset[str] | None = None
    objects: frozenset[str] | None = None
    literals: bool | None = None


@dataclass(frozen=True)
class Summary:
    """What one partner held in its default graph at the moment ``taken`` (UTC).

    ``triples``: all of them, None where that is not known. ``predicates``, ``classes``: by IRI; the
    number of a class is that of its entities, 0 where it is not known. ``complete``: every
    predicate is listed, so that the absence of one proves that there is no such triple;
    ``classes_complete`` likewise.

    ``licences``, ``vocabularies`` and ``features`` are what the partner says of itself, in its VoID
    and its service description: IRIs, or words where it gives no IRI. ``endpoint``: where it was
    found, "" where that is not kept. ``cut``: rows after which it was seen to end an answer that
    goes on, None where none was seen to end.
    """

    taken: datetime
    triples: int | None = None
    predicates: Mapping[str, PredicateSummary] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    complete: bool = False
    classes_complete: bool = False
    source: str = SAMPLED
    licences: tuple[str, ...] = ()
    vocabularies: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    endpoint: str = ""
    cut: int | None = None

    def age(self, now: datetime | None = None) -> float:
        """Seconds since it was taken."""
        return ((now or datetime.now(UTC)) - self.taken).total_seconds()

    def to_json(self) -> dict[str, Any]:
        return {
            "taken": self.taken.isoformat(timespec="seconds"),
            "endpoint": self.endpoint,
            "source": self.source,
            "triples": self.triples,
            "cut": self.cut,
            "complete": self.complete,
            "classes_complete": self.classes_complete,
            "licences": list(self.licences),
            "vocabularies": list(self.vocabularies),
            "features": list(self.features),
            "predicates": {
                iri: {name: _listed(value) for name, value in asdict(found).items()}
                for iri, found in sorted(self.predicates.items())
            },
            "classes": dict(sorted(self.classes.items())),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Summary:
        """Raises ValueError, KeyError or TypeError for what ``to_json`` did not write."""
        return cls(
            **{
                **content,
                "taken": datetime.fromisoformat(content["taken"]).astimezone(UTC),
                "predicates": {
                    iri: PredicateSummary(**{name: _set(value) for name, value in row.items()})
                    for iri, row in content["predicates"].items()
                },
                **{name: tuple(content[name]) for name in ("licences", "vocabularies", "features")},
            }
        )


def authority(iri: str) -> str:
    """Who gives out such IRIs: scheme and host, such as ``https://w3id.org``; else ``urn:``.

    Compared letter by letter, as IRIs are. https://www.rfc-editor.org/rfc/rfc3986#section-3.2
    """
    scheme, there, rest = iri.partition("://")
    if not there:
        return f"{iri.partition(':')[0]}:"
    ends = [place for mark in "/?#" if (place := rest.find(mark)) >= 0]
    return f"{scheme}://{rest[: min(ends)] if ends else rest}"


def _listed(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def _set(value: object) -> Any:
    return frozenset(value) if isinstance(value, list) else value
