"""What a test of the suites asks for, one class per kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Data:
    """A dataset in files; a named graph may have several, and an empty one is still there.

    ``services``: what other endpoints hold, by the IRI that a query calls them by.
    """

    default: tuple[Path, ...] = ()
    named: tuple[tuple[str, Path], ...] = ()
    services: tuple[tuple[str, Path], ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """A query whose answer is known; ``lax`` where REDUCED leaves the cardinality open."""

    query: Path
    data: Data
    result: Path
    lax: bool = False


@dataclass(frozen=True)
class Update:
    """A request, the dataset before it and the one after it."""

    request: Path
    before: Data
    after: Data


@dataclass(frozen=True)
class Syntax:
    """A query or an update, in the language or not."""

    text: Path
    update: bool
    positive: bool


@dataclass(frozen=True)
class Document:
    """An RDF document, in its syntax or not; ``result`` is what it says, where that is given."""

    document: Path
    base: str
    positive: bool
    result: Path | None = None


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and what its response may be; texts hold the manifest's placeholders."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    statuses: frozenset[str]
    expected_headers: tuple[tuple[str, str], ...] = ()
    expected_body: str | None = None
    boolean: bool | None = None
    format: str | None = None
    location: str | None = None


@dataclass(frozen=True)
class Protocol:
    """HTTP requests in their order, on one connection, over this data."""

    exchanges: tuple[Exchange, ...]
    data: Data
    host: str


@dataclass(frozen=True)
class Script:
    """A request and its response as the suite prints them for readers."""

    text: str


@dataclass(frozen=True)
class Description:
    """What the service description is asked for is in the test's name only."""

    about: str


Task = Evaluation | Update | Syntax | Document | Protocol | Script | Description
