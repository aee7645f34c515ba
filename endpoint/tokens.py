"""Tokens: who may write which graphs, and until when.

    {home}/tokens.json    one entry per token: its id, its scope, the SHA-256 of its secret

A token reads ``atlas_ID_SECRET``. Its secret has 256 random bits, so a plain hash keeps it: nothing
can be guessed that a slow hash would make slower. https://www.rfc-editor.org/rfc/rfc6750
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from atlas.errors import InstanceError, Unauthorized, UnknownName, UsageError, shown
from endpoint.refusals import refused
from store import disk
from store.writing.permission import check_scope

FILE = "tokens.json"
TOKEN = re.compile(r"atlas_([0-9a-f]{8})_([A-Za-z0-9_\-]{43})")
BEARER = re.compile(r"Bearer +([A-Za-z0-9\-._~+/]+=*)", re.IGNORECASE)
SPAN = re.compile(r"([0-9]{1,6})([hdwy])")
SCOPE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|^`\\*]+")
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
UNITS["y"] = timedelta(days=365)
PUBLISH = ("default", "named", "illustrative")


@dataclass(frozen=True)
class Principal:
    """Who asks for a write. ``graphs``: IRIs, or prefixes ending in "*"; None: every graph."""

    id: str
    graphs: tuple[str, ...] | None
    publish: str = "default"


@dataclass(frozen=True)
class Entry:
    """One token as it is kept. ``expires`` and ``created`` are moments in UTC, ISO 8601."""

    id: str
    sha256: str
    graphs: tuple[str, ...] | None
    publish: str
    name: str
    created: str
    expires: str

    def expired(self, now: datetime) -> bool:
        return now >= datetime.fromisoformat(self.expires)

    @property
    def principal(self) -> Principal:
        return Principal(self.id, self.graphs, self.publish)


class Tokens(Protocol):
    """What tells who asks, by the token of a request."""

    def principal(self, token: str) -> Principal | None: ...


class TokenFile:
    """The tokens of one instance folder, read again whenever the file has changed."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._seen: tuple[int, int, int] | None = None
        self._entries: dict[str, Entry] = {}

    def entries(self) -> Mapping[str, Entry]:
        """The tokens by id. Raises InstanceError for a file that cannot be read."""
        try:
            status = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return {}
        seen = status.st_ino, status.st_mtime_ns, status.st_size
        if seen != self._seen:
            self._entries = {entry.id: entry for entry in self._read()}
            self._seen = seen
        return self._entries

    def principal(self, token: str) -> Principal | None:
        """Whose token it is, None for one that is unknown, revoked or expired."""
        found = TOKEN.fullmatch(token)
        entry = self.entries().get(found[1]) if found else None
        if not (found and entry and hmac.compare_digest(entry.sha256, digest(found[2]))):
            return None
        return None if entry.expired(datetime.now(UTC)) else entry.principal

    def create(
        self, graphs: Iterable[str] | None, *, expires: timedelta, publish: str, name: str
    ) -> tuple[Entry, str]:
        """A new token: its entry, and its text, which is nowhere else."""
        secret, now = secrets.token_urlsafe(32), datetime.now(UTC)
        try:
            ends = now + expires
        except OverflowError as error:
            raise UsageError("The token would expire after the year 9999.") from error
        entry = Entry(
            id=secrets.token_hex(4),
            sha256=digest(secret),
            graphs=None if graphs is None else tuple(graphs),
            publish=publish,
            name=name,
            created=now.isoformat(timespec="seconds"),
            expires=ends.isoformat(timespec="seconds"),
        )
        with self._changing() as entries:
            entries[entry.id] = entry
        return entry, f"atlas_{entry.id}_{secret}"

    def revoke(self, identity: str) -> Entry:
        """Take a token away, at once. Raises UnknownName."""
        with self._changing() as entries:
            if identity not in entries:
                raise UnknownName(f"There is no token {shown(identity)}; see atlas token list.")
            return entries.pop(identity)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Entry]]:
        """The entries, held against another writer, and written once the block ends well."""
        home = self.path.parent
        with disk.sentences(home):
            home.mkdir(parents=True, exist_ok=True)
            with disk.locked(self.path.with_suffix(".lock")):
                entries = dict(self.entries())
                yield entries
                write_private(self.path, {"tokens": [asdict(row) for row in entries.values()]})

    def _read(self) -> list[Entry]:
        try:
            rows: list[dict[str, Any]] = json.loads(self.path.read_text("utf-8"))["tokens"]
            entries = [Entry(**row) for row in rows]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InstanceError(
                f"{self.path} cannot be read as tokens; restore it, or remove it and create new "
                "ones."
            ) from error
        return [
            replace(entry, graphs=None if entry.graphs is None else tuple(entry.graphs))
            for entry in entries
        ]


class OneToken:
    """A single token with every right, held in memory only: that of a scratch server."""

    def __init__(self, token: str) -> None:
        """Raises UsageError for a text that no request can carry."""
        if BEARER.fullmatch(f"Bearer {token}") is None:
            raise UsageError(
                "The token is empty or has a character other than letters, digits and -._~+/"
            )
        self._digest = digest(token)

    def principal(self, token: str) -> Principal | None:
        same = hmac.compare_digest(self._digest, digest(token))
        return Principal("scratch", None) if same else None


def authenticate(authorization: str | None, tokens: Tokens) -> Principal:
    """Who sends a request with this Authorization header. Raises Unauthorized."""
    if authorization is None:
        raise refused(Unauthorized, "refusal.token_missing")
    bearer = BEARER.fullmatch(authorization.strip())
    principal = tokens.principal(bearer[1]) if bearer else None
    if principal is None:
        raise refused(Unauthorized, "refusal.token_unknown")
    return principal


def authorise(principal: Principal, graphs: Iterable[str]) -> None:
    """Raises Forbidden for a graph outside of the token's scope."""
    for graph in graphs:
        check_scope(graph, by=principal.id, graphs=principal.graphs)


def scopes(words: Iterable[str], base: str) -> tuple[str, ...]:
    """The graphs that a command line names: IRIs, names of ours, or prefixes of IRIs with a "*".

    Raises UsageError.
    """
    found = []
    for word in words:
        star = "*" if word.endswith("*") else ""
        stem = word.removesuffix("*")
        iri = stem if ":" in stem else f"{base}/graph/{stem}"
        if not word or SCOPE.fullmatch(iri) is None:
            raise UsageError(
                f"{shown(word)} names no graph; give an IRI, the name of a graph, or a prefix of "
                "IRIs that ends in *."
            )
        found.append(iri + star)
    return tuple(found)


def span(text: str) -> timedelta:
    """A length of time such as 12h, 90d, 6w or 1y. Raises UsageError."""
    found = SPAN.fullmatch(text)
    if found is None or not int(found[1]):
        raise UsageError(f"{shown(text)} is no length of time; give one such as 12h, 90d or 1y.")
    return int(found[1]) * UNITS[found[2]]


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON that only its owner may read, whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(content, stream, ensure_ascii=False, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    disk.sync(path.parent)
