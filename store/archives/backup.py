"""Backups: one generation and what the next build needs, in one archive that proves itself whole.

It is taken while the atlas serves and writes: generations are never written again, and this one is
held while it is read.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from atlas import __version__
from atlas.errors import InstanceError
from store.archives.archive import FORMAT, GENERATION, HOME, KEPT, MANIFEST, entry, packing, target
from store.generation import Generation
from store.holding import LOCK, Hold

# Empty files in folders of the home that are held by whoever changes what is beside them.
LOCKS = {"lock", ".lock"}
Told = Callable[[str, int], None]


def backup(home: Path, generation: Generation, output: Path, told: Told) -> int:
    """Write a generation and the home's other state to an archive; its size in bytes.

    The archive is there whole or not at all. ``told`` hears of each member and its size.
    Raises InstanceError where the generation is gone, the archive cannot be written or sources are
    loaded meanwhile, UsageError where its name says no archive.
    """
    packing(output)
    with Hold(generation.folder), target(output) as archive:
        members, index = {}, stamp(home)
        for name, path in files(home, generation):
            members[name] = add(archive, name, path)
            told(name, members[name]["bytes"])
        if stamp(home) != index:
            raise InstanceError(
                "Sources were loaded while they were backed up; run atlas backup again."
            )
        # Last, as it tells what was really written: a file is read once only.
        manifest = {
            "format": FORMAT,
            "atlas": __version__,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "generation": generation.number,
            "members": members,
        }
        text = json.dumps(manifest, indent=1).encode("utf-8")
        archive.addfile(entry(MANIFEST, len(text)), io.BytesIO(text))
    return output.stat().st_size


def stamp(home: Path) -> tuple[int, int] | None:
    """What changes when the index of loaded sources is replaced, None where there is none."""
    try:
        status = (home / KEPT[0]).stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def files(home: Path, generation: Generation) -> Iterator[tuple[str, Path]]:
    """Every file of a backup by its name in the archive, in a stable order."""
    for path in below(generation.folder):
        if path.name != LOCK or path.parent != generation.folder:
            yield f"{GENERATION}/{path.relative_to(generation.folder).as_posix()}", path
    for name in KEPT:
        for path in below(home / name):
            yield f"{HOME}/{path.relative_to(home).as_posix()}", path


def below(path: Path) -> list[Path]:
    """The path itself where it is a file, the files under it where it is a folder, but no locks."""
    if path.is_file():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and not file.is_symlink() and file.name not in LOCKS
    )


def add(archive: tarfile.TarFile, name: str, path: Path) -> dict[str, Any]:
    """Add a file as it is at this moment; its size and checksum."""
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        reading = Hashed(stream)
        archive.addfile(entry(name, size), cast(IO[bytes], reading))
    return {"bytes": size, "sha256": reading.digest.hexdigest()}


class Hashed:
    """A file that is read through its checksum."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.stream.read(size)
        self.digest.update(block)
        return block
