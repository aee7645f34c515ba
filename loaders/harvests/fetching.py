"""Fetches the files of a partner, through the gate: each whole or not at all, none twice.

A file that was fetched before is asked for with its validators, and taken from what is kept where
the partner says that it is the same (https://www.rfc-editor.org/rfc/rfc9110#name-304-not-modified).
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from atlas.errors import Forbidden, PartnerFailed, PartnerLimit
from federation.exchange import addresses
from federation.exchange.gate import Gate, Reply
from federation.partner import Partner
from loaders.harvests.kinds import ACCEPT, BY_LINE, RECORDS, served
from loaders.harvests.state import Kept
from loaders.sources import NO_LICENCE, Source
from store.parsing.files import GZIP_MAGIC

NOT_MODIFIED, OK = 304, 200
WORD = re.compile(r"[a-z0-9]+")
STEM_LENGTH = 40


@dataclass(frozen=True)
class Fetched:
    """One file. ``syntax``: "scrutari", "oai-pmh" or an RDF syntax's extension. ``fresh``: it is
    not the one that was kept."""

    address: str
    path: Path
    syntax: str
    kept: Kept
    fresh: bool


class Fetcher:
    """One harvest's fetching: together bounded in time and bytes.

    ``folder``: where the files go. ``known``: what is kept of the last harvest, by address, and
    ``kept``: its folder.
    """

    def __init__(
        self,
        partner: Partner,
        gate: Gate,
        folder: Path,
        *,
        seconds: float,
        limit: int,
        known: Mapping[str, Kept],
        kept: Path | None,
        say: Callable[[str], None],
    ) -> None:
        self.partner, self.gate, self.folder, self.say = partner, gate, folder, say
        self.ends, self.left = time.monotonic() + seconds, limit
        self.limit = limit
        self.known, self.kept = known, kept

    def is_own(self, address: str) -> bool:
        """Whether the address is one of the partner's, so that the gate would let us there."""
        try:
            return addresses.is_own(self.partner, addresses.read(address))
        except Forbidden:
            return False

    def fetch(self, address: str) -> Fetched:
        """The file at an address. Raises PartnerFailed, PartnerLimit, Forbidden."""
        known = self.known.get(address)
        if known and (self.kept is None or not (self.kept / known.file).is_file()):
            known = None
        self.say(f"asking for {address}")
        headers = {"Accept": ACCEPT, **_conditions(known)}
        with self.gate.fetch(
            self.partner, address, headers=headers, ends=self.ends, limit=max(self.left, 1)
        ) as reply:
            if reply.status == NOT_MODIFIED and known and self.kept:
                return self._again(address, known, self.kept)
            if reply.status != OK:
                raise PartnerFailed(
                    self.partner.name, f"answers {address} with the status {reply.status}."
                )
            return self._received(address, reply)

    def _again(self, address: str, known: Kept, kept: Path) -> Fetched:
        path = self.folder / known.file
        shutil.copyfile(kept / known.file, path)
        syntax = served(self.partner.name, address, path, known.media_type)
        return Fetched(address, path, syntax, known, fresh=False)

    def _received(self, address: str, reply: Reply) -> Fetched:
        temporary = self.folder / "arriving"
        try:
            with temporary.open("wb") as stream:
                for piece in reply.stream():
                    stream.write(piece)
        except PartnerLimit as error:
            raise PartnerLimit(
                f"The partner {self.partner.name} serves more than {self.limit:,} bytes "
                f"(ATLAS_HARVEST_BYTES); {address} is one file too many or too large."
            ) from error
        self.left -= reply.bytes
        media_type = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        syntax = served(self.partner.name, reply.url, temporary, media_type)
        self._check_end(address, temporary, reply, syntax)
        path = self.folder / _file_name(address, "xml" if syntax in RECORDS else syntax)
        temporary.replace(path)
        etag, modified = (reply.headers.get(name, "") for name in ("ETag", "Last-Modified"))
        return Fetched(address, path, syntax, Kept(path.name, media_type, etag, modified), True)

    def _check_end(self, address: str, path: Path, reply: Reply, syntax: str) -> None:
        """Lines that stop early are well-formed: somebody must have said where the end is."""
        told = "Content-Length" in reply.headers or "Transfer-Encoding" in reply.headers
        with path.open("rb") as stream:
            packed = stream.read(2) == GZIP_MAGIC
        if syntax in BY_LINE and not packed and not told:
            raise PartnerFailed(
                self.partner.name,
                f"serves {address} without saying how long it is, so that half of it could not be "
                "told from the whole.",
            )


def plain_source(paths: Mapping[str, Path], *, base_iris: Sequence[str]) -> Source:
    """RDF files as a source that ``rdf_file`` reads, of which nothing is known."""
    return Source(
        name="fetched",
        kind="rdf_file",
        title={},
        paths=paths,
        version="",
        licence=NO_LICENCE,
        licence_verified=False,
        attribution="",
        base="",
        options={"base_iris": base_iris},
    )


def _conditions(known: Kept | None) -> dict[str, str]:
    if known is None:
        return {}
    if known.etag:
        return {"If-None-Match": known.etag}
    return {"If-Modified-Since": known.modified} if known.modified else {}


def _file_name(address: str, extension: str) -> str:
    """A name that is the address's own, and says something to people."""
    last = urlsplit(address).path.rstrip("/").rpartition("/")[2].lower()
    stem = "-".join(WORD.findall(last.partition(".")[0]))[:STEM_LENGTH] or "data"
    return f"{stem}-{hashlib.sha256(address.encode()).hexdigest()[:8]}.{extension}"
