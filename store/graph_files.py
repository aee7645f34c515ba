"""The files of a generation's graphs: N-Triples, literals as they were written.

    graphs/NAME.nt              a graph's triples
    graphs/NAME.removed.nt      lines of it that no longer hold
    graphs/NAME.added.nt        lines that hold beside it

What the rules infer fills a large file of which a write changes a few lines. Generations share
their files by hard links, so a file is never changed: the lines go into two small files beside it,
until they have grown so large that writing the whole anew costs less than carrying them along.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from store import lines

REMOVED, ADDED = ".removed.nt", ".added.nt"
# The patches of a file are carried along until they are larger than this and this part of it.
PATCH_BYTES, PATCH_PART = 1024 * 1024, 16

Entry = Mapping[str, Any]


def read(folder: Path, entry: Entry) -> Iterator[bytes]:
    """The lines of a graph, from its file and what was changed since.

    ``folder``: that of the generation's graphs; ``entry``: what its record says of the graph.
    """
    path = folder / entry["file"]
    gone = _patch(path, REMOVED)
    with path.open("rb") as stream:
        if gone:
            yield from (line for line in stream if line not in gone)
        else:
            yield from stream
    yield from sorted(_patch(path, ADDED))


def patches(path: Path) -> tuple[set[bytes], set[bytes]]:
    """The lines of a graph's file that no longer hold, and those that hold beside it."""
    return _patch(path, REMOVED), _patch(path, ADDED)


def link(file: Path, target: Path) -> None:
    """The same file under another name; a copy where the disk cannot do that."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)


def link_all(source: Path, target: Path, *, but: Collection[str]) -> None:
    """Every file of a folder into a new one, but the files of these names and their patches."""
    target.mkdir()
    left = {Path(name).stem for name in but}
    for file in source.iterdir() if source.is_dir() else ():
        if file.name.partition(".")[0] not in left:
            link(file, target / file.name)


def write(path: Path, content: Iterable[bytes]) -> None:
    """A whole graph, its lines in order, so that the same graph is the same file."""
    with path.open("wb") as stream:
        stream.writelines(sorted(content))


def patch(
    source: Path, target: Path, *, added: Collection[bytes], removed: Collection[bytes]
) -> int:
    """The file ``source`` with these lines more and less, as ``target``; how many more it has.

    ``removed`` are lines as the engine has them; all that are stored as one of them go.
    """
    coming, going = set(added), _as_written(source, removed)
    old_gone, old_new = _patch(source, REMOVED), _patch(source, ADDED)
    link(source, target)
    _save(
        target,
        (old_gone - coming) | (going - old_new),
        (old_new - going) | (coming - old_gone),
    )
    return len(coming) - len(going)


def _save(path: Path, gone: set[bytes], new: set[bytes]) -> None:
    """Two patches beside the file, or the file whole where they have become too large."""
    size = sum(map(len, gone)) + sum(map(len, new))
    if size <= max(PATCH_BYTES, path.stat().st_size // PATCH_PART):
        for suffix, content in ((REMOVED, gone), (ADDED, new)):
            if content:
                write(path.with_suffix(suffix), content)
        return
    # The link is to a file of an older generation: it is replaced, not written to.
    whole = path.with_suffix(".whole")
    with path.open("rb") as old, whole.open("wb") as stream:
        stream.writelines(line for line in old if line not in gone)
        stream.writelines(sorted(new))
    whole.replace(path)


def _patch(path: Path, suffix: str) -> set[bytes]:
    file = path.with_suffix(suffix)
    if not file.exists():
        return set()
    with file.open("rb") as stream:
        return set(stream)


def _as_written(path: Path, removed: Collection[bytes]) -> set[bytes]:
    """The lines that the file has of these, whose literals the engine may have changed."""
    typed = {line for line in removed if lines.TYPED in line}
    if not typed:
        return set(removed)
    starts = tuple({line[: line.index(b" ", line.index(b" ") + 1) + 1] for line in typed})
    likely = {line for line in read(path.parent, {"file": path.name}) if line.startswith(starts)}
    stored = lines.as_stored(likely)
    found = {line for line in likely if stored.get(line, line) in typed}
    return set(removed) - typed | found
