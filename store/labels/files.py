"""The index on disk, in a folder of its generation.

    labels/names.sqlite     every thing that has a name, as of some generation; never written again
    labels/changes.sqlite   the things that have changed since, whole, and which those are

A write changes a few things of many: the large file is shared by hard links with the generation
before, and what changed goes into the small one, until it has grown so large that writing the whole
anew costs less than carrying it along. Both have the same tables. The number of a name begins with
its kind and its weight, so that the index gives the weightiest first without sorting.

https://www.sqlite.org/fts5.html#contentless_tables
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

import pyoxigraph
from pyoxigraph import NamedNode, Triple

from store.disk import is_full
from store.graph_files import link
from store.labels.near import TABLES, keep_words
from store.labels.things import (
    ABOUT,
    HEAVIEST,
    PREFERRED,
    SUBCLASS,
    WITHIN,
    Classes,
    Name,
    Thing,
    every_thing,
    one_thing,
)
from store.labels.words import folded

FOLDER = "labels"
NAMES, CHANGES = "names.sqlite", "changes.sqlite"
# What has changed is carried along while it is fewer things than this, or than this part of all.
CARRIED, CARRIED_PART, NAMES_EACH = 1_000, 16, 4
# Of words, an index for the first one, two and three letters too: they are asked at each keystroke.
SCHEMA = """
CREATE TABLE thing (
    id INTEGER PRIMARY KEY, iri TEXT UNIQUE NOT NULL, weight INTEGER NOT NULL,
    types TEXT NOT NULL, within TEXT NOT NULL, languages TEXT NOT NULL
);
CREATE TABLE name (
    id INTEGER PRIMARY KEY, thing INTEGER NOT NULL, kind INTEGER NOT NULL,
    language TEXT NOT NULL, text TEXT NOT NULL, folded TEXT NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5 (
    said, classes, content = '', tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3',
    columnsize = 0
);
CREATE TABLE class (iri TEXT NOT NULL, above TEXT NOT NULL, PRIMARY KEY (iri, above)) WITHOUT ROWID;
CREATE TABLE replaced (thing INTEGER PRIMARY KEY);
"""
INDEXES = """
CREATE INDEX name_folded ON name (folded);
CREATE INDEX name_thing ON name (thing);
"""
# What SQLite may hold of an index of words before it writes a part of it.
SORTED_BYTES = 64 * 1024 * 1024
# A file is whole or thrown away, and synced by whoever publishes it. The cache is in KiB.
SPEED = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32768;
"""
# A letter that no reader types and no name keeps: a class is one word of the index.
CLASS_MARK = "\ue000"
WEIGHT_BITS, NUMBER_BITS = 8, 40


def write(store: pyoxigraph.Store, folder: Path, properties: Iterable[str] | None = None) -> None:
    """Write the whole index of a store into the folder of its generation.

    ``properties``: those of the default graph, where they are known. Raises OSError.
    """
    target = folder / FOLDER
    target.mkdir()
    classes = Classes.of(store)
    things = sorted(every_thing(store, classes, properties), key=lambda thing: thing.iri)
    with _created(target / NAMES) as file:
        # In one piece: merging many costs more than sorting all.
        file.execute("INSERT INTO words (words, rank) VALUES ('hashsize', ?)", (SORTED_BYTES,))
        _put(file, things)
        file.executemany(
            "INSERT INTO class VALUES (?, ?)",
            ((name, above) for name, every in classes.above.items() for above in every),
        )
        file.executescript(INDEXES)
        file.execute("INSERT INTO words (words) VALUES ('optimize')")
        file.execute("INSERT INTO trigram (trigram) VALUES ('optimize')")


def revise(store: pyoxigraph.Store, served: Path, folder: Path, changed: Iterable[Triple]) -> None:
    """The index of a generation made from the one in the folder ``served``.

    ``store``: what it holds; ``changed``: the triples of its default graph that came or went.
    Raises OSError.
    """
    source, target = served / FOLDER, folder / FOLDER
    things, hierarchy = _touched(changed)
    if hierarchy or not (source / NAMES).exists():
        write(store, folder)
        return
    target.mkdir()
    link(source / NAMES, target / NAMES)
    if (source / CHANGES).exists():
        shutil.copyfile(source / CHANGES, target / CHANGES)
    try:
        carried = not things or _carry(store, target, things)
    except OSError as error:
        # One that cannot be read is made anew: a write does not fail of that.
        if is_full(error):
            raise
        carried = False
    if not carried:
        shutil.rmtree(target)
        write(store, folder)


def _touched(changed: Iterable[Triple]) -> tuple[set[NamedNode], bool]:
    """The things that some triples may name otherwise or make weightier; whether classes moved."""
    things, hierarchy = set[NamedNode](), False
    for triple in changed:
        about = triple.predicate.value in ABOUT
        ends = [triple.subject] if about else [triple.object]
        if triple.predicate == WITHIN:
            ends.append(triple.subject)
        things.update(end for end in ends if isinstance(end, NamedNode))
        hierarchy = hierarchy or triple.predicate == SUBCLASS
    return things, hierarchy


def _carry(store: pyoxigraph.Store, target: Path, things: set[NamedNode]) -> bool:
    """Note the things as they are now; False, and nothing usable, where they are too many."""
    with reading(target / NAMES) as names:
        # They have not moved, and here they are read faster than from a clone that was just opened.
        classes = read_classes(names)
        (every,) = names.execute("SELECT COALESCE(MAX(id), 0) FROM thing").fetchone()
        most = max(CARRIED, every // CARRIED_PART)
        if len(things) > most:
            return False
        changes = target / CHANGES
        with _opened(changes) if changes.exists() else _created(changes, INDEXES) as file:
            for node in sorted(things, key=lambda node: node.value):
                _note(names, file, node.value, one_thing(store, classes, node))
            return _put_so_far(file) <= NAMES_EACH * most


def _note(
    names: sqlite3.Connection, file: sqlite3.Connection, iri: str, thing: Thing | None
) -> None:
    """Put a thing among the changes in place of what the index has of it, where that differs."""
    mine, theirs = read(file, iri), read(names, iri)
    if mine:
        if mine[1] == thing:
            return
        # Its words stay in the index of words and lead nowhere.
        file.execute("DELETE FROM name WHERE thing = ?", (mine[0],))
        file.execute("DELETE FROM thing WHERE id = ?", (mine[0],))
    elif theirs and theirs[1] == thing:
        gone = file.execute("SELECT 1 FROM replaced WHERE thing = ?", (theirs[0],)).fetchone()
        if gone is None:
            return
    if theirs:
        file.execute("INSERT OR IGNORE INTO replaced VALUES (?)", (theirs[0],))
    if thing:
        _put(file, [thing])


def read_classes(names: sqlite3.Connection) -> Classes:
    """The hierarchy of classes as the index has it."""
    above: dict[str, set[str]] = {}
    for name, other in names.execute("SELECT iri, above FROM class"):
        above.setdefault(name, set()).add(other)
    return Classes({name: frozenset(every) for name, every in above.items()})


def _put(file: sqlite3.Connection, things: Iterable[Thing]) -> None:
    """Add things that the file does not have."""
    (last,) = file.execute("SELECT COALESCE(MAX(id), 0) FROM thing").fetchone()
    first = _put_so_far(file) + 1
    names: list[tuple[int, str, int, Thing, Name]] = []
    rows = []
    for number, thing in enumerate(things, last + 1):
        languages = sorted({name.language for name in thing.names if name.kind == PREFERRED})
        types = " ".join(thing.types)
        rows.append((number, thing.iri, thing.weight, types, thing.within, " ".join(languages)))
        for name in thing.names:
            rank = name.kind << WEIGHT_BITS | (HEAVIEST - thing.weight)
            names.append((rank, folded(name.text), number, thing, name))
    names.sort(key=lambda row: row[:3])
    file.executemany("INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?)", rows)
    file.executemany(
        "INSERT INTO name VALUES (?, ?, ?, ?, ?, ?)",
        (
            (rank << NUMBER_BITS | n, thing, name.kind, name.language, name.text, words)
            for n, (rank, words, thing, _, name) in enumerate(names, first)
        ),
    )
    file.executemany(
        "INSERT INTO words (rowid, said, classes) VALUES (?, ?, ?)",
        (
            (rank << NUMBER_BITS | n, words, " ".join(map(class_word, thing.types)))
            for n, (rank, words, _, thing, _) in enumerate(names, first)
        ),
    )
    keep_words(file, {word for row in names for word in row[1].split(" ")})
    file.execute(f"PRAGMA user_version = {first - 1 + len(names)}")


def _put_so_far(file: sqlite3.Connection) -> int:
    """How many names were ever put: a number is never given again, for its words stay."""
    (names,) = file.execute("PRAGMA user_version").fetchone()
    return int(names)


def read(file: sqlite3.Connection, iri: str) -> tuple[int, Thing] | None:
    row = file.execute(
        "SELECT id, weight, types, within FROM thing WHERE iri = ?", (iri,)
    ).fetchone()
    if row is None:
        return None
    number, weight, types, within = row
    names = file.execute("SELECT kind, language, text FROM name WHERE thing = ?", (number,))
    found = tuple(sorted(Name(*name) for name in names))
    return number, Thing(iri, found, tuple(types.split()), within, weight)


@cache
def class_word(iri: str) -> str:
    """A class as one word of the index."""
    return CLASS_MARK + blake2b(iri.encode(), digest_size=8).hexdigest()


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A file of an index that is never written again. Raises OSError."""
    with _said_as_os_error(path), closing(connected(path)) as file:
        yield file


def connected(path: Path) -> sqlite3.Connection:
    """The same, for whoever closes it. Raises sqlite3.Error."""
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, check_same_thread=False)


@contextmanager
def _created(path: Path, indexes: str = "") -> Iterator[sqlite3.Connection]:
    with _opened(path) as file:
        file.executescript(SCHEMA + TABLES + indexes)
        yield file


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A file that nobody reads yet: whole once it is synced with its generation."""
    with _said_as_os_error(path), closing(sqlite3.connect(path)) as file:
        file.executescript(SPEED)
        with file:
            yield file


@contextmanager
def _said_as_os_error(path: Path) -> Iterator[None]:
    """What SQLite says of a file, as the system would have: mostly it is the disk."""
    try:
        yield
    except sqlite3.Error as error:
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        number = errno.ENOSPC if full else errno.EIO
        raise OSError(number, str(error), str(path)) from error
