"""The one error tree.

AtlasError
├── UsageError            the call is at fault
│   └── UnknownName       a query, source, generation or setting that does not exist
├── DataError             the data is at fault
│   ├── MalformedSource   a file that cannot be read as what it is said to be
│   ├── BadRow            one row of a readable file
│   ├── ChangedSource     a file whose checksum is not the declared one
│   └── InvalidData       what SHACL refuses
├── InstanceError         the folder, disk, lock or port the program needs
│   └── MissingTool       a program or package that is not there
└── SparqlError           what a SPARQL client is told
    ├── MalformedQuery    400
    ├── MalformedData     400, an RDF body that cannot be read
    ├── Unauthorized      401
    ├── Forbidden         403
    ├── NotAcceptable     406
    ├── SlowRequest       408, a body that hardly comes
    ├── Conflict          409, a graph that is there, or is not, against what an operation needs
    ├── Gone              410, a state of the data that is not kept any more
    ├── PreconditionFailed 412, If-Match names another generation
    ├── TooLarge          413
    ├── UnsupportedMedia  415
    ├── InvalidWrite      422, what SHACL refuses of a write, with its report
    ├── UnknownFunction   422, a query that is well formed and calls what is not there
    ├── NotFederable      422, a query that is well formed and cannot be asked of several sites
    ├── TooManyRequests   429
    ├── ClientGone        499, the client hung up: nobody reads it but the log
    ├── PartnerFailed     502, a site that was asked did not answer, or not with an answer
    │   └── PartnerRefused of this very request: the site itself is well
    ├── EngineFault       503, the engine died on this query
    │   └── MixedOrder    of an ORDER BY over values of several kinds
    ├── Overloaded        503
    ├── QueryTimeout      503
    ├── WriteTimeout      503
    ├── StorageFull       507, the disk
    ├── QueryTooBig       507, the worker's memory cap
    ├── PartnerLimit      507, what a partner would send or be asked, beyond its limits or ours
    └── AnswerTooBig      507, the answer's byte or row cap

``status`` and ``slug`` are for HTTP (RFC 9457 problem types), ``exit_code`` is for the command
line: 1 the data is at fault, 2 the call is at fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Wording:
    """Where a sentence stands in other languages: its key in the catalogues, and its values.

    The values are texts, numbers, lists of texts and a text by language, so that they can be sent
    between processes.
    """

    key: str
    values: Mapping[str, object]


class AtlasError(Exception):
    """Anything the program says instead of a traceback: one sentence with the way out.

    ``public``: what whoever asks over HTTP is told instead, where the sentence is for the operator.
    ``wording``: the same sentence for readers of other languages, where a page may show it.
    """

    public = ""
    wording: Wording | None = None
    status = 500
    slug = "internal"
    exit_code = 2

    def worded(self, key: str, /, **values: object) -> Self:
        """The error itself, which pages tell by this key of the catalogues, with these values."""
        self.wording = Wording(key, values)
        return self


class UsageError(AtlasError):
    status, slug = 400, "bad-request"


class UnknownName(UsageError):
    status, slug = 404, "not-found"


class DataError(AtlasError):
    status, slug, exit_code = 422, "invalid-data", 1


class MalformedSource(DataError):
    """A file that cannot be read as what it is said to be."""

    slug = "malformed-source"

    def __init__(self, path: Path | str, reason: str, *, line: int | None = None) -> None:
        self.path, self.reason, self.line = path, reason, line
        where = f"{path}, line {line}" if line else f"{path}"
        super().__init__(f"{where}: {reason}")


class BadRow(DataError):
    """One row of a source that cannot be used: file, line, field, value and why."""

    slug = "bad-row"

    def __init__(
        self, path: Path | str, line: int | None, field: str, value: object, reason: str
    ) -> None:
        self.path, self.line, self.field, self.value, self.reason = path, line, field, value, reason
        where = f"{path}, line {line}" if line else f"{path}"
        super().__init__(f"{where}: field {field!r} is {shown(value)}: {reason}")


class ChangedSource(DataError):
    slug = "changed-source"


class InvalidData(DataError):
    slug = "invalid-data"


class InstanceError(AtlasError):
    status, slug = 503, "instance"


class MissingTool(InstanceError):
    slug = "missing-tool"


class SparqlError(AtlasError):
    status, slug = 500, "internal"


class MalformedQuery(SparqlError):
    status, slug, exit_code = 400, "malformed-query", 2


class MalformedData(SparqlError):
    status, slug, exit_code = 400, "malformed-data", 1


class Unauthorized(SparqlError):
    status, slug = 401, "unauthorized"


class Forbidden(SparqlError):
    status, slug = 403, "forbidden"


class NotAcceptable(SparqlError):
    status, slug = 406, "not-acceptable"


class SlowRequest(SparqlError):
    status, slug = 408, "request-timeout"


class Conflict(SparqlError):
    """An operation needs a graph to be there, or not to be, and it is the other way round."""

    status, slug = 409, "conflict"


class Gone(SparqlError):
    """What was there once: a state of the data, or a graph that may not be given away any more."""

    status, slug = 410, "gone"


class PreconditionFailed(SparqlError):
    status, slug = 412, "precondition-failed"


class TooLarge(SparqlError):
    status, slug = 413, "too-large"


class UnsupportedMedia(SparqlError):
    status, slug = 415, "unsupported-media-type"


class InvalidWrite(SparqlError):
    """A write that the shapes refuse; ``report`` is SHACL's own, as N-Triples."""

    status, slug, exit_code = 422, "invalid-data", 1

    def __init__(self, message: str, report: bytes = b"") -> None:
        self.report = report
        super().__init__(message)


class UnknownFunction(SparqlError):
    """The query is well formed, and calls a function that the engine does not have."""

    status, slug, exit_code = 422, "unknown-function", 2


class NotFederable(SparqlError):
    """The query is well formed, and asks for what several sites together cannot answer."""

    status, slug, exit_code = 422, "not-federable", 2

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.worded("refusal.not_federable", words=message)


class TooManyRequests(SparqlError):
    status, slug = 429, "too-many-requests"


class ClientGone(SparqlError):
    """The client hung up before its answer was ready; the status is what nginx logs for it."""

    status, slug = 499, "client-gone"


class PartnerFailed(SparqlError):
    """A partner is down or slow, or answers something else than results; ``partner`` names it.

    ``told``: what it did in words for everybody, where ``did`` is for the operator.
    """

    status, slug, exit_code = 502, "partner-failed", 1

    def __init__(self, partner: str, did: str, told: str = "") -> None:
        self.partner, self.did, self.told = partner, did, told or did
        self.public = f"The partner {partner} {self.told}"
        super().__init__(f"The partner {partner} {did}")
        self.worded("refusal.partner_failed", partner=partner, words=self.told)


class PartnerRefused(PartnerFailed):
    """A partner that is well and refuses this very request: it is malformed or forbidden there."""


class PartnerLimit(SparqlError):
    """More rows, bytes or requests than a partner's entry or the settings allow for one query."""

    status, slug = 507, "partner-limit"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.worded("refusal.partner_limit", words=message)


class QueryTooBig(SparqlError):
    status, slug = 507, "query-memory"


class AnswerTooBig(SparqlError):
    status, slug = 507, "answer-too-large"


class EngineFault(SparqlError):
    status, slug = 503, "engine-fault"


class MixedOrder(EngineFault):
    """The engine died of an ORDER BY over values that it has no one order for."""


class Overloaded(SparqlError):
    status, slug = 503, "overloaded"


class QueryTimeout(SparqlError):
    status, slug = 503, "query-timeout"


class WriteTimeout(SparqlError):
    status, slug = 503, "write-timeout"


class StorageFull(SparqlError):
    status, slug = 507, "storage-full"


def shown(value: object, limit: int = 80) -> str:
    """The value as a reader can see it, cut so that one sentence stays one sentence."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
