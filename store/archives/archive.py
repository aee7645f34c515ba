"""The archive of a backup: a tar, packed as its name says, of files and a manifest of them.

    manifest.json            what the archive holds: size and SHA-256 of every other member
    generation/…             store, graphs and record of one generation
    home/extra-sources.toml  what ``atlas load`` brought in, and
    home/loaded/…            its files
    home/tokens.json         tokens, hashed

One that is read comes from outside: no member may leave its folder, none is anything but a file.
"""

from __future__ import annotations

import gzip
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

import zstandard

from atlas.errors import InstanceError, MalformedSource, UsageError
from store import disk

FORMAT = 1
MANIFEST = "manifest.json"
GENERATION, HOME = "generation", "home"
# What is not part of any generation and would be missed: files and folders under the home.
KEPT = ("extra-sources.toml", "loaded", "tokens.json", "partners", "harvests", "links")
BLOCK = 1024 * 1024
# Hashed tokens are in it: it is the operator's alone.
MODE = 0o600
# A packer for each end of a name; a plain tar where there is none.
PACKED = {".gz": "gzip", ".tgz": "gzip", ".zst": "zstd"}
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# What a hostile archive may cost before it is refused.
MEMBERS = 200_000
ZSTD_WINDOW = 128 * 1024 * 1024
BROKEN = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)
CUT = "it is cut short or was altered; take another copy of the backup"


def packing(path: Path) -> str:
    """How an archive of this name is packed: gzip, zstd or plain, which is not at all.

    Raises UsageError for the name of something else.
    """
    packed = PACKED.get(path.suffix)
    if path.suffix == ".tgz" or path.with_suffix("" if packed else path.suffix).suffix == ".tar":
        return packed or "plain"
    raise UsageError(
        f"{path.name} is not the name of a backup; end it in .tar.zst, .tar.gz or .tar."
    )


@contextmanager
def target(path: Path) -> Iterator[tarfile.TarFile]:
    """An archive that is there whole or not at all, on the disk and for its owner only.

    Raises InstanceError where it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    with disk.sentences(path):
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
            with open(descriptor, "wb") as plain:
                with (
                    _packed(cast(BinaryIO, plain), packing(path)) as stream,
                    tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive,
                ):
                    yield archive
                plain.flush()
                os.fsync(plain.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def _packed(plain: BinaryIO, how: str) -> Iterator[IO[bytes]]:
    if how == "gzip":
        with gzip.GzipFile("", "wb", fileobj=plain, mtime=0, compresslevel=6) as stream:
            yield cast(IO[bytes], stream)
    elif how == "zstd":
        # With a checksum of its own in the frame.
        packer = zstandard.ZstdCompressor(level=6, write_checksum=True)
        with packer.stream_writer(plain, closefd=False) as stream:
            yield stream
    else:
        yield plain


def entry(name: str, size: int) -> tarfile.TarInfo:
    """A member without an owner and a time: equal contents give equal archives."""
    found = tarfile.TarInfo(name)
    found.size, found.mode = size, 0o644
    return found


def members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Each member's name and content, in order; to be read within ``whole``.

    Raises MalformedSource for what is no backup, InstanceError for what cannot be read.
    """
    seen: set[str] = set()
    try:
        with _unpacked(archive) as stream:
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                for member in tar:
                    _check(archive, member, seen)
                    seen.add(member.name)
                    content = tar.extractfile(member)
                    assert content is not None, "a regular file has a content"
                    yield member.name, content
            # To its very end, where its packer's own checksum is.
            while stream.read(BLOCK):
                pass
    except BROKEN as error:
        if seen:
            raise
        raise MalformedSource(archive, f"it is no backup of the atlas ({error}).") from error


@contextmanager
def whole(archive: Path) -> Iterator[None]:
    """What the archive's packers find wrong while it is read, in one sentence."""
    try:
        yield
    except BROKEN as error:
        raise MalformedSource(archive, f"{CUT} ({error}).") from error


@contextmanager
def _unpacked(archive: Path) -> Iterator[IO[bytes]]:
    """The tar in an archive, whatever its name says of its packing."""
    try:
        plain = archive.open("rb")
    except OSError as error:
        raise InstanceError(f"{archive} cannot be read: {error.strerror}.") from error
    with plain:
        start = plain.read(len(ZSTD))
        plain.seek(0)
        if start.startswith(GZIP):
            with gzip.GzipFile(fileobj=plain) as stream:
                yield cast(IO[bytes], stream)
        elif start == ZSTD:
            unpacker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
            with unpacker.stream_reader(plain, closefd=False) as stream:
                yield stream
        else:
            yield plain


def _check(archive: Path, member: tarfile.TarInfo, seen: set[str]) -> None:
    """Raises MalformedSource for a member that a backup never has."""
    path = PurePosixPath(member.name)
    ours = member.name == MANIFEST or (
        len(path.parts) > 1
        and (path.parts[0] == GENERATION or (path.parts[0] == HOME and path.parts[1] in KEPT))
    )
    plain = (
        member.isreg()
        and path.as_posix() == member.name
        and not {"..", "."} & set(path.parts)
        and all(character.isprintable() and character != "\\" for character in member.name)
    )
    if not ours or not plain or member.name in seen or len(seen) >= MEMBERS:
        raise MalformedSource(
            archive, f"it has a member {member.name[:100]!r}, which no backup of the atlas has."
        )
