"""Restoring a backup: read whole and verified first, then published as a generation of its own.

Nothing of an archive is believed before its manifest agrees, and no more is read than the disk has
room for.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from atlas.errors import AtlasError, InstanceError, MalformedSource
from store import disk
from store.archives.archive import BLOCK, CUT, FORMAT, GENERATION, HOME, MANIFEST, members, whole
from store.archives.backup import Told, below
from store.engine import LocalEngine
from store.generation import RECORD, Generation
from store.generations import UNFINISHED, Generations
from store.labels import files as labels
from store.staging import Staging

MANIFEST_BYTES = 64 * 1024 * 1024
MODES = {GENERATION: 0o644, HOME: 0o600}
# What is put in place together or not at all: an index and the files it names.
UNITS = (
    ("extra-sources.toml", "loaded"),
    ("tokens.json",),
    ("partners",),
    ("harvests",),
    ("links",),
)
# What the new generation says for itself.
OWN = ("number", "published")


@dataclass
class Restored:
    """``kept``: state of the home that was there already and stays as it is."""

    generation: Generation
    manifest: Mapping[str, Any]
    kept: list[str] = field(default_factory=list)


def restore(generations: Generations, archive: Path, told: Told) -> Restored:
    """Publish a backup's generation under a new number; put back what the home does not have.

    Nothing is touched before every member was read and found as the manifest says; then it waits
    for its turn among the writers. Raises MalformedSource for an archive that is not whole or not
    ours, InstanceError where the disk has no room.
    """
    with disk.sentences(generations.home), whole(archive):
        generations.home.mkdir(parents=True, exist_ok=True)
        manifest = verify(archive, room(generations.home))
        with generations.writing(disk.queued):
            return _publish(generations, archive, manifest, told)


def room(home: Path) -> int:
    return shutil.disk_usage(home).free


def verify(archive: Path, limit: int) -> Mapping[str, Any]:
    """Read every member of an archive; its manifest.

    Raises MalformedSource where anything is not as the manifest says, InstanceError where the
    members have more bytes than ``limit``.
    """
    found: dict[str, dict[str, Any]] = {}
    manifest: Mapping[str, Any] | None = None
    total = 0
    for name, stream in members(archive):
        if name == MANIFEST:
            manifest = _manifest(archive, stream)
            continue
        size, checksum = copy(stream, None, limit - total)
        total += size
        if total > limit:
            raise InstanceError(
                f"{archive} holds more than the {limit // 1024**2:,} MiB that are free; free some "
                "space or set ATLAS_HOME to another disk."
            )
        found[name] = {"bytes": size, "sha256": checksum}
    if manifest is None:
        raise MalformedSource(archive, f"it has no {MANIFEST}: {CUT}.")
    for name in sorted(found.keys() | manifest["members"].keys()):
        if found.get(name) != manifest["members"].get(name):
            raise MalformedSource(archive, f"{name} is not as its manifest says: {CUT}.")
    return manifest


def _manifest(archive: Path, stream: IO[bytes]) -> Mapping[str, Any]:
    try:
        manifest = json.loads(stream.read(MANIFEST_BYTES))
        whole = isinstance(manifest["members"], dict) and isinstance(manifest["generation"], int)
        form = manifest["format"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise MalformedSource(archive, f"its {MANIFEST} is not one: {CUT}.") from error
    if not whole:
        raise MalformedSource(archive, f"its {MANIFEST} is not one: {CUT}.")
    if form != FORMAT:
        raise MalformedSource(
            archive,
            f"it has format {form!r} and this atlas reads {FORMAT}; restore it with the "
            "version that made it.",
        )
    return cast(Mapping[str, Any], manifest)


def copy(source: IO[bytes], target: IO[bytes] | None, limit: int) -> tuple[int, str]:
    """Copy, or only read, at most about ``limit`` bytes; how many there were and their SHA-256."""
    size, digest = 0, hashlib.sha256()
    while size <= limit and (block := source.read(BLOCK)):
        size += len(block)
        digest.update(block)
        if target is not None:
            target.write(block)
    return size, digest.hexdigest()


def _publish(
    generations: Generations, archive: Path, manifest: Mapping[str, Any], told: Told
) -> Restored:
    """Extract what was verified, then put it in place and serve it. Only as the one writer."""
    arrived = Arrived(generations)
    state = arrived.folder.with_name(f"{arrived.folder.stem}.{HOME}{UNFINISHED}")
    try:
        extract(archive, manifest, {GENERATION: arrived.folder, HOME: state}, told)
        record = _record(archive, arrived.folder)
        _open(archive, arrived.folder)
        kept = [name for unit in UNITS for name in put(unit, state, generations.home)]
        generation = generations.publish(
            arrived,
            {
                **{name: value for name, value in record.items() if name not in OWN},
                "restored": {name: record.get(name) for name in OWN},
            },
        )
    finally:
        shutil.rmtree(arrived.folder, ignore_errors=True)
        shutil.rmtree(state, ignore_errors=True)
    return Restored(generation, manifest, kept)


class Arrived(Staging):
    """A generation that was made elsewhere, on its way into this home."""

    def __init__(self, generations: Generations) -> None:
        self.folder, self.origin = generations.unpublished(), None
        self.folder.mkdir()

    def index_names(self, properties: Iterable[str] | None = None) -> None:
        """One that was backed up before names were indexed has no index."""
        if not (self.folder / labels.FOLDER).exists():
            labels.write(LocalEngine(self.folder / "store").store, self.folder, properties)

    def finish(self) -> Path:
        return self.folder / "store"


def extract(
    archive: Path, manifest: Mapping[str, Any], folders: Mapping[str, Path], told: Told
) -> None:
    """Write the members below the folder of their kind, checking each once more."""
    written = set()
    for name, stream in members(archive):
        if name == MANIFEST:
            continue
        kind, _, rest = name.partition("/")
        path = folders[kind] / rest
        path.parent.mkdir(parents=True, exist_ok=True)
        known = manifest["members"].get(name, {"bytes": 0})
        # Tokens are nobody else's business; nor is anything else of a home.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODES[kind])
        with open(descriptor, "wb") as target:
            size, checksum = copy(stream, target, known["bytes"])
            target.flush()
            os.fsync(target.fileno())
        if known != {"bytes": size, "sha256": checksum}:
            raise MalformedSource(archive, f"{name} changed while it was read.")
        written.add(name)
        told(name, size)
    if written != manifest["members"].keys():
        raise MalformedSource(archive, f"it changed while it was read: {CUT}.")
    for folder in filter(Path.is_dir, folders.values()):
        disk.sync(*(path for path in folder.rglob("*") if path.is_dir()), folder)


def _record(archive: Path, folder: Path) -> Mapping[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text("utf-8"))
        return record
    except (OSError, ValueError) as error:
        raise MalformedSource(archive, f"its generation has no readable {RECORD}.") from error


def _open(archive: Path, folder: Path) -> None:
    """Try the store before anybody is served from it."""
    try:
        LocalEngine(folder / "store")
    except (AtlasError, OSError, RuntimeError) as error:
        raise MalformedSource(
            archive, f"its store cannot be opened by this version's engine ({error})."
        ) from error


def put(unit: tuple[str, ...], state: Path, home: Path) -> list[str]:
    """Put state in place where the home has none of it; what it has otherwise, which stays.

    Tokens that were revoked since must not come to life again, nor sources loaded since be lost.
    """
    brought = [name for name in unit if (state / name).exists()]
    there = [name for name in unit if (home / name).exists()]
    if brought and there:
        return [] if all(same(state / name, home / name) for name in brought) else there
    for name in reversed(brought):
        (state / name).rename(home / name)
    with suppress(OSError):
        disk.sync(home)
    return []


def same(one: Path, other: Path) -> bool:
    """Whether two files, or all files of two folders, are equal."""
    if one.is_file() and other.is_file():
        return one.read_bytes() == other.read_bytes()
    inside = [
        {path.relative_to(folder): path.read_bytes() for path in below(folder)}
        for folder in (one, other)
    ]
    return inside[0] == inside[1]
