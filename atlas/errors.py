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
    ├── Forbidden         403
    ├── NotAcceptable     406
    ├── MethodNotAllowed  405
    ├── TooLarge          413
    ├── UnsupportedMedia  415
    ├── QueryTooBig       507, the worker's memory cap
    ├── AnswerTooBig      507, the answer's byte cap
    ├── EngineFault       500, the engine died on this query
    ├── Overloaded        503
    └── QueryTimeout      503

``status`` and ``slug`` are for HTTP (RFC 9457 problem types), ``exit_code`` is for the command
line: 1 the data is at fault, 2 the call is at fault.
"""

from __future__ import annotations

from pathlib import Path


class AtlasError(Exception):
    """Anything the program says instead of a traceback: one sentence with the way out."""

    status = 500
    slug = "internal"
    exit_code = 2


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
    status, slug = 500, "instance"


class MissingTool(InstanceError):
    slug = "missing-tool"


class SparqlError(AtlasError):
    status, slug = 500, "internal"


class MalformedQuery(SparqlError):
    status, slug, exit_code = 400, "malformed-query", 2


class Forbidden(SparqlError):
    status, slug = 403, "forbidden"


class MethodNotAllowed(SparqlError):
    status, slug = 405, "method-not-allowed"


class NotAcceptable(SparqlError):
    status, slug = 406, "not-acceptable"


class TooLarge(SparqlError):
    status, slug = 413, "too-large"


class UnsupportedMedia(SparqlError):
    status, slug = 415, "unsupported-media-type"


class QueryTooBig(SparqlError):
    status, slug = 507, "query-memory"


class AnswerTooBig(SparqlError):
    status, slug = 507, "answer-too-large"


class EngineFault(SparqlError):
    status, slug = 500, "engine-fault"


class Overloaded(SparqlError):
    status, slug = 503, "overloaded"


class QueryTimeout(SparqlError):
    status, slug = 503, "query-timeout"


def shown(value: object, limit: int = 80) -> str:
    """The value as a reader can see it, cut so that one sentence stays one sentence."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
